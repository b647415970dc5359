#include "process/bench.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "harness.h"

typedef struct Fixture {
        Arena *arena;
        Progress silent;
        char *folder;
        BenchSide sides[3];
        Run *run;
        Error err;
} Fixture;

static void fixture_begin(Fixture *f)
{
        *f = (Fixture){ .arena = arena_new(MiB(256)),
                        .silent = progress_to(NULL, os_real(), true) };
        f->folder = arena_printf(f->arena, "/tmp/hone-bench-test-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        interrupt_install();
        interrupt_clear();
}

static void fixture_end(Fixture *f)
{
        interrupt_clear();
        tree_remove(f->folder, NULL);
        f->arena = arena_free(f->arena);
}

static void side(Fixture *f, size_t i, const char *name, const char *line)
{
        f->sides[i] = (BenchSide){ .name = span_of(name), .shell = line };
}

static BenchPlan plan_of(Fixture *f, size_t n_sides, size_t runs)
{
        return (BenchPlan){ .sides = f->sides,
                            .n_sides = n_sides,
                            .min_runs = runs,
                            .max_runs = runs,
                            .seed = 5,
                            .os = os_real(),
                            .progress = &f->silent };
}

static int measure(Fixture *f, BenchPlan plan)
{
        return bench_measure(&plan, f->arena, &f->run, &f->err);
}

static const Samples *samples_of(const Fixture *f, MetricId metric, const char *subject)
{
        return recording_find_samples(f->run->recording, metric, span_of(subject));
}

static bool is_noted(const Fixture *f, NoteKind kind, const char *words)
{
        vec_each (const Note, note, &f->run->recording->notes)
                if (note->kind == kind && span_contains(note->text, words))
                        return true;
        return false;
}

/* How often a line stands in a log in the fixture's folder. */
static size_t count_lines(Fixture *f, const char *wanted)
{
        Span text, line;
        size_t n = 0;

        assert_ok(
                file_read(path_join(f->arena, f->folder, "log"), MiB(1), f->arena, &text, &f->err),
                f->err);
        while (span_next_line(&text, &line))
                n += span_is(line, wanted);
        return n;
}

static const char *logging(Fixture *f, const char *word)
{
        return arena_printf(f->arena, "echo %s >>%s/log", word, f->folder);
}

TEST(bench_measures_commands_in_blocks_and_keeps_every_sample)
{
        static const MetricId metrics[] = { METRIC_TIME, METRIC_TIME_USER, METRIC_TIME_SYSTEM,
                                            METRIC_MEMORY, METRIC_EXEC_FAULTS_MINOR };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        side(&f, 0, "quick", "true");
        side(&f, 1, "slow", "sleep 0.02");
        assert_ok(measure(&f, plan_of(&f, 2, 7)), f.err);
        for (size_t i = 0; i < COUNT(metrics); i++) {
                const Samples *s = samples_of(&f, metrics[i], "slow");

                assert_non_null(s);
                assert_int_equal(s->len, 7);
                assert_non_null(s->blocks);
                assert_int_equal(s->blocks[6], 6);
        }
        assert_true(recording_get(f.run->recording, METRIC_TIME, SPAN("slow")) > 20e6);
        assert_true(recording_get(f.run->recording, METRIC_TIME, SPAN("slow")) >
                    recording_get(f.run->recording, METRIC_TIME, SPAN("quick")));
        assert_int_equal(recording_find(f.run->recording, METRIC_TIME, SPAN("slow"))->n, 7);
        assert_true(recording_find(f.run->recording, METRIC_TIME, SPAN("slow"))->low > 20e6);
        assert_span(f.run->recording->instrument, "bench");
        assert_true(span_contains(f.run->plan_json, "\"seed\":5"));
        assert_true(is_noted(&f, NOTE_EXAMINED, "7 runs of each command in randomised"));
        assert_false(f.run->recording->partial);
}

TEST(bench_runs_what_comes_before_and_after)
{
        AUTO(fixture_end) Fixture f;
        BenchPlan plan;

        fixture_begin(&f);
        for (size_t i = 0; i < 2; i++) {
                side(&f, i, i ? "b" : "a", logging(&f, "run"));
                f.sides[i].setup = logging(&f, "setup");
                f.sides[i].prepare = logging(&f, "prepare");
                f.sides[i].conclude = logging(&f, "conclude");
                f.sides[i].cleanup = logging(&f, "cleanup");
        }
        plan = plan_of(&f, 2, 3);
        plan.warmup = 2;
        assert_ok(measure(&f, plan), f.err);
        assert_int_equal(count_lines(&f, "setup"), 2);
        assert_int_equal(count_lines(&f, "prepare"), 10);
        assert_int_equal(count_lines(&f, "run"), 10);
        assert_int_equal(count_lines(&f, "conclude"), 10);
        assert_int_equal(count_lines(&f, "cleanup"), 1); /* the same line for both */
        assert_int_equal(samples_of(&f, METRIC_TIME, "a")->len, 3);
}

TEST(bench_says_that_setups_of_different_commands_all_come_first)
{
        AUTO(fixture_end) Fixture f;
        BenchPlan plan;

        fixture_begin(&f);
        side(&f, 0, "a", "true");
        side(&f, 1, "b", "true");
        f.sides[0].setup = "true a";
        f.sides[1].setup = "true b";
        assert_ok(measure(&f, plan_of(&f, 2, 2)), f.err);
        assert_true(is_noted(&f, NOTE_WARNING, "--sequential"));
        plan = plan_of(&f, 2, 2);
        plan.sequential = true;
        assert_ok(measure(&f, plan), f.err);
        assert_false(is_noted(&f, NOTE_WARNING, "the setups of all commands"));
        assert_null(samples_of(&f, METRIC_TIME, "a")->blocks);
        assert_true(is_noted(&f, NOTE_WARNING, "not interleaved"));
}

TEST(bench_of_a_command_that_fails_quotes_it_and_cleans_up)
{
        AUTO(fixture_end) Fixture f;
        bool accepts[BENCH_EXIT_CODES] = { true, [3] = true };
        BenchPlan plan;

        fixture_begin(&f);
        side(&f, 0, "broken", "echo one >&2; echo 'two words' >&2; exit 3");
        f.sides[0].cleanup = logging(&f, "cleanup");
        assert_fails(measure(&f, plan_of(&f, 1, 5)), f.err, ERR_FAILED);
        assert_string_equal(f.err.message, "'broken' ended with exit status 3: two words");
        assert_non_null(strstr(f.err.hint, "--ignore-failure=3"));
        assert_int_equal(count_lines(&f, "cleanup"), 1);
        plan = plan_of(&f, 1, 5);
        plan.accepts = accepts;
        assert_ok(measure(&f, plan), f.err);
        side(&f, 0, "killed", "kill -SEGV $$");
        assert_fails(measure(&f, plan), f.err, ERR_FAILED);
        assert_non_null(strstr(f.err.message, "signal 11"));
}

TEST(bench_of_a_command_that_hangs_or_is_missing_is_an_error)
{
        AUTO(fixture_end) Fixture f;
        BenchPlan plan;

        fixture_begin(&f);
        side(&f, 0, "hangs", "sleep 100");
        plan = plan_of(&f, 1, 5);
        plan.timeout_ns = 50 * NS_PER_MS;
        assert_fails(measure(&f, plan), f.err, ERR_TIMEOUT);
        assert_non_null(strstr(f.err.hint, "--timeout"));
        f.sides[0] = (BenchSide){ .name = SPAN("gone"),
                                  .argv = (const char *const[]){ "no-such-program-here", NULL } };
        assert_fails(measure(&f, plan), f.err, ERR_NOT_FOUND);
}

TEST(bench_hooks_that_fail_are_named)
{
        static const size_t offsets[] = { offsetof(BenchSide, setup), offsetof(BenchSide, prepare),
                                          offsetof(BenchSide, conclude),
                                          offsetof(BenchSide, cleanup) };
        static const char *const names[] = { "--setup", "--prepare", "--conclude", "--cleanup" };

        for (size_t i = 0; i < COUNT(offsets); i++) {
                AUTO(fixture_end) Fixture f;

                fixture_begin(&f);
                side(&f, 0, "a", "true");
                *(const char **)(void *)((char *)&f.sides[0] + offsets[i]) = "exit 9";
                assert_fails(measure(&f, plan_of(&f, 1, 2)), f.err, ERR_FAILED);
                assert_non_null(strstr(f.err.during, names[i]));
        }
}

TEST(bench_stops_when_the_median_is_known_well_enough)
{
        AUTO(fixture_end) Fixture f;
        BenchPlan plan;

        fixture_begin(&f);
        side(&f, 0, "a", "sleep 0.01");
        plan = plan_of(&f, 1, 200);
        plan.min_runs = 8;
        plan.precision = 100; /* any interval will do */
        assert_ok(measure(&f, plan), f.err);
        assert_int_equal(samples_of(&f, METRIC_TIME, "a")->len, 8);
        plan.precision = 1e-9;
        plan.max_time_ns = 200 * NS_PER_MS;
        assert_ok(measure(&f, plan), f.err);
        assert_true(samples_of(&f, METRIC_TIME, "a")->len < 200);
        assert_true(is_noted(&f, NOTE_WARNING, "time was up"));
}

TEST(bench_that_was_interrupted_keeps_the_whole_blocks)
{
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        side(&f, 0, "a", "true");
        side(&f, 1, "b",
             arena_printf(f.arena, "%s; [ $(wc -l <%s/log) -lt 5 ] || kill -INT %d; sleep 0.05",
                          logging(&f, "run"), f.folder, (int)getpid()));
        assert_ok(measure(&f, plan_of(&f, 2, 50)), f.err);
        assert_true(f.run->recording->partial);
        assert_int_equal(samples_of(&f, METRIC_TIME, "a")->len, 4);
        assert_int_equal(samples_of(&f, METRIC_TIME, "b")->len, 4);
        assert_true(is_noted(&f, NOTE_WARNING, "interrupted after 4 whole blocks"));
}

TEST(bench_that_was_interrupted_while_counting_instructions_keeps_its_blocks)
{
        AUTO(fixture_end) Fixture f;
        BenchPlan plan;
        int r;

        fixture_begin(&f);
        side(&f, 0, "a",
             arena_printf(f.arena, "%s; [ $(wc -l <%s/log) -lt 6 ] || kill -INT %d; sleep 0.05",
                          logging(&f, "run"), f.folder, (int)getpid()));
        plan = plan_of(&f, 1, 4); /* and one before that does not count */
        plan.warmup = 1;
        plan.n_simulated = 2;
        r = measure(&f, plan);
        if (r == -ERR_UNAVAILABLE)
                skip_because("there is no valgrind");
        assert_ok(r, f.err);
        assert_true(f.run->recording->partial);
        assert_int_equal(samples_of(&f, METRIC_TIME, "a")->len, 4);
        assert_true(is_noted(&f, NOTE_WARNING, "interrupted while counting"));
}

TEST(bench_that_was_interrupted_at_once_is_nothing)
{
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        side(&f, 0, "a", arena_printf(f.arena, "kill -INT %d; sleep 1", (int)getpid()));
        f.sides[0].cleanup = logging(&f, "cleanup");
        assert_fails(measure(&f, plan_of(&f, 1, 50)), f.err, ERR_INTERRUPTED);
        assert_int_equal(count_lines(&f, "cleanup"), 1);
}

TEST(bench_writes_the_output_where_it_is_told)
{
        AUTO(fixture_end) Fixture f;
        BenchPlan plan;
        Span text;

        fixture_begin(&f);
        side(&f, 0, "a", "cat; echo err >&2");
        plan = plan_of(&f, 1, 2);
        plan.input_path = path_join(f.arena, f.folder, "in");
        plan.output_path = path_join(f.arena, f.folder, "out");
        assert_ok(file_write(plan.input_path, SPAN("hello\n"), &f.err), f.err);
        assert_ok(measure(&f, plan), f.err);
        assert_ok(file_read(plan.output_path, KiB(1), f.arena, &text, &f.err), f.err);
        assert_span(text, "hello\nerr\n");
        plan.output_path = NULL;
        plan.pipe_output = true;
        side(&f, 0, "a", "head -c 300000 /dev/zero");
        assert_ok(measure(&f, plan), f.err);
}

/* --- programs of hone_bench.h --- */

static int measure_programs(Fixture *f, size_t n, const char *line)
{
        BenchPlan plan = plan_of(f, n, 4);

        for (size_t i = 0; i < n; i++)
                side(f, i, i ? "new" : "old", line);
        plan.programs = true;
        return measure(f, plan);
}

#define RESULT(name, values)                                                 \
        "echo '{\"hone_bench\":1,\"name\":\"" name "\",\"metric\":\"time\"," \
        "\"unit\":\"ns\",\"iterations\":10,\"values\":[" values "]}';"

TEST(bench_takes_the_median_of_what_each_process_printed)
{
        AUTO(fixture_end) Fixture f;
        const Samples *s;

        fixture_begin(&f);
        assert_ok(measure_programs(&f, 1, RESULT("sort/n=10", "5,1,3") RESULT("find", "7")), f.err);
        s = samples_of(&f, METRIC_TIME, "sort/n=10");
        assert_non_null(s);
        assert_int_equal(s->len, 4);
        assert_near(s->values[3], 3, 0);
        assert_near(recording_get(f.run->recording, METRIC_TIME, SPAN("find")), 7, 0);
        assert_null(samples_of(&f, METRIC_MEMORY, "old"));
        assert_ok(measure_programs(&f, 2, RESULT("find", "7")), f.err);
        assert_non_null(samples_of(&f, METRIC_TIME, "old: find"));
        assert_non_null(samples_of(&f, METRIC_TIME, "new: find"));
        assert_true(is_noted(&f, NOTE_EXAMINED, "4 runs of each program"));
}

TEST(bench_of_a_program_that_says_nothing_useful_is_an_error)
{
        static const struct {
                const char *line, *message;
                int code;
        } cases[] = {
                { "true", "printed no benchmark", ERR_FAILED },
                { "echo hello", "printed no benchmark", ERR_FAILED },
                { RESULT("a", "1") "exit 2", "exit status 2", ERR_FAILED },
                { RESULT("a", "-1"), "a", ERR_INPUT },
                { RESULT("a", "x"), "1", ERR_INPUT },
                { RESULT("a", ""), "empty", ERR_INPUT },
                { "printf '{\"hone_bench\":1,\"na'", "1", ERR_INPUT },
                { RESULT("a", "1") "[ -e $F/1 ] || " RESULT("b", "1") ":>$F/1", "every execution",
                  ERR_FAILED },
                { RESULT("a", "1") "[ ! -e $F/2 ] || " RESULT("b", "1") ":>$F/2", "every execution",
                  ERR_FAILED },
        };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        setenv("F", f.folder, 1);
        for (size_t i = 0; i < COUNT(cases); i++) {
                f.err = (Error){ 0 };
                assert_fails(measure_programs(&f, 1, cases[i].line), f.err, cases[i].code);
                if (!strstr(f.err.message, cases[i].message))
                        fail_msg("case %zu: %s", i, f.err.message);
        }
        unsetenv("F");
}

TEST(bench_keeps_what_programs_warn_of)
{
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        assert_ok(measure_programs(&f, 1,
                                   "echo a line of its own; "
                                   "echo '{\"hone_bench\":1,\"name\":\"a\",\"metric\":\"time\","
                                   "\"unit\":\"ns\",\"values\":[1],\"notes\":[\"it is slow\"]}'"),
                  f.err);
        assert_true(is_noted(&f, NOTE_WARNING, "warned 4 times, first: a: it is slow"));
        assert_true(is_noted(&f, NOTE_NOT_EXAMINED, "4 lines"));
}

/* --- instructions --- */

TEST(bench_counts_instructions_under_callgrind)
{
        AUTO(fixture_end) Fixture f;
        const Samples *few, *many;
        BenchPlan plan;
        int r;

        fixture_begin(&f);
        side(&f, 0, "few", "i=0; while [ $i -lt 10 ]; do i=$((i + 1)); done");
        side(&f, 1, "many", "i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done");
        plan = plan_of(&f, 2, 2);
        plan.n_simulated = 2;
        r = measure(&f, plan);
        if (r == -ERR_UNAVAILABLE)
                skip_because("there is no valgrind");
        assert_ok(r, f.err);
        few = samples_of(&f, METRIC_INSTRUCTIONS, "few");
        many = samples_of(&f, METRIC_INSTRUCTIONS, "many");
        assert_non_null(few);
        assert_non_null(many);
        assert_int_equal(many->len, 2);
        assert_null(many->blocks);
        assert_true(many->values[0] > few->values[0] + 2000 * 20);
        assert_near(many->values[0] / many->values[1], 1, 0.01);
}
