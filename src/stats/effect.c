#include "stats/effect.h"

#include "stats/normal.h"

#include <math.h>

#define POWER 0.8

static const char *const answer_names[] = {
#define X(id, name) name,
        EFFECT_ANSWERS(X)
#undef X
};

const char *effect_answer_name(EffectAnswer answer)
{
        BUG_IF((size_t)answer >= COUNT(answer_names));
        return answer_names[answer];
}

static bool usable(const double *x, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!(x[i] > 0 && isfinite(x[i])))
                        return false;
        return n > 0;
}

/* Taken from the larger over the smaller, so that swapping the sides only changes the sign. */
static double log_ratio(double a, double b)
{
        return b >= a ? log(b / a) : -log(a / b);
}

/* Relative change of a log shift. */
static Interval relative(Interval log_interval)
{
        return (Interval){ expm1(log_interval.low), expm1(log_interval.high),
                           log_interval.confidence };
}

static Effect no_effect(size_t n_a, size_t n_b, bool paired)
{
        return (Effect){ .answer = EFFECT_UNKNOWN,
                         .change = nan(""),
                         .interval = INTERVAL_NONE,
                         .p = nan(""),
                         .mde = HUGE_VAL,
                         .n_a = n_a,
                         .n_b = n_b,
                         .paired = paired };
}

/* The interval reaches t(alpha) standard errors to either side of the estimate; a change must be
 * t(power) further away to be found that often. Read off the interval, the standard error is the
 * test's own: whatever the noise, and at the level that so few samples really attain. */
static double smallest_detectable(Interval log_interval, double degrees, EffectPlan plan)
{
        double tail = (1 - log_interval.confidence) / 2;
        double reach = (log_interval.high - log_interval.low) / 2;
        double further = student_quantile(POWER, degrees) / student_quantile(1 - tail, degrees);

        if (isnan(reach) || degrees < 1)
                return HUGE_VAL;
        return expm1(log1p(plan.min_effect) + reach * (1 + further));
}

/* What both designs make of their test and shifts. */
static void conclude(Effect *effect, RankTest test, Shift shift, double degrees, EffectPlan plan)
{
        effect->change = expm1(shift.estimate);
        effect->interval = relative(shift.interval);
        effect->p = test.p;
        effect->exact = test.exact;
        effect->mde = smallest_detectable(shift.interval, degrees, plan);
        effect->answer = effect_judge(effect, test.p, plan);
}

Effect effect_paired(const double *a, const double *b, size_t n_blocks, EffectPlan plan,
                     Arena *scratch)
{
        Effect effect = no_effect(n_blocks, n_blocks, true);
        Mark mark = arena_mark(scratch);
        double *logs;

        if (!usable(a, n_blocks) || !usable(b, n_blocks))
                return effect;
        logs = new (scratch, double, n_blocks);
        for (size_t i = 0; i < n_blocks; i++)
                logs[i] = log_ratio(a[i], b[i]);
        conclude(&effect, wilcoxon_signed_rank(logs, n_blocks, scratch),
                 hodges_lehmann_paired(logs, n_blocks, 1 - plan.alpha, scratch),
                 (double)n_blocks - 1, plan);
        arena_reset(scratch, mark);
        return effect;
}

static double *logs_of(const double *x, size_t n, Arena *scratch)
{
        double *logs = new (scratch, double, n);

        for (size_t i = 0; i < n; i++)
                logs[i] = log(x[i]);
        return logs;
}

Effect effect_unpaired(const double *a, size_t n_a, const double *b, size_t n_b, EffectPlan plan,
                       Arena *scratch)
{
        Effect effect = no_effect(n_a, n_b, false);
        Mark mark = arena_mark(scratch);
        double *logs_a, *logs_b;

        if (!usable(a, n_a) || !usable(b, n_b))
                return effect;
        logs_a = logs_of(a, n_a, scratch);
        logs_b = logs_of(b, n_b, scratch);
        conclude(&effect, mann_whitney(a, n_a, b, n_b, scratch),
                 hodges_lehmann(logs_a, n_a, logs_b, n_b, 1 - plan.alpha, scratch),
                 (double)n_a + (double)n_b - 2, plan);
        arena_reset(scratch, mark);
        return effect;
}

/* The same distance downwards as `up` is upwards, so that A/B and B/A mirror each other. */
static double downwards(double up)
{
        return 1 / (1 + up) - 1;
}

/* Comparisons with NaN are false: an interval that could not be bounded decides nothing. */
EffectAnswer effect_judge(const Effect *effect, double adjusted_p, EffectPlan plan)
{
        Interval interval = effect->interval;

        if (adjusted_p <= plan.alpha) {
                if (interval.low > plan.min_effect)
                        return EFFECT_UP;
                if (interval.high < downwards(plan.min_effect))
                        return EFFECT_DOWN;
        }
        if (interval.low >= downwards(plan.tolerance) && interval.high <= plan.tolerance)
                return EFFECT_SAME;
        return EFFECT_UNKNOWN;
}
