#include "process/trial.h"

#include <math.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "instrument/system/system.h"
#include "process/blocks.h"
#include "process/request_window.h"
#include "process/service_block.h"

enum { SIDE_A, SIDE_B, N_SIDES };

/* A trial in progress: values[side][row][block], one row per request and one for memory. */
typedef struct Bench {
        const TrialPlan *plan;
        Arena *arena;
        double *values[N_SIDES];     /* n_rows x pairs */
        ServiceBlock total[N_SIDES]; /* requests and errors of all blocks */
        double *latencies;           /* of the block being measured */
        size_t n_requests, n_rows;
        int side; /* being measured */
} Bench;

static double *value_at(Bench *b, int side, size_t row, size_t block)
{
        return &b->values[side][row * b->plan->pairs + block];
}

static int run_side(Bench *b, int side, size_t block, Error *err)
{
        static const char *const logs[] = { "service-a.log", "service-b.log" };
        const TrialPlan *plan = b->plan;
        ServiceBlockPlan one = { .config = plan->config,
                                 .dir = side == SIDE_A ? plan->dir_a : plan->dir_b,
                                 .log_path = path_join(b->arena, plan->log_dir, logs[side]) };
        ServiceBlock measured = { .latency_p50_ns = b->latencies };
        int r;

        b->side = side;
        r = service_block(&one, &measured, err);
        if (r < 0)
                return fail_while(err, "measuring block %zu", block + 1);
        for (size_t i = 0; i < b->n_requests; i++)
                *value_at(b, side, i, block) = measured.latency_p50_ns[i];
        *value_at(b, side, b->n_requests, block) = measured.peak_rss_bytes;
        b->total[side].requests += measured.requests;
        b->total[side].errors += measured.errors;
        return 0;
}

/* When B could not be measured, is A any better? If not, its error is the one to tell. */
static void blame(Bench *b, size_t block, Error *err)
{
        Error why = { 0 };
        int r = interrupted() ? 0 : run_side(b, SIDE_A, block, &why);

        b->side = r < 0 ? SIDE_A : SIDE_B;
        if (r < 0 && err)
                *err = why;
}

static int measure_side(void *context, size_t side, size_t block, Error *err)
{
        Bench *b = context;
        int r = run_side(b, (int)side, block, err);

        if (r < 0 && side == SIDE_B)
                blame(b, block, err);
        return r;
}

static void show_block(void *context, size_t block, uint64_t elapsed_ns)
{
        Bench *b = context;

        (void)elapsed_ns;
        progress_show(b->plan->progress, "%s: block %zu of %zu", b->plan->what, block + 1,
                      b->plan->pairs);
}

static int run_blocks(Bench *b, Error *err)
{
        BlockPlan blocks = { .n_sides = N_SIDES,
                             .min_blocks = b->plan->pairs,
                             .max_blocks = b->plan->pairs,
                             .seed = b->plan->seed,
                             .os = b->plan->os,
                             .measure = measure_side,
                             .progress = show_block,
                             .context = b };
        BlockResult result;
        int r = blocks_run(&blocks, b->arena, &result, err);

        return r == 0 && result.stop == BLOCKS_INTERRUPTED ? fail_interrupted(err) : r;
}

static BlockRow *rows_of(Bench *b)
{
        BlockRow *rows = new (b->arena, BlockRow, b->n_rows);

        for (size_t i = 0; i < b->n_rows; i++)
                rows[i] = (BlockRow){ .metric = METRIC_LATENCY_P50,
                                      .a = value_at(b, SIDE_A, i, 0),
                                      .b = value_at(b, SIDE_B, i, 0) };
        for (size_t i = 0; i < b->n_requests; i++)
                rows[i].subject = request_title(&b->plan->config->workload.requests[i], b->arena);
        rows[b->n_requests].metric = METRIC_MEMORY;
        return rows;
}

static double error_rate(const Bench *b, int side)
{
        const ServiceBlock *total = &b->total[side];

        return total->requests ? (double)total->errors / (double)total->requests : NAN;
}

int trial_run(const TrialPlan *plan, Arena *arena, Trial *ret, bool *ret_b_failed, Error *err)
{
        const LoopConfig *loop = &plan->config->loop;
        Bench b = { .plan = plan,
                    .arena = arena,
                    .n_requests = plan->config->workload.n_requests,
                    .n_rows = plan->config->workload.n_requests + 1 };
        ComparePlan compare = { .alpha = loop->alpha,
                                .tolerance = loop->tolerance,
                                .min_effect = loop->min_effect,
                                .paired = true };
        Trial trial = { .n_blocks = plan->pairs, .n_rows = b.n_rows, .seed = plan->seed };
        NoiseWatch *watch = noise_begin(0, arena);
        int r;

        b.latencies = new (arena, double, b.n_requests);
        for (int side = 0; side < N_SIDES; side++)
                b.values[side] = new (arena, double, b.n_rows * plan->pairs);
        r = run_blocks(&b, err);
        progress_clear(plan->progress);
        trial.noise = noise_end(watch, arena);
        if (r < 0 && ret_b_failed)
                *ret_b_failed = b.side == SIDE_B;
        if (r < 0)
                return r;
        trial.rows = rows_of(&b);
        trial.error_rate_a = error_rate(&b, SIDE_A);
        trial.error_rate_b = error_rate(&b, SIDE_B);
        r = compare_blocks(trial.rows, trial.n_rows, trial.n_blocks, &compare, arena,
                           &trial.comparison, err);
        if (r == 0)
                *ret = trial;
        return r;
}
