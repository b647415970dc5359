#include "present/view_history.h"

#include "base/os.h"
#include "present/chart.h"
#include "present/plot.h"
#include "present/view_int.h"

#include <inttypes.h>
#include <math.h>

#define REVISION_COLUMNS 10
#define MACHINE_COLUMNS 12
#define LONGEST_SHOWN 40 /* changes in the table; the newest */

static Span day_words(uint64_t wall_ns, Arena *arena)
{
        char text[WALL_TEXT_SIZE];

        os_wall_text(wall_ns, text);
        return text_printf(arena, "%.10s", text);
}

/* A commit as people cite it, or the run. */
static Span point_words(const HistoryPoint *point, Arena *arena)
{
        if (point->revision.len)
                return span_first(point->revision, REVISION_COLUMNS);
        return text_printf(arena, "run %" PRIu64, point->run_id);
}

Span history_words(const History *history, Arena *arena)
{
        if (history->name.subject.len == 0)
                return history->name.name;
        return text_printf(arena, "%.*s of %.*s", SPAN_ARG(history->name.name),
                           SPAN_ARG(history->name.subject));
}

static Span change_words(const HistoryChange *change, Arena *arena)
{
        const char *quality = change_quality_name(change->quality);

        if (change->state == STATE_OPEN)
                return span_of(quality);
        return text_printf(arena, "%s, %s", quality, change_state_name(change->state));
}

Span history_verdict_words(const History *history, Arena *arena)
{
        const HistoryChange *newest = history_newest(history);

        if (history_too_short(history))
                return SPAN("too few points");
        return newest ? change_words(newest, arena) : SPAN("no change");
}

/* --- what it is --- */

static void put_left_out(Doc *doc, const uint64_t *left_out, const char *what)
{
        bool any = false;

        for (LeftOut i = 0; i < LEFT_OUT_COUNT_; i++) {
                if (left_out[i] == 0)
                        continue;
                if (!any)
                        doc_label(doc, "Left out");
                any = true;
                doc_item(doc, NULL, "%" PRIu64 " %s%s %s", left_out[i], what,
                         left_out[i] == 1 ? "" : "s", left_out_words(i));
        }
}

static void put_other_machine(Doc *doc, const History *h)
{
        Span id = span_first(h->other_machine, MACHINE_COLUMNS);

        if (id.len)
                doc_paragraph(doc, NULL, "The other machine with most runs: --machine %.*s",
                              SPAN_ARG(id));
}

static void put_head(Doc *doc, const History *h)
{
        Arena *arena = doc->arena;
        Span way = span_of(direction_name(h->name.direction));

        if (h->name.direction == DIRECTION_NEITHER)
                way = SPAN("neither direction is better");
        doc_field(doc, NULL, "Metric",
                  cell_text(text_printf(arena, "%.*s (%.*s)", SPAN_ARG(history_words(h, arena)),
                                        SPAN_ARG(way))));
        doc_field(doc, NULL, "Measured",
                  cell_text(text_printf(arena, "%.*s%s%.*s", SPAN_ARG(h->instrument),
                                        h->target.len ? ", " : "", SPAN_ARG(h->target))));
        if (h->machine_id.len)
                doc_field(doc, NULL, "Machine",
                          cell_text(span_first(h->machine_id, MACHINE_COLUMNS)));
        doc_field(doc, NULL, "Points",
                  cell_text(text_printf(arena, "%zu, in the order of %s; %" PRIu64 " runs", h->len,
                                        h->by_commit ? "commits" : "time", h->runs)));
        doc_field(doc, NULL, "Verdict", cell_text(history_verdict_words(h, arena)));
        put_left_out(doc, h->left_out, "run");
        put_other_machine(doc, h);
}

/* --- the picture --- */

/* Segments between changes with their medians. */
static size_t levels_of(const History *h, Arena *arena, PlotLevel **ret)
{
        PlotLevel *levels = new (arena, PlotLevel, h->n_changes + 1);

        for (size_t i = 0; i <= h->n_changes; i++) {
                levels[i].from = i ? h->changes[i - 1].point.at : 0;
                levels[i].to = i < h->n_changes ? h->changes[i].point.at : h->len;
                levels[i].value = i              ? h->changes[i - 1].point.after
                                  : h->n_changes ? h->changes[0].point.before
                                                 : (double)NAN;
        }
        *ret = levels;
        return h->n_changes + 1;
}

static void put_svg(const History *h, const double *values, const PlotLevel *levels, size_t n,
                    Arena *arena, Buf *out)
{
        ChartLevel *marks = new (arena, ChartLevel, n);
        ChartPlan plan = { .title = span_text(arena, history_words(h, arena)),
                           .x_label = h->by_commit ? "commits, oldest first" : "time, oldest first",
                           .unit = h->name.unit,
                           .width = 860,
                           .height = 320,
                           .y_min = (double)INFINITY };

        for (size_t i = 0; i < h->len; i++)
                plan.y_min = MIN(plan.y_min, values[i]);
        for (size_t i = 0; i < n; i++) {
                marks[i] = (ChartLevel){ levels[i].from, levels[i].to, levels[i].value, { 0 } };
                if (i)
                        marks[i].mark = text_printf(arena, "%c", plot_mark(i - 1));
        }
        chart_levels(values, h->len, marks, n, &plan, out);
}

static void put_picture(Doc *doc, const History *h)
{
        Arena *arena = doc->arena;
        double *values = new_try(arena, double, h->len);
        Buf svg = buf_in(arena, MiB(4)), text = buf_in(arena, MiB(1));
        PlotPlan plan = { .unit = h->name.unit };
        PlotLevel *levels;
        size_t n;

        if (h->len == 0 || !values)
                return;
        for (size_t i = 0; i < h->len; i++)
                values[i] = h->points[i].value;
        n = levels_of(h, arena, &levels);
        plan.levels = levels;
        plan.n_levels = n;
        plan.first = point_words(&h->points[0], arena);
        plan.last = point_words(&h->points[h->len - 1], arena);
        plot_text(values, h->len, &plan, &text);
        put_svg(h, values, levels, n, arena, &svg);
        doc_figure(doc, "Values", buf_span(&svg), buf_span(&text));
}

/* --- the changes --- */

static const Column change_columns[] = {
        { "mark", "#" },
        { "commit", "Commit" },
        { "when", "Measured" },
        { "before", "Before", ALIGN_RIGHT },
        { "after", "After", ALIGN_RIGHT },
        { "change", "Change", ALIGN_RIGHT },
        { "interval", "Interval", ALIGN_RIGHT },
        { "verdict", "Verdict", .wrap = true },
        { "p", "p", ALIGN_RIGHT, .wide_only = true },
};

static void put_changes(Doc *doc, const History *h)
{
        size_t from = h->n_changes > LONGEST_SHOWN ? h->n_changes - LONGEST_SHOWN : 0;
        DocTable *table;

        if (from)
                doc_paragraph(doc, NULL, "The newest %d of %zu changes:", LONGEST_SHOWN,
                              h->n_changes);
        if (h->n_changes == 0)
                return;
        table = doc_table(doc, NULL, change_columns, COUNT(change_columns));
        for (size_t i = from; i < h->n_changes; i++) {
                const HistoryChange *change = &h->changes[i];
                const HistoryPoint *at = &h->points[change->point.at];

                doc_row(table, cell_text(text_printf(doc->arena, "%c", plot_mark(i))),
                        cell_text(point_words(at, doc->arena)),
                        cell_text(day_words(at->wall_ns, doc->arena)),
                        cell_unit(h->name.unit, change->point.before),
                        cell_unit(h->name.unit, change->point.after),
                        cell_change(change->point.change), cell_interval(change->point.interval),
                        cell_text(change_words(change, doc->arena)),
                        cell_unit(UNIT_NONE, change->point.p));
        }
}

static void put_commits(Doc *doc, const Blame *blame)
{
        static const Column columns[] = { { "commit", "Commit" },
                                          { "date", "Date" },
                                          { "author", "Author", .wrap = true },
                                          { "subject", "Subject", .wrap = true } };
        DocTable *table = doc_table(doc, NULL, columns, COUNT(columns));

        for (size_t i = 0; i < blame->len; i++) {
                const Commit *c = &blame->commits[i];

                doc_row(table, cell_text(span_first(c->hash, REVISION_COLUMNS)),
                        cell_text(span_first(c->date, 10)), cell_text(c->author),
                        cell_text(c->subject));
        }
        if (blame->total > blame->len)
                doc_paragraph(doc, NULL, "... and %" PRIu64 " older commits",
                              blame->total - blame->len);
}

static void put_blame(Doc *doc, const History *h, const HistoryChange *change)
{
        const Blame *blame = change->blame;
        Span good = point_words(&h->points[change->good], doc->arena);
        Span bad = point_words(&h->points[change->bad], doc->arena);

        if (blame->reason.len) {
                doc_paragraph(doc, NULL, "after %.*s, at or before %.*s; no commits: %.*s",
                              SPAN_ARG(good), SPAN_ARG(bad), SPAN_ARG(blame->reason));
                return;
        }
        doc_paragraph(doc, NULL, "%" PRIu64 " commit%s after %.*s, up to %.*s%s", blame->total,
                      blame->total == 1 ? "" : "s", SPAN_ARG(good), SPAN_ARG(bad),
                      change->bounded ? "" : " (where it lies could not be bounded)");
        put_commits(doc, blame);
}

static void put_about_change(Doc *doc, const History *h, size_t i)
{
        const HistoryChange *change = &h->changes[i];

        if (change->blame) {
                doc_label(doc, "Change %c", plot_mark(i));
                put_blame(doc, h, change);
        }
        if (change->note.len)
                doc_paragraph(doc, NULL, "Note to %c: %.*s", plot_mark(i), SPAN_ARG(change->note));
        if (change->exception)
                doc_paragraph(doc, NULL, "%c is %s by %.*s: %.*s", plot_mark(i),
                              change_state_name(change->state), SPAN_ARG(change->exception->owner),
                              SPAN_ARG(change->exception->reason));
}

void view_history(Doc *doc, const History *history)
{
        put_head(doc, history);
        if (history_too_short(history))
                doc_paragraph(doc, NULL,
                              "Too few points: a change needs at least %zu on each side.",
                              history->plan.min_segment);
        put_picture(doc, history);
        put_changes(doc, history);
        for (size_t i = 0; i < history->n_changes; i++)
                put_about_change(doc, history, i);
        for (size_t i = 0; i < history->n_remarks; i++)
                doc_paragraph(doc, NULL, "%.*s", SPAN_ARG(history->remarks[i]));
}

static void put_table(Doc *doc, const History *items, size_t n)
{
        static const Column columns[] = {
                { "metric", "Metric", .wrap = true },
                { "target", "Of", .wide_only = true },
                { "points", "Points", ALIGN_RIGHT },
                { "changes", "Changes", ALIGN_RIGHT },
                { "newest", "Newest" },
                { "change", "Change", ALIGN_RIGHT },
                { "verdict", "Verdict", .wrap = true },
        };
        DocTable *table = doc_table(doc, NULL, columns, COUNT(columns));

        for (size_t i = 0; i < n; i++) {
                const History *h = &items[i];
                const HistoryChange *newest = history_newest(h);

                doc_row(table, cell_text(history_words(h, doc->arena)), cell_text(h->target),
                        cell_count(h->len), cell_count(h->n_changes),
                        newest ? cell_text(point_words(&h->points[newest->point.at], doc->arena))
                               : cell_missing(),
                        newest ? cell_change(newest->point.change) : cell_missing(),
                        cell_text(history_verdict_words(h, doc->arena)));
        }
}

static void put_blames(Doc *doc, const History *items, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const HistoryChange *newest = history_newest(&items[i]);
                Span words = history_words(&items[i], doc->arena);

                if (!newest || !newest->blame)
                        continue;
                doc_label(doc, "%.*s", SPAN_ARG(words));
                put_blame(doc, &items[i], newest);
        }
}

void view_histories(Doc *doc, const History *items, size_t n, size_t n_short,
                    const uint64_t *left_out)
{
        if (n)
                put_table(doc, items, n);
        else
                doc_paragraph(doc, NULL, "Nothing has enough points for a change to be seen.");
        put_blames(doc, items, n);
        if (n_short && n)
                doc_paragraph(doc, NULL, "%zu more ha%s too few points for a change to be seen.",
                              n_short, n_short == 1 ? "s" : "ve");
        put_left_out(doc, left_out, "value");
}
