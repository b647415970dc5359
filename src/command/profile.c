#include <limits.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "command/measuring.h"
#include "command/profile_diff.h"
#include "instrument/profile/profiler.h"
#include "present/flame.h"
#include "present/view.h"

typedef struct ProfileOpts {
        double rate;
        uint64_t duration_ns, stack_bytes;
        const char *flame, *collapsed, *label;
        bool kernel, inlines, debuginfod, symbol_cache, save;
        uint64_t repeat;
        ProfileDiffOpts diff;
} ProfileOpts;

static const Option profile_options[] = {
        { "duration", 'd', OPT_DURATION, FIELD(ProfileOpts, duration_ns), "TIME", "10s",
          "profile a process for TIME; a command is profiled until it ends" },
        { "rate", 'F', OPT_RATE, FIELD(ProfileOpts, rate), "N/s", "99", "samples a second and CPU",
          .min = 1, .max = 10000 },
        { "flame", 'f', OPT_TEXT, FIELD(ProfileOpts, flame), "FILE", NULL,
          "write a flame graph (SVG) to FILE" },
        { "collapsed", 0, OPT_TEXT, FIELD(ProfileOpts, collapsed), "FILE", NULL,
          "write collapsed stacks to FILE; - is standard output" },
        { "stack", 0, OPT_SIZE, FIELD(ProfileOpts, stack_bytes), "SIZE", "32KiB",
          "stack that is looked at per sample", .min = 1024, .max = 65528 },
        { "kernel", 0, OPT_FLAG, FIELD(ProfileOpts, kernel), NULL, "true",
          "show kernel functions; --no-kernel leaves them out" },
        { "inlines", 0, OPT_FLAG, FIELD(ProfileOpts, inlines), NULL, "true",
          "expand inlined functions" },
        { "debuginfod", 0, OPT_FLAG, FIELD(ProfileOpts, debuginfod), NULL, NULL,
          "ask the servers in DEBUGINFOD_URLS for debug information that is not here" },
        { "symbol-cache", 0, OPT_FLAG, FIELD(ProfileOpts, symbol_cache), NULL, "true",
          "keep indexes of symbols in ~/.cache/hone/symbols" },
        { "label", 0, OPT_TEXT, FIELD(ProfileOpts, label), "NAME", NULL, "name the run" },
        { "save", 0, OPT_FLAG, FIELD(ProfileOpts, save), NULL, "true", "store the run" },
        { "repeat", 0, OPT_COUNT, FIELD(ProfileOpts, repeat), "N", "1",
          "measure N profiles one after the other, under one label: what --diff wants", .min = 1,
          .max = 100 },
        { "diff", 0, OPT_FLAG, FIELD(ProfileOpts, diff.diff), NULL, NULL,
          "compare stored profiles: hone profile --diff A B, each a run, a label, a group or "
          "several with commas" },
        { "by", 0, OPT_CHOICE, FIELD(ProfileOpts, diff.basis), "WHAT", "share",
          "with --diff: compare share of the total, cost per second (time), or cost per request",
          .choices = profile_diff_bases },
        { "tolerance", 0, OPT_PERCENT, FIELD(ProfileOpts, diff.tolerance), "SHARE", "2%",
          "with --diff: points of share; a change surely within this is SAME", .min = 0.0001,
          .max = 1 },
        { "alpha", 0, OPT_NUMBER, FIELD(ProfileOpts, diff.alpha), "P", "0.05",
          "with --diff: false alarms, over all rows together", .min = 0.0001, .max = 0.5 },
        { "min-share", 0, OPT_PERCENT, FIELD(ProfileOpts, diff.min_share), "SHARE", "0.5%",
          "with --diff: functions and paths below it on both sides are left out", .min = 0.00001,
          .max = 1 },
        { "html", 0, OPT_TEXT, FIELD(ProfileOpts, diff.html), "FILE", NULL,
          "with --diff: write a page with both flame graphs to FILE" },
        { "fail", 0, OPT_FLAG, FIELD(ProfileOpts, diff.fail), NULL, NULL,
          "with --diff: exit with 1 when something GREW beyond --tolerance, 3 when that is not "
          "known" },
};

static void view_run(Doc *doc, const Run *run)
{
        view_profile(doc, run->recording, NULL);
}

static int write_flame(Context *ctx, const ProfileOpts *opts, const Run *run, Error *err)
{
        Buf svg = buf_in(ctx->arena, MiB(256));
        const char *title =
                arena_printf(ctx->arena, "CPU profile of %.*s", SPAN_ARG(run->target.text));
        int r = flame_svg(run->recording->profile, &(FlamePlan){ .title = title }, &svg, err);

        if (r == 0)
                r = buf_check(&svg, err);
        return r < 0 ? r : write_output(ctx, opts->flame, buf_span(&svg), err);
}

static int write_collapsed(Context *ctx, const ProfileOpts *opts, const Run *run, Error *err)
{
        Buf text = buf_in(ctx->arena, GiB(1));
        int r;

        profile_write_collapsed(run->recording->profile, &text);
        r = buf_check(&text, err);
        return r < 0 ? r : write_output(ctx, opts->collapsed, buf_span(&text), err);
}

/* What the profiles of --repeat were, in one table. */
static void put_repeated(DocTable *t, const Run *run)
{
        const ProfileQuality *q = &run->recording->profile->quality;

        doc_row(t, run->id ? cell_count(run->id) : cell_missing(), cell_count(q->samples),
                cell_unit(UNIT_RATIO, q->samples ? (double)q->complete / (double)q->samples
                                                 : (double)__builtin_nan("")),
                cell_count(q->lost), cell_duration(run->recording->duration_ns),
                cell_string(noise_verdict_name(run->noise.verdict)));
}

static int repeat_run(Context *ctx, const ProfileOpts *opts, const Measuring *one, Error *err)
{
        static const Column columns[] = {
                { "run", "Run", ALIGN_RIGHT },           { "samples", "Samples", ALIGN_RIGHT },
                { "complete", "Complete", ALIGN_RIGHT }, { "lost", "Lost", ALIGN_RIGHT },
                { "window", "Window", ALIGN_RIGHT },     { "noise", "Noise" },
        };
        Doc *doc = doc_new(ctx->arena, "profiles");
        DocTable *t;
        int status = 0, r;

        doc_field(doc, "target", "Target", cell_text(one->target->text));
        doc_field(doc, "label", "Label", cell_text(span_of(opts->label)));
        t = doc_table(doc, "profiles", columns, COUNT(columns));
        for (uint64_t i = 0; i < opts->repeat && !interrupted(); i++) {
                Measuring quiet = *one;
                Run *run;

                quiet.no_print = true;
                r = measuring_run(ctx, &quiet, &run, err);
                if (r < 0)
                        return i ? fail_while(err, "profiling for the %llu. time",
                                              (unsigned long long)i + 1)
                                 : r;
                put_repeated(t, run);
                status = MAX(status, r);
        }
        if (opts->label && opts->save)
                doc_paragraph(doc, NULL, "Compare with: hone profile --diff %s OTHER", opts->label);
        r = command_print(ctx, doc, err);
        return r < 0 ? r : status;
}

static int check_options(const ProfileOpts *opts, Error *err)
{
        if (opts->diff.html || opts->diff.fail)
                return fail(err, ERR_USAGE, "--html and --fail belong to --diff");
        if (opts->repeat > 1 && (opts->flame || opts->collapsed))
                return fail(err, ERR_USAGE,
                            "--flame and --collapsed are of one profile, not of "
                            "--repeat; hone show makes them of a stored run");
        return 0;
}

static int profile_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const ProfileOpts *opts = opts_struct;
        ProfilePlan plan = { .rate_hz = opts->rate,
                             .stack_bytes = (unsigned)(opts->stack_bytes & ~UINT64_C(7)),
                             .no_kernel = !opts->kernel,
                             .no_inlines = !opts->inlines,
                             .no_symbol_cache = !opts->symbol_cache,
                             .debuginfod = opts->debuginfod };
        Target target;
        Run *run;
        int status;

        if (opts->diff.diff)
                return profile_diff_run(ctx, &opts->diff, args, err);
        status = check_options(opts, err);
        if (status == 0)
                status = target_from_args(ctx, args, &target, err);
        if (status < 0)
                return status;
        Measuring measuring = { .instrument = &profile_instrument,
                                .plan = &plan,
                                .target = &target,
                                .ends = target.kind == TARGET_COMMAND,
                                .duration_ns = opts->duration_ns,
                                .label = opts->label,
                                .no_store = !opts->save,
                                .no_print = is_stdout(opts->flame) || is_stdout(opts->collapsed),
                                .view = view_run };

        if (opts->repeat > 1)
                return repeat_run(ctx, opts, &measuring, err);
        status = measuring_run(ctx, &measuring, &run, err);
        if (status >= 0 && opts->flame && run->recording->profile) {
                int r = write_flame(ctx, opts, run, err);

                status = r < 0 ? r : status;
        }
        if (status >= 0 && opts->collapsed && run->recording->profile) {
                int r = write_collapsed(ctx, opts, run, err);

                status = r < 0 ? r : status;
        }
        return status;
}

static const Example examples[] = {
        { "hone profile 4711 --flame out.svg", "a running process, with its threads and children" },
        { "hone profile -- ./program --its-option", "a command, from its start to its end" },
        { "hone profile 4711 -d 5s --repeat 6 --label before", "six profiles, for a diff" },
        { "hone profile --diff before after --html diff.html", "what grew, shrank, came and went" },
};

const Command profile_command = {
        .name = "profile",
        .group = "measure",
        .args = "PID | -- COMMAND... | --diff A B",
        .summary = "sample stacks and show where CPU time goes",
        .description =
                "Samples the stacks of a process, its threads and children through perf_event and "
                "unwinds them without frame pointers. The stack-quality line says how many chains "
                "are complete; unknown code is counted, never hidden.\n\n"
                "With --diff it compares stored profiles: each function and path GREW, SHRANK, is "
                "NEW, VANISHED, the SAME or UNKNOWN. Four or more profiles a side (--repeat) show "
                "how profiles differ by themselves.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = profile_options,
        .n_options = COUNT(profile_options),
        .opts_size = sizeof(ProfileOpts),
        .min_args = 1,
        .max_args = 10000,
        .run = profile_run,
};
