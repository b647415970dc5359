/* The machine's side of a look: one row per file of /proc, each with what it brings. */

#include "instrument/system/observer.h"

typedef struct HostFile {
        SourceId source;
        const char *path;
        int (*take)(Observer *o, Span text, Error *err);
} HostFile;

static int take_cpu(Observer *o, Span text, Error *err)
{
        HostCpu cpu;
        int r = proc_host_cpu_parse(text, &cpu, err);

        if (r < 0)
                return r;
        o->totals.host_cpu_s = (double)host_cpu_total(&cpu) * tick_s();
        o->totals.host_busy_s = (double)host_cpu_busy(&cpu) * tick_s();
        o->totals.host_steal_s = (double)cpu.steal * tick_s();
        o->totals.host_capacity_s +=
                (o->totals.elapsed_s - o->totals_before.elapsed_s) * (double)cpu.cpus;
        return 0;
}

static int take_wait(Observer *o, Span text, Error *err)
{
        uint64_t wait_ns;
        int r = proc_host_schedstat_parse(text, &wait_ns, err);

        if (r == 0)
                o->totals.host_wait_s = (double)wait_ns / 1e9;
        return r;
}

static int take_memory(Observer *o, Span text, Error *err)
{
        HostMemory memory;
        int r = proc_meminfo_parse(text, &memory, err);

        if (r == 0)
                o->totals.host_memory =
                        1 - (double)memory.available_bytes / (double)memory.total_bytes;
        return r;
}

static int take_swap(Observer *o, Span text, Error *err)
{
        HostSwap swap;
        int r = proc_vmstat_parse(text, &swap, err);

        if (r == 0)
                o->totals.host_swap_bytes =
                        ((double)swap.in_pages + (double)swap.out_pages) * page_bytes();
        return r;
}

/* Disks whose work is done by others in the list, or by none. */
static bool is_virtual_disk(Span name)
{
        static const char *const prefixes[] = { "loop", "ram", "zram", "dm-", "md", "nbd" };

        for (size_t i = 0; i < COUNT(prefixes); i++)
                if (span_starts(name, prefixes[i]))
                        return true;
        return false;
}

/* Hardware has a "device" in /sys/block; where that cannot be seen the name has to tell. */
static bool is_physical_disk(Observer *o, Span name)
{
        if (!o->has_sys || !proc_exists(&o->sys, "block"))
                return !is_virtual_disk(name) && !device_is_part(&o->disks, name);
        return proc_exists(&o->sys, proc_path("block/%.*s/device", SPAN_ARG(name)).text);
}

enum { DISK_OPS, DISK_BYTES, DISK_BUSY_MS };

static void advance_disk(Observer *o, const DiskRow *row)
{
        bool is_new;
        Device *disk = device_set_at(&o->disks, row->name, &is_new);
        double elapsed_s = o->totals.elapsed_s - o->totals_before.elapsed_s;

        if (!disk)
                return;
        if (is_new)
                disk->physical = is_physical_disk(o, row->name);
        device_advance(disk,
                       (uint64_t[]){ row->reads + row->writes,
                                     (row->sectors_read + row->sectors_written) * DISK_SECTOR_BYTES,
                                     row->busy_ms });
        if (disk->physical && elapsed_s > 0)
                o->totals.host_disk_busy =
                        MAX(o->totals.host_disk_busy,
                            MIN((double)disk->recent[DISK_BUSY_MS] / 1e3 / elapsed_s, 1.0));
}

static int take_disks(Observer *o, Span text, Error *err)
{
        size_t physical = 0;
        Span line;

        o->totals.host_disk_busy = 0;
        while (span_next_line(&text, &line)) {
                DiskRow row;
                int r = proc_disk_parse(line, &row, err);

                if (r < 0)
                        return r;
                advance_disk(o, &row);
        }
        o->totals.host_disk_ops = o->totals.host_disk_bytes = 0;
        for (size_t i = 0; i < o->disks.len; i++) {
                const Device *disk = &o->disks.items[i];

                if (!disk->physical)
                        continue;
                physical++;
                o->totals.host_disk_ops += (double)disk->total[DISK_OPS];
                o->totals.host_disk_bytes += (double)disk->total[DISK_BYTES];
        }
        if (physical == 0)
                return fail(err, ERR_UNAVAILABLE, "no disk is visible from here");
        return 0;
}

enum { NET_IN, NET_OUT, NET_ERRORS };

static void advance_interface(Observer *o, const InterfaceRow *row)
{
        bool is_new;
        Device *device = device_set_at(&o->interfaces, row->name, &is_new);

        if (!device)
                return;
        if (is_new)
                device->physical =
                        o->has_sys &&
                        proc_exists(&o->sys,
                                    proc_path("class/net/%.*s/device", SPAN_ARG(row->name)).text);
        device_advance(device, (uint64_t[]){ row->in_bytes, row->out_bytes, row->errors });
}

static bool is_loopback(const Device *device)
{
        return span_is(span_of(device->name), "lo");
}

/* Bridges and tunnels carry what the hardware carries again, so they count only where there is no
 * hardware at all, as in a container. Decided once: sums must not jump. */
static void choose_interfaces(Observer *o)
{
        o->all_interfaces = true;
        for (size_t i = 0; i < o->interfaces.len; i++)
                o->all_interfaces &= !o->interfaces.items[i].physical;
}

static void sum_interfaces(Observer *o)
{
        Totals *t = &o->totals;

        t->net_in_bytes = t->net_out_bytes = t->net_errors = 0;
        for (size_t i = 0; i < o->interfaces.len; i++) {
                const Device *d = &o->interfaces.items[i];

                if (is_loopback(d)) {
                        t->loop_in_bytes = (double)d->total[NET_IN];
                        t->loop_out_bytes = (double)d->total[NET_OUT];
                } else if (d->physical || o->all_interfaces) {
                        t->net_in_bytes += (double)d->total[NET_IN];
                        t->net_out_bytes += (double)d->total[NET_OUT];
                        t->net_errors += (double)d->total[NET_ERRORS];
                }
        }
}

static int take_interfaces(Observer *o, Span text, Error *err)
{
        Span line;

        while (span_next_line(&text, &line)) {
                InterfaceRow row;
                int r = proc_interface_parse(line, &row, err);

                if (r == -ERR_NOT_FOUND)
                        continue;
                if (r < 0)
                        return r;
                advance_interface(o, &row);
        }
        if (o->looks == 0)
                choose_interfaces(o);
        sum_interfaces(o);
        return 0;
}

/* After the interfaces: their errors and these are one number. */
static int take_retransmits(Observer *o, Span text, Error *err)
{
        uint64_t retransmits;
        int r = proc_retransmits_parse(text, &retransmits, err);

        if (r == 0)
                o->totals.net_errors += (double)retransmits;
        return r;
}

static int take_pressure(Span text, double *ret_s, Error *err)
{
        uint64_t total_us;
        int r = proc_pressure_parse(text, &total_us, err);

        if (r == 0)
                *ret_s = (double)total_us / 1e6;
        return r;
}

static int take_psi_cpu(Observer *o, Span text, Error *err)
{
        return take_pressure(text, &o->totals.psi_cpu_s, err);
}

static int take_psi_memory(Observer *o, Span text, Error *err)
{
        return take_pressure(text, &o->totals.psi_memory_s, err);
}

static int take_psi_io(Observer *o, Span text, Error *err)
{
        return take_pressure(text, &o->totals.psi_io_s, err);
}

static const HostFile host_files[] = {
        { SOURCE_HOST_CPU, "stat", take_cpu },
        { SOURCE_HOST_WAIT, "schedstat", take_wait },
        { SOURCE_HOST_MEMORY, "meminfo", take_memory },
        { SOURCE_HOST_SWAP, "vmstat", take_swap },
        { SOURCE_HOST_DISK, "diskstats", take_disks },
        { SOURCE_HOST_NET, "net/dev", take_interfaces },
        { SOURCE_HOST_TCP, "net/snmp", take_retransmits },
        { SOURCE_PSI_CPU, "pressure/cpu", take_psi_cpu },
        { SOURCE_PSI_MEMORY, "pressure/memory", take_psi_memory },
        { SOURCE_PSI_IO, "pressure/io", take_psi_io },
};

static bool is_replaced(const Observer *o, SourceId source)
{
        return source == SOURCE_HOST_WAIT && o->wait_by_threads;
}

/* A file that failed once is not read again: its metrics are gone for this window. */
void observe_host(Observer *o)
{
        for (size_t i = 0; i < COUNT(host_files); i++) {
                const HostFile *file = &host_files[i];
                Error err = { 0 };
                Span text;
                int r;

                if (o->sources[file->source].why.code || is_replaced(o, file->source))
                        continue;
                r = proc_read_start(&o->proc, file->path, &text, &err);
                if (r == 0)
                        r = file->take(o, text, &err);
                if (r < 0)
                        observer_failed(o, file->source, &err);
        }
}

void observe_host_end(Observer *o)
{
        Span text;

        if (proc_read(&o->proc, "loadavg", &text, NULL) < 0 ||
            proc_loadavg_parse(text, &o->load, NULL) < 0)
                o->load = (HostLoad){ 0 };
}
