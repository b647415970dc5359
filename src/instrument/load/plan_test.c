#include "harness.h"

#include "instrument/load/plan.h"
#include "instrument/load/plan_json.h"
#include "instrument/load/request.h"

#include "base/json.h"

static int set_up(Arena *arena, const LoadPlan *plan, LoadSetup **ret, Error *err)
{
        return load_setup_new(NULL, plan, arena, ret, err);
}

static LoadRequest get(const char *url)
{
        return (LoadRequest){ .url = span_of(url) };
}

TEST(plan_fills_in_defaults)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Target target = { .kind = TARGET_URL, .text = SPAN("http://127.0.0.1:9/x") };
        LoadPlan plan = { 0 };
        LoadSetup *setup;
        Error err = { 0 };

        assert_ok(load_setup_new(&target, &plan, arena, &setup, &err), err);
        assert_int_equal(setup->plan.connections, 10);
        assert_int_equal(setup->plan.threads, 1);
        assert_int_equal(setup->plan.timeout_ns, 10 * NS_PER_S);
        assert_int_equal(setup->plan.max_body_bytes, GiB(1));
        assert_int_equal(setup->n_endpoints, 1);
        assert_span(setup->endpoints[0].request.name, "GET /x");
        assert_true(span_starts(setup->endpoints[0].wire, "GET /x HTTP/1.1\r\n"
                                                          "Host: 127.0.0.1:9\r\n"));
        assert_true(span_ends(setup->endpoints[0].wire, "\r\n\r\n"));
}

TEST(plan_refuses_https_with_a_hint)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        LoadRequest request = get("https://127.0.0.1/");
        LoadSetup *setup;
        Error err = { 0 };

        assert_fails(
                set_up(arena, &(LoadPlan){ .requests = &request, .n_requests = 1 }, &setup, &err),
                err, ERR_UNAVAILABLE);
        assert_non_null(strstr(err.message, "TLS is not supported yet"));
        assert_true(strlen(err.hint) > 0);
}

static void refused_request(LoadRequest request, int code)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        LoadPlan plan = { .requests = &request, .n_requests = 1 };
        LoadSetup *setup;
        Error err = { 0 };

        assert_fails(set_up(arena, &plan, &setup, &err), err, code);
        assert_non_null(strstr(err.during, "request 1"));
}

TEST(plan_refuses_bad_requests)
{
        const char *smuggled[] = { "X: a\r\nY: b", NULL }, *nameless[] = { ": x", NULL };
        const char *length[] = { "Content-Length: 5", NULL };
        LoadRequest request;

        refused_request(get("nonsense"), ERR_INPUT);
        refused_request(get("ws://127.0.0.1/"), ERR_USAGE);
        refused_request(get("http://me:pw@127.0.0.1/"), ERR_USAGE);
        request = get("http://127.0.0.1/");
        request.method = SPAN("G ET");
        refused_request(request, ERR_USAGE);
        request.method = SPAN("CONNECT");
        refused_request(request, ERR_USAGE);
        request = get("http://127.0.0.1/");
        request.headers = smuggled;
        refused_request(request, ERR_USAGE);
        request.headers = nameless;
        refused_request(request, ERR_USAGE);
        request.headers = length;
        refused_request(request, ERR_USAGE);
}

TEST(plan_refuses_numbers_out_of_bounds)
{
        LoadRequest request = get("http://127.0.0.1/");
        const LoadPlan bad[] = {
                { .connections = LOAD_MAX_CONNECTIONS + 1 },
                { .connections = 1000, .threads = LOAD_MAX_THREADS + 1 },
                { .rate_per_s = -1 },
                { .rate_per_s = (double)__builtin_nanf("") },
                { .rate_per_s = 1e9 },
                { .timeout_ns = 3601 * NS_PER_S },
                { .duration_ns = UINT64_MAX },
                { .max_redirects = 101 },
        };

        for (size_t i = 0; i < COUNT(bad); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
                LoadPlan plan = bad[i];
                LoadSetup *setup;
                Error err = { 0 };

                plan.requests = &request;
                plan.n_requests = 1;
                assert_fails(set_up(arena, &plan, &setup, &err), err, ERR_USAGE);
        }
}

TEST(plan_without_a_request_or_url_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        LoadSetup *setup;
        Error err = { 0 };

        assert_fails(set_up(arena, &(LoadPlan){ 0 }, &setup, &err), err, ERR_USAGE);
}

TEST(plan_keeps_names_apart)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        LoadRequest requests[] = { get("http://127.0.0.1:1/a"), get("http://127.0.0.1:2/a"),
                                   get("http://127.0.0.1:2/a?x") };
        LoadPlan plan = { .requests = requests, .n_requests = 3 };
        LoadSetup *setup;
        Error err = { 0 };

        assert_ok(set_up(arena, &plan, &setup, &err), err);
        assert_int_equal(setup->n_hosts, 2);
        assert_span(setup->endpoints[0].request.name, "GET /a");
        assert_span(setup->endpoints[1].request.name, "GET http://127.0.0.1:2/a");
        assert_span(setup->endpoints[2].request.name, "GET http://127.0.0.1:2/a #3");
        requests[0].name = requests[1].name = SPAN("same");
        assert_fails(set_up(arena, &plan, &setup, &err), err, ERR_USAGE);
}

TEST(plan_interleaves_the_mix_smoothly)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        LoadRequest requests[] = { get("http://127.0.0.1:1/a"), get("http://127.0.0.1:1/b"),
                                   get("http://127.0.0.1:1/c") };
        static const uint16_t expected[] = { 0, 0, 1, 0, 2, 0, 0 };
        LoadPlan plan = { .requests = requests, .n_requests = 3 };
        LoadSetup *setup;
        Error err = { 0 };

        requests[0].weight = 50;
        requests[1].weight = 10;
        requests[2].weight = 10;
        assert_ok(set_up(arena, &plan, &setup, &err), err);
        assert_int_equal(setup->cycle_len, COUNT(expected));
        assert_memory_equal(setup->cycle, expected, sizeof(expected));
        requests[0].weight = 99991;
        assert_fails(set_up(arena, &plan, &setup, &err), err, ERR_USAGE);
        assert_true(strlen(err.hint) > 0);
}

TEST(plan_fails_when_no_name_can_be_looked_up_but_not_for_one_of_two)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        LoadRequest requests[] = { get("http://no-such-host..invalid/"), get("http://127.0.0.1/") };
        LoadPlan plan = { .requests = requests, .n_requests = 1 };
        LoadSetup *setup;
        Error err = { 0 };

        assert_fails(set_up(arena, &plan, &setup, &err), err, ERR_UNAVAILABLE);
        assert_non_null(strstr(err.message, "no-such-host..invalid"));
        plan.n_requests = 2;
        assert_ok(set_up(arena, &plan, &setup, &err), err);
        assert_int_equal(setup->hosts[0].n_addresses, 0);
        assert_non_null(setup->hosts[0].dns_fault);
        assert_int_equal(setup->hosts[1].n_addresses, 1);
}

TEST(request_writes_headers_body_and_lets_the_plan_override)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const char *headers[] = { "host: other", "User-Agent: me", "X-A: b", NULL };
        LoadRequest request = { .method = SPAN("POST"),
                                .url = SPAN("http://h:81/p?q=1"),
                                .body = SPAN("{}"),
                                .headers = headers };
        Error err = { 0 };
        Span wire;
        Url url;

        assert_ok(url_parse(request.url, &url, &err), err);
        assert_ok(request_build(&request, &url, true, arena, &wire, &err), err);
        assert_span(wire, "POST /p?q=1 HTTP/1.1\r\nAccept: */*\r\nhost: other\r\n"
                          "User-Agent: me\r\nX-A: b\r\nConnection: close\r\n"
                          "Content-Length: 2\r\n\r\n{}");
}

TEST(request_leaves_credentials_behind_at_another_host)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const char *headers[] = { "Authorization: secret", "cookie: secret", "Host: h", "X: y",
                                  NULL };
        LoadRequest request = { .headers = headers };
        Buf out = buf_in(arena, KiB(4));
        Error err = { 0 };
        Url url;

        assert_ok(url_parse(SPAN("http://elsewhere/"), &url, &err), err);
        request_write(&(RequestHop){ .request = &request,
                                     .url = &url,
                                     .method = SPAN("GET"),
                                     .other_host = true },
                      &out);
        assert_false(span_contains(buf_span(&out), "secret"));
        assert_true(span_contains(buf_span(&out), "Host: elsewhere\r\n"));
        assert_true(span_contains(buf_span(&out), "X: y\r\n"));
}

TEST(plan_json_is_json_and_holds_no_secrets)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const char *headers[] = { "Authorization: secret", NULL };
        LoadRequest request = { .url = SPAN("http://h/\"x"),
                                .body = SPAN("secret"),
                                .headers = headers };
        LoadPlan plan = { .requests = &request, .n_requests = 1, .rate_per_s = 50.5 };
        Buf out = buf_in(arena, MiB(1));
        Document doc;
        Error err = { 0 };
        const Value *first;

        load_instrument.plan_json(&plan, &out);
        assert_false(span_contains(buf_span(&out), "secret"));
        assert_ok(json_parse_strict(buf_span(&out), "plan", arena, &doc, &err), err);
        assert_span(value_get(doc.root, "model")->text, "open");
        assert_near(value_get(doc.root, "rate_per_s")->number, 50.5, 0);
        assert_near(value_get(doc.root, "connections")->number, 10, 0);
        first = value_get(doc.root, "requests")->first;
        assert_span(value_get(first, "url")->text, "http://h/\"x");
        assert_span(value_get(first, "headers")->first->text, "Authorization");
        assert_near(value_get(first, "body_bytes")->number, 6, 0);
}
