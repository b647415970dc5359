#include "present/report.h"

#include "analysis/compare.h"
#include "analysis/rule.h"
#include "command/measuring.h"
#include "command/select.h"
#include "command/targets.h"
#include "process/config.h"

typedef struct ReportOpts {
        const char *before, *html, *output;
        unsigned kind;
} ReportOpts;

static const struct {
        const char *name;
        void (*write)(Doc *, const ReportInput *);
} kinds[] = {
        { "full", report_full },
        { "benchmark", report_benchmark },
        { "profiling", report_profiling },
        { "recommendations", report_recommendations },
        { "assessment", report_assessment },
        { "optimization", report_optimization },
        { "checklist", report_checklist },
};

static const char *const kind_names[] = { "full",       "benchmark",
                                          "profiling",  "recommendations",
                                          "assessment", "optimization",
                                          "checklist",  NULL };

static const Option report_options[] = {
        { "kind", 'k', OPT_CHOICE, FIELD(ReportOpts, kind), "NAME", "full",
          "full, benchmark, profiling, recommendations, assessment, optimization or checklist",
          .choices = kind_names },
        { "before", 'b', OPT_TEXT, FIELD(ReportOpts, before), "RUNS", NULL,
          "compare with these runs: id, label or group" },
        { "html", 0, OPT_TEXT, FIELD(ReportOpts, html), "FILE", NULL,
          "write one self-contained HTML page" },
        { "output", 'o', OPT_TEXT, FIELD(ReportOpts, output), "FILE", NULL,
          "write Markdown to FILE instead of printing" },
};

static const Recording *of_instrument(Run *const *runs, size_t n, const char *instrument)
{
        for (size_t i = n; i-- > 0;)
                if (span_is(runs[i]->recording->instrument, instrument) &&
                    !span_is(runs[i]->label, "alone"))
                        return runs[i]->recording;
        return NULL;
}

/* What diagnose measured with one connection, before the load. */
static const Recording *alone_of(Run *const *runs, size_t n)
{
        for (size_t i = n; i-- > 0;)
                if (span_is(runs[i]->label, "alone"))
                        return runs[i]->recording;
        return NULL;
}

static int find_causes(ReportInput *in, Arena *arena, Error *err)
{
        Run *const *runs = in->n_before ? in->before : in->after;
        size_t n = in->n_before ? in->n_before : in->n_after;
        Evidence evidence = { .alone = alone_of(runs, n),
                              .load = of_instrument(runs, n, "load"),
                              .profile = of_instrument(runs, n, "profile"),
                              .system = of_instrument(runs, n, "system") };
        Diagnosis *diagnosis = new (arena, Diagnosis, 1);
        RuleSet *rules;
        int r = rules_load(NULL, arena, &rules, err);

        if (r == 0)
                r = diagnose(&evidence, rules, arena, diagnosis, err);
        if (r == 0)
                in->findings = &diagnosis->findings;
        return r;
}

static int compare_sides(ReportInput *in, Arena *arena, Error *err)
{
        RunSet before = { .items = (Run **)in->before, .len = in->n_before };
        RunSet after = { .items = (Run **)in->after, .len = in->n_after };
        Comparison *comparison = new (arena, Comparison, 1);
        int r;

        before = select_instrument(&before, SPAN("load"), arena);
        after = select_instrument(&after, SPAN("load"), arena);
        if (before.len == 0 || after.len == 0)
                return 0;
        r = compare_runs(before.items, before.len, after.items, after.len, &(ComparePlan){ 0 },
                         arena, comparison, err);
        if (r == 0)
                in->comparison = comparison;
        return r;
}

static int gather(Context *ctx, const ReportOpts *opts, const TextList *args, ReportInput *ret,
                  Error *err)
{
        char *date = new (ctx->arena, char, WALL_TEXT_SIZE);
        RunSet after, before = { 0 };
        Config config;
        Store *store;
        int r = config_load(NULL, ctx->arena, &config, err);

        if (r == 0)
                r = command_store(ctx, STORE_READ, &store, err);
        if (r == 0)
                r = select_latest(store, span_of(args->len ? args->items[0] : NULL), ctx->arena,
                                  &after, err);
        if (r == 0 && opts->before)
                r = select_runs(store, span_of(opts->before), ctx->arena, &before, err);
        if (r < 0)
                return r;
        os_wall_text(ctx->os->wall_ns(ctx->os), date);
        *ret = (ReportInput){ .project = config.project.len ? config.project
                                                            : after.items[0]->target.text,
                              .date = span_first(span_of(date), 10),
                              .before = before.items,
                              .n_before = before.len,
                              .after = after.items,
                              .n_after = after.len };
        r = report_targets(ctx, &config, ret, err);
        if (r == 0)
                r = find_causes(ret, ctx->arena, err);
        return r < 0 ? r : compare_sides(ret, ctx->arena, err);
}

static int write_file(Context *ctx, const Doc *doc, DocFormat format, const char *path, Error *err)
{
        Buf out = buf_in(ctx->arena, MiB(256));
        int r = doc_print(doc, format, &(DocStyle){ .title = "Performance report" }, &out, err);

        if (r == 0)
                r = buf_check(&out, err);
        return r < 0 ? r : write_output(ctx, path, buf_span(&out), err);
}

static int report_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const ReportOpts *opts = opts_struct;
        Doc *doc = doc_new(ctx->arena, "report");
        ReportInput in;
        int r = gather(ctx, opts, args, &in, err);

        if (r < 0)
                return r;
        kinds[opts->kind].write(doc, &in);
        if (opts->html)
                r = write_file(ctx, doc, DOC_HTML, opts->html, err);
        if (r == 0 && opts->output)
                r = write_file(ctx, doc, DOC_MARKDOWN, opts->output, err);
        if (r < 0 || opts->html || opts->output)
                return r;
        if (!ctx->global.json)
                ctx->global.markdown = true;
        return command_print(ctx, doc, err);
}

static const Example examples[] = {
        { "hone report", "the newest runs, as Markdown" },
        { "hone report after --before before --html report.html", "before and after, as a page" },
        { "hone report --kind recommendations", "only what to do" },
};

const Command report_command = {
        .name = "report",
        .group = "evidence",
        .args = "[RUNS]",
        .summary = "write a report of runs, with pictures as HTML",
        .description = "Everything in a report comes from stored runs; what was not measured is "
                       "shown as not measured.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = report_options,
        .n_options = COUNT(report_options),
        .opts_size = sizeof(ReportOpts),
        .max_args = 1,
        .run = report_run,
};
