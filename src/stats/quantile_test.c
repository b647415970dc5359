#include "harness.h"

#include "stats/normal.h"
#include "stats/quantile.h"
#include "stats/rng.h"

#include <math.h>

TEST(quantile_min_n_is_the_known_table)
{
        assert_int_equal(quantile_min_n(0.5, 0.95), 6);
        assert_int_equal(quantile_min_n(0.9, 0.95), 29);
        assert_int_equal(quantile_min_n(0.95, 0.95), 59);
        assert_int_equal(quantile_min_n(0.99, 0.95), 299);
        assert_int_equal(quantile_min_n(0.999, 0.95), 2995);
        assert_int_equal(quantile_min_n(0.01, 0.95), 299);
        assert_true(quantile_min_n(1, 0.95) == SIZE_MAX);
        assert_true(quantile_min_n(0.5, 1) == SIZE_MAX);
        assert_true(quantile_min_n(nan(""), 0.95) == SIZE_MAX);
}

TEST(quantile_of_samples_is_the_nearest_rank)
{
        double x[] = { 5, 1, 4, 2, 3, nan(""), 6 };

        sort_doubles(x, COUNT(x));
        assert_true(isnan(x[6]));
        assert_near(x[0], 1, 0);
        assert_near(quantile_sorted(x, 5, 0.5), 3, 0);
        assert_near(quantile_sorted(x, 5, 0.2), 1, 0);
        assert_near(quantile_sorted(x, 5, 0.21), 2, 0);
        assert_near(median_sorted(x, 5), 3, 0);
        assert_near(median_sorted(x, 6), 3.5, 0);
        assert_true(isnan(quantile_sorted(x, 0, 0.5)) && isnan(median_sorted(x, 0)));
}

/* What ranks l..u cover, summed directly. */
static double covered(size_t n, double q, size_t low, size_t high)
{
        double sum = 0;

        for (size_t i = low; i < high; i++)
                sum += binomial_pmf(i, n, q);
        return sum;
}

TEST(quantile_intervals_cover_what_they_say)
{
        static const double quantiles[] = { 0.01, 0.1, 0.5, 0.9, 0.95, 0.99 };

        for (size_t i = 0; i < COUNT(quantiles); i++)
                for (size_t n = 1; n < 1500; n += 1 + n / 20) {
                        double confidence, q = quantiles[i];
                        size_t low, high;

                        quantile_interval_ranks(n, q, 0.95, &low, &high, &confidence);
                        if (n < quantile_min_n(q, 0.95)) {
                                assert_true(low == 0 && high == 0 && confidence <= 0);
                                continue;
                        }
                        assert_true(low >= 1 && low < high && high <= n);
                        assert_true(confidence >= 0.95 - 1e-12);
                        assert_near(confidence, covered(n, q, low, high), 1e-12);
                        /* one rank less at either end would not do */
                        assert_true(covered(n, q, low + 1, high - 1) < 0.95);
                }
}

/* The known interval of the median: ranks 2 and 9 of 10 cover 0.9785; 1 and 6 of 6, 0.96875. */
TEST(quantile_interval_of_the_median_matches_tables)
{
        double x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
        Interval ten = quantile_interval(x, 10, 0.5, 0.95),
                 six = quantile_interval(x, 6, 0.5, 0.95);
        Interval five = quantile_interval(x, 5, 0.5, 0.95);

        assert_near(ten.low, 2, 0);
        assert_near(ten.high, 9, 0);
        assert_near(ten.confidence, 0.978515625, 1e-12);
        assert_near(six.low, 1, 0);
        assert_near(six.high, 6, 0);
        assert_near(six.confidence, 0.96875, 1e-12);
        assert_true(isnan(five.low) && isnan(five.high));
}

/* At the smallest n that bounds p99 at all, only its last rank bounds it from above. */
TEST(quantile_interval_at_its_smallest_n)
{
        double confidence;
        size_t low, high;

        quantile_interval_ranks(299, 0.99, 0.95, &low, &high, &confidence);
        assert_int_equal(high, 299);
        assert_true(low >= 1);
        assert_near(confidence, 1 - pow(0.99, 299) - binomial_cdf(low - 1, 299, 0.99), 1e-12);
        quantile_interval_ranks(298, 0.99, 0.95, &low, &high, &confidence);
        assert_int_equal(high, 0);
        quantile_interval_ranks(0, 0.99, 0.95, &low, &high, &confidence);
        assert_int_equal(high, 0);
}

/* 2000 samples of 300 from an exponential: the true p95 lies inside at least as often as said. */
TEST(quantile_interval_covers_in_simulation)
{
        double x[300], truth = -log(0.05);
        Rng rng = rng_from_seed(11);
        size_t inside = 0;

        for (int trial = 0; trial < 2000; trial++) {
                Interval interval;

                for (size_t i = 0; i < COUNT(x); i++)
                        x[i] = -log(1 - rng_unit(&rng));
                sort_doubles(x, COUNT(x));
                interval = quantile_interval(x, COUNT(x), 0.95, 0.95);
                inside += interval.low <= truth && truth < interval.high;
        }
        assert_true(inside >= 1870 && inside <= 1990);
}

TEST(hist_quantile_interval_holds_the_samples)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(2));
        Hist *h = hist_new(arena, HIST_LATENCY);
        Rng rng = rng_from_seed(12);
        double x[1000];
        Interval of_samples, of_bins;

        assert_true(isnan(hist_quantile_interval(h, 0.99, 0.95).low));
        for (size_t i = 0; i < COUNT(x); i++) {
                uint64_t value = (uint64_t)(1e6 * exp(rng_normal(&rng)));

                hist_record(h, value);
                x[i] = (double)value;
        }
        sort_doubles(x, COUNT(x));
        of_samples = quantile_interval(x, COUNT(x), 0.99, 0.95);
        of_bins = hist_quantile_interval(h, 0.99, 0.95);
        assert_near(of_bins.confidence, of_samples.confidence, 1e-12);
        assert_true(of_bins.low <= of_samples.low && of_bins.low >= of_samples.low * 0.999);
        assert_true(of_bins.high >= of_samples.high && of_bins.high <= of_samples.high * 1.001);
}

/* A histogram of a billion values: the ranks are found without walking through them. */
TEST(hist_quantile_interval_of_many_values_is_narrow)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(2));
        Hist *h = hist_new(arena, HIST_LATENCY);
        Interval interval;

        for (uint64_t value = 1; value <= 1000; value++)
                hist_record_n(h, value, 1000000);
        interval = hist_quantile_interval(h, 0.5, 0.95);
        assert_true(interval.low >= 499 && interval.high <= 502);
        assert_true(interval.confidence >= 0.95 && interval.confidence < 0.9501);
}

static void autoregress(double *x, size_t n, double rho, uint64_t seed)
{
        Rng rng = rng_from_seed(seed);

        x[0] = rng_normal(&rng);
        for (size_t i = 1; i < n; i++)
                x[i] = rho * x[i - 1] + rng_normal(&rng);
}

TEST(autocorrelation_is_seen_and_costs_samples)
{
        static double x[20000];
        double constant[] = { 3, 3, 3, 3 }, alternating[] = { 1, -1, 1, -1, 1, -1 };

        autoregress(x, COUNT(x), 0, 1);
        assert_near(autocorrelation(x, COUNT(x)), 0, 0.03);
        autoregress(x, COUNT(x), 0.5, 2);
        assert_near(autocorrelation(x, COUNT(x)), 0.5, 0.03);
        assert_near(effective_n(x, COUNT(x)), COUNT(x) / 3.0, 600);
        assert_near(autocorrelation(constant, 4), 0, 0);
        assert_near(effective_n(constant, 4), 4, 0);
        assert_true(autocorrelation(alternating, 6) < -0.8);
        assert_near(effective_n(alternating, 6), 6, 0);
        assert_near(autocorrelation(x, 1), 0, 0);
        assert_near(effective_n(x, 0), 0, 0);
        assert_near(effective_n(x, 1), 1, 0);
}

/* The definition, evaluated directly: sum of squares after d over (batches - d)^2. */
static size_t mser5_by_definition(const double *x, size_t n)
{
        size_t batches = n / 5, best = 0;
        double best_score = HUGE_VAL;

        for (size_t d = 0; d <= batches / 2; d++) {
                double mean = 0, squares = 0, kept = (double)(batches - d);

                for (size_t i = d * 5; i < batches * 5; i++)
                        mean += x[i] / 5 / kept;
                for (size_t i = d; i < batches; i++) {
                        double batch = 0;

                        for (size_t j = 0; j < 5; j++)
                                batch += x[5 * i + j] / 5;
                        squares += (batch - mean) * (batch - mean);
                }
                if (squares / (kept * kept) < best_score * (1 - 1e-12)) {
                        best_score = squares / (kept * kept);
                        best = d;
                }
        }
        return best == batches / 2 ? n : best * 5;
}

TEST(warmup_is_found_where_it_ends)
{
        double x[200];
        Rng rng = rng_from_seed(4);

        for (size_t i = 0; i < COUNT(x); i++)
                x[i] = (i < 30 ? 20 - (double)i / 2 : 5) + 0.1 * rng_normal(&rng);
        assert_int_equal(warmup_mser5(x, COUNT(x)), 30);
        for (size_t i = 0; i < COUNT(x); i++)
                x[i] = 7;
        assert_int_equal(warmup_mser5(x, COUNT(x)), 0);
        for (size_t i = 0; i < COUNT(x); i++)
                x[i] = (double)i;
        assert_int_equal(warmup_mser5(x, COUNT(x)), COUNT(x)); /* never steady */
        assert_int_equal(warmup_mser5(x, 19), 0);
}

TEST(warmup_agrees_with_the_definition)
{
        double x[157];

        for (uint64_t seed = 1; seed <= 200; seed++) {
                autoregress(x, COUNT(x), 0.8, seed);
                for (size_t i = 0; i < seed % 60; i++)
                        x[i] += 10;
                assert_int_equal(warmup_mser5(x, COUNT(x)), mser5_by_definition(x, COUNT(x)));
        }
}
