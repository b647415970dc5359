#include "present/chart_int.h"

#include "present/glyph.h"
#include "present/markup.h"

#include <math.h>

#define CURVE_COLORS 6
#define NAME_COLUMNS 36

/* Fixed point, whatever the locale. */
static void put_px(Buf *out, double px)
{
        double clamped = MIN(MAX(px, -9999.0), 99999.0);
        unsigned tenths = (unsigned)lround(fabs(clamped) * 10);

        buf_printf(out, "%s%u.%u", clamped < 0 ? "-" : "", tenths / 10, tenths % 10);
}

static double time_step(double max, int most)
{
        static const double steps[] = { 60e9,   120e9,  300e9,   600e9,   900e9,   1800e9,
                                        3600e9, 7200e9, 14400e9, 21600e9, 43200e9, 86400e9 };

        for (size_t i = 0; i < COUNT(steps); i++)
                if (max / steps[i] <= most)
                        return steps[i];
        return 0;
}

double chart_step(double max, int most, Unit unit)
{
        static const double decimal[] = { 1, 2, 5, 10 }, binary[] = { 1, 2, 4, 8 };
        bool bytes = unit == UNIT_BYTES || unit == UNIT_BYTES_PER_S;
        double raw, power;

        if (!(max > 0) || !isfinite(max))
                return 1;
        raw = max / most;
        if (unit == UNIT_NS && raw > 30e9 && time_step(max, most) > 0)
                return time_step(max, most);
        power = bytes ? pow(2, floor(log2(raw))) : pow(10, floor(log10(raw)));
        for (size_t i = 0; i < COUNT(decimal); i++) {
                double step = power * (bytes ? binary[i] : decimal[i]);

                if (step >= raw * 0.999)
                        return step;
        }
        return power * 10;
}

/* From a round number at or below the lowest to one at or above the highest. */
static void set_y_range(Chart *c, double y_max)
{
        double low = isfinite(c->plan->y_min) ? c->plan->y_min : 0;
        double step = chart_step(y_max - low, 4, c->plan->unit);

        c->y_min = floor(low / step + 1e-9) * step;
        c->y_max = c->y_min + step * MAX(ceil((y_max - c->y_min) / step - 1e-9), 1);
}

Chart chart_open(const ChartPlan *plan, double x_max, double y_max, Buf *out)
{
        Chart c = { .plan = plan, .out = out, .x_max = x_max > 0 ? x_max : 1 };

        c.width = plan->width > 0 ? MIN(MAX(plan->width, 200), 4000) : 640;
        c.height = plan->height > 0 ? MIN(MAX(plan->height, 120), 4000) : 240;
        c.left = 74;
        c.top = plan->title ? 52 : 28;
        c.right = c.width - 36;
        c.bottom = c.height - (plan->x_label ? 44 : 28);
        set_y_range(&c, y_max);
        buf_printf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hone-chart\" viewBox=\"0 0 "
                   "%d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"",
                   c.width, c.height, c.width, c.height);
        markup_escape(out, span_of(plan->title ? plan->title : "chart"));
        buf_text(out, "\">\n<style>\n");
        buf_add(out, present_file("chart.css"));
        buf_text(out, "</style>\n");
        if (plan->title) {
                buf_text(out, "<text class=\"title\" x=\"10\" y=\"20\">");
                markup_escape(out, span_of(plan->title));
                buf_text(out, "</text>\n");
        }
        return c;
}

static double x_px(const Chart *c, double x)
{
        return c->left + x / c->x_max * (c->right - c->left);
}

static double y_px(const Chart *c, double y)
{
        return c->bottom - (y - c->y_min) / (c->y_max - c->y_min) * (c->bottom - c->top);
}

static void put_line(const Chart *c, const char *class, const double at[static 4])
{
        static const char *const names[] = { "x1", "y1", "x2", "y2" };

        buf_printf(c->out, "<line class=\"%s\"", class);
        for (size_t i = 0; i < COUNT(names); i++) {
                buf_printf(c->out, " %s=\"", names[i]);
                put_px(c->out, at[i]);
                buf_byte(c->out, '"');
        }
        buf_text(c->out, "/>\n");
}

static void put_label(const Chart *c, double x, double y, const char *anchor, Span text)
{
        buf_text(c->out, "<text x=\"");
        put_px(c->out, x);
        buf_text(c->out, "\" y=\"");
        put_px(c->out, y);
        buf_printf(c->out, "\" text-anchor=\"%s\">", anchor);
        markup_escape(c->out, text);
        buf_text(c->out, "</text>\n");
}

void chart_y_axis(const Chart *c)
{
        double step = chart_step(c->y_max - c->y_min, 4, c->plan->unit);
        int n = (int)MIN(lround((c->y_max - c->y_min) / step), 10);

        for (int i = 0; i <= n; i++) {
                Buf label = buf_in(c->out->arena, KiB(1));
                double value = c->y_min + i * step, y = y_px(c, value);

                if (fabs(value) > step / 1e6)
                        unit_format(&label, c->plan->unit, value);
                else
                        buf_byte(&label, '0');
                put_line(c, i ? "grid" : "axis", (double[]){ c->left, y, c->right, y });
                put_label(c, c->left - 8, y + 4, "end", buf_span(&label));
        }
}

void chart_x_tick(const Chart *c, double x, Span label)
{
        double px = x_px(c, x);

        put_line(c, "grid", (double[]){ px, c->top, px, c->bottom });
        put_label(c, px, c->bottom + 17, "middle", label);
}

void chart_mark(const Chart *c, double x, Span name)
{
        double px = x_px(c, x);

        put_line(c, "mark", (double[]){ px, c->top, px, c->bottom });
        put_label(c, px, c->top - 4, "middle", name);
}

void chart_close(const Chart *c)
{
        if (c->plan->x_label)
                put_label(c, (c->left + c->right) / 2, c->height - 8, "middle",
                          span_of(c->plan->x_label));
        buf_text(c->out, "</svg>\n");
}

Curve curve_begin(const Chart *c, size_t index)
{
        buf_printf(c->out, "<path class=\"line c%zu\" d=\"", index % CURVE_COLORS);
        return (Curve){ .chart = c };
}

Curve curve_begin_dots(const Chart *c, size_t index)
{
        buf_printf(c->out, "<path class=\"line dots c%zu\" d=\"", index % CURVE_COLORS);
        return (Curve){ .chart = c, .dots = true };
}

void curve_point(Curve *curve, double x, double y)
{
        const Chart *c = curve->chart;

        if (!isfinite(x) || !isfinite(y)) {
                curve->pen_down = false;
                return;
        }
        buf_byte(c->out, curve->pen_down ? 'L' : 'M');
        put_px(c->out, x_px(c, x));
        buf_byte(c->out, ' ');
        put_px(c->out, y_px(c, y));
        if (!curve->pen_down) /* so that a lone point is seen as a dot */
                buf_text(c->out, "h0");
        curve->pen_down = !curve->dots;
}

void curve_end(Curve *curve)
{
        buf_text(curve->chart->out, "\"/>\n");
}

/* Right-aligned above the plot, the first name leftmost. */
void chart_legend(const Chart *c, size_t index, size_t n, const char *name)
{
        double slot = MIN((c->right - c->left) / (double)n, 130.0);
        double x = c->right - slot * (double)(n - index);
        Span words = text_clean(c->out->arena, span_of(name), CLEAN_LINE);
        size_t fit = (size_t)MAX((slot - 20) / 6.8, 3.0);

        buf_printf(c->out, "<rect class=\"b%zu\" x=\"", index % CURVE_COLORS);
        put_px(c->out, x);
        buf_text(c->out, "\" y=\"");
        put_px(c->out, c->top - 19);
        buf_text(c->out, "\" width=\"11\" height=\"11\" rx=\"2\"/>\n");
        put_label(c, x + 16, c->top - 9, "start",
                  text_shorten(c->out->arena, words, MIN(fit, (size_t)NAME_COLUMNS)));
}
