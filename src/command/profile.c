#include <limits.h>
#include <unistd.h>

#include "command/measuring.h"
#include "instrument/profile/profiler.h"
#include "present/flame.h"
#include "present/view.h"

typedef struct ProfileOpts {
        double rate;
        uint64_t duration_ns, stack_bytes;
        const char *flame, *collapsed, *label;
        bool kernel, inlines, save;
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
        { "label", 0, OPT_TEXT, FIELD(ProfileOpts, label), "NAME", NULL, "name the run" },
        { "save", 0, OPT_FLAG, FIELD(ProfileOpts, save), NULL, "true", "store the run" },
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

static int profile_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const ProfileOpts *opts = opts_struct;
        ProfilePlan plan = { .rate_hz = opts->rate,
                             .stack_bytes = (unsigned)(opts->stack_bytes & ~UINT64_C(7)),
                             .no_kernel = !opts->kernel,
                             .no_inlines = !opts->inlines };
        Target target;
        Run *run;
        int status = target_from_args(ctx, args, &target, err);

        if (status < 0)
                return status;
        status = measuring_run(
                ctx,
                &(Measuring){ .instrument = &profile_instrument,
                              .plan = &plan,
                              .target = &target,
                              .ends = target.kind == TARGET_COMMAND,
                              .duration_ns = opts->duration_ns,
                              .label = opts->label,
                              .no_store = !opts->save,
                              .no_print = is_stdout(opts->flame) || is_stdout(opts->collapsed),
                              .view = view_run },
                &run, err);
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
};

const Command profile_command = {
        .name = "profile",
        .group = "measure",
        .args = "PID | -- COMMAND...",
        .summary = "sample stacks and show where CPU time goes",
        .description =
                "Samples the stacks of a process, its threads and children through perf_event and "
                "unwinds them without frame pointers. The stack-quality line says how many chains "
                "are complete; unknown code is counted, never hidden.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = profile_options,
        .n_options = COUNT(profile_options),
        .opts_size = sizeof(ProfileOpts),
        .min_args = 1,
        .max_args = 10000,
        .run = profile_run,
};
