#pragma once
/* How each noun looks: one function per noun puts it into a Doc, for every command and report.
 *
 * Each view is an object of its own in JSON ("run", "load", "profile", ...), so a document holds
 * one of a kind unless doc_open() sets them apart. Nothing is shown that was not measured: what is
 * absent prints as "-" or "not measured". */

#include "analysis/bench.h"
#include "analysis/diagnose.h"
#include "analysis/gate.h"
#include "analysis/profile_diff.h"
#include "present/doc.h"

void view_run_header(Doc *doc, const Run *run);  /* target, time, machine, noise */
void view_load(Doc *doc, const Recording *load); /* results summary (row B37) + table */
/* The same of a run, whose plan says how many connections there were and whose label names the
 * scenario; view_load() prints "-" for both. */
void view_load_run(Doc *doc, const Run *run);
void view_system(Doc *doc, const Recording *system);
void view_profile(Doc *doc, const Recording *profile, const char *executable); /* hottest stacks,
                                                     text flame graph (B11, D60), quality line */
void view_use(Doc *doc, const UseTable *use);
void view_findings(Doc *doc, const FindingList *findings);    /* impact matrix (D38) and details */
void view_coverage(Doc *doc, Run *const *runs, size_t n);     /* examined / not examined / cost */
void view_comparison(Doc *doc, const Comparison *comparison); /* before/after with intervals */
/* Medians, resources, comparisons, growth and a summary. */
void view_bench(Doc *doc, const BenchReport *report);
void view_bench_run(Doc *doc, const Run *run); /* the same, as the run's plan asks */
void view_gate(Doc *doc, const GateResult *result);
/* Sides, tables of functions and paths; what changed first. */
typedef struct DiffNames {
        Span a, b; /* what the user called the sides */
} DiffNames;
void view_profile_diff(Doc *doc, const ProfileDiff *diff, const DiffNames *names);
/* Both sides' flame graphs beside each other, coloured by what surely changed. */
int view_profile_diff_flames(Doc *doc, const ProfileDiff *diff, const DiffSide *a,
                             const DiffSide *b, const DiffNames *names, Error *err);
