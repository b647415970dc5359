#include "harness.h"

#include "base/json.h"
#include "fixture.h"
#include "golden.h"
#include "present/gate_export.h"

#include <string.h>

static GateReport report_of(const GateResult *result, GatePolicy policy)
{
        return (GateReport){ .result = result,
                             .policy = policy,
                             .root = "/home/me/shop",
                             .cwd = "/home/me/shop/ci",
                             .fallback = "../hone.yaml" };
}

typedef void (*Writer)(const GateReport *report, Buf *out);

static Span written(Writer write, const GateResult *result, GatePolicy policy, Arena *arena)
{
        GateReport report = report_of(result, policy);
        Buf out = buf_in(arena, MiB(4));
        Error err = { 0 };

        write(&report, &out);
        assert_ok(buf_check(&out, &err), err);
        return buf_span(&out);
}

static Document json_of(Span text, Arena *arena)
{
        Error err = { 0 };
        Document doc;

        assert_ok(json_parse_strict(text, "out", arena, &doc, &err), err);
        return doc;
}

TEST(gate_writers_write_what_is_expected)
{
        static const struct {
                Writer write;
                const char *golden;
        } writers[] = {
                { junit_gate, "gate_junit.xml" },
                { github_gate, "gate_github.txt" },
                { gitlab_gate, "gate_gitlab.json" },
                { sarif_gate, "gate_sarif.json" },
        };

        for (size_t i = 0; i < COUNT(writers); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

                assert_golden(
                        written(writers[i].write, fixture_gate(arena), GATE_POLICY_TELL, arena),
                        writers[i].golden);
        }
}

TEST(gate_summary_shows_before_and_after_and_folds_the_rest)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        GateReport report = report_of(fixture_gate(arena), GATE_POLICY_TELL);
        Buf out = buf_in(arena, MiB(4));
        Error err = { 0 };

        assert_ok(summary_gate(&report, &out, &err), err);
        assert_golden(buf_span(&out), "gate_summary.md");
}

/* One line a command, and nothing of what is shown ends a property or begins another command. */
TEST(gate_annotations_escape_what_ends_them)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        GateResult *result = fixture_gate(arena);
        Span text, line;
        size_t lines = 0;

        result->items[0].name = SPAN("a,line=9::b%c");
        result->items[0].reason = SPAN("100 %\n::error::injected\r\n");
        text = written(github_gate, result, GATE_POLICY_TELL, arena);
        assert_true(span_contains(text, "title=api_endpoints.a%2Cline=9%3A%3Ab%25c FAIL::"));
        assert_true(span_contains(text, "::100 %25%0A::error::injected"));
        while (span_next_line(&text, &line)) {
                assert_true(span_starts(line, "::error ") || span_starts(line, "::warning ") ||
                            span_starts(line, "::notice "));
                lines++;
        }
        assert_int_equal(lines, 7);
}

TEST(gate_writers_survive_hostile_names)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        GateResult *result = fixture_hostile_gate(arena);
        Span annotations = written(github_gate, result, GATE_POLICY_TELL, arena), line;
        GateReport report = report_of(result, GATE_POLICY_TELL);
        Buf summary = buf_in(arena, MiB(4));
        Document doc;
        Error err = { 0 };

        assert_well_formed(span_from(written(junit_gate, result, GATE_POLICY_TELL, arena),
                                     strlen("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")));
        doc = json_of(written(gitlab_gate, result, GATE_POLICY_TELL, arena), arena);
        assert_int_equal(doc.root->count, 7);
        doc = json_of(written(sarif_gate, result, GATE_POLICY_TELL, arena), arena);
        assert_int_equal(value_get(value_get(doc.root, "runs")->first, "results")->count, 7);
        while (span_next_line(&annotations, &line)) {
                assert_true(span_starts(line, "::"));
                assert_false(span_contains(line, "\x1b"));
        }
        assert_ok(summary_gate(&report, &summary, &err), err);
        assert_false(span_contains(buf_span(&summary), "\x1b"));
}

TEST(gate_summary_has_no_markup_from_outside)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        GateResult *result = fixture_gate(arena);
        GateReport report = report_of(result, GATE_POLICY_TELL);
        Buf out = buf_in(arena, MiB(4));
        Error err = { 0 };

        for (size_t i = 0; i < result->len; i++)
                result->items[i].name = result->items[i].subject = result->items[i].reason =
                        SPAN("</details><script>alert(1)</script> | [x](http://x)\n# x");
        assert_ok(summary_gate(&report, &out, &err), err);
        assert_false(span_contains(buf_span(&out), "<script"));
        assert_false(span_contains(buf_span(&out), "x](http"));
        assert_false(span_contains(buf_span(&out), "\n# x"));
        assert_true(span_ends(buf_span(&out), "\n</details>\n"));
}

TEST(gate_summary_fits_into_a_comment)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        GateResult many = *fixture_gate(arena);
        GateItem first = many.items[0];
        GateReport report = report_of(&many, GATE_POLICY_TELL);
        Buf out = buf_in(arena, MiB(4)), why = buf_in(arena, KiB(4));
        Error err = { 0 };

        buf_repeat(&why, 'x', 400);
        first.verdict = GATE_FAIL;
        first.reason = buf_span(&why);
        many.len = many.counts[GATE_FAIL] = 2000;
        many.items = new (arena, GateItem, many.len);
        for (size_t i = 0; i < many.len; i++)
                many.items[i] = first;
        assert_ok(summary_gate(&report, &out, &err), err);
        assert_true(out.len < 65536);
        assert_true(span_contains(buf_span(&out), "2000 checks"));
        assert_true(span_contains(buf_span(&out), " more"));
        assert_true(span_ends(buf_span(&out), "</details>\n"));
}

TEST(gate_policy_decides_what_inconclusive_is)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        const GateResult *result = fixture_gate(arena);
        static const struct {
                GatePolicy policy;
                const char *junit, *github;
        } cases[] = {
                { GATE_POLICY_TELL, "<error message=\"too few samples\"/>",
                  "::warning file=performance-budget.json,line=4," },
                { GATE_POLICY_PASS, "<skipped message=\"too few samples\"/>",
                  "::warning file=performance-budget.json,line=4," },
                { GATE_POLICY_FAIL, "<failure message=\"too few samples\"/>",
                  "::error file=performance-budget.json,line=4," },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                assert_true(span_contains(written(junit_gate, result, cases[i].policy, arena),
                                          cases[i].junit));
                assert_true(span_contains(written(github_gate, result, cases[i].policy, arena),
                                          cases[i].github));
        }
}

TEST(gate_location_is_relative_to_the_repository)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        static const struct {
                const char *root, *cwd, *file, *location;
        } cases[] = {
                { "/r", "/r", "b.json", "b.json" },
                { "/r", "/r", "./b.json", "b.json" },
                { "/r", "/r/sub", "b.json", "sub/b.json" },
                { "/r", "/r/sub", "../b.json", "b.json" },
                { "/r", "/r/sub", "/r/x//y/./b.json", "x/y/b.json" },
                { "/r", "/r", "/elsewhere/b.json", "/elsewhere/b.json" },
                { "/r", "/r", "/rest/b.json", "/rest/b.json" },
                { "/r", "/r", "../../../../x", "../../../../x" },
                { "/r/sub/..", "/r", "b.json", "b.json" },
                { NULL, NULL, "./b.json", "b.json" },
                { "/r", "/r", NULL, "hone.yaml" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                GateReport report = { .root = cases[i].root,
                                      .cwd = cases[i].cwd,
                                      .fallback = "hone.yaml" };
                GateItem item = { .file = cases[i].file };

                assert_span(gate_location(&report, &item, arena), cases[i].location);
        }
}

TEST(gate_fingerprint_is_of_the_rule_not_of_the_measurement)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        GateResult *result = fixture_gate(arena);
        GateReport report = report_of(result, GATE_POLICY_TELL);
        GateItem same = result->items[0], other = result->items[0];
        Span print = gate_fingerprint(&report, &result->items[0], arena);

        same.value = 7;
        same.line = 99;
        same.verdict = GATE_INCONCLUSIVE;
        same.reason = SPAN("another");
        other.subject = SPAN("GET /other");
        assert_int_equal(print.len, 64);
        assert_true(span_eq(print, gate_fingerprint(&report, &same, arena)));
        assert_false(span_eq(print, gate_fingerprint(&report, &other, arena)));
        for (size_t i = 0; i < result->len; i++)
                for (size_t k = 0; k < i; k++)
                        assert_false(span_eq(gate_fingerprint(&report, &result->items[i], arena),
                                             gate_fingerprint(&report, &result->items[k], arena)));
}
