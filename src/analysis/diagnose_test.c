#include "harness.h"

#include "analysis/planted_service.h"
#include "analysis/rule.h"

#include <math.h>

/* Evidence being made; what is not set was not measured. */
typedef struct Case {
        Arena *arena;
        Evidence evidence;
        Recording *load, *system, *profile;
        Diagnosis result;
} Case;

static Case case_new(void)
{
        Arena *arena = arena_new(MiB(256));

        return (Case){ .arena = arena,
                       .load = recording_new(arena, "load"),
                       .system = recording_new(arena, "system"),
                       .profile = recording_new(arena, "profile") };
}

static void case_done(Case *c)
{
        c->arena = arena_free(c->arena);
}

static MetricValue *put_for(Recording *rec, MetricId metric, const char *subject, double value,
                            uint64_t n)
{
        return recording_value(rec, metric, span_of(subject), value, n);
}

static MetricValue *put(Recording *rec, MetricId metric, double value)
{
        return put_for(rec, metric, "", value, 0);
}

/* A service that answers 1000 requests a second, each with 1 ms of CPU, in 2 ms. */
static void put_usual_load(Case *c)
{
        put_for(c->load, METRIC_THROUGHPUT, "", 1000, 40000);
        put_for(c->load, METRIC_LATENCY_P50, "", 2e6, 40000);
        put_for(c->load, METRIC_LATENCY_P99, "", 6e6, 40000);
        put_for(c->load, METRIC_ERROR_RATE, "", 0, 40000);
        put(c->system, METRIC_CPU, 1);
        put(c->system, METRIC_HOST_CPU, 0.6);
}

static void run_case(Case *c)
{
        Error err = { 0 };
        RuleSet *rules;

        c->evidence.load = c->load;
        c->evidence.system = c->system;
        c->evidence.profile = c->profile;
        c->evidence.executable = PLANTED_EXE;
        assert_ok(rules_load(NULL, c->arena, &rules, &err), err);
        assert_ok(diagnose(&c->evidence, rules, c->arena, &c->result, &err), err);
        assert_int_equal(c->result.rules_checked, rules_count(rules));
}

/* The finding of a rule; an empty one when it did not speak. */
static Finding found(const Case *c, const char *rule)
{
        for (size_t i = 0; i < c->result.findings.len; i++)
                if (span_is(c->result.findings.items[i].rule, rule))
                        return c->result.findings.items[i];
        return (Finding){ 0 };
}

static bool spoke(const Case *c, const char *rule)
{
        return found(c, rule).rule.len > 0;
}

static bool has_evidence(const Finding *finding, const char *part)
{
        vec_each (Span, line, &finding->evidence)
                if (span_contains(*line, part))
                        return true;
        return false;
}

static bool not_examined(const Case *c, const char *start)
{
        vec_each (Span, line, &c->result.not_examined)
                if (span_starts(*line, start))
                        return true;
        return false;
}

/* --- the flaws of a service --- */

typedef struct Flaw {
        PlantedWay way;
        const char *rule, *function; /* or how its name starts */
        const char *specialist;
} Flaw;

static const Flaw flaws[] = {
        { WAY_PRODUCTS, "database-scan", "products_by_category", "Database expert" },
        { WAY_ORDERS, "n-plus-one", "line_write", "ORM expert" },
        { WAY_DUPLICATES, "hot-function", "names_count_duplicates", "Performance expert" },
        { WAY_CATALOG, "serialization", "catalog_", "Performance expert" },
};

static void check_flaw(const Flaw *flaw, bool mixed)
{
        AUTO(case_done) Case c = case_new();
        const Finding *first;

        put_usual_load(&c);
        c.profile->profile =
                mixed ? planted_mix(flaw->way, c.arena) : planted_way(flaw->way, c.arena);
        run_case(&c);
        assert_true(c.result.findings.len > 0);
        first = &c.result.findings.items[0];
        if (!span_is(first->rule, flaw->rule) || !span_starts(first->where, flaw->function))
                fail_msg("%s of %.*s: %.*s", mixed ? "mix" : "alone", SPAN_ARG(first->where),
                         SPAN_ARG(first->title));
        assert_span(first->specialist, flaw->specialist);
        assert_true(span_contains(first->title, flaw->function));
        assert_true(first->share > 0.4 && first->share <= 1);
        assert_near(first->impact_ns, first->share * 1e6, 1); /* of 1 ms CPU a request */
        assert_near(first->frequency_per_s, 1000, 0);
        assert_true(first->stars >= 4);
        assert_true(first->evidence.len >= 4 && first->advice.len && first->expected_gain.len);
        assert_true(has_evidence(first, "called by handle_request"));
}

TEST(diagnose_names_each_flaw_first_when_its_endpoint_is_alone)
{
        for (size_t i = 0; i < COUNT(flaws); i++)
                check_flaw(&flaws[i], false);
}

TEST(diagnose_names_each_flaw_first_in_a_mix_of_all_endpoints)
{
        for (size_t i = 0; i < COUNT(flaws); i++)
                check_flaw(&flaws[i], true);
}

TEST(diagnose_finds_nothing_urgent_in_a_healthy_service)
{
        AUTO(case_done) Case c = case_new();

        put_usual_load(&c);
        c.profile->profile = planted_mix(WAY_NONE, c.arena);
        run_case(&c);
        for (size_t i = 0; i < c.result.findings.len; i++)
                assert_int_equal(c.result.findings.items[i].priority, PRIORITY_P3);
        assert_false(spoke(&c, "n-plus-one"));
        assert_false(spoke(&c, "database-scan"));
        assert_false(spoke(&c, "serialization"));
}

/* The same, with the CPU saturated by others: latency is longer, the service is as healthy. */
TEST(diagnose_finds_nothing_urgent_in_a_healthy_service_on_a_busy_machine)
{
        AUTO(case_done) Case c = case_new();

        put_for(c.load, METRIC_THROUGHPUT, "", 1000, 40000);
        put_for(c.load, METRIC_LATENCY_P50, "", 40e6, 40000);
        put_for(c.load, METRIC_LATENCY_P99, "", 190e6, 40000);
        put(c.system, METRIC_CPU, 0.2);
        put(c.system, METRIC_HOST_CPU, 1);
        put(c.system, METRIC_HOST_RUNQUEUE, 4);
        put(c.system, METRIC_HOST_DISK_BUSY, 0.99);
        c.profile->profile = planted_mix(WAY_NONE, c.arena);
        run_case(&c);
        assert_true(spoke(&c, "cpu-saturated"));
        for (size_t i = 0; i < c.result.findings.len; i++)
                assert_true(c.result.findings.items[i].priority > PRIORITY_P1);
}

/* --- rules about owners: each with what fires it and what must not --- */

typedef struct OwnerCase {
        const char *rule;
        const char *fires[4], *stays_silent[4]; /* stacks of weight 100 each */
} OwnerCase;

static const OwnerCase owner_cases[] = {
        { "n-plus-one",
          { "main handle lines db:PQexecParams", "main handle lines db:PQexecParams db:malloc",
            "main handle lines libc:memcpy" },
          { "main handle lines libc:qsort", "main handle lines libc:memcpy" } },
        { "database-scan",
          { "main handle list sqlite:sqlite3_step sqlite:sqlite3VdbeExec" },
          { "main handle list sqlite:sqlite3_step", "main handle list libc:strdup" } },
        { "database-work",
          { "main handle list sqlite:sqlite3_step", "main handle list sqlite:sqlite3_column_text",
            "main handle list libc:strdup" },
          { "main handle list sqlite:sqlite3_step", "main handle list libc:strdup" } },
        { "serialization",
          { "main handle show json_object json_text", "main handle show libc:snprintf",
            "main handle show libc:memcpy" },
          { "main handle show libc:qsort", "main handle show libc:memcpy" } },
        { "allocation",
          { "main handle build libc:malloc libc:_int_malloc", "main handle build libc:qsort" },
          { "main handle build libc:malloc", "main handle build libc:qsort",
            "main handle build libc:memcpy" } },
        { "logging",
          { "main handle note libc:fprintf libc:vfprintf", "main handle note libc:qsort" },
          { "main handle note libc:memcpy", "main handle note libc:qsort" } },
        { "lock-contention",
          { "main handle count libc:pthread_mutex_lock libc:__lll_lock_wait kernel:futex_wait",
            "main handle count libc:memcpy", "main handle count" },
          { "main handle count libc:pthread_mutex_lock", "main handle count libc:memcpy",
            "main handle count", "main handle count libc:strlen" } },
        { "kernel-work",
          { "main handle send libc:write kernel:entry_SYSCALL_64 kernel:do_syscall_64",
            "main handle send libc:read kernel:do_syscall_64" },
          { "main handle send libc:write kernel:do_syscall_64", "main handle send libc:memcpy" } },
        { "hot-function", { "main handle hash" }, { "main handle hash sqlite:sqlite3_step" } },
        { "costly-function",
          { "main handle work a1 libc:qsort", "main handle work a2 libc:qsort",
            "main handle other b1 libc:strlen", "main handle other b2 libc:memcpy" },
          { "main handle a", "main handle b", "main handle c" } },
};

static Case owner_case(const char *const *stacks)
{
        Case c = case_new();

        put_usual_load(&c);
        c.profile->profile = planted_new(c.arena);
        for (size_t i = 0; i < 4 && stacks[i]; i++)
                plant(c.profile->profile, 100, stacks[i]);
        run_case(&c);
        return c;
}

TEST(diagnose_rules_about_owners_speak_when_they_should_and_only_then)
{
        for (size_t i = 0; i < COUNT(owner_cases); i++) {
                AUTO(case_done) Case with = owner_case(owner_cases[i].fires);
                AUTO(case_done) Case without = owner_case(owner_cases[i].stays_silent);

                if (!spoke(&with, owner_cases[i].rule))
                        fail_msg("%s does not speak", owner_cases[i].rule);
                if (spoke(&without, owner_cases[i].rule))
                        fail_msg("%s speaks of nothing", owner_cases[i].rule);
        }
}

TEST(diagnose_tells_a_statement_for_each_row_from_one_for_each_request)
{
        static const char *const stacks[] = { "main handle list sqlite:sqlite3_prepare_v2",
                                              "main handle list sqlite:sqlite3_column_text" };

        for (int many = 0; many < 2; many++) {
                AUTO(case_done) Case c = case_new();

                put_for(c.load, METRIC_THROUGHPUT, "", 1000, 40000);
                put(c.system, METRIC_CPU, many ? 0.5 : 0.05); /* 250 us, 25 us a request */
                c.profile->profile = planted_new(c.arena);
                plant(c.profile->profile, 100, stacks[0]);
                plant(c.profile->profile, 100, stacks[1]);
                run_case(&c);
                assert_int_equal(spoke(&c, "n-plus-one"), many);
                assert_int_equal(spoke(&c, "statements-prepared-anew"), !many);
        }
}

/* 40 us a request over all are 160 us for each request of the one endpoint that spends them. */
TEST(diagnose_takes_a_function_to_serve_one_of_the_endpoints)
{
        static const char *const names[] = { "GET /a", "GET /b", "GET /c", "GET /d" };

        for (int by_endpoint = 0; by_endpoint < 2; by_endpoint++) {
                AUTO(case_done) Case c = case_new();

                put_for(c.load, METRIC_THROUGHPUT, "", 1000, 40000);
                for (size_t i = 0; by_endpoint && i < COUNT(names); i++)
                        put_for(c.load, METRIC_THROUGHPUT, names[i], 250, 10000);
                put(c.system, METRIC_CPU, 0.08);
                c.profile->profile = planted_new(c.arena);
                plant(c.profile->profile, 100, "main handle list sqlite:sqlite3_prepare_v2");
                plant(c.profile->profile, 100, "main handle list sqlite:sqlite3_column_text");
                run_case(&c);
                assert_int_equal(spoke(&c, "n-plus-one"), by_endpoint);
        }
}

TEST(diagnose_gives_one_finding_for_one_owner)
{
        AUTO(case_done)
        Case c = owner_case(
                (const char *[4]){ "main handle work sqlite:sqlite3_prepare_v2 libc:malloc",
                                   "main handle work json_text libc:malloc" });

        assert_int_equal(c.result.findings.len, 1);
}

TEST(diagnose_takes_cpu_per_request_where_it_was_measured)
{
        AUTO(case_done) Case c = case_new();

        put_usual_load(&c);
        put(c.system, METRIC_CPU_PER_REQUEST, 5e6);
        c.profile->profile = planted_new(c.arena);
        plant(c.profile->profile, 100, "main hash");
        run_case(&c);
        assert_near(found(&c, "hot-function").impact_ns, 5e6, 1);
}

TEST(diagnose_scales_impact_to_latency_when_requests_queue_for_the_cpu)
{
        AUTO(case_done) Case c = case_new();
        Finding finding;

        put_for(c.load, METRIC_THROUGHPUT, "", 10, 4000);
        put_for(c.load, METRIC_LATENCY_P50, "", 2.5e9, 4000);
        put(c.system, METRIC_CPU, 1);
        put(c.system, METRIC_HOST_CPU, 0.99);
        c.profile->profile = planted_new(c.arena);
        plant(c.profile->profile, 75, "main hash");
        plant(c.profile->profile, 25, "libc:start");
        run_case(&c);
        finding = found(&c, "hot-function");
        assert_near(finding.impact_ns, 0.75 * 2.5e9, 1);
        assert_int_equal(finding.priority, PRIORITY_P0);
        assert_int_equal(finding.stars, 5);
        assert_true(not_examined(&c, "25 % of the CPU samples"));
}

TEST(diagnose_tells_what_a_request_takes_alone_and_under_load)
{
        AUTO(case_done) Case c = case_new();
        Recording *alone = recording_new(c.arena, "load");
        Finding finding;

        put_usual_load(&c);
        put_for(alone, METRIC_LATENCY_P50, "", 1.5e6, 500);
        c.evidence.alone = alone;
        c.profile->profile = planted_way(WAY_DUPLICATES, c.arena);
        run_case(&c);
        finding = found(&c, "hot-function");
        assert_true(has_evidence(&finding, "1.50 ms with one connection"));
        assert_true(has_evidence(&finding, "2.00 ms under load"));
        assert_span(finding.source, "duplicates.c:33");
}

/* --- rules about metrics --- */

TEST(diagnose_errors_and_tails_by_their_limits)
{
        AUTO(case_done) Case bad = case_new();
        AUTO(case_done) Case good = case_new();
        Finding errors;

        put_for(bad.load, METRIC_ERROR_RATE, "", 0.02, 1000);
        put_for(bad.load, METRIC_LATENCY_P50, "", 1e6, 1000);
        put_for(bad.load, METRIC_LATENCY_P99, "", 251e6, 1000);
        put_for(good.load, METRIC_ERROR_RATE, "", 0.01, 1000);
        put_for(good.load, METRIC_LATENCY_P50, "", 1e6, 1000);
        put_for(good.load, METRIC_LATENCY_P99, "", 10e6, 1000);
        run_case(&bad);
        run_case(&good);
        errors = found(&bad, "errors");
        assert_span(errors.title, "2.00 % of the requests fail (all requests)");
        assert_int_equal(errors.priority, PRIORITY_P1);
        assert_int_equal(errors.kind, FINDING_SYMPTOM);
        assert_int_equal(found(&bad, "tail-latency").priority, PRIORITY_P1);
        assert_near(found(&bad, "tail-latency").impact_ns, 250e6, 1);
        assert_false(spoke(&good, "errors"));
        assert_false(spoke(&good, "tail-latency"));
}

/* The mix as a whole has a wide spread because its endpoints differ; no endpoint has a tail. */
TEST(diagnose_judges_each_endpoint_by_itself)
{
        AUTO(case_done) Case c = case_new();
        Finding tail;

        put_for(c.load, METRIC_LATENCY_P50, "", 1e6, 9000);
        put_for(c.load, METRIC_LATENCY_P99, "", 90e6, 9000);
        put_for(c.load, METRIC_THROUGHPUT, "", 1000, 9000);
        put_for(c.load, METRIC_LATENCY_P50, "GET /slow", 80e6, 3000);
        put_for(c.load, METRIC_LATENCY_P99, "GET /slow", 95e6, 3000);
        put_for(c.load, METRIC_LATENCY_P50, "GET /fast", 1e6, 3000);
        put_for(c.load, METRIC_LATENCY_P99, "GET /fast", 2e6, 3000);
        run_case(&c);
        assert_false(spoke(&c, "tail-latency"));
        put_for(c.load, METRIC_LATENCY_P50, "GET /odd", 1e6, 3000);
        put_for(c.load, METRIC_LATENCY_P99, "GET /odd", 61e6, 3000);
        put_for(c.load, METRIC_THROUGHPUT, "GET /odd", 5, 3000); /* 0.5 %: rare */
        run_case(&c);
        tail = found(&c, "tail-latency");
        assert_span(tail.where, "GET /odd");
        assert_near(tail.frequency_per_s, 5, 0);
        assert_int_equal(tail.priority, PRIORITY_P3); /* P2, but for its rarity */
}

TEST(diagnose_does_not_judge_a_quantile_by_too_few_samples)
{
        AUTO(case_done) Case c = case_new();

        put_for(c.load, METRIC_LATENCY_P50, "", 1e6, 100);
        put_for(c.load, METRIC_LATENCY_P99, "", 500e6, 100);
        run_case(&c);
        assert_false(spoke(&c, "tail-latency"));
        assert_true(not_examined(&c, "tail-latency: latency_p99 was not measured, or by too few"));
}

TEST(diagnose_claims_growth_only_when_all_of_its_interval_is_beyond)
{
        AUTO(case_done) Case sure = case_new();
        AUTO(case_done) Case maybe = case_new();
        MetricValue *value = put(sure.system, METRIC_MEMORY_GROWTH, 3 * 1048576.0);

        value->low = 2 * 1048576.0;
        value->high = 4 * 1048576.0;
        value = put(maybe.system, METRIC_MEMORY_GROWTH, 3 * 1048576.0);
        value->low = 0.5 * 1048576.0;
        value->high = 5 * 1048576.0;
        run_case(&sure);
        run_case(&maybe);
        assert_true(spoke(&sure, "memory-growth"));
        assert_false(spoke(&maybe, "memory-growth"));
}

TEST(diagnose_metrics_of_the_machine_by_their_limits)
{
        static const struct {
                const char *rule;
                MetricId metric;
                double silent, speaks;
        } cases[] = { { "stolen-cpu", METRIC_HOST_STEAL, 0.05, 0.06 },
                      { "network-errors", METRIC_HOST_NET_ERRORS, 10, 11 },
                      { "cpu-saturated", METRIC_HOST_CPU, 0.89, 0.95 },
                      { "cpu-queue", METRIC_RUNQUEUE_WAIT, 0.2, 0.3 },
                      { "disk-saturated", METRIC_HOST_PSI_IO, 0.1, 0.3 },
                      { "memory-saturated", METRIC_HOST_MEMORY, 0.9, 0.97 } };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(case_done) Case silent = case_new();
                AUTO(case_done) Case speaks = case_new();

                put(silent.system, cases[i].metric, cases[i].silent);
                put(speaks.system, cases[i].metric, cases[i].speaks);
                run_case(&silent);
                run_case(&speaks);
                assert_false(spoke(&silent, cases[i].rule));
                if (!spoke(&speaks, cases[i].rule))
                        fail_msg("%s does not speak", cases[i].rule);
                assert_int_equal(found(&speaks, cases[i].rule).kind, FINDING_SYMPTOM);
        }
}

TEST(diagnose_weighs_waiting_for_the_disk_by_the_latency)
{
        AUTO(case_done) Case c = case_new();

        put_for(c.load, METRIC_LATENCY_P50, "", 1e9, 1000);
        put(c.system, METRIC_HOST_PSI_IO, 0.6);
        run_case(&c);
        assert_near(found(&c, "disk-saturated").impact_ns, 0.6e9, 1);
        assert_int_equal(found(&c, "disk-saturated").priority, PRIORITY_P1);
        assert_span(found(&c, "disk-saturated").where, "disk");
}

/* --- rules about shapes --- */

TEST(diagnose_shapes_stand_behind_their_owners)
{
        AUTO(case_done) Case c = case_new();
        Buf deep = buf_in(c.arena, KiB(4));

        put_usual_load(&c);
        c.profile->profile = planted_new(c.arena);
        buf_text(&deep, "main handle");
        for (int i = 0; i < 12; i++)
                buf_text(&deep, " fib");
        plant(c.profile->profile, 100, deep.ptr);
        run_case(&c);
        assert_span(c.result.findings.items[0].rule, "hot-function");
        assert_span(found(&c, "deep-recursion").where, "fib");
        assert_true(span_contains(found(&c, "deep-recursion").title, "12 levels"));
        assert_int_equal(found(&c, "deep-recursion").kind, FINDING_SHAPE);
        assert_false(spoke(&c, "wide-base"));
}

TEST(diagnose_wide_base_is_a_function_with_many_callers)
{
        AUTO(case_done)
        Case with = owner_case((const char *[4]){ "main a libc:malloc", "main b libc:malloc",
                                                  "main c libc:malloc", "main d libc:malloc" });
        AUTO(case_done)
        Case without = owner_case((const char *[4]){ "main a libc:malloc", "main b libc:malloc" });

        assert_span(found(&with, "wide-base").where, "malloc");
        assert_false(spoke(&without, "wide-base"));
        assert_false(spoke(&without, "deep-recursion"));
}

/* --- evidence that is missing --- */

TEST(diagnose_says_what_it_could_not_judge)
{
        AUTO(case_done) Case c = case_new();

        put(c.system, METRIC_HOST_CPU, 0.3);
        c.profile->profile = planted_new(c.arena); /* not one sample */
        run_case(&c);
        assert_int_equal(c.result.findings.len, 0);
        assert_true(not_examined(&c, "hot-function: no stack samples"));
        assert_true(not_examined(&c, "deep-recursion: no stack samples"));
        assert_true(not_examined(&c, "errors: error_rate was not measured"));
        assert_true(not_examined(&c, "disk-saturated: disk was not measured"));
        assert_false(not_examined(&c, "cpu-saturated"));
}

TEST(diagnose_needs_some_evidence)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Recording *load = recording_new(arena, "load");
        Error err = { 0 };
        Diagnosis result;
        RuleSet *rules;

        assert_ok(rules_load(NULL, arena, &rules, &err), err);
        assert_fails(diagnose(&(Evidence){ 0 }, rules, arena, &result, &err), err, ERR_USAGE);
        assert_ok(diagnose(&(Evidence){ .load = load }, rules, arena, &result, &err), err);
        assert_int_equal(result.use.bottleneck, -1);
        assert_true(isnan(result.use.rows[RESOURCE_CPU].utilisation));
}

TEST(diagnose_takes_names_of_any_length)
{
        AUTO(case_done) Case c = case_new();
        Buf name = buf_in(c.arena, MiB(1));

        put_usual_load(&c);
        c.profile->profile = planted_new(c.arena);
        buf_text(&name, "main ");
        buf_repeat(&name, 'T', 100000);
        plant(c.profile->profile, 100, name.ptr);
        run_case(&c);
        assert_true(found(&c, "hot-function").title.len < 300);
        assert_int_equal(found(&c, "hot-function").where.len, 100000);
}
