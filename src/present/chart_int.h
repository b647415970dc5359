#pragma once
/* The frame of a chart: axes, grid, labels and legend; curves go inside. */

#include "present/chart.h"

typedef struct Chart {
        const ChartPlan *plan;
        Buf *out;
        int width, height;
        double left, top, right, bottom; /* of the plot, in px */
        double x_max;                    /* the x axis starts at 0 */
        double y_min, y_max;
} Chart;

Chart chart_open(const ChartPlan *plan, double x_max, double y_max, Buf *out);
void chart_y_axis(const Chart *c);
/* A label below the plot with a line up. */
void chart_x_tick(const Chart *c, double x, Span label);
/* A line across the plot with its name at the top. */
void chart_mark(const Chart *c, double x, Span name);
void chart_close(const Chart *c);
/* Curves: begin, points in order (NaN: a gap), end. */
typedef struct Curve {
        const Chart *chart;
        bool pen_down, dots;
} Curve;
Curve curve_begin(const Chart *c, size_t index);
Curve curve_begin_dots(const Chart *c, size_t index); /* each point stands alone */
void curve_point(Curve *curve, double x, double y);
void curve_end(Curve *curve);
void chart_legend(const Chart *c, size_t index, size_t n, const char *name);

/* 1, 2 or 5 times a power of ten (or of two for bytes), so that `most` steps reach `max`. */
double chart_step(double max, int most, Unit unit);
