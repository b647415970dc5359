#include "instrument/system/fingerprint.h"

#include "base/digest.h"
#include "base/subprocess.h"
#include "instrument/system/cpuinfo.h"
#include "instrument/system/proc_file.h"
#include "instrument/system/proc_host.h"

#define GIT_TIMEOUT_NS (3 * NS_PER_S)
#define MACHINE_ID_DIGITS 16
#define MOST_GOVERNORS 1024 /* CPUs that are asked */

/* A small file, trimmed, in the arena; empty when it is not there. */
static Span read_text(ProcReader *reader, const char *path, Arena *arena)
{
        Span text;

        if (proc_read(reader, path, &text, NULL) < 0)
                return (Span){ 0 };
        text = span_trim(text);
        return text.len ? span_copy(arena, text) : (Span){ 0 };
}

static int take_cpus(ProcReader *proc, Fingerprint *f, Error *err)
{
        HostCpu cpu;
        Span text;
        int r = proc_read_start(proc, "stat", &text, err);

        if (r == 0)
                r = proc_host_cpu_parse(text, &cpu, err);
        if (r == 0)
                f->cpus = cpu.cpus;
        return r;
}

static int take_memory(ProcReader *proc, Fingerprint *f, Error *err)
{
        HostMemory memory;
        Span text;
        int r = proc_read(proc, "meminfo", &text, err);

        if (r == 0)
                r = proc_meminfo_parse(text, &memory, err);
        if (r == 0)
                f->memory_bytes = memory.total_bytes;
        return r;
}

static Span take_governor(ProcReader *sys, uint64_t cpus, Arena *arena)
{
        static const char format[] = "devices/system/cpu/cpu%u/cpufreq/scaling_governor";
        Span first = read_text(sys, proc_path(format, 0u).text, arena);

        for (unsigned cpu = 1; first.len && cpu < MIN(cpus, (uint64_t)MOST_GOVERNORS); cpu++) {
                Span text;

                if (proc_read(sys, proc_path(format, cpu).text, &text, NULL) == 0 &&
                    !span_eq(span_trim(text), first))
                        return SPAN("mixed");
        }
        return first;
}

static const char *name_from_dmi(ProcReader *sys, Arena *arena)
{
        static const char *const files[] = { "product_name", "sys_vendor", "board_vendor",
                                             "bios_vendor" };

        for (size_t i = 0; i < COUNT(files); i++) {
                Span text = read_text(sys, proc_path("class/dmi/id/%s", files[i]).text, arena);
                const char *name = hypervisor_name(text);

                if (name)
                        return name;
        }
        return NULL;
}

/* The processor's flag decides where there is one: clouds sell bare metal under the same names. */
static Span take_virtualization(ProcReader *sys, const CpuInfo *info, Arena *arena)
{
        const char *name;

        if (info->has_flags && !info->hypervisor)
                return SPAN("none");
        name = sys ? name_from_dmi(sys, arena) : NULL;
        if (name)
                return span_of(name);
        return info->hypervisor ? SPAN("virtual machine") : SPAN("not known");
}

static void take_sys(const char *sys_root, const CpuInfo *info, Arena *arena, Arena *scratch,
                     Fingerprint *f)
{
        ProcReader sys;

        if (proc_reader_open(sys_root, scratch, &sys, NULL) < 0) {
                f->virtualization = take_virtualization(NULL, info, arena);
                return;
        }
        f->governor = take_governor(&sys, f->cpus, arena);
        f->virtualization = take_virtualization(&sys, info, arena);
        proc_reader_close(&sys);
}

static int take_proc(ProcReader *proc, Arena *arena, CpuInfo *info, Fingerprint *f, Error *err)
{
        Span text = { 0 };
        int r = take_cpus(proc, f, err);

        if (r == 0)
                r = take_memory(proc, f, err);
        if (r < 0)
                return r;
        f->hostname = read_text(proc, "sys/kernel/hostname", arena);
        f->kernel = read_text(proc, "sys/kernel/osrelease", arena);
        if (proc_read_start(proc, "cpuinfo", &text, NULL) < 0)
                text = (Span){ 0 };
        *info = cpuinfo_parse(text, arena);
        f->cpu_model = info->model;
        return 0;
}

/* To four significant bits: 23.9 and 24.1 GiB are one machine after two boots. */
static uint64_t coarse(uint64_t bytes)
{
        unsigned shift = bytes ? 63u - (unsigned)__builtin_clzll(bytes) : 0;

        shift = shift > 4 ? shift - 4 : 0;
        return (bytes + (shift ? UINT64_C(1) << (shift - 1) : 0)) >> shift << shift;
}

static Span machine_id(const Fingerprint *f, Arena *arena)
{
        char hex[DIGEST_SIZE];
        char *text = arena_printf(arena, "%.*s\n%llu\n%llu\n%.*s\n%.*s\n", SPAN_ARG(f->cpu_model),
                                  (unsigned long long)f->cpus,
                                  (unsigned long long)coarse(f->memory_bytes), SPAN_ARG(f->kernel),
                                  SPAN_ARG(f->virtualization));

        digest_hex(span_of(text), hex);
        return span_copy(arena, span_first(span_of(hex), MACHINE_ID_DIGITS));
}

void git_status_parse(Span text, Span *ret_revision, bool *ret_dirty)
{
        static const char oid[] = "# branch.oid ";
        Span revision = { 0 }, line;
        bool dirty = false;

        while (span_next_line(&text, &line)) {
                if (span_starts(line, oid) && !span_ends(line, "(initial)"))
                        revision = span_from(line, sizeof(oid) - 1);
                dirty |= line.len && !span_starts(line, "#");
        }
        *ret_revision = revision;
        *ret_dirty = dirty;
}

/* No git, no repository, one that is too slow: the revision stays empty. Files that git does not
 * track do not make it dirty. */
static void take_git(const char *dir, Arena *arena, Arena *scratch, Fingerprint *f)
{
        const SubprocessPlan plan = {
                .argv = (const char *const[]){ "git", "status", "--porcelain=v2", "--branch",
                                               "--untracked-files=no", NULL },
                .extra_env = (const char *const[]){ "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", NULL },
                .dir = dir,
                .timeout_ns = GIT_TIMEOUT_NS,
        };
        Subprocess done;
        Span revision;

        if (subprocess_run(&plan, scratch, &done, NULL) < 0 || done.exit_status || done.timed_out)
                return;
        git_status_parse(done.out, &revision, &f->git_dirty);
        f->git_revision = revision.len ? span_copy(arena, revision) : revision;
}

int fingerprint_take_in(const FingerprintSetup *setup, Arena *arena, Fingerprint *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(8));
        Fingerprint f = { .hone_version = SPAN(HONE_VERSION) };
        CpuInfo info = { 0 };
        ProcReader proc;
        int r = proc_reader_open(setup->proc_root, scratch, &proc, err);

        if (r < 0)
                return r;
        r = take_proc(&proc, arena, &info, &f, err);
        proc_reader_close(&proc);
        if (r < 0)
                return fail_while(err, "taking the fingerprint of this machine");
        take_sys(setup->sys_root, &info, arena, scratch, &f);
        f.machine_id = machine_id(&f, arena);
        take_git(setup->dir, arena, scratch, &f);
        *ret = f;
        return 0;
}

int fingerprint_take(const char *dir, Arena *arena, Fingerprint *ret, Error *err)
{
        return fingerprint_take_in(
                &(FingerprintSetup){ .proc_root = "/proc", .sys_root = "/sys", .dir = dir }, arena,
                ret, err);
}
