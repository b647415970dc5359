/* Cells of tables and fields: what they mean and how people read them. */

#include "present/doc_int.h"

#include <math.h>

#define GROUP_FROM 10000 /* "30,000", but run number 1234 */

Cell cell_missing(void)
{
        return (Cell){ .kind = CELL_MISSING };
}

Cell cell_text(Span text)
{
        return (Cell){ .kind = text.len ? CELL_TEXT : CELL_MISSING, .text = text };
}

Cell cell_string(const char *text)
{
        return cell_text(span_of(text));
}

Cell cell_unit(Unit unit, double value)
{
        return (Cell){ .kind = isnan(value) ? CELL_MISSING : CELL_UNIT,
                       .unit = unit,
                       .number = value };
}

Cell cell_unit_as(Unit unit, double value, Span words)
{
        Cell cell = cell_unit(unit, value);

        cell.text = words;
        return cell;
}

Cell cell_duration(uint64_t ns)
{
        return ns ? cell_unit(UNIT_NS, (double)ns) : cell_missing();
}

Cell cell_count(uint64_t n)
{
        return (Cell){ .kind = CELL_COUNT, .unit = UNIT_COUNT, .number = (double)n };
}

Cell cell_change(double ratio_change)
{
        return (Cell){ .kind = isnan(ratio_change) ? CELL_MISSING : CELL_CHANGE,
                       .unit = UNIT_RATIO,
                       .number = ratio_change };
}

Cell cell_interval(Interval interval)
{
        bool known = !isnan(interval.low) && !isnan(interval.high);

        return (Cell){ .kind = known ? CELL_INTERVAL : CELL_MISSING,
                       .unit = UNIT_RATIO,
                       .number = interval.low,
                       .high = interval.high };
}

Cell cell_range(Unit unit, double low, double high)
{
        bool known = !isnan(low) && !isnan(high);

        return (Cell){
                .kind = known ? CELL_RANGE : CELL_MISSING, .unit = unit, .number = low, .high = high
        };
}

Cell cell_verdict(const char *name)
{
        return (Cell){ .kind = name ? CELL_VERDICT : CELL_MISSING, .text = span_of(name) };
}

bool cell_is_number(const Cell *cell)
{
        return cell->kind != CELL_TEXT && cell->kind != CELL_VERDICT;
}

static void put_count(Buf *out, double n)
{
        char digits[32];
        int len;

        if (n >= 1e18) {
                unit_format(out, UNIT_NONE, n);
                return;
        }
        len = snprintf(digits, sizeof(digits), "%.0f", n);
        for (int i = 0; i < len; i++) {
                if (i && (len - i) % 3 == 0 && n >= GROUP_FROM)
                        buf_byte(out, ',');
                buf_byte(out, digits[i]);
        }
}

static void put_missing(Buf *out, const Cell *cell UNUSED)
{
        buf_byte(out, '-');
}

static void put_words(Buf *out, const Cell *cell)
{
        buf_add(out, cell->text);
}

static void put_unit(Buf *out, const Cell *cell)
{
        unit_format(out, cell->unit, cell->number);
}

static void put_whole(Buf *out, const Cell *cell)
{
        put_count(out, cell->number);
}

static void put_change(Buf *out, const Cell *cell)
{
        percent_format(out, cell->number);
}

static void put_interval(Buf *out, const Cell *cell)
{
        buf_byte(out, '[');
        percent_format(out, cell->number);
        buf_text(out, ", ");
        percent_format(out, cell->high);
        buf_byte(out, ']');
}

static void put_range(Buf *out, const Cell *cell)
{
        buf_byte(out, '[');
        unit_format(out, cell->unit, cell->number);
        buf_text(out, ", ");
        unit_format(out, cell->unit, cell->high);
        buf_byte(out, ']');
}

Span cell_words(const Cell *cell, Arena *scratch)
{
        static void (*const printers[])(Buf *, const Cell *) = {
                [CELL_MISSING] = put_missing, [CELL_TEXT] = put_words,
                [CELL_UNIT] = put_unit,       [CELL_COUNT] = put_whole,
                [CELL_CHANGE] = put_change,   [CELL_INTERVAL] = put_interval,
                [CELL_VERDICT] = put_words,   [CELL_RANGE] = put_range,
        };
        Buf out = buf_in(scratch, MiB(1));

        if (cell->text.len || cell->kind == CELL_TEXT || cell->kind == CELL_VERDICT)
                return cell->text;
        printers[cell->kind](&out, cell);
        return buf_span(&out);
}
