#include "present/chart_int.h"

#include "present/glyph.h"

#include <math.h>

#define MAX_POINTS 1200 /* more than there are pixels; longer series are averaged */
#define MOST_NINES 6
#define QUANTILE_POINTS 240

static size_t longest(const ChartLine *lines, size_t n)
{
        size_t len = 1;

        for (size_t i = 0; i < n; i++)
                len = MAX(len, lines[i].len);
        return len;
}

static double highest(const ChartLine *lines, size_t n)
{
        double top = 0;

        for (size_t i = 0; i < n; i++)
                for (size_t at = 0; at < lines[i].len; at++)
                        if (isfinite(lines[i].values[at]))
                                top = MAX(top, lines[i].values[at]);
        return top;
}

/* Mean of the values that are there; NaN when none is. */
static double mean_of(const double *values, size_t n)
{
        double sum = 0;
        size_t known = 0;

        for (size_t i = 0; i < n; i++)
                if (isfinite(values[i])) {
                        sum += values[i];
                        known++;
                }
        return known ? sum / (double)known : (double)NAN;
}

static void draw_line(const Chart *c, const ChartLine *line, size_t index)
{
        size_t each = (line->len + MAX_POINTS - 1) / MAX_POINTS;
        Curve curve = curve_begin(c, index);

        for (size_t at = 0; at < line->len; at += each) {
                size_t n = MIN(each, line->len - at);
                double mean = mean_of(line->values + at, n);

                curve_point(&curve, (double)at + (double)(n - 1) / 2, mean < 0 ? 0 : mean);
        }
        curve_end(&curve);
}

void chart_lines(const ChartLine *lines, size_t n_lines, const ChartPlan *plan, Buf *out)
{
        size_t len = longest(lines, n_lines);
        double x_step = plan->x_step > 0 ? plan->x_step : 1;
        Chart c = chart_open(plan, (double)MAX(len - 1, (size_t)1), highest(lines, n_lines), out);
        double tick = chart_step((double)(len - 1) * x_step, 8, plan->x_unit) / x_step;

        chart_y_axis(&c);
        for (double x = 0; x <= (double)(len - 1) + 1e-9 && tick > 0; x += tick) {
                Buf label = buf_in(out->arena, KiB(1));

                unit_format(&label, plan->x_unit, x * x_step);
                chart_x_tick(&c, x, x > 0 ? buf_span(&label) : SPAN("0"));
        }
        for (size_t i = 0; i < n_lines; i++)
                draw_line(&c, &lines[i], i);
        for (size_t i = 0; i < n_lines && n_lines > 1; i++)
                chart_legend(&c, i, n_lines, lines[i].name);
        chart_close(&c);
}

/* How many nines the fullest histogram can show: 1000 values reach 99.9 %. */
static int nines_of(const ChartHist *hists, size_t n)
{
        uint64_t most = 0;
        int nines = 1;

        for (size_t i = 0; i < n; i++)
                most = MAX(most, hists[i].hist->total);
        for (uint64_t reach = 100; reach <= most && nines < MOST_NINES; reach *= 10)
                nines++;
        return nines;
}

/* From left to right the share of faster requests: 0, 50, 90, 99, 99.9 %; x = -log10(1 - q). */
static void quantile_ticks(const Chart *c, int nines)
{
        static const char *const labels[] = { "0 %",     "90 %",     "99 %",     "99.9 %",
                                              "99.99 %", "99.999 %", "99.9999 %" };

        _Static_assert(COUNT(labels) == MOST_NINES + 1, "a label for each step");
        for (int i = 0; i <= nines; i++)
                chart_x_tick(c, i, span_of(labels[i]));
        chart_x_tick(c, log10(2), SPAN("50 %"));
}

static void draw_quantiles(const Chart *c, const Hist *h, size_t index)
{
        double reach = h->total ? MIN(log10((double)h->total), c->x_max) : 0;
        Curve curve = curve_begin(c, index);

        for (int i = 0; i <= QUANTILE_POINTS && h->total; i++) {
                double x = reach * i / QUANTILE_POINTS;

                curve_point(&curve, x, (double)hist_quantile(h, 1 - pow(10, -x)));
        }
        curve_end(&curve);
}

void chart_quantiles(const ChartHist *hists, size_t n, const ChartPlan *plan, Buf *out)
{
        int nines = nines_of(hists, n);
        double top = 0, reach = 1 - pow(10, -nines);
        Chart c;

        for (size_t i = 0; i < n; i++)
                if (hists[i].hist->total)
                        top = MAX(top, (double)hist_quantile(hists[i].hist, reach));
        c = chart_open(plan, nines, top, out);
        chart_y_axis(&c);
        quantile_ticks(&c, nines);
        for (size_t i = 0; i < n; i++)
                draw_quantiles(&c, hists[i].hist, i);
        for (size_t i = 0; i < n && n > 1; i++)
                chart_legend(&c, i, n, hists[i].name);
        chart_close(&c);
}

static void spark_range(const double *values, size_t n, double *ret_low, double *ret_high)
{
        double low = (double)INFINITY, high = -(double)INFINITY;

        for (size_t i = 0; i < n; i++)
                if (isfinite(values[i])) {
                        low = MIN(low, values[i]);
                        high = MAX(high, values[i]);
                }
        *ret_low = MIN(low, 0.0); /* heights compare only when they start at zero */
        *ret_high = high;
}

void spark_text(const double *values, size_t n, int width, Buf *out)
{
        static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
        size_t columns = MIN(n, (size_t)MAX(width, 0));
        double low, high;

        spark_range(values, n, &low, &high);
        for (size_t i = 0; i < columns; i++) {
                size_t from = i * n / columns, to = (i + 1) * n / columns;
                double mean = mean_of(values + from, to - from);
                double height = high > low ? (mean - low) / (high - low) : 0;

                if (isnan(mean))
                        buf_byte(out, ' ');
                else
                        buf_text(out, bars[MIN((size_t)(height * COUNT(bars)), COUNT(bars) - 1)]);
        }
}
