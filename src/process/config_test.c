#include "process/config.h"

#include "harness.h"

static int parse(const char *text, Arena *arena, Config *ret, Error *err)
{
        return config_parse(span_of(text), "hone.yaml", arena, ret, err);
}

static const char whole[] = "project: shop\n"
                            "service:\n"
                            "  build: make -s\n"
                            "  start: ./shop --port {port}\n"
                            "  ready: /health\n"
                            "workload:\n"
                            "  connections: 3\n"
                            "  window: 250ms\n"
                            "  requests:\n"
                            "    - { name: browse, url: \"/a?b=1\", weight: 4 }\n"
                            "    - { url: /c, method: POST, body: \"{}\",\n"
                            "        headers: { Accept: text/plain } }\n"
                            "budgets: performance-budget.json\n"
                            "loop: { pairs: 12, alpha: 0.01, min_effect: 5%, protect: [test/] }\n";

TEST(config_reads_every_part)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Config c;
        Error err = { 0 };

        assert_ok(parse(whole, arena, &c, &err), err);
        assert_span(c.project, "shop");
        assert_span(c.service.build, "make -s");
        assert_int_equal(c.workload.connections, 3);
        assert_int_equal(c.workload.window_ns, 250 * NS_PER_MS);
        assert_int_equal(c.workload.n_requests, 2);
        assert_int_equal(c.workload.requests[0].weight, 4);
        assert_span(c.workload.requests[1].method, "POST");
        assert_string_equal(c.workload.requests[1].headers[0], "Accept: text/plain");
        assert_int_equal(c.loop.pairs, 12);
        assert_near(c.loop.min_effect, 0.05, 1e-12);
        assert_string_equal(c.loop.protect[0], "test/");
        assert_null(c.loop.protect[1]);
}

TEST(config_digest_changes_with_the_file)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Config a, b;
        Error err = { 0 };

        assert_ok(parse("project: a\n", arena, &a, &err), err);
        assert_ok(parse("project: b\n", arena, &b, &err), err);
        assert_false(span_eq(a.digest, b.digest));
}

TEST(config_refuses_with_the_line)
{
        static const struct {
                const char *text, *place;
        } bad[] = {
                { "project: a\nservise: {}\n", "hone.yaml:2:" },
                { "service:\n  build: make\n", "hone.yaml:2:" },
                { "workload:\n  requests: []\n", "hone.yaml:2:" },
                { "workload:\n  window: 5\n  requests: [{ name: x }]\n", "hone.yaml:3:" },
                { "workload:\n  connections: 0\n  requests: [{ url: / }]\n", "hone.yaml:2:" },
                { "workload:\n  requests:\n    - { url: /, weight: 0 }\n", "hone.yaml:3:" },
                { "workload:\n  requests:\n    - { url: /, headers: { A: \"x\\r\\nB: y\" } }\n",
                  "hone.yaml:3:" },
                { "loop: { pairs: 3 }\n", "hone.yaml:1:" },
                { "loop: { alpha: 1 }\n", "hone.yaml:1:" },
                { "loop: { min_effect: 500% }\n", "hone.yaml:1:" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));

        for (size_t i = 0; i < COUNT(bad); i++) {
                Error err = { 0 };
                Config c;

                if (parse(bad[i].text, arena, &c, &err) >= 0)
                        fail_msg("accepted: %s", bad[i].text);
                if (!strstr(err.message, bad[i].place))
                        fail_msg("'%s' does not say %s", err.message, bad[i].place);
        }
}

TEST(config_says_what_the_loop_lacks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Config c;
        Error err = { 0 };

        assert_ok(config_load("/", arena, &c, &err), err);
        assert_null(c.path);
        assert_fails(config_need_service(&c, "the loop", &err), err, ERR_USAGE);
        assert_non_null(strstr(err.hint, "hone init"));
}

TEST(config_refuses_so_few_pairs_that_nothing_could_be_shown)
{
        LoadRequest requests[5] = { 0 };
        Config c = { .path = "hone.yaml",
                     .workload = { .requests = requests, .n_requests = 4 },
                     .loop = { .pairs = 10, .alpha = 0.01 } };
        Error err = { 0 };

        assert_ok(config_need_pairs(&c, &err), err); /* 5 rows x 2^-9 = 0.0098 */
        c.workload.n_requests = 5;
        assert_fails(config_need_pairs(&c, &err), err, ERR_USAGE);
        assert_non_null(strstr(err.hint, "pairs: 11"));
        c.loop.pairs = 11;
        assert_ok(config_need_pairs(&c, &err), err);
}
