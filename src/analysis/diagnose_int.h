#pragma once
/* What the judges of the kinds of rules share: the facts, and how a finding is made. */

#include "analysis/fill.h"
#include "analysis/rule.h"

/* What is known when rules are tried. */
typedef struct Facts {
        const Evidence *evidence;
        const Profile *profile; /* NULL: no samples */
        Arena *arena;
        Diagnosis *result;
        VEC(Finding) findings;
        OwnerTable owners;
        bool *spoken_for; /* per owner: a rule has told about it already */
        Pattern *patterns;
        size_t n_patterns;
        double cpu_per_request_ns, throughput, median_ns; /* NaN: not measured */
        size_t n_endpoints; /* that the load tells apart; at least 1 */
        bool cpu_saturated;
} Facts;

/* The rule could not be judged. */
PRINTF(3, 4) void facts_gap(Facts *f, const Rule *rule, const char *format, ...);
/* NULL past the ceiling. Numbers come from `fill`; `traffic` is the share of requests that are
 * affected, 1 when all are or it is not known. */
Finding *facts_finding(Facts *f, const Rule *rule, FindingKind kind, const Fill *fill,
                       double traffic);
PRINTF(3, 4) void facts_evidence(Facts *f, Finding *finding, const char *format, ...);
/* What a request loses to code with this share of the CPU samples. */
double facts_impact(const Facts *f, double share);
/* Of the target as a whole; NaN when `rec` is NULL or has it not. */
double facts_value(const Recording *rec, MetricId metric);

void judge_owner(Facts *f, const Rule *rule);
void judge_metric(Facts *f, const Rule *rule);
void judge_resource(Facts *f, const Rule *rule);
void judge_pattern(Facts *f, const Rule *rule);
