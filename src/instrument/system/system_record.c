#include "instrument/system/system_record.h"

#include "instrument/system/growth.h"

#include <math.h>

#define DISK_BUSY_MS 2 /* of a disk's counters */

static bool was_read(const Observer *o, SourceId source)
{
        return o->sources[source].why.code == 0 && (o->setup.pid || !source_is_of_target(source));
}

static uint64_t step_ns(const Sampler *s, const BoundedSeries *series)
{
        return s->setup.interval_ns * series->ticks_per_point;
}

static void record_row(const Sampler *s, Recording *rec, size_t i)
{
        const SystemRow *row = &system_rows[i];
        const RowTrack *track = &s->track.rows[i];
        const BoundedSeries *series = &track->series;
        double value = row_value(row, track);

        if (!was_read(&s->observer, row->source) || row->kind == ROW_SERIES)
                return;
        if (isnan(value)) {
                recording_note(rec, NOTE_NOT_EXAMINED, "%s: the window was too short",
                               metric_def(row->metric)->help);
                return;
        }
        recording_value(rec, row->metric, span_of(row->subject), value, s->observer.looks);
        if (series->len)
                recording_series(rec, row->metric, span_of(row->subject), 0, step_ns(s, series),
                                 series->values, series->len);
}

static size_t row_of(MetricId metric)
{
        for (size_t i = 0; i < n_system_rows; i++)
                if (system_rows[i].metric == metric)
                        return i;
        BUG("metric %d has no row", (int)metric);
}

/* The kernel keeps the peak of each process: exact when the tree is one process and the peak was
 * reached in the window. */
static void refine_memory_peak(const Sampler *s, Recording *rec)
{
        const Observer *o = &s->observer;
        const MetricValue *value = recording_find(rec, METRIC_MEMORY, SPAN(""));
        bool grew = o->last_peak_rss_bytes > o->first_peak_rss_bytes;

        if (value && o->most_processes == 1 && grew && o->first_peak_rss_bytes)
                for (size_t i = 0; i < rec->values.len; i++)
                        if (&rec->values.items[i] == value)
                                rec->values.items[i].value =
                                        MAX(value->value, (double)o->last_peak_rss_bytes);
}

static void record_growth(const Sampler *s, Recording *rec, Arena *arena)
{
        const BoundedSeries *memory = &s->track.rows[row_of(METRIC_MEMORY)].series;
        double per_s = 1e9 / (double)step_ns(s, memory);
        Growth growth;
        MetricValue *value;

        if (!was_read(&s->observer, SOURCE_PROCESSES))
                return;
        growth = growth_of(memory->values, memory->len, arena);
        if (isnan(growth.per_step)) {
                recording_note(rec, NOTE_NOT_EXAMINED,
                               "%s: needs %d looks at least, the window had %zu",
                               source_text(SOURCE_GROWTH), GROWTH_LEAST_POINTS, growth.points);
                return;
        }
        value = recording_value(rec, METRIC_MEMORY_GROWTH, SPAN(""), growth.per_step * per_s,
                                growth.points);
        value->low = growth.low * per_s;
        value->high = growth.high * per_s;
}

static void record_pss(const Sampler *s, Recording *rec)
{
        if (was_read(&s->observer, SOURCE_PSS))
                recording_value(rec, METRIC_MEMORY_PSS, SPAN(""), s->observer.pss_bytes, 1);
}

static const Device *busiest_disk(const DeviceSet *disks)
{
        const Device *busiest = NULL;

        for (size_t i = 0; i < disks->len; i++) {
                const Device *disk = &disks->items[i];
                uint64_t busy_ms = disk->total[DISK_BUSY_MS];

                if (disk->physical && (!busiest || busy_ms > busiest->total[DISK_BUSY_MS]))
                        busiest = disk;
        }
        return busiest;
}

/* The disk that was busiest over the window: by its name, and as the host's ("") so that readers
 * need not know the name. */
static void record_busiest_disk(const Sampler *s, Recording *rec)
{
        const Observer *o = &s->observer;
        const BoundedSeries *series = &s->track.rows[row_of(METRIC_HOST_DISK_BUSY)].series;
        const Device *disk = busiest_disk(&o->disks);
        Span subjects[2] = { SPAN(""), span_of(disk ? disk->name : NULL) };

        if (!disk || !was_read(o, SOURCE_HOST_DISK) || o->totals.elapsed_s <= 0)
                return;
        for (size_t i = 0; i < COUNT(subjects); i++) {
                double busy_s = (double)disk->total[DISK_BUSY_MS] / 1e3;

                recording_value(rec, METRIC_HOST_DISK_BUSY, subjects[i],
                                MIN(busy_s / o->totals.elapsed_s, 1.0), o->looks);
                if (series->len)
                        recording_series(rec, METRIC_HOST_DISK_BUSY, subjects[i], 0,
                                         step_ns(s, series), series->values, series->len);
        }
}

static void note_missing(const Observer *o, Recording *rec)
{
        for (SourceId i = 0; i < SOURCE_COUNT_; i++) {
                const Error *why = &o->sources[i].why;

                if (!why->code || (!o->setup.pid && source_is_of_target(i)))
                        continue;
                recording_note(rec, NOTE_NOT_EXAMINED, "%s: %s%s%s", source_text(i), why->message,
                               why->during[0] ? ", " : "", why->during);
        }
        if (!o->setup.pid)
                recording_note(rec, NOTE_NOT_EXAMINED, "the target's processes: none is known");
}

static void note_devices(const Observer *o, Recording *rec)
{
        Mark mark = arena_mark(o->arena);
        Buf disks = buf_in(o->arena, KiB(4)), interfaces = buf_in(o->arena, KiB(4));

        for (size_t i = 0; i < o->disks.len; i++)
                if (o->disks.items[i].physical)
                        buf_printf(&disks, " %s", o->disks.items[i].name);
        for (size_t i = 0; i < o->interfaces.len; i++)
                if (o->interfaces.items[i].physical ||
                    (o->all_interfaces && !span_is(span_of(o->interfaces.items[i].name), "lo")))
                        buf_printf(&interfaces, " %s", o->interfaces.items[i].name);
        recording_note(rec, NOTE_EXAMINED, "disks:%s; interfaces:%s",
                       disks.len ? disks.ptr : " none", interfaces.len ? interfaces.ptr : " none");
        if (o->disks.overflowed || o->interfaces.overflowed)
                recording_note(rec, NOTE_NOT_EXAMINED, "disks or interfaces past the first %d",
                               MOST_DEVICES);
        arena_reset(o->arena, mark);
}

static void note_window(const Sampler *s, Recording *rec)
{
        const Observer *o = &s->observer;
        double cost_ms = (double)s->cost_ns / 1e6, elapsed_s = o->totals.elapsed_s;

        if (o->setup.pid)
                recording_note(rec, NOTE_EXAMINED,
                               "process %d and all below it, at most %zu at once", o->setup.pid,
                               o->most_processes);
        recording_note(rec, NOTE_EXAMINED,
                       "%llu looks, one every %.3g s; looking used %.3g ms of CPU (%.3g %% of a "
                       "core)",
                       (unsigned long long)o->looks, (double)s->setup.interval_ns / 1e9, cost_ms,
                       elapsed_s > 0 ? cost_ms / 10 / elapsed_s : 0);
        if (s->skipped)
                recording_note(rec, NOTE_EXAMINED,
                               "%llu looks were left out, as one costs more than a twentieth of "
                               "the interval: their steps in the series have no value",
                               (unsigned long long)s->skipped);
        if (o->load.tasks)
                recording_note(rec, NOTE_EXAMINED,
                               "load average at the end %.2f %.2f %.2f, %llu of %llu tasks "
                               "runnable",
                               o->load.over_1min, o->load.over_5min, o->load.over_15min,
                               (unsigned long long)o->load.runnable,
                               (unsigned long long)o->load.tasks);
        if (o->wait_by_threads && was_read(o, SOURCE_HOST_WAIT))
                recording_note(rec, NOTE_EXAMINED,
                               "run-queue wait of the host: summed over its threads, as this "
                               "kernel has no /proc/schedstat");
        if (o->gone)
                recording_note(rec, NOTE_WARNING, "the target ended %.3g s into the window; %s",
                               elapsed_s,
                               o->last_stretch ? "its last stretch is known from its exit"
                                               : "what it did after the last look is not counted");
}

/* Waits and switches are known only of threads that live to be looked at. */
#define COVERED_ENOUGH 0.9
#define CPU_WORTH_A_NOTE_S 0.1

static void note_coverage(const Observer *o, Recording *rec)
{
        const Totals *t = &o->totals;

        if (was_read(o, SOURCE_WAIT) && t->cpu_s > CPU_WORTH_A_NOTE_S &&
            t->seen_run_s < COVERED_ENOUGH * t->cpu_s)
                recording_note(rec, NOTE_WARNING,
                               "run-queue wait and switches of the target cover %.0f %% of its CPU "
                               "time: the rest was used by threads that ended between two looks",
                               t->seen_run_s / t->cpu_s * 100);
        if (o->most_processes > 1)
                recording_note(rec, NOTE_EXAMINED,
                               "resident memory is the sum over the processes: pages that they "
                               "share count once for each; proportional memory does not");
}

Recording *system_record(const Sampler *s, Arena *arena)
{
        const Observer *o = &s->observer;
        Recording *rec = recording_new(arena, "system");

        rec->tier = SPAN("/proc");
        rec->wall_ns = s->wall_ns;
        rec->duration_ns = s->end_ns - s->start_ns;
        rec->partial = o->gone || (s->setup.duration_ns && !s->reached_end);
        for (size_t i = 0; i < n_system_rows; i++)
                record_row(s, rec, i);
        refine_memory_peak(s, rec);
        record_growth(s, rec, o->arena);
        record_pss(s, rec);
        record_busiest_disk(s, rec);
        note_window(s, rec);
        note_coverage(o, rec);
        note_devices(o, rec);
        note_missing(o, rec);
        return rec;
}
