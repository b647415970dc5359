/* Further runs of each command under callgrind, by turns: their counts do not depend on what else
 * the machine does. */

#include "base/interrupt.h"
#include "instrument/bench/callgrind.h"
#include "process/bench_int.h"

static int count_once(Bench *b, size_t side, Arena *scratch, CallgrindCount *ret, Error *err)
{
        const BenchSide *s = &b->plan->sides[side];
        ExecPlan plan = bench_exec_plan(b, side, 0);
        int r = bench_hook("prepare", s->prepare, false, err);

        plan.counters = false;
        plan.env_padding = 0; /* so that it counts the same each time */
        if (r == 0)
                r = callgrind_count(b->launcher, &plan, scratch, ret, err);
        if (r == 0)
                r = bench_check_status(b, side, ret->exit_status, (Span){ 0 }, scratch, err);
        if (r == 0)
                r = bench_hook("conclude", s->conclude, false, err);
        return r;
}

static int simulate_once(Bench *b, size_t side, size_t run, Error *err)
{
        Mark mark = arena_mark(b->scratch);
        CallgrindCount count;
        ptrdiff_t column;
        int r = count_once(b, side, b->scratch, &count, err);

        arena_reset(b->scratch, mark);
        if (r < 0)
                return r;
        column = bench_column(b, side, METRIC_INSTRUCTIONS, b->plan->sides[side].name, err);
        if (column < 0)
                return (int)column;
        if (run == 0)
                b->columns.items[column].len = 0; /* the processor counted none in the blocks */
        b->columns.items[column].loose = true;
        return bench_put(b, (size_t)column, run, (double)count.instructions, err);
}

int bench_simulate(Bench *b, Error *err)
{
        const BenchPlan *plan = b->plan;
        int r = 0;

        for (size_t run = 0; r == 0 && run < plan->n_simulated; run++)
                for (size_t side = 0; r == 0 && side < plan->n_sides; side++) {
                        progress_show(plan->progress, "callgrind: run %zu of %zu", run + 1,
                                      plan->n_simulated);
                        r = interrupted() ? fail_interrupted(err)
                                          : simulate_once(b, side, run, err);
                }
        progress_clear(plan->progress);
        return r < 0 ? fail_while(err, "counting instructions") : 0;
}
