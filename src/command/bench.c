#include "process/bench.h"

#include <string.h>

#include "base/interrupt.h"
#include "base/vec.h"
#include "command/bench_options.h"
#include "command/measuring.h"
#include "instrument/bench/exec.h"
#include "present/view.h"
#include "process/bench_expand.h"
#include "process/lock.h"

#define SIMULATED_RUNS 5 /* the fewest of which two sets can be told apart after Holm */
#define MOST_PARAMETERS 16

static const Option bench_options[] = {
        { "warmup", 'w', OPT_COUNT, FIELD(BenchOpts, warmup), "N", "1",
          "run each command N times first, without counting", .max = 10000 },
        { "runs", 'r', OPT_COUNT, FIELD(BenchOpts, runs), "N", NULL,
          "exactly N runs of each command, whatever --max-time says", .max = BENCH_MAX_RUNS },
        { "min-runs", 'm', OPT_COUNT, FIELD(BenchOpts, min_runs), "N", "10",
          "at least N runs of each command", .min = 1, .max = BENCH_MAX_RUNS },
        { "max-runs", 'M', OPT_COUNT, FIELD(BenchOpts, max_runs), "N", "10000",
          "at most N runs of each command", .min = 1, .max = BENCH_MAX_RUNS },
        { "precision", 0, OPT_PERCENT, FIELD(BenchOpts, precision), "SHARE", "1%",
          "stop when the interval of each median is within +- SHARE of it; 0% never", .max = 1 },
        { "min-time", 0, OPT_DURATION, FIELD(BenchOpts, min_time_ns), "TIME", "1s",
          "measure for at least TIME over all commands" },
        { "max-time", 0, OPT_DURATION, FIELD(BenchOpts, max_time_ns), "TIME", "60s",
          "begin no further pair of blocks after TIME" },
        { "setup", 's', OPT_TEXT, FIELD(BenchOpts, setup), "LINE", NULL,
          "run LINE once before the runs of each command" },
        { "prepare", 'p', OPT_LIST, FIELD(BenchOpts, prepares), "LINE", NULL,
          "run LINE before each run; several: one for each command" },
        { "conclude", 'C', OPT_TEXT, FIELD(BenchOpts, conclude), "LINE", NULL,
          "run LINE after each run" },
        { "cleanup", 'c', OPT_TEXT, FIELD(BenchOpts, cleanup), "LINE", NULL,
          "run LINE once at the end, also when interrupted" },
        { "parameter-scan", 'P', OPT_LIST, FIELD(BenchOpts, scans), "VAR MIN MAX", NULL,
          "measure with {VAR} from MIN to MAX", .words = 3 },
        { "parameter-step-size", 'D', OPT_TEXT, FIELD(BenchOpts, step), "DELTA", "1",
          "the step of the scans" },
        { "parameter-list", 'L', OPT_LIST, FIELD(BenchOpts, lists), "VAR VALUES", NULL,
          "measure with {VAR} as each of the VALUES (a,b,c); all combinations of several",
          .words = 2 },
        { "command-name", 'n', OPT_LIST, FIELD(BenchOpts, names), "NAME", NULL,
          "name of the commands, in their order" },
        { "name", 0, OPT_LIST, FIELD(BenchOpts, names), "NAME", NULL, "the same" },
        { "reference", 0, OPT_TEXT, FIELD(BenchOpts, reference), "NAME", NULL,
          "compare the others with this one (default: the first)" },
        { "tolerance", 0, OPT_PERCENT, FIELD(BenchOpts, tolerance), "SHARE", "2%",
          "no sure difference, and surely none beyond this, is SAME", .max = 1 },
        { "shell", 0, OPT_TEXT, FIELD(BenchOpts, shell), "SHELL", NULL,
          "let /bin/sh, or SHELL, run the commands; its time counts", .bare = "/bin/sh" },
        { "shell-path", 'S', OPT_TEXT, FIELD(BenchOpts, shell_path), "SHELL", NULL,
          "the same with a value that must follow; none: no shell" },
        { "no-shell", 'N', OPT_FLAG, FIELD(BenchOpts, no_shell), NULL, NULL,
          "no shell, which is the default" },
        { "ignore-failure", 'i', OPT_TEXT, FIELD(BenchOpts, ignore_failure), "STATUS,...", NULL,
          "accept any exit status, or these", .bare = "all" },
        { "timeout", 0, OPT_DURATION, FIELD(BenchOpts, timeout_ns), "TIME", NULL,
          "give up when one run takes longer" },
        { "input", 0, OPT_TEXT, FIELD(BenchOpts, input), "FILE", "null",
          "standard input of the commands; null: none" },
        { "output", 0, OPT_TEXT, FIELD(BenchOpts, output), "WHERE", "null",
          "output of the commands: null, pipe, inherit or a file" },
        { "show-output", 0, OPT_FLAG, FIELD(BenchOpts, show_output), NULL, NULL,
          "the same as --output inherit" },
        { "sequential", 0, OPT_FLAG, FIELD(BenchOpts, sequential), NULL, NULL,
          "all runs of one command, then all of the next; drift then looks like a difference" },
        { "layout", 0, OPT_FLAG, FIELD(BenchOpts, layout), NULL, "true",
          "give each run an environment of another size; --no-layout does not" },
        { "repeat-noisy", 0, OPT_COUNT, FIELD(BenchOpts, repeats), "N", "1000",
          "measure up to N blocks again when the machine was busy, within half of the time",
          .max = BENCH_MAX_RUNS },
        { "instructions", 0, OPT_FLAG, FIELD(BenchOpts, instructions), NULL, NULL,
          "count instructions: by the processor, else by callgrind in 5 further runs" },
        { "seed", 0, OPT_COUNT, FIELD(BenchOpts, seed), "N", NULL,
          "repeat the random order of another run", .max = 1e15 },
        { "c", 0, OPT_FLAG, FIELD(BenchOpts, c), NULL, NULL,
          "the commands are programs of hone_bench.h: measure what is inside them" },
        { "filter", 0, OPT_TEXT, FIELD(BenchOpts, filter), "RE", NULL,
          "with --c: only benchmarks whose name matches" },
        { "samples", 0, OPT_COUNT, FIELD(BenchOpts, samples), "N", "5",
          "with --c: samples of each benchmark in one process", .min = 1, .max = 10000 },
        { "sample-time", 0, OPT_DURATION, FIELD(BenchOpts, sample_time_ns), "TIME", NULL,
          "with --c: the least time of a sample (default: the program's own)" },
        { "export-json", 0, OPT_TEXT, FIELD(BenchOpts, json), "FILE", NULL,
          "write everything with all samples as JSON; - is standard output" },
        { "export-csv", 0, OPT_TEXT, FIELD(BenchOpts, csv), "FILE", NULL, "write a CSV table" },
        { "export-markdown", 0, OPT_TEXT, FIELD(BenchOpts, markdown), "FILE", NULL,
          "write a Markdown table" },
        { "export-benchfmt", 0, OPT_TEXT, FIELD(BenchOpts, benchfmt), "FILE", NULL,
          "write the samples as benchstat reads them" },
        { "export-bmf", 0, OPT_TEXT, FIELD(BenchOpts, bmf), "FILE", NULL,
          "write Bencher Metric Format" },
        { "label", 0, OPT_TEXT, FIELD(BenchOpts, label), "NAME", NULL, "name the run" },
        { "save", 0, OPT_FLAG, FIELD(BenchOpts, save), NULL, "true",
          "store the run; --no-save only prints it" },
};

static int parameters_of(const BenchOpts *opts, Arena *arena, BenchRequest *request, Error *err)
{
        BenchParameter *all = new (arena, BenchParameter, MOST_PARAMETERS);
        size_t n = 0;
        int r = 0;

        if (opts->scans.len / 3 + opts->lists.len / 2 > MOST_PARAMETERS)
                return fail(err, ERR_LIMIT, "more than %d parameters", MOST_PARAMETERS);
        for (size_t i = 0; r == 0 && i + 2 < opts->scans.len; i += 3)
                r = bench_parameter_scan(span_of(opts->scans.items[i]),
                                         span_of(opts->scans.items[i + 1]),
                                         span_of(opts->scans.items[i + 2]), span_of(opts->step),
                                         arena, &all[n++], err);
        for (size_t i = 0; r == 0 && i + 1 < opts->lists.len; i += 2)
                r = bench_parameter_list(span_of(opts->lists.items[i]),
                                         span_of(opts->lists.items[i + 1]), arena, &all[n++], err);
        request->parameters = all;
        request->n_parameters = n;
        return r;
}

/* The last word on shells wins; none of them: no shell. */
static const char *shell_of(const BenchOpts *opts)
{
        const char *shell = opts->shell ? opts->shell : opts->shell_path;

        if (!shell || opts->no_shell || strcmp(shell, "none") == 0)
                return NULL;
        return strcmp(shell, "default") == 0 ? "/bin/sh" : shell;
}

/* What a program of hone_bench.h is told. */
static const char *const *program_arguments(const BenchOpts *opts, Arena *arena)
{
        const char **words = new (arena, const char *, 8);
        size_t n = 0;

        words[n++] = "--hone-bench-json";
        words[n++] = "--hone-bench-samples";
        words[n++] = arena_printf(arena, "%llu", (unsigned long long)opts->samples);
        if (opts->sample_time_ns) {
                words[n++] = "--hone-bench-min-time";
                words[n++] = arena_printf(arena, "%llu", (unsigned long long)opts->sample_time_ns);
        }
        if (opts->filter) {
                words[n++] = "--hone-bench-filter";
                words[n++] = opts->filter;
        }
        return words;
}

static int sides_of(Context *ctx, const BenchOpts *opts, const TextList *args, BenchPlan *plan,
                    Error *err)
{
        BenchRequest request = { .commands = args->items,
                                 .n_commands = args->len,
                                 .names = opts->names.items,
                                 .n_names = opts->names.len,
                                 .prepares = opts->prepares.items,
                                 .n_prepares = opts->prepares.len,
                                 .setup = opts->setup,
                                 .conclude = opts->conclude,
                                 .cleanup = opts->cleanup,
                                 .shell = shell_of(opts) };
        BenchSide *sides;
        int r = parameters_of(opts, ctx->arena, &request, err);

        if (r == 0 && !opts->c && (opts->filter || opts->sample_time_ns))
                return fail(err, ERR_USAGE, "%s is for programs of hone_bench.h: --c",
                            opts->filter ? "--filter" : "--sample-time");
        if (r == 0 && opts->c && request.shell)
                return fail(err, ERR_USAGE, "--c takes programs, not lines for a shell");
        if (opts->c)
                request.arguments = program_arguments(opts, ctx->arena);
        if (r == 0)
                r = bench_expand(&request, ctx->arena, &sides, &plan->n_sides, err);
        if (r == 0)
                plan->sides = sides;
        return r;
}

static int accepts_of(const BenchOpts *opts, Arena *arena, const bool **ret, Error *err)
{
        Span rest = span_of(opts->ignore_failure);
        bool *accepts = new (arena, bool, BENCH_EXIT_CODES);
        bool all = span_is(rest, "all") || span_is(rest, "all-non-zero");

        accepts[0] = true;
        for (size_t i = 0; all && i < BENCH_EXIT_CODES; i++)
                accepts[i] = true;
        while (!all && rest.ptr) {
                Span item = span_trim(span_cut(&rest, ','));
                uint64_t status;

                if (span_to_u64(item, &status, NULL) < 0 || status >= BENCH_EXIT_CODES)
                        return fail(err, ERR_USAGE,
                                    "--ignore-failure: '%.*s' is no exit status from 0 to 255",
                                    SPAN_ARG(item));
                accepts[status] = true;
        }
        *ret = accepts;
        return 0;
}

static void set_streams(const BenchOpts *opts, BenchPlan *plan)
{
        plan->inherit_output = opts->show_output || strcmp(opts->output, "inherit") == 0;
        plan->pipe_output = strcmp(opts->output, "pipe") == 0;
        if (!plan->inherit_output && !plan->pipe_output && strcmp(opts->output, "null") != 0)
                plan->output_path = opts->output;
        if (strcmp(opts->input, "null") != 0)
                plan->input_path = opts->input;
}

/* The processor's own count costs nothing, so it is taken wherever it can be. */
static int set_counting(const BenchOpts *opts, BenchPlan *plan, Error *err)
{
        const char *reason;

        plan->counters = counters_available(&reason);
        if (!opts->instructions || plan->counters)
                return 0;
        if (opts->c)
                return fail(err, ERR_UNAVAILABLE,
                            "the processor cannot count instructions here: %s", reason);
        plan->n_simulated = SIMULATED_RUNS;
        return 0;
}

static void set_amount(const BenchOpts *opts, BenchPlan *plan)
{
        plan->warmup = opts->warmup;
        plan->max_time_ns = opts->max_time_ns;
        plan->timeout_ns = opts->timeout_ns;
        plan->min_runs = opts->runs ? opts->runs : MIN(opts->min_runs, opts->max_runs);
        plan->max_runs = opts->runs ? opts->runs : opts->max_runs;
        if (opts->runs) {
                plan->max_time_ns = 0;
        } else {
                plan->min_time_ns = opts->min_time_ns;
                plan->precision = opts->precision;
        }
        plan->max_repeats = MIN(opts->repeats, plan->max_runs);
}

/* Before anything is measured; benchmarks inside a single program are not known yet. */
static int check_reference(const BenchOpts *opts, const BenchPlan *plan, Arena *arena, Error *err)
{
        Span wanted = span_of(opts->reference);

        if (wanted.len == 0 || (opts->c && plan->n_sides == 1))
                return 0;
        for (size_t i = 0; i < plan->n_sides; i++)
                if (span_eq(plan->sides[i].name, wanted) ||
                    span_eq(bench_title(plan->sides[i].name, arena), wanted))
                        return 0;
        fail(err, ERR_USAGE, "--reference: there is no command '%s'", opts->reference);
        return fail_hint(err, "the first one is '%.*s'",
                         SPAN_ARG(bench_title(plan->sides[0].name, arena)));
}

static int plan_of(Context *ctx, const BenchOpts *opts, const TextList *args, BenchPlan *plan,
                   Error *err)
{
        int r = sides_of(ctx, opts, args, plan, err);

        if (r == 0)
                r = accepts_of(opts, ctx->arena, &plan->accepts, err);
        if (r == 0)
                r = set_counting(opts, plan, err);
        if (r == 0)
                r = check_reference(opts, plan, ctx->arena, err);
        if (r < 0)
                return r;
        set_streams(opts, plan);
        set_amount(opts, plan);
        plan->seed = opts->seed;
        if (plan->seed == 0)
                ctx->os->entropy(ctx->os, &plan->seed, 4);
        plan->sequential = opts->sequential;
        plan->same_layout = !opts->layout;
        plan->programs = opts->c;
        plan->filter = opts->filter;
        plan->reference = span_of(opts->reference);
        plan->tolerance = opts->tolerance;
        plan->label = span_of(opts->label);
        plan->os = ctx->os;
        plan->progress = &ctx->progress;
        return 0;
}

static int measure_locked(Context *ctx, const BenchPlan *plan, Run **ret, Error *err)
{
        MeasureLock lock = { 0 };
        int r = measure_lock(ctx->os, MEASURE_LOCK_WAIT_NS, &lock, err);

        if (r < 0)
                return r;
        r = bench_measure(plan, ctx->arena, ret, err);
        measure_unlock(&lock);
        return r;
}

static int show(Context *ctx, Run *run, const BenchReport *report, Error *err)
{
        Doc *doc = doc_new(ctx->arena, "bench");

        view_run_header(doc, run);
        view_bench(doc, report);
        view_coverage(doc, &run, 1);
        return command_print(ctx, doc, err);
}

static int bench_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const BenchOpts *opts = opts_struct;
        BenchPlan plan = { 0 };
        int stored = 0, r = plan_of(ctx, opts, args, &plan, err);
        BenchQuestion question;
        BenchReport report;
        Error *why;
        Run *run;

        if (r == 0)
                r = measure_locked(ctx, &plan, &run, err);
        if (r < 0)
                return r;
        if (opts->save)
                stored = measuring_store(ctx, run, err);
        question = bench_question(run, ctx->arena);
        why = stored < 0 ? NULL : err;
        r = bench_report(run->recording, &question, ctx->arena, &report, why);
        if (r == 0)
                r = bench_write_exports(ctx, opts, run, &report, why);
        if (r == 0 && !bench_exports_to_stdout(opts))
                r = show(ctx, run, &report, why);
        if (stored < 0 || r < 0) /* what cannot be stored is printed all the same */
                return stored < 0 ? stored : r;
        return interrupted() ? 130 : 0;
}

static const Example examples[] = {
        { "hone bench 'sort a.txt' 'sort -u a.txt'", "two commands side by side" },
        { "hone bench -p 'sync' 'make -s'", "something before each run, outside the clock" },
        { "hone bench -P n 1 8 'xz -T{n} -k -f big'", "one command over a parameter" },
        { "hone bench --shell 'grep x f | wc -l'", "a line for the shell" },
        { "hone bench --c ./old ./new", "the micro-benchmarks inside two programs" },
};

const Command bench_command = {
        .name = "bench",
        .group = "measure",
        .args = "COMMAND...",
        .summary = "measure commands side by side",
        .description =
                "Each COMMAND is one word, quoted: its words are split as a shell would, but no "
                "shell runs, so nothing is measured but the program. All commands run by turns, "
                "in random order, so that what the machine does meanwhile hits all alike; each is "
                "compared with the first, block by block. Medians come with the interval in which "
                "they lie with 95 % confidence, and measuring ends when it is narrow enough. "
                "Outliers are counted, never dropped.\n\n"
                "With --c the commands are programs of hone_bench.h, and what is measured are the "
                "benchmarks inside them.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = bench_options,
        .n_options = COUNT(bench_options),
        .opts_size = sizeof(BenchOpts),
        .min_args = 1,
        .max_args = 1000,
        .run = bench_run,
};
