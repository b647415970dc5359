#include "command/measuring.h"
#include "command/select.h"
#include "present/flame.h"
#include "present/view.h"

typedef struct ShowOpts {
        const char *flame, *collapsed;
} ShowOpts;

static const Option show_options[] = {
        { "flame", 'f', OPT_TEXT, FIELD(ShowOpts, flame), "FILE", NULL,
          "write the profile's flame graph (SVG) to FILE" },
        { "collapsed", 0, OPT_TEXT, FIELD(ShowOpts, collapsed), "FILE", NULL,
          "write the profile's collapsed stacks to FILE; - is standard output" },
};

static void show_profile(Doc *doc, const Run *run)
{
        if (run->recording->profile)
                view_profile(doc, run->recording, NULL);
}

static void show_system(Doc *doc, const Run *run)
{
        view_system(doc, run->recording);
}

static const struct {
        const char *instrument;
        void (*view)(Doc *, const Run *);
} views[] = { { "load", view_load_run },
              { "profile", show_profile },
              { "system", show_system },
              { "bench", view_bench_run } };

static void view_run(Doc *doc, Run *run)
{
        view_run_header(doc, run);
        for (size_t i = 0; i < COUNT(views); i++)
                if (span_is(run->recording->instrument, views[i].instrument))
                        views[i].view(doc, run);
        view_coverage(doc, &run, 1);
}

static int write_files(Context *ctx, const ShowOpts *opts, const Run *run, Error *err)
{
        const Profile *profile = run->recording->profile;
        Buf out = buf_in(ctx->arena, GiB(1));
        int r = 0;

        if ((opts->flame || opts->collapsed) && !profile)
                return fail(err, ERR_USAGE, "run %lu holds no profile", (unsigned long)run->id);
        if (opts->flame) {
                r = flame_svg(profile, &(FlamePlan){ .title = "CPU profile" }, &out, err);
                if (r == 0)
                        r = write_output(ctx, opts->flame, buf_span(&out), err);
        }
        if (r == 0 && opts->collapsed) {
                buf_clear(&out);
                profile_write_collapsed(profile, &out);
                r = write_output(ctx, opts->collapsed, buf_span(&out), err);
        }
        return r;
}

static int show_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const ShowOpts *opts = opts_struct;
        const char *reference = args->len ? args->items[0] : "last";
        Doc *doc = doc_new(ctx->arena, "run");
        uint64_t id;
        Store *store;
        Run *run;
        int r = command_store(ctx, STORE_READ, &store, err);

        if (r == 0)
                r = store_resolve(store, span_of(reference), &id, err);
        if (r == 0)
                r = store_get(store, id, ctx->arena, &run, err);
        if (r == 0)
                r = write_files(ctx, opts, run, err);
        if (r < 0)
                return r;
        if (is_stdout(opts->flame) || is_stdout(opts->collapsed))
                return 0;
        view_run(doc, run);
        return command_print(ctx, doc, err);
}

static const Example examples[] = {
        { "hone show 12", "one run" },
        { "hone show last:profile --flame out.svg", "the newest profile as a flame graph" },
};

const Command show_command = {
        .name = "show",
        .group = "evidence",
        .args = "[RUN]",
        .summary = "show a stored run",
        .description = "RUN is an id, last (the default), last~2, last:load or a label.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = show_options,
        .n_options = COUNT(show_options),
        .opts_size = sizeof(ShowOpts),
        .max_args = 1,
        .run = show_run,
};
