#include "process/trial.h"

#include <math.h>
#include <string.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "instrument/system/system.h"
#include "process/service.h"
#include "stats/rng.h"

#define WINDOW_ATTEMPTS 3
#define WINDOW_GROWTH 4

enum { SIDE_A, SIDE_B, N_SIDES };

/* A trial in progress: values[row][side][block], one row per request and one for memory. */
typedef struct Bench {
        const TrialPlan *plan;
        Arena *arena;
        double *values[N_SIDES]; /* n_rows x pairs */
        uint64_t requests[N_SIDES], errors[N_SIDES];
        size_t n_requests, n_rows;
        int side; /* being measured */
} Bench;

static double *value_at(Bench *b, int side, size_t row, size_t block)
{
        return &b->values[side][row * b->plan->pairs + block];
}

/* Requests that failed, in the load generator's words; empty: none did. */
static Span failure_of(const Recording *rec)
{
        vec_each (Note, note, &rec->notes)
                if (note->kind == NOTE_ERROR_KIND)
                        return note->text;
        return SPAN("");
}

static int fail_no_answer(const LoadRequest *request, Span failure, Error *err)
{
        if (failure.len)
                return fail(err, ERR_FAILED, "no answer from %.*s (%.*s)", SPAN_ARG(request->url),
                            SPAN_ARG(failure));
        fail(err, ERR_TIMEOUT, "no answer from %.*s within the window", SPAN_ARG(request->url));
        return fail_hint(err, "give it more time: 'window' under 'workload' in hone.yaml");
}

static void count_failed(Bench *b, const Recording *rec)
{
        const MetricValue *failed = recording_find(rec, METRIC_ERROR_RATE, SPAN(""));

        if (!failed)
                return;
        b->requests[b->side] += failed->n;
        b->errors[b->side] += (uint64_t)llround(failed->value * (double)failed->n);
}

/* One request of the workload alone, for one window. */
static int drive_for(Bench *b, const LoadRequest *request, uint64_t window_ns, Arena *scratch,
                     Recording **ret, Error *err)
{
        const WorkloadConfig *w = &b->plan->config->workload;
        LoadPlan load = { .requests = request,
                          .n_requests = 1,
                          .connections = (unsigned)w->connections,
                          .threads = 1,
                          .duration_ns = window_ns,
                          .warmup_ns = w->warmup_ns,
                          .timeout_ns = w->timeout_ns };
        Target target = { .kind = TARGET_URL, .text = request->url };
        void *state;
        int r = load_instrument.start(&target, &load, scratch, &state, err);

        if (r < 0)
                return r;
        while (!interrupted() && !load_instrument.wait(state, 50 * NS_PER_MS))
                ;
        r = load_instrument.stop(state, scratch, ret, err);
        return r == 0 && interrupted() ? fail_interrupted(err) : r;
}

/* Keeps the median latency of one request. A window without an answer is repeated and longer: the
 * machine may have stood still, or an answer takes more than a window. */
static int drive(Bench *b, size_t block, size_t row, const LoadRequest *request, Arena *scratch,
                 Error *err)
{
        uint64_t window_ns = b->plan->config->workload.window_ns;
        Span failure = { 0 };

        for (int i = 0; i < WINDOW_ATTEMPTS && !failure.len; i++, window_ns *= WINDOW_GROWTH) {
                Recording *rec;
                double p50;
                int r = drive_for(b, request, window_ns, scratch, &rec, err);

                if (r < 0)
                        return r;
                p50 = recording_get(rec, METRIC_LATENCY_P50, SPAN(""));
                if (isfinite(p50)) {
                        *value_at(b, b->side, row, block) = p50;
                        count_failed(b, rec);
                        return 0;
                }
                failure = failure_of(rec);
        }
        return fail_no_answer(request, failure, err);
}

/* Every request alone; that the service ended is told before what the requests made of it. */
static int drive_all(Bench *b, size_t block, Service *service, Arena *scratch, Error *err)
{
        LoadRequest *requests = service_requests(b->plan->config, service->port, scratch);
        int r = 0, ended;

        for (size_t i = 0; r == 0 && i < b->n_requests; i++)
                r = drive(b, block, i, &requests[i], scratch, err);
        if (interrupted())
                return fail_interrupted(err);
        *value_at(b, b->side, b->n_requests, block) = (double)service_peak_rss(service);
        ended = service_check(service, scratch, err);
        return ended < 0 ? ended : r;
}

static int run_side(Bench *b, int side, size_t block, Error *err)
{
        const TrialPlan *plan = b->plan;
        const char *dir = side == SIDE_A ? plan->dir_a : plan->dir_b;
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        const char *log = path_join(scratch, plan->log_dir,
                                    side == SIDE_A ? "service-a.log" : "service-b.log");
        Service service;
        int r;

        b->side = side;
        r = service_start(plan->config, dir, log, scratch, &service, err);
        if (r < 0)
                return r;
        r = drive_all(b, block, &service, scratch, err);
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

/* When B could not be measured, is A any better? If not, its error is the one to tell. */
static void blame(Bench *b, size_t block, Error *err)
{
        Error why = { 0 };
        int r = interrupted() ? 0 : run_side(b, SIDE_A, block, &why);

        b->side = r < 0 ? SIDE_A : SIDE_B;
        if (r < 0 && err)
                *err = why;
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
                if (r < 0 && b->side == SIDE_B)
                        blame(b, block, err);
                if (r < 0)
                        return r;
        }
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
