#pragma once
/* Inside the profile diff: both sides' stacks in one tree, and numbers of it as columns. */

#include "analysis/profile_diff.h"
#include "model/comparison.h"

/* One profile seen through the diff's tree. */
typedef struct DiffView {
        const Profile *profile;
        uint32_t *path_of; /* [node] -> path */
} DiffView;

/* Adds the profile's paths and functions. */
int diff_view(ProfileDiff *d, const Profile *profile, Arena *scratch, DiffView *ret, Error *err);

/* What one set of node weights comes to. */
typedef struct DiffSums {
        double *path, *self, *total; /* [path], [function], [function]; recursion counted once */
        uint8_t *outermost;          /* [path]: its function is not above it */
} DiffSums;

/* Once all profiles were added. */
int diff_sums_new(const ProfileDiff *d, Arena *scratch, DiffSums *ret, Error *err);
/* weights NULL: those of the profile; else one per node. */
void diff_sums_fill(const ProfileDiff *d, const DiffView *view, const double *weights,
                    DiffSums *sums);
double diff_sums_of(const DiffSums *sums, const DiffRow *row);

/* All numbers that the rows are judged on. */
typedef struct DiffMatrix {
        double *values;        /* [row][run], shares by the basis; runs of a, then of b */
        double *pooled;        /* [row]: mean over all runs */
        double *clumps;        /* [row]: design effect; NULL: runs are the samples */
        const double *samples; /* [run] */
        size_t n_a, n_b;
} DiffMatrix;

/* Per row, for how many samples one independent one stands: from the shares of DIFF_BATCHES
 * stretches of each run, where its samples' times are kept; DIFF_CLUMPING where they are not; 1 at
 * least. */
#define DIFF_BATCHES 20
int diff_clumps(const ProfileDiff *d, const DiffView *views, size_t n, Arena *scratch, double **ret,
                Error *err);
/* Variance of one sample's part in a row, by chance alone. */
double diff_chance(DiffBasis basis, double share);
/* Fill the rows' intervals, p, mde; the classes come after. */
int diff_judge_runs(ProfileDiff *d, const DiffMatrix *m, Arena *scratch, Error *err);
void diff_judge_samples(ProfileDiff *d, const DiffMatrix *m, Arena *scratch);
