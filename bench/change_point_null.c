/* The null distributions of the two change point statistics: src/stats/change_null.def on standard
 * output, from fixed seeds: the same everywhere but for the last digit.
 *
 *     cc -O2 -std=gnu17 -D_GNU_SOURCE -Isrc bench/change_point_null.c build/libhone-stats.a \
 *        build/libhone-base.a -lz -lm -o change_point_null
 *     ./change_point_null [VALUES] >change_null.def     20 minutes of CPU; then move it to
 * src/stats
 *
 * For each length, flat series of each kind of noise are drawn; the row holds the greatest quantile
 * of all kinds at each level; by ranks it is never below the row before. The look by ranks needs no
 * heavy tails: ranks make normal noise stand for any noise without memory. VALUES (4 million) are
 * drawn for each row and kind, but at least 1000 and at most 100000 series.
 */
#include "stats/change_point_int.h"
#include "stats/rng.h"

#include "base/span.h"

#include <math.h>

static const size_t lengths[] = { 8,    9,    10,   11,   12,   13,    14,    16,    18,
                                  20,   23,   26,   30,   35,   40,    50,    64,    80,
                                  100,  130,  170,  220,  300,  400,   550,   750,   1000,
                                  1500, 2200, 3200, 5000, 8000, 15000, 32000, 100000 };
static const double levels[CHANGE_NULL_LEVELS] = { 0.5,  0.2,   0.1,   0.05, 0.02,
                                                   0.01, 0.005, 0.002, 0.001 };

typedef struct Kind {
        double (*draw)(Rng *rng);
        double correlation;
        bool both; /* for both looks; else only by size */
} Kind;

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

static double outlying(Rng *rng)
{
        return rng_normal(rng) + (rng_unit(rng) < 0.05 ? 10 : 0);
}

static const Kind kinds[] = {
        { rng_normal, 0, true }, { rng_normal, 0.25, true }, { rng_normal, 0.5, true },
        { student3, 0, false },  { lognormal, 0, false },    { outlying, 0, false },
};

static void draw(double *x, size_t n, const Kind *kind, Rng *rng)
{
        double r = kind->correlation;

        x[0] = kind->draw(rng);
        for (size_t i = 1; i < n; i++)
                x[i] = r * x[i - 1] + sqrt(1 - r * r) * kind->draw(rng);
}

static void statistics(const double *x, size_t n, Arena *scratch, double *ret)
{
        Mark mark = arena_mark(scratch);
        Scan scan = { .least = HUGE_VAL };
        Error err;

        if (change_by_ranks(change_scores(x, n, scratch), CHANGE_MIN_SEGMENT, &scan, scratch,
                            &err) < 0)
                BUG("%s", err.message);
        ret[CHANGE_BY_RANKS] = scan.best.z;
        if (change_by_size(x, n, &scan, scratch, &err) < 0)
                BUG("%s", err.message);
        ret[CHANGE_BY_SIZE] = scan.best.z;
        arena_reset(scratch, mark);
}

/* The least value that at most this share of all series reaches. */
static double reached(const double *sorted, size_t n, double share)
{
        size_t most = (size_t)(share * (double)n), at = n - most;

        if (most == 0)
                return sorted[n - 1] * 1.001;
        if (sorted[at - 1] < sorted[at])
                return sorted[at];
        while (at < n && sorted[at] <= sorted[n - most])
                at++;
        return at < n ? sorted[at] : sorted[n - 1] * 1.001;
}

typedef struct Row {
        double z[CHANGE_LOOKS_][CHANGE_NULL_LEVELS];
} Row;

static void add_kind(Row *row, size_t n, size_t kind, size_t trials, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        double *x = new (scratch, double, n), *seen[CHANGE_LOOKS_];
        Rng rng = rng_from_seed(n * 1000 + kind);

        for (size_t look = 0; look < CHANGE_LOOKS_; look++)
                seen[look] = new (scratch, double, trials);
        for (size_t i = 0; i < trials; i++) {
                double z[CHANGE_LOOKS_];

                draw(x, n, &kinds[kind], &rng);
                statistics(x, n, scratch, z);
                for (size_t look = 0; look < CHANGE_LOOKS_; look++)
                        seen[look][i] = z[look];
        }
        for (size_t look = kinds[kind].both ? 0 : CHANGE_BY_SIZE; look < CHANGE_LOOKS_; look++) {
                sort_doubles(seen[look], trials);
                for (size_t i = 0; i < COUNT(levels); i++)
                        row->z[look][i] =
                                fmax(row->z[look][i], reached(seen[look], trials, levels[i]));
        }
        arena_reset(scratch, mark);
}

static void print_row(const char *look, size_t n, const double *z)
{
        printf("%s(%zu", look, n);
        for (size_t k = 0; k < COUNT(levels); k++)
                printf(", %.3f", z[k]);
        printf(")\n");
}

int main(int argc, char **argv)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        Row row = { 0 };
        uint64_t values = 4000000;
        Error err = { 0 };

        if (argc > 1 && span_to_u64(span_of(argv[1]), &values, &err) < 0) {
                fprintf(stderr, "change_point_null: %s\n", err.message);
                return 2;
        }
        printf("/* Printed by bench/change_point_null.c: length, then the z that noise alone "
               "reaches "
               "with p = 0.5,\n * 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001. */\n");
        for (size_t i = 0; i < COUNT(lengths); i++) {
                size_t trials = MAX(MIN(values / lengths[i], (size_t)100000), (size_t)1000);

                memset(row.z[CHANGE_BY_SIZE], 0, sizeof(row.z[CHANGE_BY_SIZE]));
                for (size_t kind = 0; kind < COUNT(kinds); kind++)
                        add_kind(&row, lengths[i], kind, trials, scratch);
                print_row("BY_RANKS", lengths[i], row.z[CHANGE_BY_RANKS]);
                print_row("BY_SIZE", lengths[i], row.z[CHANGE_BY_SIZE]);
                fflush(stdout);
        }
        return 0;
}
