#include "analysis/budget.h"

#include "base/fs.h"
#include "command/measuring.h"
#include "command/select.h"
#include "present/junit.h"
#include "present/view.h"
#include "process/config.h"

#define BUDGET_MAX_BYTES MiB(4)

typedef struct GateOpts {
        const char *budget, *junit, *summary;
        TextList groups;
} GateOpts;

static const Option gate_options[] = {
        { "budget", 'b', OPT_TEXT, FIELD(GateOpts, budget), "FILE", NULL,
          "budget file (default: as hone.yaml says, else performance-budget.json or "
          ".github/performance-budgets.yaml)" },
        { "group", 'g', OPT_LIST, FIELD(GateOpts, groups), "NAME", NULL,
          "only this group of budgets, such as api_endpoints" },
        { "junit", 0, OPT_TEXT, FIELD(GateOpts, junit), "FILE", NULL, "write JUnit XML to FILE" },
        { "summary", 0, OPT_TEXT, FIELD(GateOpts, summary), "FILE", NULL,
          "write Markdown to FILE" },
};

static int find_budget(Context *ctx, const GateOpts *opts, char **ret_path, Error *err)
{
        Config config;
        int r;

        if (opts->budget) {
                *ret_path = (char *)opts->budget;
                return 0;
        }
        r = config_load(NULL, ctx->arena, &config, err);
        if (r < 0)
                return r;
        if (config.budgets.len) {
                *ret_path =
                        path_join(ctx->arena, config.dir, span_text(ctx->arena, config.budgets));
                return 0;
        }
        return budget_find(config.dir, ctx->arena, ret_path, err);
}

static int read_budget(Context *ctx, const GateOpts *opts, Budget *ret, Error *err)
{
        char *path;
        Span text;
        int r = find_budget(ctx, opts, &path, err);

        if (r == 0)
                r = file_read(path, BUDGET_MAX_BYTES, ctx->arena, &text, err);
        return r < 0 ? r : budget_parse(text, path, ctx->arena, ret, err);
}

static int write_files(Context *ctx, const GateOpts *opts, const Doc *doc, const Budget *budget,
                       const GateResult *result, Error *err)
{
        Buf out = buf_in(ctx->arena, MiB(16));
        int r = 0;

        if (opts->junit) {
                junit_gate(budget, result, &out);
                r = write_output(ctx, opts->junit, buf_span(&out), err);
        }
        if (r == 0 && opts->summary) {
                buf_clear(&out);
                r = doc_print(doc, DOC_MARKDOWN, &(DocStyle){ 0 }, &out, err);
                if (r == 0)
                        r = write_output(ctx, opts->summary, buf_span(&out), err);
        }
        return r;
}

static int exit_status(GateVerdict verdict)
{
        return verdict == GATE_PASS ? 0 : verdict == GATE_FAIL ? 1 : 3;
}

static int gate_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const GateOpts *opts = opts_struct;
        Doc *doc = doc_new(ctx->arena, "gate");
        GateResult result;
        Budget budget;
        RunSet runs;
        Store *store;
        int r = read_budget(ctx, opts, &budget, err);

        if (r == 0)
                r = command_store(ctx, STORE_READ, &store, err);
        if (r == 0)
                r = select_latest(store, span_of(args->len ? args->items[0] : NULL), ctx->arena,
                                  &runs, err);
        if (r == 0)
                r = gate_judge(&budget, runs.items, runs.len,
                               opts->groups.len ? &opts->groups : NULL, ctx->arena, &result, err);
        if (r < 0)
                return r;
        view_gate(doc, &budget, &result);
        r = write_files(ctx, opts, doc, &budget, &result, err);
        if (r == 0 && !is_stdout(opts->junit) && !is_stdout(opts->summary))
                r = command_print(ctx, doc, err);
        return r < 0 ? r : exit_status(result.verdict);
}

static const Example examples[] = {
        { "hone gate", "the newest runs against the project's budgets" },
        { "hone gate after --junit gate.xml --summary gate.md", "in CI" },
};

const Command gate_command = {
        .name = "gate",
        .group = "judge",
        .args = "[RUNS]",
        .summary = "judge runs against budgets: PASS, FAIL or INCONCLUSIVE",
        .description =
                "Reads .github/performance-budgets.yaml or performance-budget.json. A metric that "
                "no run has is a FAIL; a percentile that so few samples cannot bound is "
                "INCONCLUSIVE. Exit status 0 pass, 1 fail, 3 inconclusive.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = gate_options,
        .n_options = COUNT(gate_options),
        .opts_size = sizeof(GateOpts),
        .max_args = 1,
        .run = gate_run,
};
