#pragma once
/* One gate, written for everything that shows it: each writer reads the same GateReport.
 *
 *         GateReport report = { .result = &result, .root = "/home/me/shop", .cwd = cwd,
 *                               .fallback = "hone.yaml" };
 *         junit_gate(&report, &out);
 *
 * Formats and their sources:
 *     junit_gate    the de-facto schema of Jenkins and GitLab: testsuites / testsuite / testcase
 *                   with failure, error or skipped; one suite a source
 *     github_gate   workflow commands: ::error file=..,line=..,title=..::message (docs.github.com,
 *                   "Workflow commands for GitHub Actions")
 *     gitlab_gate   Code Quality report: an array of issues (docs.gitlab.com, "Code Quality
 *                   report format")
 *     sarif_gate    SARIF 2.1.0 (OASIS): a rule a metric, a result an item that does not pass
 *     summary_gate  Markdown for a comment or a job's page: before and after, then all the details
 *
 * Everything from outside is escaped as the format asks, and control characters are made visible.
 */

#include "analysis/gate.h"
#include "base/buf.h"

#define GATE_POLICIES(X) X(TELL, "tell") X(PASS, "pass") X(FAIL, "fail")

/* What INCONCLUSIVE is to the job: an answer of its own, a pass or a failure. */
typedef enum GatePolicy {
#define X(id, name) GATE_POLICY_##id,
        GATE_POLICIES(X)
#undef X
} GatePolicy;

typedef struct GateReport {
        const GateResult *result;
        GatePolicy policy;
        const char *root;     /* of the repository, absolute; NULL: not in one */
        const char *cwd;      /* absolute: what relative file names are relative to */
        const char *fallback; /* the file named for what stands in none */
} GateReport;

/* How bad an item is to the job. */
typedef enum GateLevel {
        GATE_LEVEL_NONE,
        GATE_LEVEL_NOTE,
        GATE_LEVEL_WARNING,
        GATE_LEVEL_ERROR,
} GateLevel;
GateLevel gate_level(const GateReport *report, const GateItem *item);
/* Where the rule of an item stands, relative to the repository; line at least 1. */
Span gate_location(const GateReport *report, const GateItem *item, Arena *arena);
uint32_t gate_line(const GateItem *item);
/* The same for the same rule, whatever was measured: SHA-256 in hexadecimal. */
Span gate_fingerprint(const GateReport *report, const GateItem *item, Arena *arena);

void junit_gate(const GateReport *report, Buf *out);
void github_gate(const GateReport *report, Buf *out);
void gitlab_gate(const GateReport *report, Buf *out);
void sarif_gate(const GateReport *report, Buf *out);
int summary_gate(const GateReport *report, Buf *out, Error *err);
