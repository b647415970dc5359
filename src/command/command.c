#include "command/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

#define OUTPUT_MAX_BYTES MiB(256)

static const char *const color_choices[] = { "auto", "always", "never", NULL };

const Option global_options[] = {
        { "json", 0, OPT_FLAG, FIELD(GlobalOpts, json), NULL, NULL,
          "print one JSON object instead of text" },
        { "markdown", 0, OPT_FLAG, FIELD(GlobalOpts, markdown), NULL, NULL, "print Markdown" },
        { "store", 0, OPT_TEXT, FIELD(GlobalOpts, store), "FILE", NULL,
          "where runs are kept (default: .hone/hone.db beside hone.yaml, or $HONE_STORE)" },
        { "quiet", 'q', OPT_FLAG, FIELD(GlobalOpts, quiet), NULL, NULL, "no progress line" },
        { "color", 0, OPT_CHOICE, FIELD(GlobalOpts, color), "WHEN", "auto", "when to use colour",
          .choices = color_choices },
        { "help", 'h', OPT_FLAG, FIELD(GlobalOpts, help), NULL, NULL, "explain the command" },
        { "version", 0, OPT_FLAG, FIELD(GlobalOpts, version), NULL, NULL, "print the version" },
};
const size_t n_global_options = COUNT(global_options);

const Command *command_find(const char *name)
{
        for (const Command *const *c = commands; *c; c++)
                if (strcmp((*c)->name, name) == 0)
                        return *c;
        return NULL;
}

/* What the name begins, or what it is a slip of the finger away from; NULL: none. */
static const char *nearest_command(Span name)
{
        size_t least = MAX(name.len / 3, (size_t)1) + 1;
        const char *best = NULL;

        for (const Command *const *c = commands; *c; c++) {
                Span known = span_of((*c)->name);
                bool begins = name.len >= 2 && span_eq(span_first(known, name.len), name);
                size_t distance = begins ? 0 : span_distance(known, name);

                if (distance < least) {
                        least = distance;
                        best = known.ptr;
                }
        }
        return best;
}

int command_unknown(const char *name, Error *err)
{
        const char *guess = nearest_command(span_of(name));

        fail(err, ERR_USAGE, "there is no command '%s'", name);
        if (guess)
                return fail_hint(err, "did you mean 'hone %s'?", guess);
        return fail_hint(err, "hone help lists the commands");
}

static DocFormat format_of(const Context *ctx)
{
        if (ctx->global.json)
                return DOC_JSON;
        return ctx->global.markdown ? DOC_MARKDOWN : DOC_TEXT;
}

int command_print(Context *ctx, const Doc *doc, Error *err)
{
        Buf out = buf_in(ctx->arena, OUTPUT_MAX_BYTES);
        DocStyle style = { .width = ctx->width, .color = ctx->global.color == COLOR_ALWAYS };
        int r = doc_print(doc, format_of(ctx), &style, &out, err);

        if (r < 0)
                return r;
        progress_clear(&ctx->progress);
        if (fwrite(out.ptr, 1, out.len, ctx->out) != out.len || fflush(ctx->out) != 0)
                return fail(err, ERR_FAILED, "cannot write the output");
        return 0;
}

const char *command_store_path(Context *ctx)
{
        const char *from_env = getenv("HONE_STORE");
        char *dir;

        if (ctx->global.store)
                return ctx->global.store;
        if (from_env && from_env[0])
                return from_env;
        if (path_find_up(NULL, "hone.yaml", ctx->arena, &dir, NULL) < 0)
                return ".hone/hone.db";
        return path_join(ctx->arena, dir, ".hone/hone.db");
}

static void close_store(void *store)
{
        store_close(store);
}

int command_store(Context *ctx, StoreMode mode, Store **ret, Error *err)
{
        Store *store;
        int r = store_open(command_store_path(ctx), mode, ctx->arena, &store, err);

        if (r < 0) {
                if (err && err->code == ERR_NOT_FOUND)
                        return fail_hint(err, "measure something first, for example: "
                                              "hone diagnose http://127.0.0.1:8080/");
                return r;
        }
        arena_defer(ctx->arena, close_store, store);
        *ret = store;
        return 0;
}
