/* How often effect_paired() and effect_unpaired() are right: false alarms when nothing changed,
 * power for a planted change, and how true the smallest detectable change is. A Markdown document
 * on standard output; the same numbers on every machine, from fixed seeds.
 *
 *     cc -O2 -std=gnu17 -D_GNU_SOURCE -Isrc bench/effect_table.c libhone-stats.a libhone-base.a \
 *        -lz -lm
 *     ./effect_table [TRIALS]       4000 trials per cell unless told
 */
#include "stats/effect.h"
#include "stats/rng.h"

#include <math.h>

#define MOST_BLOCKS 60

typedef double (*Noise)(Rng *rng, double spread);

static double normal_noise(Rng *rng, double spread)
{
        return exp(spread * rng_normal(rng));
}

/* One run in ten is slowed down, by a lognormal of sigma 1. */
static double heavy_noise(Rng *rng, double spread)
{
        double quiet = exp(spread * rng_normal(rng));

        return rng_below(rng, 10) ? quiet : quiet * (1 + exp(rng_normal(rng)));
}

/* All of it skewed: waiting times, an exponential on top of a floor. */
static double skewed_noise(Rng *rng, double spread)
{
        return 1 - spread * log(1 - rng_unit(rng));
}

static const struct {
        const char *name;
        Noise draw;
} noises[] = {
        { "normal", normal_noise },
        { "outliers (10 %, lognormal sigma 1)", heavy_noise },
        { "skewed (exponential)", skewed_noise },
};

typedef struct Cell {
        Noise noise;
        size_t n;
        double spread, change;
        bool paired;
        EffectPlan plan;
} Cell;

typedef struct Outcome {
        double share[4]; /* of each answer */
        double mean_mde; /* geometric; infinite when any was */
} Outcome;

static Effect one_trial(const Cell *cell, Rng *rng, Arena *scratch)
{
        double a[MOST_BLOCKS], b[MOST_BLOCKS];

        for (size_t i = 0; i < cell->n; i++) {
                double block = cell->paired ? 1 + rng_unit(rng) : 1;

                a[i] = block * cell->noise(rng, cell->spread);
                b[i] = block * cell->noise(rng, cell->spread) * (1 + cell->change);
        }
        if (cell->paired)
                return effect_paired(a, b, cell->n, cell->plan, scratch);
        return effect_unpaired(a, cell->n, b, cell->n, cell->plan, scratch);
}

static Outcome measure(const Cell *cell, size_t trials)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(8));
        Rng rng = rng_from_seed(2024);
        Outcome outcome = { .mean_mde = 0 };

        for (size_t i = 0; i < trials; i++) {
                Effect effect = one_trial(cell, &rng, scratch);

                outcome.share[effect.answer] += 1 / (double)trials;
                outcome.mean_mde += log1p(effect.mde) / (double)trials;
        }
        outcome.mean_mde = expm1(outcome.mean_mde);
        return outcome;
}

static double changed(Outcome outcome)
{
        return outcome.share[EFFECT_UP] + outcome.share[EFFECT_DOWN];
}

static void print_row_start(const char *name, bool paired, size_t n)
{
        printf("| %s | %s | %zu |", name, paired ? "paired" : "unpaired", n);
}

static void print_size(size_t trials)
{
        static const size_t sizes[] = { 6, 8, 10, 15, 20 };
        static const double alphas[] = { 0.05, 0.01 };

        printf("## False alarms: A against A\n\n"
               "Share of UP or DOWN answers when nothing changed; it must not exceed alpha.\n\n"
               "| noise | design | n | alpha 0.05 | alpha 0.01 |\n|---|---|---|---|---|\n");
        for (size_t k = 0; k < COUNT(noises); k++)
                for (size_t s = 0; s < COUNT(sizes) * 2; s++) {
                        Cell cell = { .noise = noises[k].draw,
                                      .n = sizes[s / 2],
                                      .spread = 0.05,
                                      .paired = s % 2 == 0 };

                        print_row_start(noises[k].name, cell.paired, cell.n);
                        for (size_t a = 0; a < COUNT(alphas); a++) {
                                cell.plan = (EffectPlan){ .alpha = alphas[a], .tolerance = 0.02 };
                                printf(" %.2f %% |", 100 * changed(measure(&cell, trials)));
                        }
                        printf("\n");
                }
}

static void print_power(size_t trials)
{
        static const size_t sizes[] = { 6, 10, 20, 40 };
        static const double spreads[] = { 0.01, 0.02, 0.05, 0.1 };
        static const double changes[] = { 0.01, 0.02, 0.05, 0.1, 0.2 };

        printf("\n## Power: a planted change\n\n"
               "Share of UP answers at alpha 0.05, normal noise of each run with the given "
               "coefficient of variation (CV), paired.\n\n"
               "| CV | n |");
        for (size_t c = 0; c < COUNT(changes); c++)
                printf(" +%.0f %% |", 100 * changes[c]);
        printf("\n|---|---|---|---|---|---|---|\n");
        for (size_t v = 0; v < COUNT(spreads); v++)
                for (size_t s = 0; s < COUNT(sizes); s++) {
                        printf("| %.0f %% | %zu |", 100 * spreads[v], sizes[s]);
                        for (size_t c = 0; c < COUNT(changes); c++) {
                                Cell cell = { .noise = normal_noise,
                                              .n = sizes[s],
                                              .spread = spreads[v],
                                              .change = changes[c],
                                              .paired = true,
                                              .plan = { .alpha = 0.05, .tolerance = 0.02 } };

                                printf(" %.0f %% |", 100 * measure(&cell, trials).share[EFFECT_UP]);
                        }
                        printf("\n");
                }
}

static void print_equivalence(size_t trials)
{
        static const size_t sizes[] = { 6, 10, 20, 40 };

        printf("\n## The same: equivalence within 5 %%\n\n"
               "Share of SAME answers at alpha 0.05, CV 2 %%, paired. At a true change of 5 %% it "
               "must not exceed alpha.\n\n"
               "| n | no change | true +2 %% | true +5 %% |\n|---|---|---|---|\n");
        for (size_t s = 0; s < COUNT(sizes); s++) {
                static const double changes[] = { 0, 0.02, 0.05 };

                printf("| %zu |", sizes[s]);
                for (size_t c = 0; c < COUNT(changes); c++) {
                        EffectPlan plan = { .alpha = 0.05, .tolerance = 0.05, .min_effect = 0.05 };
                        Cell cell = { .noise = normal_noise,
                                      .n = sizes[s],
                                      .spread = 0.02,
                                      .change = changes[c],
                                      .paired = true,
                                      .plan = plan };

                        printf(" %.1f %% |", 100 * measure(&cell, trials).share[EFFECT_SAME]);
                }
                printf("\n");
        }
}

static void print_mde_cell(Cell cell, size_t trials)
{
        cell.change = measure(&cell, trials / 4).mean_mde;
        if (isfinite(cell.change))
                printf(" %.1f %%, %.0f %% |", 100 * cell.change,
                       100 * measure(&cell, trials).share[EFFECT_UP]);
        else
                printf(" none |");
}

static void print_mde(size_t trials)
{
        static const size_t sizes[] = { 4, 6, 7, 8, 10, 15, 20, 40 };
        static const double alphas[] = { 0.05, 0.01 };

        printf("\n## The smallest detectable change\n\n"
               "Its mean over A/A data, and the share of UP answers when just that was planted; "
               "the promise is 80 %%. None: these sizes cannot reach alpha.\n\n"
               "| noise | design | n | alpha 0.05 | alpha 0.01 |\n|---|---|---|---|---|\n");
        for (size_t k = 0; k < COUNT(noises); k++)
                for (size_t s = 0; s < COUNT(sizes) * 2; s++) {
                        Cell cell = { .noise = noises[k].draw,
                                      .n = sizes[s / 2],
                                      .spread = 0.05,
                                      .paired = s % 2 == 0 };

                        print_row_start(noises[k].name, cell.paired, cell.n);
                        for (size_t a = 0; a < COUNT(alphas); a++) {
                                cell.plan = (EffectPlan){ .alpha = alphas[a], .tolerance = 0.02 };
                                print_mde_cell(cell, trials);
                        }
                        printf("\n");
                }
}

int main(int argc, char **argv)
{
        uint64_t trials = 4000;
        Error err = { 0 };

        if (argc > 1 && (span_to_u64(span_of(argv[1]), &trials, &err) < 0 || trials < 4)) {
                fprintf(stderr, "effect_table: TRIALS must be 4 or more\n");
                return 2;
        }
        printf("# Size and power of hone's comparisons\n\n%llu trials per cell, fixed seeds.\n\n",
               (unsigned long long)trials);
        print_size(trials);
        print_power(trials);
        print_equivalence(trials);
        print_mde(trials);
        return 0;
}
