#include "harness.h"

#include "instrument/system/process_ledger.h"

/* Rows by hand: only user time, in ticks. */
static void row(Arena *arena, ProcessTable *table, int pid, int ppid, uint64_t own,
                uint64_t inherited)
{
        ProcessRow *slot = vec_add(arena, &table->rows);

        BUG_IF(!slot);
        *slot = (ProcessRow){ .pid = pid,
                              .ppid = ppid,
                              .start_ticks = 1,
                              .group = GROUP_TARGET,
                              .disk_known = true,
                              .own = { own },
                              .inherited = { inherited } };
}

static uint64_t settle(const ProcessTable *before, ProcessTable *now)
{
        uint64_t uses[USE_COUNT_] = { 0 };

        ledger_settle(before, now);
        ledger_sum(now, GROUP_TARGET, uses);
        return uses[USE_USER];
}

TEST(ledger_adds_growth_and_newborns)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT;

        row(arena, &a, 10, 1, 100, 50);
        row(arena, &b, 10, 1, 110, 50);
        row(arena, &b, 11, 10, 7, 2);
        assert_int_equal(settle(&a, &b), 10 + 9);
}

TEST(ledger_keeps_the_last_stretch_of_a_child_that_was_waited_for)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT;

        row(arena, &a, 10, 1, 100, 50);
        row(arena, &a, 11, 10, 30, 5); /* ends at 42 + 5 */
        row(arena, &b, 10, 1, 101, 50 + 47);
        assert_int_equal(settle(&a, &b), 1 + 12);
}

TEST(ledger_counts_children_that_lived_between_two_looks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT;

        row(arena, &a, 10, 1, 100, 50);
        row(arena, &b, 10, 1, 100, 50 + 20);
        assert_int_equal(settle(&a, &b), 20);
}

TEST(ledger_waits_one_look_for_the_inheritance)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT, c = PROCESS_TABLE_INIT;

        row(arena, &a, 10, 1, 100, 0);
        row(arena, &a, 11, 10, 30, 0);
        row(arena, &b, 10, 1, 100, 0); /* read just before the wait */
        row(arena, &c, 10, 1, 100, 33);
        assert_int_equal(settle(&a, &b), 0);
        assert_int_equal(settle(&b, &c), 3);
}

TEST(ledger_forgets_children_nobody_waits_for)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT, c = PROCESS_TABLE_INIT,
                     d = PROCESS_TABLE_INIT;

        row(arena, &a, 10, 1, 100, 0);
        row(arena, &a, 11, 10, 30, 0);
        row(arena, &b, 10, 1, 100, 0);
        row(arena, &c, 10, 1, 100, 0);
        row(arena, &d, 10, 1, 100, 25); /* another child, later */
        assert_int_equal(settle(&a, &b), 0);
        assert_int_equal(settle(&b, &c), 0);
        assert_int_equal(settle(&c, &d), 25);
}

TEST(ledger_passes_what_is_owed_up_a_dying_chain)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT;

        row(arena, &a, 10, 1, 100, 0);
        row(arena, &a, 11, 10, 30, 0);
        row(arena, &a, 12, 11, 40, 0);
        row(arena, &b, 10, 1, 100, 30 + 40 + 6);
        assert_int_equal(settle(&a, &b), 6);
}

TEST(ledger_takes_a_reused_pid_for_another_process)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT;

        row(arena, &a, 10, 1, 100, 0);
        row(arena, &a, 11, 10, 30, 0);
        row(arena, &b, 10, 1, 100, 30);
        row(arena, &b, 11, 10, 4, 0);
        b.rows.items[1].start_ticks = 2;
        assert_int_equal(settle(&a, &b), 4);
}

TEST(ledger_leaves_out_disk_use_that_was_not_read_before)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT;
        uint64_t uses[USE_COUNT_] = { 0 };

        row(arena, &a, 10, 1, 0, 0);
        a.rows.items[0].disk_known = false;
        row(arena, &b, 10, 1, 3, 0);
        b.rows.items[0].inherited[USE_DISK_READ] = 4096;
        ledger_settle(&a, &b);
        ledger_sum(&b, GROUP_TARGET, uses);
        assert_int_equal(uses[USE_USER], 3);
        assert_int_equal(uses[USE_DISK_READ], 0);
}

TEST(ledger_tells_the_last_stretch_only_when_it_is_sure)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProcessTable a = PROCESS_TABLE_INIT, b = PROCESS_TABLE_INIT;
        uint64_t uses[USE_COUNT_];

        row(arena, &a, 5, 1, 0, 1000);
        row(arena, &a, 10, 5, 100, 20);
        row(arena, &b, 5, 1, 0, 1000 + 150);
        assert_true(ledger_last_stretch(&a, &b, &a.rows.items[1], uses));
        assert_int_equal(uses[USE_USER], 30);
        row(arena, &a, 11, 5, 1, 0);
        assert_false(ledger_last_stretch(&a, &b, &a.rows.items[1], uses));
}

/* A tree that lives at random, with the truth beside it. */
#define MOST_SIMULATED 64

typedef struct Simulated {
        bool alive;
        int parent;
        uint64_t own, inherited, born;
} Simulated;

typedef struct Simulation {
        Simulated all[MOST_SIMULATED];
        uint64_t seed, burnt, births;
} Simulation;

static uint64_t roll(Simulation *s, uint64_t sides)
{
        s->seed = s->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (s->seed >> 33) % sides;
}

static bool has_child(const Simulation *s, int at)
{
        for (int i = 1; i < MOST_SIMULATED; i++)
                if (s->all[i].alive && s->all[i].parent == at)
                        return true;
        return false;
}

static void live_a_little(Simulation *s)
{
        int at = (int)roll(s, MOST_SIMULATED);
        Simulated *p = &s->all[at];

        if (!p->alive) {
                int parent = (int)roll(s, MOST_SIMULATED);

                if (s->all[parent].alive)
                        *p = (Simulated){ .alive = true, .parent = parent, .born = ++s->births };
        } else if (at && roll(s, 3) == 0 && !has_child(s, at)) {
                s->all[p->parent].inherited += p->own + p->inherited;
                p->alive = false;
        } else {
                uint64_t ticks = roll(s, 50);

                p->own += ticks;
                s->burnt += ticks;
        }
}

static void photograph(const Simulation *s, Arena *arena, ProcessTable *table)
{
        table->rows.len = 0;
        for (int i = 0; i < MOST_SIMULATED; i++) {
                const Simulated *p = &s->all[i];

                if (!p->alive)
                        continue;
                row(arena, table, i + 100, i ? p->parent + 100 : 1, p->own, p->inherited);
                table->rows.items[table->rows.len - 1].start_ticks = p->born;
        }
}

TEST(ledger_never_loses_nor_doubles_in_a_random_tree)
{
        for (uint64_t seed = 1; seed <= 50; seed++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
                Simulation s = { .seed = seed, .all = { { .alive = true } } };
                ProcessTable tables[2] = { PROCESS_TABLE_INIT, PROCESS_TABLE_INIT };
                uint64_t counted = 0;

                photograph(&s, arena, &tables[0]);
                for (unsigned look = 1; look <= 40; look++) {
                        for (uint64_t n = roll(&s, 60); n > 0; n--)
                                live_a_little(&s);
                        photograph(&s, arena, &tables[look % 2]);
                        counted += settle(&tables[!(look % 2)], &tables[look % 2]);
                        assert_int_equal(counted, s.burnt);
                }
        }
}
