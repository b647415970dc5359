#include "analysis/profile_diff.h"
#include "present/flame_sides.h"
#include "present/view_int.h"

#include <math.h>

#define MOST_CHANGED 40
#define EXPLAINED 0.8 /* a callee with this part of a path's change stands for it */
#define GRAPH_WIDTH 760
#define MOST_CHAIN 128
#define TRUNK 0.9 /* of all samples, on both sides */

static Cell points_cell(const ProfileDiff *d, double change)
{
        Buf words = buf_in(d->arena, KiB(1));

        if (!isfinite(change))
                return cell_missing();
        buf_printf(&words, "%s%.2f pt", change > 0 ? "+" : "", change * 100);
        return cell_unit_as(UNIT_RATIO, change, buf_span(&words));
}

static bool is_changed(const DiffRow *row)
{
        return row->class != DIFF_IS_SAME && row->class != DIFF_IS_UNKNOWN;
}

static double share_of(const ProfileDiff *d, uint32_t path)
{
        uint32_t row = d->paths.items[path].row;

        return row == DIFF_NONE ? 0 : fmin(d->rows.items[row].a, d->rows.items[row].b);
}

/* From the root, `path` last; at most the last MOST_CHAIN. */
static size_t chain_of(const ProfileDiff *d, uint32_t path, uint32_t chain[MOST_CHAIN])
{
        size_t n = 0;

        for (uint32_t at = path; at && n < MOST_CHAIN; at = d->paths.items[at].parent)
                chain[n++] = at;
        for (size_t i = 0; i < n / 2; i++) {
                uint32_t other = chain[n - 1 - i];

                chain[n - 1 - i] = chain[i];
                chain[i] = other;
        }
        return n;
}

/* "… > handle > query": what nearly every sample goes through is left out. */
static Span path_words(const ProfileDiff *d, uint32_t path, Arena *arena)
{
        Buf out = buf_in(arena, KiB(256));
        uint32_t chain[MOST_CHAIN];
        size_t n = chain_of(d, path, chain), first = 0;

        while (first + 2 < n && share_of(d, chain[first]) > TRUNK)
                first++;
        if (first || (n && d->paths.items[chain[0]].parent))
                buf_text(&out, "… > ");
        for (size_t i = first; i < n; i++) {
                const DiffPath *p = &d->paths.items[chain[i]];

                buf_add(&out, d->functions.items[p->function].symbol);
                buf_text(&out, i + 1 < n ? " > " : "");
        }
        return path ? buf_span(&out) : SPAN("all");
}

static Span row_words(const ProfileDiff *d, const DiffRow *row, Arena *arena)
{
        if (row->measure == DIFF_PATH)
                return path_words(d, row->path, arena);
        return d->functions.items[row->function].symbol;
}

static Span row_module(const ProfileDiff *d, const DiffRow *row)
{
        return row->function == DIFF_NONE ? SPAN("") : d->functions.items[row->function].module;
}

static Cell mde_cell(double mde)
{
        return isfinite(mde) ? cell_unit(UNIT_RATIO, mde) : cell_missing();
}

static void put_row(Doc *doc, DocTable *t, const ProfileDiff *d, const DiffRow *row)
{
        doc_row(t, cell_text(row_words(d, row, doc->arena)), cell_text(row_module(d, row)),
                cell_unit(UNIT_RATIO, row->a),
                cell_range(UNIT_RATIO, row->a_interval.low, row->a_interval.high),
                cell_unit(UNIT_RATIO, row->b),
                cell_range(UNIT_RATIO, row->b_interval.low, row->b_interval.high),
                points_cell(d, row->change),
                cell_range(UNIT_RATIO, row->interval.low, row->interval.high),
                cell_verdict(diff_class_name(row->class)),
                cell_string(diff_class_answer(row->class)), mde_cell(row->mde),
                cell_unit(UNIT_NONE, row->p), cell_unit(d->absolute, row->absolute_a),
                cell_unit(d->absolute, row->absolute_b));
}

/* Rows of paths whose change a longer path has nearly all of say nothing more. */
static bool *explained_rows(const ProfileDiff *d, Arena *arena)
{
        bool *explained = new (arena, bool, d->rows.len);

        vec_each (const DiffRow, row, &d->rows) {
                uint32_t above = DIFF_NONE;

                if (row->measure != DIFF_PATH || !is_changed(row) || !row->path)
                        continue;
                above = d->paths.items[d->paths.items[row->path].parent].row;
                if (above != DIFF_NONE && row->change / d->rows.items[above].change >= EXPLAINED)
                        explained[above] = true;
        }
        return explained;
}

/* Whole chains, in the order of the table of paths: JSON only. */
static void put_chains(Doc *doc, const ProfileDiff *d, const uint32_t *shown, size_t n)
{
        Buf out = buf_in(doc->arena, MiB(16));
        JsonWriter json = json_to(&out, false);

        json_open_array(&json);
        for (size_t i = 0; i < n; i++) {
                uint32_t chain[MOST_CHAIN];
                size_t len = chain_of(d, shown[i], chain);

                json_open_array(&json);
                for (size_t k = 0; k < len; k++)
                        json_span(&json,
                                  d->functions.items[d->paths.items[chain[k]].function].symbol);
                json_close_array(&json);
        }
        json_close_array(&json);
        doc_json(doc, "path_chains", buf_span(&out));
}

typedef struct Chosen {
        const char *key, *label, *first; /* JSON key, heading, title of the first column */
        DiffMeasure measure;
        size_t others; /* rows without a change, when fewer than that many changed */
} Chosen;

/* Changed rows, and so many of the others that the table is not bare. Returns how many are not
 * shown. */
static size_t put_table(Doc *doc, const ProfileDiff *d, const Chosen *chosen)
{
        const Column columns[] = {
                { "name", chosen->first, .wrap = true },
                { "module", "Module", .wide_only = true },
                { "before", "Before", ALIGN_RIGHT },
                { "before_interval", "Interval before", ALIGN_RIGHT, .wide_only = true },
                { "after", "After", ALIGN_RIGHT },
                { "after_interval", "Interval after", ALIGN_RIGHT, .wide_only = true },
                { "change", "Change", ALIGN_RIGHT },
                { "interval", "Interval", ALIGN_RIGHT },
                { "class", "Class" },
                { "answer", "Answer", .wide_only = true },
                { "smallest_detectable", "MDE", ALIGN_RIGHT, .wide_only = true },
                { "p", "p (all rows)", ALIGN_RIGHT, .wide_only = true },
                { "absolute_before", "Cost before", ALIGN_RIGHT, .wide_only = true },
                { "absolute_after", "Cost after", ALIGN_RIGHT, .wide_only = true },
        };
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        const bool *explained = explained_rows(d, scratch);
        uint32_t shown[MOST_CHANGED];
        size_t changed = 0, others = 0, hidden = 0;
        DocTable *t;

        doc_label(doc, "%s", chosen->label);
        t = doc_table(doc, chosen->key, columns, COUNT(columns));
        for (size_t i = 0; i < d->rows.len; i++) {
                const DiffRow *row = &d->rows.items[i];
                bool large = fmax(row->a, row->b) >= d->plan.min_share;

                if (row->measure != chosen->measure || explained[i] || !(large || is_changed(row)))
                        continue;
                if (!is_changed(row) && changed + others < chosen->others)
                        others++;
                else if (is_changed(row) && changed < MOST_CHANGED)
                        shown[changed++] = row->path;
                else {
                        hidden += chosen->measure != DIFF_PATH || is_changed(row);
                        continue;
                }
                put_row(doc, t, d, row);
        }
        if (chosen->measure == DIFF_PATH)
                put_chains(doc, d, shown, changed);
        return hidden;
}

static void put_tables(Doc *doc, const ProfileDiff *d)
{
        static const Chosen tables[] = {
                { "functions", "Functions, by their own time", "Function", DIFF_SELF, 8 },
                { "functions_total", "Functions, with all they call", "Function", DIFF_TOTAL, 8 },
                { "paths", "Paths that changed (the longest with the same change)", "Path",
                  DIFF_PATH, 0 },
        };
        size_t hidden = 0;

        for (size_t i = 0; i < COUNT(tables); i++)
                hidden += put_table(doc, d, &tables[i]);
        if (hidden)
                doc_paragraph(doc, NULL,
                              "%zu more rows above %.2g %% are not shown; of what changed a table "
                              "shows the %d largest.",
                              hidden, d->plan.min_share * 100, MOST_CHANGED);
}

static Span side_name(const DiffNames *names, bool after)
{
        Span name = after ? names->b : names->a;

        return name.len ? name : after ? SPAN("after") : SPAN("before");
}

static void put_sides(Doc *doc, const ProfileDiff *d, const DiffNames *names)
{
        static const Column columns[] = {
                { "side", "Side" },
                { "name", "Runs of", .wrap = true },
                { "profiles", "Profiles", ALIGN_RIGHT },
                { "samples", "Samples", ALIGN_RIGHT },
                { "truncated", "Truncated", ALIGN_RIGHT },
                { "lost", "Lost", ALIGN_RIGHT },
                { "dropped", "Dropped", ALIGN_RIGHT, .wide_only = true },
                { "window", "Window", ALIGN_RIGHT },
                { "cost", "Cost", ALIGN_RIGHT },
        };
        DocTable *t = doc_table(doc, "sides", columns, COUNT(columns));

        for (int after = 0; after < 2; after++) {
                const DiffCoverage *c = after ? &d->b : &d->a;

                doc_row(t, cell_string(after ? "after" : "before"),
                        cell_text(side_name(names, after)), cell_count(c->runs),
                        cell_count(c->samples), cell_count(c->truncated), cell_count(c->lost),
                        cell_count(c->dropped), cell_duration(c->window_ns),
                        cell_unit(d->absolute, c->total));
        }
}

static const char *basis_words(DiffBasis basis)
{
        static const char *const words[] = {
                [DIFF_SHARE] = "share of each profile's own total",
                [DIFF_TIME] = "cost per second, as a share of all it was before",
                [DIFF_REQUEST] = "cost per request, as a share of all it was before",
        };

        return words[basis];
}

static void put_counts(Doc *doc, const ProfileDiff *d)
{
        Buf words = buf_in(doc->arena, KiB(1));

        doc_open(doc, "rows");
        for (DiffClass c = 0; c < DIFF_CLASS_COUNT_; c++) {
                buf_printf(&words, "%s%zu %s", c ? ", " : "", d->counts[c], diff_class_name(c));
                doc_json(doc, diff_class_name(c), text_printf(doc->arena, "%zu", d->counts[c]));
        }
        doc_close(doc);
        doc_field(doc, NULL, "Rows", cell_text(buf_span(&words)));
}

static void put_method(Doc *doc, const ProfileDiff *d)
{
        doc_json(doc, "alpha", text_printf(doc->arena, "%g", d->plan.alpha));
        doc_json(doc, "tolerance", text_printf(doc->arena, "%g", d->plan.tolerance));
        doc_json(doc, "min_share", text_printf(doc->arena, "%g", d->plan.min_share));
        doc_json(doc, "runs_are_samples", d->by_runs ? SPAN("true") : SPAN("false"));
        if (d->by_runs)
                doc_paragraph(doc, "method",
                              "Profiles are the samples: max-T permutation test over all %zu rows "
                              "together (%s %zu ways to deal them), Hodges-Lehmann intervals. "
                              "False alarms: at most %.2g %% of such diffs.",
                              d->rows.len, d->exact ? "all" : "", d->ways, d->plan.alpha * 100);
        else
                doc_paragraph(doc, "method",
                              "The samples within the profiles: Fisher's exact test with %.1f "
                              "samples counted as one and %.1f %% of wandering from run to run; "
                              "Holm over %zu rows.",
                              d->a.clumps, d->wander * 100, d->rows.len);
        if (d->left_out)
                doc_paragraph(doc, "left_out",
                              "%zu small rows past the ceiling of %d were not compared.",
                              d->left_out, DIFF_MOST_ROWS);
        if (d->caveat.len)
                doc_paragraph(doc, "caveat", "Caveat: %.*s", SPAN_ARG(d->caveat));
}

void view_profile_diff(Doc *doc, const ProfileDiff *d, const DiffNames *names)
{
        doc_heading(doc, 2, "Profile diff");
        doc_open(doc, "profile_diff");
        doc_field(doc, "verdict", "Verdict", cell_verdict(gate_verdict_name(d->verdict)));
        doc_field(doc, NULL, "Judged by",
                  cell_text(text_printf(doc->arena, "growth beyond %.2g points",
                                        d->plan.tolerance * 100)));
        doc_field(doc, "basis", "Compared", cell_string(basis_words(d->plan.basis)));
        put_counts(doc, d);
        put_sides(doc, d, names);
        put_tables(doc, d);
        put_method(doc, d);
        doc_close(doc);
}

static int put_graph(const ProfileDiff *d, const DiffSide *side, FlameSide which, Span name,
                     Buf *svg, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(2));
        const char *title = arena_printf(scratch, "%s: %.*s",
                                         which == FLAME_AFTER ? "After" : "Before", SPAN_ARG(name));
        Profile *merged;
        int r = profile_diff_merge(side, scratch, &merged, err);

        if (r < 0)
                return r;
        return flame_sides_svg(
                merged, d, &(FlameSidePlan){ .title = title, .side = which, .width = GRAPH_WIDTH },
                svg, err);
}

int view_profile_diff_flames(Doc *doc, const ProfileDiff *d, const DiffSide *a, const DiffSide *b,
                             const DiffNames *names, Error *err)
{
        Buf svg = buf_in(doc->arena, MiB(256));
        int r;

        buf_text(&svg, "<div class=\"hone-pair\">\n");
        r = put_graph(d, a, FLAME_BEFORE, side_name(names, false), &svg, err);
        if (r == 0)
                r = put_graph(d, b, FLAME_AFTER, side_name(names, true), &svg, err);
        buf_text(&svg, "</div>\n");
        if (r == 0)
                r = buf_check(&svg, err);
        if (r < 0)
                return r;
        doc_figure(doc, "Flame graphs before and after", buf_span(&svg),
                   SPAN("(drawn in the HTML page)\n"));
        return 0;
}
