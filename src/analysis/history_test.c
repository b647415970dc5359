#include "harness.h"

#include "analysis/history_int.h"
#include "base/buf.h"

#include <math.h>

/* Forty revisions: hashes that begin with their number, at one second's distance. */
#define N 40

typedef struct World {
        Arena *arena;
        MetricPoint points[4 * N];
        size_t len;
        Span machine, other, instrument, target, label;
        Span revisions[N];
        CommitOrder order;
        HistoryPlan plan;
} World;

static void world_begin(World *w)
{
        Error err = { 0 };
        Buf text;

        *w = (World){ .arena = arena_new(MiB(256)),
                      .machine = SPAN("m1"),
                      .other = SPAN("m2"),
                      .instrument = SPAN("bench"),
                      .target = SPAN("sort"),
                      .label = SPAN("") };
        text = buf_in(w->arena, KiB(64));
        for (size_t i = N; i-- > 0;) {
                w->revisions[i] = span_of(arena_printf(w->arena, "%02d%038d", (int)i, 0));
                buf_printf(&text, "%.*s\n", SPAN_ARG(w->revisions[i]));
        }
        assert_ok(commit_order_parse(buf_span(&text), w->arena, &w->order, &err), err);
        w->plan = (HistoryPlan){ .order = &w->order };
}

static void world_end(World *w)
{
        w->arena = arena_free(w->arena);
}

/* A run of revision i. */
static MetricPoint *add(World *w, size_t i, double value)
{
        MetricPoint *p = &w->points[w->len++];

        *p = (MetricPoint){ .run_id = w->len,
                            .wall_ns = w->len * NS_PER_S,
                            .value = value,
                            .low = value - 1,
                            .high = value + 1,
                            .n = 10,
                            .instrument = &w->instrument,
                            .target = &w->target,
                            .label = &w->label,
                            .git_revision = &w->revisions[i],
                            .machine_id = &w->machine,
                            .noise = NOISE_QUIET };
        return p;
}

/* Noise of less than 2 %, the same each time. */
static double wobble(size_t i)
{
        return 1 + (double)(((i + 1) * 2654435761u >> 9) % 37) / 2000;
}

/* 100 up to revision `at`, `after` from there on. */
static void add_step(World *w, size_t at, double after)
{
        for (size_t i = 0; i < N; i++)
                add(w, i, (i < at ? 100 : after) * wobble(i));
}

static History build(World *w, MetricId metric)
{
        HistoryName name = history_name(metric_def(metric), SPAN("sort"));
        HistoryPart part = { w->points, w->len };
        History h = { 0 };
        Error err = { 0 };

        assert_ok(history_build(&part, &name, &w->plan, (Span){ 0 }, w->arena, &h, &err), err);
        return h;
}

TEST(history_finds_a_step_and_says_that_it_is_worse)
{
        World w;
        History h;

        world_begin(&w);
        add_step(&w, 25, 130);
        h = build(&w, METRIC_TIME);
        assert_true(h.by_commit);
        assert_int_equal(h.len, N);
        assert_int_equal(h.n_changes, 1);
        assert_int_equal(h.changes[0].point.at, 25);
        assert_int_equal(h.changes[0].quality, QUALITY_WORSE);
        assert_int_equal(h.changes[0].state, STATE_OPEN);
        assert_true(h.changes[0].good < 25 && h.changes[0].bad >= 25);
        assert_true(history_fails(&h));
        assert_ptr_equal(history_newest(&h), &h.changes[0]);
        world_end(&w);
}

TEST(history_knows_which_way_is_better)
{
        static const struct {
                MetricId metric;
                double after;
                ChangeQuality quality;
        } rows[] = {
                { METRIC_TIME, 130, QUALITY_WORSE },         { METRIC_TIME, 70, QUALITY_BETTER },
                { METRIC_OPS, 130, QUALITY_BETTER },         { METRIC_OPS, 70, QUALITY_WORSE },
                { METRIC_REQUESTS, 130, QUALITY_DIFFERENT },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                World w;
                History h;

                world_begin(&w);
                add_step(&w, 20, rows[i].after);
                h = build(&w, rows[i].metric);
                assert_int_equal(h.n_changes, 1);
                assert_int_equal(h.changes[0].quality, rows[i].quality);
                assert_int_equal(history_fails(&h), rows[i].quality == QUALITY_WORSE);
                world_end(&w);
        }
}

TEST(history_takes_the_median_of_a_revision)
{
        World w;
        History h;

        world_begin(&w);
        for (size_t i = 0; i < N; i++) {
                add(&w, i, 100);
                add(&w, i, 5000); /* one odd run in three */
                add(&w, i, 101);
        }
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.len, N);
        assert_int_equal(h.runs, 3 * N);
        assert_int_equal(h.points[7].runs, 3);
        assert_near(h.points[7].value, 101, 0);
        assert_near(h.points[7].low, 100, 0);
        assert_near(h.points[7].high, 5000, 0);
        assert_int_equal(h.points[7].run_id, 24); /* the newest */
        assert_int_equal(h.n_changes, 0);
        world_end(&w);
}

TEST(history_follows_commits_whatever_the_order_of_runs)
{
        World w;
        History h;

        world_begin(&w);
        for (size_t i = N; i-- > 0;) /* the newest revision was measured first */
                add(&w, i, (i < 25 ? 100 : 130) * wobble(i));
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.changes[0].point.at, 25);
        assert_int_equal(h.changes[0].quality, QUALITY_WORSE);
        for (size_t i = 0; i < N; i++)
                assert_int_equal(h.points[i].position, i);
        w.plan.order = NULL; /* by time it looks like the opposite */
        h = build(&w, METRIC_TIME);
        assert_false(h.by_commit);
        assert_int_equal(h.changes[0].quality, QUALITY_BETTER);
        world_end(&w);
}

TEST(history_by_time_places_a_revision_where_it_was_first_seen)
{
        World w;
        History h;

        world_begin(&w);
        w.plan.order = NULL;
        for (size_t i = 0; i < 10; i++)
                add(&w, i, 100 + (double)i);
        add(&w, 3, 103); /* measured once more at the end */
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.len, 10);
        assert_near(h.points[3].value, 103, 0);
        assert_int_equal(h.points[3].runs, 2);
        assert_near(h.points[9].value, 109, 0);
        world_end(&w);
}

TEST(history_leaves_out_what_cannot_be_compared_and_counts_it)
{
        World w;
        Span foreign = SPAN("ffffffffffffffffffffffffffffffffffffffff"), none = SPAN("");
        History h;

        world_begin(&w);
        add(&w, 1, 100)->machine_id = &w.other;
        add(&w, 1, 100)->machine_id = &w.other;
        add(&w, 2, 100)->partial = true;
        add(&w, 3, 100)->noise = NOISE_UNRELIABLE;
        add(&w, 4, 100)->git_dirty = true;
        add(&w, 5, (double)NAN);
        add(&w, 6, 100)->git_revision = &none;
        add(&w, 7, 100)->git_revision = &foreign;
        add(&w, 8, 100)->noise = NOISE_NOISY; /* counts */
        add(&w, 9, 100);
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.len, 2);
        assert_int_equal(h.left_out[LEFT_OUT_OTHER_MACHINE], 2);
        for (LeftOut i = LEFT_OUT_PARTIAL; i < LEFT_OUT_COUNT_; i++)
                assert_int_equal(h.left_out[i], 1);
        assert_span(h.machine_id, "m1");
        assert_span(h.other_machine, "m2");
        assert_int_equal(h.n_changes, 0);
        assert_true(history_too_short(&h));
        assert_false(history_fails(&h));
        world_end(&w);
}

TEST(history_can_be_of_another_machine)
{
        World w;
        History h;
        HistoryName name = history_name(metric_def(METRIC_TIME), SPAN("sort"));
        Error err = { 0 };

        world_begin(&w);
        add(&w, 1, 100)->machine_id = &w.other;
        add(&w, 2, 100);
        w.plan.machine = SPAN("m2");
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.len, 1);
        assert_span(h.machine_id, "m2");
        w.plan.machine = SPAN("m3");
        assert_fails(history_build(&(HistoryPart){ w.points, w.len }, &name, &w.plan, (Span){ 0 },
                                   w.arena, &h, &err),
                     err, ERR_NOT_FOUND);
        world_end(&w);
}

TEST(history_of_runs_outside_of_git_is_by_time_a_point_each)
{
        World w;
        Span none = SPAN("");
        History h;

        world_begin(&w);
        add_step(&w, 20, 130);
        for (size_t i = 0; i < w.len; i++)
                w.points[i].git_revision = &none;
        h = build(&w, METRIC_TIME);
        assert_false(h.by_commit);
        assert_int_equal(h.len, N);
        assert_int_equal(h.changes[0].point.at, 20);
        world_end(&w);
}

TEST(history_of_commits_that_git_does_not_know_is_by_time)
{
        World w;
        CommitOrder empty = { 0 };
        History h;

        world_begin(&w);
        add_step(&w, 20, 130);
        w.plan.order = &empty;
        h = build(&w, METRIC_TIME);
        assert_false(h.by_commit);
        assert_int_equal(h.len, N);
        assert_int_equal(h.left_out[LEFT_OUT_OTHER_BRANCH], 0);
        world_end(&w);
}

TEST(history_of_nothing_is_empty)
{
        World w;
        History h;

        world_begin(&w);
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.len, 0);
        assert_true(history_too_short(&h));
        assert_null(history_newest(&h));
        world_end(&w);
}

static void except(World *w, ExceptionList *list, const char *text)
{
        Error err = { 0 };

        assert_ok(exceptions_parse(span_of(text), "e.yaml", w->arena, list, &err), err);
        w->plan.exceptions = list;
}

TEST(accepted_level_is_the_base_line)
{
        static const struct {
                const char *revision;
                ChangeState state;
        } rows[] = {
                { "25000000", STATE_ACCEPTED }, /* the change itself */
                { "30000000", STATE_ACCEPTED }, /* a later commit: its level is accepted */
                { "20000000", STATE_OPEN },     /* accepted before the change */
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                ExceptionList list;
                World w;
                History h;

                world_begin(&w);
                add_step(&w, 25, 130);
                except(&w, &list,
                       arena_printf(w.arena,
                                    "exceptions:\n- {metric: time, subject: 'so*', action: accept, "
                                    "at: %s, owner: ana, reason: r}\n",
                                    rows[i].revision));
                h = build(&w, METRIC_TIME);
                assert_int_equal(h.changes[0].state, rows[i].state);
                assert_int_equal(history_fails(&h), rows[i].state == STATE_OPEN);
                w.plan.order = NULL;
                h = build(&w, METRIC_TIME);
                assert_int_equal(h.changes[0].state, rows[i].state);
                world_end(&w);
        }
}

TEST(accepted_level_does_not_excuse_a_later_change)
{
        ExceptionList list;
        World w;
        History h;

        world_begin(&w);
        for (size_t i = 0; i < N; i++)
                add(&w, i, (i < 13 ? 100 : i < 27 ? 150 : 220) * wobble(i));
        except(&w, &list,
               "exceptions:\n- {metric: time, action: accept, at: 13000000, owner: ana, "
               "reason: r}\n");
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.n_changes, 2);
        assert_int_equal(h.changes[0].state, STATE_ACCEPTED);
        assert_span(h.changes[0].exception->owner, "ana");
        assert_int_equal(h.changes[1].state, STATE_OPEN);
        assert_true(history_fails(&h));
        world_end(&w);
}

/* Places of changes that are not sharp overlap. */
TEST(accepted_level_does_not_excuse_a_later_change_that_may_lie_before_it)
{
        static const struct {
                const char *at;
                ChangeState first, second;
        } rows[] = {
                { "10000000", STATE_OPEN, STATE_OPEN },
                { "13000000", STATE_ACCEPTED, STATE_OPEN },
                { "15000000", STATE_ACCEPTED, STATE_OPEN },
                { "22000000", STATE_ACCEPTED, STATE_ACCEPTED }, /* it moved since */
                { "27000000", STATE_ACCEPTED, STATE_ACCEPTED },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                ExceptionList list;
                World w;
                History h;
                ChangePoint points[] = {
                        { .at = 13, .before = 100, .after = 150, .where = { 11, 16, 0.95 } },
                        { .at = 27, .before = 150, .after = 160, .where = { 12, 39, 0.95 } },
                };
                ChangePoints found = { .items = points, .len = COUNT(points) };
                Error err = { 0 };

                world_begin(&w);
                add_step(&w, 13, 150);
                h = build(&w, METRIC_TIME);
                except(&w, &list,
                       arena_printf(w.arena,
                                    "exceptions:\n- {metric: time, action: accept, at: %s, owner: "
                                    "ana, reason: r}\n",
                                    rows[i].at));
                assert_ok(history_judge(&found, &w.plan, w.arena, &h, &err), err);
                assert_int_equal(h.changes[0].state, rows[i].first);
                assert_int_equal(h.changes[1].state, rows[i].second);
                world_end(&w);
        }
}

TEST(suppressed_series_does_not_fail_until_it_expires)
{
        ExceptionList list;
        World w;
        History h;

        world_begin(&w);
        add_step(&w, 25, 130);
        except(&w, &list,
               "exceptions:\n- {metric: time, action: suppress, expires: 2027-01-31, owner: ana, "
               "reason: r}\n");
        w.plan.now_ns = UINT64_C(1801353600) * NS_PER_S;
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.changes[0].state, STATE_SUPPRESSED);
        assert_false(history_fails(&h));
        assert_int_equal(h.n_remarks, 0);
        w.plan.now_ns += 2 * UINT64_C(86400) * NS_PER_S;
        h = build(&w, METRIC_TIME);
        assert_int_equal(h.changes[0].state, STATE_OPEN);
        assert_true(history_fails(&h));
        assert_int_equal(h.n_remarks, 1);
        assert_span(h.remarks[0], "e.yaml:2: the exception of ana has expired and does nothing");
        world_end(&w);
}

TEST(exception_of_a_revision_that_is_not_there_is_told)
{
        ExceptionList list;
        World w;
        History h;

        world_begin(&w);
        add_step(&w, 25, 130);
        except(&w, &list,
               "exceptions:\n- {metric: time, action: accept, at: ffffffff, owner: a, reason: r}\n"
               "- {metric: ops, action: accept, at: ffffffff, owner: a, reason: r}\n");
        h = build(&w, METRIC_TIME);
        assert_true(history_fails(&h));
        assert_int_equal(h.n_remarks, 1); /* the other is not about this metric */
        assert_true(span_contains(h.remarks[0], "ffffffff is not in this history"));
        world_end(&w);
}

TEST(history_is_split_by_what_was_measured_and_how)
{
        World w;
        Span other_target = SPAN("search"), other_instrument = SPAN("import");
        HistoryPart *parts;
        Error err = { 0 };
        size_t n;

        world_begin(&w);
        for (size_t i = 0; i < 4; i++) {
                add(&w, i, 1);
                add(&w, i, 2)->target = &other_target;
                add(&w, i, 3)->instrument = &other_instrument;
        }
        assert_ok(history_split(w.points, w.len, w.arena, &parts, &n, &err), err);
        assert_int_equal(n, 3);
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(parts[i].len, 4);
                for (size_t k = 0; k < 4; k++) {
                        assert_near(parts[i].points[k].value, (double)(i + 1), 0);
                        assert_ptr_equal(parts[i].points[k].git_revision, &w.revisions[k]);
                }
        }
        assert_ok(history_split(w.points, 0, w.arena, &parts, &n, &err), err);
        assert_int_equal(n, 0);
        world_end(&w);
}

/* --- what is known from before --- */

typedef struct Long {
        Arena *arena;
        MetricPoint *points;
        Span *revisions;
        size_t len;
        Span machine, text;
} Long;

static Long long_series(size_t n)
{
        Long l = { .arena = arena_new(GiB(4)), .len = n, .machine = SPAN("m"), .text = SPAN("x") };

        l.points = new (l.arena, MetricPoint, n);
        l.revisions = new (l.arena, Span, n);
        for (size_t i = 0; i < n; i++)
                l.revisions[i] = span_of(arena_printf(l.arena, "%040d", (int)i));
        return l;
}

/* Three levels and noise that no period shows. */
static void fill(Long *l)
{
        uint64_t state = 88172645463325252u;

        for (size_t i = 0; i < l->len; i++) {
                double level = i < l->len / 3 ? 100 : i < l->len / 2 ? 120 : 110;

                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                l->points[i] = (MetricPoint){
                        .run_id = i + 1,
                        .wall_ns = (i + 1) * NS_PER_S,
                        .value = level * (1 + 0.02 * (double)(state % 1000) / 1000),
                        .instrument = &l->text,
                        .target = &l->text,
                        .label = &l->text,
                        .git_revision = &l->revisions[i],
                        .machine_id = &l->machine,
                };
        }
}

static History look(Long *l, size_t n, const ChangePlan *change, Span known)
{
        HistoryName name = history_name(metric_def(METRIC_TIME), SPAN(""));
        HistoryPlan plan = { .change = change ? *change : (ChangePlan){ 0 } };
        History h = { 0 };
        Error err = { 0 };

        assert_ok(history_build(&(HistoryPart){ l->points, n }, &name, &plan, known, l->arena, &h,
                                &err),
                  err);
        return h;
}

static void assert_same_changes(const History *a, const History *b)
{
        assert_int_equal(a->n_changes, b->n_changes);
        for (size_t i = 0; i < a->n_changes; i++) {
                assert_int_equal(a->changes[i].point.at, b->changes[i].point.at);
                assert_near(a->changes[i].point.change, b->changes[i].point.change, 0);
                assert_int_equal(a->changes[i].good, b->changes[i].good);
                assert_int_equal(a->changes[i].bad, b->changes[i].bad);
        }
}

TEST(history_looks_only_at_what_is_new)
{
        Long l = long_series(600);
        History first, again, more;

        fill(&l);
        first = look(&l, 598, NULL, (Span){ 0 });
        assert_int_equal(first.looked_at, 598);
        assert_true(first.known.len > 0);
        assert_int_equal(first.n_changes, 2);
        again = look(&l, 598, NULL, first.known);
        assert_int_equal(again.looked_at, 0);
        assert_int_equal(again.known.len, 0); /* nothing new to keep */
        assert_same_changes(&first, &again);
        more = look(&l, 600, NULL, first.known);
        assert_int_equal(more.looked_at, 2);
        again = look(&l, 600, NULL, (Span){ 0 });
        assert_same_changes(&more, &again);
        l.arena = arena_free(l.arena);
}

TEST(history_that_measures_its_newest_revision_again_looks_at_that_alone)
{
        Long l = long_series(600);
        History first, again;

        fill(&l);
        first = look(&l, 600, NULL, (Span){ 0 });
        l.points[599].value *= 1.01;
        again = look(&l, 600, NULL, first.known);
        assert_int_equal(again.looked_at, 1);
        l.arena = arena_free(l.arena);
}

TEST(history_that_changed_before_its_end_is_looked_at_anew)
{
        Long l = long_series(600);
        History first, again;

        fill(&l);
        first = look(&l, 600, NULL, (Span){ 0 });
        l.points[17].value *= 1.01;
        again = look(&l, 600, NULL, first.known);
        assert_int_equal(again.looked_at, 600);
        assert_true(again.known.len > 0);
        l.arena = arena_free(l.arena);
}

TEST(history_with_other_options_is_looked_at_anew)
{
        static const ChangePlan plans[] = {
                { .alpha = 0.01 },
                { .min_segment = 9 },
                { .min_change = 0.5 },
                { .method = CHANGE_METHOD_E_DIVISIVE },
        };
        Long l = long_series(600);
        History first;

        fill(&l);
        first = look(&l, 600, NULL, (Span){ 0 });
        for (size_t i = 0; i < COUNT(plans); i++)
                assert_int_equal(look(&l, 600, &plans[i], first.known).looked_at, 600);
        l.arena = arena_free(l.arena);
}

TEST(history_takes_no_harm_from_what_is_not_its_own)
{
        static const char *const texts[] = { "x", "{", "[]", "{}", "null", "{\"plan\": 3}" };
        Long l = long_series(600);
        History first, again;

        fill(&l);
        first = look(&l, 600, NULL, (Span){ 0 });
        for (size_t i = 0; i < COUNT(texts); i++) {
                again = look(&l, 600, NULL, span_of(texts[i]));
                assert_int_equal(again.looked_at, 600);
                assert_same_changes(&first, &again);
        }
        for (size_t cut = 1; cut < first.known.len; cut += first.known.len / 50) {
                Mark mark = arena_mark(l.arena);

                again = look(&l, 600, NULL, span_first(first.known, cut));
                assert_int_equal(again.looked_at, 600);
                assert_same_changes(&first, &again);
                arena_reset(l.arena, mark);
        }
        l.arena = arena_free(l.arena);
}

TEST(history_of_a_hundred_thousand_values_looks_at_one_more_for_one_more)
{
        Long l = long_series(100000);
        History first, more;

        fill(&l);
        first = look(&l, 99999, NULL, (Span){ 0 });
        assert_int_equal(first.len, 99999);
        more = look(&l, 100000, NULL, first.known);
        assert_int_equal(more.len, 100000);
        assert_int_equal(more.looked_at, 1);
        assert_true(more.known.len > 0 && more.known.len < KiB(64)); /* not of the series' size */
        l.arena = arena_free(l.arena);
}

TEST(history_that_is_kept_outlives_its_arena)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(arena_freep) Arena *small = arena_new(KiB(1));
        History h, kept, light;
        Error err = { 0 };
        World w;

        world_begin(&w);
        add_step(&w, 25, 130);
        h = build(&w, METRIC_TIME);
        assert_ok(history_keep(&h, false, arena, &kept, &err), err);
        assert_fails(history_keep(&h, false, small, &light, &err), err, ERR_LIMIT);
        h.n_changes = 0;
        assert_ok(history_keep(&h, false, arena, &light, &err), err);
        world_end(&w);
        assert_int_equal(kept.n_changes, 1);
        assert_true(span_starts(kept.points[25].revision, "2500000"));
        assert_span(kept.target, "sort");
        assert_null(light.points);
        assert_int_equal(light.len, N);
}
