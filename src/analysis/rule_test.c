#include "harness.h"

#include "analysis/fill.h"
#include "analysis/rule.h"
#include "base/fs.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define OWNER "{ min_share: 5%, below: [\"a*\", b], min_below_share: 25% }"

/* A whole rule around its condition. */
static Span rule_text(Arena *arena, const char *when)
{
        return span_of(arena_printf(arena,
                                    "- id: r\n  when: %s\n  title: t\n  advice: a\n  gain: g\n"
                                    "  category: c\n  specialist: s\n  effort: Low\n",
                                    when));
}

static Rule parse_one(const char *when, Arena *arena)
{
        RuleSet set = { 0 };
        Error err = { 0 };

        assert_ok(rules_parse(rule_text(arena, when), "r.yaml", arena, &set, &err), err);
        assert_int_equal(rules_count(&set), 1);
        return set.rules.items[0];
}

TEST(rule_reads_a_condition_on_an_owner)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Rule rule = parse_one("{ owner: { min_share: 5%, min_own_share: 0.5, below: [\"a*\", b], "
                              "min_below_share: 25%, min_below_per_request: 50us } }",
                              arena);

        assert_int_equal(rule.kind, RULE_OWNER);
        assert_near(rule.owner.min_share, 0.05, 1e-12);
        assert_near(rule.owner.min_own_share, 0.5, 1e-12);
        assert_near(rule.owner.min_below_share, 0.25, 1e-12);
        assert_near(rule.owner.min_below_ns, 50e3, 0);
        assert_int_equal(rule.owner.below.len, 2);
        assert_string_equal(rule.owner.below.items[0], "a*");
        assert_int_equal(rule.priority, -1);
        assert_int_equal(rule.effort, EFFORT_LOW);
}

TEST(rule_reads_a_condition_on_a_metric)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Rule rule = parse_one(
                "{ metric: { scope: load, name: latency_p99, to: latency_p50, above: 10 } }",
                arena);

        assert_int_equal(rule.kind, RULE_METRIC);
        assert_int_equal(rule.metric.scope, SCOPE_LOAD);
        assert_int_equal(rule.metric.metric, METRIC_LATENCY_P99);
        assert_int_equal(rule.metric.to, METRIC_LATENCY_P50);
        assert_near(rule.metric.above, 10, 0);
        assert_true(isnan(rule.metric.below));
        rule = parse_one("{ metric: { scope: system, name: host_steal, above: 5% } }", arena);
        assert_near(rule.metric.above, 0.05, 1e-12);
        assert_int_equal(rule.metric.to, METRIC_COUNT_);
        rule = parse_one("{ metric: { scope: load, name: latency_p50, below: 50ms } }", arena);
        assert_near(rule.metric.below, 50e6, 0);
}

TEST(rule_reads_conditions_on_resources_and_patterns)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Rule rule = parse_one("{ resource: \"target's CPU\" }", arena);

        assert_int_equal(rule.kind, RULE_RESOURCE);
        assert_int_equal(rule.resource, RESOURCE_TARGET_CPU);
        rule = parse_one("{ pattern: { kind: narrow tower, min_share: 10% } }", arena);
        assert_int_equal(rule.kind, RULE_PATTERN);
        assert_int_equal(rule.pattern.kind, PATTERN_TOWER);
        assert_near(rule.pattern.min_share, 0.1, 1e-12);
}

TEST(rule_refuses_a_condition_that_is_not_one)
{
        static const struct {
                const char *when, *message;
        } cases[] = {
                { "{}", "one condition, not 0" },
                { "CPU", "a map" },
                { "{ resource: CPU, owner: " OWNER " }", "one condition, not 2" },
                { "{ onwer: " OWNER " }", "unknown condition 'onwer'" },
                { "{ resource: GPU }", "'GPU' is not known here" },
                { "{ owner: { below: [a], min_below_share: 5% } }", "'min_share' is missing" },
                { "{ owner: { min_share: 5 } }", "" },
                { "{ owner: { min_share: 0% } }", "above 0" },
                { "{ owner: { min_share: 101% } }", "at most 100" },
                { "{ owner: { min_share: [5%] } }", "" },
                { "{ owner: { min_share: 5%, below: [a] } }", "need each other" },
                { "{ owner: { min_share: 5%, min_below_share: 5% } }", "need each other" },
                { "{ owner: { min_share: 5%, min_below_per_request: 1ms } }", "need each other" },
                { "{ owner: { min_share: 5%, below: [], min_below_share: 5% } }", "is empty" },
                { "{ owner: { min_share: 5%, below: [\"\"], min_below_share: 5% } }", "1 to" },
                { "{ owner: { min_share: 5%, below: a, min_below_share: 5% } }", "list" },
                { "{ owner: { min_share: 5%, share: 5% } }", "unknown key 'share'" },
                { "{ metric: { scope: load, name: latency_p98, above: 1 } }", "no metric" },
                { "{ metric: { scope: moon, name: latency_p99, above: 1 } }", "'moon'" },
                { "{ metric: { scope: load, name: latency_p99 } }", "'above' or 'below'" },
                { "{ metric: { scope: load, name: latency_p99, above: 1, below: 2 } }",
                  "not both" },
                { "{ metric: { scope: load, name: latency_p99, above: 5% } }", "" },
                { "{ metric: { scope: load, name: error_rate, above: 5ms } }", "" },
                { "{ metric: { scope: load, name: throughput, below: 5ms } }", "a number" },
                { "{ metric: { scope: load, name: latency_p99, to: throughput, above: 1 } }",
                  "differ in their unit" },
                { "{ pattern: { kind: tower, min_share: 5% } }", "'tower'" },
                { "{ pattern: { kind: wide base } }", "'min_share' is missing" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
                RuleSet set = { 0 };
                Error err = { 0 };

                assert_fails(
                        rules_parse(rule_text(arena, cases[i].when), "r.yaml", arena, &set, &err),
                        err, ERR_INPUT);
                if (!span_starts(span_of(err.message), "r.yaml:2:") ||
                    !span_contains(span_of(err.message), cases[i].message))
                        fail_msg("%s: %s", cases[i].when, err.message);
        }
}

TEST(rule_refuses_what_else_is_not_right)
{
        static const struct {
                const char *text, *message;
        } cases[] = {
                { "", "expected a list" },
                { "id: r", "list" },
                { "- r", "a map" },
                { "- {id: r}", "is missing" },
                { "- {id: r, when: {resource: CPU}, title: t, advice: a, gain: g, category: c, "
                  "specialist: s, effort: Huge}",
                  "'Huge' is not known" },
                { "- {id: r, when: {resource: CPU}, title: t, advice: a, gain: g, category: c, "
                  "specialist: s, effort: Low, priority: P9}",
                  "'P9' is not known" },
                { "- {id: r, when: {resource: CPU}, title: '{function}', advice: a, gain: g, "
                  "category: c, specialist: s, effort: Low}",
                  "'{function}' means nothing here" },
                { "- {id: r, when: {resource: CPU}, title: t, advice: '{valeu}', gain: g, "
                  "category: c, specialist: s, effort: Low}",
                  "'{valeu}' means nothing here" },
                { "- {id: r, when: {resource: CPU}, title: t, advice: a, gain: '', category: c, "
                  "specialist: s, effort: Low}",
                  "'gain' is empty" },
                { "- {id: r, when: {resource: CPU}, title: t, advice: a, gain: g, category: c, "
                  "specialist: s, effort: Low, colour: red}",
                  "unknown key 'colour'" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
                RuleSet set = { 0 };
                Error err = { 0 };

                assert_fails(rules_parse(span_of(cases[i].text), "r.yaml", arena, &set, &err), err,
                             ERR_INPUT);
                if (!span_contains(span_of(err.message), cases[i].message))
                        fail_msg("%s: %s", cases[i].text, err.message);
        }
}

TEST(rule_names_the_line_of_a_second_rule_with_one_id)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span one = rule_text(arena, "{ resource: CPU }");
        RuleSet set = { 0 };
        Error err = { 0 };

        one = span_of(arena_printf(arena, "%.*s%.*s", SPAN_ARG(one), SPAN_ARG(one)));
        assert_fails(rules_parse(one, "r.yaml", arena, &set, &err), err, ERR_INPUT);
        assert_true(span_starts(span_of(err.message), "r.yaml:9:"));
}

TEST(rule_has_a_ceiling_on_rules_and_texts)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Buf text = buf_in(arena, MiB(4)), title = buf_in(arena, KiB(8));
        RuleSet set = { 0 };
        Error err = { 0 };

        for (int i = 0; i <= 1000; i++)
                buf_printf(&text,
                           "- {id: r%d, when: {resource: CPU}, title: t, advice: a, gain: g, "
                           "category: c, specialist: s, effort: Low}\n",
                           i);
        assert_fails(rules_parse(buf_span(&text), "r.yaml", arena, &set, &err), err, ERR_INPUT);
        assert_int_equal(rules_count(&set), 1000);
        set = (RuleSet){ 0 };
        buf_repeat(&title, 'x', 5000);
        buf_clear(&text);
        buf_printf(&text,
                   "- {id: r, when: {resource: CPU}, title: %s, advice: a, gain: g, category: c, "
                   "specialist: s, effort: Low}\n",
                   title.ptr);
        assert_fails(rules_parse(buf_span(&text), "r.yaml", arena, &set, &err), err, ERR_INPUT);
}

TEST(rule_files_of_the_program_are_all_right)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Error err = { 0 };
        RuleSet *set;

        assert_ok(rules_load(NULL, arena, &set, &err), err);
        assert_true(rules_count(set) >= 15);
        vec_each (Rule, rule, &set->rules)
                /* impact says the priority of owners; a fixed one would hide it */
                if (rule->kind == RULE_OWNER)
                        assert_int_equal(rule->priority, -1);
}

typedef struct Folder {
        Arena *arena;
        char path[32];
} Folder;

static Folder folder_new(void)
{
        Folder f = { .arena = arena_new(MiB(16)), .path = "/tmp/hone-test-XXXXXX" };

        assert_non_null(mkdtemp(f.path));
        return f;
}

static void folder_done(Folder *f)
{
        tree_remove(f->path, NULL);
        f->arena = arena_free(f->arena);
}

static void put_file(const Folder *f, const char *name, Span text)
{
        Error err = { 0 };

        assert_ok(file_write(path_join(f->arena, f->path, name), text, &err), err);
}

TEST(rules_of_the_user_come_first_and_take_the_place_of_the_programs)
{
        AUTO(folder_done) Folder f = folder_new();
        Span mine = rule_text(f.arena, "{ resource: CPU }");
        Error err = { 0 };
        RuleSet *set, *without;
        size_t times = 0;

        put_file(&f, "2.yaml",
                 span_of(arena_printf(f.arena, "- id: hot-function%s",
                                      span_text(f.arena, span_from(mine, 7)))));
        put_file(&f, "1.yaml", mine);
        put_file(&f, "notes.txt", SPAN("not a rule"));
        put_file(&f, "categories.yaml", SPAN("not a rule"));
        assert_ok(rules_load(NULL, f.arena, &without, &err), err);
        assert_ok(rules_load(f.path, f.arena, &set, &err), err);
        assert_span(set->rules.items[0].id, "r");
        assert_span(set->rules.items[1].id, "hot-function");
        assert_int_equal(rules_count(set), rules_count(without) + 1);
        vec_each (Rule, rule, &set->rules)
                times += span_is(rule->id, "hot-function");
        assert_int_equal(times, 1);
}

TEST(rules_of_the_user_that_are_wrong_stop_with_their_file)
{
        AUTO(folder_done) Folder f = folder_new();
        Error err = { 0 };
        RuleSet *set;

        put_file(&f, "mine.yaml", rule_text(f.arena, "{ resource: GPU }"));
        assert_fails(rules_load(f.path, f.arena, &set, &err), err, ERR_INPUT);
        assert_true(span_contains(span_of(err.message), "mine.yaml:2:"));
        assert_true(rules_load("/nonexistent", f.arena, &set, &err) < 0);
        assert_true(span_contains(span_of(err.message), "/nonexistent"));
}
