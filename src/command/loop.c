#include "process/loop.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/rule.h"
#include "base/fs.h"
#include "command/measuring.h"
#include "command/targets.h"
#include "present/report.h"
#include "present/view.h"

typedef struct LoopOpts {
        TextList candidates, commands;
        const char *html, *output;
        bool fresh;
} LoopOpts;

static const Option loop_options[] = {
        { "candidates", 0, OPT_LIST, FIELD(LoopOpts, candidates), "PATCH", NULL,
          "a patch file to try; further words are patches too" },
        { "command", 0, OPT_LIST, FIELD(LoopOpts, commands), "'CMD'", NULL,
          "a shell command that makes the change" },
        { "html", 0, OPT_TEXT, FIELD(LoopOpts, html), "FILE", NULL,
          "write the report as an HTML page (default: .hone/loop/ID.html)" },
        { "output", 'o', OPT_TEXT, FIELD(LoopOpts, output), "FILE", NULL,
          "write the report as Markdown to FILE" },
        { "fresh", 0, OPT_FLAG, FIELD(LoopOpts, fresh), NULL, NULL,
          "put an unfinished loop aside and start anew" },
};

static const char *file_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int add_patch(Candidate *c, const char *path, Error *err)
{
        if (!path_exists(path)) {
                fail(err, ERR_USAGE, "there is no patch '%s'", path);
                return fail_hint(err, "a change made by a command: --command 'CMD'");
        }
        *c = (Candidate){ .name = file_name(path), .patch = path };
        return 0;
}

static int candidates_of(Context *ctx, const LoopOpts *opts, const TextList *args, Candidate **ret,
                         size_t *ret_n, Error *err)
{
        size_t n = opts->candidates.len + args->len + opts->commands.len, at = 0;
        Candidate *list = new (ctx->arena, Candidate, n);
        int r = 0;

        if (n == 0) {
                fail(err, ERR_USAGE, "no candidates to try");
                return fail_hint(err, "for example: hone loop --candidates fixes/*.patch");
        }
        for (size_t i = 0; r == 0 && i < opts->candidates.len; i++)
                r = add_patch(&list[at++], opts->candidates.items[i], err);
        for (size_t i = 0; r == 0 && i < args->len; i++)
                r = add_patch(&list[at++], args->items[i], err);
        for (size_t i = 0; i < opts->commands.len; i++)
                list[at++] = (Candidate){ .name = opts->commands.items[i],
                                          .command = opts->commands.items[i] };
        *ret = list;
        *ret_n = n;
        return r;
}

/* "GET /api/products 7.42 ms -> 0.21 ms (-97 %)" */
static void write_headline(Buf *out, const LoopChange *c)
{
        const MetricDef *def = metric_find(c->metric);
        Unit unit = def ? def->unit : UNIT_NONE;

        buf_printf(out, "%.*s ", SPAN_ARG(c->subject.len ? c->subject : c->metric));
        unit_format(out, unit, c->a);
        buf_text(out, " -> ");
        unit_format(out, unit, c->b);
        buf_text(out, " (");
        percent_format(out, c->change);
        buf_byte(out, ')');
}

static Span iteration_detail(const Iteration *it, Arena *arena)
{
        Buf out = buf_in(arena, KiB(8));

        if (it->headline)
                write_headline(&out, it->headline);
        if (it->headline && it->detail.len)
                buf_text(&out, "; ");
        buf_add(&out, it->detail);
        return buf_span(&out);
}

static void say_iteration(void *context, const Iteration *it)
{
        Context *ctx = context;

        if (ctx->global.quiet)
                return;
        progress_clear(&ctx->progress);
        fprintf(ctx->err, "%zu. %.*s: %s. %.*s\n", it->number, SPAN_ARG(it->name),
                loop_outcome_name(it->outcome), SPAN_ARG(iteration_detail(it, ctx->arena)));
}

static IterationRow iteration_row(const Iteration *it, Arena *arena)
{
        IterationRow row = { .change = it->name,
                             .before = NAN,
                             .after = NAN,
                             .metric = METRIC_LATENCY_P50,
                             .interval = { NAN, NAN, 0 },
                             .outcome = span_of(loop_outcome_name(it->outcome)),
                             .detail = iteration_detail(it, arena),
                             .kept = it->outcome == LOOP_KEPT };
        const LoopChange *c = it->headline;
        const MetricDef *def = c ? metric_find(c->metric) : NULL;

        if (c && def) {
                row.bottleneck = c->subject.len ? c->subject : c->metric;
                row.before = c->a;
                row.after = c->b;
                row.metric = def->id;
                row.subject = c->subject;
                row.interval = (Interval){ c->low, c->high, 0 };
        }
        return row;
}

static int findings_of(Context *ctx, const LoopResult *result, ReportInput *in, Error *err)
{
        Evidence evidence = { 0 };
        Diagnosis *diagnosis = new (ctx->arena, Diagnosis, 1);
        RuleSet *rules;
        int r = rules_load(NULL, ctx->arena, &rules, err);

        for (size_t i = 0; i < result->n_before; i++) {
                const Recording *rec = result->before[i]->recording;

                if (span_is(rec->instrument, "load"))
                        evidence.load = rec;
                else if (span_is(rec->instrument, "profile"))
                        evidence.profile = rec;
                else if (span_is(rec->instrument, "system"))
                        evidence.system = rec;
        }
        if (r == 0)
                r = diagnose(&evidence, rules, ctx->arena, diagnosis, err);
        if (r == 0)
                in->findings = &diagnosis->findings;
        return r;
}

static int report_input(Context *ctx, const Config *config, LoopResult *result, ReportInput *ret,
                        Error *err)
{
        IterationRow *rows = new (ctx->arena, IterationRow, result->n_iterations);
        char *date = new (ctx->arena, char, WALL_TEXT_SIZE);
        int r;

        os_wall_text(ctx->os->wall_ns(ctx->os), date);
        for (size_t i = 0; i < result->n_iterations; i++)
                rows[i] = iteration_row(&result->iterations[i], ctx->arena);
        result->total.comparison.name_a = SPAN("before");
        result->total.comparison.name_b = SPAN("after");
        *ret = (ReportInput){ .project = config->project.len ? config->project : SPAN("service"),
                              .date = span_first(span_of(date), 10),
                              .before = result->before,
                              .n_before = result->n_before,
                              .after = result->after,
                              .n_after = result->n_after,
                              .comparison = result->n_kept ? &result->total.comparison : NULL,
                              .iterations = rows,
                              .n_iterations = result->n_iterations };
        r = report_targets(ctx, config, ret, err);
        return r < 0 ? r : findings_of(ctx, result, ret, err);
}

static int store_runs(Context *ctx, LoopResult *result, Error *err)
{
        size_t n = result->n_before + result->n_after;
        Run **runs = new (ctx->arena, Run *, n);
        uint64_t *ids = new (ctx->arena, uint64_t, n);
        Store *store;
        int r = command_store(ctx, STORE_WRITE, &store, err);

        for (size_t i = 0; i < result->n_before; i++)
                runs[i] = result->before[i];
        for (size_t i = 0; i < result->n_after; i++)
                runs[result->n_before + i] = result->after[i];
        if (r == 0)
                r = store_put_all(store, runs, n, ids, err);
        for (size_t i = 0; r == 0 && i < n; i++)
                runs[i]->id = ids[i];
        return r < 0 ? fail_while(err, "storing the runs") : 0;
}

static int write_reports(Context *ctx, const LoopOpts *opts, const ReportInput *in,
                         const char *html, Error *err)
{
        Doc *doc = doc_new(ctx->arena, "report");
        Buf out = buf_in(ctx->arena, MiB(256));
        int r;

        report_full(doc, in);
        r = doc_print(doc, DOC_HTML, &(DocStyle){ .title = "Performance report" }, &out, err);
        if (r == 0)
                r = write_output(ctx, html, buf_span(&out), err);
        if (r < 0 || !opts->output)
                return r;
        buf_clear(&out);
        r = doc_print(doc, DOC_MARKDOWN, &(DocStyle){ 0 }, &out, err);
        return r < 0 ? r : write_output(ctx, opts->output, buf_span(&out), err);
}

static void json_iteration(JsonWriter *w, const Iteration *it)
{
        json_open_object(w);
        json_key(w, "number");
        json_u64(w, it->number);
        json_key(w, "candidate");
        json_span(w, it->name);
        json_key(w, "outcome");
        json_text(w, loop_outcome_name(it->outcome));
        json_key(w, "detail");
        json_span(w, it->detail);
        json_key(w, "commit");
        json_span(w, it->commit);
        loop_write_changes(w, it->changes, it->n_changes);
        json_close_object(w);
}

/* What became of each candidate, whole, for programs. */
static void json_outcomes(Doc *doc, const LoopResult *result, Arena *arena)
{
        Buf out = buf_in(arena, MiB(64));
        JsonWriter w = json_to(&out, false);

        json_open_array(&w);
        for (size_t i = 0; i < result->n_iterations; i++)
                json_iteration(&w, &result->iterations[i]);
        json_close_array(&w);
        doc_json(doc, "outcomes", buf_span(&out));
}

static void view_result(Doc *doc, const LoopResult *result, const ReportInput *in, const char *html,
                        Arena *arena)
{
        report_iterations(doc, in);
        json_outcomes(doc, result, arena);
        if (result->n_kept) {
                doc_heading(doc, 2, "Before and after, all kept changes together");
                view_comparison(doc, &result->total.comparison);
        }
        doc_field(doc, "candidates", "Candidates", cell_count(result->n_iterations));
        doc_field(doc, "kept", "Kept", cell_count(result->n_kept));
        doc_field(doc, "base", "Base", cell_text(span_first(result->base, 12)));
        doc_field(doc, "head", "Result", cell_text(span_first(result->head, 12)));
        if (result->n_kept) {
                doc_field(doc, "branch", "Branch", cell_text(result->branch));
                doc_paragraph(doc, NULL, "Take the result with: git merge --ff-only %.*s",
                              SPAN_ARG(result->branch));
        }
        doc_field(doc, "report", "Report", cell_string(html));
}

static int absolute_dir(Context *ctx, const char *dir, const char **ret, Error *err)
{
        char path[PATH_MAX];

        if (!realpath(dir, path))
                return fail(err, ERR_NOT_FOUND, "cannot find the folder '%s'", dir);
        *ret = arena_printf(ctx->arena, "%s", path);
        return 0;
}

static void warn_if_dirty(Context *ctx, const Config *config)
{
        Repository repo;

        if (!ctx->global.quiet && repository_find(config->dir, ctx->arena, &repo, NULL) == 0 &&
            repository_is_dirty(&repo, ctx->arena))
                fprintf(ctx->err, "hone: there are uncommitted changes; the base is HEAD, without "
                                  "them\n");
}

/* One run of the command: what it was told and what it makes of the result. */
typedef struct LoopShow {
        Context *ctx;
        const LoopOpts *opts;
        const Config *config;
        const char *dir, *html;
        ReportInput in;
} LoopShow;

static void on_iteration(void *context, const Iteration *it)
{
        const LoopShow *show = context;

        say_iteration(show->ctx, it);
}

static int on_result(void *context, LoopResult *result, Error *err)
{
        LoopShow *show = context;
        Context *ctx = show->ctx;
        int r = store_runs(ctx, result, err);

        if (r == 0)
                r = report_input(ctx, show->config, result, &show->in, err);
        if (r < 0)
                return r;
        show->html = show->opts->html ? show->opts->html
                                      : arena_printf(ctx->arena, "%s/%.*s.html", show->dir,
                                                     SPAN_ARG(result->id));
        return write_reports(ctx, show->opts, &show->in, show->html, err);
}

static int loop_command_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const LoopOpts *opts = opts_struct;
        Config config;
        LoopShow show = { .ctx = ctx, .opts = opts, .config = &config };
        LoopPlan plan = { .config = &config,
                          .fresh = opts->fresh,
                          .os = ctx->os,
                          .progress = &ctx->progress,
                          .on_iteration = on_iteration,
                          .on_result = on_result,
                          .context = &show };
        Doc *doc = doc_new(ctx->arena, "loop");
        Candidate *candidates;
        LoopResult result;
        int r = config_load(NULL, ctx->arena, &config, err);

        if (r == 0)
                r = config_need_service(&config, "the loop", err);
        if (r == 0)
                r = config_need_pairs(&config, err);
        if (r == 0)
                r = absolute_dir(ctx, config.dir, &config.dir, err);
        if (r == 0)
                r = candidates_of(ctx, opts, args, &candidates, &plan.n_candidates, err);
        if (r < 0)
                return r;
        warn_if_dirty(ctx, &config);
        plan.candidates = candidates;
        plan.journal_dir = path_join(ctx->arena, config.dir, ".hone/loop");
        show.dir = plan.journal_dir;
        r = loop_run(&plan, ctx->arena, &result, err);
        if (r < 0)
                return r;
        if (is_stdout(opts->html) || is_stdout(opts->output))
                return 0;
        view_result(doc, &result, &show.in, show.html, ctx->arena);
        return command_print(ctx, doc, err);
}

static const Example examples[] = {
        { "hone loop --candidates fixes/*.patch", "try each patch; keep what is proven faster" },
        { "hone loop --command \"sed -i s/-O2/-O3/ Makefile\"", "a change made by a command" },
};

const Command loop_command = {
        .name = "loop",
        .group = "loop",
        .args = "[PATCH...]",
        .summary = "try candidate changes; keep only what is proven faster",
        .description =
                "Each candidate is applied in a git worktree of its own, built, tested, and "
                "measured against the best so far in randomised interleaved blocks, with the "
                "workload of hone.yaml. It is kept when a request is FASTER beyond its interval, "
                "nothing is SLOWER, and a second measurement confirms it. The result is a branch; "
                "the working tree is not touched.\n\n"
                "Every step is journalled in .hone/loop: a loop that was interrupted or killed "
                "goes on where it was when the same command runs again.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = loop_options,
        .n_options = COUNT(loop_options),
        .opts_size = sizeof(LoopOpts),
        .max_args = 10000,
        .run = loop_command_run,
};
