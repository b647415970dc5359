#pragma once
/* Rules as data: what to look for in the evidence, and what to say when it is there.
 *
 * advice/NN-name.yaml holds a list of rules and is embedded at build time; advice/README.md has
 * the recipe to add one. A rule that does not parse stops the program with its file and line.
 *
 * Rules about the same owner are tried in file order and the first that holds speaks, so that one
 * cause gives one finding. Placeholders in texts: {function} {share} {callee} {callee_share}
 * {callers} {source} {leaf} {impact} {frequency} {value} {subject}.
 */

#include "analysis/advice.h"
#include "analysis/diagnose.h"
#include "analysis/owner.h"
#include "analysis/pattern.h"

typedef enum RuleScope { SCOPE_LOAD, SCOPE_SYSTEM, SCOPE_PROFILE, SCOPE_COUNT_ } RuleScope;

/* An owner of cost whose work below it matches. */
typedef struct OwnerCondition {
        bool given;
        double min_share;       /* of all samples */
        GlobList below;         /* functions, own or library, at or below the owner */
        double min_below_share; /* of the owner's cost spent in or below those */
} OwnerCondition;

/* A metric, or its ratio to another, above or below a value. */
typedef struct MetricCondition {
        bool given;
        RuleScope scope;
        MetricId metric, to; /* to: METRIC_COUNT_ when there is no ratio */
        double above, below; /* NaN: not asked */
} MetricCondition;

typedef struct ResourceCondition {
        bool given;
        Resource resource;
} ResourceCondition;

typedef struct PatternCondition {
        bool given;
        PatternKind kind;
        double min_share;
} PatternCondition;

typedef struct Rule {
        Span id, title, advice, gain, category, specialist;
        Effort effort;
        int priority; /* Priority, or -1: from impact and frequency */
        OwnerCondition owner;
        MetricCondition metric;
        ResourceCondition resource;
        PatternCondition pattern;
} Rule;

struct RuleSet {
        VEC(Rule) rules;
};

/* The embedded rules and, when `dir` is not NULL, the user's own from there, which come first. */
int rules_load(const char *dir, Arena *arena, RuleSet **ret, Error *err);
int rules_parse(Span text, const char *name, Arena *arena, RuleSet *into, Error *err);
size_t rules_count(const RuleSet *rules);
