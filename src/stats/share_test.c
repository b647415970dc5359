#include "stats/share.h"

#include <math.h>

#include "harness.h"
#include "stats/normal.h"

/* Limits solved by bisection in exact sums of the binomial distribution. */
TEST(share_interval_has_the_published_limits)
{
        static const struct {
                uint64_t k, n;
                double confidence, low, high;
        } rows[] = {
                { 0, 20, 0.95, 0, 0.1684335 },         { 20, 20, 0.95, 0.8315665, 1 },
                { 5, 10, 0.95, 0.1870860, 0.8129140 }, { 1, 100, 0.95, 0.0002531460, 0.05445939 },
                { 7, 50, 0.99, 0.0424688, 0.3091070 },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                Interval got = share_interval(rows[i].k, rows[i].n, rows[i].confidence);
                double tail = (1 - rows[i].confidence) / 2;

                assert_near(got.low, rows[i].low, 1e-6);
                assert_near(got.high, rows[i].high, 1e-6);
                if (rows[i].k < rows[i].n)
                        assert_near(binomial_cdf(rows[i].k, rows[i].n, got.high), tail, 1e-9);
                if (rows[i].k > 0)
                        assert_near(binomial_cdf(rows[i].k - 1, rows[i].n, got.low), 1 - tail,
                                    1e-9);
        }
}

TEST(share_interval_of_nothing_is_none)
{
        assert_true(isnan(share_interval(0, 0, 0.95).low));
        assert_true(isnan(share_interval(3, 2, 0.95).low));
}

TEST(share_interval_of_millions_is_narrow_and_holds_the_share)
{
        Interval got = share_interval(9999000, 10000000, 0.95);

        assert_true(got.low < 0.9999 && got.high > 0.9999);
        assert_true(got.high - got.low < 2e-5);
}

TEST(share_min_n_is_the_first_that_is_enough)
{
        static const double shares[] = { 0.5, 0.9, 0.99, 0.995, 0.9999 };

        assert_int_equal(share_min_n(0.99, 0.95), 368);
        for (size_t i = 0; i < COUNT(shares); i++) {
                size_t n = share_min_n(shares[i], 0.95);

                assert_true(share_interval(n, n, 0.95).low >= shares[i]);
                assert_true(share_interval(n - 1, n - 1, 0.95).low < shares[i]);
        }
        assert_true(share_min_n(1, 0.95) == SIZE_MAX);
        assert_int_equal(share_min_n(0, 0.95), 1);
}

/* Sums of binomial coefficients, in whole numbers. */
TEST(share_test_is_fishers_exact_test)
{
        static const struct {
                uint64_t a, n_a, b, n_b;
                double p;
        } rows[] = {
                { 3, 4, 1, 4, 34.0 / 70 },
                { 10, 100, 25, 100, 0.008503571478623956 },
                { 0, 1000, 12, 1000, 0.00047234069746359466 },
                { 300, 1000, 360, 1000, 0.005001529322327835 },
                { 5, 50, 5, 50, 1 },
                { 0, 0, 5, 50, 1 },
                { 0, 50, 0, 50, 1 },
                { 50, 50, 50, 50, 1 },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                double p = share_test(rows[i].a, rows[i].n_a, rows[i].b, rows[i].n_b);

                assert_near(p, rows[i].p, 1e-9);
                assert_near(share_test(rows[i].b, rows[i].n_b, rows[i].a, rows[i].n_a), p, 1e-12);
        }
}

TEST(share_test_of_hundreds_of_thousands_is_quick_and_sure)
{
        assert_true(share_test(10000, 400000, 12000, 400000) < 1e-30);
        assert_true(share_test(10000, 400000, 10010, 400000) > 0.9);
}
