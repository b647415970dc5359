#include "harness.h"

#include "stats/change_point_int.h"
#include "stats/rng.h"

#include <math.h>
#include <stdlib.h>

static void fill_flat(double *x, size_t n, double correlation, Rng *rng)
{
        double now = rng_normal(rng);

        for (size_t i = 0; i < n; i++) {
                if (i)
                        now = correlation * now +
                              sqrt(1 - correlation * correlation) * rng_normal(rng);
                x[i] = 100 + now;
        }
}

static void add_step(double *x, size_t low, size_t high, double step)
{
        for (size_t i = low; i < high; i++)
                x[i] += step;
}

static ChangePoints look(const double *x, size_t n, Arena *arena)
{
        ChangePoints points;
        Error err = { 0 };

        assert_ok(change_points(x, n, &(ChangePlan){ 0 }, arena, &points, &err), err);
        return points;
}

static size_t found_in(const double *x, size_t n)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

        return look(x, n, arena).len;
}

/* 800 series at a rate of 5 % exceed 70 with a chance of 10^-5; far fewer are seen. */
TEST(change_points_leave_flat_series_alone)
{
        static const double correlations[] = { 0, 0.5 };
        static const size_t sizes[] = { 12, 20, 50, 100 };
        Rng rng = rng_from_seed(5);

        for (size_t k = 0; k < COUNT(correlations); k++) {
                size_t any = 0;

                for (size_t s = 0; s < COUNT(sizes); s++)
                        for (size_t i = 0; i < 200; i++) {
                                double x[100];

                                fill_flat(x, sizes[s], correlations[k], &rng);
                                any += found_in(x, sizes[s]) > 0;
                        }
                assert_true(any > 0 && any <= 70);
        }
}

TEST(a_step_is_found_where_it_is_with_its_size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(1);
        ChangePoints points;
        double x[100];

        fill_flat(x, 100, 0, &rng);
        add_step(x, 60, 100, 5);
        points = look(x, 100, arena);
        assert_int_equal(points.len, 1);
        assert_int_equal(points.items[0].at, 60);
        assert_near(points.items[0].before, 100, 0.5);
        assert_near(points.items[0].after, 105, 0.5);
        assert_near(points.items[0].change, 0.05, 0.007);
        assert_true(points.items[0].interval.low < 0.05 && points.items[0].interval.high > 0.05);
        assert_true(points.items[0].interval.high - points.items[0].interval.low < 0.03);
        assert_true(points.items[0].where.low <= 60 && points.items[0].where.high >= 60);
        assert_true(points.items[0].where.high - points.items[0].where.low <= 8);
        assert_true(points.items[0].p > 0 && points.items[0].p < 1e-6);
        assert_true(points.work > 0);
        assert_near(points.autocorrelation, 0, 0.3);
}

TEST(steps_near_the_end_of_short_and_long_series_are_found)
{
        static const size_t sizes[] = { 10, 20, 50, 100, 300 };
        Rng rng = rng_from_seed(2);

        for (size_t s = 0; s < COUNT(sizes); s++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                size_t n = sizes[s];
                ChangePoints points;
                double x[300];

                fill_flat(x, n, 0, &rng);
                add_step(x, n - 5, n, -20);
                points = look(x, n, arena);
                assert_int_equal(points.len, 1);
                assert_int_equal(points.items[0].at, n - 5);
                assert_near(points.items[0].change, -0.2, 0.03);
        }
}

TEST(several_changes_are_told_apart)
{
        static const size_t places[] = { 50, 58, 120, 170 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(3);
        ChangePoints points;
        double x[240];

        fill_flat(x, 240, 0, &rng);
        add_step(x, 50, 58, 8); /* eight values only */
        add_step(x, 120, 240, 6);
        add_step(x, 170, 240, 6);
        points = look(x, 240, arena);
        assert_int_equal(points.len, COUNT(places));
        for (size_t i = 0; i < COUNT(places); i++)
                assert_int_equal(points.items[i].at, places[i]);
        assert_near(points.items[3].before, 106, 1);
        assert_near(points.items[3].after, 112, 1);
}

/* The promise holds for outliers: neither one nor three in a row make a level. */
TEST(outliers_are_no_change)
{
        Rng rng = rng_from_seed(4);
        double x[60];

        for (size_t outliers = 1; outliers <= 3; outliers++)
                for (size_t at = 0; at + outliers <= 60; at += 19) {
                        fill_flat(x, 60, 0, &rng);
                        add_step(x, at, at + outliers, 1000);
                        assert_int_equal(found_in(x, 60), 0);
                }
}

TEST(constant_and_two_valued_series_have_no_change)
{
        Rng rng = rng_from_seed(6);
        double x[200];
        size_t any = 0;

        for (size_t n = 0; n <= 200; n += 25) {
                for (size_t i = 0; i < n; i++)
                        x[i] = 7;
                assert_int_equal(found_in(x, n), 0);
        }
        for (size_t i = 0; i < 100; i++) {
                for (size_t k = 0; k < 200; k++)
                        x[k] = (double)rng_below(&rng, 2);
                any += found_in(x, 200) > 0;
        }
        assert_true(any <= 18); /* 5 % of 100: more has a chance of 10^-6 */
}

TEST(a_series_without_noise_changes_when_its_value_does)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        double x[30];
        ChangePoints points;

        for (size_t i = 0; i < 30; i++)
                x[i] = i < 12 ? 4096 : 8192;
        points = look(x, 30, arena);
        assert_int_equal(points.len, 1);
        assert_int_equal(points.items[0].at, 12);
        assert_near(points.items[0].change, 1, 1e-12);
        assert_near(points.items[0].interval.low, 1, 1e-9);
        assert_near(points.items[0].where.low, 12, 0);
        assert_near(points.items[0].where.high, 12, 0);
        assert_near(points.autocorrelation, 0, 0);
        x[20] = 1e6; /* an outlier does not hide it */
        assert_int_equal(look(x, 30, arena).len, 1);
}

TEST(fewer_than_eight_values_say_nothing)
{
        double x[7] = { 1, 1, 1, 100, 100, 100, 100 };

        for (size_t n = 0; n <= 7; n++)
                assert_int_equal(found_in(x, n), 0);
}

TEST(bad_series_are_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        AUTO(arena_freep) Arena *tiny = arena_new(KiB(8));
        static double many[5000];
        double x[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
        ChangePoints points = { .len = 77 };
        ChangePlan plan = { 0 };
        Error err = { 0 };

        x[6] = nan("");
        assert_fails(change_points(x, 10, &plan, arena, &points, &err), err, ERR_INPUT);
        assert_string_equal(err.message, "value 7 of the series is not finite");
        x[6] = -HUGE_VAL;
        assert_fails(change_points(x, 10, &plan, arena, &points, &err), err, ERR_INPUT);
        assert_fails(change_points(x, CHANGE_MOST_VALUES + 1, &plan, arena, &points, &err), err,
                     ERR_LIMIT);
        for (size_t i = 0; i < COUNT(many); i++)
                many[i] = i / 20 % 2 ? 1e6 : 0;
        assert_fails(change_points(many, COUNT(many), &plan, tiny, &points, &err), err, ERR_LIMIT);
        assert_int_equal(points.len, 77);
}

TEST(size_and_sign_of_the_unit_do_not_matter)
{
        static const double units[] = { 1e-300, 1, 1e300, -1, -1e300 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(8);
        double x[80], scaled[80];
        ChangePoints first;

        fill_flat(x, 80, 0.3, &rng);
        add_step(x, 40, 80, 4);
        first = look(x, 80, arena);
        assert_int_equal(first.len, 1);
        for (size_t u = 0; u < COUNT(units); u++) {
                ChangePoints points;

                for (size_t i = 0; i < 80; i++)
                        scaled[i] = x[i] * units[u];
                points = look(scaled, 80, arena);
                assert_int_equal(points.len, 1);
                assert_int_equal(points.items[0].at, first.items[0].at);
                assert_near(points.items[0].p / first.items[0].p, 1, 1e-6);
                assert_true(isnan(points.items[0].change) == (units[u] < 0));
                assert_true(isnan(points.items[0].interval.low) == (units[u] < 0));
        }
}

TEST(the_greatest_doubles_do_not_overflow)
{
        double x[40];

        for (size_t i = 0; i < 40; i++)
                x[i] = (i < 20 ? -1 : 1) * 1.7e308 * (1 - (double)(i * 7 % 10) / 1000);
        assert_int_equal(found_in(x, 40), 1);
}

TEST(small_changes_and_short_levels_can_be_left_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(9);
        ChangePoints points;
        Error err = { 0 };
        double x[120];

        fill_flat(x, 120, 0, &rng);
        add_step(x, 50, 120, 6);
        add_step(x, 90, 120, 30);
        assert_int_equal(look(x, 120, arena).len, 2);
        assert_ok(change_points(x, 120, &(ChangePlan){ .min_change = 0.1 }, arena, &points, &err),
                  err);
        assert_int_equal(points.len, 1);
        assert_int_equal(points.items[0].at, 90);
        assert_near(points.items[0].before, 101, 1); /* of both levels before it */
        assert_ok(change_points(x, 120, &(ChangePlan){ .min_segment = 60 }, arena, &points, &err),
                  err);
        for (size_t i = 0; i < points.len; i++)
                assert_true(points.items[i].at >= 60 && points.items[i].at <= 60);
}

TEST(a_fall_is_as_large_as_the_rise_that_undoes_it)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const struct {
                double min_change;
                size_t found;
        } rows[] = { { 0.9, 1 }, { 1.1, 0 } }; /* of twice and of half */

        for (size_t i = 0; i < COUNT(rows); i++)
                for (int falls = 0; falls < 2; falls++) {
                        Rng rng = rng_from_seed(9);
                        ChangePoints points;
                        Error err = { 0 };
                        double x[80];

                        fill_flat(x, 80, 0, &rng);
                        for (size_t k = falls ? 40 : 0; k < (falls ? 80 : 40); k++)
                                x[k] /= 2;
                        assert_ok(change_points(x, 80,
                                                &(ChangePlan){ .min_change = rows[i].min_change },
                                                arena, &points, &err),
                                  err);
                        assert_int_equal(points.len, rows[i].found);
                }
}

TEST(looking_twice_gives_the_same)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(10);
        ChangePoints a, b;
        double x[500];

        fill_flat(x, 500, 0.2, &rng);
        for (size_t i = 0; i < 500; i++)
                x[i] = round(x[i] * 2) / 2 + (double)(i / 60) * 1.5;
        a = look(x, 500, arena);
        b = look(x, 500, arena);
        assert_true(a.len >= 4 && a.len == b.len && a.work == b.work);
        for (size_t i = 0; i < a.len; i++) {
                assert_int_equal(a.items[i].at, b.items[i].at);
                assert_near(a.items[i].p, b.items[i].p, 0);
        }
}

static ChangePoints append(const double *x, size_t n, size_t n_known, const ChangePoints *known,
                           Arena *arena)
{
        ChangePoints points;
        Error err = { 0 };

        assert_ok(change_points_append(x, n, n_known, known, &(ChangePlan){ 0 }, arena, &points,
                                       &err),
                  err);
        return points;
}

static void assert_same(const ChangePoints *a, const ChangePoints *b)
{
        assert_int_equal(a->len, b->len);
        for (size_t i = 0; i < a->len; i++) {
                assert_int_equal(a->items[i].at, b->items[i].at);
                assert_near(a->items[i].p, b->items[i].p, 0);
                assert_near(a->items[i].before, b->items[i].before, 0);
                assert_near(a->items[i].after, b->items[i].after, 0);
        }
}

TEST(appending_to_a_short_series_is_a_fresh_look)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Rng rng = rng_from_seed(11);
        ChangePoints grown = { 0 };
        double x[260];

        fill_flat(x, 260, 0, &rng);
        add_step(x, 100, 260, 4);
        add_step(x, 200, 260, -5);
        for (size_t n = 1; n <= 260; n++) {
                ChangePoints fresh = look(x, n, arena);

                grown = append(x, n, n - 1, &grown, arena);
                assert_same(&grown, &fresh);
        }
        assert_int_equal(grown.len, 2);
}

/* Levels of 300 values: every step is found while it is new, and stays. */
TEST(appending_to_a_long_series_keeps_the_old_and_looks_at_the_tail)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Rng rng = rng_from_seed(12);
        ChangePoints grown = { 0 }, fresh;
        size_t most = 0;
        double x[4000];

        fill_flat(x, 4000, 0, &rng);
        for (size_t i = 0; i < 4000; i++)
                x[i] += i / 300 % 2 ? 6 : 0;
        for (size_t n = 1; n <= 4000; n += n < 1500 ? 7 : 50) {
                size_t step = n < 1500 + 50 ? 7 : 50, known = n > step ? n - step : 0;
                ChangePoints before = grown;

                if (n == 1)
                        known = 0;
                grown = append(x, n, known, &before, arena);
                for (size_t i = 0; i < before.len && before.items[i].at + CHANGE_TAIL < known;
                     i++) {
                        assert_int_equal(grown.items[i].at, before.items[i].at);
                        assert_near(grown.items[i].p, before.items[i].p, 0);
                        assert_near(grown.items[i].where.low, before.items[i].where.low, 0);
                        assert_near(grown.items[i].before, before.items[i].before, 0);
                }
                most = MAX(most, grown.work);
        }
        fresh = look(x, 4000, arena);
        assert_int_equal(fresh.len, 13);
        assert_int_equal(grown.len, 13);
        for (size_t i = 0; i < 13; i++) {
                assert_int_equal(fresh.items[i].at, 300 * (i + 1));
                assert_int_equal(grown.items[i].at, 300 * (i + 1));
        }
        assert_true(most < fresh.work / 2);
}

TEST(the_cost_of_appending_does_not_grow_with_the_series)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        size_t n = 100000;
        double *x = new (arena, double, n);
        Rng rng = rng_from_seed(13);
        ChangePoints fresh, grown;

        fill_flat(x, n, 0, &rng);
        for (size_t i = 0; i < n; i++)
                x[i] += i / 1000 % 2 ? 6 : 0;
        fresh = look(x, n - 1, arena);
        assert_int_equal(fresh.len, 99);
        grown = append(x, n, n - 1, &fresh, arena);
        assert_int_equal(grown.len, 99);
        assert_true(grown.work * 50 < fresh.work);
        /* n log n: the scan alone is 28 lengths, twice, each twice over the values. */
        assert_true(fresh.work < n * 500);
}

TEST(a_change_in_the_new_values_is_found_when_appended)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(14);
        ChangePoints known, grown;
        double x[3000];

        fill_flat(x, 3000, 0.3, &rng);
        known = look(x, 2980, arena);
        add_step(x, 2980, 3000, 8);
        grown = append(x, 3000, 2980, &known, arena);
        assert_int_equal(known.len, 0);
        assert_int_equal(grown.len, 1);
        assert_int_equal(grown.items[0].at, 2980);
        known = (ChangePoints){ 0 };
        assert_int_equal(append(x, 3000, 0, &known, arena).items[0].at, 2980);
}

TEST(known_points_that_are_out_of_place_are_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        double x[40] = { 0 };
        ChangePoint items[] = { { .at = 10 }, { .at = 10 } };
        ChangePoints known = { .items = items, .len = 2 }, points;
        ChangePlan plan = { 0 };
        Error err = { 0 };

        assert_fails(change_points_append(x, 40, 30, &known, &plan, arena, &points, &err), err,
                     ERR_INPUT);
        assert_string_equal(err.message,
                            "known change point 2, at 10 of 30 values, is out of place");
        items[1].at = 30;
        assert_fails(change_points_append(x, 40, 30, &known, &plan, arena, &points, &err), err,
                     ERR_INPUT);
        items[0].at = 0;
        assert_fails(change_points_append(x, 40, 30, &known, &plan, arena, &points, &err), err,
                     ERR_INPUT);
}

TEST(the_null_tables_are_inverse_and_monotone)
{
        static const double levels[] = { 0.3, 0.1, 0.04, 0.01, 0.001, 1e-5, 1e-9 };

        for (ChangeLook look = 0; look < CHANGE_LOOKS_; look++)
                for (size_t n = 13; n <= 1000000; n = n * 3 / 2)
                        for (size_t i = 0; i < COUNT(levels); i++) {
                                double z = change_null_z(look, levels[i], n);

                                assert_near(change_null_log_p(look, z, n), log(levels[i]), 1e-6);
                                assert_true(change_null_log_p(look, z + 0.1, n) <
                                            log(levels[i]) - 0.01);
                                assert_true(z > 0.1 && z < 15);
                        }
        assert_near(change_null_log_p(CHANGE_BY_RANKS, 0, 100), 0, 0);
        assert_true(change_null_z(CHANGE_BY_RANKS, 0.05, 100000) >
                    change_null_z(CHANGE_BY_RANKS, 0.05, 100));
        /* Siegmund 1986: the greatest of n - 1 standardised sums exceeds 3.1 in 5 % at n = 100;
         * many intervals and the guard may add some, but not much. */
        assert_true(change_null_z(CHANGE_BY_RANKS, 0.05, 100) > 3.1);
        assert_true(change_null_z(CHANGE_BY_RANKS, 0.05, 100) < 3.8);
}

TEST(scores_are_normal_and_ties_share_theirs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        double x[9] = { 5, 1, 9, 3, 3, 3, 7, 8, 2 }, squares = 0;
        Scores s = change_scores(x, 9, arena);

        assert_near(s.sums[9], 0, 1e-12);
        assert_near(change_score(s, 3), change_score(s, 5), 1e-12);
        assert_near(change_score(s, 1), -change_score(s, 2), 1e-12);
        for (size_t i = 0; i < 9; i++)
                squares += change_score(s, i) * change_score(s, i);
        assert_true(squares > 8 && squares < 9);
        assert_null(change_scores(x, 1, arena).sums);
}

TEST(correlation_is_seen_through_steps_and_steps_are_none)
{
        static const double truths[] = { 0, 0.5, 0.8 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Rng rng = rng_from_seed(15);
        double x[2000];

        for (size_t t = 0; t < COUNT(truths); t++) {
                double guard = 1 / sqrt(2000);

                fill_flat(x, 2000, truths[t], &rng);
                assert_near(change_guarded_correlation(change_scores(x, 2000, arena), 0, arena),
                            truths[t] + guard, 0.08);
                add_step(x, 500, 2000, 5);
                assert_near(change_guarded_correlation(change_scores(x, 2000, arena), 500, arena),
                            truths[t] + guard, 0.1);
        }
}

TEST(selection_puts_the_right_value_in_place)
{
        Rng rng = rng_from_seed(16);
        double x[50], sorted[50];

        for (size_t round = 0; round < 200; round++) {
                size_t n = 1 + (size_t)rng_below(&rng, 50), at = (size_t)rng_below(&rng, n);

                for (size_t i = 0; i < n; i++)
                        sorted[i] = x[i] = (double)rng_below(&rng, 20);
                sort_doubles(sorted, n);
                change_put_in_place(x, n, at);
                assert_near(x[at], sorted[at], 0);
                for (size_t i = 0; i < n; i++)
                        assert_true(i < at ? x[i] <= x[at] : x[i] >= x[at]);
        }
}

/* Every window of every width afresh, against the sliding ones; long enough for two blocks. */
TEST(gaps_are_what_sorting_every_window_gives)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Scan scan = { .min_segment = 4, .least = HUGE_VAL, .likeliest = 4500 };
        Rng rng = rng_from_seed(17);
        Error err = { 0 };
        double x[9000];

        fill_flat(x, 9000, 0, &rng);
        add_step(x, 4500, 9000, 12);
        assert_ok(change_by_size(x, 9000, &scan, arena, &err), err);
        assert_true(scan.best.at > 4490 && scan.best.at < 4510);
        assert_near(scan.best.z, 12, 1.5);
        assert_true(scan.best.low < 4500 && scan.best.high > 4500);
        assert_int_equal(scan.n_kept, 0);
        scan.least = 8;
        assert_ok(change_by_size(x, 9000, &scan, arena, &err), err);
        assert_true(scan.n_kept >= 1 && scan.n_kept < 32);
}
