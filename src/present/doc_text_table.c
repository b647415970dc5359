/* Tables that fit the terminal. Room is found in this order: slack of titles, columns that may
 * wrap, columns for wide terminals only, then cutting with an ellipsis, numbers last. */

#include "present/doc_int.h"
#include "present/glyph.h"

#define WIDE_FROM 100
#define GAP 2
#define WRAP_FLOOR 10
#define CUT_FLOOR 6

typedef struct Place {
        const Column *column;
        size_t index;
        bool right;
        Span title;
        size_t cells; /* columns of the widest cell */
        size_t title_word, width;
} Place;

typedef struct Layout {
        Render *r;
        const DocTable *table;
        Place *places; /* the visible ones */
        size_t n, width;
        Span *words; /* all cells, cleaned, row by row */
} Layout;

static size_t longest_word(Span text)
{
        size_t longest = 1;
        Span word;

        while (span_next_word(&text, &word))
                longest = MAX(longest, text_columns(word));
        return longest;
}

static bool read_words(Layout *l)
{
        l->words = new_try(l->r->scratch, Span, l->table->cells.len + 1);
        if (!l->words) {
                l->r->out->overflowed = true;
                return false;
        }
        for (size_t i = 0; i < l->table->cells.len; i++) {
                Span words = cell_words(&l->table->cells.items[i], l->r->scratch);

                l->words[i] = span_trim(text_clean(l->r->scratch, words, CLEAN_LINE));
        }
        return true;
}

static Place place_of(const Layout *l, size_t index)
{
        const Column *column = &l->table->columns[index];
        Place p = { .column = column, .index = index, .cells = 1 };

        p.title = text_clean(l->r->scratch, span_of(column->title), CLEAN_LINE);
        p.title_word = longest_word(p.title);
        p.right = column->align == ALIGN_RIGHT;
        for (size_t row = 0; row < table_rows(l->table); row++) {
                Span words = l->words[row * l->table->n_columns + index];

                p.cells = MAX(p.cells, text_columns(words));
        }
        p.cells = MIN(p.cells, 4 * l->width);
        return p;
}

static void place_all(Layout *l)
{
        l->places = new (l->r->scratch, Place, l->table->n_columns);
        column_each (i, l->table)
                if (!l->table->columns[i].wide_only || l->width >= WIDE_FROM)
                        l->places[l->n++] = place_of(l, i);
}

static size_t total_width(const Layout *l)
{
        size_t total = GAP * (l->n - 1);

        for (size_t i = 0; i < l->n; i++)
                total += l->places[i].width;
        return total;
}

/* How far a step may shrink a column; its own width when the step does not touch it. */
static size_t floor_titles(const Place *p)
{
        return MAX(p->cells, p->title_word);
}

static size_t floor_wrap(const Place *p)
{
        return p->column->wrap ? MAX(p->title_word, (size_t)WRAP_FLOOR) : p->width;
}

static size_t floor_cut_text(const Place *p)
{
        return p->right ? p->width : CUT_FLOOR;
}

static size_t floor_cut_all(const Place *p UNUSED)
{
        return 2; /* room for one wide character */
}

/* Takes columns from the widest that may give until the table fits. */
static bool shrink(Layout *l, size_t (*floor_of)(const Place *))
{
        for (size_t total = total_width(l); total > l->width; total--) {
                Place *widest = NULL;

                for (size_t i = 0; i < l->n; i++) {
                        Place *p = &l->places[i];

                        if (p->width > floor_of(p) && (!widest || p->width > widest->width))
                                widest = p;
                }
                if (!widest)
                        return false;
                widest->width--;
        }
        return true;
}

static void widths_reset(Layout *l)
{
        for (size_t i = 0; i < l->n; i++)
                l->places[i].width = MAX(l->places[i].cells, text_columns(l->places[i].title));
}

static bool fits(Layout *l)
{
        widths_reset(l);
        return shrink(l, floor_titles) || shrink(l, floor_wrap);
}

static bool drop_wide_only(Layout *l)
{
        for (size_t i = l->n; i-- > 0;)
                if (l->places[i].column->wide_only) {
                        memmove(&l->places[i], &l->places[i + 1], (l->n - i - 1) * sizeof(Place));
                        l->n--;
                        return true;
                }
        return false;
}

static void fit(Layout *l)
{
        bool fitted = fits(l);

        while (!fitted && drop_wide_only(l))
                fitted = fits(l);
        if (fitted || shrink(l, floor_cut_text))
                return;
        while (!shrink(l, floor_cut_all)) /* more columns than the terminal has: the last go */
                l->n--;
}

static size_t word_at(Span text, size_t at)
{
        Span rest = span_from(text, at), word;

        return span_next_word(&rest, &word) ? text_columns(word) : 0;
}

/* The part of *rest for one line of a wrapping cell. */
static Span take_line(Span *rest, size_t width)
{
        Span line = text_first_columns(*rest, width);
        size_t at = line.len;

        if (line.len == 0 && rest->len)
                line = text_first_columns(*rest, 2); /* a wide character in one column */
        if (line.len < rest->len && rest->ptr[line.len] != ' ') {
                while (at > 0 && line.ptr[at - 1] != ' ')
                        at--;
                /* A word too long for any line is cut where it stands, that leaves fewer lines. */
                if (at > 0 && (at > line.len / 2 || word_at(*rest, at) <= width))
                        line.len = at;
        }
        *rest = span_trim(span_from(*rest, line.len));
        return span_trim(line);
}

static size_t lines_needed(Span text, size_t width)
{
        size_t n = 0;

        do {
                take_line(&text, width);
                n++;
        } while (text.len);
        return n;
}

/* Spaces are kept back until something follows, so that no line ends with one. */
typedef struct Line {
        Render *r;
        size_t blanks;
} Line;

static void line_text(Line *line, Span text, Span color_of)
{
        bool colored;

        if (!text.len)
                return;
        buf_repeat(line->r->out, ' ', line->blanks);
        line->blanks = 0;
        colored = color_open(line->r, color_of);
        buf_add(line->r->out, text);
        color_close(line->r, colored);
}

static void line_cell(Line *line, const Place *p, Span text, Span color_of)
{
        size_t used = text_columns(text), pad = p->width - MIN(used, p->width);

        line->blanks += p->right ? pad : 0;
        line_text(line, text, color_of);
        line->blanks += p->right ? 0 : pad;
        line->blanks += GAP;
}

static void line_end(Line *line)
{
        buf_byte(line->r->out, '\n');
        line->blanks = 0;
}

static void put_header(Layout *l)
{
        Span *rest = new (l->r->scratch, Span, l->n);
        size_t *wait = new (l->r->scratch, size_t, l->n);
        size_t height = 1;
        Line line = { .r = l->r };

        for (size_t i = 0; i < l->n; i++)
                height = MAX(height, lines_needed(l->places[i].title, l->places[i].width));
        for (size_t i = 0; i < l->n; i++) {
                rest[i] = l->places[i].title;
                wait[i] = height - lines_needed(rest[i], l->places[i].width);
        }
        for (size_t at = 0; at < height; at++) {
                for (size_t i = 0; i < l->n; i++) {
                        const Place *p = &l->places[i];
                        Span text = at < wait[i] ? SPAN("") : take_line(&rest[i], p->width);

                        line_cell(&line, p, text_first_columns(text, p->width), SPAN(""));
                }
                line_end(&line);
        }
}

static void put_rule(Layout *l)
{
        for (size_t i = 0; i < l->n; i++) {
                if (i)
                        buf_repeat(l->r->out, ' ', GAP);
                for (size_t at = 0; at < l->places[i].width; at++)
                        buf_text(l->r->out, "─");
        }
        buf_byte(l->r->out, '\n');
}

static Span next_part(Layout *l, const Place *p, Span *rest)
{
        Span part;

        if (!rest->len)
                return SPAN("");
        if (p->column->wrap)
                return take_line(rest, p->width);
        part = text_shorten(l->r->scratch, *rest, p->width);
        *rest = SPAN("");
        return part;
}

static void put_row(Layout *l, size_t row)
{
        Mark mark = arena_mark(l->r->scratch);
        Span *rest = new (l->r->scratch, Span, l->n);
        const Span *words = &l->words[row * l->table->n_columns];
        Line line = { .r = l->r };
        bool more = true;

        for (size_t i = 0; i < l->n; i++)
                rest[i] = words[l->places[i].index];
        while (more) {
                more = false;
                for (size_t i = 0; i < l->n; i++) {
                        const Place *p = &l->places[i];

                        line_cell(&line, p, next_part(l, p, &rest[i]), words[p->index]);
                        more |= rest[i].len > 0;
                }
                line_end(&line);
        }
        arena_reset(l->r->scratch, mark);
}

void render_text_table(Render *r, const DocTable *table, size_t width)
{
        Layout l = { .r = r, .table = table, .width = width };

        if (!read_words(&l))
                return;
        place_all(&l);
        if (l.n == 0)
                return;
        fit(&l);
        put_header(&l);
        put_rule(&l);
        for (size_t row = 0; row < table_rows(table); row++)
                put_row(&l, row);
        if (table_rows(table) == 0)
                buf_text(r->out, "(none)\n");
}
