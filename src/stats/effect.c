#include "stats/effect.h"

#include "stats/normal.h"

#include <math.h>

#define WILCOXON_EFFICIENCY (3 / M_PI) /* against t, normal noise: 0.955 */
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

static double squared_deviations(const double *x, size_t n)
{
        double mean = 0, squares = 0;

        for (size_t i = 0; i < n; i++)
                mean += x[i] / (double)n;
        for (size_t i = 0; i < n; i++)
                squares += (x[i] - mean) * (x[i] - mean);
        return squares;
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
                         .equivalence = INTERVAL_NONE,
                         .p = nan(""),
                         .mde = HUGE_VAL,
                         .n_a = n_a,
                         .n_b = n_b,
                         .paired = paired };
}

/* How many standard errors away a change must be to be found with the wanted power. */
static double standard_errors(double alpha, double degrees)
{
        return student_quantile(1 - alpha / 2, degrees) + student_quantile(POWER, degrees);
}

/* With few blocks only a unanimous sign reaches alpha: the chance of that, not the t
 * approximation, is what limits the power. */
static double unanimous_shift(size_t n)
{
        return normal_quantile(pow(POWER, 1 / (double)n));
}

static double mde_of(double log_shift, EffectPlan plan)
{
        return expm1(log1p(plan.min_effect) + log_shift);
}

static double mde_paired(const double *logs, size_t n, RankTest test, EffectPlan plan)
{
        double size = (double)n, sd;

        if (n < 2 || test.min_p > plan.alpha)
                return HUGE_VAL;
        sd = sqrt(squared_deviations(logs, n) / (size - 1));
        return mde_of(
                sd * MAX(standard_errors(plan.alpha, size - 1) / sqrt(size * WILCOXON_EFFICIENCY),
                         test.min_p * 2 > plan.alpha ? unanimous_shift(n) : 0.0),
                plan);
}

Effect effect_paired(const double *a, const double *b, size_t n_blocks, EffectPlan plan,
                     Arena *scratch)
{
        Effect effect = no_effect(n_blocks, n_blocks, true);
        Mark mark = arena_mark(scratch);
        double *logs;
        RankTest test;
        Shift shift;

        if (!usable(a, n_blocks) || !usable(b, n_blocks))
                return effect;
        logs = new (scratch, double, n_blocks);
        for (size_t i = 0; i < n_blocks; i++)
                logs[i] = log_ratio(a[i], b[i]);
        test = wilcoxon_signed_rank(logs, n_blocks, scratch);
        shift = hodges_lehmann_paired(logs, n_blocks, 1 - plan.alpha, scratch);
        effect.change = expm1(shift.estimate);
        effect.interval = relative(shift.interval);
        shift = hodges_lehmann_paired(logs, n_blocks, 1 - 2 * plan.alpha, scratch);
        effect.equivalence = relative(shift.interval);
        effect.p = test.p;
        effect.exact = test.exact;
        effect.mde = mde_paired(logs, n_blocks, test, plan);
        effect.answer = effect_judge(&effect, effect.p, plan);
        arena_reset(scratch, mark);
        return effect;
}

static double mde_unpaired(const double *logs_a, size_t n_a, const double *logs_b, size_t n_b,
                           RankTest test, EffectPlan plan)
{
        double size_a = (double)n_a, size_b = (double)n_b, degrees = size_a + size_b - 2, sd;

        if (degrees < 1 || test.min_p > plan.alpha)
                return HUGE_VAL;
        sd = sqrt((squared_deviations(logs_a, n_a) + squared_deviations(logs_b, n_b)) / degrees);
        return mde_of(sd * standard_errors(plan.alpha, degrees) *
                              sqrt((1 / size_a + 1 / size_b) / WILCOXON_EFFICIENCY),
                      plan);
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
        RankTest test;
        Shift shift;

        if (!usable(a, n_a) || !usable(b, n_b))
                return effect;
        logs_a = logs_of(a, n_a, scratch);
        logs_b = logs_of(b, n_b, scratch);
        test = mann_whitney(a, n_a, b, n_b, scratch);
        shift = hodges_lehmann(logs_a, n_a, logs_b, n_b, 1 - plan.alpha, scratch);
        effect.change = expm1(shift.estimate);
        effect.interval = relative(shift.interval);
        shift = hodges_lehmann(logs_a, n_a, logs_b, n_b, 1 - 2 * plan.alpha, scratch);
        effect.equivalence = relative(shift.interval);
        effect.p = test.p;
        effect.exact = test.exact;
        effect.mde = mde_unpaired(logs_a, n_a, logs_b, n_b, test, plan);
        effect.answer = effect_judge(&effect, effect.p, plan);
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
        Interval changed = effect->interval, same = effect->equivalence;

        if (adjusted_p <= plan.alpha) {
                if (changed.low > plan.min_effect)
                        return EFFECT_UP;
                if (changed.high < downwards(plan.min_effect))
                        return EFFECT_DOWN;
        }
        if (same.low >= downwards(plan.tolerance) && same.high <= plan.tolerance)
                return EFFECT_SAME;
        return EFFECT_UNKNOWN;
}
