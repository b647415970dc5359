#pragma once
/* A series as a compact plot of characters: axis, points, levels, and marks at changes.
 *
 *         plot_text(values, n, &(PlotPlan){ .unit = UNIT_NS, .levels = levels, .n_levels = 2 },
 *                   &out);
 *
 *           130 ms ┤                     ┊ •─•─•─•
 *                  │                     ┊•       •
 *           100 ms ┤•─•─•─•─•─•─•─•─•─•─•┊
 *                  └─────────────────────1─────────
 *
 * The y axis begins at the lowest value, not at 0. A column that stands for several values shows
 * their median and the range of them all. Nothing is drawn where there is no value.
 */

#include "base/units.h"

/* Values from..to-1 have this level; a mark stands where each but the first begins. */
typedef struct PlotLevel {
        size_t from, to;
        double value;
} PlotLevel;

typedef struct PlotPlan {
        Unit unit;
        int width, height; /* 0: 78 columns, 11 rows of points */
        const PlotLevel *levels;
        size_t n_levels;
        Span first, last; /* under the ends of the axis */
} PlotPlan;

void plot_text(const double *values, size_t n, const PlotPlan *plan, Buf *out);
/* "1" to "9", then "a" to "z", then "+": what a mark is called. */
char plot_mark(size_t index);
