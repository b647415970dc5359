#pragma once
/* The three-valued comparison: faster, slower, the same, or not enough data to say.
 *
 * Everything is done on log ratios, so that the effect is a relative change and A/B and B/A
 * mirror each other. With `tolerance` t the answers are:
 *     CHANGED (up or down)  the interval lies beyond +-t' (t' = 0 unless the plan asks for a
 *                           minimum effect) and the p-value, adjusted by the caller if it looks
 *                           at several metrics, is at most alpha
 *     SAME                  not CHANGED, and the same interval lies within +-t: what is said to be
 *                           the same is never shown with an interval that says more. Two one-sided
 *                           equivalence tests would need its 1 - 2 alpha part only (Schuirmann
 *                           1987); this is at least as strict
 *     UNKNOWN               neither: the data cannot tell; the smallest effect they could have
 *                           seen is printed beside
 * Paired: one log ratio per interleaved block, Wilcoxon and Hodges-Lehmann on the blocks.
 * Unpaired: Mann-Whitney and Hodges-Lehmann over two sets of runs.
 *
 *         EffectPlan plan = { .alpha = 0.05, .tolerance = 0.02 };
 *         Effect e = effect_paired(a, b, n_blocks, plan, scratch);
 *         ... holm_adjust() over the p of all metrics ...
 *         e.answer = effect_judge(&e, adjusted_p, plan);
 *
 * A bound of t means a ratio within 1/(1+t) .. 1+t. The smallest detectable change is read off
 * the interval: its half width is t(alpha) standard errors of this very test, to which t(power)
 * more are added. A spread estimated by the standard deviation and divided by the efficiency 3/pi
 * of the Wilcoxon test gives the same for normal noise and up to five times too much for noise
 * with outliers; bench/effect_table.c measures this, and size and power.
 */

#include "stats/rank.h"

#define EFFECT_ANSWERS(X) \
        X(UP, "up") X(DOWN, "down") X(SAME, "no change") X(UNKNOWN, "not enough data")

typedef enum EffectAnswer {
#define X(id, name) EFFECT_##id,
        EFFECT_ANSWERS(X)
#undef X
} EffectAnswer;

typedef struct EffectPlan {
        double alpha;      /* 0.05 */
        double min_effect; /* changes smaller than this are not called UP or DOWN; ratio */
        double tolerance;  /* within this is SAME; ratio, e.g. 0.02 */
} EffectPlan;

typedef struct Effect {
        EffectAnswer answer;
        double change;     /* relative change of b against a: 0.10 = 10 % more */
        Interval interval; /* of the change, 1 - alpha: what all answers are judged on */
        double p;          /* unadjusted */
        double mde;        /* smallest relative change that would be detected with power 0.8 at
                              these sizes and this spread; infinity when none could */
        size_t n_a, n_b;   /* samples, or blocks when paired */
        bool exact, paired;
} Effect;

/* All values must be > 0; a side with a value that is not gives UNKNOWN with NaN. */
Effect effect_paired(const double *a, const double *b, size_t n_blocks, EffectPlan plan,
                     Arena *scratch);
Effect effect_unpaired(const double *a, size_t n_a, const double *b, size_t n_b, EffectPlan plan,
                       Arena *scratch);
/* Re-judges one effect with a p-value that was adjusted for several looks, and an interval at the
 * matching level. */
EffectAnswer effect_judge(const Effect *effect, double adjusted_p, EffectPlan plan);
const char *effect_answer_name(EffectAnswer answer);
