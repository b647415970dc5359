/* The validation checklist: a box is ticked when the evidence for it is there, never by hand. */

#include "present/report_int.h"

#include <math.h>

static bool has(Side side, const char *instrument)
{
        return run_of(side.runs, side.n, instrument) != NULL;
}

static bool any(const ReportInput *in, const char *instrument)
{
        return has(before_side(in), instrument) || has(after_side(in), instrument);
}

static bool budgets_defined(const ReportInput *in)
{
        return in->n_targets > 0;
}

static bool baseline_captured(const ReportInput *in)
{
        const Run *before = run_of(in->before, in->n_before, "load");
        const Run *after = run_of(in->after, in->n_after, "load");

        return before && (!after || before->recording->wall_ns <= after->recording->wall_ns);
}

static bool profiled(const ReportInput *in)
{
        return any(in, "profile");
}

static bool compared(const ReportInput *in)
{
        return in->comparison && has(before_side(in), "load") && has(after_side(in), "load");
}

static bool all_met(const ReportInput *in)
{
        bool met = in->n_targets > 0;

        for (size_t i = 0; i < in->n_targets; i++)
                met &= in->targets[i].met;
        return met;
}

/* Only where limits are set and met can resources be called within them. */
static bool resources_within(const ReportInput *in)
{
        static const MetricId resources[] = { METRIC_CPU, METRIC_MEMORY };

        if (!any(in, "system"))
                return false;
        for (size_t i = 0; i < COUNT(resources); i++) {
                const TargetRow *row = target_of(in, resources[i], SPAN(""));

                if (!row || !row->met)
                        return false;
        }
        return true;
}

static bool load_tested(const ReportInput *in)
{
        Side side = current_side(in);
        const Recording *load = recording_of(side.runs, side.n, "load");

        return load && !load->partial && main_value(load, METRIC_REQUESTS) > 0;
}

static bool recommended(const ReportInput *in)
{
        return in->findings != NULL;
}

/* Numbers that belong to a commit can be put beside it. */
static bool documented(const ReportInput *in)
{
        Side side = current_side(in);
        const Run *load = run_of(side.runs, side.n, "load");

        return load && load->fingerprint.git_revision.len > 0;
}

void report_checklist(Doc *doc, const ReportInput *in)
{
        static const struct {
                const char *text;
                bool (*judge)(const ReportInput *);
        } boxes[] = {
                { "Performance budgets defined and documented", budgets_defined },
                { "Baseline measurements captured before implementation", baseline_captured },
                { "Profiling executed identifying hotspots", profiled },
                { "Benchmarks run comparing before/after performance", compared },
                { "Results validate feature meets performance budgets", all_met },
                { "Resource utilization (CPU, memory, I/O) within limits", resources_within },
                { "Load testing confirms behavior under expected traffic", load_tested },
                { "Optimization recommendations documented for future work", recommended },
                { "Performance characteristics documented in PR/release notes", documented },
        };

        doc_heading(doc, 2, "Validation Checklist");
        doc_open(doc, "checklist");
        for (size_t i = 0; i < COUNT(boxes); i++)
                doc_check(doc, "boxes", boxes[i].judge(in), "%s", boxes[i].text);
        doc_close(doc);
}
