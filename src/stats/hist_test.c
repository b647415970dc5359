#include "harness.h"

#include "stats/hist.h"
#include "stats/rng.h"

#include <math.h>
#include <stdlib.h>

static const HistLayout layouts[] = {
        { 1, UINT64_C(3600000000000), 3 },  { 1, 2, 1 },           { 1, 100000, 2 },
        { 1000, UINT64_C(60000000000), 3 }, { 7, 1000000, 1 },     { 1, INT64_MAX, 4 },
        { 1024, UINT64_C(1) << 40, 5 },     { 1, 3600000000u, 3 },
};

static int by_value(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

static uint64_t log_spread(Rng *rng, uint64_t highest)
{
        return (uint64_t)(exp(rng_unit(rng) * log((double)highest)) - 1 + rng_unit(rng));
}

TEST(hist_refuses_impossible_layouts)
{
        static const HistLayout bad[] = {
                { 0, 100, 3 },
                { 1, 1, 3 },
                { 1, 100, 0 },
                { 1, 100, 6 },
                { 60, 100, 3 },
                { 1, UINT64_MAX, 3 },
                { UINT64_C(1) << 60, UINT64_C(1) << 62, 3 },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };
        Hist *h;

        for (size_t i = 0; i < COUNT(bad); i++)
                assert_fails(hist_try(arena, bad[i], &h, &err), err, ERR_INPUT);
        assert_fails(hist_try(arena, (HistLayout){ 1, INT64_MAX, 5 }, &h, &err), err, ERR_LIMIT);
}

/* HdrHistogram_c's counters for 1..3.6e9, one row per digit. */
TEST(hist_has_the_layout_of_hdrhistogram)
{
        static const size_t counters[] = { 464, 3328, 23552 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));

        for (unsigned digits = 1; digits <= 3; digits++)
                assert_int_equal(hist_new(arena, (HistLayout){ 1, 3600000000u, digits })->n_counts,
                                 counters[digits - 1]);
}

TEST(hist_bins_tile_the_range_with_their_precision)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(128));

        for (size_t l = 0; l < COUNT(layouts); l++) {
                Hist *h = hist_new(arena, layouts[l]);
                uint64_t unit = UINT64_C(1) << h->unit_shift, expected = 0;
                double precision = pow(10, -(double)layouts[l].digits);

                for (size_t i = 0; i < h->n_counts; i++)
                        h->counts[i] = 1;
                for (HistBin b = { 0 }; hist_next(h, &b);) {
                        assert_true(b.low == expected);
                        assert_true(hist_index(h, b.low) == b.next_index - 1);
                        assert_true(hist_index(h, b.high) == b.next_index - 1);
                        assert_true(b.high - b.low + 1 == unit ||
                                    (double)(b.high - b.low) <= (double)b.low * precision);
                        expected = b.high + 1;
                }
                assert_true(expected - 1 >= layouts[l].highest);
        }
}

/* Every quantile against the sorted values: the bin that holds the nearest-rank value, its upper
 * end, and never more than one bin away. */
static void check_quantiles(const Hist *h, const uint64_t *sorted, size_t n)
{
        static const double quantiles[] = { 0.001, 0.07, 0.25,  0.5,   0.55,   0.9,
                                            0.95,  0.99, 0.991, 0.999, 0.9999, 1 };

        assert_true(hist_quantile(h, 0) == sorted[0]);
        assert_true(hist_quantile(h, 1) == sorted[n - 1]);
        for (size_t i = 0; i < COUNT(quantiles); i++) {
                uint64_t value = sorted[nearest_rank(n, quantiles[i]) - 1];
                uint64_t got = hist_quantile(h, quantiles[i]);

                assert_true(hist_index(h, got) == hist_index(h, value));
                assert_true(got >= value && got <= h->max);
        }
        for (size_t rank = 1; rank <= n; rank += 1 + n / 97) {
                assert_true(hist_rank_value(h, rank) >= sorted[rank - 1]);
                assert_true(hist_rank_low(h, rank) <= sorted[rank - 1]);
        }
}

TEST(hist_quantiles_are_nearest_ranks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(128));
        Rng rng = rng_from_seed(3);

        for (size_t l = 0; l < COUNT(layouts); l++)
                for (size_t n = 1; n < 3000; n = n * 3 + 1) {
                        Mark mark = arena_mark(arena);
                        Hist *h = hist_new(arena, layouts[l]);
                        uint64_t *values = new (arena, uint64_t, n);

                        for (size_t i = 0; i < n; i++) {
                                values[i] = log_spread(&rng, layouts[l].highest / 2);
                                hist_record(h, values[i]);
                        }
                        qsort(values, n, sizeof(*values), by_value);
                        check_quantiles(h, values, n);
                        assert_true(h->min == values[0] && h->max == values[n - 1]);
                        assert_int_equal(h->total, n);
                        assert_int_equal(h->saturated, 0);
                        arena_reset(arena, mark);
                }
}

TEST(nearest_rank_is_the_ceiling_without_rounding_noise)
{
        assert_int_equal(nearest_rank(100, 0.991), 100); /* not 99, as with + 0.5 */
        assert_int_equal(nearest_rank(100, 0.99), 99);
        assert_int_equal(nearest_rank(100, 0.07), 7); /* 0.07 * 100 = 7.000000000000001 */
        assert_int_equal(nearest_rank(1000, 0.999), 999);
        assert_int_equal(nearest_rank(10, 0), 1);
        assert_int_equal(nearest_rank(10, 1), 10);
        assert_int_equal(nearest_rank(10, 7), 10);
        assert_int_equal(nearest_rank(10, -1), 1);
        assert_int_equal(nearest_rank(10, nan("")), 1);
        assert_int_equal(nearest_rank(0, 0.5), 0);
        for (uint64_t n = 1; n <= 2000; n++)
                for (uint64_t k = 1; k <= n; k += 1 + n / 50)
                        assert_int_equal(nearest_rank(n, (double)k / (double)n), k);
}

TEST(hist_empty_answers_without_values)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Hist *h = hist_new(arena, HIST_LATENCY);
        HistBin bin = { 0 };

        assert_true(hist_quantile(h, 0.5) == 0 && hist_quantile(h, 0) == 0);
        assert_true(hist_rank_value(h, 1) == 0 && hist_rank_low(h, 1) == 0);
        assert_true(isnan(hist_mean(h)) && isnan(hist_stddev(h)));
        assert_int_equal(hist_count_at_most(h, 100), 0);
        assert_false(hist_next(h, &bin));
        hist_record_n(h, 5, 0);
        assert_true(h->min == UINT64_MAX && h->total == 0);
        hist_record_n(h, UINT64_MAX, 0);
        assert_true(h->min == UINT64_MAX && h->total == 0);
}

TEST(hist_counts_values_beyond_its_highest)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Hist *h = hist_new(arena, (HistLayout){ 1, 1000, 2 });

        hist_record(h, 10);
        hist_record_n(h, 1000, 2);
        hist_record_n(h, UINT64_MAX, 3);
        assert_int_equal(h->saturated, 3);
        assert_int_equal(h->total, 6);
        assert_true(h->max == UINT64_MAX);
        assert_true(hist_quantile(h, 1) == UINT64_MAX);
        assert_true(hist_quantile(h, 0.1) == 10);
        assert_int_equal(hist_count_at_most(h, 999), 1);
        assert_int_equal(hist_count_at_most(h, UINT64_MAX), 6);
}

TEST(hist_mean_and_spread_are_exact)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Hist *h = hist_new(arena, HIST_LATENCY);

        hist_record_n(h, 1000001, 2);
        hist_record_n(h, 1000003, 2);
        assert_near(hist_mean(h), 1000002, 0);
        assert_near(hist_stddev(h), 1, 1e-3);
        assert_near(h->sum, 4000008, 0);
        hist_clear(h);
        assert_true(h->total == 0 && h->max == 0 && h->min == UINT64_MAX);
        assert_true(isnan(hist_mean(h)));
}

static void assert_same(const Hist *a, const Hist *b)
{
        assert_int_equal(a->n_counts, b->n_counts);
        assert_memory_equal(a->counts, b->counts, a->n_counts * sizeof(*a->counts));
        assert_true(a->total == b->total && a->saturated == b->saturated);
        assert_true(a->min == b->min && a->max == b->max);
        assert_near(a->sum, b->sum, 1e-12 * a->sum);
        assert_near(a->sum_squares, b->sum_squares, 1e-12 * a->sum_squares);
}

/* Recorded in parts and merged in any order, or recorded at once: the same histogram. */
TEST(hist_merging_loses_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        HistLayout layout = { 1, 1000000, 3 };
        Hist *all = hist_new(arena, layout), *merged = hist_new(arena, layout), *parts[5], *copy;
        Rng rng = rng_from_seed(5);
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(parts); i++)
                parts[i] = hist_new(arena, layout);
        for (size_t i = 0; i < 5000; i++) {
                uint64_t value = log_spread(&rng, 2000000);

                hist_record(all, value);
                hist_record(parts[rng_below(&rng, 4)], value); /* the fifth stays empty */
        }
        for (size_t i = COUNT(parts); i-- > 0;)
                assert_ok(hist_merge(merged, parts[i], &err), err);
        assert_true(all->saturated > 0);
        assert_same(merged, all);
        copy = hist_clone(arena, all);
        assert_same(copy, all);
        hist_record(copy, 1);
        assert_true(copy->total == all->total + 1);
}

TEST(hist_merging_refuses_other_layouts_and_overflow)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Hist *a = hist_new(arena, (HistLayout){ 1, 1000, 3 });
        Hist *b = hist_new(arena, (HistLayout){ 1, 2000, 3 });
        Error err = { 0 };

        hist_record_n(a, 5, UINT64_MAX);
        assert_fails(hist_merge(a, b, &err), err, ERR_INPUT);
        assert_fails(hist_merge(a, a, &err), err, ERR_LIMIT);
        assert_true(a->counts[5] == UINT64_MAX);
}

TEST(hist_count_at_most_agrees_with_the_bins)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Hist *h = hist_new(arena, (HistLayout){ 1, 100000, 2 });
        Rng rng = rng_from_seed(8);

        for (size_t i = 0; i < 1000; i++)
                hist_record(h, log_spread(&rng, 100000));
        for (HistBin b = { 0 }; hist_next(h, &b);)
                assert_int_equal(hist_count_at_most(h, b.high), b.cumulative);
        assert_int_equal(hist_count_at_most(h, h->max), 1000);
}
