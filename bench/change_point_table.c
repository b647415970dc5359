/* How often change_points() is right, and E-divisive on the same series: false change points of
 * flat series, power for planted changes, how true the intervals are. A Markdown document on
 * standard output, from fixed seeds.
 *
 *     cc -O2 -std=gnu17 -D_GNU_SOURCE -Isrc bench/change_point_table.c libhone-stats.a \
 *        libhone-base.a -lz -lm
 *     ./change_point_table [TRIALS]       1000 series per cell unless told
 *     ./change_point_table time [VALUES]  instead: seconds of CPU for one series of 100000 values
 */
#include "stats/change_point.h"
#include "stats/rng.h"

#include "base/arena.h"
#include "base/span.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define LONGEST 1000
#define NEAR 5 /* a planted change is found when a point lies so near */
#define CV 0.02

typedef double (*Draw)(Rng *rng);

static double student3(Rng *rng)
{
        double z = rng_normal(rng), squares = 0;

        for (size_t i = 0; i < 3; i++) {
                double u = rng_normal(rng);

                squares += u * u;
        }
        return z / sqrt(squares / 3);
}

static double lognormal(Rng *rng)
{
        return exp(rng_normal(rng));
}

/* +20 % at a CV of 2 %, of one value in twenty or ten. */
static double outlying(Rng *rng)
{
        return rng_normal(rng) + (rng_unit(rng) < 0.05 ? 10 : 0);
}

static double more_outlying(Rng *rng)
{
        return rng_normal(rng) + (rng_unit(rng) < 0.1 ? 10 : 0);
}

static double two_modes(Rng *rng)
{
        return rng_normal(rng) + (rng_unit(rng) < 0.5 ? 10 : 0);
}

static double coin(Rng *rng)
{
        return (double)rng_below(rng, 2);
}

typedef struct Noise {
        const char *name;
        Draw draw;
        double correlation;
} Noise;

static const Noise promised[] = {
        { "normal", rng_normal, 0 },
        { "Student t, 3 degrees", student3, 0 },
        { "lognormal, sigma 1", lognormal, 0 },
        { "5 % outliers of +20 %, CV 2 %", outlying, 0 },
        { "AR(1), 0.5", rng_normal, 0.5 },
};
static const Noise beyond[] = {
        { "10 % outliers of +20 %, CV 2 %", more_outlying, 0 },
        { "two modes, 20 % apart, CV 2 %", two_modes, 0 },
        { "coin: two values", coin, 0 },
        { "AR(1), 0.7", rng_normal, 0.7 },
        { "AR(1), 0.9", rng_normal, 0.9 },
};

/* A level of 100 with a CV of 2 %; `level` holds what is planted, in deviations. */
static void draw_series(double *x, const double *level, size_t n, const Noise *noise, Rng *rng)
{
        double r = noise->correlation, now = noise->draw(rng);

        for (size_t i = 0; i < n; i++) {
                if (i)
                        now = r * now + sqrt(1 - r * r) * noise->draw(rng);
                x[i] = 100 * (1 + CV * (now + (level ? level[i] : 0)));
        }
}

static ChangePoints look(const double *x, size_t n, ChangeMethod method, Arena *arena)
{
        ChangePoints points;
        Error err;

        if (change_points(x, n, &(ChangePlan){ .method = method }, arena, &points, &err) < 0)
                BUG("%s", err.message);
        return points;
}

/* Share of flat series with any point. */
static double false_rate(const Noise *noise, size_t n, ChangeMethod method, size_t trials)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(n);
        double x[LONGEST];
        size_t any = 0;

        for (size_t i = 0; i < trials; i++) {
                Mark mark = arena_mark(arena);

                draw_series(x, NULL, n, noise, &rng);
                any += look(x, n, method, arena).len > 0;
                arena_reset(arena, mark);
        }
        return (double)any / (double)trials;
}

static void print_rates(const Noise *noises, size_t n_noises, size_t trials)
{
        static const size_t sizes[] = { 10, 20, 30, 50, 100, 300, 1000 };

        printf("| noise | n | hone | E-divisive |\n|---|---:|---:|---:|\n");
        for (size_t k = 0; k < n_noises; k++)
                for (size_t s = 0; s < COUNT(sizes); s++) {
                        printf("| %s | %zu |", noises[k].name, sizes[s]);
                        for (ChangeMethod m = 0; m <= CHANGE_METHOD_E_DIVISIVE; m++)
                                printf(" %.1f %% |",
                                       100 * false_rate(&noises[k], sizes[s], m, trials));
                        printf("\n");
                }
}

static void print_sizes(size_t trials)
{
        printf("## False change points: flat series\n\n"
               "Share of series in which any was found; hone's must not exceed 5 %%.\n\n");
        print_rates(promised, COUNT(promised), trials);
        printf("\n## Beyond the promise\n\nThe same for noise that is not promised to be told from "
               "changes.\n\n");
        print_rates(beyond, COUNT(beyond), trials / 2);
}

/* Points of a series that was looked at again with each new value. */
static size_t grown(const double *x, size_t n, Arena *arena, size_t *ever)
{
        ChangePoints points = { 0 };
        Error err;

        *ever = 0;
        for (size_t i = 1; i <= n; i++) {
                if (change_points_append(x, i, i - 1, &points, &(ChangePlan){ 0 }, arena, &points,
                                         &err) < 0)
                        BUG("%s", err.message);
                *ever += points.len > 0;
        }
        return points.len;
}

static void print_grown(size_t trials)
{
        static const size_t sizes[] = { 50, 100, 300 };

        printf("\n## Looked at again with each new value\n\n"
               "Flat series that grow value by value with change_points_append(): share that had "
               "a false point after any of the n looks, and at the end.\n\n"
               "| noise | n | at any look | at the end |\n|---|---:|---:|---:|\n");
        for (size_t k = 0; k < COUNT(promised); k += COUNT(promised) - 1)
                for (size_t s = 0; s < COUNT(sizes); s++) {
                        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                        Rng rng = rng_from_seed(sizes[s]);
                        size_t any = 0, last = 0, few = MAX(trials * 20 / sizes[s], (size_t)10);
                        double x[LONGEST];

                        for (size_t i = 0; i < few; i++) {
                                Mark mark = arena_mark(arena);
                                size_t ever;

                                draw_series(x, NULL, sizes[s], &promised[k], &rng);
                                last += grown(x, sizes[s], arena, &ever) > 0;
                                any += ever > 0;
                                arena_reset(arena, mark);
                        }
                        printf("| %s | %zu | %.1f %% | %.1f %% |\n", promised[k].name, sizes[s],
                               100 * (double)any / (double)few, 100 * (double)last / (double)few);
                }
}

/* What is planted: up to two changes of level, and a drift per value. */
typedef struct Plant {
        const char *name;
        double at, until; /* the first and second place: share of n, or from the end if negative */
        bool steps_twice; /* at the second place the level rises again, else it falls back */
} Plant;

static const Plant plants[] = {
        { "step in the middle", 0.5, 1, false },
        { "step 10 before the end", -10, 1, false },
        { "step 5 before the end", -5, 1, false },
        { "two steps up, at 1/3 and 2/3", 1.0 / 3, 2.0 / 3, true },
        { "temporary: the middle third", 1.0 / 3, 2.0 / 3, false },
        { "temporary: 8 values", 0.5, 8, false },
};

typedef struct Planted {
        size_t at[2], n;
        double level[LONGEST];
} Planted;

static size_t place(double where, size_t n)
{
        return where < 0 ? (size_t)((double)n + where) : (size_t)(where * (double)n);
}

static Planted plant(const Plant *p, double step, size_t n)
{
        Planted planted = { .n = 1 };

        planted.at[0] = place(p->at, n);
        planted.at[1] = p->until > 1 ? planted.at[0] + (size_t)p->until : place(p->until, n);
        if (planted.at[1] < n)
                planted.n = 2;
        for (size_t i = planted.at[0]; i < n; i++)
                planted.level[i] = i < planted.at[1] ? step : p->steps_twice ? 2 * step : 0;
        return planted;
}

/* How many of the planted changes have a point near. */
static size_t hits(const Planted *planted, const ChangePoints *points)
{
        size_t found = 0;

        for (size_t k = 0; k < planted->n; k++)
                for (size_t i = 0; i < points->len; i++)
                        if (fabs((double)points->items[i].at - (double)planted->at[k]) <= NEAR) {
                                found++;
                                break;
                        }
        return found;
}

typedef struct Score {
        double found; /* all planted changes, share of series */
        double more;  /* series with more points than planted */
} Score;

static Score power(const Plant *p, double step, const Noise *noise, size_t n, ChangeMethod method,
                   size_t trials)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(n + 1);
        Planted planted = plant(p, step, n);
        Score score = { 0 };
        double x[LONGEST];

        for (size_t i = 0; i < trials; i++) {
                Mark mark = arena_mark(arena);
                ChangePoints points;

                draw_series(x, planted.level, n, noise, &rng);
                points = look(x, n, method, arena);
                score.found += (double)(hits(&planted, &points) == planted.n) / (double)trials;
                score.more += (double)(points.len > planted.n) / (double)trials;
                arena_reset(arena, mark);
        }
        return score;
}

static void print_power(size_t trials)
{
        static const size_t sizes[] = { 20, 50, 100, 300 };
        static const double steps[] = { 1, 2, 3, 5, 10 };
        static const Noise noises[] = { { "normal", rng_normal, 0 },
                                        { "AR(1), 0.5", rng_normal, 0.5 } };

        printf("\n## Power: planted changes\n\n"
               "Share of series in which every planted change has a point within %d values; in "
               "brackets E-divisive's. Steps in deviations of the noise.\n\n"
               "| noise | planted | n |",
               NEAR);
        for (size_t c = 0; c < COUNT(steps); c++)
                printf(" %.0f |", steps[c]);
        printf(" more points than planted, at 10 "
               "|\n|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
        for (size_t k = 0; k < COUNT(noises); k++)
                for (size_t p = 0; p < COUNT(plants); p++)
                        for (size_t s = 0; s < COUNT(sizes); s++) {
                                Score ours = { 0 }, theirs = { 0 };

                                printf("| %s | %s | %zu |", noises[k].name, plants[p].name,
                                       sizes[s]);
                                for (size_t c = 0; c < COUNT(steps); c++) {
                                        ours = power(&plants[p], steps[c], &noises[k], sizes[s],
                                                     CHANGE_METHOD_RANK, trials);
                                        theirs = power(&plants[p], steps[c], &noises[k], sizes[s],
                                                       CHANGE_METHOD_E_DIVISIVE, trials);
                                        printf(" %.0f %% (%.0f) |", 100 * ours.found,
                                               100 * theirs.found);
                                }
                                printf(" %.0f %% (%.0f) |\n", 100 * ours.more, 100 * theirs.more);
                        }
}

static void print_drift(size_t trials)
{
        static const size_t sizes[] = { 50, 100, 300 };
        static const double rises[] = { 1, 3, 10 };
        Noise noise = { "normal", rng_normal, 0 };

        printf("\n## Drift\n\n"
               "A steady rise is no change of level; it is told as a staircase. Points per series "
               "for a rise over the whole series, in deviations of normal noise.\n\n"
               "| rise | n | hone | E-divisive |\n|---:|---:|---:|---:|\n");
        for (size_t c = 0; c < COUNT(rises); c++)
                for (size_t s = 0; s < COUNT(sizes); s++) {
                        double level[LONGEST], x[LONGEST];

                        for (size_t i = 0; i < sizes[s]; i++)
                                level[i] = rises[c] * (double)i / (double)sizes[s];
                        printf("| %.0f | %zu |", rises[c], sizes[s]);
                        for (ChangeMethod m = 0; m <= CHANGE_METHOD_E_DIVISIVE; m++) {
                                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                                Rng rng = rng_from_seed(sizes[s]);
                                double points = 0;

                                for (size_t i = 0; i < trials / 4; i++) {
                                        draw_series(x, level, sizes[s], &noise, &rng);
                                        points += (double)look(x, sizes[s], m, arena).len;
                                }
                                printf(" %.2f |", points / (double)(trials / 4));
                        }
                        printf("\n");
                }
}

typedef struct Coverage {
        size_t found, where, change;
} Coverage;

static Coverage cover(const Noise *noise, double step, size_t n, size_t trials)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Planted planted = plant(&plants[0], step, n);
        double truth = CV * step, x[LONGEST];
        Rng rng = rng_from_seed(n);
        Coverage c = { 0 };

        for (size_t i = 0; i < trials; i++) {
                Mark mark = arena_mark(arena);
                ChangePoints points;

                draw_series(x, planted.level, n, noise, &rng);
                points = look(x, n, CHANGE_METHOD_RANK, arena);
                if (points.len == 1) {
                        const ChangePoint *p = points.items;
                        double at = (double)planted.at[0];

                        c.found++;
                        c.where +=
                                isnan(p->where.low) || (p->where.low <= at && at <= p->where.high);
                        c.change += p->interval.low <= truth && truth <= p->interval.high;
                }
                arena_reset(arena, mark);
        }
        return c;
}

static void print_coverage(size_t trials)
{
        static const size_t sizes[] = { 20, 100, 300 };
        static const double steps[] = { 1, 2, 3, 5 };
        static const Noise noises[] = { { "normal", rng_normal, 0 },
                                        { "AR(1), 0.5", rng_normal, 0.5 } };

        printf("\n## Intervals\n\n"
               "Of the series in which just one point was found: how often the 95 %% intervals "
               "hold the planted place, and the planted change.\n\n"
               "| noise | n | step | found | place | change |\n|---|---:|---:|---:|---:|---:|\n");
        for (size_t k = 0; k < COUNT(noises); k++)
                for (size_t s = 0; s < COUNT(sizes); s++)
                        for (size_t c = 0; c < COUNT(steps); c++) {
                                Coverage seen = cover(&noises[k], steps[c], sizes[s], trials);
                                double found = (double)seen.found;

                                printf("| %s | %zu | %.0f | %zu | %.0f %% | %.0f %% |\n",
                                       noises[k].name, sizes[s], steps[c], seen.found,
                                       100 * (double)seen.where / found,
                                       100 * (double)seen.change / found);
                        }
}

static double cpu_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Changes of 3 deviations every 1000 values. */
static void print_time(size_t n)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(4));
        double *x = new (arena, double, n), *level = new (arena, double, n), began;
        Noise noise = { "AR(1), 0.3", rng_normal, 0.3 };
        Rng rng = rng_from_seed(1);

        for (size_t i = 0; i < n; i++)
                level[i] = i / 1000 % 2 ? 3 : 0;
        draw_series(x, level, n, &noise, &rng);
        for (ChangeMethod m = 0; m <= CHANGE_METHOD_E_DIVISIVE; m++) {
                ChangePoints points;

                began = cpu_s();
                points = look(x, n, m, arena);
                printf("%s %.3f s %zu points\n", change_method_name(m), cpu_s() - began,
                       points.len);
        }
}

int main(int argc, char **argv)
{
        bool timing = argc > 1 && strcmp(argv[1], "time") == 0;
        uint64_t count = timing ? 100000 : 1000;
        Error err = { 0 };

        if (argc > 1 + timing &&
            (span_to_u64(span_of(argv[1 + timing]), &count, &err) < 0 || count < 20)) {
                fprintf(stderr, "change_point_table: a count of 20 or more is needed\n");
                return 2;
        }
        if (timing) {
                print_time(count);
                return 0;
        }
        printf("# Size and power of hone's change points\n\n%llu series per cell, fixed seeds.\n\n",
               (unsigned long long)count);
        print_sizes(count);
        print_grown(count);
        print_power(count);
        print_drift(count);
        print_coverage(count);
        return 0;
}
