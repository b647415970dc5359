#include "harness.h"

#include "stats/rank.h"
#include "stats/rng.h"

#include <math.h>

/* Twice the U of those in the set: 2 for each pair it wins, 1 for each tie. */
static int doubled_u(const double *all, unsigned n, unsigned set)
{
        int u = 0;

        for (unsigned i = 0; i < n; i++)
                for (unsigned j = 0; j < n; j++)
                        if (set >> i & 1 && !(set >> j & 1))
                                u += all[i] > all[j] ? 2 : all[i] < all[j] ? 0 : 1;
        return u;
}

/* Every way to call nx of the values the first sample: the definition of the test. */
static double mann_whitney_by_enumeration(const double *x, unsigned nx, const double *y,
                                          unsigned ny)
{
        unsigned n = nx + ny, splits = 0, as_far = 0;
        int centre = (int)(nx * ny), seen;
        double all[20];

        for (unsigned i = 0; i < n; i++)
                all[i] = i < nx ? x[i] : y[i - nx];
        seen = abs(doubled_u(all, n, (1u << nx) - 1) - centre);
        for (unsigned set = 0; set < 1u << n; set++)
                if (__builtin_popcount(set) == (int)nx) {
                        splits++;
                        as_far += abs(doubled_u(all, n, set) - centre) >= seen;
                }
        return (double)as_far / splits;
}

TEST(mann_whitney_equals_enumeration_with_ties)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Rng rng = rng_from_seed(1);
        double x[6], y[6];

        for (int trial = 0; trial < 400; trial++) {
                unsigned nx = 1 + (unsigned)rng_below(&rng, 5),
                         ny = 1 + (unsigned)rng_below(&rng, 5);
                unsigned kinds = 1 + (unsigned)rng_below(&rng, 12);
                RankTest test;

                for (unsigned i = 0; i < 6; i++) {
                        x[i] = (double)rng_below(&rng, kinds);
                        y[i] = (double)rng_below(&rng, kinds) + (trial % 3);
                }
                test = mann_whitney(x, nx, y, ny, arena);
                assert_true(test.exact);
                assert_near(test.p, mann_whitney_by_enumeration(x, nx, y, ny), 1e-12);
                assert_near(mann_whitney(y, ny, x, nx, arena).p, test.p, 1e-12);
                assert_near(mann_whitney(y, ny, x, nx, arena).statistic + test.statistic, nx * ny,
                            1e-12);
        }
}

/* {2,1,3,5} against five 1: {2,3,5} win all, one ties: U = 17.5, and of the 126 splits 6 are as
 * far from 10 (5 choices of which 1 joins 2, 3, 5 and the one seen). */
TEST(mann_whitney_tied_case_has_six_of_126)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double x[] = { 2, 1, 3, 5 }, y[] = { 1, 1, 1, 1, 1 };
        RankTest test = mann_whitney(x, 4, y, 5, arena);

        assert_near(test.statistic, 17.5, 0);
        assert_near(test.p, 6.0 / 126, 1e-14);
        assert_near(mann_whitney_by_enumeration(x, 4, y, 5), 6.0 / 126, 1e-14);
}

TEST(mann_whitney_smallest_p_is_the_known_table)
{
        static const struct {
                size_t n;
                double p;
        } table[] = { { 3, 0.1 },       { 4, 2.0 / 70 },    { 5, 2.0 / 252 },
                      { 6, 2.0 / 924 }, { 8, 2.0 / 12870 }, { 10, 2.0 / 184756 } };
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double x[10], y[10];

        for (size_t i = 0; i < 10; i++) {
                x[i] = (double)i;
                y[i] = 100 + (double)i;
        }
        for (size_t i = 0; i < COUNT(table); i++) {
                RankTest test = mann_whitney(x, table[i].n, y, table[i].n, arena);

                assert_near(test.p, table[i].p, 1e-15);
                assert_near(test.min_p, table[i].p, 1e-15);
        }
}

/* The published critical value of U for 8 and 9 at 0.05 two-sided is 15. */
TEST(mann_whitney_critical_value)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double x[8] = { 1, 2, 3, 4, 5, 6, 14, 16.5 }; /* 14 is above 6 of y, 16.5 above 9 */
        double y[9] = { 7, 8, 9, 10, 11, 12, 14.5, 15.5, 16 };
        RankTest test = mann_whitney(x, 8, y, 9, arena);

        assert_near(test.statistic, 15, 0);
        assert_true(test.p <= 0.05);
        y[5] = 5.5; /* one more of x is above one of y */
        test = mann_whitney(x, 8, y, 9, arena);
        assert_near(test.statistic, 16, 0);
        assert_true(test.p > 0.05);
}

/* Past the limit of the exact form: against the share of random splits that are as far. */
TEST(mann_whitney_normal_agrees_with_random_splits)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Rng rng = rng_from_seed(6);
        double all[120];

        for (int trial = 0; trial < 4; trial++) {
                size_t as_far = 0;
                RankTest seen;

                for (size_t i = 0; i < 120; i++)
                        all[i] = floor(4 * rng_normal(&rng) + (i < 60 ? 1.2 : 0));
                seen = mann_whitney(all, 60, all + 60, 60, arena);
                assert_false(seen.exact);
                for (int split = 0; split < 3000; split++) {
                        rng_shuffle(&rng, all, 120, sizeof(all[0]));
                        as_far += fabs(mann_whitney(all, 60, all + 60, 60, arena).statistic -
                                       1800) >= fabs(seen.statistic - 1800);
                }
                assert_near(seen.p, (double)as_far / 3000, 0.03);
        }
}

/* The largest exact form, with ties, stays in the memory that the header names and meets the
 * normal, which must be close by then. */
TEST(mann_whitney_largest_exact_form)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Rng rng = rng_from_seed(7);
        double x[51], y[51];
        RankTest exact, normal;

        for (size_t i = 0; i < 50; i++) {
                x[i] = floor(20 * rng_normal(&rng));
                y[i] = x[i] + (double)(i % 3) * 6 - 1;
        }
        exact = mann_whitney(x, 50, y, 50, arena);
        assert_true(exact.exact && exact.p > 0.001 && exact.p < 0.9);
        assert_near(exact.min_p / 1e-29, 1.98, 0.01); /* 2 / C(100, 50) */
        x[50] = y[50] = 1e9;                          /* a tied pair at the top says nothing new */
        normal = mann_whitney(x, 51, y, 51, arena);
        assert_false(normal.exact);
        assert_near(normal.p, exact.p, 0.15 * exact.p + 0.01);
}

TEST(mann_whitney_edges)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double same[60] = { 0 };

        assert_near(mann_whitney(same, 4, same, 4, arena).p, 1, 0);
        assert_near(mann_whitney(same, 60, same, 60, arena).p, 1, 0);
        assert_near(mann_whitney(same, 0, same, 4, arena).p, 1, 0);
        assert_near(mann_whitney(same, 1, same, 1, arena).min_p, 1, 0);
}

/* Every sign pattern over the non-zero sizes: the definition of the test. */
static double signed_rank_by_enumeration(const double *d, unsigned n)
{
        int ranks[16], total = 0, seen = 0;
        unsigned kept = 0, as_far = 0;
        double sizes[16];
        bool up[16];

        for (unsigned i = 0; i < n; i++)
                if (d[i] < 0 || d[i] > 0) {
                        sizes[kept] = fabs(d[i]);
                        up[kept++] = d[i] > 0;
                }
        for (unsigned i = 0; i < kept; i++) {
                ranks[i] = 1;
                for (unsigned j = 0; j < kept; j++)
                        ranks[i] += sizes[j] < sizes[i] ? 2 : sizes[j] > sizes[i] ? 0 : 1;
                total += ranks[i];
                seen += up[i] ? ranks[i] : 0;
        }
        for (unsigned set = 0; set < 1u << kept; set++) {
                int sum = 0;

                for (unsigned i = 0; i < kept; i++)
                        sum += set >> i & 1 ? ranks[i] : 0;
                as_far += abs(2 * sum - total) >= abs(2 * seen - total);
        }
        return (double)as_far / (1u << kept);
}

TEST(signed_rank_equals_enumeration_with_ties_and_zeros)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Rng rng = rng_from_seed(2);
        double d[12];

        for (int trial = 0; trial < 300; trial++) {
                unsigned n = 1 + (unsigned)rng_below(&rng, 12);
                uint64_t kinds = 1 + rng_below(&rng, 15);
                RankTest test;

                for (unsigned i = 0; i < n; i++)
                        d[i] = (double)rng_below(&rng, kinds) - (double)(kinds / 3);
                test = wilcoxon_signed_rank(d, n, arena);
                assert_true(test.exact);
                assert_near(test.p, signed_rank_by_enumeration(d, n), 1e-12);
        }
}

TEST(signed_rank_known_values_and_edges)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double up[100], zeros[4] = { 0 }, one_down[8] = { -1, 2, 3, 4, 5, 6, 7, 8 };
        RankTest test;

        for (size_t i = 0; i < 100; i++)
                up[i] = (double)i + 1;
        test = wilcoxon_signed_rank(up, 6, arena);
        assert_near(test.statistic, 21, 0);
        assert_near(test.p, 2.0 / 64, 1e-15);
        assert_near(test.min_p, 2.0 / 64, 1e-15);
        assert_near(wilcoxon_signed_rank(one_down, 8, arena).p, 4.0 / 256, 1e-15);
        assert_near(wilcoxon_signed_rank(zeros, 4, arena).p, 1, 0);
        assert_near(wilcoxon_signed_rank(zeros, 0, arena).min_p, 1, 0);
        test = wilcoxon_signed_rank(up, 100, arena);
        assert_false(test.exact);
        assert_true(test.p < 1e-15 && test.p > 0);
}

TEST(signed_rank_normal_agrees_with_random_signs)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Rng rng = rng_from_seed(16);
        double d[70], centre;

        for (int trial = 0; trial < 4; trial++) {
                size_t as_far = 0, kept = 0;
                RankTest seen;

                for (size_t i = 0; i < 70; i++) {
                        d[i] = floor(6 * rng_normal(&rng) + 1.5);
                        kept += d[i] < 0 || d[i] > 0;
                }
                centre = (double)(kept * (kept + 1)) / 4;
                seen = wilcoxon_signed_rank(d, 70, arena);
                assert_false(seen.exact);
                for (int split = 0; split < 3000; split++) {
                        for (size_t i = 0; i < 70; i++)
                                d[i] = rng_below(&rng, 2) ? d[i] : -d[i];
                        as_far += fabs(wilcoxon_signed_rank(d, 70, arena).statistic - centre) >=
                                  fabs(seen.statistic - centre);
                }
                assert_near(seen.p, (double)as_far / 3000, 0.03);
        }
}

TEST(sign_test_is_the_binomial)
{
        double d[] = { 1, 2, 3, -1, 0, 0, 5, 6, 7, 8 }; /* 7 up, 1 down */
        RankTest test = sign_test(d, 10);

        assert_near(test.statistic, 7, 0);
        assert_near(test.p, 2 * 9.0 / 256, 1e-14);
        assert_near(sign_test(d, 2).p, 0.5, 1e-15);
        assert_near(sign_test(d + 4, 2).p, 1, 0);
        assert_near(sign_test(d, 0).p, 1, 0);
        assert_near(test.min_p, 2.0 / 1024, 0);
}

TEST(cliffs_delta_counts_pairs)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Rng rng = rng_from_seed(3);
        double x[40], y[30], sum = 0;

        for (size_t i = 0; i < 40; i++)
                x[i] = (double)rng_below(&rng, 20);
        for (size_t j = 0; j < 30; j++)
                y[j] = (double)rng_below(&rng, 25);
        for (size_t i = 0; i < 40; i++)
                for (size_t j = 0; j < 30; j++)
                        sum += (y[j] > x[i]) - (y[j] < x[i]);
        assert_near(cliffs_delta(x, 40, y, 30, arena), sum / 1200, 1e-12);
        assert_near(cliffs_delta(x, 1, (double[]){ 1e9 }, 1, arena), 1, 0);
        assert_true(isnan(cliffs_delta(x, 0, y, 30, arena)));
}

TEST(holm_steps_down_in_place)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double p[] = { 0.04, 0.01, nan(""), 0.03, 0.005 };

        holm_adjust(p, COUNT(p), arena);
        assert_near(p[4], 0.02, 1e-15);
        assert_near(p[1], 0.03, 1e-15);
        assert_near(p[3], 0.06, 1e-15);
        assert_near(p[0], 0.06, 1e-15); /* never below the one before */
        assert_true(isnan(p[2]));
        p[0] = 0.9;
        p[1] = 0.8;
        holm_adjust(p, 2, arena);
        assert_near(p[0], 1, 0);
        assert_near(p[1], 1, 0);
        holm_adjust(p, 0, arena);
}
