#include "harness.h"

#include "stats/effect.h"
#include "stats/rng.h"

#include <math.h>

#define N_BLOCKS 10

typedef double (*Noise)(Rng *rng);

static double normal_noise(Rng *rng)
{
        return 1 + 0.05 * rng_normal(rng);
}

/* One run in five is an outlier, slowed down by a lognormal of sigma 1. */
static double heavy_noise(Rng *rng)
{
        double quiet = 1 + 0.02 * rng_normal(rng);

        return rng_below(rng, 5) ? quiet : quiet * (1 + exp(rng_normal(rng)));
}

static Effect one_trial(Rng *rng, Noise noise, double change, EffectPlan plan, Arena *scratch)
{
        double a[N_BLOCKS], b[N_BLOCKS];

        for (size_t i = 0; i < N_BLOCKS; i++) {
                double block = 1 + 0.3 * rng_unit(rng); /* shared by both: blocking removes it */

                a[i] = 80 * block * noise(rng);
                b[i] = 80 * block * noise(rng) * (1 + change);
        }
        return effect_paired(a, b, N_BLOCKS, plan, scratch);
}

static double share_of(EffectAnswer first, EffectAnswer second, Noise noise, double change,
                       EffectPlan plan, size_t trials)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Rng rng = rng_from_seed(1234);
        size_t n = 0;

        for (size_t i = 0; i < trials; i++) {
                EffectAnswer answer = one_trial(&rng, noise, change, plan, arena).answer;

                n += answer == first || answer == second;
        }
        return (double)n / (double)trials;
}

TEST(effect_cries_wolf_no_more_often_than_it_says)
{
        static const Noise noises[] = { normal_noise, heavy_noise };
        EffectPlan plan = { .alpha = 0.01, .tolerance = 0.02 };

        for (size_t i = 0; i < COUNT(noises); i++)
                assert_true(share_of(EFFECT_UP, EFFECT_DOWN, noises[i], 0, plan, 5000) <= 0.015);
}

/* Ten per cent at a spread of five per cent. */
TEST(effect_finds_a_planted_change)
{
        EffectPlan plan = { .alpha = 0.01, .tolerance = 0.02 };
        double power = share_of(EFFECT_UP, EFFECT_UP, normal_noise, 0.1, plan, 2000);
        double wrong_way = share_of(EFFECT_DOWN, EFFECT_DOWN, normal_noise, 0.1, plan, 2000);

        print_message("# power for +10 %% at a spread of 5 %%, 10 blocks, alpha 0.01: %.3f\n",
                      power);
        assert_true(power >= 0.75);
        assert_true(wrong_way <= 0);
}

/* A change of the tolerance itself is called the same in at most half of alpha of the trials, since
 * the whole interval has to lie within. */
TEST(effect_equivalence_keeps_its_level)
{
        EffectPlan plan = { .alpha = 0.05, .tolerance = 0.08, .min_effect = 0.08 };

        assert_true(share_of(EFFECT_SAME, EFFECT_SAME, normal_noise, 0.08, plan, 4000) <= 0.035);
        assert_true(share_of(EFFECT_SAME, EFFECT_SAME, normal_noise, 0, plan, 2000) >= 0.5);
}

/* Beyond the minimum effect the interval decides: a change of just that is rarely called. */
TEST(effect_minimum_is_respected)
{
        EffectPlan plan = { .alpha = 0.05, .min_effect = 0.1 };

        assert_true(share_of(EFFECT_UP, EFFECT_DOWN, normal_noise, 0.1, plan, 4000) <= 0.04);
        assert_true(share_of(EFFECT_UP, EFFECT_UP, normal_noise, 0.25, plan, 1000) >= 0.95);
}

/* The promise of the smallest detectable change, kept on fresh data: quiet and with outliers (there
 * the mean over few blocks is coarse, so the band is wider). */
TEST(effect_mde_is_found_four_times_in_five)
{
        static const struct {
                Noise noise;
                double least, most;
        } cases[] = { { normal_noise, 0.74, 0.86 }, { heavy_noise, 0.6, 0.9 } };
        EffectPlan plan = { .alpha = 0.05 };

        for (size_t c = 0; c < COUNT(cases); c++) {
                AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
                Rng rng = rng_from_seed(9);
                double sum = 0, power;

                for (int i = 0; i < 500; i++)
                        sum += log1p(one_trial(&rng, cases[c].noise, 0, plan, arena).mde);
                power = share_of(EFFECT_UP, EFFECT_UP, cases[c].noise, expm1(sum / 500), plan,
                                 3000);
                print_message("# power at the smallest detectable change: %.3f\n", power);
                assert_true(power > cases[c].least && power < cases[c].most);
        }
}

TEST(effect_mirrors_when_the_sides_are_swapped)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        EffectPlan plan = { .alpha = 0.05, .tolerance = 0.05, .min_effect = 0.01 };
        Rng rng = rng_from_seed(3);
        double a[N_BLOCKS], b[N_BLOCKS];

        for (int trial = 0; trial < 200; trial++) {
                Effect there, back;

                for (size_t i = 0; i < N_BLOCKS; i++) {
                        a[i] = normal_noise(&rng);
                        b[i] = normal_noise(&rng) * 1.04;
                }
                there = effect_paired(a, b, N_BLOCKS, plan, arena);
                back = effect_paired(b, a, N_BLOCKS, plan, arena);
                assert_near(log1p(there.change), -log1p(back.change), 1e-12);
                assert_near(log1p(there.interval.low), -log1p(back.interval.high), 1e-12);
                assert_near(there.p, back.p, 1e-12);
                assert_near(there.mde, back.mde, 1e-12);
                assert_int_equal(back.answer, there.answer == EFFECT_UP     ? EFFECT_DOWN
                                              : there.answer == EFFECT_DOWN ? EFFECT_UP
                                                                            : there.answer);
                there = effect_unpaired(a, N_BLOCKS, b, N_BLOCKS, plan, arena);
                back = effect_unpaired(b, N_BLOCKS, a, N_BLOCKS, plan, arena);
                assert_near(log1p(there.change), -log1p(back.change), 1e-12);
                assert_near(there.p, back.p, 1e-12);
        }
}

TEST(effect_of_an_exact_change)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double a[] = { 100, 200, 400, 300, 500, 100, 80 }, b[7], twice[7];
        EffectPlan plan = { .alpha = 0.05, .tolerance = 0.02 };
        Effect same, up;

        for (size_t i = 0; i < 7; i++) {
                b[i] = a[i];
                twice[i] = 2 * a[i];
        }
        same = effect_paired(a, b, 7, plan, arena);
        assert_int_equal(same.answer, EFFECT_SAME);
        assert_near(same.change, 0, 0);
        assert_near(same.p, 1, 0);
        up = effect_paired(a, twice, 7, plan, arena);
        assert_int_equal(up.answer, EFFECT_UP);
        assert_near(up.change, 1, 1e-15);
        assert_near(up.interval.low, 1, 1e-15);
        assert_near(up.p, 2.0 / 128, 1e-15);
        assert_near(up.mde, 0, 1e-15); /* without any spread everything is seen */
        assert_true(up.paired && up.exact && up.n_a == 7 && up.n_b == 7);
        assert_int_equal(effect_paired(twice, a, 7, plan, arena).answer, EFFECT_DOWN);
}

/* Five blocks cannot reach 0.05 and four runs a side cannot reach 0.01, whatever they show. */
TEST(effect_says_when_there_can_be_no_answer)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        double a[] = { 1, 1.1, 1.2, 1.05, 1.15 }, b[] = { 9, 9.2, 9.1, 9.3, 9.4 };
        Effect e = effect_paired(a, b, 5, (EffectPlan){ .alpha = 0.05, .tolerance = 0.02 }, arena);

        assert_int_equal(e.answer, EFFECT_UNKNOWN);
        assert_true(isinf(e.mde) && isnan(e.interval.low) && e.p > 0.05);
        assert_true(e.change > 6);
        e = effect_unpaired(a, 4, b, 4, (EffectPlan){ .alpha = 0.01 }, arena);
        assert_int_equal(e.answer, EFFECT_UNKNOWN);
        assert_true(isinf(e.mde));
        e = effect_unpaired(a, 4, b, 4, (EffectPlan){ .alpha = 0.05 }, arena);
        assert_int_equal(e.answer, EFFECT_UP);
        assert_true(isfinite(e.mde) && e.exact && !e.paired);
}

TEST(effect_refuses_values_without_a_logarithm)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        static const double bad[] = { 0, -1, __builtin_nan(""), HUGE_VAL };
        double good[] = { 1, 2, 3, 4, 5, 6, 7, 8 }, spoiled[8];
        EffectPlan plan = { .alpha = 0.05, .tolerance = 1 };

        for (size_t i = 0; i < COUNT(bad); i++) {
                Effect e;

                for (size_t j = 0; j < 8; j++)
                        spoiled[j] = j == 5 ? bad[i] : good[j];
                e = effect_paired(good, spoiled, 8, plan, arena);
                assert_int_equal(e.answer, EFFECT_UNKNOWN);
                assert_true(isnan(e.change) && isnan(e.p) && isinf(e.mde));
                e = effect_unpaired(spoiled, 8, good, 8, plan, arena);
                assert_int_equal(e.answer, EFFECT_UNKNOWN);
                assert_true(isnan(e.change) && isnan(e.interval.high));
                assert_int_equal(effect_judge(&e, e.p, plan), EFFECT_UNKNOWN);
        }
        assert_int_equal(effect_paired(good, good, 0, plan, arena).answer, EFFECT_UNKNOWN);
        assert_int_equal(effect_unpaired(good, 8, good, 0, plan, arena).answer, EFFECT_UNKNOWN);
}

TEST(effect_judge_weighs_interval_and_adjusted_p)
{
        EffectPlan plan = { .alpha = 0.05, .tolerance = 0.05, .min_effect = 0.02 };
        Effect e = { .interval = { 0.03, 0.2, 0.95 } };

        assert_int_equal(effect_judge(&e, 0.01, plan), EFFECT_UP);
        assert_int_equal(effect_judge(&e, 0.06, plan), EFFECT_UNKNOWN);
        e.interval.low = 0.01;
        assert_int_equal(effect_judge(&e, 0.01, plan), EFFECT_UNKNOWN);
        e.interval = (Interval){ -0.3, -0.03, 0.95 };
        assert_int_equal(effect_judge(&e, 0.01, plan), EFFECT_DOWN);
        e.interval.high = -0.019; /* inside the mirrored 2 % */
        assert_int_equal(effect_judge(&e, 0.01, plan), EFFECT_UNKNOWN);
        e.interval = (Interval){ -0.0476, 0.05, 0.95 };
        assert_int_equal(effect_judge(&e, 0.9, plan), EFFECT_SAME);
        e.interval.low = -0.0477; /* beyond 1/1.05 - 1 */
        assert_int_equal(effect_judge(&e, 0.9, plan), EFFECT_UNKNOWN);
        e.interval = INTERVAL_NONE;
        assert_int_equal(effect_judge(&e, 0.001, plan), EFFECT_UNKNOWN);
}

TEST(effect_answers_have_names)
{
        assert_string_equal(effect_answer_name(EFFECT_UP), "up");
        assert_string_equal(effect_answer_name(EFFECT_SAME), "no change");
        assert_string_equal(effect_answer_name(EFFECT_UNKNOWN), "not enough data");
}
