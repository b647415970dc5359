#include "analysis/compare.h"

#include "command/select.h"
#include "present/view.h"

typedef struct CompareOpts {
        double alpha, tolerance, min_effect, floor;
        const char *instrument;
        bool paired, fail_on_slower;
} CompareOpts;

static const Option compare_options[] = {
        { "alpha", 0, OPT_NUMBER, FIELD(CompareOpts, alpha), "P", "0.05",
          "level of the tests, over all metrics together", .min = 0.0001, .max = 0.5 },
        { "tolerance", 0, OPT_PERCENT, FIELD(CompareOpts, tolerance), "SHARE", "5%",
          "a change surely within this is SAME", .max = 1 },
        { "min-effect", 0, OPT_PERCENT, FIELD(CompareOpts, min_effect), "SHARE", "0%",
          "smaller changes are not called FASTER or SLOWER", .max = 1 },
        { "floor", 0, OPT_PERCENT, FIELD(CompareOpts, floor), "SHARE", "10%",
          "what a change must exceed when there are fewer than four runs a side; 0% takes their "
          "samples as they are",
          .max = 1 },
        { "instrument", 0, OPT_TEXT, FIELD(CompareOpts, instrument), "NAME", NULL,
          "compare only these runs of a group: load, system" },
        { "paired", 0, OPT_FLAG, FIELD(CompareOpts, paired), NULL, NULL,
          "the n-th runs of both sides were measured side by side" },
        { "fail", 0, OPT_FLAG, FIELD(CompareOpts, fail_on_slower), NULL, "true",
          "exit with 1 when something is SLOWER, 3 when nothing can be said" },
};

/* Runs of the instrument that was asked for; else of the first side's first run. */
static void narrow(const CompareOpts *opts, RunSet *a, RunSet *b, Arena *arena)
{
        Span instrument = span_of(opts->instrument);

        if (instrument.len == 0 && a->len)
                instrument = a->items[0]->recording->instrument;
        for (size_t i = 0; instrument.len && !opts->instrument && i < a->len; i++)
                if (span_is(a->items[i]->recording->instrument, "load"))
                        instrument = SPAN("load");
        *a = select_instrument(a, instrument, arena);
        *b = select_instrument(b, instrument, arena);
}

static int exit_status(const CompareOpts *opts, ChangeVerdict verdict)
{
        if (!opts->fail_on_slower)
                return 0;
        return verdict == CHANGE_SLOWER ? 1 : verdict == CHANGE_UNKNOWN ? 3 : 0;
}

static int compare_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const CompareOpts *opts = opts_struct;
        ComparePlan plan = { .alpha = opts->alpha,
                             .tolerance = opts->tolerance,
                             .min_effect = opts->min_effect,
                             .single_run_floor = opts->floor > 0 ? opts->floor : -1,
                             .paired = opts->paired };
        Doc *doc = doc_new(ctx->arena, "compare");
        Comparison comparison;
        RunSet a, b;
        Store *store;
        int r = command_store(ctx, STORE_READ, &store, err);

        if (r == 0)
                r = select_runs(store, span_of(args->items[0]), ctx->arena, &a, err);
        if (r == 0)
                r = select_runs(store, span_of(args->items[1]), ctx->arena, &b, err);
        if (r < 0)
                return r;
        narrow(opts, &a, &b, ctx->arena);
        if (a.len == 0 || b.len == 0)
                return fail(err, ERR_USAGE, "'%s' and '%s' have no runs of one instrument",
                            args->items[0], args->items[1]);
        r = compare_runs(a.items, a.len, b.items, b.len, &plan, ctx->arena, &comparison, err);
        if (r < 0)
                return r;
        comparison.name_a = span_of(args->items[0]);
        comparison.name_b = span_of(args->items[1]);
        view_comparison(doc, &comparison);
        r = command_print(ctx, doc, err);
        return r < 0 ? r : exit_status(opts, comparison.verdict);
}

static const Example examples[] = {
        { "hone compare 12 15", "two runs" },
        { "hone compare base head", "all runs labelled base with all labelled head" },
        { "hone compare last~1 last --json", "the last two, for a program" },
};

const Command compare_command = {
        .name = "compare",
        .group = "judge",
        .args = "RUNS RUNS",
        .summary = "say whether the second is faster, slower, the same or unknown",
        .description =
                "Each side is a run (id, last, last~1), a label or a group, or several with "
                "commas. Every metric gets its change with a confidence interval, a verdict, and "
                "the smallest change that could have been seen. With fewer than four runs a side "
                "the comparison cannot see how runs differ from run to run; it says so and asks "
                "for a larger change.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = compare_options,
        .n_options = COUNT(compare_options),
        .opts_size = sizeof(CompareOpts),
        .min_args = 2,
        .max_args = 2,
        .run = compare_run,
};
