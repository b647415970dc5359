#pragma once
/* What views and reports share: finding the evidence and naming it for people. */

#include "present/doc_int.h"
#include "present/glyph.h"
#include "present/view.h"

/* The subject that stands for the target as a whole: "" or, with one endpoint only, that one. */
Span main_subject(const Recording *load);
/* A value of the target as a whole; NaN: not measured. */
double main_value(const Recording *load, MetricId metric);
/* Every subject but "" that has the metric, in the order of recording. */
size_t subjects_of(const Recording *rec, MetricId metric, Arena *arena, Span **ret);
/* The newest run's recording of an instrument; NULL: none. */
const Run *run_of(Run *const *runs, size_t n, const char *instrument);
const Recording *recording_of(Run *const *runs, size_t n, const char *instrument);
/* Median over the runs that have it; NaN: none has. */
double median_value(Run *const *runs, size_t n, MetricId metric, Span subject);

/* "p99", "Throughput": how the founding formats name a metric; its own name when they do not. */
const char *metric_label(MetricId metric);
/* "GET /x p99" in one cell: metric and subject. */
Span metric_words(Arena *arena, MetricId metric, Span subject);
/* "850 req/s" for throughput, "-" for NaN, else as unit_format(). */
Span value_words(Arena *arena, MetricId metric, double value);

/* The same as a cell, with the raw number for programs. */
Cell value_as_cell(Arena *arena, MetricId metric, double value);

/* Share of the better direction, 0.9 = 90 % better; NaN when either side is missing or zero. */
double improvement_of(MetricId metric, double before, double after);
/* The two arrow styles of the founding formats: "(↓73%)" and "⬇️ 86% improvement". */
Span arrow_words(Arena *arena, double before, double after);
Span emoji_arrow_words(Arena *arena, MetricId metric, double before, double after);
/* A percentage without decimals, "<1%" for small ones. */
Span percent_words(Arena *arena, double ratio);

const char *priority_mark(Priority priority);  /* "🔴" */
const char *priority_words(Priority priority); /* "Critical" */
Span star_words(Arena *arena, unsigned stars);
const char *category_action(Span category); /* "Optimize query"; NULL: none is known */

/* The tables of a gate, one a source; "5 PASS, 1 FAIL". */
void view_gate_tables(Doc *doc, const GateResult *result);
Span gate_count_words(const GateResult *result, Arena *arena);

/* Numbers of the load plan, from the run; 0 or NaN when the plan does not say. */
typedef struct PlanFacts {
        double connections, rate_per_s, duration_ns;
} PlanFacts;
PlanFacts plan_facts(const Run *run, Arena *scratch);

/* The results summary block of row B37. */
Span summary_words(const Recording *load, const PlanFacts *plan, Span scenario, Arena *arena);
/* Top functions by their own time, with category and what usually helps (row B13). */
void put_hottest(Doc *doc, const char *key, const Profile *p, size_t most);
/* A flame graph for pages, `text` for the others. */
void put_flame(Doc *doc, const Profile *p, const char *title, bool bars);
