#include "import/load_tally.h"
#include "import/import_int.h"

#include <inttypes.h>
#include <math.h>

#define MOST_ENDPOINTS 50
#define MOST_MOMENTS 100000000
#define MOST_STEPS 86400

typedef struct Endpoint {
        Span name;
        Hist *latency;
        uint64_t n, failed, client_errors, server_errors, unanswered;
} Endpoint;

/* A request on the time line. */
typedef struct Moment {
        uint32_t second; /* since 1970 */
        float latency_ns;
} Moment;

struct LoadTally {
        Import *in;
        Endpoint all, endpoints[MOST_ENDPOINTS];
        size_t n_endpoints;
        Endpoint *last;
        uint64_t n_other; /* requests of further endpoints */
        VEC(Moment) moments;
        uint64_t first_ns, last_ns;
        double bytes_in, bytes_out;
};

int load_tally_new(Import *in, LoadTally **ret, Error *err)
{
        LoadTally *tally = new_try(in->gathered, LoadTally, 1);

        if (!tally)
                return fail(err, ERR_LIMIT, "%s: no room", import_name(in));
        tally->in = in;
        tally->moments.ceiling = MOST_MOMENTS;
        *ret = tally;
        return hist_try(in->arena, HIST_LATENCY, &tally->all.latency, err);
}

static int new_endpoint(LoadTally *tally, Span name, Endpoint **ret, Error *err)
{
        Endpoint *endpoint = &tally->endpoints[tally->n_endpoints];
        char *copy = new_try(tally->in->gathered, char, name.len);

        if (!copy)
                return fail(err, ERR_LIMIT, "%s: no room", import_name(tally->in));
        memcpy(copy, name.ptr, name.len);
        endpoint->name = (Span){ copy, name.len };
        tally->n_endpoints++;
        *ret = endpoint;
        return hist_try(tally->in->arena, HIST_LATENCY, &endpoint->latency, err);
}

/* NULL in *ret: not told apart, or one of too many. */
static int find_endpoint(LoadTally *tally, Span name, Endpoint **ret, Error *err)
{
        *ret = NULL;
        if (name.len == 0)
                return 0;
        if (tally->last && span_eq(tally->last->name, name)) {
                *ret = tally->last;
                return 0;
        }
        for (size_t i = 0; i < tally->n_endpoints; i++)
                if (span_eq(tally->endpoints[i].name, name)) {
                        *ret = &tally->endpoints[i];
                        return 0;
                }
        if (tally->n_endpoints < MOST_ENDPOINTS)
                return new_endpoint(tally, name, ret, err);
        tally->n_other++;
        return 0;
}

static void count(Endpoint *endpoint, const LoadRequestSeen *seen)
{
        endpoint->n++;
        endpoint->failed += seen->failed;
        endpoint->client_errors += seen->status >= 400 && seen->status < 500;
        endpoint->server_errors += seen->status >= 500;
        endpoint->unanswered += seen->failed && seen->status == 0;
        hist_record_n(endpoint->latency, (uint64_t)fmin(seen->latency_ns, 1e18), 1);
}

void load_tally_time(LoadTally *tally, uint64_t at_ns)
{
        if (tally->first_ns == 0 || at_ns < tally->first_ns)
                tally->first_ns = at_ns;
        if (at_ns > tally->last_ns)
                tally->last_ns = at_ns;
}

void load_tally_bytes(LoadTally *tally, double in_bytes, double out_bytes)
{
        tally->bytes_in += in_bytes;
        tally->bytes_out += out_bytes;
}

int load_tally_request(LoadTally *tally, const LoadRequestSeen *seen, Error *err)
{
        Endpoint *endpoint;
        Moment *moment;
        int r;

        if (!isfinite(seen->latency_ns) || seen->latency_ns < 0)
                return import_fail(tally->in, err, seen->line, "a latency of %g ns",
                                   seen->latency_ns);
        r = find_endpoint(tally, seen->endpoint, &endpoint, err);
        if (r < 0)
                return r;
        count(&tally->all, seen);
        if (endpoint)
                count(endpoint, seen);
        tally->last = endpoint ? endpoint : tally->last;
        if (seen->at_ns == 0)
                return 0;
        load_tally_time(tally, seen->at_ns);
        moment = vec_add(tally->in->gathered, &tally->moments);
        if (moment)
                *moment = (Moment){ (uint32_t)(seen->at_ns / NS_PER_S), (float)seen->latency_ns };
        return 0;
}

/* --- the recording --- */

static void put_ratio(Recording *rec, MetricId metric, Span subject, uint64_t part, uint64_t n)
{
        recording_value(rec, metric, subject, (double)part / (double)n, n);
}

static void record_endpoint(LoadTally *tally, const Endpoint *e, double seconds)
{
        Recording *rec = tally->in->ret.recording;
        uint64_t answers = e->n - e->unanswered;

        recording_value(rec, METRIC_REQUESTS, e->name, (double)answers, 0);
        if (seconds > 0)
                recording_value(rec, METRIC_THROUGHPUT, e->name, (double)answers / seconds,
                                answers);
        put_ratio(rec, METRIC_ERROR_RATE, e->name, e->failed, e->n);
        put_ratio(rec, METRIC_ERROR_4XX, e->name, e->client_errors, e->n);
        put_ratio(rec, METRIC_ERROR_5XX, e->name, e->server_errors, e->n);
        put_ratio(rec, METRIC_ERROR_NETWORK, e->name, e->unanswered, e->n);
        import_latency(tally->in, e->name, e->latency);
}

static int by_latency(const void *a, const void *b)
{
        float x = *(const float *)a, y = *(const float *)b;

        return (x > y) - (x < y);
}

/* The requests sorted by second, and within each by latency. */
static bool bucket(const LoadTally *tally, size_t n_steps, uint32_t **ret_ends, float **ret_sorted)
{
        Arena *arena = tally->in->gathered;
        uint32_t base = (uint32_t)(tally->first_ns / NS_PER_S), start = 0;
        uint32_t *ends = new_try(arena, uint32_t, n_steps);
        float *sorted = new_try(arena, float, tally->moments.len);

        if (!ends || !sorted)
                return false;
        vec_each (Moment, m, &tally->moments)
                ends[m->second - base]++;
        for (size_t i = 0; i < n_steps; i++) {
                uint32_t n = ends[i];

                ends[i] = start; /* where the next one goes: at last, where they end */
                start += n;
        }
        vec_each (Moment, m, &tally->moments)
                sorted[ends[m->second - base]++] = m->latency_ns;
        for (size_t i = 0; i < n_steps; i++) {
                uint32_t first = i ? ends[i - 1] : 0;

                qsort(sorted + first, ends[i] - first, sizeof(*sorted), by_latency);
        }
        *ret_ends = ends;
        *ret_sorted = sorted;
        return true;
}

/* Requests and their p99 of every second. */
static void record_series(LoadTally *tally)
{
        Recording *rec = tally->in->ret.recording;
        size_t n = (size_t)(tally->last_ns / NS_PER_S - tally->first_ns / NS_PER_S) + 1;
        double *rates, *p99;
        uint32_t *ends;
        float *sorted;

        if (tally->moments.len == 0 || n < 2 || n > MOST_STEPS || !bucket(tally, n, &ends, &sorted))
                return;
        rates = new_try(tally->in->gathered, double, n);
        p99 = new_try(tally->in->gathered, double, n);
        if (!rates || !p99)
                return;
        for (size_t i = 0; i < n; i++) {
                uint32_t first = i ? ends[i - 1] : 0, len = ends[i] - first;

                rates[i] = len;
                p99[i] = len ? (double)sorted[first + (uint32_t)nearest_rank(len, 0.99) - 1]
                             : (double)NAN;
        }
        recording_series(rec, METRIC_THROUGHPUT, SPAN(""), 0, NS_PER_S, rates, n);
        recording_series(rec, METRIC_LATENCY_P99, SPAN(""), 0, NS_PER_S, p99, n);
}

int load_tally_record(LoadTally *tally, Error *err)
{
        Recording *rec = tally->in->ret.recording;
        uint64_t window_ns = tally->last_ns - tally->first_ns;
        double seconds = (double)window_ns / 1e9;

        if (tally->all.n == 0)
                return 0;
        rec->wall_ns = tally->first_ns;
        rec->duration_ns = window_ns;
        record_endpoint(tally, &tally->all, seconds);
        if (seconds > 0 && tally->bytes_in + tally->bytes_out > 0) {
                recording_value(rec, METRIC_BYTES_IN, SPAN(""), tally->bytes_in / seconds, 0);
                recording_value(rec, METRIC_BYTES_OUT, SPAN(""), tally->bytes_out / seconds, 0);
        }
        for (size_t i = 0; tally->n_endpoints > 1 && i < tally->n_endpoints; i++)
                record_endpoint(tally, &tally->endpoints[i], seconds);
        record_series(tally);
        if (tally->n_other)
                import_warns(tally->in,
                             "%" PRIu64 " requests of further endpoints count in the whole only",
                             tally->n_other);
        return rec->overflowed ? fail(err, ERR_LIMIT, "%s: more results than a run can hold",
                                      import_name(tally->in))
                               : 0;
}
