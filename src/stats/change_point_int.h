#pragma once
/* What the parts of the change point detector share.
 *
 * A stretch of the series is looked at twice. By ranks (change_scan.c): sums of normal scores on
 * both sides of every split of many intervals, at all scales, against what an AR(1) of the guarded
 * correlation would scatter. By size (change_gap.c): steps that tower over the noise. Each has its
 * own null distribution (change_null.c) and its share of alpha.
 */

#include "stats/change_point.h"

#include "base/vec.h"

#define CHANGE_MIN_SEGMENT 4
#define CHANGE_MOST_VALUES ((size_t)1 << 24)

/* Normal scores (Blom) of the mid-ranks, mean 0, variance 1 without ties and less with them. */
typedef struct Scores {
        const double *sums; /* n + 1: of the first i scores */
        size_t n;
} Scores;

typedef struct Split {
        size_t low, at, high; /* the interval and where it is split */
        double z;
} Split;
typedef VEC(Split) Splits;

/* One look at a stretch: the best split of each interval that reaches `least`. */
typedef struct Scan {
        double correlation; /* guarded; of the look by ranks */
        size_t min_segment;
        double least;     /* splits below are not kept */
        Split best;       /* of all intervals; z = 0: none */
        size_t likeliest; /* the best split if the values were independent */
        Split *kept;
        size_t n_kept;
        size_t work; /* splits weighed */
} Scan;

/* NULL sums: no memory, or fewer than two values. */
Scores change_scores(const double *x, size_t n, Arena *scratch);
double change_score(Scores scores, size_t i);
/* Lag-1 correlation of the scores from their differences, which a change of level hardly moves;
 * differences across `split` are left out. Raised by what so few values may hide, 0..0.95. */
#define CHANGE_GUARD 1.0 /* standard errors of it, about 1 / sqrt(n), that are added */
double change_guarded_correlation(Scores scores, size_t split, Arena *scratch);
/* Splits of one interval, unguarded: the place that is likeliest if there is a change. */
Split change_likeliest(Scores scores, size_t min_segment);

/* Reads ret->least. First as if independent, for the place to leave out of the correlation, then
 * with that correlation. */
int change_by_ranks(Scores scores, size_t min_segment, Scan *ret, Arena *scratch, Error *err);
/* Reads scan->min_segment, least and likeliest. z in deviations of the noise. */
int change_by_size(const double *x, size_t n, Scan *scan, Arena *scratch, Error *err);
/* x[at] as if x were sorted, nothing greater before it. */
void change_put_in_place(double *x, size_t n, size_t at);

/* How often noise alone reaches z somewhere in n values (natural logarithm), and the z that it
 * reaches with p: from change_null.def, which bench/change_point_null.c prints. */
#define CHANGE_NULL_LEVELS 9
typedef enum ChangeLook { CHANGE_BY_RANKS, CHANGE_BY_SIZE, CHANGE_LOOKS_ } ChangeLook;
double change_null_log_p(ChangeLook look, double z, size_t n);
double change_null_z(ChangeLook look, double p, size_t n);

/* The places of the changes within [low, n) and how sure each is, by index. */
typedef struct Found {
        size_t at;
        double p;
} Found;
typedef VEC(Found) FoundList;

typedef struct Search {
        const double *x;
        size_t low, n;
        size_t judged_as; /* no stretch is judged as shorter than this; 0: by its own length */
        double alpha;
        size_t min_segment;
        Arena *scratch;
        size_t work; /* out: splits weighed */
} Search;

int change_search_ranks(Search *search, FoundList *ret, Arena *arena, Error *err);
int change_search_e_divisive(Search *search, FoundList *ret, Arena *arena, Error *err);

/* Medians, change, intervals of the point at `at` between its neighbours. p stays. */
void change_describe(const double *x, size_t before, size_t past, ChangePoint *point,
                     Arena *scratch);
