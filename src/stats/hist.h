#pragma once
/* A log-linear histogram of non-negative integers (the HdrHistogram layout).
 *
 *         Hist *h = hist_new(arena, HIST_LATENCY);      // 1 ns .. 1 h, 3 significant digits
 *         hist_record(h, latency_ns);
 *         p99 = hist_quantile(h, 0.99);                 // nearest rank, value in ns
 *
 * Invariants: memory is fixed at creation; every counted value is within 1/2^(digits bits) of
 * what was recorded; merging two histograms of one layout loses nothing; values above the highest
 * are counted at the highest and in `saturated`. Exact minimum, maximum and sum are kept beside.
 *
 * Source of the layout: HdrHistogram (public domain / BSD-2). sub_bucket_count is the smallest
 * power of two >= 2 * 10^digits; bucket b holds values whose width is 2^b.
 */

#include "base/buf.h"

typedef struct HistLayout {
        uint64_t lowest;  /* smallest value told apart from 0, >= 1 */
        uint64_t highest; /* largest counted value */
        unsigned digits;  /* 1..5 significant decimal digits */
} HistLayout;

#define HIST_LATENCY ((HistLayout){ .lowest = 1, .highest = UINT64_C(3600000000000), .digits = 3 })

typedef struct Hist {
        HistLayout layout;
        unsigned unit_shift, half_shift;
        uint64_t sub_mask;
        size_t n_counts;
        uint64_t *counts;
        uint64_t total, saturated;
        uint64_t min, max; /* exact; min is UINT64_MAX while empty */
        double sum, sum_squares;
} Hist;

int hist_try(Arena *arena, HistLayout layout, Hist **ret, Error *err); /* checks the layout */
Hist *hist_new(Arena *arena, HistLayout layout);                       /* a layout known good */

static inline size_t hist_index(const Hist *h, uint64_t value)
{
        unsigned bucket = 63u - (unsigned)__builtin_clzll(value | h->sub_mask) - h->unit_shift -
                          h->half_shift;
        uint64_t sub = value >> (bucket + h->unit_shift);

        return ((size_t)bucket << h->half_shift) + (size_t)sub;
}

/* A value above the layout's highest: counted there, and as saturated. */
void hist_record_beyond(Hist *h, uint64_t value, uint64_t n);

/* The hot path: <= 4 ns (bench/hist.c). */
static inline void hist_record_n(Hist *h, uint64_t value, uint64_t n)
{
        double v;

        if (__builtin_expect(value > h->layout.highest, 0)) {
                hist_record_beyond(h, value, n);
                return;
        }
        if (__builtin_expect(n == 0, 0))
                return;
        v = (double)(int64_t)value; /* the highest is below 2^63; one instruction, not a branch */
        h->counts[hist_index(h, value)] += n;
        h->total += n;
        h->min = value < h->min ? value : h->min;
        h->max = value > h->max ? value : h->max;
        h->sum += v * (double)n;
        h->sum_squares += v * v * (double)n;
}

static inline void hist_record(Hist *h, uint64_t value)
{
        hist_record_n(h, value, 1);
}

void hist_clear(Hist *h);
int hist_merge(Hist *into, const Hist *from, Error *err); /* same layout, or ERR_INPUT */
Hist *hist_clone(Arena *arena, const Hist *h);

/* The rank of quantile q among n: ceil(q * n), within 1..n; 0 when n is 0. A product that only
 * rounding lifted above a whole number (0.07 * 100) does not reach the next rank. */
uint64_t nearest_rank(uint64_t n, double q);

double hist_mean(const Hist *h); /* NaN while empty */
double hist_stddev(const Hist *h);
/* Nearest rank: the ceil(q * n)-th smallest value, as the highest value of its bin, never above
 * the exact maximum; q = 0 gives the exact minimum. 0 while empty. The last bin in use ends at the
 * exact maximum, so values beyond the layout's highest are reported too high, never too low. */
uint64_t hist_quantile(const Hist *h, double q);
/* The value of rank r (1..total), as hist_quantile. */
uint64_t hist_rank_value(const Hist *h, uint64_t rank);
/* The lowest value that rank r can have had: the other end of its bin, never below the minimum. */
uint64_t hist_rank_low(const Hist *h, uint64_t rank);
/* How many recorded values are <= value (to the bin). */
uint64_t hist_count_at_most(const Hist *h, uint64_t value);

/* Bins in rising order: for (HistBin b = { 0 }; hist_next(h, &b);) ... non-empty bins only. */
typedef struct HistBin {
        size_t next_index;
        uint64_t low, high, count, cumulative;
} HistBin;
bool hist_next(const Hist *h, HistBin *bin);

/* Our own sparse form (varints: layout, exact values, gaps and counts) for the store. */
void hist_pack(const Hist *h, Buf *out);
int hist_unpack(Span packed, Arena *arena, Hist **ret, Error *err);
