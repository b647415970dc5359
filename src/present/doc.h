#pragma once
/* What a command has to say, once, for every reader: terminal, Markdown, HTML and JSON.
 *
 *         Doc *doc = doc_new(arena, "compare");
 *         doc_heading(doc, 2, "Latency");
 *         static const Column columns[] = { { "metric", "Metric" },
 *                                           { "before", "Before", ALIGN_RIGHT }, ... };
 *         DocTable *t = doc_table(doc, "latency", columns, COUNT(columns));
 *         doc_row(t, cell_text(SPAN("p99")), cell_unit(UNIT_NS, 1.2e6), ...);
 *         doc_print(doc, DOC_TEXT, &(DocStyle){ .width = 80 }, &buf);
 *
 * Blocks print in order. A block with a key appears in JSON under that key, with raw numbers in
 * base units beside their unit; a block without one is for people only. JSON is one object:
 * {"kind": ..., key: value, ...}; a repeated key is a bug, except that bullets of one key form one
 * array. doc_open() and doc_close() put what is between them into an object of its own, so that
 * one view can appear twice. Text that came from outside is escaped by the renderer of each
 * format, never by the caller; words between two single backticks are code in every format.
 *
 * Ownership: everything given is copied into the arena. Appending never fails at the call: past a
 * ceiling the Doc remembers it and doc_print() fails with ERR_LIMIT.
 */

#include "base/json.h"
#include "base/units.h"
#include "base/vec.h"
#include "stats/quantile.h"

typedef struct Doc Doc;
typedef struct DocTable DocTable;

typedef enum Align { ALIGN_LEFT, ALIGN_RIGHT } Align;

typedef struct Column {
        const char *key, *title; /* key NULL: people only; title NULL: JSON only */
        Align align;
        bool wrap;      /* may be broken over lines to fit the width */
        bool wide_only; /* left out below 100 columns of text; always in JSON */
} Column;

typedef enum CellKind {
        CELL_MISSING, /* prints "-", null in JSON */
        CELL_TEXT,
        CELL_UNIT,     /* number in a unit */
        CELL_COUNT,    /* whole number, no unit */
        CELL_CHANGE,   /* relative change, "-73 %" */
        CELL_INTERVAL, /* "[-5.1 %, -2.0 %]" of a change */
        CELL_VERDICT,  /* PASS, FASTER ...; coloured on a terminal */
        CELL_RANGE,    /* "[1.20 ms, 1.31 ms]", in a unit */
} CellKind;

typedef struct Cell {
        CellKind kind;
        Unit unit;
        double number, high;
        Span text;
} Cell;

Cell cell_missing(void);
Cell cell_text(Span text);
Cell cell_string(const char *text);
Cell cell_unit(Unit unit, double value); /* NaN becomes missing */
/* A number that people read in other words: "850 req/s". NaN: missing, shown as `words`. */
Cell cell_unit_as(Unit unit, double value, Span words);
Cell cell_duration(uint64_t ns); /* 0: missing */
Cell cell_count(uint64_t n);
Cell cell_change(double ratio_change);
Cell cell_interval(Interval interval);
Cell cell_range(Unit unit, double low, double high); /* missing unless both are numbers */
Cell cell_verdict(const char *name);

Doc *doc_new(Arena *arena, const char *kind);
void doc_heading(Doc *doc, int level, const char *format, ...) PRINTF(3, 4);
/* A paragraph; Markdown emphasis is not interpreted. key NULL: people only. */
void doc_paragraph(Doc *doc, const char *key, const char *format, ...) PRINTF(3, 4);
/* "Label: value" lines; neighbours are aligned. key NULL: people only. */
void doc_field(Doc *doc, const char *key, const char *label, Cell value);
void doc_item(Doc *doc, const char *key, const char *format, ...)
        PRINTF(3, 4); /* bullet; JSON array */
void doc_numbered(Doc *doc, const char *key, const char *format, ...) PRINTF(3, 4);
void doc_check(Doc *doc, const char *key, bool done, const char *format, ...)
        PRINTF(4, 5); /* "- [x]" */
/* A bullet below the item, number or box before it. */
void doc_subitem(Doc *doc, const char *key, const char *format, ...) PRINTF(3, 4);
/* A number of the caller's choice, for lists that go on across headings. */
void doc_numbered_at(Doc *doc, const char *key, size_t number, const char *format, ...)
        PRINTF(4, 5);
/* A bold line that introduces what follows. A colon is added after it when it has none, outside
 * of the bold words: both "**Methodology:**" and "**Iteration Log**:" are founding formats. */
void doc_label(Doc *doc, const char *format, ...) PRINTF(2, 3);
void doc_strong(Doc *doc); /* the block added last is bold */
/* A nested JSON object under `key`; NULL: what is inside is for people only. Nothing is shown. */
void doc_open(Doc *doc, const char *key);
void doc_close(Doc *doc);
void doc_code(Doc *doc, const char *key, const char *language, Span text);
/* A picture: SVG for HTML, `text` for terminal and Markdown. Neither is escaped: both are ours. */
void doc_figure(Doc *doc, const char *title, Span svg, Span text);
DocTable *doc_table(Doc *doc, const char *key, const Column *columns, size_t n_columns);
void doc_row_cells(DocTable *table, const Cell *cells, size_t n);
#define doc_row(table, ...)                                   \
        doc_row_cells((table), (const Cell[]){ __VA_ARGS__ }, \
                      sizeof((const Cell[]){ __VA_ARGS__ }) / sizeof(Cell))
/* JSON only: a raw value that is already JSON. */
void doc_json(Doc *doc, const char *key, Span json);

typedef enum DocFormat { DOC_TEXT, DOC_MARKDOWN, DOC_HTML, DOC_JSON } DocFormat;
typedef struct DocStyle {
        int width;         /* DOC_TEXT: columns; 0: 80 */
        bool color;        /* DOC_TEXT */
        const char *title; /* DOC_HTML */
} DocStyle;
int doc_print(const Doc *doc, DocFormat format, const DocStyle *style, Buf *out, Error *err);
