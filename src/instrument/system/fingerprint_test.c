#include "harness.h"

#include "base/fs.h"
#include "base/subprocess.h"
#include "instrument/system/cpuinfo.h"
#include "instrument/system/fake_proc.h"
#include "instrument/system/fingerprint.h"

#include <errno.h>

static FakeProc machine(Arena *arena, const char *mhz, unsigned memory_kib)
{
        FakeProc fake = fake_proc_in(arena);

        fake_host(&fake, 1);
        fake_write(&fake, "meminfo", "MemTotal: %u kB\nMemAvailable: 1 kB\n", memory_kib);
        fake_write(&fake, "cpuinfo",
                   "processor\t: 0\nmodel name\t: AMD EPYC 7763\ncpu MHz\t\t: %s\n"
                   "flags\t\t: fpu hypervisor lm\nbogomips\t: %s\n\n"
                   "processor\t: 1\nmodel name\t: Other\n",
                   mhz, mhz);
        fake_write(&fake, "sys/kernel/osrelease", "6.18.44\n");
        fake_write(&fake, "sys/kernel/hostname", "build-3\n");
        fake_write(&fake, "sys-fs/class/dmi/id/sys_vendor", "Amazon EC2\n");
        fake_write(&fake, "sys-fs/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                   "performance\n");
        return fake;
}

static Fingerprint take(const FakeProc *fake)
{
        const FingerprintSetup setup = { .proc_root = fake->root,
                                         .sys_root = path_join(fake->arena, fake->root, "sys-fs"),
                                         .dir = fake->root };
        Fingerprint f;
        Error err = { 0 };

        assert_ok(fingerprint_take_in(&setup, fake->arena, &f, &err), err);
        return f;
}

TEST(fingerprint_reads_the_machine)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = machine(arena, "2596.1", 24684084);
        Fingerprint f = take(&fake);

        assert_span(f.cpu_model, "AMD EPYC 7763");
        assert_int_equal(f.cpus, 2);
        assert_int_equal(f.memory_bytes, UINT64_C(24684084) * 1024);
        assert_span(f.kernel, "6.18.44");
        assert_span(f.hostname, "build-3");
        assert_span(f.governor, "performance");
        assert_span(f.virtualization, "amazon");
        assert_span(f.hone_version, HONE_VERSION);
        assert_int_equal(f.machine_id.len, 16);
        assert_span(f.git_revision, "");
}

TEST(fingerprint_is_blind_to_frequency_and_a_few_kilobytes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        FakeProc a = machine(arena, "2596.1", 24684084), b = machine(arena, "800.0", 24684100);
        FakeProc c = machine(arena, "2596.1", 32684084);

        assert_true(span_eq(take(&a).machine_id, take(&b).machine_id));
        assert_false(span_eq(take(&a).machine_id, take(&c).machine_id));
}

TEST(fingerprint_tells_mixed_governors)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = machine(arena, "1", 1000);

        fake_write(&fake, "sys-fs/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
        assert_span(take(&fake).governor, "mixed");
        fake_remove(&fake, "sys-fs");
        assert_span(take(&fake).governor, "");
        assert_span(take(&fake).virtualization, "virtual machine");
}

TEST(fingerprint_needs_a_readable_proc)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = machine(arena, "1", 1000);
        FingerprintSetup setup = { .proc_root = "/nowhere/at/all", .sys_root = "/sys" };
        Fingerprint f;
        Error err = { 0 };

        assert_fails(fingerprint_take_in(&setup, arena, &f, &err), err, ENOENT);
        fake_write(&fake, "meminfo", "MemTotal: 1\n");
        setup.proc_root = fake.root;
        assert_fails(fingerprint_take_in(&setup, arena, &f, &err), err, ERR_INPUT);
}

TEST(fingerprint_of_this_machine_is_the_same_twice)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Fingerprint a, b;
        Error err = { 0 };

        assert_ok(fingerprint_take("/", arena, &a, &err), err);
        assert_ok(fingerprint_take("/", arena, &b, &err), err);
        assert_true(a.cpus > 0 && a.memory_bytes > 0 && a.kernel.len && a.cpu_model.len);
        assert_true(span_eq(a.machine_id, b.machine_id));
}

static bool git(const FakeProc *fake, const char *shell)
{
        Subprocess done;

        return subprocess_run(&(SubprocessPlan){ .shell = shell,
                                                 .dir = fake->root,
                                                 .timeout_ns = 20 * NS_PER_S },
                              fake->arena, &done, NULL) == 0 &&
               done.exit_status == 0;
}

TEST(fingerprint_knows_the_revision_and_whether_it_is_dirty)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        FakeProc fake = machine(arena, "1", 1000);
        Fingerprint f;

        if (!git(&fake, "git --version && git init -q ."))
                skip_because("no git here");
        assert_span(take(&fake).git_revision, "");
        assert_true(git(&fake, "git add cpuinfo && git -c user.name=n -c user.email=e "
                               "-c commit.gpgsign=false commit -qm first"));
        f = take(&fake);
        assert_true(f.git_revision.len == 40 || f.git_revision.len == 64);
        assert_false(f.git_dirty);
        fake_write(&fake, "cpuinfo", "changed\n");
        assert_true(take(&fake).git_dirty);
}

TEST(git_status_of_all_shapes)
{
        static const struct {
                const char *text, *revision;
                bool dirty;
        } rows[] = {
                { "", "", false },
                { "# branch.oid (initial)\n# branch.head master\n", "", false },
                { "# branch.oid abc123\n# branch.head (detached)\n", "abc123", false },
                { "# branch.oid abc123\n1 .M N... 100644 100644 100644 a b file\n", "abc123",
                  true },
                { "fatal: not a git repository\n", "", true },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                Span revision;
                bool dirty;

                git_status_parse(span_of(rows[i].text), &revision, &dirty);
                assert_span(revision, rows[i].revision);
                assert_int_equal(dirty, rows[i].dirty);
        }
}

TEST(cpuinfo_of_other_processors)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        CpuInfo arm = cpuinfo_parse(SPAN("processor : 0\nCPU implementer : 0x41\n"
                                         "CPU part : 0xd0c\n"),
                                    arena);
        CpuInfo power = cpuinfo_parse(SPAN("processor : 0\ncpu : POWER9 (raw)\n"), arena);
        CpuInfo bare = cpuinfo_parse(SPAN("model name : X\nflags : fpu vmx\n"), arena);
        CpuInfo none = cpuinfo_parse(SPAN("\n:\nmodel name\n"), arena);

        assert_span(arm.model, "ARM implementer 0x41 part 0xd0c");
        assert_false(arm.has_flags);
        assert_span(power.model, "POWER9 (raw)");
        assert_true(bare.has_flags && !bare.hypervisor);
        assert_span(none.model, "");
}

TEST(hypervisors_are_known_by_their_boards)
{
        assert_string_equal(hypervisor_name(SPAN("Standard PC\nQEMU\n")), "qemu");
        assert_string_equal(hypervisor_name(SPAN("VMware7,1\n")), "vmware");
        assert_null(hypervisor_name(SPAN("PowerEdge R740\nDell Inc.\n")));
        assert_null(hypervisor_name(SPAN("")));
}
