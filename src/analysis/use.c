#include "analysis/use.h"

#include <math.h>

static const char *const resource_names[] = {
#define X(id, name) name,
        RESOURCES(X)
#undef X
};

const char *resource_name(Resource resource)
{
        BUG_IF((size_t)resource >= COUNT(resource_names));
        return resource_names[resource];
}

/* When a resource counts as saturated, and what of it belongs to the target. */
typedef struct ResourceRow {
        Resource resource;
        MetricId used, waiting, errors;
        double full;           /* utilisation from which it is saturated by itself */
        double much_wait;      /* queueing from which it is */
        Unit unit;             /* of the queueing number */
        const char *queueing;  /* and what it is */
        MetricId target;       /* the target's part, for people */
        const char *of_target; /* what that number is */
} ResourceRow;

static const ResourceRow resources[] = {
        /* all CPUs busy, or half a task waiting per CPU on average */
        { RESOURCE_CPU, METRIC_HOST_CPU, METRIC_HOST_RUNQUEUE, METRIC_COUNT_, 0.90, 0.5, UNIT_NONE,
          "tasks waiting per CPU (run queue)", METRIC_COUNT_, "" },
        /* cores used have no natural end; what its threads wait for a CPU tells */
        { RESOURCE_TARGET_CPU, METRIC_COUNT_, METRIC_RUNQUEUE_WAIT, METRIC_COUNT_, INFINITY, 0.25,
          UNIT_NONE, "of its threads waiting for a CPU, on average", METRIC_CPU, "used" },
        { RESOURCE_MEMORY, METRIC_HOST_MEMORY, METRIC_HOST_PSI_MEMORY, METRIC_COUNT_, 0.95, 0.05,
          UNIT_RATIO, "of the time tasks waited for memory (PSI)", METRIC_MEMORY,
          "resident in the target" },
        { RESOURCE_DISK, METRIC_HOST_DISK_BUSY, METRIC_HOST_PSI_IO, METRIC_COUNT_, 0.90, 0.20,
          UNIT_RATIO, "of the time tasks waited for I/O (PSI)", METRIC_DISK_READ,
          "read by the target" },
        { RESOURCE_NETWORK, METRIC_COUNT_, METRIC_COUNT_, METRIC_HOST_NET_ERRORS, INFINITY,
          INFINITY, UNIT_NONE, "", METRIC_COUNT_, "" },
        /* the limit belongs to the process and is not measured */
        { RESOURCE_FDS, METRIC_COUNT_, METRIC_COUNT_, METRIC_COUNT_, INFINITY, INFINITY, UNIT_NONE,
          "", METRIC_FDS, "open at most" },
};

/* The machine's value, or, where only parts are known (disks by name), the largest of them. */
static double largest_value(const Recording *rec, MetricId metric)
{
        double largest = NAN;

        if (!rec || metric == METRIC_COUNT_)
                return NAN;
        for (size_t i = 0; i < rec->values.len; i++) {
                const MetricValue *v = &rec->values.items[i];

                if (v->metric == metric && v->subject.len == 0)
                        return v->value;
                if (v->metric == metric)
                        largest = fmax(largest, v->value); /* of a number and NaN: the number */
        }
        return largest;
}

static Span saturation_text(const ResourceRow *from, double saturation, double of_target,
                            Arena *arena)
{
        Buf text = buf_in(arena, KiB(1));

        if (!isnan(saturation)) {
                unit_format(&text, from->unit, saturation);
                buf_printf(&text, " %s", from->queueing);
        }
        if (!isnan(of_target)) {
                buf_text(&text, text.len ? "; " : "");
                unit_format(&text, metric_def(from->target)->unit, of_target);
                buf_printf(&text, " %s", from->of_target);
        }
        return buf_span(&text);
}

static UseRow use_row(const ResourceRow *from, const Recording *sys, Arena *arena)
{
        UseRow row = { .resource = from->resource,
                       .utilisation = largest_value(sys, from->used),
                       .saturation = largest_value(sys, from->waiting),
                       .errors = largest_value(sys, from->errors) };

        row.saturation_text =
                saturation_text(from, row.saturation, largest_value(sys, from->target), arena);
        row.saturated = row.utilisation >= from->full || row.saturation >= from->much_wait;
        return row;
}

/* How far past its own limits: comparable between resources. */
static double excess(const ResourceRow *from, const UseRow *row)
{
        return fmax(row->utilisation / from->full, row->saturation / from->much_wait);
}

UseTable use_table(const Recording *sys, Arena *arena)
{
        UseTable table = { .bottleneck = -1 };
        double worst = 0;

        for (size_t i = 0; i < COUNT(resources); i++) {
                UseRow *row = &table.rows[resources[i].resource];

                *row = use_row(&resources[i], sys, arena);
                if (row->saturated && excess(&resources[i], row) > worst) {
                        worst = excess(&resources[i], row);
                        table.bottleneck = (int)row->resource;
                }
        }
        return table;
}
