#include "present/report_int.h"

#include <math.h>

Side before_side(const ReportInput *in)
{
        return (Side){ in->before, in->n_before };
}

Side after_side(const ReportInput *in)
{
        return (Side){ in->after, in->n_after };
}

Side current_side(const ReportInput *in)
{
        return in->n_after ? after_side(in) : before_side(in);
}

Span whole_subject(Side side)
{
        const Recording *load = recording_of(side.runs, side.n, "load");

        return load ? main_subject(load) : SPAN("");
}

/* Load metrics of "the whole" may stand under the only endpoint's name. */
static double side_value(Side side, MetricId metric, Span subject)
{
        double value = median_value(side.runs, side.n, metric, subject);

        if (isnan(value) && !subject.len)
                value = median_value(side.runs, side.n, metric, whole_subject(side));
        return value;
}

double before_value(const ReportInput *in, MetricId metric, Span subject)
{
        return side_value(before_side(in), metric, subject);
}

double after_value(const ReportInput *in, MetricId metric, Span subject)
{
        return side_value(after_side(in), metric, subject);
}

size_t endpoints_of(const ReportInput *in, Arena *arena, Span **ret)
{
        Side side = current_side(in);
        const Recording *load = recording_of(side.runs, side.n, "load");
        size_t n = load ? subjects_of(load, METRIC_LATENCY_P50, arena, ret) : 0;

        if (n)
                return n;
        *ret = new (arena, Span, 1);
        return 1;
}

const MetricChange *change_of(const ReportInput *in, MetricId metric, Span subject)
{
        const MetricChange *whole = NULL;

        for (size_t i = 0; in->comparison && i < in->comparison->len; i++) {
                const MetricChange *change = &in->comparison->items[i];

                if (change->metric != metric)
                        continue;
                if (span_eq(change->subject, subject))
                        return change;
                if (!subject.len && span_eq(change->subject, whole_subject(current_side(in))))
                        whole = change;
        }
        return whole;
}

const TargetRow *target_of(const ReportInput *in, MetricId metric, Span subject)
{
        for (size_t i = 0; i < in->n_targets; i++) {
                const TargetRow *row = &in->targets[i];

                if (row->metric == metric && !isnan(row->target) &&
                    (span_eq(row->subject, subject) || !row->subject.len))
                        return row;
        }
        return NULL;
}

Span target_words(Arena *arena, MetricId metric, double target)
{
        bool floor = metric_def(metric)->direction == DIRECTION_HIGHER;

        if (isnan(target))
                return SPAN("-");
        return text_printf(arena, "%s%.*s", floor ? ">" : "<",
                           SPAN_ARG(value_words(arena, metric, target)));
}

Span concurrency_words(const Run *load, Arena *arena)
{
        PlanFacts plan = plan_facts(load, arena);
        Buf out = buf_in(arena, KiB(1));

        if (!isnan(plan.connections) && plan.connections > 0)
                buf_printf(&out, "%.0f connections", plan.connections);
        if (!isnan(plan.rate_per_s) && plan.rate_per_s > 0) {
                buf_text(&out, out.len ? ", " : "");
                unit_format(&out, UNIT_PER_S, plan.rate_per_s);
                buf_text(&out, " (open model)");
        }
        return out.len ? buf_span(&out) : SPAN("-");
}

/* "db1 (4 CPU cores, 8.00 GiB RAM, Linux 6.1)" */
Span environment_words(const Run *run, Arena *arena)
{
        const Fingerprint *f = run ? &run->fingerprint : NULL;
        Buf out = buf_in(arena, KiB(64));

        if (!f || (!f->cpus && !f->hostname.len))
                return SPAN("not measured");
        buf_add(&out, f->hostname.len ? f->hostname : SPAN("host"));
        buf_printf(&out, " (%llu CPU cores, ", (unsigned long long)f->cpus);
        unit_format(&out, UNIT_BYTES, (double)f->memory_bytes);
        buf_text(&out, " RAM");
        if (f->kernel.len)
                buf_printf(&out, ", Linux %.*s", SPAN_ARG(f->kernel));
        buf_byte(&out, ')');
        return buf_span(&out);
}

/* In single quotes for a shell; a target is a name from outside. */
static void put_quoted(Buf *out, Span text)
{
        buf_byte(out, '\'');
        for (size_t i = 0; i < text.len; i++)
                if (text.ptr[i] == '\'')
                        buf_text(out, "'\\''");
                else
                        buf_byte(out, text.ptr[i]);
        buf_byte(out, '\'');
}

/* Every URL of the plan; the target alone when the plan does not name them. */
static void put_urls(Buf *out, const Run *load, Arena *arena)
{
        const Value *requests = NULL;
        Document plan;

        if (load->plan_json.len && json_parse(load->plan_json, "plan", arena, &plan, NULL) == 0)
                requests = value_get(plan.root, "requests");
        value_each (request, requests) {
                const Value *url = value_get(request, "url");

                buf_text(out, requests->count > 1 ? " \\\n  " : " ");
                put_quoted(out, url ? url->text : load->target.text);
        }
        if (requests && requests->count)
                return;
        buf_byte(out, ' ');
        put_quoted(out, load->target.text);
}

Span command_words(const Run *load, Arena *arena)
{
        PlanFacts plan = plan_facts(load, arena);
        Buf out = buf_in(arena, KiB(64));

        buf_text(&out, "hone load");
        if (!isnan(plan.connections) && plan.connections > 0)
                buf_printf(&out, " --connections %.0f", plan.connections);
        if (!isnan(plan.rate_per_s) && plan.rate_per_s > 0)
                buf_printf(&out, " --rate %.0f/s", plan.rate_per_s);
        if (!isnan(plan.duration_ns) && plan.duration_ns > 0)
                buf_printf(&out, " --duration %.0fms", plan.duration_ns / 1e6);
        put_urls(&out, load, arena);
        buf_byte(&out, '\n');
        return buf_span(&out);
}

static bool mentions(Span text, Span part)
{
        return part.len > 0 && text.len > 0 && span_find(text, part) >= 0;
}

bool change_aims_at(const IterationRow *change, const Finding *finding)
{
        const Span said[] = { change->bottleneck, change->change };
        const Span names[] = { finding->where, finding->title, finding->rule };

        for (size_t i = 0; i < COUNT(said); i++)
                for (size_t n = 0; n < COUNT(names); n++)
                        if (mentions(said[i], names[n]))
                                return true;
        return mentions(finding->title, change->bottleneck) ||
               mentions(finding->where, change->bottleneck);
}

size_t changes_kept(const ReportInput *in)
{
        size_t kept = 0;

        for (size_t i = 0; i < in->n_iterations; i++)
                kept += in->iterations[i].kept;
        return kept;
}
