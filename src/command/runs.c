#include "command/command.h"

typedef struct RunsOpts {
        const char *instrument, *label, *group;
        uint64_t limit;
} RunsOpts;

static const Option runs_options[] = {
        { "instrument", 0, OPT_TEXT, FIELD(RunsOpts, instrument), "NAME", NULL,
          "only these: load, profile, system" },
        { "label", 0, OPT_TEXT, FIELD(RunsOpts, label), "NAME", NULL, "only with this label" },
        { "group", 0, OPT_TEXT, FIELD(RunsOpts, group), "NAME", NULL, "only of this group" },
        { "limit", 'n', OPT_COUNT, FIELD(RunsOpts, limit), "N", "20", "at most N, newest first",
          .min = 1, .max = 100000 },
};

static const Column columns[] = {
        { "id", "Run", ALIGN_RIGHT },
        { "when", "When (UTC)" },
        { "instrument", "What" },
        { "target", "Target", .wrap = true },
        { "duration", "Window", ALIGN_RIGHT },
        { "label", "Label" },
        { "noise", "Noise" },
        { "revision", "Revision", .wide_only = true },
        { "group", "Group", .wide_only = true },
};

static void add_row(Context *ctx, DocTable *table, const RunSummary *run)
{
        char *when = new (ctx->arena, char, WALL_TEXT_SIZE);
        const char *revision =
                arena_printf(ctx->arena, "%.*s%s", SPAN_ARG(span_first(run->git_revision, 12)),
                             run->git_dirty ? "+" : "");

        os_wall_text(run->wall_ns, when);
        doc_row(table, cell_count(run->id), cell_string(when), cell_text(run->instrument),
                cell_text(run->target), cell_unit(UNIT_NS, (double)run->duration_ns),
                cell_text(run->label), cell_string(noise_verdict_name(run->noise)),
                cell_string(revision), cell_text(run->group));
}

static int runs_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const RunsOpts *opts = opts_struct;
        RunQuery query = { .instrument = span_of(opts->instrument),
                           .label = span_of(opts->label),
                           .group = span_of(opts->group),
                           .limit = opts->limit };
        Doc *doc = doc_new(ctx->arena, "runs");
        RunSummary *runs;
        DocTable *table;
        Store *store;
        size_t n;
        int r = command_store(ctx, STORE_READ, &store, err);

        (void)args;
        if (r == 0)
                r = store_list(store, &query, ctx->arena, &runs, &n, err);
        if (r < 0)
                return r;
        table = doc_table(doc, "runs", columns, COUNT(columns));
        for (size_t i = 0; i < n; i++)
                add_row(ctx, table, &runs[i]);
        return command_print(ctx, doc, err);
}

static const Example examples[] = { { "hone runs -n 5", "the newest five" } };

const Command runs_command = {
        .name = "runs",
        .group = "evidence",
        .args = "",
        .summary = "list stored runs",
        .description = "Newest first. Runs of one command share a group.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = runs_options,
        .n_options = COUNT(runs_options),
        .opts_size = sizeof(RunsOpts),
        .run = runs_run,
};
