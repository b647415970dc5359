#pragma once
/* Command-line options as rows that know their field.
 *
 *         typedef struct LoadOpts { uint64_t duration_ns; double rate; bool keep; } LoadOpts;
 *         static const Option load_options[] = {
 *                 { "duration", 'd', OPT_DURATION, FIELD(LoadOpts, duration_ns), "TIME", "10s",
 *                   "measure for TIME", .min = 0.1e9 },
 *                 { "rate", 'r', OPT_RATE, FIELD(LoadOpts, rate), "N/s", NULL, "open model" },
 *         };
 *
 * The same rows give --help, the man page, completion and the docs. Parsing writes into the
 * struct that the command declared; presets are parsed by the same code as users' words.
 * Accepted: --name VALUE, --name=VALUE, -n VALUE, -nVALUE, -ab for flags a and b, --no-name for
 * flags, --name alone where a row has a value for that, "--" ends options. The last one wins; a
 * list's preset ("a, b") is replaced by the first word given, later words add to it. Texts point
 * into argv and into the rows.
 */

#include "base/buf.h"

#define OPTION_KINDS(X)                                                \
        X(FLAG, bool) /* --keep, --no-keep */                          \
        X(TEXT, const char *)                                          \
        X(COUNT, uint64_t) /* whole number, "10k" and "2M" accepted */ \
        X(NUMBER, double)                                              \
        X(DURATION, uint64_t) /* nanoseconds */                        \
        X(SIZE, uint64_t)     /* bytes */                              \
        X(RATE, double)       /* per second */                         \
        X(PERCENT, double)    /* ratio */                              \
        X(CHOICE, unsigned)   /* index into choices */                 \
        X(LIST, TextList)     /* repeatable */

typedef enum OptionKind {
#define X(id, type) OPT_##id,
        OPTION_KINDS(X)
#undef X
} OptionKind;

typedef struct TextList {
        const char **items; /* in the arena */
        size_t len;
} TextList;

typedef struct Option {
        const char *name;
        char letter; /* 0: none */
        OptionKind kind;
        size_t offset;
        const char *arg;    /* placeholder in help: "TIME"; NULL for flags */
        const char *preset; /* default as text; NULL: zero */
        const char *help;
        const char *const *choices; /* OPT_CHOICE: names, NULL-terminated */
        /* Inclusive bounds in the stored unit; max 0: none. A NUMBER without either may be
         * negative, everything else is at least min. */
        double min, max;
        size_t words;     /* OPT_LIST: what one use takes, "--scan VAR MIN MAX"; 0: one word */
        const char *bare; /* the value of "--name" alone; another is given as "--name=VALUE" */
} Option;

#define FIELD(Type, member) offsetof(Type, member)

typedef struct OptionTable {
        const Option *rows;
        size_t len;
} OptionTable;

/* Presets of every row into *ret_opts. */
void option_presets(OptionTable table, Arena *arena, void *ret_opts);
/* Parses argv[0..argc); words that are not options go to *ret_rest (in order). Several tables may
 * be searched: each has its own struct. Errors are ERR_USAGE with the nearest known option. */
typedef struct OptionTarget {
        OptionTable table;
        void *opts;
} OptionTarget;
int option_parse(const OptionTarget *targets, size_t n_targets, int argc, char *const *argv,
                 Arena *arena, TextList *ret_rest, Error *err);
/* "  -d, --duration TIME   measure for TIME (default 10s)" lines, wrapped at `width`. */
void option_help(Buf *out, OptionTable table, int width);
