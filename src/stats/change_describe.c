/* What a change point says: the levels around it, how much they differ, and where it lies. */
#include "stats/change_point_int.h"

#include "stats/rank.h"

#include <math.h>
#include <string.h>

#define LEVEL_MOST 1024 /* values of a level that are used, the nearest */
#define MAD_NORMAL 1.482602218505602
#define BAI_95 11.0 /* 95 % of the place where |W| with a drift of -1/2 is greatest */
#define CONFIDENCE 0.95

typedef struct Level {
        const double *x; /* as measured */
        size_t n;
        double median;
} Level;

static Level level_of(const double *x, size_t n, double *room)
{
        memcpy(room, x, n * sizeof(*x));
        sort_doubles(room, n);
        return (Level){ x, n, median_sorted(room, n) };
}

/* Deviation of both levels about their medians, of their median absolute deviation. */
static double spread_of(Level before, Level after, double *room)
{
        for (size_t i = 0; i < before.n; i++)
                room[i] = fabs(before.x[i] - before.median);
        for (size_t i = 0; i < after.n; i++)
                room[before.n + i] = fabs(after.x[i] - after.median);
        sort_doubles(room, before.n + after.n);
        return MAD_NORMAL * median_sorted(room, before.n + after.n);
}

/* Bai 1997: for a step of d deviations the estimate is off by more than 11 / d^2 + 1 in 5 % of
 * series at most; dependent values count as fewer. */
static Interval where_of(const ChangePoint *point, double spread, double inflation, size_t first,
                         size_t past)
{
        double step = (point->after - point->before) / spread;
        double reach = spread > 0 ? floor(BAI_95 * inflation / (step * step)) + 1 : 0;
        double low = (double)point->at - reach, high = (double)point->at + reach;

        if (isnan(reach) || (low <= (double)first && high >= (double)past))
                return INTERVAL_NONE;
        return (Interval){ fmax(low, (double)first), fmin(high, (double)past - 1), CONFIDENCE };
}

static bool all_positive(Level level)
{
        for (size_t i = 0; i < level.n; i++)
                if (!(level.x[i] > 0))
                        return false;
        return true;
}

static double *logs_of(Level level, Arena *scratch)
{
        double *logs = new (scratch, double, level.n);

        for (size_t i = 0; i < level.n; i++)
                logs[i] = log(level.x[i]);
        return logs;
}

/* Hodges-Lehmann on logs, widened by what the values know of each other; always holds the ratio of
 * the medians. */
static Interval interval_of(Level before, Level after, double change, double inflation,
                            Arena *scratch)
{
        double widen = sqrt(inflation), low, high;
        Shift shift;

        if (!all_positive(before) || !all_positive(after))
                return INTERVAL_NONE;
        shift = hodges_lehmann_quick(logs_of(before, scratch), before.n, logs_of(after, scratch),
                                     after.n, CONFIDENCE, scratch);
        if (isnan(shift.interval.low))
                return INTERVAL_NONE;
        low = shift.estimate - widen * (shift.estimate - shift.interval.low);
        high = shift.estimate + widen * (shift.interval.high - shift.estimate);
        return (Interval){ fmin(expm1(low), change), fmax(expm1(high), change),
                           shift.interval.confidence };
}

void change_describe(const double *x, size_t first, size_t past, ChangePoint *point, Arena *scratch)
{
        size_t n_before = MIN(point->at - first, (size_t)LEVEL_MOST);
        size_t n_after = MIN(past - point->at, (size_t)LEVEL_MOST);
        const double *start = x + point->at - n_before;
        Mark mark = arena_mark(scratch);
        double *room = new (scratch, double, n_before + n_after), r, inflation;
        Level before = level_of(start, n_before, room);
        Level after = level_of(x + point->at, n_after, room);

        point->before = before.median;
        point->after = after.median;
        r = change_guarded_correlation(change_scores(start, n_before + n_after, scratch), n_before,
                                       scratch);
        inflation = (1 + r) / (1 - r);
        point->where = where_of(point, spread_of(before, after, room), inflation, first, past);
        point->change =
                before.median > 0 && after.median > 0 ? after.median / before.median - 1 : nan("");
        point->interval = isnan(point->change)
                                  ? INTERVAL_NONE
                                  : interval_of(before, after, point->change, inflation, scratch);
        arena_reset(scratch, mark);
}
