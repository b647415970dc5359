#include "instrument/system/system.h"
#include "command/measuring.h"
#include "present/view.h"

typedef struct SystemOpts {
        uint64_t duration_ns, interval_ns;
        const char *label;
        bool save;
} SystemOpts;

static const Option system_options[] = {
        { "duration", 'd', OPT_DURATION, FIELD(SystemOpts, duration_ns), "TIME", "10s",
          "watch for TIME" },
        { "interval", 'i', OPT_DURATION, FIELD(SystemOpts, interval_ns), "TIME", "1s",
          "one sample every TIME", .min = 1e7 },
        { "label", 0, OPT_TEXT, FIELD(SystemOpts, label), "NAME", NULL, "name the run" },
        { "save", 0, OPT_FLAG, FIELD(SystemOpts, save), NULL, "true", "store the run" },
};

static void view_run(Doc *doc, const Run *run)
{
        view_system(doc, run->recording);
}

static int system_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const SystemOpts *opts = opts_struct;
        SystemPlan plan = { .interval_ns = opts->interval_ns };
        Target target = { .kind = TARGET_HOST, .text = SPAN("this machine") };

        if (args->len) {
                int r = target_from_args(ctx, args, &target, err);

                if (r < 0)
                        return r;
                if (target.kind != TARGET_PROCESS)
                        return fail(err, ERR_USAGE, "'%s' is not a process id", args->items[0]);
        }
        return measuring_run(ctx,
                             &(Measuring){ .instrument = &system_instrument,
                                           .plan = &plan,
                                           .target = &target,
                                           .duration_ns = opts->duration_ns,
                                           .label = opts->label,
                                           .no_store = !opts->save,
                                           .view = view_run },
                             NULL, err);
}

static const Example examples[] = {
        { "hone system 4711", "a process tree and its machine" },
        { "hone system -d 60s", "the machine alone" },
};

const Command system_command = {
        .name = "system",
        .group = "measure",
        .args = "[PID]",
        .summary = "watch a process tree and its machine",
        .description = "CPU, run-queue wait, memory, page faults, switches, disk, network, open "
                       "files, threads, pressure and steal, from /proc. What could not be read is "
                       "listed, never shown as zero.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = system_options,
        .n_options = COUNT(system_options),
        .opts_size = sizeof(SystemOpts),
        .max_args = 1,
        .run = system_run,
};
