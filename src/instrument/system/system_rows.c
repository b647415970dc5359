#include "instrument/system/system_rows.h"

#include <math.h>
#include <string.h>

#define AT(field) offsetof(Totals, field)

/* To add a metric: a row in metrics.def, a field in Totals that a look fills, a row here. */
const SystemRow system_rows[] = {
#define RATE(metric, source, value, per)                                           \
        {                                                                          \
                METRIC_##metric, "", SOURCE_##source, ROW_RATE, AT(value), AT(per) \
        }
#define LEVEL(metric, source, kind, value)                                     \
        {                                                                      \
                METRIC_##metric, "", SOURCE_##source, ROW_##kind, AT(value), 0 \
        }
        RATE(CPU, PROCESSES, cpu_s, elapsed_s),
        RATE(CPU_USER, PROCESSES, cpu_user_s, elapsed_s),
        RATE(CPU_SYSTEM, PROCESSES, cpu_system_s, elapsed_s),
        RATE(RUNQUEUE_WAIT, WAIT, wait_s, elapsed_s),
        LEVEL(MEMORY, PROCESSES, PEAK, memory_bytes),
        RATE(FAULTS_MINOR, PROCESSES, faults_minor, elapsed_s),
        RATE(FAULTS_MAJOR, PROCESSES, faults_major, elapsed_s),
        RATE(SWITCHES_VOLUNTARY, SWITCHES, switches_voluntary, elapsed_s),
        RATE(SWITCHES_FORCED, SWITCHES, switches_forced, elapsed_s),
        RATE(DISK_READ, DISK, disk_read_bytes, elapsed_s),
        RATE(DISK_WRITE, DISK, disk_write_bytes, elapsed_s),
        LEVEL(FDS, FDS, PEAK, fds),
        LEVEL(THREADS, PROCESSES, PEAK, threads),
        RATE(HOST_CPU, HOST_CPU, host_busy_s, host_cpu_s),
        RATE(HOST_STEAL, HOST_CPU, host_steal_s, host_cpu_s),
        RATE(HOST_RUNQUEUE, HOST_WAIT, host_wait_s, host_capacity_s),
        LEVEL(HOST_MEMORY, HOST_MEMORY, MEAN, host_memory),
        RATE(HOST_SWAP, HOST_SWAP, host_swap_bytes, elapsed_s),
        LEVEL(HOST_DISK_BUSY, HOST_DISK, SERIES, host_disk_busy),
        RATE(HOST_DISK_IOPS, HOST_DISK, host_disk_ops, elapsed_s),
        RATE(HOST_DISK_BYTES, HOST_DISK, host_disk_bytes, elapsed_s),
        RATE(HOST_NET_IN, HOST_NET, net_in_bytes, elapsed_s),
        RATE(HOST_NET_OUT, HOST_NET, net_out_bytes, elapsed_s),
        RATE(HOST_NET_ERRORS, HOST_NET, net_errors, elapsed_s),
        { METRIC_HOST_NET_IN, "lo", SOURCE_HOST_NET, ROW_RATE, AT(loop_in_bytes), AT(elapsed_s) },
        { METRIC_HOST_NET_OUT, "lo", SOURCE_HOST_NET, ROW_RATE, AT(loop_out_bytes), AT(elapsed_s) },
        RATE(HOST_PSI_CPU, PSI_CPU, psi_cpu_s, elapsed_s),
        RATE(HOST_PSI_MEMORY, PSI_MEMORY, psi_memory_s, elapsed_s),
        RATE(HOST_PSI_IO, PSI_IO, psi_io_s, elapsed_s),
#undef RATE
#undef LEVEL
};

const size_t n_system_rows = COUNT(system_rows);

static double field_of(const Totals *totals, size_t offset)
{
        double value;

        memcpy(&value, (const char *)totals + offset, sizeof(value));
        return value;
}

SystemTrack system_track_new(Arena *arena)
{
        SystemTrack track = { .rows = new (arena, RowTrack, n_system_rows) };

        for (size_t i = 0; i < n_system_rows; i++)
                track.rows[i].series = bounded_series_in(arena, SERIES_POINTS);
        return track;
}

static void add_level(RowTrack *track, double level)
{
        track->peak = track->levels ? MAX(track->peak, level) : level;
        track->level_sum += level;
        track->levels++;
}

/* A counter that falls adds nothing. */
static double growth(const Totals *before, const Totals *now, size_t offset)
{
        return MAX(field_of(now, offset) - field_of(before, offset), 0.0);
}

/* What the step between two looks brings to the row; returns the point for its series. */
static double add_step(const SystemRow *row, RowTrack *track, const Totals *before,
                       const Totals *now)
{
        double value, per;

        if (row->kind != ROW_RATE) {
                add_level(track, field_of(now, row->value));
                return field_of(now, row->value);
        }
        value = growth(before, now, row->value);
        per = growth(before, now, row->per);
        track->value += value;
        track->per += per;
        return per > 0 ? value / per : (double)NAN;
}

void system_track_start(SystemTrack *track, const Totals *first)
{
        for (size_t i = 0; i < n_system_rows; i++)
                if (system_rows[i].kind != ROW_RATE)
                        add_level(&track->rows[i], field_of(first, system_rows[i].value));
}

void system_track_add(SystemTrack *track, uint64_t tick, const Totals *before, const Totals *now)
{
        for (size_t i = 0; i < n_system_rows; i++) {
                double point = add_step(&system_rows[i], &track->rows[i], before, now);

                bounded_series_put(&track->rows[i].series, tick, point);
        }
}

void system_track_end(SystemTrack *track, const Totals *before, const Totals *now)
{
        for (size_t i = 0; i < n_system_rows; i++)
                add_step(&system_rows[i], &track->rows[i], before, now);
}

double row_value(const SystemRow *row, const RowTrack *track)
{
        switch (row->kind) {
        case ROW_RATE:
                return track->per > 0 ? track->value / track->per : (double)NAN;
        case ROW_PEAK:
                return track->levels ? track->peak : (double)NAN;
        case ROW_MEAN:
                return track->levels ? track->level_sum / (double)track->levels : (double)NAN;
        case ROW_SERIES:
                return (double)NAN;
        }
        return (double)NAN;
}
