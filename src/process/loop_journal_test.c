#include "process/loop_int.h"

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "harness.h"

#define BASE "1111111111111111111111111111111111111111"
#define KEPT "2222222222222222222222222222222222222222"

/* The state of a loop over three commands, without git and without measuring. */
typedef struct Fixture {
        Arena *arena;
        char dir[64];
        Config config;
        Candidate candidates[3];
        LoopPlan plan;
        Loop loop;
} Fixture;

/* A process of its own, as far as the journal can tell. */
static void fixture_restart(Fixture *f)
{
        f->loop.journal = journal_close(f->loop.journal);
        f->loop = (Loop){ .plan = &f->plan,
                          .arena = f->arena,
                          .id = SPAN("loop-test"),
                          .base = SPAN(BASE),
                          .head = SPAN(BASE),
                          .seed = 4711,
                          .iterations = new (f->arena, Iteration, 3) };
}

static void fixture_begin(Fixture *f)
{
        Error err = { 0 };

        *f = (Fixture){ .arena = arena_new(MiB(64)),
                        .config = { .digest = SPAN("c0ffee") },
                        .candidates = { { .name = "one", .command = "true 1" },
                                        { .name = "two", .command = "true 2" },
                                        { .name = "three", .command = "true 3" } } };
        snprintf(f->dir, sizeof(f->dir), "/tmp/hone-journal-XXXXXX");
        assert_non_null(mkdtemp(f->dir));
        f->plan = (LoopPlan){ .config = &f->config,
                              .candidates = f->candidates,
                              .n_candidates = COUNT(f->candidates),
                              .journal_dir = f->dir,
                              .os = os_real() };
        fixture_restart(f);
        assert_ok(loop_journal_open(&f->loop, &err), err);
        assert_false(f->loop.resumed);
}

static void fixture_end(Fixture *f)
{
        f->loop.journal = journal_close(f->loop.journal);
        assert_int_equal(tree_remove(f->dir, NULL), 0);
        f->arena = arena_free(f->arena);
}

static const char *journal_path(Fixture *f)
{
        return path_join(f->arena, f->dir, "journal");
}

static Span journal_bytes(Fixture *f)
{
        Error err = { 0 };
        Span bytes;

        assert_ok(file_read(journal_path(f), MiB(1), f->arena, &bytes, &err), err);
        return bytes;
}

static void journal_replace(Fixture *f, Span bytes)
{
        Error err = { 0 };

        f->loop.journal = journal_close(f->loop.journal);
        assert_ok(file_write(journal_path(f), bytes, &err), err);
}

static LoopChange changes[] = { { .metric = SPAN("latency_p50"),
                                  .subject = SPAN("GET /a"),
                                  .verdict = SPAN("FASTER"),
                                  .a = 2e6,
                                  .b = 1e6,
                                  .change = -0.5,
                                  .low = -0.55,
                                  .high = -0.45,
                                  .p = 0.004,
                                  .mde = 0.03 },
                                { .metric = SPAN("memory_peak"),
                                  .verdict = SPAN("SAME"),
                                  .a = NAN,
                                  .b = 4096,
                                  .mde = INFINITY } };

static void measured(Fixture *f, size_t number)
{
        TrialAnswers answers = { .changes = changes, .n = COUNT(changes), .memory_over = true };
        Error err = { 0 };

        assert_ok(loop_journal_measured(&f->loop, number, &answers, &err), err);
}

static void ended(Fixture *f, size_t number, LoopOutcome outcome, const char *commit)
{
        Iteration it = { .number = number,
                         .name = SPAN("ignored"),
                         .outcome = outcome,
                         .detail = SPAN("a \"detail\"\nof two lines"),
                         .commit = span_of(commit),
                         .changes = changes,
                         .n_changes = COUNT(changes) };
        Error err = { 0 };

        assert_ok(loop_journal_ended(&f->loop, &it, &err), err);
}

static void assert_corrupt(Fixture *f, const char *says)
{
        Error err = { 0 };

        fixture_restart(f);
        assert_fails(loop_journal_open(&f->loop, &err), err, ERR_CORRUPT);
        if (!strstr(err.message, says))
                fail_msg("'%s' does not say '%s'", err.message, says);
}

TEST(loop_journal_replays_what_was_decided)
{
        Error err = { 0 };
        Iteration *it;
        Fixture f;

        fixture_begin(&f);
        measured(&f, 1);
        ended(&f, 1, LOOP_KEPT, KEPT);
        ended(&f, 2, LOOP_TESTS_FAILED, NULL);
        fixture_restart(&f);
        f.loop.id = SPAN("another");
        f.loop.seed = 1;
        assert_ok(loop_journal_open(&f.loop, &err), err);
        assert_true(f.loop.resumed);
        assert_false(f.loop.finished || f.loop.has_first);
        assert_span(f.loop.id, "loop-test");
        assert_int_equal(f.loop.seed, 4711);
        assert_span(f.loop.head, KEPT);
        assert_int_equal(f.loop.n_ended, 2);
        assert_int_equal(f.loop.n_kept, 1);
        it = &f.loop.iterations[0];
        assert_int_equal(it->number, 1);
        assert_span(it->name, "one");
        assert_int_equal(it->outcome, LOOP_KEPT);
        assert_span(it->detail, "a \"detail\"\nof two lines");
        assert_int_equal(it->n_changes, COUNT(changes));
        assert_ptr_equal(it->headline, &it->changes[0]);
        assert_span(it->changes[0].subject, "GET /a");
        assert_near(it->changes[0].low, -0.55, 1e-12);
        assert_near(it->changes[0].mde, 0.03, 1e-12);
        assert_true(isnan(it->changes[1].a));
        assert_int_equal(f.loop.iterations[1].outcome, LOOP_TESTS_FAILED);
        assert_int_equal(f.loop.iterations[1].commit.len, 0);
        fixture_end(&f);
}

TEST(loop_journal_resumes_a_measured_candidate)
{
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f);
        measured(&f, 1);
        fixture_restart(&f);
        assert_ok(loop_journal_open(&f.loop, &err), err);
        assert_true(f.loop.has_first);
        assert_true(f.loop.first.memory_over);
        assert_false(f.loop.first.errors);
        assert_int_equal(f.loop.first.n, COUNT(changes));
        assert_span(f.loop.first.changes[0].verdict, "FASTER");
        assert_int_equal(f.loop.n_ended, 0);
        fixture_end(&f);
}

TEST(loop_journal_knows_every_outcome)
{
        for (LoopOutcome outcome = 0; outcome < LOOP_OUTCOME_COUNT_; outcome++) {
                Error err = { 0 };
                Fixture f;

                fixture_begin(&f);
                ended(&f, 1, outcome, KEPT);
                fixture_restart(&f);
                assert_ok(loop_journal_open(&f.loop, &err), err);
                assert_int_equal(f.loop.iterations[0].outcome, outcome);
                assert_int_equal(f.loop.n_kept, outcome == LOOP_KEPT);
                fixture_end(&f);
        }
}

/* What makes another plan of it; each is refused. */
static void other_base(Fixture *f)
{
        f->loop.base = SPAN(KEPT);
}

static void other_config(Fixture *f)
{
        f->config.digest = SPAN("decaf");
}

static void other_command(Fixture *f)
{
        f->candidates[1].command = "false";
}

static void other_name(Fixture *f)
{
        f->candidates[0].name = "uno";
}

static void fewer_candidates(Fixture *f)
{
        f->plan.n_candidates = 2;
}

TEST(loop_journal_of_another_plan_is_refused)
{
        static void (*const others[])(Fixture *) = { other_base, other_config, other_command,
                                                     other_name, fewer_candidates };

        for (size_t i = 0; i < COUNT(others); i++) {
                Error err = { 0 };
                Fixture f;

                fixture_begin(&f);
                fixture_restart(&f);
                others[i](&f);
                assert_fails(loop_journal_open(&f.loop, &err), err, ERR_USAGE);
                assert_non_null(strstr(err.message, "loop-test"));
                assert_non_null(strstr(err.hint, "--fresh"));
                fixture_end(&f);
        }
}

TEST(loop_journal_sees_that_a_patch_was_edited)
{
        Error err = { 0 };
        const char *patch;
        Fixture f;

        fixture_begin(&f);
        patch = path_join(f.arena, f.dir, "x.patch");
        f.candidates[0] = (Candidate){ .name = "x.patch", .patch = patch };
        f.plan.fresh = true;
        fixture_restart(&f);
        assert_int_equal(loop_journal_open(&f.loop, &err), -ENOENT);
        assert_non_null(strstr(err.message, "x.patch"));
        assert_ok(file_write(patch, SPAN("one"), &err), err);
        fixture_restart(&f);
        assert_ok(loop_journal_open(&f.loop, &err), err);
        f.plan.fresh = false;
        fixture_restart(&f);
        assert_ok(loop_journal_open(&f.loop, &err), err);
        assert_true(f.loop.resumed);
        assert_ok(file_write(patch, SPAN("two"), &err), err);
        fixture_restart(&f);
        assert_fails(loop_journal_open(&f.loop, &err), err, ERR_USAGE);
        fixture_end(&f);
}

TEST(loop_journal_put_aside_is_kept)
{
        glob_t found = { 0 };
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f);
        ended(&f, 1, LOOP_KEPT, KEPT);
        other_command(&f);
        f.plan.fresh = true;
        fixture_restart(&f);
        assert_ok(loop_journal_open(&f.loop, &err), err);
        assert_false(f.loop.resumed);
        assert_int_equal(f.loop.n_ended, 0);
        assert_span(f.loop.head, BASE);
        assert_int_equal(glob(path_join(f.arena, f.dir, "journal.abandoned-*"), 0, NULL, &found),
                         0);
        assert_int_equal(found.gl_pathc, 1);
        globfree(&found);
        fixture_end(&f);
}

TEST(loop_journal_that_was_edited_is_refused)
{
        Fixture f;
        Span bytes;
        char *text;

        fixture_begin(&f);
        ended(&f, 1, LOOP_NO_CHANGE, KEPT);
        ended(&f, 2, LOOP_NO_CHANGE, KEPT);
        bytes = journal_bytes(&f);
        text = span_text(f.arena, bytes);
        memcpy(strstr(text, "rejected: no change"), "kept: a very big", 16);
        journal_replace(&f, (Span){ text, bytes.len });
        assert_corrupt(&f, "journal");
        fixture_end(&f);
}

TEST(loop_journal_loses_only_a_torn_last_record)
{
        Error err = { 0 };
        Fixture f;
        Span bytes;

        fixture_begin(&f);
        ended(&f, 1, LOOP_KEPT, KEPT);
        ended(&f, 2, LOOP_NO_CHANGE, NULL);
        bytes = journal_bytes(&f);
        journal_replace(&f, span_first(bytes, bytes.len - 9));
        fixture_restart(&f);
        assert_ok(loop_journal_open(&f.loop, &err), err);
        assert_int_equal(f.loop.n_ended, 1);
        assert_span(f.loop.head, KEPT);
        ended(&f, 2, LOOP_EMPTY, NULL);
        fixture_restart(&f);
        assert_ok(loop_journal_open(&f.loop, &err), err);
        assert_int_equal(f.loop.iterations[1].outcome, LOOP_EMPTY);
        fixture_end(&f);
}

/* Chained as they should be, but not what the loop writes. */
TEST(loop_journal_refuses_records_that_make_no_sense)
{
        static const struct {
                const char *record, *says;
        } bad[] = {
                { "{\"event\":\"ended\",\"number\":2,\"outcome\":\"kept\"}", "skips" },
                { "{\"event\":\"ended\",\"number\":4}", "skips" },
                { "{\"event\":\"ended\",\"number\":-1}", "skips" },
                { "{\"event\":\"ended\",\"number\":1e300}", "skips" },
                { "{\"event\":\"ended\"}", "skips" },
                { "{\"event\":\"measured\",\"number\":3}", "skips" },
                { "{\"event\":\"started\"}", "start" },
                { "{\"event\":\"danced\"}", "danced" },
                { "{\"number\":1}", "unknown record" },
        };

        for (size_t i = 0; i < COUNT(bad); i++) {
                Error err = { 0 };
                Fixture f;

                fixture_begin(&f);
                assert_ok(journal_append(f.loop.journal, span_of(bad[i].record), &err), err);
                assert_corrupt(&f, bad[i].says);
                fixture_end(&f);
        }
}

TEST(loop_journal_that_lacks_its_start_is_refused)
{
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f);
        f.loop.journal = journal_close(f.loop.journal);
        assert_ok(file_write(journal_path(&f), SPAN(""), &err), err);
        assert_ok(journal_open(journal_path(&f), f.arena, &f.loop.journal,
                               new (f.arena, JournalReplay, 1), &err),
                  err);
        ended(&f, 1, LOOP_KEPT, KEPT);
        assert_corrupt(&f, "start");
        fixture_end(&f);
}

TEST(loop_journal_of_a_finished_loop_is_put_away)
{
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f);
        assert_ok(loop_journal_finished(&f.loop, &err), err);
        assert_false(path_exists(journal_path(&f)));
        assert_true(path_exists(path_join(f.arena, f.dir, "loop-test.journal")));
        fixture_restart(&f);
        assert_ok(loop_journal_open(&f.loop, &err), err);
        assert_false(f.loop.resumed);
        fixture_end(&f);
}

TEST(loop_headline_is_the_largest_change_that_is_real)
{
        LoopChange list[] = {
                { .verdict = SPAN("UNKNOWN"), .change = 3 },
                { .verdict = SPAN("FASTER"), .change = -0.2 },
                { .verdict = SPAN("SLOWER"), .change = 0.4 },
                { .verdict = SPAN("SAME"), .change = -0.9 },
        };

        assert_ptr_equal(loop_headline(list, 4), &list[2]);
        assert_ptr_equal(loop_headline(list, 1), &list[0]);
        assert_null(loop_headline(NULL, 0));
}
