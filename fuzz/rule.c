/* A file of rules of any bytes is refused with a place, or every rule of it is whole: it has one
 * condition with limits that make sense, and speaks in texts whose placeholders are all filled. */
#include "analysis/rule.h"
#include "analysis/fill.h"

#include <math.h>

static void check_owner(const OwnerCondition *when)
{
        BUG_IF(!(when->min_share > 0 && when->min_share <= 1));
        BUG_IF(when->min_own_share < 0 || when->min_own_share > 1);
        BUG_IF(!when->below.len != !(when->min_below_share > 0));
        BUG_IF(when->min_below_ns > 0 && !when->below.len);
        for (size_t i = 0; i < when->below.len; i++)
                glob_match(when->below.items[i], SPAN("sqlite3_prepare_v2"));
}

static void check_metric(const MetricCondition *when)
{
        BUG_IF(when->metric >= METRIC_COUNT_ || when->to > METRIC_COUNT_);
        BUG_IF(isnan(when->above) == isnan(when->below));
        BUG_IF(when->scope >= SCOPE_COUNT_);
}

static void check_condition(const Rule *rule)
{
        BUG_IF(rule->kind >= RULE_KIND_COUNT_);
        if (rule->kind == RULE_OWNER)
                check_owner(&rule->owner);
        if (rule->kind == RULE_METRIC)
                check_metric(&rule->metric);
        if (rule->kind == RULE_RESOURCE)
                BUG_IF(rule->resource >= RESOURCE_COUNT_);
        if (rule->kind == RULE_PATTERN)
                BUG_IF(!(rule->pattern.min_share > 0 && rule->pattern.min_share <= 1));
}

#define PROGRAM "/srv/app/server"

/* main > handle > one of several ways, each with a library function that rules look for. */
static Profile *some_profile(Arena *arena)
{
        static const char *const ways[][2] = { { "list", "sqlite3_step" },
                                               { "line", "sqlite3_prepare_v2" },
                                               { "show", "snprintf" },
                                               { "hash", "strcmp" },
                                               { "build", "malloc" } };
        Profile *p = profile_new(arena, 1000);

        for (size_t i = 0; i < COUNT(ways); i++) {
                const FrameDesc stack[] = {
                        { .symbol = SPAN("main"), .module = SPAN(PROGRAM) },
                        { .symbol = SPAN("handle"), .module = SPAN(PROGRAM) },
                        { .symbol = span_of(ways[i][0]), .module = SPAN(PROGRAM) },
                        { .symbol = span_of(ways[i][1]), .module = SPAN("/usr/lib/libx.so") },
                };
                uint32_t frames[COUNT(stack)];

                for (size_t k = 0; k < COUNT(stack); k++)
                        frames[k] = profile_frame(p, &stack[k]);
                profile_add(p, frames, COUNT(stack), 10 + i, 10 + i);
        }
        return p;
}

/* The rules against a service: whatever speaks, says something. */
static void check_diagnosis(const RuleSet *set, Arena *arena)
{
        Recording *load = recording_new(arena, "load"), *profile = recording_new(arena, "profile");
        Diagnosis result;

        for (MetricId id = 0; id < METRIC_COUNT_; id++)
                recording_value(load, id, (Span){ 0 }, 1 + (double)id, 1000);
        profile->profile = some_profile(arena);
        BUG_IF(diagnose(&(Evidence){ .load = load,
                                     .system = load,
                                     .profile = profile,
                                     .executable = PROGRAM },
                        set, arena, &result, NULL) < 0);
        for (size_t i = 0; i < result.findings.len; i++) {
                const Finding *finding = &result.findings.items[i];

                BUG_IF(finding->stars < 1 || finding->stars > 5);
                BUG_IF(finding->priority > PRIORITY_P3);
                BUG_IF(!(finding->share >= 0 && finding->share <= 1 + 1e-9));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Span text = { (const char *)data, size };
        RuleSet set = { 0 };
        Error err = { 0 };
        int r = rules_parse(text, "rules", arena, &set, &err);

        BUG_IF(r < 0 && (!err.code || !err.message[0]));
        vec_each (Rule, rule, &set.rules)
                check_condition(rule);
        if (r == 0 && set.rules.len)
                check_diagnosis(&set, arena);
        return 0;
}
