#pragma once
/* Rules as data: what to look for in the evidence, and what to say when it is there.
 *
 *         RuleSet *rules;
 *         r = rules_load("my-advice", arena, &rules, err);     // NULL: only those built in
 *         r = diagnose(&evidence, rules, arena, &diagnosis, err);
 *
 * advice/NN-name.yaml holds a list of rules and is embedded at build time; advice/README.md has
 * the recipe to add one. A rule that does not parse stops the program with its file and line: an
 * unknown key, metric, resource, pattern or placeholder, a unit that does not fit the metric, an
 * id given twice. A rule of the user's with the id of one built in takes its place.
 *
 * Rules about the same owner are tried in file order and the first that holds speaks, so that one
 * cause gives one finding. The placeholders of texts are listed in fill.c.
 */

#include "analysis/advice.h"
#include "analysis/diagnose.h"
#include "analysis/owner.h"
#include "analysis/pattern.h"

typedef enum RuleScope { SCOPE_LOAD, SCOPE_SYSTEM, SCOPE_PROFILE, SCOPE_COUNT_ } RuleScope;

/* What a rule is about; each has one condition, one reader and one judge. */
typedef enum RuleKind {
        RULE_OWNER,
        RULE_METRIC,
        RULE_RESOURCE,
        RULE_PATTERN,
        RULE_KIND_COUNT_,
} RuleKind;

/* An owner of cost whose work below it matches. */
typedef struct OwnerCondition {
        double min_share;       /* of all samples */
        double min_own_share;   /* of all samples, without the own functions that it calls */
        GlobList below;         /* functions, own or library, at or below the owner */
        double min_below_share; /* of the owner's cost spent in or below those */
        double min_below_ns;    /* CPU time in or below those per request of one endpoint; 0: any */
} OwnerCondition;

/* A metric, or its ratio to another, above or below a value: of every endpoint by itself when the
 * recording tells them apart. Where a metric has an interval, its nearer end counts; a quantile
 * that so few samples cannot bound is not judged. */
typedef struct MetricCondition {
        RuleScope scope;
        MetricId metric, to; /* to: METRIC_COUNT_ when there is no ratio */
        double above, below; /* NaN: not asked */
} MetricCondition;

typedef struct PatternCondition {
        PatternKind kind;
        double min_share;
} PatternCondition;

typedef struct Rule {
        Span id, title, advice, gain, category, specialist;
        Effort effort;
        int priority; /* Priority, or -1: from impact and frequency */
        RuleKind kind;
        union {
                OwnerCondition owner;
                MetricCondition metric;
                Resource resource; /* saturated */
                PatternCondition pattern;
        };
} Rule;

struct RuleSet {
        VEC(Rule) rules;
};

/* The embedded rules and, when `dir` is not NULL, the user's own from there, which come first. */
int rules_load(const char *dir, Arena *arena, RuleSet **ret, Error *err);
/* Adds the rules of one file; `into` starts as { 0 }. */
int rules_parse(Span text, const char *name, Arena *arena, RuleSet *into, Error *err);
size_t rules_count(const RuleSet *rules);
