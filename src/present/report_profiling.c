/* The profiling analysis: hotspots, memory, and what the flame graph's shape says. */

#include "analysis/owner.h"
#include "analysis/pattern.h"
#include "present/report_int.h"

#include <math.h>

#define HOTSPOTS 5
#define LEAST_SHARE 0.03
#define TOP_FUNCTIONS 8
#define UNEXPECTED_LOGGING 0.01

static const Profile *profile_of(Side side)
{
        const Recording *rec = recording_of(side.runs, side.n, "profile");

        return rec && rec->profile && rec->profile->quality.samples ? rec->profile : NULL;
}

static const Finding *finding_about(const ReportInput *in, Span function)
{
        for (size_t i = 0; in->findings && function.len && i < in->findings->len; i++)
                if (span_eq(in->findings->items[i].where, function))
                        return &in->findings->items[i];
        return NULL;
}

static void put_hotspot(Doc *doc, const ReportInput *in, const OwnerCost *owner)
{
        const Finding *finding = finding_about(in, owner->function);

        doc_numbered(doc, "hotspots", "`%.*s%s`: %.*s of total execution time",
                     SPAN_ARG(owner->function), span_contains(owner->function, "(") ? "" : "()",
                     SPAN_ARG(percent_words(doc->arena, owner->share)));
        if (!finding) {
                doc_subitem(doc, NULL, "Acceptable: no rule found an issue with it");
                return;
        }
        doc_subitem(doc, NULL, "Issue: %.*s", SPAN_ARG(finding->title));
        doc_subitem(doc, NULL, "Recommendation: %.*s",
                    SPAN_ARG(finding->advice.len ? finding->advice : SPAN("-")));
}

static void put_hotspots(Doc *doc, const ReportInput *in, const Profile *p)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        OwnerTable owners = owner_costs(p, in->executable, scratch);
        size_t shown = 0;

        doc_label(doc, "Hotspots Identified:");
        for (size_t i = 0; i < owners.len && shown < HOTSPOTS; i++) {
                if (!(owners.items[i].share >= LEAST_SHARE))
                        break;
                put_hotspot(doc, in, &owners.items[i]);
                shown++;
        }
        if (!shown)
                doc_paragraph(doc, NULL, "No function of the target's own stands out.");
}

static void put_peak(Doc *doc, const ReportInput *in, Side side)
{
        double peak = median_value(side.runs, side.n, METRIC_MEMORY, SPAN(""));
        const TargetRow *target = target_of(in, METRIC_MEMORY, SPAN(""));
        Span words = value_words(doc->arena, METRIC_MEMORY, peak);

        if (isnan(peak))
                doc_item(doc, "memory", "Peak usage: not measured");
        else if (target)
                doc_item(doc, "memory", "Peak usage: %.*s (%s %.*s budget)", SPAN_ARG(words),
                         peak <= target->target ? "within" : "above",
                         SPAN_ARG(value_words(doc->arena, METRIC_MEMORY, target->target)));
        else
                doc_item(doc, "memory", "Peak usage: %.*s (no budget set)", SPAN_ARG(words));
}

static void put_growth(Doc *doc, Side side)
{
        const Recording *rec = recording_of(side.runs, side.n, "system");
        const MetricValue *growth =
                rec ? recording_find(rec, METRIC_MEMORY_GROWTH, SPAN("")) : NULL;
        Cell cell, window;
        Span words, range, time;

        if (!growth) {
                doc_item(doc, "memory", "Memory leaks: not measured");
                return;
        }
        cell = cell_range(UNIT_BYTES_PER_S, growth->low, growth->high);
        window = cell_duration(rec->duration_ns);
        range = cell_words(&cell, doc->arena);
        time = cell_words(&window, doc->arena);
        words = value_words(doc->arena, METRIC_MEMORY_GROWTH, growth->value);
        if (growth->low > 0)
                doc_item(doc, "memory", "Memory grew by %.*s %.*s over %.*s: a possible leak",
                         SPAN_ARG(words), SPAN_ARG(range), SPAN_ARG(time));
        else
                doc_item(doc, "memory", "No memory leaks detected in %.*s (growth %.*s)",
                         SPAN_ARG(time), SPAN_ARG(cell.kind == CELL_MISSING ? words : range));
}

static void put_memory(Doc *doc, const ReportInput *in, Side side)
{
        doc_label(doc, "Memory Profile:");
        put_peak(doc, in, side);
        put_growth(doc, side);
        doc_item(doc, "memory", "Garbage collection overhead: not measured");
}

/* Share of the samples whose leaf function is of this category. */
static double category_share(const Profile *p, const char *category, Arena *scratch)
{
        CategoryTable *categories;
        FunctionCost *functions;
        size_t n = profile_functions(p, scratch, &functions);
        uint64_t weight = 0;

        if (!p->total_weight || category_table(scratch, &categories, NULL) < 0)
                return (double)NAN;
        for (size_t i = 0; i < n; i++) {
                Span symbol = profile_symbol(p, functions[i].frame);
                Span module = profile_module(p, functions[i].frame);

                if (span_is(category_of(categories, symbol, module), category))
                        weight += functions[i].self_weight;
        }
        return (double)weight / (double)p->total_weight;
}

static void put_unexpected(Doc *doc, const Profile *p)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        double logging = category_share(p, "Logging", scratch);
        Pattern *patterns;
        size_t n = pattern_find(p, scratch, &patterns), found = 0;

        doc_label(doc, "Unexpected Findings");
        for (size_t i = 0; i < n; i++) {
                const Pattern *pattern = &patterns[i];
                Span part = percent_words(scratch, pattern->share);

                if (pattern->kind == PATTERN_WIDE_BASE)
                        doc_item(doc, "unexpected",
                                 "Function %.*s is called from %u different places, %.*s of time",
                                 SPAN_ARG(pattern->function), pattern->depth, SPAN_ARG(part));
                else if (pattern->kind == PATTERN_TOWER)
                        doc_item(doc, "unexpected", "%.*s calls itself up to %u frames deep",
                                 SPAN_ARG(pattern->function), pattern->depth);
                else
                        continue;
                found++;
        }
        if (logging >= UNEXPECTED_LOGGING) {
                doc_item(doc, "unexpected", "Logging takes %.*s of execution time",
                         SPAN_ARG(percent_words(scratch, logging)));
                found++;
        }
        if (!found)
                doc_paragraph(doc, NULL, "None in this profile.");
}

static void put_priorities(Doc *doc, const ReportInput *in)
{
        size_t n = in->findings ? MIN(in->findings->len, (size_t)3) : 0;

        doc_label(doc, "Optimization Priorities");
        for (size_t i = 0; i < n; i++)
                doc_numbered(doc, "priorities", "%.*s", SPAN_ARG(in->findings->items[i].title));
        if (!n)
                doc_paragraph(doc, NULL, "No rule found a cause in what was measured.");
}

/* Findings are about the baseline, so its profile is the one that is analysed. */
void report_profiling_part(Doc *doc, const ReportInput *in, bool picture)
{
        Side side = profile_of(before_side(in)) ? before_side(in) : current_side(in);
        const Profile *p = profile_of(side);

        doc_heading(doc, 2, "Profiling Analysis: %.*s", SPAN_ARG(in->project));
        doc_open(doc, "profiling");
        if (p)
                put_hotspots(doc, in, p);
        else
                doc_paragraph(doc, "state", "Hotspots: not measured, there is no profile.");
        put_memory(doc, in, side);
        if (p) {
                doc_heading(doc, 3, "Flame Graph Analysis: %.*s", SPAN_ARG(in->project));
                doc_label(doc, "Top Time Consumers");
                put_hottest(doc, "top_time_consumers", p, TOP_FUNCTIONS);
                put_unexpected(doc, p);
                put_priorities(doc, in);
                if (picture)
                        put_flame(doc, p, "CPU Flame Graph", false);
        }
        doc_close(doc);
}

void report_profiling(Doc *doc, const ReportInput *in)
{
        report_profiling_part(doc, in, true);
}
