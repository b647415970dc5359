#pragma once
/* Small runs with fixed numbers for the tests of views and reports: a shop before and after. */

#include "present/gate_export.h"
#include "present/report.h"

#define HOSTILE "<script>alert('x')</script> ]]> \"q\" | `\x1b[31mred\x1b[0m \xff\xe2\x80\xae"

/* The founding document's example: main, two halves, four leaves; 1000 samples. */
Profile *fixture_profile(Arena *arena);
Run *fixture_load(Arena *arena, double scale); /* latencies times `scale` */
Run *fixture_system(Arena *arena);
Run *fixture_profile_run(Arena *arena);
FindingList *fixture_findings(Arena *arena);
Comparison *fixture_comparison(Arena *arena);
/* An item of every source and verdict. */
GateResult *fixture_gate(Arena *arena);
GateResult *fixture_hostile_gate(Arena *arena); /* every text in it is HOSTILE */
/* Everything together. */
ReportInput fixture_report(Arena *arena);
/* Every name in it is HOSTILE. */
ReportInput fixture_hostile(Arena *arena);
