#include "load_run.h"

static bool answer_redirecting(TestServer *s, int fd, Span head)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Span path;

        (void)span_next_word(&head, &path);
        (void)span_next_word(&head, &path);
        if (span_is(path, "/start"))
                test_server_write(fd, "HTTP/1.1 302 Found\r\nLocation: ../middle?x=1\r\n"
                                      "Content-Length: 3\r\n\r\nbye");
        else if (span_is(path, "/middle?x=1"))
                test_server_write(fd, arena_printf(arena,
                                                   "HTTP/1.1 307 Go\r\nLocation: %s\r\n"
                                                   "Connection: close\r\n\r\n",
                                                   test_server_url(s, arena, "/end")));
        else if (span_is(path, "/loop"))
                test_server_write(fd, "HTTP/1.1 301 Loop\r\nLocation: /loop\r\n"
                                      "Content-Length: 0\r\n\r\n");
        else if (span_is(path, "/tls"))
                test_server_write(fd, "HTTP/1.1 301 Secure\r\nLocation: https://127.0.0.1/\r\n"
                                      "Content-Length: 0\r\n\r\n");
        else if (span_is(path, "/bad"))
                test_server_write(fd, "HTTP/1.1 301 Bad\r\nLocation: http://:/\r\n"
                                      "Content-Length: 0\r\n\r\n");
        else if (span_is(path, "/nowhere"))
                test_server_write(fd, "HTTP/1.1 302 Nowhere\r\nContent-Length: 0\r\n\r\n");
        else
                test_server_write(fd, OK_REPLY);
        return !span_is(path, "/middle?x=1");
}

static Recording *run_redirects(Arena *arena, TestServer *s, const char *method, const char *path,
                                unsigned max_redirects)
{
        LoadRequest request = { .method = span_of(method),
                                .url = span_of(test_server_url(s, arena, path)),
                                .body = SPAN("") };

        if (strcmp(method, "POST") == 0)
                request.body = SPAN("payload");
        return load_run(arena, &(LoadPlan){ .requests = &request,
                                            .n_requests = 1,
                                            .connections = 2,
                                            .max_requests = 6,
                                            .max_redirects = max_redirects });
}

TEST(load_follows_redirects_to_their_end)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .answer = answer_redirecting });
        Recording *rec = run_redirects(arena, s, "POST", "/start", 5);

        assert_int_equal(test_server_count(s, "/start"), 6);
        assert_int_equal(test_server_count(s, "/middle?x=1"), 6);
        assert_int_equal(test_server_count(s, "/end"), 6);
        /* 302 turned the POST into a GET without a body. */
        assert_true(span_starts(test_server_last(s, arena), "GET /end HTTP/1.1\r\n"));
        assert_false(span_contains(test_server_last(s, arena), "payload"));
        test_server_stop(s);
        assert_near(total_of(rec, METRIC_REQUESTS), 6, 0);
        assert_true(has_note(rec, NOTE_EXAMINED, "2xx 6"));
        assert_near(total_of(rec, METRIC_ERROR_RATE), 0, 0);
}

typedef struct RedirectCase {
        const char *path;
        unsigned max_redirects;
        uint64_t errors; /* of 6: "too many redirects or a bad one" */
        unsigned seen;   /* requests at the server */
} RedirectCase;

TEST(load_counts_redirects_it_does_not_follow)
{
        static const RedirectCase cases[] = {
                { "/start", 0, 0, 6 }, { "/start", 1, 6, 12 }, { "/loop", 3, 6, 24 },
                { "/tls", 5, 0, 6 },   { "/bad", 5, 6, 6 },    { "/nowhere", 5, 0, 6 },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
                TestServer *s = test_server(&(ServerPlan){ .answer = answer_redirecting });
                Recording *rec =
                        run_redirects(arena, s, "GET", cases[i].path, cases[i].max_redirects);

                assert_int_equal(test_server_requests(s), cases[i].seen);
                test_server_stop(s);
                assert_int_equal(noted_errors(rec, "too many redirects or a bad one"),
                                 cases[i].errors);
                assert_near(total_of(rec, METRIC_REQUESTS), 6.0 - (double)cases[i].errors, 0);
                assert_int_equal(has_note(rec, NOTE_EXAMINED, "3xx 6"), cases[i].errors == 0);
        }
}

TEST(load_says_which_redirects_left_the_plan)
{
        AUTO(arena_freep) Arena *arena = arena_new(TEST_ARENA);
        TestServer *s = test_server(&(ServerPlan){ .answer = answer_redirecting });
        Recording *rec = run_redirects(arena, s, "GET", "/tls", 5);

        test_server_stop(s);
        assert_true(has_note(rec, NOTE_NOT_EXAMINED, "6 redirects to hosts outside the plan"));
}
