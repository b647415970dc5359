#include "process/trial.h"

#include <math.h>
#include <string.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "instrument/system/system.h"
#include "process/service.h"
#include "stats/rng.h"

enum { SIDE_A, SIDE_B, N_SIDES };

/* A trial in progress: values[row][side][block], one row per request and one for memory. */
typedef struct Bench {
        const TrialPlan *plan;
        Arena *arena;
        double *values[N_SIDES]; /* n_rows x pairs */
        uint64_t requests[N_SIDES], errors[N_SIDES];
        size_t n_requests, n_rows;
} Bench;

static double *value_at(Bench *b, int side, size_t row, size_t block)
{
        return &b->values[side][row * b->plan->pairs + block];
}

/* Drives one request of the workload alone and keeps its median latency. */
static int drive(Bench *b, int side, size_t block, size_t row, const LoadRequest *request,
                 Arena *scratch, Error *err)
{
        const WorkloadConfig *w = &b->plan->config->workload;
        LoadPlan load = { .requests = request,
                          .n_requests = 1,
                          .connections = (unsigned)w->connections,
                          .threads = 1,
                          .duration_ns = w->window_ns,
                          .warmup_ns = w->warmup_ns,
                          .timeout_ns = w->timeout_ns };
        Target target = { .kind = TARGET_URL, .text = request->url };
        Recording *rec;
        double n, errors;
        void *state;
        int r = load_instrument.start(&target, &load, scratch, &state, err);

        if (r < 0)
                return r;
        while (!interrupted() && !load_instrument.wait(state, 50 * NS_PER_MS))
                ;
        r = load_instrument.stop(state, scratch, &rec, err);
        if (r < 0)
                return r;
        if (interrupted())
                return fail_interrupted(err);
        *value_at(b, side, row, block) = recording_get(rec, METRIC_LATENCY_P50, SPAN(""));
        n = recording_get(rec, METRIC_REQUESTS, SPAN(""));
        errors = recording_get(rec, METRIC_ERROR_RATE, SPAN(""));
        b->requests[side] += n > 0 ? (uint64_t)n : 0;
        b->errors[side] += n > 0 && errors > 0 ? (uint64_t)llround(n * errors) : 0;
        return 0;
}

static int run_side(Bench *b, int side, size_t block, Error *err)
{
        const TrialPlan *plan = b->plan;
        const char *dir = side == SIDE_A ? plan->dir_a : plan->dir_b;
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        const char *log = path_join(scratch, plan->log_dir,
                                    side == SIDE_A ? "service-a.log" : "service-b.log");
        LoadRequest *requests;
        Service service;
        int r = service_start(plan->config, dir, log, scratch, &service, err);

        if (r < 0)
                return r;
        requests = service_requests(plan->config, service.port, scratch);
        for (size_t i = 0; r == 0 && i < b->n_requests; i++)
                r = drive(b, side, block, i, &requests[i], scratch, err);
        *value_at(b, side, b->n_requests, block) = (double)service_peak_rss(&service);
        service_stop(&service);
        return r < 0 ? fail_while(err, "measuring block %zu", block + 1) : 0;
}

/* As many AB as BA blocks (one more of a kind when odd), in random order. */
static uint8_t *block_orders(const TrialPlan *plan, Arena *arena)
{
        uint8_t *swapped = new (arena, uint8_t, plan->pairs);
        Rng rng = rng_from_seed(plan->seed);

        for (size_t i = 0; i < plan->pairs; i++)
                swapped[i] = i % 2;
        rng_shuffle(&rng, swapped, plan->pairs, sizeof(*swapped));
        return swapped;
}

static int run_blocks(Bench *b, Error *err)
{
        uint8_t *swapped = block_orders(b->plan, b->arena);

        for (size_t block = 0; block < b->plan->pairs; block++) {
                int first = swapped[block] ? SIDE_B : SIDE_A, r;

                progress_show(b->plan->progress, "%s: block %zu of %zu", b->plan->what, block + 1,
                              b->plan->pairs);
                r = run_side(b, first, block, err);
                if (r == 0)
                        r = run_side(b, !first, block, err);
                if (r < 0)
                        return r;
        }
        progress_clear(b->plan->progress);
        return 0;
}

static Span request_name(const LoadRequest *request, Arena *arena)
{
        const char *method = request->method.len ? span_text(arena, request->method) : "GET";

        if (request->name.len)
                return request->name;
        return span_of(arena_printf(arena, "%s %.*s", method, SPAN_ARG(request->url)));
}

static BlockRow *rows_of(Bench *b)
{
        BlockRow *rows = new (b->arena, BlockRow, b->n_rows);

        for (size_t i = 0; i < b->n_rows; i++)
                rows[i] = (BlockRow){ .metric = METRIC_LATENCY_P50,
                                      .a = value_at(b, SIDE_A, i, 0),
                                      .b = value_at(b, SIDE_B, i, 0) };
        for (size_t i = 0; i < b->n_requests; i++)
                rows[i].subject = request_name(&b->plan->config->workload.requests[i], b->arena);
        rows[b->n_requests].metric = METRIC_MEMORY;
        return rows;
}

static double error_rate(const Bench *b, int side)
{
        return b->requests[side] ? (double)b->errors[side] / (double)b->requests[side] : NAN;
}

int trial_run(const TrialPlan *plan, Arena *arena, Trial *ret, Error *err)
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

        for (int side = 0; side < N_SIDES; side++)
                b.values[side] = new (arena, double, b.n_rows * plan->pairs);
        r = run_blocks(&b, err);
        progress_clear(plan->progress);
        trial.noise = noise_end(watch, arena);
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
