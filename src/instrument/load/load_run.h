#pragma once
/* For tests: one load from start to stop, and what its notes say. */

#include "harness.h"

#include "instrument/load/load.h"
#include "test_server.h"

#define TEST_ARENA MiB(256)

/* Runs the plan to its end, which must come within 30 s. */
Recording *load_run(Arena *arena, const LoadPlan *plan);
/* The same for GETs of one URL. */
Recording *load_run_url(Arena *arena, const char *url, LoadPlan plan);
/* N of the error note "kind: N"; 0: there is none. */
uint64_t noted_errors(const Recording *rec, const char *kind);
bool has_note(const Recording *rec, NoteKind kind, const char *part);
double total_of(const Recording *rec, MetricId metric); /* NaN: absent */
