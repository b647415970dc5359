#include "harness.h"

#include "analysis/gate.h"

#define DAY(n) ((uint64_t)(n)*86400 * NS_PER_S)
#define NOW DAY(20000) /* 2024-10-04 */

static Run *run_of(Arena *arena, double p99_ns, const char *revision)
{
        Run *run = new (arena, Run, 1);

        run->recording = recording_new(arena, "load");
        run->fingerprint.git_revision = span_of(revision);
        recording_value(run->recording, METRIC_LATENCY_P99, SPAN(""), p99_ns, 5000);
        return run;
}

static ExceptionList exceptions_of(const char *text, Arena *arena)
{
        Error err = { 0 };
        ExceptionList list;

        assert_ok(exceptions_parse(span_of(text), "e.yaml", arena, &list, &err), err);
        return list;
}

static GateResult judge(const GateInput *given, Arena *arena)
{
        GateInput in = *given;
        Error err = { 0 };
        GateResult result;
        Budget budget;

        assert_ok(budget_parse(SPAN("metrics: {p99_latency_ms: 100}"), "b", arena, &budget, &err),
                  err);
        in.budget = &budget;
        in.now_ns = NOW;
        assert_ok(gate_judge(&in, arena, &result, &err), err);
        return result;
}

static const char suppression[] = "exceptions:\n"
                                  "  - metric: latency_p99\n"
                                  "    action: suppress\n"
                                  "    owner: ana@example.org\n"
                                  "    reason: the index is rebuilt\n"
                                  "    expires: %s\n";

TEST(gate_shows_but_does_not_count_what_is_suppressed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        ExceptionList list = exceptions_of(arena_printf(arena, suppression, "2024-10-04"), arena);
        Run *run = run_of(arena, 500e6, "");
        GateInput in = { .runs = &run, .n_runs = 1, .exceptions = &list };
        GateResult result = judge(&in, arena);

        assert_int_equal(result.verdict, GATE_PASS);
        assert_int_equal(result.items[0].verdict, GATE_SUPPRESSED);
        assert_int_equal(result.items[0].judged, GATE_FAIL);
        assert_int_equal(result.counts[GATE_SUPPRESSED], 1);
        assert_ptr_equal(result.items[0].exception, &list.items[0]);
        assert_true(span_contains(result.items[0].reason,
                                  "suppressed until 2024-10-04 by ana@example.org: the index is "
                                  "rebuilt. Without that: FAIL"));
}

TEST(gate_judges_again_what_has_expired_and_tells)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        ExceptionList list = exceptions_of(arena_printf(arena, suppression, "2024-10-03"), arena);
        Run *run = run_of(arena, 500e6, "");
        GateInput in = { .runs = &run, .n_runs = 1, .exceptions = &list };
        GateResult result = judge(&in, arena);

        assert_int_equal(result.verdict, GATE_FAIL);
        assert_null(result.items[0].exception);
        assert_int_equal(result.n_notes, 1);
        assert_true(span_contains(result.notes[0], "ana@example.org for latency_p99 expired on "
                                                   "2024-10-03"));
}

TEST(gate_suppresses_only_what_the_exception_speaks_about)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        ExceptionList list = exceptions_of("exceptions:\n"
                                           "  - { metric: memory_peak, action: suppress, owner: a, "
                                           "reason: b, expires: 2030-01-01 }\n"
                                           "  - { metric: latency_p99, subject: GET /x, action: "
                                           "suppress, owner: a, reason: b, expires: 2030-01-01 }\n",
                                           arena);
        Run *run = run_of(arena, 500e6, "");
        GateInput in = { .runs = &run, .n_runs = 1, .exceptions = &list };

        assert_int_equal(judge(&in, arena).verdict, GATE_FAIL);
}

/* Revisions in this test are held by those that begin with the same letter, or a later one. */
static bool later_holds(void *context, Span revision, Span commit)
{
        *(unsigned *)context += 1;
        return commit.len && revision.ptr[0] <= commit.ptr[0];
}

TEST(gate_takes_an_accepted_revision_for_the_base_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const struct {
                const char *base, *head;
                GateVerdict verdict;
        } cases[] = {
                { "aaaaaaaaaa", "cccccccccc", GATE_SUPPRESSED }, /* accepted between the two */
                { "aaaaaaaaaa", "aaaaaaaaab", GATE_FAIL },       /* after both: not yet */
                { "bbbbbbbbbb", "cccccccccc", GATE_FAIL },       /* before both: a new change */
                { "", "cccccccccc", GATE_FAIL },                 /* a base of no known commit */
        };

        for (size_t c = 0; c < COUNT(cases); c++) {
                ExceptionList list = exceptions_of(
                        "exceptions:\n"
                        "  - { metric: latency_p99, action: accept, at: aaaaaaa, owner: ben, "
                        "reason: long ago }\n"
                        "  - { metric: latency_p99, action: accept, at: bbbbbbb, owner: ben, "
                        "reason: the cache grew }\n",
                        arena);
                Run *base[6], *head[6];
                unsigned asked = 0;
                GateInput in = { .runs = head,
                                 .n_runs = 6,
                                 .base = base,
                                 .n_base = 6,
                                 .exceptions = &list,
                                 .holds = later_holds,
                                 .context = &asked };
                GateResult result;

                for (size_t i = 0; i < 6; i++) {
                        base[i] = run_of(arena, 50e6 + (double)i, cases[c].base);
                        head[i] = run_of(arena, 80e6 + (double)i, cases[c].head);
                }
                result = judge(&in, arena);
                assert_int_equal(result.len, 2);
                assert_int_equal(result.items[0].verdict, GATE_PASS); /* the budget itself */
                assert_int_equal(result.items[1].verdict, cases[c].verdict);
                assert_true(asked > 0);
        }
}

TEST(gate_accepts_nothing_when_nobody_knows_the_commits)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ExceptionList list =
                exceptions_of("exceptions:\n  - { metric: latency_p99, action: accept, "
                              "at: bbbbbbb, owner: ben, reason: the cache grew }\n",
                              arena);
        Run *base[6], *head[6];
        GateInput in = {
                .runs = head, .n_runs = 6, .base = base, .n_base = 6, .exceptions = &list
        };

        for (size_t i = 0; i < 6; i++) {
                base[i] = run_of(arena, 50e6 + (double)i, "aaaaaaaaaa");
                head[i] = run_of(arena, 80e6 + (double)i, "bbbbbbbbbb");
        }
        assert_int_equal(judge(&in, arena).verdict, GATE_FAIL);
}
