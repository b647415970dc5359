#include "load_run.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* Servers that misbehave: every kind of failure is counted by its name, and nothing hangs. */

static Recording *run_against(Arena *arena, const ServerPlan *server, LoadPlan plan)
{
        TestServer *s = test_server(server);
        Recording *rec;

        plan.connections = plan.connections ? plan.connections : 2;
        plan.max_requests = plan.max_requests || plan.duration_ns ? plan.max_requests : 6;
        rec = load_run_url(arena, test_server_url(s, arena, "/"), plan);
        test_server_stop(s);
        return rec;
}

static void every_request_fails(const ServerPlan *server, const char *kind, LoadPlan plan)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(arena, server, plan);

        if (noted_errors(rec, kind) != 6) {
                vec_each (Note, note, &rec->notes)
                        print_message("# %.*s\n", SPAN_ARG(note->text));
                fail_msg("not 6 of '%s'", kind);
        }
        assert_near(total_of(rec, METRIC_REQUESTS), 0, 0);
        assert_near(total_of(rec, METRIC_ERROR_NETWORK), 1, 0);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 1, 0);
        assert_true(has_note(rec, NOTE_WARNING, "no request was answered"));
}

TEST(load_counts_connections_closed_before_the_answer)
{
        every_request_fails(&(ServerPlan){ .close_after = true },
                            "connection closed before the answer", (LoadPlan){ 0 });
}

TEST(load_counts_half_closed_peers)
{
        every_request_fails(&(ServerPlan){ .half_close = true },
                            "connection closed before the answer", (LoadPlan){ 0 });
}

TEST(load_counts_resets)
{
        every_request_fails(&(ServerPlan){ .reset_after = true }, "connection reset",
                            (LoadPlan){ 0 });
}

TEST(load_counts_short_bodies)
{
        every_request_fails(
                &(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour",
                               .close_after = true },
                "connection closed inside the answer", (LoadPlan){ 0 });
}

TEST(load_counts_garbage)
{
        every_request_fails(&(ServerPlan){ .reply = "SSH-2.0-OpenSSH_9.2\r\n" },
                            "answer is not HTTP", (LoadPlan){ 0 });
}

TEST(load_counts_malformed_headers)
{
        every_request_fails(&(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\nno colon\r\n\r\n" },
                            "answer headers are malformed or too large", (LoadPlan){ 0 });
}

TEST(load_counts_oversized_headers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf reply = buf_in(arena, KiB(128));

        buf_text(&reply, "HTTP/1.1 200 OK\r\nX: ");
        buf_repeat(&reply, 'x', KiB(70));
        every_request_fails(&(ServerPlan){ .reply = reply.ptr },
                            "answer headers are malformed or too large", (LoadPlan){ 0 });
}

TEST(load_counts_malformed_chunks)
{
        every_request_fails(
                &(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        "zz\r\n" },
                "malformed chunked body", (LoadPlan){ 0 });
}

TEST(load_counts_bodies_over_the_limit)
{
        every_request_fails(
                &(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" },
                "answer larger than the limit", (LoadPlan){ .max_body_bytes = 1999 });
        every_request_fails(
                &(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\n\r\n0123456789", .close_after = true },
                "answer larger than the limit", (LoadPlan){ .max_body_bytes = 9 });
}

TEST(load_counts_timeouts_with_the_time_they_waited)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(arena, &(ServerPlan){ .reply = NULL },
                                     (LoadPlan){ .timeout_ns = 60 * NS_PER_MS });
        const Hist *latency = recording_find_distribution(rec, "latency", SPAN(""))->hist;

        assert_int_equal(noted_errors(rec, "request timed out"), 6);
        assert_int_equal(latency->total, 6);
        assert_true(latency->min >= 60 * NS_PER_MS);
}

TEST(load_times_out_answers_that_drip)
{
        every_request_fails(&(ServerPlan){ .reply = OK_REPLY, .piece = 1, .piece_ms = 50 },
                            "request timed out", (LoadPlan){ .timeout_ns = 120 * NS_PER_MS });
}

TEST(load_counts_refused_connections_and_backs_off)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        const char *url = arena_printf(arena, "http://127.0.0.1:%u/", (unsigned)test_free_port());
        Recording *rec = load_run_url(
                arena, url, (LoadPlan){ .connections = 2, .duration_ns = 700 * NS_PER_MS });
        uint64_t n = noted_errors(rec, "connection refused");

        /* Rests of 10, 20, 40 ... ms fit 7 times into 0.7 s, on two connections. */
        assert_true(n >= 4 && n <= 20);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 1, 0);
}

TEST(load_open_model_against_a_dead_port_fails_and_drops)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        const char *url = arena_printf(arena, "http://127.0.0.1:%u/", (unsigned)test_free_port());
        Recording *rec = load_run_url(
                arena, url,
                (LoadPlan){ .connections = 2, .rate_per_s = 200, .duration_ns = 500 * NS_PER_MS });
        uint64_t n = noted_errors(rec, "connection refused");

        assert_true(n >= 2 && n <= 20);
        assert_near(total_of(rec, METRIC_DROPPED) + (double)n, 100, 3);
}

TEST(load_counts_failed_name_lookups)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
        LoadRequest requests[] = { { .url = SPAN("http://no-such-host..invalid/") },
                                   { .url = span_of(test_server_url(s, arena, "/")) } };
        Recording *rec = load_run(arena, &(LoadPlan){ .requests = requests,
                                                      .n_requests = 2,
                                                      .connections = 1,
                                                      .max_requests = 10 });

        test_server_stop(s);
        assert_int_equal(noted_errors(rec, "name lookup failed"), 5);
        assert_true(has_note(rec, NOTE_WARNING, "cannot look up 'no-such-host..invalid'"));
        assert_near(total_of(rec, METRIC_REQUESTS), 5, 0);
}

/* A listener that never accepts, with its queue full: further handshakes are not answered. */
static int full_listener(uint16_t *ret_port, int *queued, size_t n)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t len = sizeof(a);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
        assert_int_equal(listen(fd, 0), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
        for (size_t i = 0; i < n; i++) {
                queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                connect(queued[i], (struct sockaddr *)&a, len);
        }
        *ret_port = ntohs(a.sin_port);
        return fd;
}

TEST(load_counts_connects_that_time_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        int queued[4];
        uint16_t port;
        int fd = full_listener(&port, queued, COUNT(queued));
        const char *url = arena_printf(arena, "http://127.0.0.1:%u/", (unsigned)port);
        Recording *rec = load_run_url(
                arena, url,
                (LoadPlan){ .connections = 1, .max_requests = 2, .timeout_ns = 100 * NS_PER_MS });

        for (size_t i = 0; i < COUNT(queued); i++)
                close(queued[i]);
        close(fd);
        assert_int_equal(noted_errors(rec, "connect timed out"), 2);
}

TEST(load_counts_connects_that_fail_otherwise)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        /* No TCP connection can be made to a broadcast address. */
        Recording *rec = load_run_url(arena, "http://255.255.255.255:81/",
                                      (LoadPlan){ .connections = 1, .max_requests = 3 });

        assert_int_equal(noted_errors(rec, "connect failed"), 3);
}

TEST(load_survives_a_server_that_drops_everybody)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec =
                run_against(arena, &(ServerPlan){ .close_on_accept = true },
                            (LoadPlan){ .connections = 2, .duration_ns = 500 * NS_PER_MS });
        double failed = (double)(noted_errors(rec, "connection closed before the answer") +
                                 noted_errors(rec, "connection reset"));

        /* Backed off: not one failure per round trip. */
        assert_true(failed >= 2 && failed <= 30);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 1, 0);
}

TEST(load_survives_a_server_that_resets_everybody)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec =
                run_against(arena, &(ServerPlan){ .reset_on_accept = true },
                            (LoadPlan){ .connections = 2, .duration_ns = 500 * NS_PER_MS });

        assert_near(total_of(rec, METRIC_ERROR_RATE), 1, 0);
        assert_near(total_of(rec, METRIC_REQUESTS), 0, 0);
}

typedef struct LateServer {
        ServerPlan plan;
        TestServer *server;
} LateServer;

static void *start_late(void *arg)
{
        LateServer *late = arg;

        usleep(150000);
        late->server = test_server(&late->plan);
        return NULL;
}

TEST(load_waits_for_a_server_that_is_not_there_yet)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        LateServer late = { .plan = { .reply = OK_REPLY, .port = test_free_port() } };
        const char *url = arena_printf(arena, "http://127.0.0.1:%u/", (unsigned)late.plan.port);
        Recording *rec;
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, start_late, &late), 0);
        rec = load_run_url(arena, url, (LoadPlan){ .connections = 2, .max_requests = 200 });
        pthread_join(thread, NULL);
        assert_non_null(late.server);
        test_server_stop(late.server);
        assert_true(noted_errors(rec, "connection refused") >= 2);
        assert_true(total_of(rec, METRIC_REQUESTS) > 100);
}

TEST(load_reconnects_after_announced_closes_without_errors)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec =
                run_against(arena,
                            &(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                                    "Content-Length: 2\r\n\r\nok",
                                           .close_after = true },
                            (LoadPlan){ .max_requests = 40 });

        assert_near(total_of(rec, METRIC_REQUESTS), 40, 0);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 0, 0);
}

TEST(load_takes_bodies_that_end_with_the_connection)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(
                arena,
                &(ServerPlan){ .reply = "HTTP/1.0 200 OK\r\n\r\nuntil close", .close_after = true },
                (LoadPlan){ .max_requests = 20 });

        assert_near(total_of(rec, METRIC_REQUESTS), 20, 0);
        assert_near(total_of(rec, METRIC_RESPONSE_SIZE), 11, 0);
}

TEST(load_reads_answers_that_come_in_pieces)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(
                arena,
                &(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        "5\r\nhello\r\n0\r\n\r\n",
                               .piece = 7,
                               .piece_ms = 1 },
                (LoadPlan){ .max_requests = 10 });

        assert_near(total_of(rec, METRIC_REQUESTS), 10, 0);
        assert_near(total_of(rec, METRIC_RESPONSE_SIZE), 5, 0);
        assert_true(total_of(rec, METRIC_TIME_TRANSFER) > 0);
}

static bool answer_large(TestServer *s UNUSED, int fd, Span head UNUSED)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Buf reply = buf_in(arena, MiB(4));

        buf_text(&reply, "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
        buf_repeat(&reply, 'x', 3000000);
        test_server_write(fd, reply.ptr);
        return true;
}

TEST(load_drops_large_bodies_but_counts_every_byte)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(arena, &(ServerPlan){ .answer = answer_large },
                                     (LoadPlan){ .max_requests = 8 });
        double received = total_of(rec, METRIC_BYTES_IN) * (double)rec->duration_ns / 1e9;

        assert_near(total_of(rec, METRIC_RESPONSE_SIZE), 3000000, 0);
        assert_near(received, 8 * 3000042.0, 8 * 10.0);
}

TEST(load_closes_connections_that_say_too_much)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(arena, &(ServerPlan){ .reply = OK_REPLY "more" },
                                     (LoadPlan){ .max_requests = 6 });

        assert_near(total_of(rec, METRIC_REQUESTS), 6, 0);
        assert_true(has_note(rec, NOTE_WARNING, "6 answers were followed by bytes"));
}

TEST(load_reopens_connections_that_were_closed_while_idle)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(arena, &(ServerPlan){ .reply = OK_REPLY, .idle_close_ms = 20 },
                                     (LoadPlan){ .rate_per_s = 10, .max_requests = 5 });

        assert_near(total_of(rec, METRIC_REQUESTS), 5, 0);
        assert_near(total_of(rec, METRIC_ERROR_RATE), 0, 0);
}

TEST(load_counts_interim_answers)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(
                arena, &(ServerPlan){ .reply = "HTTP/1.1 103 Early Hints\r\n\r\n" OK_REPLY },
                (LoadPlan){ 0 });

        assert_near(total_of(rec, METRIC_REQUESTS), 6, 0);
        assert_true(has_note(rec, NOTE_EXAMINED, "2xx 6, interim 1xx 6"));
}

TEST(load_counts_status_classes)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        Recording *rec = run_against(
                arena, &(ServerPlan){ .reply = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" },
                (LoadPlan){ 0 });

        assert_int_equal(noted_errors(rec, "HTTP 503"), 6);
        assert_near(total_of(rec, METRIC_ERROR_5XX), 1, 0);
        assert_near(total_of(rec, METRIC_ERROR_4XX), 0, 0);
        assert_near(total_of(rec, METRIC_ERROR_NETWORK), 0, 0);
        assert_near(total_of(rec, METRIC_REQUESTS), 6, 0);
        assert_false(isnan(total_of(rec, METRIC_LATENCY_P50)));
}

TEST(load_knows_that_head_has_no_body)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(
                &(ServerPlan){ .reply = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" });
        LoadRequest request = { .method = SPAN("HEAD"),
                                .url = span_of(test_server_url(s, arena, "/")) };
        Recording *rec = load_run(arena, &(LoadPlan){ .requests = &request,
                                                      .n_requests = 1,
                                                      .connections = 1,
                                                      .max_requests = 30 });

        assert_int_equal(test_server_accepted(s), 1);
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 30, 0);
        assert_near(total_of(rec, METRIC_RESPONSE_SIZE), 0, 0);
}
