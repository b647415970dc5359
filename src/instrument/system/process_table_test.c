#include "harness.h"

#include "instrument/system/fake_proc.h"
#include "instrument/system/process_table.h"

static ProcessTable scan(const FakeProc *fake)
{
        ProcessTable table = PROCESS_TABLE_INIT;
        ProcReader proc;
        Error err = { 0 };

        assert_ok(proc_reader_open(fake->root, fake->arena, &proc, &err), err);
        assert_ok(process_table_scan(&proc, fake->arena, &table, &err), err);
        proc_reader_close(&proc);
        return table;
}

static void add(const FakeProc *fake, int pid, int ppid)
{
        fake_process(fake, &(FakeProcess){ .pid = pid, .ppid = ppid, .start = (unsigned)pid });
}

static Group group_of(const ProcessTable *table, int pid)
{
        const ProcessRow *row = process_table_find(table, pid);

        assert_non_null(row);
        return row->group;
}

TEST(table_is_sorted_and_found_by_pid)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);
        ProcessTable table;

        add(&fake, 900, 1);
        add(&fake, 20, 1);
        add(&fake, 1, 0);
        fake_write(&fake, "77/stat", "77 (torn) S 1");
        fake_write(&fake, "78/stat", "79 (other pid) S 1");
        fake_dir(&fake, "irq");
        fake_dir(&fake, "123456789012345");
        table = scan(&fake);
        assert_int_equal(table.rows.len, 3);
        assert_int_equal(table.rows.items[0].pid, 1);
        assert_int_equal(table.rows.items[2].pid, 900);
        assert_null(process_table_find(&table, 77));
        assert_false(table.truncated);
}

TEST(table_reads_names_with_parentheses)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);
        ProcessTable table;

        fake_process(&fake, &(FakeProcess){ .pid = 5, .name = "a (b) c" });
        table = scan(&fake);
        assert_string_equal(process_table_find(&table, 5)->name, "a (b) c");
}

TEST(groups_follow_the_nearest_root)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);
        const ProcessRoot roots[] = { { .pid = 20, .group = GROUP_TARGET },
                                      { .pid = 10, .group = GROUP_OWN } };
        ProcessTable table;

        add(&fake, 1, 0);
        add(&fake, 10, 1);
        add(&fake, 20, 10); /* started by us, measured */
        add(&fake, 30, 20);
        add(&fake, 5, 30); /* pids wrap: a child may have the smaller one */
        add(&fake, 11, 10);
        add(&fake, 40, 1);
        fake_process(&fake, &(FakeProcess){ .pid = 3, .ppid = 2, .kernel_thread = true });
        table = scan(&fake);
        process_table_group(&table, NULL, roots, COUNT(roots));
        assert_int_equal(group_of(&table, 1), GROUP_OTHER);
        assert_int_equal(group_of(&table, 10), GROUP_OWN);
        assert_int_equal(group_of(&table, 11), GROUP_OWN);
        assert_int_equal(group_of(&table, 20), GROUP_TARGET);
        assert_int_equal(group_of(&table, 30), GROUP_TARGET);
        assert_int_equal(group_of(&table, 5), GROUP_TARGET);
        assert_int_equal(group_of(&table, 40), GROUP_OTHER);
        assert_int_equal(group_of(&table, 3), GROUP_KERNEL);
}

TEST(groups_keep_orphans_and_refuse_reused_pids)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);
        const ProcessRoot root = { .pid = 20, .start_ticks = 20, .group = GROUP_TARGET };
        ProcessTable before, now;

        add(&fake, 1, 0);
        add(&fake, 20, 1);
        add(&fake, 30, 20);
        add(&fake, 31, 30);
        before = scan(&fake);
        process_table_group(&before, NULL, &root, 1);
        fake_remove(&fake, "30");
        add(&fake, 31, 1);                                                         /* orphaned */
        add(&fake, 32, 31);                                                        /* its child */
        fake_process(&fake, &(FakeProcess){ .pid = 20, .ppid = 1, .start = 999 }); /* reused */
        now = scan(&fake);
        process_table_group(&now, &before, &root, 1);
        assert_int_equal(group_of(&now, 31), GROUP_TARGET);
        assert_int_equal(group_of(&now, 32), GROUP_TARGET);
        assert_int_equal(group_of(&now, 20), GROUP_OTHER);
}

TEST(groups_survive_a_ring_of_parents)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);
        const ProcessRoot root = { .pid = 1, .group = GROUP_TARGET };
        ProcessTable table;

        add(&fake, 1, 0);
        add(&fake, 7, 8);
        add(&fake, 8, 7);
        add(&fake, 9, 9);
        table = scan(&fake);
        process_table_group(&table, NULL, &root, 1);
        assert_int_equal(group_of(&table, 7), GROUP_OTHER);
        assert_int_equal(group_of(&table, 8), GROUP_OTHER);
        assert_int_equal(group_of(&table, 9), GROUP_OTHER);
}
