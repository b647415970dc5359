#pragma once
/* JUnit XML of a gate: one testcase per budget, so that every CI shows which one failed.
 * Format: the de-facto schema of Jenkins and GitLab (testsuites / testsuite / testcase with
 * failure, error or skipped). */

#include "analysis/budget.h"
#include "base/buf.h"

void junit_gate(const Budget *budget, const GateResult *result, Buf *out);
