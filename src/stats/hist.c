#include "stats/hist.h"

#include <math.h>
#include <string.h>

#define SUB_COUNT_LOG2_MAX 18 /* of five digits */

static int layout_check(HistLayout layout, Error *err)
{
        if (layout.digits < 1 || layout.digits > 5)
                return fail(err, ERR_INPUT, "a histogram has 1 to 5 significant digits, not %u",
                            layout.digits);
        if (layout.lowest < 1 || layout.lowest > INT64_MAX >> (SUB_COUNT_LOG2_MAX + 1))
                return fail(err, ERR_INPUT, "a histogram cannot tell values from 0 by %llu",
                            (unsigned long long)layout.lowest);
        if (layout.highest > INT64_MAX || layout.highest / 2 < layout.lowest)
                return fail(err, ERR_INPUT,
                            "a histogram from %llu cannot end at %llu (twice the lowest up to "
                            "2^63-1)",
                            (unsigned long long)layout.lowest, (unsigned long long)layout.highest);
        return 0;
}

static unsigned log2_floor(uint64_t x)
{
        return 63u - (unsigned)__builtin_clzll(x);
}

/* The smallest power of two >= 2 * 10^digits, as its logarithm. */
static unsigned sub_count_log2(unsigned digits)
{
        uint64_t need = 2;

        while (digits--)
                need *= 10;
        return log2_floor(need - 1) + 1;
}

static size_t counts_of(HistLayout layout, unsigned unit_shift, unsigned half_shift)
{
        uint64_t past_end = UINT64_C(1) << (half_shift + 1 + unit_shift);
        size_t buckets = 1;

        while (past_end <= layout.highest) {
                past_end <<= 1;
                buckets++;
        }
        return (buckets + 1) << half_shift;
}

int hist_try(Arena *arena, HistLayout layout, Hist **ret, Error *err)
{
        unsigned unit_shift, half_shift;
        size_t n;
        Hist *h;
        int r = layout_check(layout, err);

        if (r < 0)
                return r;
        unit_shift = log2_floor(layout.lowest);
        half_shift = sub_count_log2(layout.digits) - 1;
        n = counts_of(layout, unit_shift, half_shift);
        h = new_try(arena, Hist, 1);
        if (h)
                h->counts = new_try(arena, uint64_t, n);
        if (!h || !h->counts)
                return fail(err, ERR_LIMIT, "a histogram of %zu counters does not fit", n);
        h->layout = layout;
        h->unit_shift = unit_shift;
        h->half_shift = half_shift;
        h->sub_mask = ((UINT64_C(2) << half_shift) - 1) << unit_shift;
        h->n_counts = n;
        h->min = UINT64_MAX;
        *ret = h;
        return 0;
}

Hist *hist_new(Arena *arena, HistLayout layout)
{
        Error err;
        Hist *h;

        if (hist_try(arena, layout, &h, &err) < 0)
                BUG("%s", err.message);
        return h;
}

void hist_record_beyond(Hist *h, uint64_t value, uint64_t n)
{
        double v = (double)value;

        if (n == 0)
                return;
        h->counts[hist_index(h, h->layout.highest)] += n;
        h->saturated += n;
        h->total += n;
        h->min = MIN(h->min, value);
        h->max = MAX(h->max, value);
        h->sum += v * (double)n;
        h->sum_squares += v * v * (double)n;
}

void hist_clear(Hist *h)
{
        memset(h->counts, 0, h->n_counts * sizeof(*h->counts));
        h->total = h->saturated = h->max = 0;
        h->min = UINT64_MAX;
        h->sum = h->sum_squares = 0;
}

static bool layouts_equal(HistLayout a, HistLayout b)
{
        return a.lowest == b.lowest && a.highest == b.highest && a.digits == b.digits;
}

int hist_merge(Hist *into, const Hist *from, Error *err)
{
        uint64_t total;

        if (!layouts_equal(into->layout, from->layout))
                return fail(err, ERR_INPUT,
                            "histograms of different layouts cannot be merged: %llu..%llu with %u "
                            "digits and %llu..%llu with %u",
                            (unsigned long long)into->layout.lowest,
                            (unsigned long long)into->layout.highest, into->layout.digits,
                            (unsigned long long)from->layout.lowest,
                            (unsigned long long)from->layout.highest, from->layout.digits);
        /* No counter exceeds the total, so none overflows when the total does not. */
        if (__builtin_add_overflow(into->total, from->total, &total))
                return fail(err, ERR_LIMIT, "a histogram counts at most 2^64-1 values");
        if (from->total == 0)
                return 0;
        for (size_t i = hist_index(from, MIN(from->min, from->layout.highest)),
                    last = hist_index(from, MIN(from->max, from->layout.highest));
             i <= last; i++)
                into->counts[i] += from->counts[i];
        into->total = total;
        into->saturated += from->saturated;
        into->min = MIN(into->min, from->min);
        into->max = MAX(into->max, from->max);
        into->sum += from->sum;
        into->sum_squares += from->sum_squares;
        return 0;
}

Hist *hist_clone(Arena *arena, const Hist *h)
{
        Hist *copy = new (arena, Hist, 1);

        *copy = *h;
        copy->counts = new (arena, uint64_t, h->n_counts);
        memcpy(copy->counts, h->counts, h->n_counts * sizeof(*h->counts));
        return copy;
}

double hist_mean(const Hist *h)
{
        return h->total ? h->sum / (double)h->total : nan("");
}

double hist_stddev(const Hist *h)
{
        double mean = hist_mean(h);

        return h->total ? sqrt(fmax(h->sum_squares / (double)h->total - mean * mean, 0)) : nan("");
}

uint64_t nearest_rank(uint64_t n, double q)
{
        double at = q * (double)n, whole = rint(at);

        if (n == 0 || !(at > 0))
                return n ? 1 : 0;
        if (fabs(at - whole) > at * 0x1p-50)
                whole = ceil(at);
        return whole >= (double)n ? n : MAX((uint64_t)whole, UINT64_C(1));
}

static unsigned bin_shift(const Hist *h, size_t index)
{
        size_t bucket = index >> h->half_shift;

        return h->unit_shift + (bucket ? (unsigned)bucket - 1 : 0);
}

static uint64_t bin_low(const Hist *h, size_t index)
{
        size_t bucket = index >> h->half_shift;
        uint64_t half = UINT64_C(1) << h->half_shift, sub = index & (half - 1);

        return (bucket ? sub + half : sub) << bin_shift(h, index);
}

static uint64_t bin_high(const Hist *h, size_t index)
{
        return bin_low(h, index) + ((UINT64_C(1) << bin_shift(h, index)) - 1);
}

static size_t first_used(const Hist *h)
{
        return hist_index(h, MIN(h->min, h->layout.highest));
}

static size_t last_used(const Hist *h)
{
        return hist_index(h, MIN(h->max, h->layout.highest));
}

/* From the nearer end: high quantiles are asked for most and stand near the top. */
static size_t rank_index(const Hist *h, uint64_t rank)
{
        size_t first = first_used(h), last = last_used(h);
        uint64_t above = h->total - rank;

        if (rank <= above) {
                while (first < last && h->counts[first] < rank)
                        rank -= h->counts[first++];
                return first;
        }
        while (last > first && h->counts[last] <= above)
                above -= h->counts[last--];
        return last;
}

uint64_t hist_rank_value(const Hist *h, uint64_t rank)
{
        size_t index;

        if (h->total == 0)
                return 0;
        index = rank_index(h, MIN(MAX(rank, UINT64_C(1)), h->total));
        return index == last_used(h) ? h->max : bin_high(h, index);
}

uint64_t hist_rank_low(const Hist *h, uint64_t rank)
{
        size_t index;

        if (h->total == 0)
                return 0;
        index = rank_index(h, MIN(MAX(rank, UINT64_C(1)), h->total));
        return MAX(bin_low(h, index), h->min);
}

uint64_t hist_quantile(const Hist *h, double q)
{
        if (h->total && q <= 0)
                return h->min;
        return hist_rank_value(h, nearest_rank(h->total, q));
}

uint64_t hist_count_at_most(const Hist *h, uint64_t value)
{
        uint64_t n = 0;

        if (h->total == 0 || value < h->min)
                return 0;
        if (value >= h->max)
                return h->total;
        for (size_t i = first_used(h), end = hist_index(h, MIN(value, h->layout.highest)); i <= end;
             i++)
                n += h->counts[i];
        return n;
}

bool hist_next(const Hist *h, HistBin *bin)
{
        size_t i = bin->next_index;

        while (i < h->n_counts && h->counts[i] == 0)
                i++;
        if (i >= h->n_counts)
                return false;
        bin->low = bin_low(h, i);
        bin->high = bin_high(h, i);
        bin->count = h->counts[i];
        bin->cumulative += h->counts[i];
        bin->next_index = i + 1;
        return true;
}
