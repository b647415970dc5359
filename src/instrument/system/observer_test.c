#include "harness.h"

#include "base/fs.h"
#include "instrument/system/fake_proc.h"
#include "instrument/system/observer.h"

#include <errno.h>
#include <unistd.h>

#define TARGET 20
#define SELF 10

static FakeProc machine(Arena *arena)
{
        FakeProc fake = fake_proc_in(arena);

        fake_host(&fake, 100);
        fake_process(&fake, &(FakeProcess){ .pid = 1 });
        fake_process(&fake, &(FakeProcess){ .pid = SELF, .ppid = 1, .inherited_user = 500 });
        fake_process(&fake, &(FakeProcess){ .pid = TARGET,
                                            .ppid = SELF,
                                            .user = 100,
                                            .system = 10,
                                            .rss_pages = 50,
                                            .read_bytes = 4096,
                                            .wait_ns = 1000000,
                                            .voluntary = 5,
                                            .pss_kib = 8 });
        fake_dir(&fake, "sys/block/sda/device");
        fake_dir(&fake, "sys/block/sdb/device");
        fake_dir(&fake, "sys/block/loop0");
        fake_dir(&fake, "sys/class/net/eth0/device");
        fake_dir(&fake, "sys/class/net/lo");
        return fake;
}

static int start(const FakeProc *fake, int pid, Observer *o, Error *err)
{
        return observer_start(
                o,
                &(ObserverSetup){ .proc_root = fake->root,
                                  .sys_root = path_join(fake->arena, fake->root, "sys"),
                                  .pid = pid,
                                  .self_pid = SELF },
                fake->arena, NS_PER_S, err);
}

static Observer *started(const FakeProc *fake, int pid)
{
        Observer *o = new (fake->arena, Observer, 1);
        Error err = { 0 };

        assert_ok(start(fake, pid, o, &err), err);
        return o;
}

TEST(observer_adds_up_what_the_target_used)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o = started(&fake, TARGET);

        fake_process(&fake, &(FakeProcess){ .pid = TARGET,
                                            .ppid = SELF,
                                            .user = 150,
                                            .system = 30,
                                            .rss_pages = 60,
                                            .threads = 1,
                                            .read_bytes = 8192,
                                            .write_bytes = 100,
                                            .wait_ns = 501000000,
                                            .voluntary = 25,
                                            .forced = 3,
                                            .pss_kib = 16 });
        fake_process(&fake, &(FakeProcess){ .pid = 30,
                                            .ppid = TARGET,
                                            .user = 7,
                                            .rss_pages = 5,
                                            .write_bytes = 11,
                                            .pss_kib = 4 });
        observer_look(o, 3 * NS_PER_S);
        observer_finish(o);
        assert_near(o->totals.elapsed_s, 2, 1e-9);
        assert_near(o->totals.cpu_user_s, 57 * tick_s(), 1e-9);
        assert_near(o->totals.cpu_system_s, 20 * tick_s(), 1e-9);
        assert_near(o->totals.cpu_s, 77 * tick_s(), 1e-9);
        assert_near(o->totals.disk_read_bytes, 4096, 0);
        assert_near(o->totals.disk_write_bytes, 111, 0);
        assert_near(o->totals.wait_s, 0.5, 1e-9);
        assert_near(o->totals.switches_voluntary, 20, 0);
        assert_near(o->totals.switches_forced, 3, 0);
        assert_near(o->totals.memory_bytes, 65 * page_bytes(), 0);
        assert_near(o->totals.threads, 2, 0);
        assert_near(o->totals.fds, 2, 0);
        assert_near(o->pss_bytes, 20 * 1024, 0);
        assert_int_equal(o->most_processes, 2);
        for (SourceId i = 0; i < SOURCE_COUNT_; i++)
                assert_string_equal(o->sources[i].why.message, "");
        observer_close(o);
}

TEST(observer_adds_up_what_the_machine_did)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o = started(&fake, 0);
        Totals first = o->totals;

        fake_host(&fake, 200);
        observer_look(o, 2 * NS_PER_S);
        assert_near(o->totals.host_busy_s - first.host_busy_s, 100 * tick_s(), 1e-9);
        assert_near(o->totals.host_steal_s - first.host_steal_s, 10 * tick_s(), 1e-9);
        assert_near(o->totals.host_wait_s - first.host_wait_s, 0.1, 1e-9);
        assert_near(o->totals.host_capacity_s, 2, 1e-9);
        assert_near(o->totals.host_memory, 0.75, 1e-9);
        assert_near(o->totals.host_swap_bytes - first.host_swap_bytes, 100 * page_bytes(), 1e-6);
        assert_near(o->totals.host_disk_ops, 200, 0); /* sda alone */
        assert_near(o->totals.host_disk_bytes, 300 * 512, 0);
        assert_near(o->totals.host_disk_busy, 0.1, 1e-9);
        assert_near(o->totals.net_in_bytes, 10000, 0);
        assert_near(o->totals.net_out_bytes, 1000, 0);
        assert_near(o->totals.net_errors - first.net_errors, 100 + 100, 0);
        assert_near(o->totals.loop_in_bytes, 700, 0);
        assert_near(o->totals.psi_cpu_s - first.psi_cpu_s, 0.1, 1e-9);
        observer_close(o);
}

TEST(observer_counts_all_interfaces_where_none_is_physical)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o;

        fake_remove(&fake, "sys");
        o = started(&fake, 0);
        fake_host(&fake, 200);
        observer_look(o, 2 * NS_PER_S);
        assert_true(o->all_interfaces);
        assert_near(o->totals.net_in_bytes, 10000, 0);
        assert_near(o->totals.host_disk_ops, 200, 0); /* neither the part nor the loop */
        observer_close(o);
}

TEST(observer_says_what_is_not_there)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o;

        fake_remove(&fake, "pressure");
        fake_remove(&fake, "schedstat");
        fake_write(&fake, "meminfo", "MemTotal: what\n");
        fake_remove(&fake, "20/io");
        o = started(&fake, TARGET);
        observer_look(o, 2 * NS_PER_S);
        assert_int_equal(o->sources[SOURCE_PSI_CPU].why.code, ENOENT);
        assert_int_equal(o->sources[SOURCE_PSI_IO].why.code, ENOENT);
        assert_int_equal(o->sources[SOURCE_HOST_MEMORY].why.code, ERR_INPUT);
        assert_int_equal(o->sources[SOURCE_DISK].why.code, ENOENT);
        assert_int_equal(o->sources[SOURCE_HOST_CPU].why.code, 0);
        assert_int_equal(o->sources[SOURCE_WAIT].why.code, 0);
        observer_close(o);
}

TEST(observer_asks_the_threads_where_the_kernel_has_no_sum)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o;
        double before;

        fake_remove(&fake, "schedstat");
        o = started(&fake, TARGET);
        before = o->totals.host_wait_s;
        fake_process(&fake, &(FakeProcess){ .pid = 1, .wait_ns = 300000000 });
        fake_process(&fake, &(FakeProcess){ .pid = TARGET, .ppid = SELF, .wait_ns = 201000000 });
        observer_look(o, 2 * NS_PER_S);
        assert_int_equal(o->sources[SOURCE_HOST_WAIT].why.code, 0);
        assert_near(o->totals.host_wait_s - before, 0.5, 1e-9);
        assert_near(o->totals.wait_s, 0.2, 1e-9);
        observer_close(o);
}

TEST(observer_does_not_ask_too_many_threads)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o;

        fake_remove(&fake, "schedstat");
        fake_process(&fake, &(FakeProcess){ .pid = 1, .threads = 100000 });
        o = started(&fake, 0);
        assert_int_equal(o->sources[SOURCE_HOST_WAIT].why.code, ERR_UNAVAILABLE);
        assert_non_null(strstr(o->sources[SOURCE_HOST_WAIT].why.message, "too many"));
        observer_close(o);
}

TEST(observer_refuses_a_process_that_is_not_there)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o = new (arena, Observer, 1);
        Error err = { 0 };

        assert_fails(start(&fake, 4711, o, &err), err, ERR_NOT_FOUND);
        assert_non_null(strstr(err.message, "4711"));
        fake_process(&fake, &(FakeProcess){ .pid = 21, .ppid = 1, .state = 'Z' });
        assert_fails(start(&fake, 21, o, &err), err, ERR_NOT_FOUND);
        fake.root = "/nowhere/at/all";
        assert_fails(start(&fake, 0, o, &err), err, ENOENT);
}

TEST(observer_sees_the_end_and_its_last_stretch)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o = started(&fake, TARGET);

        fake_remove(&fake, "20");
        fake_process(&fake, &(FakeProcess){ .pid = SELF, .ppid = 1, .inherited_user = 500 + 125 });
        observer_look(o, 2 * NS_PER_S);
        observer_finish(o);
        assert_true(o->gone);
        assert_true(o->last_stretch);
        assert_near(o->totals.cpu_user_s, 25 * tick_s(), 1e-9);
        assert_int_equal(o->sources[SOURCE_PSS].why.code, ERR_NOT_FOUND);
        observer_close(o);
}

TEST(observer_stays_with_children_of_a_target_that_ended)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o;

        fake_process(&fake, &(FakeProcess){ .pid = 30, .ppid = TARGET, .user = 5 });
        o = started(&fake, TARGET);
        fake_remove(&fake, "20");
        fake_process(&fake, &(FakeProcess){ .pid = 30, .ppid = 1, .user = 15 });
        observer_look(o, 2 * NS_PER_S);
        assert_false(o->gone);
        assert_near(o->totals.cpu_user_s, 10 * tick_s(), 1e-9);
        fake_process(&fake, &(FakeProcess){ .pid = 30, .ppid = 1, .user = 15, .state = 'Z' });
        observer_look(o, 3 * NS_PER_S);
        assert_true(o->gone);
        observer_close(o);
}

TEST(observer_counts_threads_one_by_one)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o;

        fake_process(&fake, &(FakeProcess){ .pid = TARGET, .ppid = SELF, .threads = 2 });
        fake_write(&fake, "20/task/25/schedstat", "0 100 0\n");
        fake_write(&fake, "20/task/25/status",
                   "voluntary_ctxt_switches: 10\nnonvoluntary_ctxt_switches: 0\n");
        o = started(&fake, TARGET);
        fake_write(&fake, "20/task/25/schedstat", "0 1000000100 0\n");
        fake_write(&fake, "20/task/26/schedstat", "0 500000000 0\n");
        fake_write(&fake, "20/task/26/status",
                   "voluntary_ctxt_switches: 4\nnonvoluntary_ctxt_switches: 1\n");
        observer_look(o, 2 * NS_PER_S);
        assert_near(o->totals.wait_s, 1.5, 1e-9);
        assert_near(o->totals.switches_voluntary, 4, 0);
        assert_near(o->totals.switches_forced, 1, 0);
        observer_close(o);
}

TEST(observer_ignores_a_look_at_the_same_moment)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = machine(arena);
        Observer *o = started(&fake, 0);

        observer_look(o, NS_PER_S);
        assert_int_equal(o->looks, 1);
        observer_close(o);
}
