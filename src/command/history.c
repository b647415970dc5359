#include "command/history_edit.h"

#include "command/measuring.h"
#include "present/view_history.h"
#include "process/blame.h"

#define MOST_BLAMED 10   /* changes of one history, and histories of a table */
#define MOST_DETAILED 10 /* histories that are shown one after the other */
#define MOST_PICTURES 100
#define LARGEST_PAGE MiB(200)

static const char *const method_choices[] = {
#define X(id, name, help) name,
        CHANGE_METHODS(X)
#undef X
                NULL,
};
static const char *const better_choices[] = { "auto", "lower", "higher", NULL };

static const Option history_options[] = {
        { "metric", 'm', OPT_TEXT, FIELD(HistoryOpts, metric), "METRIC", NULL,
          "this metric, or column of the CSV file (or the first word)" },
        { "subject", 's', OPT_TEXT, FIELD(HistoryOpts, subject), "SUBJECT", NULL,
          "of this benchmark, endpoint ... (or the second word)" },
        { "label", 'l', OPT_TEXT, FIELD(HistoryOpts, label), "NAME", NULL,
          "only runs with this label" },
        { "instrument", 0, OPT_TEXT, FIELD(HistoryOpts, instrument), "NAME", NULL,
          "only runs of this instrument: load, bench ..." },
        { "target", 0, OPT_TEXT, FIELD(HistoryOpts, target), "TEXT", NULL,
          "only runs of this target" },
        { "machine", 0, OPT_TEXT, FIELD(HistoryOpts, machine), "ID", NULL,
          "only runs of this machine (default: that of the newest run)" },
        { "since", 0, OPT_TEXT, FIELD(HistoryOpts, since), "WHEN", NULL,
          "only runs since this date (2027-01-31) or for so long (30d)" },
        { "limit", 'n', OPT_COUNT, FIELD(HistoryOpts, limit), "N", NULL,
          "only the newest N runs (default: all)", .min = 1, .max = 4000000 },
        { "method", 0, OPT_CHOICE, FIELD(HistoryOpts, method), "NAME", "rank",
          "how changes are found", .choices = method_choices },
        { "alpha", 0, OPT_NUMBER, FIELD(HistoryOpts, alpha), "P", NULL,
          "how often a series without a change may get one (default: 0.05; of e-divisive, 0.001 "
          "a point)",
          .min = 1e-9, .max = 0.5 },
        { "min-change", 0, OPT_PERCENT, FIELD(HistoryOpts, min_change), "SHARE", "0%",
          "smaller changes are not told", .max = 10 },
        { "csv", 0, OPT_TEXT, FIELD(HistoryOpts, csv), "FILE", NULL,
          "series from the columns of FILE instead of the store" },
        { "better", 0, OPT_CHOICE, FIELD(HistoryOpts, better), "WAY", "auto",
          "with --csv: which way is better, for columns that no metric is called",
          .choices = better_choices },
        { "html", 0, OPT_TEXT, FIELD(HistoryOpts, html), "FILE", NULL,
          "write a page with the charts to FILE" },
        { "change", 0, OPT_TEXT, FIELD(HistoryOpts, change), "CHANGE", "last",
          "which change --accept and --annotate mean: its mark, its commit, or last" },
        { "accept", 0, OPT_FLAG, FIELD(HistoryOpts, accept), NULL, NULL,
          "the level from the change on is the base line: add it to "
          "performance-exceptions.yaml" },
        { "owner", 0, OPT_TEXT, FIELD(HistoryOpts, owner), "WHO", NULL,
          "with --accept: who answers for it" },
        { "reason", 0, OPT_TEXT, FIELD(HistoryOpts, reason), "TEXT", NULL, "with --accept: why" },
        { "annotate", 0, OPT_TEXT, FIELD(HistoryOpts, annotate), "TEXT", NULL,
          "keep a note about the change in the store" },
        { "fail", 0, OPT_FLAG, FIELD(HistoryOpts, fails), NULL, NULL,
          "exit with 1 when a newest change is worse and not accepted, 3 when no series has "
          "enough points" },
};

static int check_opts(const HistoryOpts *opts, const TextList *args, Error *err)
{
        static const struct {
                size_t option;
                const char *name;
        } store_only[] = { { offsetof(HistoryOpts, label), "label" },
                           { offsetof(HistoryOpts, instrument), "instrument" },
                           { offsetof(HistoryOpts, target), "target" },
                           { offsetof(HistoryOpts, machine), "machine" },
                           { offsetof(HistoryOpts, since), "since" } };

        for (size_t i = 0; opts->csv && i < COUNT(store_only); i++)
                if (*(const char *const *)(const void *)((const char *)opts + store_only[i].option))
                        return fail(err, ERR_USAGE,
                                    "--%s chooses among runs of the store, and "
                                    "--csv has none",
                                    store_only[i].name);
        if (opts->csv && (opts->limit || opts->subject || args->len > 1))
                return fail(err, ERR_USAGE, "a CSV file has neither subjects nor a limit");
        if ((opts->owner || opts->reason) && !opts->accept)
                return fail(err, ERR_USAGE, "--owner and --reason belong to --accept");
        return 0;
}

/* The commits of every change that is shown with its details, and of the failing ones of a table.
 */
static int blame_changes(const HistoryAsk *ask, HistorySet *set, bool detailed, Error *err)
{
        size_t blamed = 0;

        for (size_t i = 0; i < set->len; i++) {
                History *h = &set->items[i];
                size_t most = detailed ? MIN(h->n_changes, (size_t)MOST_BLAMED) : history_fails(h);

                if (!detailed && ++blamed > MOST_BLAMED)
                        return 0;
                for (size_t k = h->n_changes - most; k < h->n_changes; k++) {
                        Blame *blame = new (ask->ctx->arena, Blame, 1);
                        HistoryChange *change = &h->changes[k];
                        int r = blame_find(ask->config.dir, h->points[change->good].revision,
                                           h->points[change->bad].revision, ask->ctx->arena, blame,
                                           err);

                        if (r < 0)
                                return r;
                        change->blame = blame;
                }
        }
        return 0;
}

static void put_order_reason(Doc *doc, const HistorySet *set)
{
        bool by_time = false;

        for (size_t i = 0; i < set->len; i++)
                by_time |= !set->items[i].by_commit;
        if (by_time && set->order_reason.len)
                doc_paragraph(doc, "order_note", "In the order of time: %.*s.",
                              SPAN_ARG(set->order_reason));
}

static void put_title(Context *ctx, Doc *doc, const History *history)
{
        Span words = history_words(history, ctx->arena);

        doc_heading(doc, 2, "%.*s", SPAN_ARG(words));
}

static void put_series(Context *ctx, Doc *doc, const HistorySet *set, bool detailed)
{
        if (!detailed)
                view_histories(doc, set->items, set->len, set->n_short, set->left_out);
        for (size_t i = 0; detailed && i < set->len; i++) {
                if (i)
                        put_title(ctx, doc, &set->items[i]);
                view_history(doc, &set->items[i]);
        }
}

static int write_page(Context *ctx, const HistoryOpts *opts, const HistorySet *set, bool detailed,
                      Error *err)
{
        Doc *doc = doc_new(ctx->arena, "history");
        Buf out = buf_in(ctx->arena, LARGEST_PAGE);
        size_t shown = 0;
        int r;

        doc_heading(doc, 1, "History");
        put_order_reason(doc, set);
        put_series(ctx, doc, set, detailed);
        for (size_t i = 0; !detailed && i < set->len && shown < MOST_PICTURES; i++) {
                if (set->items[i].n_changes == 0)
                        continue;
                put_title(ctx, doc, &set->items[i]);
                view_history(doc, &set->items[i]);
                shown++;
        }
        r = doc_print(doc, DOC_HTML, &(DocStyle){ .title = "History" }, &out, err);
        return r < 0 ? r : write_output(ctx, opts->html, buf_span(&out), err);
}

static int print_all(const HistoryAsk *ask, const HistorySet *set, bool detailed, Span told,
                     Error *err)
{
        Doc *doc = doc_new(ask->ctx->arena, "history");
        int r = 0;

        if (told.len)
                doc_paragraph(doc, "done", "%.*s", SPAN_ARG(told));
        put_order_reason(doc, set);
        put_series(ask->ctx, doc, set, detailed);
        doc_json(doc, "n_short", span_of(arena_printf(ask->ctx->arena, "%zu", set->n_short)));
        /* Of a hundred thousand points the JSON costs more than finding the changes. */
        if (ask->ctx->global.json)
                r = view_histories_json(doc, set->items, set->len, set->whole, err);
        return r < 0 ? r : command_print(ask->ctx, doc, err);
}

static int exit_status(const HistoryOpts *opts, const HistorySet *set)
{
        bool any = false;

        if (!opts->fails)
                return 0;
        for (size_t i = 0; i < set->len; i++) {
                if (history_fails(&set->items[i]))
                        return 1;
                any |= !history_too_short(&set->items[i]);
        }
        return any ? 0 : 3;
}

/* What was asked for, after what was to be done about it was done. */
static int gather_and_edit(const HistoryAsk *ask, HistorySet *set, Span *ret_told, Error *err)
{
        int r = history_gather(ask, set, err);

        if (r == 0 && ask->opts->accept)
                r = history_accept(ask, set, ret_told, err);
        if (r == 0 && ask->opts->annotate)
                r = history_annotate(ask, set, ret_told, err);
        if (r == 0 && ret_told->len)
                r = history_gather(ask, set, err);
        return r;
}

static int history_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const HistoryOpts *opts = opts_struct;
        HistoryAsk ask = { .ctx = ctx,
                           .opts = opts,
                           .metric = span_of(args->len > 0 ? args->items[0] : opts->metric),
                           .subject = span_of(args->len > 1 ? args->items[1] : opts->subject) };
        Span told = { 0 };
        HistorySet set;
        bool detailed;
        int r = check_opts(opts, args, err);

        if (r == 0)
                r = config_load(NULL, ctx->arena, &ask.config, err);
        if (r == 0 && !opts->csv)
                r = command_store(ctx, STORE_READ, &ask.store, err);
        if (r == 0)
                r = gather_and_edit(&ask, &set, &told, err);
        if (r < 0)
                return r;
        detailed = set.whole && set.len &&
                   (set.len == 1 || (ask.subject.len && set.len <= MOST_DETAILED));
        r = blame_changes(&ask, &set, detailed, err);
        if (r == 0 && opts->html)
                r = write_page(ctx, opts, &set, detailed, err);
        if (r == 0 && !is_stdout(opts->html))
                r = print_all(&ask, &set, detailed, told, err);
        return r < 0 ? r : exit_status(opts, &set);
}

static const Example examples[] = {
        { "hone history", "every metric of the store, those that changed first" },
        { "hone history time sort", "one of them: chart, changes, and the commits of each" },
        { "hone history --csv runs.csv throughput --better higher", "from another tool's table" },
        { "hone history time sort --accept --owner ana@example.org --reason 'issue 41'",
          "the newest change is on purpose" },
        { "hone history --fail", "in CI: 1 when something got worse and nobody accepted it" },
};

const Command history_command = {
        .name = "history",
        .group = "judge",
        .args = "[METRIC] [SUBJECT]",
        .summary = "show where a metric changed over commits, and who did it",
        .description =
                "One value a revision, the median of its runs on one machine, in the order of "
                "commits. Change points are calibrated: a series that has no change gets one in at "
                "most 5 % of all series. Each is better or worse by the metric's direction, and "
                "comes with the commits among which it lies. Runs of other machines, of changed "
                "work trees, partial and unreliable runs are left out and counted; missing values "
                "are never filled in.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = history_options,
        .n_options = COUNT(history_options),
        .opts_size = sizeof(HistoryOpts),
        .max_args = 2,
        .run = history_run,
};
