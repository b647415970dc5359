#include "harness.h"

#include "analysis/slo.h"

static SloList slos_of(const char *text, Arena *arena)
{
        Error err = { 0 };
        SloList list;

        assert_ok(slo_parse(span_of(text), "slo.yaml", arena, &list, &err), err);
        return list;
}

TEST(slo_reads_its_own_shape)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        SloList list = slos_of("slos:\n"
                               "  - name: search is fast\n"
                               "    metric: latency\n"
                               "    subject: GET /search\n"
                               "    below: 200ms\n"
                               "    objective: 99.5%\n"
                               "    window: 28d\n"
                               "  - { metric: error_rate, objective: 0.999 }\n"
                               "  - { metric: ttfb_ms, below: 50, objective: 99% }\n"
                               "  - { metric: time, below: 2s, objective: 95% }\n"
                               "  - { metric: memory_mb, below: 64, objective: 95% }\n",
                               arena);
        const Slo *s = list.items;

        assert_int_equal(list.len, 5);
        assert_span(s[0].name, "search is fast");
        assert_int_equal(s[0].kind, SLO_BELOW);
        assert_span(s[0].distribution, "latency");
        assert_span(s[0].subject, "GET /search");
        assert_near(s[0].below, 200e6, 0);
        assert_near(s[0].objective, 0.995, 1e-15);
        assert_int_equal(s[0].window_ns, 28 * 86400 * NS_PER_S);
        assert_int_equal(s[0].line, 2);
        assert_int_equal(s[1].kind, SLO_NO_ERROR);
        assert_span(s[1].name, "error_rate");
        assert_int_equal(s[1].metric->id, METRIC_ERROR_RATE);
        assert_near(s[2].below, 50e6, 0);
        assert_span(s[2].distribution, "ttfb");
        assert_int_equal(s[3].distribution.len, 0);
        assert_int_equal(s[3].metric->id, METRIC_TIME);
        assert_near(s[3].below, 2e9, 0);
        assert_near(s[4].below, 64 * 1048576.0, 0);
}

TEST(slo_reads_json_with_comments)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        SloList list = slos_of("// ours\n{\"slos\": [{\"metric\": \"latency\", \"below\": \"1s\", "
                               "\"objective\": \"99%\"}]}",
                               arena);

        assert_int_equal(list.len, 1);
        assert_near(list.items[0].below, 1e9, 0);
}

TEST(slo_refuses_what_it_cannot_judge_at_its_place)
{
        static const struct {
                const char *text, *message;
        } cases[] = {
                { "", "the file is empty" },
                { "# nothing\n", "the file is empty" },
                { "slos: []", "no objective is set" },
                { "slos: 5", "must be a list" },
                { "slo: []", "unknown key 'slo'" },
                { "slos:\n  - { metric: latency, objective: 99% }", "slo.yaml:2:5: 'latency' needs "
                                                                    "'below'" },
                { "slos:\n  - { metric: latncy, objective: 99%, below: 1s }", "slo.yaml:2:15: hone "
                                                                              "knows no metric" },
                { "slos: [{ metric: latency, below: 200, objective: 99% }]", "200" },
                { "slos: [{ metric: latency, below: fast, objective: 99% }]", "fast" },
                { "slos: [{ metric: latency, below: [1], objective: 99% }]", "text" },
                { "slos: [{ metric: latency, below: 1s, objective: 99.5 }]", "ambiguous" },
                { "slos: [{ metric: latency, below: 1s, objective: 100% }]", "below 100%" },
                { "slos: [{ metric: latency, below: 1s, objective: 0% }]", "above 0" },
                { "slos: [{ metric: latency, below: 1s, objective: {} }]", "share" },
                { "slos: [{ metric: latency, below: 1s }]", "'objective' is missing" },
                { "slos: [{ metric: error_rate, below: 1s, objective: 99% }]", "no 'below'" },
                { "slos: [{ metric: latency, belw: 1s, objective: 99% }]", "unknown key 'belw'" },
                { "slos: [{ metric: latency, below: 1s, objective: 99% }]\n---\nslos: []\n",
                  "slo.yaml:3:" },
                { "slos: [{ metric: latency", "" },
                { "[]", "" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                Error err = { 0 };
                SloList list;

                assert_fails(slo_parse(span_of(cases[i].text), "slo.yaml", arena, &list, &err), err,
                             ERR_INPUT);
                if (!span_contains(span_of(err.message), cases[i].message))
                        fail_msg("%s: %s", cases[i].text, err.message);
        }
}

static const char open_threshold[] =
        "apiVersion: openslo/v1\n"
        "kind: SLO\n"
        "metadata:\n"
        "  name: search-latency\n"
        "  labels: { team: [ a, b ] }\n"
        "spec:\n"
        "  description: search is fast\n"
        "  service: shop\n"
        "  indicator:\n"
        "    metadata: { name: latency }\n"
        "    spec:\n"
        "      thresholdMetric:\n"
        "        metricSource:\n"
        "          type: hone\n"
        "          spec: { metric: latency_ms, subject: GET /s }\n"
        "  timeWindow:\n"
        "    - duration: 4w\n"
        "      isRolling: true\n"
        "  budgetingMethod: Occurrences\n"
        "  objectives:\n"
        "    - { displayName: fast, op: lte, value: 200, target: 0.99 }\n"
        "    - { displayName: ok, op: lt, value: 1000, "
        "targetPercent: 99.9 }\n";

TEST(slo_reads_open_slo_thresholds)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        SloList list = slos_of(open_threshold, arena);
        const Slo *s = list.items;

        assert_int_equal(list.len, 2);
        assert_span(s[0].name, "search-latency/fast");
        assert_span(s[0].subject, "GET /s");
        assert_near(s[0].below, 200e6, 0);
        assert_near(s[0].objective, 0.99, 0);
        assert_int_equal(s[0].window_ns, 28 * 86400 * NS_PER_S);
        assert_int_equal(s[0].line, 21);
        assert_near(s[1].below, 1e9, 0);
        assert_near(s[1].objective, 0.999, 1e-15);
}

TEST(slo_reads_several_documents_with_their_lines)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        SloList list = slos_of("---\n"
                               "apiVersion: openslo/v1\n"
                               "kind: SLI\n"
                               "metadata: { name: answers }\n"
                               "spec:\n"
                               "  ratioMetric:\n"
                               "    bad: { metricSource: { type: hone, spec: { metric: "
                               "error_rate_5xx } } }\n"
                               "    total: { metricSource: { type: hone, spec: { metric: requests "
                               "} } }\n"
                               "---\n"
                               "# a policy\n"
                               "apiVersion: openslo/v1\n"
                               "kind: AlertPolicy\n"
                               "---\n"
                               "apiVersion: openslo/v1\n"
                               "kind: SLO\n"
                               "metadata: { name: availability }\n"
                               "spec:\n"
                               "  indicatorRef: answers\n"
                               "  budgetingMethod: Occurrences\n"
                               "  objectives:\n"
                               "    - target: 0.999\n",
                               arena);

        assert_int_equal(list.len, 1);
        assert_int_equal(list.items[0].kind, SLO_NO_ERROR);
        assert_int_equal(list.items[0].metric->id, METRIC_ERROR_5XX);
        assert_int_equal(list.items[0].line, 21);
        assert_int_equal(list.n_notes, 1);
        assert_span(list.notes[0], "slo.yaml:11: kind AlertPolicy is not judged");
}

/* The specification's own example: a list of objects, another system's query, time slices. */
TEST(slo_keeps_what_it_cannot_map_and_says_why)
{
        static const char spec[] = "- apiVersion: openslo/v1\n"
                                   "  kind: SLO\n"
                                   "  metadata: { name: web-availability }\n"
                                   "  spec:\n"
                                   "    service: web\n"
                                   "    indicator:\n"
                                   "      spec:\n"
                                   "        ratioMetric:\n"
                                   "          counter: true\n"
                                   "          good: { metricSource: { type: Prometheus, spec: { "
                                   "query: sum(x) } } }\n"
                                   "          total: { metricSource: { type: Prometheus, spec: { "
                                   "query: sum(y) } } }\n"
                                   "    timeWindow: [{ duration: 1w, isRolling: false }]\n"
                                   "    budgetingMethod: %s\n"
                                   "    objectives: [{ op: gt, target: 0.995 }]\n";
        static const struct {
                const char *method, *why;
        } cases[] = { { "Timeslices", "only budgeting by Occurrences" },
                      { "Occurrences", "another system" } };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                SloList list = slos_of(arena_printf(arena, spec, cases[i].method), arena);

                assert_int_equal(list.len, 1);
                assert_int_equal(list.items[0].kind, SLO_UNMAPPED);
                assert_true(span_contains(list.items[0].why, cases[i].why));
        }
}

static const char *open_with(Arena *arena, const char *version, const char *indicator,
                             const char *objective)
{
        return arena_printf(arena,
                            "apiVersion: %s\nkind: SLO\nmetadata: { name: n }\nspec:\n"
                            "  indicator: { spec: { %s } }\n  objectives: [{ %s }]\n",
                            version, indicator, objective);
}

TEST(slo_refuses_broken_open_slo_at_its_place)
{
        static const char source[] =
                "thresholdMetric: { metricSource: { type: hone, spec: { metric: latency_ms } } }";
        static const char no_unit[] =
                "thresholdMetric: { metricSource: { type: hone, spec: { metric: latency } } }";
        static const struct {
                const char *version, *indicator, *objective, *message;
        } cases[] = {
                { "openslo/v2alpha", source, "op: lt, value: 1, target: 0.9", "openslo/v1" },
                { "openslo/v1", source, "op: lt, value: 1", "'target' is missing" },
                { "openslo/v1", source, "op: lt, target: 0.9", "'value' is missing" },
                { "openslo/v1", source, "op: lt, value: 1, target: 99", "ambiguous" },
                { "openslo/v1", source, "op: lt, value: 1, targetPercent: 100", "below 100" },
                { "openslo/v1", source, "op: lt, value: 1, target: 1.0", "" },
                { "openslo/v1", source, "op: lt, value: -1, target: 0.9", "0 or above" },
                { "openslo/v1", no_unit, "op: lt, value: 1, target: 0.9", "in which unit?" },
                { "openslo/v1", "x: 1", "target: 0.9", "neither 'thresholdMetric'" },
                { "openslo/v1", "ratioMetric: {}", "target: 0.9", "neither 'good' nor 'bad'" },
                { "openslo/v1", "thresholdMetric: {}", "target: 0.9", "'metricSource' is missing" },
                { "openslo/v1", "thresholdMetric: { metricSource: { type: hone } }",
                  "op: lt, value: 1, target: 0.9", "'spec' is missing" },
                { "openslo/v1",
                  "thresholdMetric: { metricSource: { type: hone, spec: { metric: lat } } }",
                  "op: lt, value: 1, target: 0.9", "hone knows no metric 'lat'" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                const char *text =
                        open_with(arena, cases[i].version, cases[i].indicator, cases[i].objective);
                Error err = { 0 };
                SloList list;

                assert_fails(slo_parse(span_of(text), "slo.yaml", arena, &list, &err), err,
                             ERR_INPUT);
                if (!span_contains(span_of(err.message), cases[i].message))
                        fail_msg("%s: %s", text, err.message);
        }
}

TEST(slo_has_ceilings)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Buf text = buf_in(arena, MiB(8));
        Error err = { 0 };
        SloList list;

        buf_text(&text, "slos:\n");
        for (int i = 0; i <= 10000; i++)
                buf_text(&text, "  - { metric: error_rate, objective: 99% }\n");
        assert_fails(slo_parse(buf_span(&text), "s", arena, &list, &err), err, ERR_INPUT);
        assert_true(span_contains(span_of(err.message), "s:10002:"));
        buf_clear(&text);
        for (int i = 0; i <= 1000; i++)
                buf_text(&text, "---\napiVersion: openslo/v1\nkind: Service\n");
        assert_fails(slo_parse(buf_span(&text), "s", arena, &list, &err), err, ERR_INPUT);
        assert_true(span_contains(span_of(err.message), "more than 1000 documents"));
}
