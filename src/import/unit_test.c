#include "harness.h"

#include "import/import.h"

static void check(const char *text, MetricId metric, double scale)
{
        ImportUnit unit = import_unit(span_of(text));

        if (unit.metric != metric ||
            !(unit.scale > scale * 0.999999 && unit.scale < scale * 1.000001))
                fail_msg("'%s' is %s times %g", text, metric_def(unit.metric)->name, unit.scale);
}

TEST(import_unit_knows_times_however_they_are_written)
{
        check("ns", METRIC_TIME, 1);
        check("us", METRIC_TIME, 1e3);
        check("\xc2\xb5s", METRIC_TIME, 1e3);
        check("\xce\xbcs", METRIC_TIME, 1e3);
        check("ms/op", METRIC_TIME, 1e6);
        check("s/iter", METRIC_TIME, 1e9);
        check(" min ", METRIC_TIME, 60e9);
        check("h", METRIC_TIME, 3600e9);
        check("ps", METRIC_TIME, 1e-3);
}

TEST(import_unit_knows_rates_bandwidths_and_allocations)
{
        check("ops/s", METRIC_OPS, 1);
        check("ops/ms", METRIC_OPS, 1e3);
        check("iterations/s", METRIC_OPS, 1);
        check("req/s", METRIC_THROUGHPUT, 1);
        check("MB/s", METRIC_BANDWIDTH, 1e6);
        check("GiB/s", METRIC_BANDWIDTH, 0x1p30);
        check("B/op", METRIC_ALLOCATED, 1);
        check("allocs/op", METRIC_ALLOCATIONS, 1);
}

TEST(import_unit_keeps_what_it_does_not_know_under_its_own_name)
{
        assert_span(import_unit(SPAN("frobs/op")).text, "frobs/op");
        check("frobs/op", METRIC_CUSTOM, 1);
        check("Ms", METRIC_CUSTOM, 1);
        check("KiB", METRIC_CUSTOM, 1024);
        assert_span(import_unit(SPAN("KiB")).text, "B");
        assert_int_equal(import_unit(SPAN("ns")).text.len, 0);
}

static void check_date(const char *text, uint64_t seconds, uint64_t ns)
{
        uint64_t wall_ns;

        if (!import_date(span_of(text), &wall_ns))
                fail_msg("'%s' is no date", text);
        assert_int_equal(wall_ns, seconds * NS_PER_S + ns);
}

TEST(import_date_reads_the_forms_that_tools_write)
{
        check_date("1970-01-01T00:00:00Z", 0, 0);
        check_date("2000-03-01 00:00:00", 951868800, 0);
        check_date("2019-11-17T02:22:16.817862", 1573957336, 817862000);
        check_date("2024-02-29T12:00:00.123456789+01:00", 1709204400, 123456789);
        check_date("2024-02-29T12:00:00-0330", 1709220600, 0);
}

TEST(import_date_refuses_what_is_none)
{
        static const char *const bad[] = { "",
                                           "today",
                                           "2024-02-29",
                                           "2023-02-29T00:00:00Z",
                                           "2024-13-01T00:00:00Z",
                                           "2024-01-01T25:00:00Z",
                                           "2024-01-01T00:00:00Zulu",
                                           "2024-01-01T00:00:00+1",
                                           "1970-01-01T00:00:00+01:00" };
        uint64_t wall_ns = 7;

        for (size_t i = 0; i < COUNT(bad); i++)
                if (import_date(span_of(bad[i]), &wall_ns))
                        fail_msg("'%s' was taken for a date", bad[i]);
        assert_int_equal(wall_ns, 7);
}
