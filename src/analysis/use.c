#include "analysis/use.h"

#include <math.h>

static const char *const resource_names[] = {
#define X(id, name) name,
        RESOURCES(X)
#undef X
};

const char *resource_name(Resource resource)
{
        return resource_names[resource];
}

/* When a resource counts as saturated. `waiting` is the metric that shows queueing for it. */
static const struct {
        Resource resource;
        MetricId used, waiting, errors;
        double full;      /* utilisation from which it is saturated by itself */
        double much_wait; /* queueing from which it is */
        const char *how;  /* what the queueing number is */
} resources[] = {
        /* all CPUs busy, or half a task waiting per CPU on average */
        { RESOURCE_CPU, METRIC_HOST_CPU, METRIC_HOST_RUNQUEUE, METRIC_COUNT_, 0.90, 0.5,
          "tasks waiting per CPU (run queue)" },
        /* the target's share of one CPU has no natural end; its own waiting tells */
        { RESOURCE_TARGET_CPU, METRIC_COUNT_, METRIC_RUNQUEUE_WAIT, METRIC_COUNT_, INFINITY, 0.25,
          "of the time its threads waited for a CPU" },
        { RESOURCE_MEMORY, METRIC_HOST_MEMORY, METRIC_HOST_PSI_MEMORY, METRIC_COUNT_, 0.95, 0.05,
          "of the time tasks waited for memory (PSI)" },
        { RESOURCE_DISK, METRIC_HOST_DISK_BUSY, METRIC_HOST_PSI_IO, METRIC_COUNT_, 0.90, 0.20,
          "of the time tasks waited for I/O (PSI)" },
        { RESOURCE_NETWORK, METRIC_COUNT_, METRIC_COUNT_, METRIC_HOST_NET_ERRORS, INFINITY,
          INFINITY, "" },
        { RESOURCE_FDS, METRIC_COUNT_, METRIC_COUNT_, METRIC_COUNT_, INFINITY, INFINITY, "" },
};

/* The value whatever its subject: disks are named, hosts are not. NaN when not measured. */
static double any_value(const Recording *rec, MetricId metric)
{
        if (metric == METRIC_COUNT_)
                return NAN;
        for (size_t i = 0; i < rec->values.len; i++)
                if (rec->values.items[i].metric == metric)
                        return rec->values.items[i].value;
        return NAN;
}

static Span saturation_text(double saturation, const char *how, Arena *arena)
{
        Buf text = buf_in(arena, KiB(1));

        if (isnan(saturation))
                return (Span){ 0 };
        unit_format(&text, UNIT_RATIO, saturation);
        buf_printf(&text, " %s", how);
        return buf_span(&text);
}

UseTable use_table(const Recording *sys, Arena *arena)
{
        UseTable table = { .bottleneck = -1 };
        double worst = 0;

        for (size_t i = 0; i < COUNT(resources); i++) {
                UseRow *row = &table.rows[resources[i].resource];

                *row = (UseRow){ .resource = resources[i].resource,
                                 .utilisation = any_value(sys, resources[i].used),
                                 .saturation = any_value(sys, resources[i].waiting),
                                 .errors = any_value(sys, resources[i].errors) };
                row->saturation_text = saturation_text(row->saturation, resources[i].how, arena);
                row->saturated = row->utilisation >= resources[i].full ||
                                 row->saturation >= resources[i].much_wait;
                if (row->saturated) {
                        double by = fmax(isnan(row->utilisation) ? 0 : row->utilisation,
                                         isnan(row->saturation) ? 0 : row->saturation);

                        if (by > worst) {
                                worst = by;
                                table.bottleneck = (int)row->resource;
                        }
                }
        }
        return table;
}
