/* How often profile_diff() is right: false alarms of two sides of one program, power for planted
 * changes, and how true the smallest change is. A Markdown document on standard output; the same
 * numbers on every machine, from fixed seeds.
 *
 *     cc -O2 -std=gnu17 -D_GNU_SOURCE -Isrc bench/profile_diff_table.c src/analysis/planted_diff.c
 * \
 *        libhone-analysis.a libhone-store.a libhone-model.a libhone-stats.a libhone-base.a \
 *        -lsqlite3 -lzstd -lz -lm
 *     ./profile_diff_table [DIFFS]       200 diffs per cell unless told
 */
#include "analysis/planted_diff.h"
#include "analysis/profile_diff.h"

#include <math.h>

#define MOST_RUNS 20

typedef struct Cell {
        DrawPlan a, b;
        size_t n;
        DiffPlan plan;
} Cell;

typedef struct Outcome {
        double wrong;  /* share of diffs with a row that is called changed */
        double found;  /* share of diffs in which the planted function's own time is */
        double class;  /* and under the class that it should have */
        double mde;    /* of the planted function's own time, mean; infinite when any was */
        double unsure; /* share of rows that are UNKNOWN */
} Outcome;

static const DiffRow *row_of(const ProfileDiff *d, const char *function)
{
        vec_each (DiffRow, row, &d->rows)
                if (row->measure == DIFF_SELF &&
                    span_is(d->functions.items[row->function].symbol, function))
                        return row;
        return NULL;
}

static bool is_change(DiffClass class)
{
        return class != DIFF_IS_SAME && class != DIFF_IS_UNKNOWN;
}

static void one_diff(const Cell *cell, const char *function, DiffClass class, Rng *rng, double part,
                     Outcome *outcome)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Run *a[MOST_RUNS], *b[MOST_RUNS];
        DiffSide side_a = { .runs = a, .len = cell->n }, side_b = { .runs = b, .len = cell->n };
        const DiffRow *row;
        ProfileDiff d;
        Error err = { 0 };

        for (size_t i = 0; i < cell->n; i++) {
                a[i] = draw_run(&cell->a, rng, arena);
                b[i] = draw_run(&cell->b, rng, arena);
        }
        if (profile_diff(&side_a, &side_b, &cell->plan, arena, &d, &err) < 0) {
                error_print(&err, stderr);
                return;
        }
        row = row_of(&d, function);
        outcome->wrong += part * (d.counts[DIFF_IS_SAME] + d.counts[DIFF_IS_UNKNOWN] < d.rows.len);
        outcome->found += part * (row && is_change(row->class));
        outcome->class += part * (row && row->class == class);
        outcome->mde += row ? part * row->mde : (double)INFINITY;
        outcome->unsure += part * (double)d.counts[DIFF_IS_UNKNOWN] / (double)d.rows.len;
}

/* Every cell draws profiles of its own, the same on every machine. */
static uint64_t seed_of(const Cell *cell)
{
        uint64_t seed = 2025;

        seed = seed * 1000003 + cell->n;
        seed = seed * 1000003 + cell->a.samples;
        seed = seed * 1000003 + cell->a.clump;
        seed = seed * 1000003 + (uint64_t)(cell->a.wander * 1000);
        seed = seed * 1000003 + (uint64_t)(cell->b.grown * 1000);
        return seed * 1000003 + cell->plan.basis;
}

static Outcome measure(const Cell *cell, const char *function, DiffClass class, size_t diffs)
{
        Rng rng = rng_from_seed(seed_of(cell));
        Outcome outcome = { 0 };

        for (size_t i = 0; i < diffs; i++)
                one_diff(cell, function, class, &rng, 1 / (double)diffs, &outcome);
        return outcome;
}

/* Profiles that come in clumps of four, and how the diff can know. */
static const struct {
        const char *name;
        DrawPlan draw;
} noises[] = {
        { "multinomial", { .samples = 1000 } },
        { "wandering 5 %", { .samples = 1000, .wander = 0.05 } },
        { "wandering 20 %", { .samples = 1000, .wander = 0.2 } },
        { "wandering 5 %, few samples", { .samples = 200, .wander = 0.05 } },
        { "wandering 5 %, clumps of 2", { .samples = 1000, .wander = 0.05, .clump = 2 } },
        { "wandering 5 %, clumps of 4, timed",
          { .samples = 1000, .wander = 0.05, .clump = 4, .timed = true } },
};
enum { BY_RUNS_ONLY = 2 }; /* a spread that fewer than four runs cannot know of */

static void print_size(size_t diffs)
{
        static const size_t sizes[] = { 1, 2, 4, 5, 8, 12 };
        static const double alphas[] = { 0.05, 0.01 };

        printf("## False alarms: A against A\n\n"
               "Share of diffs in which any function or path is called changed though nothing "
               "did; it must not exceed alpha.\n\n"
               "| profiles | basis | runs a side | alpha 0.05 | alpha 0.01 "
               "|\n|---|---|---|---|---|\n");
        for (size_t k = 0; k < COUNT(noises); k++)
                for (size_t s = 0; s < COUNT(sizes) * 2; s++) {
                        Cell cell = { .a = noises[k].draw, .b = noises[k].draw, .n = sizes[s / 2] };

                        if (k == BY_RUNS_ONLY && cell.n < DIFF_RUNS_AS_SAMPLES)
                                continue;
                        cell.plan.basis = s % 2 ? DIFF_TIME : DIFF_SHARE;
                        printf("| %s | %s | %zu |", noises[k].name,
                               diff_basis_name(cell.plan.basis), cell.n);
                        for (size_t a = 0; a < COUNT(alphas); a++) {
                                cell.plan.alpha = alphas[a];
                                printf(" %.1f %% |",
                                       100 * measure(&cell, "work_4", DIFF_IS_SAME, diffs).wrong);
                        }
                        printf("\n");
                        fflush(stdout);
                }
}

static const struct {
        const char *name, *function;
        DrawPlan extra;
        DiffClass class;
} plants[] = {
        { "+1 point", "work_4", { .grown = 0.01 }, DIFF_IS_GREW },
        { "+3 points", "work_4", { .grown = 0.03 }, DIFF_IS_GREW },
        { "+6 points", "work_4", { .grown = 0.06 }, DIFF_IS_GREW },
        { "NEW, 2 points", "arrived_60", { .with_new = true }, DIFF_IS_NEW },
        { "VANISHED, 5 points", "work_3", { .without_third = true }, DIFF_IS_VANISHED },
};

static DrawPlan with(DrawPlan draw, const DrawPlan *extra)
{
        draw.grown = extra->grown;
        draw.with_new = extra->with_new;
        draw.without_third = extra->without_third;
        return draw;
}

static void print_power(size_t diffs)
{
        static const size_t sizes[] = { 1, 4, 5, 6, 8, 12 }, samples[] = { 1000, 4000 };

        printf("\n## Power: a planted change\n\n"
               "Share of diffs that call the function's own time by its right class at alpha 0.05; "
               "shares wander by 5 %% from run to run. work_4 has %.1f %% before.\n\n"
               "| samples a run | runs a side |",
               100 * drawn_share(DRAWN_MIDDLE));
        for (size_t c = 0; c < COUNT(plants); c++)
                printf(" %s |", plants[c].name);
        printf("\n|---|---|---|---|---|---|---|\n");
        for (size_t s = 0; s < COUNT(sizes) * COUNT(samples); s++) {
                DrawPlan draw = { .samples = samples[s / COUNT(sizes)], .wander = 0.05 };

                printf("| %zu | %zu |", draw.samples, sizes[s % COUNT(sizes)]);
                for (size_t c = 0; c < COUNT(plants); c++) {
                        Cell cell = { .a = draw,
                                      .b = with(draw, &plants[c].extra),
                                      .n = sizes[s % COUNT(sizes)] };

                        printf(" %.0f %% |",
                               100 * measure(&cell, plants[c].function, plants[c].class, diffs)
                                               .class);
                        fflush(stdout);
                }
                printf("\n");
        }
}

static void print_mde(size_t diffs)
{
        static const size_t sizes[] = { 1, 2, 4, 5, 6, 8, 12 };

        printf("\n## The smallest change\n\n"
               "Of work_4's own time: its mean over A/A data at alpha 0.05, how often just that is "
               "found when planted (the promise is 80 %%), and the share of rows that stay "
               "UNKNOWN when nothing changed.\n\n"
               "| samples a run | runs a side | smallest change | found | UNKNOWN |\n"
               "|---|---|---|---|---|\n");
        for (size_t s = 0; s < COUNT(sizes) * 2; s++) {
                DrawPlan draw = { .samples = s < COUNT(sizes) ? 1000 : 4000, .wander = 0.05 };
                Cell cell = { .a = draw, .b = draw, .n = sizes[s % COUNT(sizes)] };
                Outcome same = measure(&cell, "work_4", DIFF_IS_SAME, diffs), planted;

                cell.b.grown = same.mde / (1 - drawn_share(DRAWN_MIDDLE)); /* the rest gives way */
                planted = measure(&cell, "work_4", DIFF_IS_GREW, diffs);
                printf("| %zu | %zu | %.1f points | %.0f %% | %.0f %% |\n", draw.samples, cell.n,
                       100 * same.mde, 100 * planted.class, 100 * same.unsure);
        }
}

int main(int argc, char **argv)
{
        uint64_t diffs = 200;
        Error err = { 0 };

        if (argc > 1 && (span_to_u64(span_of(argv[1]), &diffs, &err) < 0 || diffs < 4)) {
                fprintf(stderr, "profile_diff_table: DIFFS must be 4 or more\n");
                return 2;
        }
        printf("# How often hone's profile diffs are right\n\n%llu diffs per cell, fixed "
               "seeds.\n\n",
               (unsigned long long)diffs);
        print_size(diffs);
        print_power(diffs);
        print_mde(diffs);
        return 0;
}
