/* Every parser of /proc text on the same bytes: no crash, no overflow, whatever the kernel prints.
 */

#include "instrument/system/cpuinfo.h"
#include "instrument/system/fingerprint.h"
#include "instrument/system/proc_host.h"
#include "instrument/system/proc_process.h"
#include "instrument/system/proc_socket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef union Parsed {
        ProcStat stat;
        ProcStatus status;
        ProcIo io;
        ProcSchedstat schedstat;
        HostCpu cpu;
        HostMemory memory;
        HostSwap swap;
        HostLoad load;
        DiskRow disk;
        InterfaceRow interface;
        ListenRow listen;
        uint64_t number;
} Parsed;

static void whole_files(Span text)
{
        Parsed p;
        Error err;

        if (proc_stat_parse(text, &p.stat, &err) == 0 && p.stat.name.len > text.len)
                __builtin_trap();
        proc_status_parse(text, &p.status, &err);
        proc_io_parse(text, &p.io, &err);
        proc_schedstat_parse(text, &p.schedstat, &err);
        proc_pss_parse(text, &p.number, &err);
        if (proc_host_cpu_parse(text, &p.cpu, &err) == 0 &&
            host_cpu_total(&p.cpu) < host_cpu_busy(&p.cpu))
                __builtin_trap();
        if (proc_meminfo_parse(text, &p.memory, &err) == 0 && p.memory.total_bytes == 0)
                __builtin_trap();
        proc_vmstat_parse(text, &p.swap, &err);
        proc_host_schedstat_parse(text, &p.number, &err);
        proc_retransmits_parse(text, &p.number, &err);
        proc_pressure_parse(text, &p.number, &err);
        proc_loadavg_parse(text, &p.load, &err);
}

static void lines(Span text)
{
        Parsed p;
        Error err;
        Span line;

        while (span_next_line(&text, &line)) {
                proc_disk_parse(line, &p.disk, &err);
                proc_interface_parse(line, &p.interface, &err);
                proc_listen_parse(line, &p.listen, &err);
                proc_socket_inode(line, &p.number);
        }
}

static void machine(Span text)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Span revision;
        bool dirty;

        cpuinfo_parse(text, arena);
        hypervisor_name(text);
        git_status_parse(text, &revision, &dirty);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Span text = { (const char *)data, size };

        whole_files(text);
        lines(text);
        machine(text);
        return 0;
}
