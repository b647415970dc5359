/* How often noise alone would show as much: tables from simulation, interpolated in length. */
#include "stats/change_point_int.h"

#include <math.h>

typedef struct Row {
        size_t n;
        double z[CHANGE_NULL_LEVELS];
} Row;

static const double levels[CHANGE_NULL_LEVELS] = { 0.5,  0.2,   0.1,   0.05, 0.02,
                                                   0.01, 0.005, 0.002, 0.001 };
#define BEYOND_FROM 5 /* the level from which on the tail's slope is taken */

static const Row by_ranks[] = {
#define BY_RANKS(length, ...) { length, { __VA_ARGS__ } },
#define BY_SIZE(...)
#include "stats/change_null.def"
#undef BY_RANKS
#undef BY_SIZE
};

static const Row by_size[] = {
#define BY_RANKS(...)
#define BY_SIZE(length, ...) { length, { __VA_ARGS__ } },
#include "stats/change_null.def"
#undef BY_RANKS
#undef BY_SIZE
};

static const Row *const tables[CHANGE_LOOKS_] = { by_ranks, by_size };
_Static_assert(COUNT(by_ranks) == COUNT(by_size), "both looks have a row for each length");

#define USUAL 3 /* the level 0.05 */

/* Linear in log n; past the last row every level rises as 0.05 did, and none falls. */
static Row row_of(ChangeLook look, size_t n)
{
        const Row *table = tables[look], *low, *high;
        size_t above = 1;
        double share, past;
        Row row = { .n = n };

        while (above + 1 < COUNT(by_ranks) && table[above].n < n)
                above++;
        low = &table[above - 1];
        high = &table[above];
        share = log((double)MAX(n, table[0].n) / (double)low->n) /
                log((double)high->n / (double)low->n);
        past = fmax(share - 1, 0) * fmax(high->z[USUAL] - low->z[USUAL], 0);
        for (size_t i = 0; i < CHANGE_NULL_LEVELS; i++)
                row.z[i] = low->z[i] + fmin(share, 1) * (high->z[i] - low->z[i]) + past;
        return row;
}

static double square(double z)
{
        return z * z;
}

/* Past the last level log p falls with z^2, as a normal's would, and never faster. */
static double tail_slope(const Row *row)
{
        const size_t last = CHANGE_NULL_LEVELS - 1;
        double width = square(row->z[last]) - square(row->z[BEYOND_FROM]);

        return fmin(log(levels[BEYOND_FROM] / levels[last]) / fmax(width, 1e-9), 0.5);
}

double change_null_log_p(ChangeLook look, double z, size_t n)
{
        Row row = row_of(look, n);
        size_t i = CHANGE_NULL_LEVELS;
        double share;

        while (i > 0 && z < row.z[i - 1])
                i--;
        if (i == 0)
                return 0;
        if (i == CHANGE_NULL_LEVELS)
                return log(levels[i - 1]) - tail_slope(&row) * (square(z) - square(row.z[i - 1]));
        share = (square(z) - square(row.z[i - 1])) / (square(row.z[i]) - square(row.z[i - 1]));
        return log(levels[i - 1]) + share * log(levels[i] / levels[i - 1]);
}

double change_null_z(ChangeLook look, double p, size_t n)
{
        Row row = row_of(look, n);
        size_t i = 0;
        double share;

        while (i < CHANGE_NULL_LEVELS && levels[i] >= p)
                i++;
        if (i == 0)
                return row.z[0];
        if (i == CHANGE_NULL_LEVELS)
                return sqrt(square(row.z[i - 1]) + log(levels[i - 1] / p) / tail_slope(&row));
        share = log(p / levels[i - 1]) / log(levels[i] / levels[i - 1]);
        return sqrt(square(row.z[i - 1]) + share * (square(row.z[i]) - square(row.z[i - 1])));
}
