#include "harness.h"

#include <math.h>

#include "stats/permute.h"
#include "stats/rng.h"

enum { ROWS = 200, MOST_RUNS = 12 };

typedef struct Made {
        double values[ROWS * 2 * MOST_RUNS], priors[ROWS];
        MaxTPlan plan;
} Made;

/* Normal rows in pairs that are nearly the same; the first `moved` rows have b shifted. */
static Made *made(Arena *arena, Rng *rng, size_t n, size_t moved, double shift)
{
        Made *m = new (arena, Made, 1);

        for (size_t row = 0; row < ROWS; row++) {
                m->priors[row] = 1;
                for (size_t i = 0; i < 2 * n; i++) {
                        double *v = &m->values[row * 2 * n + i];

                        *v = row % 2 ? v[-(ptrdiff_t)(2 * n)] + 0.1 * rng_normal(rng)
                                     : rng_normal(rng);
                        *v += row < moved && row % 2 == 0 && i >= n ? shift : 0;
                }
        }
        m->plan = (MaxTPlan){ .values = m->values,
                              .rows = ROWS,
                              .n_a = n,
                              .n_b = n,
                              .priors = m->priors,
                              .alpha = 0.05,
                              .seed = 1 };
        return m;
}

static MaxT tested(const Made *m, Arena *arena)
{
        Error err = { 0 };
        MaxT t;

        assert_ok(max_t(&m->plan, arena, &t, &err), err);
        return t;
}

TEST(max_t_is_exact_over_all_ways_to_deal_four_runs_a_side)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const double values[] = { 1, 2, 3, 4, 11, 12, 13, 14 };
        MaxTPlan plan = { .values = values, .rows = 1, .n_a = 4, .n_b = 4, .alpha = 0.05 };
        Error err = { 0 };
        MaxT t;

        assert_ok(max_t(&plan, arena, &t, &err), err);
        assert_true(t.exact);
        assert_int_equal(t.ways, 70);
        assert_near(t.adjusted_p[0], 2.0 / 70, 1e-12);
}

TEST(max_t_cannot_find_anything_in_three_runs_a_side_at_five_percent)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const double values[] = { 1, 2, 3, 101, 102, 103 };
        MaxTPlan plan = { .values = values, .rows = 1, .n_a = 3, .n_b = 3, .alpha = 0.05 };
        Error err = { 0 };
        MaxT t;

        assert_ok(max_t(&plan, arena, &t, &err), err);
        assert_near(t.adjusted_p[0], 2.0 / 20, 1e-12);
        assert_true(isinf(t.critical));
}

TEST(max_t_finds_what_moved_and_only_that)
{
        static const size_t sizes[] = { 4, 6, 12 };

        for (size_t s = 0; s < COUNT(sizes); s++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                Rng rng = rng_from_seed(5 + s);
                Made *m = made(arena, &rng, sizes[s], 2, 12);
                MaxT t = tested(m, arena);

                assert_true(t.adjusted_p[0] <= 0.05 && t.adjusted_p[1] <= 0.05);
                for (size_t row = 2; row < ROWS; row++)
                        assert_true(t.adjusted_p[row] > 0.05);
                assert_true(isfinite(t.critical) && t.critical > 1);
                assert_int_equal(t.exact, sizes[s] < 12);
        }
}

/* 300 trials: 15 are expected, 30 or more have a chance below 10^-3. */
TEST(max_t_is_wrong_about_any_of_many_rows_as_seldom_as_alpha_says)
{
        Rng rng = rng_from_seed(11);
        size_t wrong = 0;

        for (size_t trial = 0; trial < 300; trial++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                Made *m = made(arena, &rng, 5, 0, 0);
                MaxT t = tested(m, arena);
                double least = 1;

                for (size_t row = 0; row < ROWS; row++)
                        least = fmin(least, t.adjusted_p[row]);
                wrong += least <= 0.05;
        }
        assert_true(wrong < 30);
        assert_true(wrong > 2);
}

TEST(max_t_of_a_change_beside_a_row_without_spread_still_knows_its_critical_value)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const double values[] = { 1, 2, 3, 4, 5, 101, 102, 103, 104, 105, /**/
                                         7, 7, 7, 7, 7, 7,   7,   7,   7,   7 };
        MaxTPlan plan = { .values = values, .rows = 2, .n_a = 5, .n_b = 5, .alpha = 0.05 };
        Error err = { 0 };
        MaxT t;

        assert_ok(max_t(&plan, arena, &t, &err), err);
        assert_near(t.adjusted_p[0], 2.0 / 252, 1e-12);
        assert_near(t.adjusted_p[1], 1, 0);
        assert_true(isfinite(t.critical) && t.critical > 1.9);
}

TEST(max_t_takes_rows_without_any_spread_and_no_rows_at_all)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const double values[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
        MaxTPlan plan = { .values = values, .rows = 1, .n_a = 4, .n_b = 4, .alpha = 0.05 };
        Error err = { 0 };
        MaxT t;

        assert_ok(max_t(&plan, arena, &t, &err), err);
        assert_near(t.adjusted_p[0], 1, 0);
        plan.rows = 0;
        assert_ok(max_t(&plan, arena, &t, &err), err);
        plan.n_b = 0;
        assert_fails(max_t(&plan, arena, &t, &err), err, ERR_USAGE);
}
