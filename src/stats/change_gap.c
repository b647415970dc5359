/* The second look, at sizes instead of ranks: steps that tower over the noise.
 *
 * Ranks cannot tell a step of 3 deviations from one of 30, and in a short series neither could be
 * told from the wandering of noise that depends on its past. Here windows of 4 to 32 values before
 * and after a split are compared by order statistics that so many outliers cannot have moved: of w
 * values, the j-th from the inner side, where more than w - j outliers among them (one value in ten
 * is taken to be one) are not to be expected anywhere in the series. What is left between both
 * sides is the gap, in deviations of the noise, which is taken from differences of near values.
 */
#include "stats/change_point_int.h"

#include "stats/normal.h"

#include <math.h>
#include <string.h>

#define WIDEST 32
#define BLOCK 4096 /* splits at a time, so that memory does not grow with the series */
#define OUTLIERS 0.1
#define OUTLIER_RISK 0.005
#define LAGS 4
#define FEWEST_DIFFERENCES 4
#define BOX 0.75 /* quantile of the absolute differences, and that of a normal's */
#define BOX_NORMAL 1.1503493803760083

static const size_t widths[] = { 4, 5, 6, 8, 11, 16, 23, WIDEST };

/* How many values from the inner side are left to outliers; w when the window says nothing. */
static size_t inner_rank(size_t width, size_t n)
{
        for (size_t rank = (width - 1) / 2 + 1; rank-- > 0;) {
                double risk = 1 - binomial_cdf(width - rank - 1, width, OUTLIERS);

                if (risk * (double)n <= OUTLIER_RISK)
                        return rank;
        }
        return width;
}

/* One width: the inner order statistics of the window that starts at each place of a block. */
typedef struct Window {
        size_t width, rank;
        double *low, *high;
        double sorted[WIDEST];
} Window;

static void insert(double *sorted, size_t n, double value)
{
        while (n && sorted[n - 1] > value) {
                sorted[n] = sorted[n - 1];
                n--;
        }
        sorted[n] = value;
}

static void drop(double *sorted, size_t n, double value)
{
        size_t i = 0;

        while (i + 1 < n && sorted[i] < value)
                i++;
        memmove(sorted + i, sorted + i + 1, (n - i - 1) * sizeof(*sorted));
}

/* Windows that start at first .. past - 1 and lie within the series; slot 0 is `first`. */
static void slide(Window *w, const double *x, size_t n, size_t first, size_t past)
{
        for (size_t start = first; start < past && start + w->width <= n; start++) {
                if (start == first) {
                        for (size_t i = 0; i < w->width; i++)
                                insert(w->sorted, i, x[start + i]);
                } else {
                        drop(w->sorted, w->width, x[start - 1]);
                        insert(w->sorted, w->width - 1, x[start + w->width - 1]);
                }
                w->low[start - first] = w->sorted[w->rank];
                w->high[start - first] = w->sorted[w->width - 1 - w->rank];
        }
}

typedef struct Side {
        double low, high; /* the greatest low and the least high of the windows on that side */
        size_t low_width, high_width;
} Side;

static void widen(Side *side, double low, double high, size_t width)
{
        if (low > side->low) {
                side->low = low;
                side->low_width = width;
        }
        if (high < side->high) {
                side->high = high;
                side->high_width = width;
        }
}

static Split gap_at(const Window *windows, size_t n_windows, size_t first, size_t at, size_t n)
{
        Side before = { -HUGE_VAL, HUGE_VAL, 0, 0 }, after = before;
        Split split = { at, at, at, 0 };
        double up, down;

        for (size_t i = 0; i < n_windows; i++) {
                const Window *w = &windows[i];

                if (at >= w->width)
                        widen(&before, w->low[at - w->width - first],
                              w->high[at - w->width - first], w->width);
                if (at + w->width <= n)
                        widen(&after, w->low[at - first], w->high[at - first], w->width);
        }
        up = after.low - before.high;
        down = before.low - after.high;
        split.z = fmax(fmax(up, down), 0);
        split.low = at - (up > down ? before.high_width : before.low_width);
        split.high = at + (up > down ? after.low_width : after.high_width);
        return split;
}

typedef int (*OnGap)(void *context, Split split);

/* Calls `seen` with the gap, in the unit of x, of every split that both sides have a window for. */
static int each_gap(const double *x, size_t n, size_t min_segment, OnGap seen, void *context,
                    Window *windows)
{
        size_t n_windows = 0, narrowest;

        for (size_t i = 0; i < COUNT(widths); i++) {
                size_t rank = inner_rank(widths[i], n);

                if (rank < widths[i]) {
                        windows[n_windows].width = widths[i];
                        windows[n_windows++].rank = rank;
                }
        }
        narrowest = n_windows ? MAX(windows[0].width, min_segment) : n;
        for (size_t block = narrowest; block + narrowest <= n; block += BLOCK) {
                size_t first = block - MIN(block, (size_t)WIDEST), past = block + BLOCK;

                for (size_t i = 0; i < n_windows; i++)
                        slide(&windows[i], x, n, first, MIN(past, n));
                for (size_t at = block; at < past && at + narrowest <= n; at++)
                        if (seen(context, gap_at(windows, n_windows, first, at, n)) < 0)
                                return -1;
        }
        return 0;
}

/* The deviation of the noise at one lag, from differences that do not cross the split. */
static double noise_at(const double *x, size_t n, size_t lag, size_t split, double *room)
{
        size_t found = 0, at;

        for (size_t i = 0; i + lag < n; i++)
                if (i >= split || i + lag < split)
                        room[found++] = fabs(x[i + lag] - x[i]);
        if (found < FEWEST_DIFFERENCES)
                return 0;
        at = (size_t)ceil(BOX * (double)found) - 1;
        change_put_in_place(room, found, at);
        return room[at] / (BOX_NORMAL * M_SQRT2);
}

static double noise_of(const double *x, size_t n, size_t split, double *room)
{
        double noise = 0;

        for (size_t lag = 1; lag <= LAGS; lag++)
                noise = fmax(noise, noise_at(x, n, lag, split, room));
        return noise;
}

typedef struct Gaps {
        Scan *scan;
        Splits kept;
        Arena *scratch;
        double noise;
} Gaps;

static int keep_gap(void *context, Split split)
{
        Gaps *gaps = context;
        Split *slot;

        if (split.z > 0)
                split.z /= gaps->noise; /* infinite where there is no noise at all */
        if (split.z > gaps->scan->best.z)
                gaps->scan->best = split;
        if (split.z < gaps->scan->least)
                return 0;
        slot = vec_add(gaps->scratch, &gaps->kept);
        if (slot)
                *slot = split;
        return slot ? 0 : -1;
}

/* Room for a block, or for the whole of a short series; NULL: no memory. */
static Window *windows_for(size_t n, Arena *scratch)
{
        Window *windows = new (scratch, Window, COUNT(widths));

        for (size_t i = 0; i < COUNT(widths); i++) {
                windows[i].low = new_try(scratch, double, MIN(n, (size_t)BLOCK + WIDEST));
                windows[i].high = new_try(scratch, double, MIN(n, (size_t)BLOCK + WIDEST));
                if (!windows[i].low || !windows[i].high)
                        return NULL;
        }
        return windows;
}

int change_by_size(const double *x, size_t n, Scan *scan, Arena *scratch, Error *err)
{
        Window *windows = windows_for(n, scratch);
        double *room = new_try(scratch, double, n);
        Gaps gaps = { scan, VEC_INIT(CHANGE_MOST_VALUES), scratch, 0 };

        scan->best = (Split){ 0 };
        if (!windows || !room)
                return fail(err, ERR_LIMIT, "too little memory to scan %zu values", n);
        gaps.noise = noise_of(x, n, scan->likeliest, room);
        if (each_gap(x, n, scan->min_segment, keep_gap, &gaps, windows) < 0)
                return fail(err, ERR_LIMIT, "too little memory to scan %zu values", n);
        scan->work += n;
        scan->kept = gaps.kept.items;
        scan->n_kept = gaps.kept.len;
        return 0;
}
