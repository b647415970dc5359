#include "harness.h"

#include "instrument/load/wheel.h"

#define TICK NS_PER_MS
#define AT(ms) ((uint64_t)(ms)*NS_PER_MS)

static Wheel *fresh(Arena *arena)
{
        Wheel *wheel = new (arena, Wheel, 1);

        wheel_init(wheel, AT(1000), TICK);
        return wheel;
}

TEST(wheel_gives_timers_at_most_a_tick_late_and_never_early)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Timer timers[200] = { 0 };
        Wheel *wheel = fresh(arena);
        unsigned fired = 0;

        for (unsigned i = 0; i < COUNT(timers); i++)
                wheel_arm(wheel, &timers[i], AT(1000) + (i * 7919 % 3000) * NS_PER_MS / 2);
        for (uint64_t now = AT(1000); now < AT(2600); now += TICK / 4) {
                Timer *t;

                while ((t = wheel_pop(wheel, now))) {
                        assert_true(t->due_ns <= now);
                        assert_true(now - t->due_ns <= TICK + TICK / 4);
                        fired++;
                }
        }
        assert_int_equal(fired, COUNT(timers));
}

TEST(wheel_honours_postponed_and_earlier_due_times)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Wheel *wheel = fresh(arena);
        Timer late = { 0 }, early = { 0 };

        wheel_arm(wheel, &late, AT(1010));
        wheel_postpone(wheel, &late, AT(1500));
        wheel_arm(wheel, &early, AT(1500));
        wheel_postpone(wheel, &early, AT(1010));
        assert_null(wheel_pop(wheel, AT(1009)));
        assert_ptr_equal(wheel_pop(wheel, AT(1012)), &early);
        assert_null(wheel_pop(wheel, AT(1499)));
        assert_ptr_equal(wheel_pop(wheel, AT(1502)), &late);
        assert_null(wheel_pop(wheel, AT(9000)));
}

TEST(wheel_reaches_past_its_slots)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Wheel *wheel = fresh(arena);
        uint64_t far = AT(1000) + 5 * WHEEL_SLOTS * TICK;
        Timer t = { 0 };

        wheel_arm(wheel, &t, far);
        for (uint64_t now = AT(1000); now < far; now += 37 * TICK)
                assert_null(wheel_pop(wheel, now));
        assert_ptr_equal(wheel_pop(wheel, far + 2 * TICK), &t);
}

TEST(wheel_forgets_disarmed_and_never_due_timers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Wheel *wheel = fresh(arena);
        Timer gone = { 0 }, never = { 0 };

        wheel_disarm(&gone);
        wheel_arm(wheel, &gone, AT(1010));
        wheel_disarm(&gone);
        wheel_arm(wheel, &never, AT(1010));
        never.due_ns = TIMER_NEVER;
        assert_null(wheel_pop(wheel, AT(5000)));
        assert_null(never.next);
}

TEST(wheel_survives_a_leap_of_the_clock)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Wheel *wheel = fresh(arena);
        Timer t = { 0 };

        wheel_arm(wheel, &t, AT(1005));
        assert_ptr_equal(wheel_pop(wheel, AT(1000) + 100 * WHEEL_SLOTS * TICK), &t);
        wheel_arm(wheel, &t, AT(1005)); /* in the past: due at the next look */
        assert_null(wheel_pop(wheel, AT(1000)));
        assert_ptr_equal(wheel_pop(wheel, AT(1002) + 100 * WHEEL_SLOTS * TICK), &t);
}
