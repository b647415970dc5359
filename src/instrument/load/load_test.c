#include "load_run.h"

#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

/* What a sound server shows: counts, window, series, mix, models, ends. */

static uint64_t process_cpu_ns(void)
{
        struct rusage u;

        getrusage(RUSAGE_SELF, &u);
        return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
               (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * NS_PER_US;
}

TEST(load_counts_exactly_what_the_server_answered)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        Recording *rec = load_run_url(arena, test_server_url(s, arena, "/a"),
                                      (LoadPlan){ .connections = 3, .max_requests = 500 });

        assert_int_equal(test_server_requests(s), 500);
        assert_int_equal(test_server_accepted(s), 3);
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 500, 0);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 0, 0);
        assert_near(total_of(rec, METRIC_RESPONSE_SIZE), 2, 0);
        assert_int_equal(recording_find_distribution(rec, "latency", SPAN(""))->hist->total, 500);
        assert_int_equal(recording_find_distribution(rec, "connect", SPAN(""))->hist->total, 3);
        assert_int_equal(recording_find_distribution(rec, "dns", SPAN(""))->hist->total, 1);
        assert_true(has_note(rec, NOTE_EXAMINED, "2xx 500"));
        assert_true(isnan(recording_get(rec, METRIC_REQUESTS, SPAN("GET /a"))));
}

TEST(load_splits_requests_and_connections_among_threads)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        Recording *rec =
                load_run_url(arena, test_server_url(s, arena, "/"),
                             (LoadPlan){ .connections = 7, .threads = 3, .max_requests = 1001 });

        assert_int_equal(test_server_requests(s), 1001);
        assert_int_equal(test_server_accepted(s), 7);
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 1001, 0);
}

TEST(load_has_intervals_phases_and_its_own_cost)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        Recording *rec = load_run_url(arena, test_server_url(s, arena, "/"),
                                      (LoadPlan){ .connections = 2, .max_requests = 2000 });
        const MetricValue *p99 = recording_find(rec, METRIC_LATENCY_P99, SPAN(""));

        test_server_stop(s);
        assert_true(p99->low <= p99->value && p99->value <= p99->high);
        assert_int_equal(p99->n, 2000);
        assert_true(total_of(rec, METRIC_LATENCY_MIN) <= total_of(rec, METRIC_LATENCY_P50));
        assert_true(total_of(rec, METRIC_LATENCY_P999) <= total_of(rec, METRIC_LATENCY_MAX));
        assert_true(total_of(rec, METRIC_TIME_TTFB) > 0);
        assert_true(total_of(rec, METRIC_TIME_CONNECT) > 0);
        assert_true(total_of(rec, METRIC_LOAD_CPU) > 0);
        assert_true(total_of(rec, METRIC_BYTES_IN) > 0);
        assert_true(total_of(rec, METRIC_BYTES_OUT) > 0);
}

TEST(load_says_when_p99_has_too_few_samples)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        Recording *rec = load_run_url(arena, test_server_url(s, arena, "/"),
                                      (LoadPlan){ .connections = 1, .max_requests = 50 });

        test_server_stop(s);
        assert_true(has_note(rec, NOTE_WARNING, "too few for p99"));
        assert_true(isnan(recording_find(rec, METRIC_LATENCY_P99, SPAN(""))->high));
}

TEST(load_leaves_the_warm_up_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY, .delay_ms = 10 });
        Recording *rec = load_run_url(arena, test_server_url(s, arena, "/"),
                                      (LoadPlan){ .connections = 2,
                                                  .warmup_ns = 400 * NS_PER_MS,
                                                  .duration_ns = 400 * NS_PER_MS });
        unsigned seen = test_server_requests(s);

        test_server_stop(s);
        assert_true(total_of(rec, METRIC_REQUESTS) >= 1);
        assert_true(total_of(rec, METRIC_REQUESTS) < seen);
        assert_int_equal(rec->duration_ns, 400 * NS_PER_MS);
        assert_near(total_of(rec, METRIC_THROUGHPUT), total_of(rec, METRIC_REQUESTS) / 0.4, 1e-6);
}

TEST(load_ends_after_exactly_its_requests_even_with_a_warm_up)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY, .delay_ms = 1 });
        Recording *rec = load_run_url(
                arena, test_server_url(s, arena, "/"),
                (LoadPlan){ .connections = 8, .warmup_ns = 100 * NS_PER_MS, .max_requests = 100 });

        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 100, 0);
}

static double sum_of(const Series *series, double step_s)
{
        double sum = 0;

        for (size_t i = 0; i < series->len; i++)
                sum += isnan(series->values[i]) ? 0 : series->values[i] * step_s;
        return sum;
}

TEST(load_series_add_up_to_the_total)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        Recording *rec = load_run_url(
                arena, test_server_url(s, arena, "/"),
                (LoadPlan){ .connections = 4, .threads = 2, .duration_ns = 600 * NS_PER_MS });
        const Series *rate = recording_find_series(rec, METRIC_THROUGHPUT, SPAN(""));
        const Series *p50 = recording_find_series(rec, METRIC_LATENCY_P50, SPAN(""));
        const Series *p99 = recording_find_series(rec, METRIC_LATENCY_P99, SPAN(""));

        test_server_stop(s);
        assert_int_equal(rate->step_ns, 100 * NS_PER_MS);
        assert_int_equal(rate->len, 6);
        assert_int_equal(p50->len, 6);
        assert_int_equal(p99->len, 6);
        assert_non_null(recording_find_series(rec, METRIC_ERROR_RATE, SPAN("")));
        assert_near(sum_of(rate, 0.1), total_of(rec, METRIC_REQUESTS), 1e-6);
}

static bool answer_by_path(TestServer *s UNUSED, int fd, Span head)
{
        bool missing = span_contains(head, " /missing ");

        test_server_write(fd,
                          missing ? "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone" : OK_REPLY);
        return true;
}

TEST(load_mixes_by_weight_and_tells_endpoints_apart)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .answer = answer_by_path });
        LoadRequest requests[] = {
                { .name = SPAN("often"),
                  .url = span_of(test_server_url(s, arena, "/often")),
                  .weight = 7 },
                { .url = span_of(test_server_url(s, arena, "/missing?x")), .weight = 3 },
                { .url = span_of(test_server_url(s, arena, "/missing")), .weight = 2 },
        };
        Recording *rec = load_run(arena, &(LoadPlan){ .requests = requests,
                                                      .n_requests = 3,
                                                      .connections = 1,
                                                      .max_requests = 1200 });

        assert_int_equal(test_server_count(s, "/often"), 700);
        assert_int_equal(test_server_count(s, "/missing"), 200);
        test_server_stop(s);
        assert_near(recording_get(rec, METRIC_REQUESTS, SPAN("often")), 700, 0);
        assert_near(recording_get(rec, METRIC_REQUESTS, SPAN("GET /missing")), 300, 0);
        assert_near(recording_get(rec, METRIC_ERROR_4XX, SPAN("often")), 0, 0);
        assert_near(total_of(rec, METRIC_REQUESTS), 1200, 0);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 200.0 / 1200, 1e-9);
        assert_near(total_of(rec, METRIC_ERROR_4XX), 200.0 / 1200, 1e-9);
        assert_near(total_of(rec, METRIC_ERROR_5XX), 0, 0);
        assert_int_equal(noted_errors(rec, "HTTP 404"), 200);
        assert_non_null(recording_find_distribution(rec, "ttfb", SPAN("often")));
}

TEST(load_mix_reaches_several_hosts)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *a = test_server(&(ServerPlan){ .reply = OK_REPLY });
        TestServer *b = test_server(&(ServerPlan){ .reply = OK_REPLY });
        LoadRequest requests[] = { { .url = span_of(test_server_url(a, arena, "/")) },
                                   { .url = span_of(test_server_url(b, arena, "/")) } };
        Recording *rec = load_run(arena, &(LoadPlan){ .requests = requests,
                                                      .n_requests = 2,
                                                      .connections = 4,
                                                      .max_requests = 400 });

        assert_int_equal(test_server_requests(a), 200);
        assert_int_equal(test_server_requests(b), 200);
        assert_true(test_server_accepted(a) <= 4);
        test_server_stop(a);
        test_server_stop(b);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 0, 0);
}

TEST(load_without_keepalive_connects_for_every_request)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        Recording *rec = load_run_url(
                arena, test_server_url(s, arena, "/"),
                (LoadPlan){ .connections = 2, .max_requests = 60, .no_keepalive = true });

        assert_int_equal(test_server_accepted(s), 60);
        assert_true(span_contains(test_server_last(s, arena), "Connection: close\r\n"));
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 60, 0);
        assert_int_equal(recording_find_distribution(rec, "connect", SPAN(""))->hist->total, 60);
}

TEST(load_sends_bodies_larger_than_a_socket_takes)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        size_t size = KiB(70);
        char *body = new (arena, char, size);
        LoadRequest request = { .method = SPAN("PUT"),
                                .url = span_of(test_server_url(s, arena, "/")),
                                .body = { body, size } };
        Recording *rec;

        memset(body, 'b', size);
        rec = load_run(arena, &(LoadPlan){ .requests = &request,
                                           .n_requests = 1,
                                           .connections = 2,
                                           .max_requests = 20 });
        assert_int_equal(test_server_requests(s), 20);
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 20, 0);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 0, 0);
}

TEST(load_open_model_keeps_the_rate)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        Recording *rec = load_run_url(
                arena, test_server_url(s, arena, "/"),
                (LoadPlan){
                        .connections = 10, .threads = 2, .rate_per_s = 500, .max_requests = 400 });

        assert_int_equal(test_server_requests(s), 400);
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 400, 0);
        assert_near(total_of(rec, METRIC_DROPPED), 0, 0);
        /* 400 arrivals at 500/s take 0.8 s, and cannot take less. */
        assert_true(rec->duration_ns >= 790 * NS_PER_MS);
        assert_int_equal(recording_find_distribution(rec, "send_lag", SPAN(""))->hist->total, 400);
        assert_true(total_of(rec, METRIC_SEND_LAG_P99) >= 0);
}

/* One request stalls the only connection: all that were due meanwhile waited for it. */
static bool answer_stalling_once(TestServer *s, int fd, Span head UNUSED)
{
        if (test_server_requests(s) == 20)
                usleep(300000);
        test_server_write(fd, OK_REPLY);
        return true;
}

TEST(load_open_model_counts_latency_from_when_it_was_due)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .answer = answer_stalling_once });
        Recording *rec = load_run_url(
                arena, test_server_url(s, arena, "/"),
                (LoadPlan){ .connections = 1, .rate_per_s = 200, .max_requests = 100 });
        const Hist *latency = recording_find_distribution(rec, "latency", SPAN(""))->hist;
        const Hist *service = recording_find_distribution(rec, "service_time", SPAN(""))->hist;
        uint64_t over = latency->total - hist_count_at_most(latency, 100 * NS_PER_MS);

        test_server_stop(s);
        /* 300 ms at 200/s: arrivals in the first 200 ms of the stall waited over 100 ms. */
        assert_true(over >= 30);
        assert_true(service->total - hist_count_at_most(service, 250 * NS_PER_MS) <= 5);
        assert_true(service->max >= 300 * NS_PER_MS);
        assert_true(latency->max >= 300 * NS_PER_MS);
}

TEST(load_open_model_counts_what_it_could_not_send)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY, .delay_ms = 50 });
        Recording *rec = load_run_url(
                arena, test_server_url(s, arena, "/"),
                (LoadPlan){ .connections = 2, .rate_per_s = 1000, .duration_ns = 500 * NS_PER_MS });
        double sent = test_server_requests(s);

        test_server_stop(s);
        assert_near(total_of(rec, METRIC_DROPPED) + sent, 500, 2);
        assert_true(total_of(rec, METRIC_DROPPED) > 400);
        assert_true(has_note(rec, NOTE_NOT_EXAMINED, "in flight at the end"));
}

TEST(load_stopped_early_is_partial)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY, .delay_ms = 1 });
        LoadRequest request = { .url = span_of(test_server_url(s, arena, "/")) };
        LoadPlan plan = { .requests = &request, .n_requests = 1, .duration_ns = 60 * NS_PER_S };
        InstrumentProgress progress;
        Recording *rec;
        Error err = { 0 };
        void *running;

        assert_ok(load_instrument.start(NULL, &plan, arena, &running, &err), err);
        assert_false(load_instrument.wait(running, 300 * NS_PER_MS));
        load_instrument.progress(running, &progress);
        assert_int_equal(progress.planned_ns, 60 * NS_PER_S);
        assert_true(progress.elapsed_ns > 0 && progress.rate_per_s > 0);
        assert_ok(load_instrument.stop(running, arena, &rec, &err), err);
        test_server_stop(s);
        assert_true(rec->partial);
        assert_true(rec->duration_ns < 30 * NS_PER_S);
        assert_true(total_of(rec, METRIC_REQUESTS) > 0);
}

TEST(load_stopped_during_the_warm_up_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY, .delay_ms = 1 });
        LoadRequest request = { .url = span_of(test_server_url(s, arena, "/")) };
        LoadPlan plan = { .requests = &request,
                          .n_requests = 1,
                          .warmup_ns = 60 * NS_PER_S,
                          .duration_ns = NS_PER_S };
        Recording *rec;
        Error err = { 0 };
        void *running;

        assert_ok(load_instrument.start(NULL, &plan, arena, &running, &err), err);
        assert_false(load_instrument.wait(running, 50 * NS_PER_MS));
        assert_ok(load_instrument.stop(running, arena, &rec, &err), err);
        test_server_stop(s);
        assert_true(rec->partial);
        assert_int_equal(rec->duration_ns, 0);
        assert_true(has_note(rec, NOTE_WARNING, "warm-up"));
        assert_true(isnan(total_of(rec, METRIC_LATENCY_P50)));
}

TEST(load_without_an_end_runs_until_stopped)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY, .delay_ms = 1 });
        LoadRequest request = { .url = span_of(test_server_url(s, arena, "/")) };
        LoadPlan plan = { .requests = &request, .n_requests = 1 };
        Recording *rec;
        Error err = { 0 };
        void *running;

        assert_ok(load_instrument.start(NULL, &plan, arena, &running, &err), err);
        assert_false(load_instrument.wait(running, 100 * NS_PER_MS));
        assert_ok(load_instrument.stop(running, arena, &rec, &err), err);
        test_server_stop(s);
        assert_false(rec->partial);
        assert_true(total_of(rec, METRIC_REQUESTS) > 0);
}

TEST(load_speaks_ipv6)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY, .ipv6 = true });
        Recording *rec;

        if (!s)
                skip_because("no IPv6 loopback");
        rec = load_run_url(arena, test_server_url(s, arena, "/"),
                           (LoadPlan){ .connections = 2, .max_requests = 50 });
        assert_true(span_contains(test_server_last(s, arena), "Host: [::1]:"));
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 50, 0);
}

TEST(load_tries_every_address_of_a_name)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        const char *url =
                arena_printf(arena, "http://localhost:%u/", (unsigned)test_server_port(s));
        Recording *rec =
                load_run_url(arena, url, (LoadPlan){ .connections = 2, .max_requests = 20 });

        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 20, 0);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 0, 0);
}

TEST(load_idles_without_burning_the_cpu)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = NULL });
        uint64_t before_ns = process_cpu_ns();
        Recording *rec = load_run_url(arena, test_server_url(s, arena, "/"),
                                      (LoadPlan){ .connections = 4, .duration_ns = NS_PER_S });

        test_server_stop(s);
        assert_true(process_cpu_ns() - before_ns < NS_PER_S / 2);
        assert_true(has_note(rec, NOTE_WARNING, "no request ended in the window"));
        assert_true(has_note(rec, NOTE_NOT_EXAMINED, "4 in flight at the end"));
}

TEST(load_probe_names_its_tier_or_its_reason)
{
        Target url = { .kind = TARGET_URL, .text = SPAN("http://127.0.0.1/") };
        Target tls = { .kind = TARGET_URL, .text = SPAN("https://127.0.0.1/") };
        Target pid = { .kind = TARGET_PROCESS, .pid = 1 };
        const char *tier = NULL;
        Error err = { 0 };

        assert_ok(load_instrument.probe(&url, &tier, &err), err);
        assert_string_equal(tier, "epoll");
        assert_fails(load_instrument.probe(&tls, &tier, &err), err, ERR_UNAVAILABLE);
        assert_fails(load_instrument.probe(&pid, &tier, &err), err, ERR_UNAVAILABLE);
}

TEST(load_fails_at_start_when_the_plan_cannot_work)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        LoadRequest request = { .url = SPAN("https://127.0.0.1/") };
        LoadPlan plan = { .requests = &request, .n_requests = 1 };
        Error err = { 0 };
        void *running = NULL;

        assert_fails(load_instrument.start(NULL, &plan, arena, &running, &err), err,
                     ERR_UNAVAILABLE);
        assert_null(running);
}

TEST(load_result_that_does_not_fit_is_an_error)
{
        AUTO(arena_freep) Arena *plans = arena_new(TEST_ARENA);
        AUTO(arena_freep) Arena *small = arena_new(KiB(64));
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        LoadRequest request = { .url = span_of(test_server_url(s, plans, "/")) };
        LoadPlan plan = { .requests = &request, .n_requests = 1, .max_requests = 5 };
        Recording *rec = NULL;
        Error err = { 0 };
        void *running;

        assert_ok(load_instrument.start(NULL, &plan, plans, &running, &err), err);
        assert_true(load_instrument.wait(running, 30 * NS_PER_S));
        assert_fails(load_instrument.stop(running, small, &rec, &err), err, ERR_LIMIT);
        test_server_stop(s);
        assert_null(rec);
}
