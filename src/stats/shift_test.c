#include "harness.h"

#include "stats/rank.h"
#include "stats/rng.h"

#include <math.h>

static void draw(double *x, size_t n, Rng *rng, bool coarse)
{
        for (size_t i = 0; i < n; i++) {
                x[i] = rng_normal(rng);
                if (coarse)
                        x[i] = round(3 * x[i]);
        }
}

/* The definition: all differences in a list. */
TEST(hodges_lehmann_is_the_median_of_differences)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        Rng rng = rng_from_seed(1);
        double x[9], y[9], all[81];

        for (int trial = 0; trial < 200; trial++) {
                size_t nx = 1 + rng_below(&rng, 9), ny = 1 + rng_below(&rng, 9), n = 0;
                Shift shift;

                draw(x, nx, &rng, trial % 2);
                draw(y, ny, &rng, trial % 2);
                for (size_t i = 0; i < nx; i++)
                        for (size_t j = 0; j < ny; j++)
                                all[n++] = y[j] - x[i];
                sort_doubles(all, n);
                shift = hodges_lehmann(x, nx, y, ny, 0.95, arena);
                assert_near(shift.estimate, median_sorted(all, n), 1e-15);
        }
}

TEST(hodges_lehmann_paired_is_the_median_of_walsh_averages)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        Rng rng = rng_from_seed(2);
        double d[12], all[78];

        for (int trial = 0; trial < 200; trial++) {
                size_t nd = 1 + rng_below(&rng, 12), n = 0;

                draw(d, nd, &rng, trial % 2);
                for (size_t i = 0; i < nd; i++)
                        for (size_t j = i; j < nd; j++)
                                all[n++] = (d[i] + d[j]) / 2;
                sort_doubles(all, n);
                assert_near(hodges_lehmann_paired(d, nd, 0.95, arena).estimate,
                            median_sorted(all, n), 1e-15);
        }
}

/* The published critical value of W for n = 10 at 0.05 is 8: the interval is the 9th smallest to
 * the 9th largest of the 55 averages and covers 1 - 2 * 25 / 1024. */
TEST(hodges_lehmann_paired_interval_has_the_known_ranks)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double d[10], all[55];
        size_t n = 0;
        Shift shift;

        for (size_t i = 0; i < 10; i++)
                d[i] = (double)(i * i) - 20;
        for (size_t i = 0; i < 10; i++)
                for (size_t j = i; j < 10; j++)
                        all[n++] = (d[i] + d[j]) / 2;
        sort_doubles(all, n);
        shift = hodges_lehmann_paired(d, 10, 0.95, arena);
        assert_near(shift.interval.low, all[8], 0);
        assert_near(shift.interval.high, all[55 - 9], 0);
        assert_near(shift.interval.confidence, 1 - 50.0 / 1024, 1e-14);
        assert_true(isnan(hodges_lehmann_paired(d, 5, 0.95, arena).interval.low));
        assert_near(hodges_lehmann_paired(d, 6, 0.95, arena).interval.confidence, 1 - 2.0 / 64,
                    1e-14);
}

/* Inverting the test: the interval holds exactly the shifts that the test does not reject. */
TEST(hodges_lehmann_interval_inverts_mann_whitney)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        Rng rng = rng_from_seed(4);
        double x[7], y[6], moved[6];

        for (int trial = 0; trial < 50; trial++) {
                Shift shift;

                draw(x, 7, &rng, false);
                draw(y, 6, &rng, false);
                shift = hodges_lehmann(x, 7, y, 6, 0.95, arena);
                for (double by = -3; by <= 3; by += 0.1) {
                        bool inside = by > shift.interval.low && by < shift.interval.high;

                        for (size_t j = 0; j < 6; j++)
                                moved[j] = y[j] - by;
                        assert_int_equal(mann_whitney(x, 7, moved, 6, arena).p > 0.05, inside);
                }
        }
}

TEST(hodges_lehmann_interval_inverts_the_signed_rank)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        Rng rng = rng_from_seed(5);
        double d[9], moved[9];

        for (int trial = 0; trial < 50; trial++) {
                Shift shift;

                draw(d, 9, &rng, false);
                shift = hodges_lehmann_paired(d, 9, 0.95, arena);
                for (double by = -3; by <= 3; by += 0.1) {
                        bool inside = by > shift.interval.low && by < shift.interval.high;

                        for (size_t j = 0; j < 9; j++)
                                moved[j] = d[j] - by;
                        assert_int_equal(wilcoxon_signed_rank(moved, 9, arena).p > 0.05, inside);
                }
        }
}

static double exponential(Rng *rng)
{
        return -log(1 - rng_unit(rng));
}

/* Skewed noise, a known shift, 2000 trials each: as often inside as said, at several sizes; 60 is
 * beyond the exact form. */
TEST(hodges_lehmann_covers_in_simulation)
{
        static const size_t sizes[] = { 6, 10, 20, 60 };
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        Rng rng = rng_from_seed(6);

        for (size_t s = 0; s < COUNT(sizes); s++) {
                size_t n = sizes[s], inside = 0, trials = n > 10 ? 500 : 2000;
                double x[60], y[60], share;

                for (size_t trial = 0; trial < trials; trial++) {
                        Interval i;

                        for (size_t j = 0; j < n; j++) {
                                x[j] = exponential(&rng);
                                y[j] = exponential(&rng) + 0.7;
                        }
                        i = hodges_lehmann(x, n, y, n, 0.95, arena).interval;
                        inside += i.low <= 0.7 && 0.7 <= i.high;
                }
                share = (double)inside / (double)trials;
                assert_true(share >= 0.925 && share <= 0.985);
        }
}

TEST(hodges_lehmann_paired_covers_in_simulation)
{
        static const size_t sizes[] = { 6, 10, 20, 60 };
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        Rng rng = rng_from_seed(7);

        for (size_t s = 0; s < COUNT(sizes); s++) {
                size_t n = sizes[s], inside = 0;
                double d[60], share;

                for (size_t trial = 0; trial < 2000; trial++) {
                        Interval i;

                        /* symmetric with heavy tails: the difference of two exponentials */
                        for (size_t j = 0; j < n; j++)
                                d[j] = exponential(&rng) - exponential(&rng) - 0.3;
                        i = hodges_lehmann_paired(d, n, 0.95, arena).interval;
                        inside += i.low <= -0.3 && -0.3 <= i.high;
                }
                share = (double)inside / 2000;
                assert_true(share >= 0.935 && share <= 0.985);
        }
}

TEST(hodges_lehmann_edges)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double same[] = { 2, 2, 2, 2, 2, 2, 2 }, one[] = { -0.0 };
        Shift shift = hodges_lehmann(same, 7, same, 7, 0.95, arena);

        assert_near(shift.estimate, 0, 0);
        assert_near(shift.interval.low, 0, 0);
        assert_near(shift.interval.high, 0, 0);
        assert_true(isnan(hodges_lehmann(same, 0, same, 7, 0.95, arena).estimate));
        assert_true(isnan(hodges_lehmann_paired(same, 0, 0.95, arena).estimate));
        assert_false(signbit(hodges_lehmann_paired(one, 1, 0.95, arena).estimate));
}

/* A million pairs of a thousand values each, in the memory of two thousand. */
TEST(hodges_lehmann_of_many_needs_no_list)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        static double x[3000], y[3000];
        Rng rng = rng_from_seed(8);
        Shift shift;

        draw(x, 3000, &rng, false);
        draw(y, 3000, &rng, false);
        for (size_t i = 0; i < 3000; i++)
                y[i] += 0.5;
        shift = hodges_lehmann(x, 3000, y, 3000, 0.95, arena);
        assert_near(shift.estimate, 0.5, 0.1);
        assert_true(shift.interval.low < 0.5 && shift.interval.high > 0.5);
        assert_true(shift.interval.high - shift.interval.low < 0.15);
}

/* Up to 20 values a side both are one; beyond, the normal's limits are near the exact ones. */
TEST(hodges_lehmann_quick_is_near_the_exact)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Rng rng = rng_from_seed(3);

        for (size_t n = 4; n <= 50; n += 2) {
                double x[50], y[50];
                Shift exact, quick;

                for (size_t i = 0; i < n; i++) {
                        x[i] = rng_normal(&rng);
                        y[i] = rng_normal(&rng);
                }
                exact = hodges_lehmann(x, n, y, n, 0.95, arena);
                quick = hodges_lehmann_quick(x, n, y, n, 0.95, arena);
                assert_near(quick.estimate, exact.estimate, 0);
                assert_near(quick.interval.low, exact.interval.low, n <= RANK_QUICK_MAX ? 0 : 0.03);
                assert_near(quick.interval.high, exact.interval.high,
                            n <= RANK_QUICK_MAX ? 0 : 0.03);
        }
}
