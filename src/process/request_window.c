#include "process/request_window.h"

#include <math.h>

#include "base/interrupt.h"

#define WINDOW_ATTEMPTS 3
#define WINDOW_GROWTH 4

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

static int drive(const WorkloadConfig *w, const LoadRequest *request, uint64_t window_ns,
                 Arena *scratch, Recording **ret, Error *err)
{
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

static RequestWindow window_of(const Recording *rec, double latency_p50_ns)
{
        const MetricValue *failed = recording_find(rec, METRIC_ERROR_RATE, SPAN(""));
        RequestWindow window = { .latency_p50_ns = latency_p50_ns };

        if (failed) {
                window.requests = failed->n;
                window.errors = (uint64_t)llround(failed->value * (double)failed->n);
        }
        return window;
}

int request_window(const WorkloadConfig *workload, const LoadRequest *request, Arena *scratch,
                   RequestWindow *ret, Error *err)
{
        uint64_t window_ns = workload->window_ns;
        Span failure = { 0 };

        for (int i = 0; i < WINDOW_ATTEMPTS && !failure.len; i++, window_ns *= WINDOW_GROWTH) {
                Recording *rec;
                double p50;
                int r = drive(workload, request, window_ns, scratch, &rec, err);

                if (r < 0)
                        return r;
                p50 = recording_get(rec, METRIC_LATENCY_P50, SPAN(""));
                if (isfinite(p50)) {
                        *ret = window_of(rec, p50);
                        return 0;
                }
                failure = failure_of(rec);
        }
        return fail_no_answer(request, failure, err);
}

Span request_title(const LoadRequest *request, Arena *arena)
{
        const char *method = request->method.len ? span_text(arena, request->method) : "GET";

        if (request->name.len)
                return request->name;
        return span_of(arena_printf(arena, "%s %.*s", method, SPAN_ARG(request->url)));
}
