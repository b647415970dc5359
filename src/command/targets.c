#include "command/targets.h"

#include <math.h>

#include "analysis/budget.h"
#include "base/fs.h"

#define BUDGET_MAX_BYTES MiB(4)

/* NULL when the project has no budgets. */
static const char *budget_path(Context *ctx, const Config *config)
{
        char *path;

        if (config->budgets.len)
                return path_join(ctx->arena, config->dir, span_text(ctx->arena, config->budgets));
        return budget_find(config->dir, ctx->arena, &path, NULL) == 0 ? path : NULL;
}

static int judge_sides(Context *ctx, const ReportInput *in, const Budget *budget,
                       GateResult *ret_before, GateResult *ret_after, Error *err)
{
        bool changed = in->n_after > 0;
        int r = gate_judge(budget, in->before, in->n_before, NULL, ctx->arena, ret_before, err);

        if (r < 0)
                return r;
        return gate_judge(budget, changed ? in->after : in->before,
                          changed ? in->n_after : in->n_before, NULL, ctx->arena, ret_after, err);
}

int report_targets(Context *ctx, const Config *config, ReportInput *in, Error *err)
{
        GateResult before, after;
        Budget budget;
        TargetRow *rows;
        const char *path = budget_path(ctx, config);
        Span text;
        int r;

        if (!path)
                return 0;
        r = file_read(path, BUDGET_MAX_BYTES, ctx->arena, &text, err);
        if (r == 0)
                r = budget_parse(text, path, ctx->arena, &budget, err);
        if (r == 0)
                r = judge_sides(ctx, in, &budget, &before, &after, err);
        if (r < 0)
                return r;
        rows = new (ctx->arena, TargetRow, after.len);
        in->targets = rows;
        for (size_t i = 0; i < after.len; i++) {
                const BudgetRow *row = after.items[i].row;

                if (!row->metric)
                        continue;
                rows[in->n_targets++] =
                        (TargetRow){ .metric = row->metric->id,
                                     .baseline = before.items[i].value,
                                     .current = after.items[i].value,
                                     .target = isnan(row->max) ? row->min : row->max,
                                     .met = after.items[i].verdict == GATE_PASS };
        }
        return 0;
}
