#include "process/ab.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "command/command.h"
#include "instrument/system/system.h"
#include "present/view_experiment.h"
#include "process/ab_null.h"
#include "process/lock.h"

typedef struct AbOpts {
        unsigned kind, results;
        const char *setup, *format;
        TextList metrics;
        double alpha, tolerance, memory_tolerance, min_effect;
        uint64_t warmup, min_blocks, max_blocks, max_repeats, max_time_ns, timeout_ns, seed, trials;
        bool shell, ignore_failure, null, fail, save;
} AbOpts;

enum { KIND_AUTO };
static const char *const kinds[] = { "auto", "commands", "revisions", "services", NULL };
enum { RESULTS_AUTO, RESULTS_NONE };
static const char *const results[] = { "auto", "none", NULL };

static const Option ab_options[] = {
        { "kind", 0, OPT_CHOICE, FIELD(AbOpts, kind), "KIND", "auto",
          "what A and B are: auto, commands, revisions, services", .choices = kinds },
        { "setup", 0, OPT_TEXT, FIELD(AbOpts, setup), "'CMD'", NULL,
          "shell command run once in each revision's worktree (default: the build of hone.yaml)" },
        { "shell", 'S', OPT_FLAG, FIELD(AbOpts, shell), NULL, NULL,
          "run commands by /bin/sh; its cost counts as theirs" },
        { "equivalence", 0, OPT_PERCENT, FIELD(AbOpts, tolerance), "SHARE", NULL,
          "no sure change, and surely none beyond this, is SAME (default: 2%, or what --null "
          "found)",
          .max = 1 },
        { "memory-equivalence", 0, OPT_PERCENT, FIELD(AbOpts, memory_tolerance), "SHARE", "10%",
          "the same for memory, when that is larger", .max = 1 },
        { "min-effect", 0, OPT_PERCENT, FIELD(AbOpts, min_effect), "SHARE", "0.5%",
          "smaller changes are not called FASTER or SLOWER", .max = 1 },
        { "alpha", 0, OPT_NUMBER, FIELD(AbOpts, alpha), "P", "0.01",
          "chance of a false FASTER or SLOWER, over all metrics and looks together", .min = 0.0001,
          .max = 0.5 },
        { "metric", 0, OPT_LIST, FIELD(AbOpts, metrics), "NAME", NULL,
          "judge this metric (default: time and memory, or what the commands print as results)" },
        { "results", 0, OPT_CHOICE, FIELD(AbOpts, results), "WHICH", "auto",
          "benchmark results in the commands' output: auto, none", .choices = results },
        { "format", 0, OPT_TEXT, FIELD(AbOpts, format), "NAME", NULL,
          "format of these results (hone import --list-formats)" },
        { "warmup", 'w', OPT_COUNT, FIELD(AbOpts, warmup), "N", "1",
          "measurements of each side that do not count", .max = 1000 },
        { "min-blocks", 0, OPT_COUNT, FIELD(AbOpts, min_blocks), "N", "10",
          "blocks before the first look", .min = 4, .max = 10000 },
        { "max-blocks", 0, OPT_COUNT, FIELD(AbOpts, max_blocks), "N", "1000", "at most so many",
          .min = 4, .max = 10000 },
        { "max-repeats", 0, OPT_COUNT, FIELD(AbOpts, max_repeats), "N", "20",
          "measure at most so many blocks again because the machine was too busy", .max = 10000 },
        { "max-time", 0, OPT_DURATION, FIELD(AbOpts, max_time_ns), "TIME", "60s",
          "begin no block after TIME" },
        { "timeout", 0, OPT_DURATION, FIELD(AbOpts, timeout_ns), "TIME", "10m",
          "of one execution" },
        { "seed", 0, OPT_COUNT, FIELD(AbOpts, seed), "N", "1", "of the order in the blocks" },
        { "ignore-failure", 'i', OPT_FLAG, FIELD(AbOpts, ignore_failure), NULL, NULL,
          "an exit status other than 0 is no error" },
        { "null", 0, OPT_FLAG, FIELD(AbOpts, null), NULL, NULL,
          "measure A against itself: how often this machine shows what is not there" },
        { "trials", 0, OPT_COUNT, FIELD(AbOpts, trials), "N", "20", "with --null: so often",
          .min = 1, .max = 10000 },
        { "save", 0, OPT_FLAG, FIELD(AbOpts, save), NULL, "true",
          "store the runs; --no-save only prints them" },
        { "fail", 0, OPT_FLAG, FIELD(AbOpts, fail), NULL, "true",
          "exit with 1 when B is SLOWER, 3 when nothing can be said" },
};

static int metrics_of(Context *ctx, const AbOpts *opts, AbPlan *plan, Error *err)
{
        MetricId *list = new (ctx->arena, MetricId, opts->metrics.len + 1);

        for (size_t i = 0; i < opts->metrics.len; i++) {
                const MetricDef *def = metric_find(span_of(opts->metrics.items[i]));

                if (!def) {
                        fail(err, ERR_USAGE, "hone knows no metric '%s'", opts->metrics.items[i]);
                        return fail_hint(err, "for example time, time_user, memory_peak, "
                                              "exec_faults_minor, latency_p50");
                }
                list[i] = def->id;
        }
        plan->metrics = opts->metrics.len ? list : NULL;
        plan->n_metrics = opts->metrics.len;
        return 0;
}

static int format_of(const AbOpts *opts, AbPlan *plan, Error *err)
{
        plan->own_results = opts->results == RESULTS_AUTO;
        if (!opts->format)
                return 0;
        plan->format = import_format_find(span_of(opts->format));
        if (plan->format)
                return 0;
        fail(err, ERR_USAGE, "hone knows no format '%s'", opts->format);
        return fail_hint(err, "the formats there are: hone import --list-formats");
}

/* The words: A, and B unless --null, then the command that both revisions run. */
static int sides_of(Context *ctx, const AbOpts *opts, const TextList *args, AbPlan *plan,
                    Error *err)
{
        size_t n_sides = opts->null ? 1 : AB_SIDES;
        const char **argv = new (ctx->arena, const char *, args->len + 1);

        if (args->len < n_sides) {
                fail(err, ERR_USAGE, "ab needs two things to compare, A and B");
                return fail_hint(err, "for example: hone ab 'sort a.txt' 'sort -u a.txt'");
        }
        for (size_t i = 0; i < AB_SIDES; i++)
                plan->sides[i] = args->items[MIN(i, n_sides - 1)];
        for (size_t i = n_sides; i < args->len; i++)
                argv[i - n_sides] = args->items[i];
        plan->argv = args->len > n_sides ? argv : NULL;
        plan->kind = opts->kind == KIND_AUTO
                             ? ab_kind_of(plan->sides[AB_SIDE_A], plan->sides[AB_SIDE_B],
                                          plan->argv != NULL, plan->config, ctx->arena)
                             : (AbKind)(opts->kind - 1);
        if (opts->setup && plan->kind != AB_REVISIONS)
                return fail(err, ERR_USAGE, "--setup builds revisions, but A and B are %s",
                            ab_kind_name(plan->kind));
        if (opts->shell && plan->kind != AB_COMMANDS && !plan->argv)
                return fail(err, ERR_USAGE, "--shell runs commands, but A and B are %s",
                            ab_kind_name(plan->kind));
        if (plan->argv && plan->kind != AB_REVISIONS) {
                fail(err, ERR_USAGE, "a third word, but A and B are no revisions");
                return fail_hint(err, "put each command in quotes: hone ab 'cmd a' 'cmd b'");
        }
        return 0;
}

static const char *scratch_dir(Context *ctx, const Config *config)
{
        char path[PATH_MAX];
        const char *dir = config->path ? config->dir : ".";

        return arena_printf(ctx->arena, "%s/.hone/ab", realpath(dir, path) ? path : dir);
}

static int plan_of(Context *ctx, const AbOpts *opts, const TextList *args, Config *config,
                   AbPlan *ret, Error *err)
{
        AbPlan plan = { .setup = opts->setup,
                        .shell = opts->shell,
                        .ignore_failure = opts->ignore_failure,
                        .config = config,
                        .alpha = opts->alpha,
                        .tolerance = opts->tolerance,
                        .memory_tolerance = opts->memory_tolerance,
                        .min_effect = opts->min_effect,
                        .warmup = opts->warmup,
                        .min_blocks = opts->min_blocks,
                        .max_blocks = MAX(opts->max_blocks, opts->min_blocks),
                        .max_time_ns = opts->max_time_ns,
                        .max_repeats = opts->max_repeats,
                        .timeout_ns = opts->timeout_ns,
                        .seed = opts->seed,
                        .os = ctx->os,
                        .progress = &ctx->progress };
        int r = config_load(NULL, ctx->arena, config, err);

        if (r == 0)
                r = sides_of(ctx, opts, args, &plan, err);
        if (r == 0)
                r = metrics_of(ctx, opts, &plan, err);
        if (r == 0)
                r = format_of(opts, &plan, err);
        if (r < 0)
                return r;
        plan.scratch_dir = scratch_dir(ctx, config);
        *ret = plan;
        return 0;
}

static int store_result(Context *ctx, AbResult *result, Error *err)
{
        uint64_t ids[AB_SIDES];
        Store *store;
        int r = command_store(ctx, STORE_WRITE, &store, err);

        if (r == 0)
                r = store_put_all(store, result->runs, AB_SIDES, ids, err);
        for (size_t i = 0; r == 0 && i < AB_SIDES; i++)
                result->runs[i]->id = result->experiment.run_ids[i] = ids[i];
        return r < 0 ? fail_while(err, "storing the runs") : 0;
}

static int run_null(Context *ctx, const AbOpts *opts, const AbPlan *plan, Error *err)
{
        Doc *doc = doc_new(ctx->arena, "ab_null");
        Store *store;
        NullTrials null;
        int stored = 0, r = ab_null(plan, opts->trials, ctx->arena, &null, err);

        if (r < 0)
                return r;
        if (opts->save)
                stored = command_store(ctx, STORE_WRITE, &store, err);
        if (opts->save && stored == 0)
                stored = ab_null_store(store, &null, err);
        if (stored < 0)
                fail_while(err, "keeping the floor");
        view_null_trials(doc, &null);
        r = command_print(ctx, doc, stored < 0 ? NULL : err);
        return stored < 0 ? stored : r;
}

/* A store that is not there knows no floor. */
static int set_tolerance(Context *ctx, AbPlan *plan, Error *err)
{
        Fingerprint fingerprint;
        Store *store;
        int r = fingerprint_take(NULL, ctx->arena, &fingerprint, err);

        if (r < 0)
                return r;
        if (command_store(ctx, STORE_READ, &store, NULL) < 0)
                store = NULL;
        return ab_null_tolerance(store, fingerprint.machine_id, plan, ctx->arena, err);
}

static int exit_status(const AbOpts *opts, const AbResult *result)
{
        if (interrupted())
                return 130;
        if (!opts->fail)
                return 0;
        return result->comparison.verdict == CHANGE_SLOWER    ? 1
               : result->comparison.verdict == CHANGE_UNKNOWN ? 3
                                                              : 0;
}

static int run_compare(Context *ctx, const AbOpts *opts, AbPlan *plan, Error *err)
{
        Doc *doc = doc_new(ctx->arena, "ab");
        AbResult result;
        int stored = 0, r = set_tolerance(ctx, plan, err);

        if (r == 0)
                r = ab_run(plan, ctx->arena, &result, err);
        if (r < 0)
                return r;
        if (opts->save)
                stored = store_result(ctx, &result, err);
        view_experiment(doc, &result.experiment, &result.comparison);
        r = command_print(ctx, doc, stored < 0 ? NULL : err);
        if (stored < 0 || r < 0) /* what cannot be stored is printed all the same */
                return MIN(stored, r);
        return exit_status(opts, &result);
}

static int ab_command_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const AbOpts *opts = opts_struct;
        MeasureLock lock = { 0 };
        Config config;
        AbPlan plan;
        int r = plan_of(ctx, opts, args, &config, &plan, err);

        if (r == 0)
                r = measure_lock(ctx->os, MEASURE_LOCK_WAIT_NS, &lock, err);
        if (r < 0)
                return r;
        r = opts->null ? run_null(ctx, opts, &plan, err) : run_compare(ctx, opts, &plan, err);
        measure_unlock(&lock);
        return r;
}

static const Example examples[] = {
        { "hone ab 'gzip -1 -k f' 'gzip -9 -k f'", "two commands" },
        { "hone ab HEAD~1 HEAD -- make -s bench", "a command in two revisions" },
        { "hone ab main HEAD", "the service of hone.yaml in two revisions" },
        { "hone ab http://127.0.0.1:8001/ http://127.0.0.1:8002/", "two services that run" },
        { "hone ab --null 'sort words'", "what this machine shows when nothing changed" },
};

const Command ab_command = {
        .name = "ab",
        .group = "judge",
        .args = "A B [-- CMD...]",
        .summary = "measure two commands, revisions or services against each other",
        .description =
                "Both are measured side by side in randomised blocks until every metric has an "
                "answer, FASTER, SLOWER or SAME, or the time is up: then it is UNKNOWN, with the "
                "smallest change that could have been seen. The chance of a false answer holds "
                "over all metrics and all looks at the data.\n\n"
                "Revisions are built in worktrees of their own at paths of equal length; the "
                "working tree is not touched. A command that prints benchmark results in a format "
                "that hone imports is judged by them.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = ab_options,
        .n_options = COUNT(ab_options),
        .opts_size = sizeof(AbOpts),
        .min_args = 1,
        .max_args = 10000,
        .run = ab_command_run,
};
