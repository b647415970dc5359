#include "harness.h"

#include "instrument/load/schedule.h"

TEST(schedule_is_exact_over_all_threads)
{
        Schedule threads[3];
        uint64_t seen = 0;

        for (unsigned i = 0; i < 3; i++)
                threads[i] = schedule_from(1000, 7000, i, 3);
        for (unsigned turn = 0; turn < 70000; turn++) {
                Schedule *s = &threads[turn % 3];
                uint64_t due = s->due_ns, k = schedule_take(s);

                assert_int_equal(k, turn);
                assert_near((double)(due - 1000), (double)k * 1e9 / 7000, 1.0);
                seen++;
        }
        /* After ten seconds' worth: no drift. */
        assert_int_equal(seen, 70000);
        assert_near((double)(threads[1].due_ns - 1000), 70000.0 * 1e9 / 7000, 1e9 / 7000);
}

TEST(schedule_counts_what_was_not_taken)
{
        Schedule s = schedule_from(0, 1000, 0, 1);

        assert_int_equal(schedule_untaken(&s, 0, NS_PER_S), 1000);
        for (int i = 0; i < 300; i++)
                schedule_take(&s);
        assert_int_equal(schedule_untaken(&s, 0, NS_PER_S), 700);
        assert_int_equal(schedule_untaken(&s, NS_PER_S / 2, NS_PER_S), 500);
        assert_int_equal(schedule_untaken(&s, 0, 300 * NS_PER_MS), 0);
        assert_int_equal(schedule_untaken(&s, 0, 300 * NS_PER_MS + 1), 1);
        assert_int_equal(schedule_untaken(&s, NS_PER_S, NS_PER_S), 0);
}

TEST(schedule_threads_share_the_untaken)
{
        uint64_t sum = 0;

        for (unsigned i = 0; i < 7; i++) {
                Schedule s = schedule_from(500, 12345.6, i, 7);

                sum += schedule_untaken(&s, 500, 500 + 10 * NS_PER_S);
        }
        assert_int_equal(sum, 123456);
}

TEST(schedule_takes_rates_below_one_a_second)
{
        Schedule s = schedule_from(0, 0.5, 0, 1);

        schedule_take(&s);
        assert_int_equal(s.due_ns, 2 * NS_PER_S);
}
