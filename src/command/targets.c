#include "command/targets.h"

#include <math.h>

#include "analysis/gate.h"
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
        GateInput before = { .budget = budget, .runs = in->before, .n_runs = in->n_before };
        GateInput after = { .budget = budget,
                            .runs = changed ? in->after : in->before,
                            .n_runs = changed ? in->n_after : in->n_before };
        int r = gate_judge(&before, ctx->arena, ret_before, err);

        return r < 0 ? r : gate_judge(&after, ctx->arena, ret_after, err);
}

static bool has_bounds(const Budget *budget)
{
        for (size_t i = 0; i < budget->len; i++)
                if (budget_row_is_bounded(&budget->rows[i]))
                        return true;
        return false;
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
        if (r == 0 && !has_bounds(&budget))
                return 0;
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
