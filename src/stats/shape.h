#pragma once
/* What a set of measurements looks like beside its median: outliers, several modes, a drift.
 * Everything here is told, nothing is ever dropped because of it.
 *
 * Outliers: Tukey's fences, 1.5 (mild) and 3 (severe) interquartile ranges beyond the quartiles;
 * the quartiles are interpolated (type 7 of Hyndman & Fan 1996).
 * Modes: the modal value of B. Gregg ("Frequency Trails: Modes and Modality"), the sum of the steps
 * of the histogram over its highest bar: 2 with one mode, more with each further one. The bars are
 * IQR n^(-1/3) wide, half of what Freedman & Diaconis (1981) advise, and are smoothed twice over
 * their neighbours, so that the noise of small counts makes no modes; values beyond the severe
 * fences are left out. Of normal, log-normal, exponential and t(3) sets of 50 to 1000 values at
 * most 2 % reach MODAL_VALUE_SEVERAL; of 100 values in two modes five deviations apart, 9 in 10 do.
 * Drift: the second half in time against the first, by medians and Mann-Whitney.
 */

#include "base/arena.h"

typedef struct Outliers {
        double quartile_low, quartile_high; /* NaN when n = 0 */
        size_t mild_low, mild_high, severe_low, severe_high;
} Outliers;

Outliers outliers_of(const double *sorted, size_t n);

#define MODAL_VALUE_MIN_N 50
#define MODAL_VALUE_SEVERAL 2.3
/* NaN below MODAL_VALUE_MIN_N values, and when the middle half of them is one number. */
double modal_value(const double *sorted, size_t n);

typedef struct Drift {
        double change; /* of the second half's median against the first's; NaN: too few */
        double p;
} Drift;

/* Values in the order in which they were measured; at least eight. */
Drift drift_of(const double *x, size_t n, Arena *scratch);
