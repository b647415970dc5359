#include "process/ab.h"

#include <math.h>
#include <unistd.h>

#include "process/ab_null.h"
#include "process/service_example.h"

#include "harness.h"

static AbPlan plan_of(Example *e, const char *a, const char *b)
{
        static const Config no_config;

        return (AbPlan){ .kind = AB_COMMANDS,
                         .sides = { a, b },
                         .shell = true,
                         .own_results = true,
                         .config = &no_config,
                         .tolerance = 0.5,
                         .min_blocks = 12,
                         .max_blocks = 12,
                         .max_time_ns = 60 * NS_PER_S,
                         .timeout_ns = 60 * NS_PER_S,
                         .seed = 3,
                         .scratch_dir = path_join(e->arena, e->dir, "scratch"),
                         .os = os_real(),
                         .progress = &e->silent };
}

static const MetricChange *change_of(const AbResult *result, MetricId metric)
{
        for (size_t i = 0; i < result->comparison.len; i++)
                if (result->comparison.items[i].metric == metric)
                        return &result->comparison.items[i];
        fail_msg("%s was not compared", metric_def(metric)->name);
        return NULL;
}

TEST(ab_of_two_commands_sees_which_is_slower)
{
        Error err = { 0 };
        AbResult result;
        AbPlan plan;
        Example e;

        example_begin(&e);
        plan = plan_of(&e, "sleep 0.005", "sleep 0.05");
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(change_of(&result, METRIC_TIME)->verdict, CHANGE_SLOWER);
        assert_true(change_of(&result, METRIC_TIME)->effect.change > 1);
        assert_int_equal(result.comparison.verdict, CHANGE_SLOWER);
        assert_int_equal(result.experiment.n_blocks, 12);
        assert_int_equal(result.experiment.n_looks, 1);
        assert_near(result.experiment.level, 0.005, 1e-12);
        assert_null(result.experiment.format);
        example_end(&e);
}

TEST(ab_records_every_value_with_its_block_in_two_runs_of_one_group)
{
        Error err = { 0 };
        const Samples *times;
        AbResult result;
        AbPlan plan;
        Example e;

        example_begin(&e);
        plan = plan_of(&e, "true", "true");
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_true(span_eq(result.runs[0]->group, result.runs[1]->group));
        for (size_t side = 0; side < AB_SIDES; side++) {
                times = recording_find_samples(result.runs[side]->recording, METRIC_TIME, SPAN(""));
                assert_int_equal(times->len, 12);
                assert_int_equal(times->blocks[11], 11);
                assert_true(times->values[5] > 0);
        }
        assert_true(recording_get(result.runs[0]->recording, METRIC_EXEC_FAULTS_MINOR, SPAN("")) >
                    0);
        example_end(&e);
}

TEST(ab_judges_results_that_commands_print_by_themselves)
{
        static const char line[] =
                "printf '{\"hone_bench\":1,\"name\":\"sort\",\"metric\":\"time\","
                "\"unit\":\"ns\",\"iterations\":10,\"values\":[%d.%%s]}\\n' $(date +%%N)";
        Error err = { 0 };
        AbResult result;
        AbPlan plan;
        Example e;

        example_begin(&e);
        plan = plan_of(&e, arena_printf(e.arena, line, 200), arena_printf(e.arena, line, 100));
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(result.comparison.len, 1);
        assert_span(result.comparison.items[0].subject, "sort");
        assert_int_equal(result.comparison.verdict, CHANGE_FASTER);
        assert_near(result.comparison.items[0].effect.change, -0.5, 0.02);
        assert_non_null(result.experiment.format);
        /* the times of the processes are kept, but decide nothing */
        assert_non_null(recording_find_samples(result.runs[0]->recording, METRIC_TIME, SPAN("")));
        example_end(&e);
}

TEST(ab_names_results_that_only_one_side_has)
{
        Error err = { 0 };
        AbResult result;
        AbPlan plan;
        Example e;

        example_begin(&e);
        plan = plan_of(&e, "echo BenchmarkX 1 7 ns/op; echo BenchmarkOld 1 7 ns/op",
                       "echo BenchmarkX 1 7 ns/op");
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(result.comparison.len, 1);
        assert_true(span_contains(result.experiment.left_out, "1 result that"));
        assert_true(span_contains(result.experiment.left_out, "time of Old"));
        plan.sides[0] = plan.sides[1];
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(result.experiment.left_out.len, 0);
        example_end(&e);
}

TEST(ab_takes_no_part_of_an_output_for_results)
{
        const char *const loud = "echo BenchmarkX 1 7 ns/op; head -c 20000000 /dev/zero";
        Error err = { 0 };
        AbResult result;
        AbPlan plan;
        Example e;

        example_begin(&e);
        plan = plan_of(&e, loud, loud);
        plan.max_blocks = plan.min_blocks = 4;
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_null(result.experiment.format);
        plan.format = import_format_find(SPAN("go"));
        assert_fails(ab_run(&plan, e.arena, &result, &err), err, ERR_LIMIT);
        example_end(&e);
}

TEST(ab_looks_again_at_twice_the_blocks_and_spends_half_of_what_is_left)
{
        Error err = { 0 };
        AbResult result;
        AbPlan plan;
        Example e;

        example_begin(&e);
        plan = plan_of(&e, "true", "true");
        plan.min_blocks = 4; /* too few to say anything at this level */
        plan.max_blocks = 20;
        plan.alpha = 0.05;
        plan.tolerance = 1e-9;
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(result.experiment.n_blocks, 20);
        assert_int_equal(result.experiment.n_looks, 4); /* at 4, 8, 16 and the end */
        assert_near(result.experiment.level, 0.05 / 16, 1e-12);
        example_end(&e);
}

TEST(ab_of_a_command_that_fails_or_is_missing_says_which)
{
        static const struct {
                const char *a, *b, *says;
                bool shell;
        } rows[] = {
                { "true", "exit 7", "'exit 7' ended with exit status 7", true },
                { "no-such-program-here", "true", "no-such-program-here", false },
                { "true", "sleep 60", "did not end in time", false },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                Error err = { 0 };
                AbResult result;
                AbPlan plan;
                Example e;

                example_begin(&e);
                plan = plan_of(&e, rows[i].a, rows[i].b);
                plan.shell = rows[i].shell;
                plan.timeout_ns = NS_PER_S / 2;
                assert_true(ab_run(&plan, e.arena, &result, &err) < 0);
                assert_true(span_contains(span_of(err.message), rows[i].says));
                example_end(&e);
        }
}

static void make_repository(Example *e)
{
        example_shell(e, "git init -q . && git config user.name t && git config user.email t@t && "
                         "printf 'sleep 0.005\\n' > job && git add -A && git commit -qm fast && "
                         "printf 'sleep 0.05\\n' > job && git commit -qam slow");
}

TEST(ab_of_revisions_builds_each_in_a_worktree_and_leaves_none)
{
        static const char *const argv[] = { "sh", "./job", NULL };
        Error err = { 0 };
        AbResult result;
        AbPlan plan;
        Config config;
        Example e;

        example_begin(&e);
        make_repository(&e);
        config = (Config){ 0 };
        plan = plan_of(&e, "HEAD~1", "HEAD");
        plan.kind = AB_REVISIONS;
        plan.argv = argv;
        plan.dir = e.dir;
        plan.config = &config;
        plan.setup = "test -f job && touch built";
        plan.shell = false;
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(result.comparison.verdict, CHANGE_SLOWER);
        assert_int_equal(result.experiment.revisions[0].len, 40);
        assert_true(
                span_eq(result.runs[1]->fingerprint.git_revision, result.experiment.revisions[1]));
        assert_false(path_exists(path_join(e.arena, plan.scratch_dir, "A")));
        plan.shell = true;
        plan.argv = (const char *[]){ "sh", "./job", "|", "cat", NULL };
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(result.comparison.verdict, CHANGE_SLOWER);
        plan.setup = "echo broken; false";
        assert_true(ab_run(&plan, e.arena, &result, &err) < 0);
        assert_true(span_contains(span_of(err.message), "broken"));
        plan.sides[0] = "no-such-revision";
        assert_fails(ab_run(&plan, e.arena, &result, &err), err, ERR_NOT_FOUND);
        example_end(&e);
}

TEST(ab_of_revisions_of_a_service_measures_its_requests)
{
        Error err = { 0 };
        AbResult result;
        AbPlan plan;
        Config config;
        Example e;

        example_begin(&e);
        example_service(&e, "app", "");
        example_shell(&e, "cp app/* . && rm -r app && git init -q . && "
                          "git config user.name t && git config user.email t@t && "
                          "git add -A && git commit -qm fast && "
                          "echo 'DELAY_S += 0.01' >> settings.py && git commit -qam slow");
        config = example_config(&e, 8, "");
        config.dir = e.dir;
        config.path = path_join(e.arena, e.dir, "hone.yaml");
        plan = plan_of(&e, "HEAD~1", "HEAD");
        plan.kind = AB_REVISIONS;
        plan.config = &config;
        example_shell(&e, "mkdir -p scratch");
        assert_ok(ab_run(&plan, e.arena, &result, &err), err);
        assert_int_equal(change_of(&result, METRIC_LATENCY_P50)->verdict, CHANGE_SLOWER);
        assert_int_equal(example_starts(&e), 24);
        example_end(&e);
}

TEST(ab_null_counts_what_is_not_there_and_keeps_the_floor)
{
        Error err = { 0 };
        NullTrials null;
        AbPlan plan;
        Example e;
        Store *store;

        example_begin(&e);
        plan = plan_of(&e, "sleep 0.002", "sleep 0.002");
        plan.min_blocks = 10;
        assert_ok(ab_null(&plan, 3, e.arena, &null, &err), err);
        assert_int_equal(null.n_trials, 3);
        assert_int_equal(null.rows.len, 2); /* time and memory */
        assert_true(null.rows.items[0].floor > 0);
        assert_true(null.n_false <= 1);
        assert_near(null.false_rate.low, 0, 0.02);
        assert_int_equal(null.n_blocks, 10);
        assert_ok(store_open(path_join(e.arena, e.dir, "hone.db"), STORE_WRITE, e.arena, &store,
                             &err),
                  err);
        assert_ok(ab_null_store(store, &null, &err), err);
        plan.tolerance = null.rows.items[0].floor / 2;
        assert_fails(ab_null_tolerance(store, null.machine_id, &plan, e.arena, &err), err,
                     ERR_USAGE);
        assert_true(span_contains(span_of(err.message), "against itself"));
        assert_ok(ab_null_tolerance(store, SPAN("elsewhere"), &plan, e.arena, &err), err);
        plan.argv = (const char *[]){ "other", "command", NULL };
        assert_ok(ab_null_tolerance(store, null.machine_id, &plan, e.arena, &err), err);
        plan.argv = NULL;
        plan.tolerance = 0;
        assert_ok(ab_null_tolerance(store, null.machine_id, &plan, e.arena, &err), err);
        assert_true(plan.tolerance >= 0.02 && plan.tolerance >= null.rows.items[0].floor * 0.9);
        plan.tolerance = 0;
        assert_ok(ab_null_tolerance(NULL, null.machine_id, &plan, e.arena, &err), err);
        assert_near(plan.tolerance, 0.02, 0);
        store = store_close(store);
        example_end(&e);
}

TEST(ab_kind_is_seen_from_the_words)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Config none = { 0 };

        assert_int_equal(
                ab_kind_of("http://127.0.0.1:1/", "http://127.0.0.1:2/", false, &none, arena),
                AB_SERVICES);
        assert_int_equal(ab_kind_of("HEAD~1", "HEAD", true, &none, arena), AB_REVISIONS);
        assert_int_equal(ab_kind_of("sort a", "sort b", false, &none, arena), AB_COMMANDS);
}
