#include "harness.h"

#include "instrument/system/proc_process.h"

#define TAIL \
        " S 10 20 30 0 -1 4194560 100 200 3 4 50 60 70 80 20 0 7 0 12345 9000000 250 1844674407"

TEST(stat_of_an_ordinary_process)
{
        ProcStat stat;
        Error err = { 0 };

        assert_ok(proc_stat_parse(SPAN("42 (nginx)" TAIL " 1 2 3\n"), &stat, &err), err);
        assert_span(stat.name, "nginx");
        assert_int_equal(stat.pid, 42);
        assert_int_equal(stat.ppid, 10);
        assert_int_equal(stat.state, 'S');
        assert_false(stat.kernel_thread);
        assert_int_equal(stat.minor_faults, 100);
        assert_int_equal(stat.reaped_minor_faults, 200);
        assert_int_equal(stat.major_faults, 3);
        assert_int_equal(stat.reaped_major_faults, 4);
        assert_int_equal(stat.user_ticks, 50);
        assert_int_equal(stat.system_ticks, 60);
        assert_int_equal(stat.reaped_user_ticks, 70);
        assert_int_equal(stat.reaped_system_ticks, 80);
        assert_int_equal(stat.threads, 7);
        assert_int_equal(stat.start_ticks, 12345);
        assert_int_equal(stat.rss_pages, 250);
}

TEST(stat_names_hold_spaces_parentheses_and_lines)
{
        static const char *const names[] = { "Web Content", "a) S 1 1 (b",   "(sd-pam)", ")",
                                             "((",          "x\ny) R 1 2 3", "",         " " };

        for (size_t i = 0; i < COUNT(names); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
                char *text = arena_printf(arena, "42 (%s)" TAIL, names[i]);
                ProcStat stat;
                Error err = { 0 };

                assert_ok(proc_stat_parse(span_of(text), &stat, &err), err);
                assert_span(stat.name, names[i]);
                assert_int_equal(stat.ppid, 10);
                assert_int_equal(stat.start_ticks, 12345);
        }
}

TEST(stat_knows_kernel_threads_and_negative_values)
{
        static const char text[] = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 -1 0 0 20 0 1 0 2 "
                                   "0 -3 18446744073709551615";
        ProcStat stat;
        Error err = { 0 };

        assert_ok(proc_stat_parse(span_of(text), &stat, &err), err);
        assert_true(stat.kernel_thread);
        assert_int_equal(stat.system_ticks, 0);
        assert_int_equal(stat.rss_pages, 0);
}

TEST(stat_that_ends_early_names_the_field)
{
        static const char whole[] = "42 (a)" TAIL;
        ProcStat stat = { .pid = -7 };
        Error err = { 0 };

        assert_fails(proc_stat_parse(SPAN("42 (a) S 10 20"), &stat, &err), err, ERR_INPUT);
        assert_non_null(strstr(err.message, "field 6"));
        assert_int_equal(stat.pid, -7);
        for (size_t n = 0; n < sizeof(whole) - sizeof("250 1844674407"); n++)
                assert_fails(proc_stat_parse(span_first(span_of(whole), n), &stat, &err), err,
                             ERR_INPUT);
}

TEST(stat_refuses_what_is_no_stat)
{
        static const char *const bad[] = {
                "",
                "42",
                "42 (",
                "42 )(",
                "(a) S 1",
                "x (a)" TAIL,
                "-1 (a)" TAIL,
                "42 (a) S ten 20 30 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
                "42 (a) S 99999999999 20 30 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
                "42 (a) S 1 20 30 0 -1 0 0 0 0 0 99999999999999999999999 0 0 0 0 0 0 0 0 0 0",
        };

        for (size_t i = 0; i < COUNT(bad); i++) {
                ProcStat stat;
                Error err = { 0 };

                assert_fails(proc_stat_parse(span_of(bad[i]), &stat, &err), err, ERR_INPUT);
        }
}

TEST(status_gives_switches_and_the_peak)
{
        static const char text[] = "Name:\tcat\nVmHWM:\t    1732 kB\nThreads:\t1\n"
                                   "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n";
        ProcStatus status;
        Error err = { 0 };

        assert_ok(proc_status_parse(span_of(text), &status, &err), err);
        assert_int_equal(status.peak_rss_bytes, 1732 * 1024);
        assert_int_equal(status.voluntary_switches, 12);
        assert_int_equal(status.forced_switches, 3);
}

TEST(status_without_memory_is_a_kernel_thread)
{
        static const char text[] = "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n";
        ProcStatus status;
        Error err = { 0 };

        assert_ok(proc_status_parse(span_of(text), &status, &err), err);
        assert_int_equal(status.peak_rss_bytes, 0);
        assert_fails(proc_status_parse(SPAN("voluntary_ctxt_switches:\t12\n"), &status, &err), err,
                     ERR_INPUT);
        assert_non_null(strstr(err.message, "nonvoluntary_ctxt_switches"));
}

TEST(io_counts_what_reaches_the_disk)
{
        static const char text[] = "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\n"
                                   "write_bytes: 8192\ncancelled_write_bytes: 0\n";
        ProcIo io = { 1, 1 };
        Error err = { 0 };

        assert_ok(proc_io_parse(span_of(text), &io, &err), err);
        assert_int_equal(io.read_bytes, 4096);
        assert_int_equal(io.write_bytes, 8192);
        assert_fails(proc_io_parse(SPAN("read_bytes: 1\nwrite_bytes: -1\n"), &io, &err), err,
                     ERR_INPUT);
        assert_int_equal(io.read_bytes, 4096);
}

TEST(schedstat_is_three_numbers)
{
        ProcSchedstat sched;
        Error err = { 0 };

        assert_ok(proc_schedstat_parse(SPAN("123456789 42000 17\n"), &sched, &err), err);
        assert_int_equal(sched.run_ns, 123456789);
        assert_int_equal(sched.wait_ns, 42000);
        assert_int_equal(sched.slices, 17);
        assert_fails(proc_schedstat_parse(SPAN("1 2"), &sched, &err), err, ERR_INPUT);
        assert_fails(proc_schedstat_parse(SPAN("1 x 2"), &sched, &err), err, ERR_INPUT);
        assert_fails(proc_schedstat_parse(SPAN(""), &sched, &err), err, ERR_INPUT);
}

TEST(pss_is_found_below_the_rollup_line)
{
        static const char text[] = "5645567d2000-7ffecfd09000 ---p 00000000 00:00 0  [rollup]\n"
                                   "Rss:                1728 kB\nPss:                 349 kB\n"
                                   "Pss_Dirty:           116 kB\n";
        uint64_t bytes = 0;
        Error err = { 0 };

        assert_ok(proc_pss_parse(span_of(text), &bytes, &err), err);
        assert_int_equal(bytes, 349 * 1024);
        assert_fails(proc_pss_parse(SPAN("Pss_Dirty: 1 kB\n"), &bytes, &err), err, ERR_INPUT);
        assert_fails(proc_pss_parse(SPAN("Pss: 18446744073709551615 kB\n"), &bytes, &err), err,
                     ERR_INPUT);
}
