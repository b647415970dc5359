#include "harness.h"

#include "stats/normal.h"

#include <math.h>

TEST(normal_quantile_matches_tables)
{
        static const double table[][2] = {
                { 0.5, 0 },
                { 0.8, 0.84162123357291442 },
                { 0.9, 1.2815515655446004 },
                { 0.975, 1.9599639845400543 },
                { 0.995, 2.5758293035489004 },
                { 0.001, -3.0902323061678132 },
                { 1e-10, -6.3613409024040557 },
        };

        for (size_t i = 0; i < COUNT(table); i++)
                assert_near(normal_quantile(table[i][0]), table[i][1], 1e-13);
        assert_true(isinf(normal_quantile(0)) && normal_quantile(0) < 0);
        assert_true(isinf(normal_quantile(1)) && normal_quantile(1) > 0);
        assert_true(isnan(normal_quantile(nan(""))));
}

TEST(normal_quantile_inverts_the_cdf)
{
        for (double p = 1e-12; p < 0.5; p *= 1.7) {
                assert_near(normal_cdf(normal_quantile(p)) / p, 1, 1e-13);
                assert_near(normal_quantile(1 - p), -normal_quantile(p), 1e-3);
        }
        assert_true(normal_quantile(1e-320) < -38); /* where the density underflows */
}

static double choose(unsigned n, unsigned k)
{
        double ways = 1;

        for (unsigned i = 1; i <= k; i++)
                ways = ways * (n - k + i) / i;
        return ways;
}

TEST(binomial_matches_direct_sums)
{
        static const double shares[] = { 0.01, 0.3, 0.5, 0.9, 0.999 };

        for (size_t s = 0; s < COUNT(shares); s++)
                for (unsigned n = 1; n <= 60; n++) {
                        double p = shares[s], sum = 0;

                        for (unsigned k = 0; k < n; k++) {
                                double mass = choose(n, k) * pow(p, k) * pow(1 - p, n - k);

                                sum += mass;
                                assert_near(binomial_pmf(k, n, p), mass, 1e-13 * mass + 1e-300);
                                assert_near(binomial_cdf(k, n, p), sum, 2e-14);
                        }
                        assert_near(binomial_cdf(n, n, p), 1, 0);
                }
}

TEST(binomial_small_tails_keep_their_digits)
{
        assert_near(binomial_cdf(0, 1000, 0.5) / ldexp(1, -1000), 1, 1e-12);
        assert_near(binomial_cdf(1, 200, 0.5) / (201 * ldexp(1, -200)), 1, 1e-12);
}

TEST(binomial_edges)
{
        assert_near(binomial_cdf(3, 10, 0), 1, 0);
        assert_near(binomial_cdf(3, 10, 1), 0, 0);
        assert_near(binomial_cdf(0, 0, 0.5), 1, 0);
        assert_near(binomial_pmf(0, 10, 0), 1, 0);
        assert_near(binomial_pmf(10, 10, 1), 1, 0);
        assert_near(binomial_pmf(11, 10, 0.5), 0, 0);
}

/* Where the normal is exact enough: P(X <= np) plus half the middle is 1/2 by symmetry. */
TEST(binomial_of_a_billion_is_fast_and_right)
{
        uint64_t n = 1000000000, half = n / 2;
        double middle = binomial_pmf(half, n, 0.5);

        assert_near(middle * sqrt(M_PI * (double)n / 2), 1, 1e-9);
        assert_near(binomial_cdf(half, n, 0.5) - middle / 2, 0.5, 1e-12);
        assert_near(binomial_cdf(half - 31622, n, 0.5), normal_cdf((-31622 + 0.5) / sqrt(n / 4.0)),
                    1e-9);
}

TEST(student_quantile_matches_tables)
{
        static const double table[][3] = {
                { 0.975, 1, 12.7062 },  { 0.975, 2, 4.30265 },  { 0.975, 3, 3.18245 },
                { 0.975, 4, 2.77645 },  { 0.975, 9, 2.26216 },  { 0.995, 9, 3.24984 },
                { 0.995, 7, 3.49948 },  { 0.8, 9, 0.883404 },   { 0.8, 3, 0.978472 },
                { 0.975, 30, 2.04227 }, { 0.9995, 5, 6.86883 }, { 0.975, 1000, 1.96234 },
                { 0.025, 9, -2.26216 }, { 0.5, 9, 0 },
        };

        for (size_t i = 0; i < COUNT(table); i++)
                assert_near(student_quantile(table[i][0], table[i][1]), table[i][2],
                            2e-5 * fmax(1, fabs(table[i][2])));
        assert_true(isnan(student_quantile(0.9, 0)));
        assert_true(isinf(student_quantile(1, 5)));
}

TEST(student_two_sided_matches_tables_and_closed_forms)
{
        static const double table[][3] = {
                { 2.262157162740992, 9, 0.05 },
                { 3.182446305284263, 3, 0.05 },
                { 63.65674116287399, 1, 0.01 },
        };
        static const double sizes[] = { 1e-8, 0.3, 1, 2.5, 40, 1e6 };

        for (size_t i = 0; i < COUNT(table); i++)
                assert_near(student_two_sided(table[i][0], table[i][1]), table[i][2], 1e-10);
        for (size_t i = 0; i < COUNT(sizes); i++) {
                double t = sizes[i], one = 1 - 2 * atan(t) / M_PI,
                       two = 2 / (2 + t * t + t * sqrt(2 + t * t));

                assert_near(student_two_sided(t, 1), one, 1e-12);
                assert_near(student_two_sided(-t, 2) / two, 1, 1e-10);
        }
        assert_near(student_two_sided(1.959963984540054, 1e9), 0.05, 1e-8);
        assert_near(student_two_sided(0, 5), 1, 0);
        assert_near(student_two_sided(HUGE_VAL, 5), 0, 0);
        assert_true(isnan(student_two_sided(1, 0.5)));
        assert_true(isnan(student_two_sided(nan(""), 5)));
}
