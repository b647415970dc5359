#pragma once
/* How a cost grows with the size of its input: y = fixed + factor * f(n), for each f of a short
 * list.
 *
 * Fitted by least squares on relative errors (weights 1/y^2), since a cost that spans decades must
 * be right at either end; neither part below zero. The best f has the least error in predicting
 * each point from all others (leave one out), so that a shape is not preferred for bending more.
 * Two shapes whose errors are within SCALING_CLEAR of each other cannot be told apart: then the
 * simpler one is given and `sure` is false.
 *
 *         if (scaling_fit(sizes, medians, n, &fit))
 *                 ... fit.shape, fit.fixed, fit.factor, fit.error
 */

#include "base/macros.h"

#define SCALINGS(X)              \
        X(CONSTANT, "1")         \
        X(LOG, "log n")          \
        X(LINEAR, "n")           \
        X(LINEAR_LOG, "n log n") \
        X(QUADRATIC, "n^2")      \
        X(CUBIC, "n^3")

typedef enum Scaling {
#define X(id, name) SCALING_##id,
        SCALINGS(X)
#undef X
                SCALING_COUNT_,
} Scaling;

#define SCALING_MIN_N 4
#define SCALING_CLEAR 2

typedef struct ScalingFit {
        Scaling shape;
        double fixed, factor;
        double error; /* of a point predicted from the others: root mean square, relative */
        bool sure;
        double power; /* slope of log cost over log size: about n^power, whatever the shape */
} ScalingFit;

/* False: fewer than SCALING_MIN_N different sizes, or numbers that are not above zero. */
bool scaling_fit(const double *sizes, const double *costs, size_t n, ScalingFit *ret);
const char *scaling_name(Scaling shape);
