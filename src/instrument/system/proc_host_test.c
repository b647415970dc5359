#include "harness.h"

#include "instrument/system/proc_host.h"

TEST(cpu_line_is_read_and_cpus_are_counted)
{
        static const char text[] = "cpu  100 5 30 1000 20 2 3 4 50 0\n"
                                   "cpu0 50 5 15 500 10 1 1 2 25 0\n"
                                   "cpu1 50 0 15 500 10 1 2 2 25 0\n"
                                   "intr 1 2 3\nctxt 5\n";
        HostCpu cpu;
        Error err = { 0 };

        assert_ok(proc_host_cpu_parse(span_of(text), &cpu, &err), err);
        assert_int_equal(cpu.cpus, 2);
        assert_int_equal(cpu.steal, 4);
        assert_int_equal(host_cpu_busy(&cpu), 100 + 5 + 30 + 2 + 3);
        assert_int_equal(host_cpu_total(&cpu), 140 + 1000 + 20 + 4);
}

TEST(cpu_line_of_old_kernels_is_short)
{
        HostCpu cpu;
        Error err = { 0 };

        assert_ok(proc_host_cpu_parse(SPAN("cpu 1 2 3 4\ncpu0 1 2 3 4\n"), &cpu, &err), err);
        assert_int_equal(cpu.steal, 0);
        assert_fails(proc_host_cpu_parse(SPAN("cpu 1 2 3\ncpu0 1 2 3\n"), &cpu, &err), err,
                     ERR_INPUT);
}

TEST(cpu_lines_that_are_torn_are_refused)
{
        static const char *const bad[] = {
                "",
                "intr 1\n",
                "cpu\n",
                "cpu0 1 2 3 4\n",
                "cpu 1 2 3 4\n",
                "cpu 1 2 x 4\ncpu0\n",
                "cpu 18446744073709551615 1 1 1\ncpu0 1\n",
        };

        for (size_t i = 0; i < COUNT(bad); i++) {
                HostCpu cpu;
                Error err = { 0 };

                assert_fails(proc_host_cpu_parse(span_of(bad[i]), &cpu, &err), err, ERR_INPUT);
        }
}

TEST(meminfo_needs_total_and_available)
{
        HostMemory memory;
        Error err = { 0 };

        assert_ok(proc_meminfo_parse(SPAN("MemTotal:  24684084 kB\nMemFree: 1 kB\n"
                                          "MemAvailable:   24421496 kB\nActive(anon): 3 kB\n"),
                                     &memory, &err),
                  err);
        assert_int_equal(memory.total_bytes, UINT64_C(24684084) * 1024);
        assert_int_equal(memory.available_bytes, UINT64_C(24421496) * 1024);
        assert_fails(proc_meminfo_parse(SPAN("MemTotal: 100 kB\n"), &memory, &err), err, ERR_INPUT);
        assert_non_null(strstr(err.message, "MemAvailable"));
        assert_fails(
                proc_meminfo_parse(SPAN("MemTotal: 1 kB\nMemAvailable: 2 kB\n"), &memory, &err),
                err, ERR_INPUT);
        assert_fails(
                proc_meminfo_parse(SPAN("MemTotal: 0 kB\nMemAvailable: 0 kB\n"), &memory, &err),
                err, ERR_INPUT);
}

TEST(vmstat_gives_swapped_pages)
{
        HostSwap swap;
        Error err = { 0 };

        assert_ok(proc_vmstat_parse(SPAN("pgpgin 1\npswpin 7\npswpout 9\n"), &swap, &err), err);
        assert_int_equal(swap.in_pages, 7);
        assert_int_equal(swap.out_pages, 9);
        assert_fails(proc_vmstat_parse(SPAN("pswpin 7\npswpout\n"), &swap, &err), err, ERR_INPUT);
}

TEST(host_schedstat_adds_the_cpus_up)
{
        static const char text[] = "version 15\ntimestamp 4295\n"
                                   "cpu0 0 0 0 0 0 0 111 1000 5\ndomain0 00003 1 2 3\n"
                                   "cpu1 0 0 0 0 0 0 222 500 6\n";
        uint64_t wait_ns = 0;
        Error err = { 0 };

        assert_ok(proc_host_schedstat_parse(span_of(text), &wait_ns, &err), err);
        assert_int_equal(wait_ns, 1500);
        assert_fails(proc_host_schedstat_parse(SPAN("version 14\ncpu0 0 0 0 0 0 0 1 1 1\n"),
                                               &wait_ns, &err),
                     err, ERR_UNAVAILABLE);
        assert_fails(proc_host_schedstat_parse(SPAN("version 15\n"), &wait_ns, &err), err,
                     ERR_INPUT);
        assert_fails(proc_host_schedstat_parse(SPAN("version 15\ncpu0 1 2\n"), &wait_ns, &err), err,
                     ERR_INPUT);
        assert_fails(proc_host_schedstat_parse(SPAN("cpu0 1 2\n"), &wait_ns, &err), err, ERR_INPUT);
        assert_int_equal(wait_ns, 1500);
}

TEST(disk_lines_of_old_and_new_kernels)
{
        static const char recent[] =
                " 254       0 vda 32274 8065 3268730 7895 4049 6397 304432 939 "
                "0 4644 9052 4235 36 109896 200 565 17";
        static const char old[] = "   8 0 sda 1 2 3 4 5 6 7 8 9 10 11";
        DiskRow row;
        Error err = { 0 };

        assert_ok(proc_disk_parse(span_of(recent), &row, &err), err);
        assert_span(row.name, "vda");
        assert_int_equal(row.reads, 32274);
        assert_int_equal(row.sectors_read, 3268730);
        assert_int_equal(row.writes, 4049);
        assert_int_equal(row.sectors_written, 304432);
        assert_int_equal(row.busy_ms, 4644);
        assert_ok(proc_disk_parse(span_of(old), &row, &err), err);
        assert_int_equal(row.busy_ms, 10);
        assert_fails(proc_disk_parse(SPAN("8 0 sda1 1 2 3 4"), &row, &err), err, ERR_INPUT);
        assert_non_null(strstr(err.during, "sda1"));
        assert_fails(proc_disk_parse(SPAN("8 0"), &row, &err), err, ERR_INPUT);
}

TEST(interface_lines_with_and_without_a_gap)
{
        InterfaceRow row;
        Error err = { 0 };

        assert_ok(proc_interface_parse(SPAN("  eth0: 18775255 466 1 2 0 0 0 0 26403 316 4 8 0 0 0 "
                                            "0"),
                                       &row, &err),
                  err);
        assert_span(row.name, "eth0");
        assert_int_equal(row.in_bytes, 18775255);
        assert_int_equal(row.out_bytes, 26403);
        assert_int_equal(row.errors, 1 + 2 + 4 + 8);
        assert_ok(proc_interface_parse(SPAN("lo:9 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0"), &row, &err),
                  err);
        assert_int_equal(row.in_bytes, 9);
        assert_fails(proc_interface_parse(SPAN(" face |bytes packets errs"), &row, &err), err,
                     ERR_NOT_FOUND);
        assert_fails(proc_interface_parse(SPAN("eth0: 1 2 3"), &row, &err), err, ERR_INPUT);
        assert_fails(proc_interface_parse(SPAN(" : 1 2 3"), &row, &err), err, ERR_INPUT);
}

TEST(interface_errors_do_not_wrap)
{
        InterfaceRow row;
        Error err = { 0 };

        assert_ok(proc_interface_parse(SPAN("e: 0 0 18446744073709551615 9 0 0 0 0 0 0 1 1"), &row,
                                       &err),
                  err);
        assert_true(row.errors == UINT64_MAX);
}

TEST(retransmits_are_found_by_name)
{
        static const char text[] = "Ip: Forwarding RetransSegs\nIp: 2 99\n"
                                   "Tcp: RtoAlgorithm RtoMin MaxConn RetransSegs InErrs\n"
                                   "Tcp: 1 200 -1 31 0\nUdp: InDatagrams\nUdp: 26\n";
        uint64_t n = 0;
        Error err = { 0 };

        assert_ok(proc_retransmits_parse(span_of(text), &n, &err), err);
        assert_int_equal(n, 31);
        assert_fails(proc_retransmits_parse(SPAN("Tcp: A B RetransSegs\nTcp: 1 2\n"), &n, &err),
                     err, ERR_INPUT);
        assert_fails(proc_retransmits_parse(SPAN("Tcp: RetransSegs\n"), &n, &err), err, ERR_INPUT);
}

TEST(pressure_total_is_the_some_line)
{
        uint64_t us = 0;
        Error err = { 0 };

        assert_ok(proc_pressure_parse(SPAN("some avg10=0.16 avg60=0.70 avg300=0.31 total=4640623\n"
                                           "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"),
                                      &us, &err),
                  err);
        assert_int_equal(us, 4640623);
        assert_fails(proc_pressure_parse(SPAN("full total=7\n"), &us, &err), err, ERR_INPUT);
        assert_fails(proc_pressure_parse(SPAN("some avg10=1\n"), &us, &err), err, ERR_INPUT);
        assert_fails(proc_pressure_parse(SPAN("some total=-1\n"), &us, &err), err, ERR_INPUT);
}

TEST(loadavg_has_averages_and_tasks)
{
        HostLoad load;
        Error err = { 0 };

        assert_ok(proc_loadavg_parse(SPAN("0.07 1.03 2.5 3/95 6906\n"), &load, &err), err);
        assert_near(load.over_1min, 0.07, 1e-12);
        assert_near(load.over_15min, 2.5, 1e-12);
        assert_int_equal(load.runnable, 3);
        assert_int_equal(load.tasks, 95);
        assert_fails(proc_loadavg_parse(SPAN("0.07 1.03"), &load, &err), err, ERR_INPUT);
        assert_fails(proc_loadavg_parse(SPAN("0.07 1.03 2.5 3"), &load, &err), err, ERR_INPUT);
        assert_fails(proc_loadavg_parse(SPAN("a b c 1/2"), &load, &err), err, ERR_INPUT);
}
