/* Rules about owners: what a function of the target's own code spends its time on. */

#include <math.h>

#include "analysis/diagnose_int.h"

/* By number of a name: does one of the patterns match it? */
static bool *matching_names(const Facts *f, const GlobList *globs)
{
        bool *matches = new (f->arena, bool, f->profile->strings.len);

        for (size_t i = 0; i < f->profile->strings.len; i++)
                matches[i] = glob_list_match(globs, f->profile->strings.items[i]);
        return matches;
}

static bool is_open(const Facts *f, size_t at, const OwnerCondition *when)
{
        const OwnerCost *owner = &f->owners.items[at];

        return !f->spoken_for[at] && owner->share >= when->min_share &&
               owner->own_share >= when->min_own_share;
}

static bool any_open(const Facts *f, const OwnerCondition *when)
{
        for (size_t i = 0; i < f->owners.len; i++)
                if (is_open(f, i, when))
                        return true;
        return false;
}

static void latency_evidence(Facts *f, Finding *finding)
{
        double alone_ns = facts_value(f->evidence->alone, METRIC_LATENCY_P50);

        if (!isnan(alone_ns) && !isnan(f->median_ns))
                facts_evidence(f, finding,
                               "a request takes %s with one connection (median), %s under load",
                               unit_text(f->arena, UNIT_NS, alone_ns),
                               unit_text(f->arena, UNIT_NS, f->median_ns));
}

/* Shares are of the whole load: a mix of endpoints is one load. */
static void cost_evidence(Facts *f, Finding *finding, const OwnerCost *owner)
{
        if (isnan(f->cpu_per_request_ns))
                return;
        facts_evidence(f, finding,
                       "%s of CPU per request, over all requests of the load; %s of it here",
                       unit_text(f->arena, UNIT_NS, f->cpu_per_request_ns),
                       unit_text(f->arena, UNIT_NS, owner->share * f->cpu_per_request_ns));
}

static void owner_evidence(Facts *f, Finding *finding, const OwnerCost *owner, double below)
{
        Span callee = fill_name(owner->callee, f->arena), leaf = fill_name(owner->leaf, f->arena);
        Span through = fill_name(owner->through, f->arena);

        facts_evidence(f, finding,
                       "%.1f %% of the target's CPU samples are in it or below, %.1f %% without "
                       "the target's functions that it calls",
                       owner->share * 100, owner->own_share * 100);
        if (!isnan(below))
                facts_evidence(f, finding, "%.0f %% of that is in the calls this rule looks for",
                               below * 100);
        if (through.len)
                facts_evidence(f, finding, "most of it through %.*s", SPAN_ARG(through));
        if (callee.len)
                facts_evidence(f, finding, "its most expensive library call is %.*s (%.0f %%)",
                               SPAN_ARG(callee), owner->callee_share * 100);
        if (leaf.len)
                facts_evidence(f, finding, "its time ends most often in %.*s", SPAN_ARG(leaf));
        if (owner->callers.len)
                facts_evidence(f, finding, "called by %.*s", SPAN_ARG(owner->callers));
        cost_evidence(f, finding, owner);
        latency_evidence(f, finding);
}

static void owner_finding(Facts *f, const Rule *rule, size_t at, double below)
{
        const OwnerCost *owner = &f->owners.items[at];
        Finding *finding = facts_finding(f, rule, FINDING_CAUSE,
                                         &(Fill){ .owner = owner,
                                                  .share = owner->share,
                                                  .impact_ns = facts_impact(f, owner->share),
                                                  .frequency_per_s = f->throughput,
                                                  .value = below,
                                                  .value_unit = UNIT_RATIO },
                                         1);

        f->spoken_for[at] = true;
        if (!finding)
                return;
        finding->where = owner->function;
        finding->source = owner->source;
        owner_evidence(f, finding, owner, below);
}

/* A function mostly serves one endpoint, so that of n each request of that one costs n times the
 * mean over all. Comparisons with NaN are false: where the CPU per request is not known, nothing is
 * claimed. */
static bool spends_below(const Facts *f, size_t at, const OwnerCondition *when, double below)
{
        double below_ns =
                below * f->owners.items[at].share * f->cpu_per_request_ns * (double)f->n_endpoints;

        return below >= when->min_below_share &&
               (when->min_below_ns <= 0 || below_ns >= when->min_below_ns);
}

void judge_owner(Facts *f, const Rule *rule)
{
        const OwnerCondition *when = &rule->owner;
        const double *below = NULL;

        if (!f->profile) {
                facts_gap(f, rule, "no stack samples of the target");
                return;
        }
        if (!any_open(f, when))
                return;
        if (when->min_below_ns > 0 && isnan(f->cpu_per_request_ns))
                facts_gap(f, rule, "the target's CPU time per request is not known");
        if (when->below.len)
                below = owner_shares_below(&f->owners, f->profile, matching_names(f, &when->below),
                                           f->arena);
        for (size_t i = 0; i < f->owners.len; i++)
                if (is_open(f, i, when) && (!below || spends_below(f, i, when, below[i])))
                        owner_finding(f, rule, i, below ? below[i] : (double)NAN);
}
