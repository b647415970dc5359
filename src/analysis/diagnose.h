#pragma once
/* From recordings to ranked findings.
 *
 *     recordings -> facts (metrics, USE table, function ownership, stack patterns)
 *                -> rules (advice/ files: condition -> finding) -> ranking (impact x frequency)
 *
 * Ownership: a library's cost belongs to the function of the target that asked for it (owner.h).
 * A rule about owners speaks of each owner at most once (rule.h). Shares are of the whole load: in
 * a mix of endpoints, impact is per request of the mix.
 */

#include "analysis/use.h"
#include "model/finding.h"
#include "model/run.h"

typedef struct Evidence {
        const Recording *alone;   /* load at one connection; NULL: not measured */
        const Recording *load;    /* under load */
        const Recording *profile; /* same window; NULL: not measured */
        const Recording *system;
        const char *executable; /* path of the target's own code; NULL: unknown */
} Evidence;

typedef struct Diagnosis {
        FindingList findings;
        UseTable use;
        size_t rules_checked;
        VEC(Span) not_examined; /* rules that could not be judged and why */
} Diagnosis;

typedef struct RuleSet RuleSet; /* rule.h */
int diagnose(const Evidence *evidence, const RuleSet *rules, Arena *arena, Diagnosis *ret,
             Error *err);
