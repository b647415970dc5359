#pragma once
/* One command = one file = one exported const struct. Dispatch, --help, the man page, completion
 * and the documentation check read the same table (list.c).
 */

#include "base/option.h"
#include "base/os.h"
#include "base/progress.h"
#include "present/doc.h"
#include "store/store.h"

typedef struct GlobalOpts {
        bool json, quiet, markdown;
        const char *store;
        unsigned color; /* COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER */
        bool help, version;
} GlobalOpts;
enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

typedef struct Context {
        Arena *arena;
        FILE *out, *err;
        const Os *os;
        GlobalOpts global;
        int width;
        Progress progress;
} Context;

typedef struct Example {
        const char *command, *says;
} Example;

typedef struct Command {
        const char *name, *group, *args, *summary;
        const char *description; /* paragraphs for --help and the man page */
        const Example *examples;
        size_t n_examples;
        const Option *options;
        size_t n_options, opts_size;
        size_t min_args, max_args; /* words that are not options */
        /* Exit status (0, 1, 3, 4, 99), or a negative error. `opts` is the command's own struct. */
        int (*run)(Context *ctx, const void *opts, const TextList *args, Error *err);
} Command;

extern const Command *const commands[]; /* NULL-terminated, in the order help shows */
const Command *command_find(const char *name);
/* ERR_USAGE, with the command that the name most likely stands for. */
int command_unknown(const char *name, Error *err);

extern const Option global_options[];
extern const size_t n_global_options;

/* Prints in the form the user asked for: text, --json or --markdown. */
int command_print(Context *ctx, const Doc *doc, Error *err);
/* The store beside hone.yaml, --store or $HONE_STORE; closed with the context's arena. */
int command_store(Context *ctx, StoreMode mode, Store **ret, Error *err);
const char *command_store_path(Context *ctx);
/* Help of one command and of all. */
void command_help(const Command *command, int width, Buf *out);
void command_overview(int width, Buf *out);
