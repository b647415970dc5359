#include "harness.h"

#include "base/yaml.h"
#include "command/ci.h"

static Config config_of(const char *text, Arena *arena)
{
        Error err = { 0 };
        Config config;

        assert_ok(config_parse(span_of(text), "hone.yaml", arena, &config, &err), err);
        return config;
}

static Document job_of(CiSystem system, const Config *config, Arena *arena, Span *ret_text)
{
        Error err = { 0 };
        Document doc;

        assert_ok(ci_text(system, config, arena, ret_text, &err), err);
        assert_ok(yaml_parse(*ret_text, ci_path(system), arena, &doc, &err), err);
        return doc;
}

static const Value *at_path(const Value *v, const char *path)
{
        Span rest = span_of(path);

        while (rest.ptr) {
                AUTO(arena_freep) Arena *scratch = arena_new(KiB(64));

                v = value_get(v, span_text(scratch, span_cut(&rest, '.')));
                if (!v)
                        fail_msg("'%s' is not in the job", path);
        }
        return v;
}

static const Value *step_named(const Value *steps, const char *name)
{
        value_each (step, steps) {
                const Value *said = value_get(step, "name");

                if (said && span_is(said->text, name))
                        return step;
        }
        fail_msg("there is no step '%s'", name);
        return NULL;
}

static const char shop[] = "service:\n"
                           "  build: make -s\n"
                           "  start: ./shop --db 'data/shop.db' --port {port}\n"
                           "  ready: /health\n"
                           "workload:\n"
                           "  requests:\n"
                           "    - { url: \"/api/products?category=7&q='x'\" }\n"
                           "    - { method: POST, url: /api/orders, body: '{}' }\n"
                           "    - { url: /api/orders/17 }\n";

TEST(ci_github_measures_side_by_side_and_judges)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Config config = config_of(shop, arena);
        Span text;
        Document job = job_of(CI_GITHUB, &config, arena, &text);
        const Value *steps = at_path(job.root, "jobs.performance-test.steps");
        Span measure =
                at_path(step_named(steps, "Measure base and head side by side"), "run")->text;
        Span judge = at_path(step_named(steps, "Judge"), "run")->text;

        assert_int_equal(at_path(job.root, "on")->kind, VALUE_MAP);
        assert_non_null(value_get(at_path(job.root, "on"), "pull_request"));
        assert_true(span_starts(measure, "hone ab --no-fail"));
        assert_true(span_starts(judge, "hone gate "));
        assert_true(span_contains(judge, "--sarif gate.sarif"));
        /* What a stranger chooses (branch names, titles) never becomes shell text. */
        value_each (step, steps) {
                const Value *run = value_get(step, "run");

                assert_true(!run || !span_contains(run->text, "${{"));
        }
}

TEST(ci_gitlab_has_the_founding_rule)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Config config = config_of(shop, arena);
        Span text;
        Document job = job_of(CI_GITLAB, &config, arena, &text);
        const Value *test = at_path(job.root, "performance-test");

        assert_span(at_path(test, "rules")->first->first->text,
                    "$CI_PIPELINE_SOURCE == \"merge_request_event\"");
        assert_span(at_path(test, "artifacts.reports.codequality")->text,
                    "gl-code-quality-report.json");
        assert_near(at_path(test, "allow_failure.exit_codes")->number, 3, 0);
}

TEST(ci_fills_in_how_the_service_is_built_and_started)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Config config = config_of(shop, arena);
        Span text;
        Document job = job_of(CI_GITHUB, &config, arena, &text);
        Span load = at_path(step_named(at_path(job.root, "jobs.performance-test.steps"),
                                       "Load head, for the absolute budgets"),
                            "run")
                            ->text;

        assert_true(span_starts(load, "make -s\nsetsid sh -c './shop --db '\\''data/shop.db'\\'' "
                                      "--port 8080' &\n"));
        assert_true(span_contains(load, " 'http://127.0.0.1:8080/health'\n"));
        assert_true(span_contains(load,
                                  " 'http://127.0.0.1:8080/api/products?category=7&q='\\''x'\\'''"
                                  " 'http://127.0.0.1:8080/api/orders/17'\n"));
        assert_true(span_contains(load, " --connections 2 "));
        assert_true(span_ends(load, "\nkill -- \"-$service\"\n"));
        assert_false(span_contains(text, "@LOAD@"));
}

TEST(ci_without_a_service_writes_one_to_replace)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Config config = config_of("project: nothing\n", arena);
        Span text;

        for (CiSystem system = CI_GITHUB; system <= CI_GITLAB; system++) {
                job_of(system, &config, arena, &text);
                assert_true(span_contains(text, "sh -c './my-service --port 8080' &"));
                assert_true(span_contains(text, "'http://127.0.0.1:8080/'"));
        }
}
