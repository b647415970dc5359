#include "command/measuring.h"

#include "base/interrupt.h"
#include "present/view.h"
#include "process/config.h"
#include "process/examine.h"

typedef struct DiagnoseOpts {
        uint64_t connections, duration_ns, alone_ns, warmup_ns, pid;
        double rate;
        const char *advice, *label;
        bool profile, save;
} DiagnoseOpts;

static const Option diagnose_options[] = {
        { "connections", 'c', OPT_COUNT, FIELD(DiagnoseOpts, connections), "N", "4",
          "connections under load", .min = 1, .max = 100000 },
        { "rate", 'r', OPT_RATE, FIELD(DiagnoseOpts, rate), "N/s", NULL,
          "open model: N requests a second" },
        { "duration", 'd', OPT_DURATION, FIELD(DiagnoseOpts, duration_ns), "TIME", "10s",
          "time under load" },
        { "alone", 0, OPT_DURATION, FIELD(DiagnoseOpts, alone_ns), "TIME", "2s",
          "time with one connection first; 0 leaves it out" },
        { "warmup", 'w', OPT_DURATION, FIELD(DiagnoseOpts, warmup_ns), "TIME", "500ms",
          "sent first, not counted" },
        { "pid", 'p', OPT_COUNT, FIELD(DiagnoseOpts, pid), "PID", NULL,
          "the process that serves (default: who listens on the port)" },
        { "advice", 0, OPT_TEXT, FIELD(DiagnoseOpts, advice), "DIR", NULL,
          "further rules from DIR/*.yaml" },
        { "profile", 0, OPT_FLAG, FIELD(DiagnoseOpts, profile), NULL, "true",
          "sample stacks; --no-profile leaves it out" },
        { "label", 0, OPT_TEXT, FIELD(DiagnoseOpts, label), "NAME", NULL, "name the runs" },
        { "save", 0, OPT_FLAG, FIELD(DiagnoseOpts, save), NULL, "true", "store the runs" },
};

static int store_runs(Context *ctx, Examination *x, Error *err)
{
        uint64_t ids[EXAMINE_MAX_RUNS];
        Store *store;
        int r = command_store(ctx, STORE_WRITE, &store, err);

        if (r == 0)
                r = store_put_all(store, x->runs, x->n_runs, ids, err);
        if (r < 0)
                return fail_while(err, "storing the runs");
        for (size_t i = 0; i < x->n_runs; i++)
                x->runs[i]->id = ids[i];
        return 0;
}

static void view_examination(Doc *doc, const Examination *x)
{
        view_run_header(doc, x->load);
        view_load_run(doc, x->load);
        if (x->system)
                view_use(doc, &x->diagnosis.use);
        if (x->profile && x->profile->recording->profile)
                view_profile(doc, x->profile->recording, x->executable);
        view_findings(doc, &x->diagnosis.findings);
        doc_heading(doc, 2, "Not examined");
        if (x->not_examined.len == 0)
                doc_paragraph(doc, NULL, "Every rule and instrument had its evidence.");
        for (size_t i = 0; i < x->not_examined.len; i++)
                doc_item(doc, "not_examined", "%.*s", SPAN_ARG(x->not_examined.items[i]));
        view_coverage(doc, x->runs, x->n_runs);
}

static int diagnose_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const DiagnoseOpts *opts = opts_struct;
        Doc *doc = doc_new(ctx->arena, "diagnose");
        Examination x;
        int stored = 0;
        int r = examine(&(ExaminePlan){ .urls = args->items,
                                        .n_urls = args->len,
                                        .pid = (int)opts->pid,
                                        .duration_ns = opts->duration_ns,
                                        .alone_ns = opts->alone_ns,
                                        .warmup_ns = opts->warmup_ns,
                                        .connections = (unsigned)opts->connections,
                                        .rate_per_s = opts->rate,
                                        .no_profile = !opts->profile,
                                        .advice_dir = opts->advice,
                                        .label = span_of(opts->label),
                                        .os = ctx->os,
                                        .progress = &ctx->progress },
                        ctx->arena, &x, err);

        if (r < 0)
                return r;
        if (opts->save)
                stored = store_runs(ctx, &x, err);
        view_examination(doc, &x);
        r = command_print(ctx, doc, stored < 0 ? NULL : err);
        if (stored < 0 || r < 0) /* what cannot be stored is printed all the same */
                return MIN(stored, r);
        return interrupted() ? 130 : saw_nothing(x.load->recording) ? 3 : 0;
}

static const Example examples[] = {
        { "hone diagnose http://127.0.0.1:8080/api/products", "what is slow here, and why" },
        { "hone diagnose --json URL", "the same for a program" },
};

const Command diagnose_command = {
        .name = "diagnose",
        .group = "loop",
        .args = "URL...",
        .summary = "find what makes a running service slow",
        .description =
                "Finds the process that listens on the URL's port, measures it with one connection "
                "for a moment, then under load while it is profiled and the system is sampled. "
                "Prints latency and throughput, which resource is saturated, the hottest stacks, "
                "and findings ranked by impact and frequency with advice for each; then what was "
                "not examined. Without root there is less evidence, and it says so.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = diagnose_options,
        .n_options = COUNT(diagnose_options),
        .opts_size = sizeof(DiagnoseOpts),
        .min_args = 1,
        .max_args = 100,
        .run = diagnose_run,
};
