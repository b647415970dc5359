/* What tools call their units. Case counts: "ms" is no "Ms". */

#include "import/import.h"

typedef struct UnitRow {
        const char *text;
        MetricId metric;
        double scale;
        const char *custom; /* the unit of the scaled value, where the metric is custom */
} UnitRow;

#define MINUTE_NS 60e9
#define HOUR_NS 3600e9

static const UnitRow rows[] = {
        { "ps", METRIC_TIME, 1e-3 },
        { "picoseconds", METRIC_TIME, 1e-3 },
        { "ns", METRIC_TIME, 1 },
        { "nsec", METRIC_TIME, 1 },
        { "nanosecond", METRIC_TIME, 1 },
        { "nanoseconds", METRIC_TIME, 1 },
        { "us", METRIC_TIME, 1e3 },
        { "\u00b5s", METRIC_TIME, 1e3 }, /* micro sign */
        { "\u03bcs", METRIC_TIME, 1e3 }, /* Greek mu */
        { "usec", METRIC_TIME, 1e3 },
        { "microsecond", METRIC_TIME, 1e3 },
        { "microseconds", METRIC_TIME, 1e3 },
        { "ms", METRIC_TIME, 1e6 },
        { "msec", METRIC_TIME, 1e6 },
        { "millisecond", METRIC_TIME, 1e6 },
        { "milliseconds", METRIC_TIME, 1e6 },
        { "s", METRIC_TIME, 1e9 },
        { "sec", METRIC_TIME, 1e9 },
        { "secs", METRIC_TIME, 1e9 },
        { "second", METRIC_TIME, 1e9 },
        { "seconds", METRIC_TIME, 1e9 },
        { "m", METRIC_TIME, MINUTE_NS },
        { "min", METRIC_TIME, MINUTE_NS },
        { "mins", METRIC_TIME, MINUTE_NS },
        { "minutes", METRIC_TIME, MINUTE_NS },
        { "h", METRIC_TIME, HOUR_NS },
        { "hr", METRIC_TIME, HOUR_NS },
        { "hours", METRIC_TIME, HOUR_NS },

        { "ops/s", METRIC_OPS, 1 },
        { "op/s", METRIC_OPS, 1 },
        { "ops/sec", METRIC_OPS, 1 },
        { "ops/ms", METRIC_OPS, 1e3 },
        { "ops/us", METRIC_OPS, 1e6 },
        { "ops/ns", METRIC_OPS, 1e9 },
        { "ops/min", METRIC_OPS, 1 / 60.0 },
        { "ops/hr", METRIC_OPS, 1 / 3600.0 },
        { "ops/day", METRIC_OPS, 1 / 86400.0 },
        { "iterations/s", METRIC_OPS, 1 },
        { "iterations/sec", METRIC_OPS, 1 },
        { "iter/s", METRIC_OPS, 1 },
        { "i/s", METRIC_OPS, 1 },
        { "items/s", METRIC_OPS, 1 },
        { "elem/s", METRIC_OPS, 1 },
        { "Kelem/s", METRIC_OPS, 1e3 },
        { "Melem/s", METRIC_OPS, 1e6 },
        { "Gelem/s", METRIC_OPS, 1e9 },
        { "Hz", METRIC_OPS, 1 },
        { "hz", METRIC_OPS, 1 },
        { "/s", METRIC_OPS, 1 },
        { "req/s", METRIC_THROUGHPUT, 1 },
        { "req/sec", METRIC_THROUGHPUT, 1 },
        { "reqs/s", METRIC_THROUGHPUT, 1 },
        { "requests/s", METRIC_THROUGHPUT, 1 },
        { "requests/sec", METRIC_THROUGHPUT, 1 },
        { "rps", METRIC_THROUGHPUT, 1 },

        { "B/s", METRIC_BANDWIDTH, 1 },
        { "B/sec", METRIC_BANDWIDTH, 1 },
        { "bytes/s", METRIC_BANDWIDTH, 1 },
        { "bytes/sec", METRIC_BANDWIDTH, 1 },
        { "kB/s", METRIC_BANDWIDTH, 1e3 },
        { "KB/s", METRIC_BANDWIDTH, 1e3 },
        { "KB/sec", METRIC_BANDWIDTH, 1e3 },
        { "MB/s", METRIC_BANDWIDTH, 1e6 },
        { "MB/sec", METRIC_BANDWIDTH, 1e6 },
        { "GB/s", METRIC_BANDWIDTH, 1e9 },
        { "GB/sec", METRIC_BANDWIDTH, 1e9 },
        { "TB/s", METRIC_BANDWIDTH, 1e12 },
        { "KiB/s", METRIC_BANDWIDTH, 0x1p10 },
        { "MiB/s", METRIC_BANDWIDTH, 0x1p20 },
        { "GiB/s", METRIC_BANDWIDTH, 0x1p30 },
        { "TiB/s", METRIC_BANDWIDTH, 0x1p40 },

        { "B/op", METRIC_ALLOCATED, 1 },
        { "bytes/op", METRIC_ALLOCATED, 1 },
        { "kB/op", METRIC_ALLOCATED, 1e3 },
        { "KB/op", METRIC_ALLOCATED, 1e3 },
        { "MB/op", METRIC_ALLOCATED, 1e6 },
        { "KiB/op", METRIC_ALLOCATED, 0x1p10 },
        { "MiB/op", METRIC_ALLOCATED, 0x1p20 },
        { "allocs/op", METRIC_ALLOCATIONS, 1 },
        { "instructions", METRIC_INSTRUCTIONS, 1 },
        { "Ir", METRIC_INSTRUCTIONS, 1 },
        { "cycles", METRIC_CYCLES, 1 },

        { "B", METRIC_CUSTOM, 1, "B" },
        { "bytes", METRIC_CUSTOM, 1, "B" },
        { "kB", METRIC_CUSTOM, 1e3, "B" },
        { "KB", METRIC_CUSTOM, 1e3, "B" },
        { "MB", METRIC_CUSTOM, 1e6, "B" },
        { "GB", METRIC_CUSTOM, 1e9, "B" },
        { "KiB", METRIC_CUSTOM, 0x1p10, "B" },
        { "MiB", METRIC_CUSTOM, 0x1p20, "B" },
        { "GiB", METRIC_CUSTOM, 0x1p30, "B" },
        { "%", METRIC_CUSTOM, 1, "%" },
        { "percent", METRIC_CUSTOM, 1, "%" },
        { "k", METRIC_CUSTOM, 1e3, "count" },
        { "count", METRIC_CUSTOM, 1, "count" },
};

static const UnitRow *find_row(Span unit)
{
        for (size_t i = 0; i < COUNT(rows); i++)
                if (span_is(unit, rows[i].text))
                        return &rows[i];
        return NULL;
}

/* "ns" of "ns/op": per what, goes without saying. */
static Span without_per(Span unit)
{
        static const char *const per[] = { "/op", "/iter", "/iteration", "/run", "/call" };

        for (size_t i = 0; i < COUNT(per); i++)
                if (span_ends(unit, per[i]))
                        return span_first(unit, unit.len - strlen(per[i]));
        return unit;
}

ImportUnit import_unit(Span unit)
{
        const UnitRow *row;

        unit = span_trim(unit);
        row = find_row(unit);
        if (!row)
                row = find_row(without_per(unit));
        if (!row)
                return (ImportUnit){ METRIC_CUSTOM, 1, unit };
        return (ImportUnit){ row->metric, row->scale, span_of(row->custom) };
}
