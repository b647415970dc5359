#include "present/plot.h"

#include "present/glyph.h"
#include "stats/quantile.h"

#include <math.h>
#include <string.h>

#define USUAL_WIDTH 78
#define USUAL_HEIGHT 11
#define LABEL_COLUMNS 9
#define MOST_COLUMNS 400
#define MOST_ROWS 100

/* What a cell shows; of two things the later one wins. */
typedef enum Ink { INK_BLANK, INK_LEVEL, INK_CHANGE, INK_RANGE, INK_POINT } Ink;
static const char *const glyphs[] = { " ", "─", "┊", "│", "•" };

typedef struct Plot {
        const PlotPlan *plan;
        const double *values;
        size_t n, columns, rows;
        double low, high;
        uint8_t cells[MOST_ROWS][MOST_COLUMNS];
        char marks[MOST_COLUMNS];
} Plot;

char plot_mark(size_t index)
{
        static const char names[] = "123456789abcdefghijklmnopqrstuvwxyz";

        return index < sizeof(names) - 1 ? names[index] : '+';
}

static size_t column_of(const Plot *p, size_t at)
{
        return p->n > 1 ? at * (p->columns - 1) / (p->n - 1) : 0;
}

/* Row 0 is the top. */
static size_t row_of(const Plot *p, double value)
{
        double share = (value - p->low) / (p->high - p->low);
        double row = (1 - MIN(MAX(share, 0.0), 1.0)) * (double)(p->rows - 1);

        return (size_t)lround(row);
}

static void put(Plot *p, size_t row, size_t column, Ink ink)
{
        p->cells[row][column] = MAX(p->cells[row][column], (uint8_t)ink);
}

/* false: there is no value at all. */
static bool find_range(Plot *p)
{
        double pad;

        p->low = (double)INFINITY;
        p->high = -(double)INFINITY;
        for (size_t i = 0; i < p->n; i++)
                if (isfinite(p->values[i])) {
                        p->low = MIN(p->low, p->values[i]);
                        p->high = MAX(p->high, p->values[i]);
                }
        if (!(p->low <= p->high))
                return false;
        pad = p->high > p->low ? 0 : MAX(fabs(p->high) * 0.01, 1e-9);
        p->low -= pad;
        p->high += pad;
        return true;
}

static void draw_levels(Plot *p)
{
        for (size_t i = 0; i < p->plan->n_levels; i++) {
                const PlotLevel *level = &p->plan->levels[i];
                size_t from = column_of(p, level->from);
                size_t to = column_of(p, MAX(level->to, level->from + 1) - 1);

                for (size_t c = from; c <= to && isfinite(level->value); c++)
                        put(p, row_of(p, level->value), c, INK_LEVEL);
                if (i == 0)
                        continue;
                p->marks[from] = plot_mark(i - 1);
                for (size_t row = 0; row < p->rows; row++)
                        put(p, row, from, INK_CHANGE);
        }
}

/* The values of one column: their range as a line, their median as a point. */
static void draw_column(Plot *p, size_t column, double *values, size_t n)
{
        if (n == 0)
                return;
        sort_doubles(values, n);
        for (size_t row = row_of(p, values[n - 1]); row <= row_of(p, values[0]); row++)
                put(p, row, column, n > 1 ? INK_RANGE : INK_POINT);
        put(p, row_of(p, median_sorted(values, n)), column, INK_POINT);
}

static void draw_points(Plot *p, Arena *arena)
{
        Mark mark = arena_mark(arena);
        double *column = new_try(arena, double, p->n);
        size_t n = 0;

        for (size_t i = 0; column && i < p->n; i++) {
                if (isfinite(p->values[i]))
                        column[n++] = p->values[i];
                if (i + 1 == p->n || column_of(p, i + 1) != column_of(p, i)) {
                        draw_column(p, column_of(p, i), column, n);
                        n = 0;
                }
        }
        arena_reset(arena, mark);
}

static void put_label(const Plot *p, size_t row, Buf *out)
{
        size_t middle = p->rows / 2;
        bool labelled = row == 0 || row == p->rows - 1 || row == middle;
        double value = p->high - (p->high - p->low) * (double)row / (double)(p->rows - 1);
        Buf label = buf_in(out->arena, KiB(1));

        if (labelled)
                unit_format(&label, p->plan->unit, value);
        buf_repeat(out, ' ', LABEL_COLUMNS - MIN(label.len, (size_t)LABEL_COLUMNS));
        buf_add(out, text_first_columns(buf_span(&label), LABEL_COLUMNS));
        buf_text(out, labelled ? " ┤" : " │");
}

static void put_row(const Plot *p, size_t row, Buf *out)
{
        size_t used = p->columns;

        put_label(p, row, out);
        while (used && p->cells[row][used - 1] == INK_BLANK)
                used--;
        for (size_t c = 0; c < used; c++)
                buf_text(out, glyphs[p->cells[row][c]]);
        buf_byte(out, '\n');
}

static void put_axis(const Plot *p, Buf *out)
{
        buf_repeat(out, ' ', LABEL_COLUMNS);
        buf_text(out, " └");
        for (size_t c = 0; c < p->columns; c++) {
                if (p->marks[c])
                        buf_byte(out, p->marks[c]);
                else
                        buf_text(out, "─");
        }
        buf_byte(out, '\n');
}

static void put_ends(const Plot *p, Buf *out)
{
        Span first = text_shorten(out->arena, text_clean(out->arena, p->plan->first, CLEAN_LINE),
                                  p->columns / 2);
        Span last = text_shorten(out->arena, text_clean(out->arena, p->plan->last, CLEAN_LINE),
                                 p->columns / 2);
        size_t used = text_columns(first) + text_columns(last);

        if (first.len == 0 && last.len == 0)
                return;
        buf_repeat(out, ' ', LABEL_COLUMNS + 2);
        buf_add(out, first);
        if (last.len && p->n > 1) {
                buf_repeat(out, ' ', p->columns > used ? p->columns - used : 1);
                buf_add(out, last);
        }
        buf_byte(out, '\n');
}

void plot_text(const double *values, size_t n, const PlotPlan *plan, Buf *out)
{
        int width = plan->width > 0 ? plan->width : USUAL_WIDTH;
        int height = plan->height > 0 ? plan->height : USUAL_HEIGHT;
        Plot *p = new (out->arena, Plot, 1);

        *p = (Plot){ .plan = plan, .values = values, .n = n };
        p->columns = (size_t)MIN(MAX(width - LABEL_COLUMNS - 2, 20), MOST_COLUMNS);
        p->rows = (size_t)MIN(MAX(height, 3), MOST_ROWS);
        if (n == 0 || !find_range(p))
                return;
        draw_levels(p);
        draw_points(p, out->arena);
        for (size_t row = 0; row < p->rows; row++)
                put_row(p, row, out);
        put_axis(p, out);
        put_ends(p, out);
}
