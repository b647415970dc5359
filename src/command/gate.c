#include "command/gate_command.h"
#include "present/view.h"

static const char *const policies[] = {
#define X(id, name) name,
        GATE_POLICIES(X)
#undef X
                NULL,
};
static const char *const github_whens[] = { "auto", "always", "never", NULL };

static const Option gate_options[] = {
        { "budget", 'b', OPT_TEXT, FIELD(GateOpts, budget), "FILE", NULL,
          "budget file (default: as hone.yaml says, else performance-budget.json or "
          ".github/performance-budgets.yaml)" },
        { "group", 'g', OPT_LIST, FIELD(GateOpts, groups), "NAME", NULL,
          "only this group of budgets, such as api_endpoints" },
        { "base", 0, OPT_TEXT, FIELD(GateOpts, base), "RUNS", NULL,
          "judge against these runs as well, by the tolerances of the budget file" },
        { "tolerance", 0, OPT_PERCENT, FIELD(GateOpts, tolerance), "SHARE", "5%",
          "how much worse than the base is tolerated where the budget file says nothing",
          .min = 0.0001, .max = 1 },
        { "alpha", 0, OPT_NUMBER, FIELD(GateOpts, alpha), "P", "0.05",
          "level of the tests against the base, over all metrics together", .min = 0.0001,
          .max = 0.5 },
        { "paired", 0, OPT_FLAG, FIELD(GateOpts, paired), NULL, NULL,
          "the n-th runs of both sides were measured side by side" },
        { "slo", 0, OPT_LIST, FIELD(GateOpts, slos), "FILE", NULL,
          "judge the objectives of this file as well: hone's own shape, or OpenSLO v1" },
        { "history", 0, OPT_FLAG, FIELD(GateOpts, history), NULL, NULL,
          "judge the newest level of each metric over the commits as well" },
        { "exceptions", 0, OPT_TEXT, FIELD(GateOpts, exceptions), "FILE", NULL,
          "reviewed exceptions (default: performance-exceptions.yaml, if it is there)" },
        { "inconclusive", 0, OPT_CHOICE, FIELD(GateOpts, inconclusive), "HOW", "tell",
          "what INCONCLUSIVE is to the job: tell (exit status 3), pass (0) or fail (1)",
          .choices = policies },
        { "junit", 0, OPT_TEXT, FIELD(GateOpts, junit), "FILE", NULL, "write JUnit XML to FILE" },
        { "summary", 0, OPT_TEXT, FIELD(GateOpts, summary), "FILE", NULL,
          "write Markdown for a comment to FILE" },
        { "sarif", 0, OPT_TEXT, FIELD(GateOpts, sarif), "FILE", NULL, "write SARIF 2.1.0 to FILE" },
        { "gitlab", 0, OPT_TEXT, FIELD(GateOpts, gitlab), "FILE", NULL,
          "write a GitLab Code Quality report to FILE" },
        { "github", 0, OPT_CHOICE, FIELD(GateOpts, github), "WHEN", "auto",
          "print GitHub annotations and add to the job's page (auto: under GITHUB_ACTIONS)",
          .choices = github_whens },
};

static int exit_status(const GateOpts *opts, GateVerdict verdict)
{
        static const int of_inconclusive[] = {
                [GATE_POLICY_TELL] = 3, [GATE_POLICY_PASS] = 0, [GATE_POLICY_FAIL] = 1
        };

        if (verdict == GATE_INCONCLUSIVE)
                return of_inconclusive[opts->inconclusive];
        return verdict == GATE_FAIL;
}

/* GitHub obeys lines of standard output that look like its commands, whatever they quote; between
 * these two lines it does not. Nobody can guess the word that ends it. */
static int print_inert(Context *ctx, const GateOpts *opts, Doc *doc, Error *err)
{
        uint64_t word[2];
        int r;

        if (!gate_annotates(opts) || ctx->global.json || ctx->global.markdown)
                return command_print(ctx, doc, err);
        ctx->os->entropy(ctx->os, word, sizeof(word));
        fprintf(ctx->out, "::stop-commands::%016lx%016lx\n", (unsigned long)word[0],
                (unsigned long)word[1]);
        r = command_print(ctx, doc, err);
        fprintf(ctx->out, "::%016lx%016lx::\n", (unsigned long)word[0], (unsigned long)word[1]);
        return r;
}

static int gate_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const GateOpts *opts = opts_struct;
        Doc *doc = doc_new(ctx->arena, "gate");
        GateResult result;
        GateReport report;
        GateInput in;
        bool printed = false;
        int r = gate_input(ctx, opts, span_of(args->len ? args->items[0] : NULL), &in, err);

        if (r == 0)
                r = gate_judge(&in, ctx->arena, &result, err);
        if (r < 0)
                return r;
        view_gate(doc, &result);
        report = gate_report(ctx, opts, &result);
        r = gate_output(ctx, opts, &report, &printed, err);
        if (r == 0 && !printed)
                r = print_inert(ctx, opts, doc, err);
        if (r == 0)
                r = gate_annotate(ctx, opts, &report, printed, err);
        return r < 0 ? r : exit_status(opts, result.verdict);
}

static const Example examples[] = {
        { "hone gate", "the newest runs against the project's budgets" },
        { "hone gate head --base base --slo slo.yaml", "budgets, tolerances and objectives" },
        { "hone gate after --junit gate.xml --summary gate.md", "in CI" },
};

const Command gate_command = {
        .name = "gate",
        .group = "judge",
        .args = "[RUNS]",
        .summary = "judge runs by budgets, a base, their history and SLOs",
        .description =
                "Budgets come from .github/performance-budgets.yaml or performance-budget.json. A "
                "value with an interval fails only when the whole interval is beyond the bound, "
                "and passes only when all of it is within. A metric that no run has is a FAIL; "
                "one that so few samples cannot bound is INCONCLUSIVE. Exit status 0 pass, 1 "
                "fail, 3 inconclusive.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = gate_options,
        .n_options = COUNT(gate_options),
        .opts_size = sizeof(GateOpts),
        .max_args = 1,
        .run = gate_run,
};
