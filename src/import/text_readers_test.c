/* What each reader refuses, and what it makes of odd input. */

#include "text_fixture.h"

#include <math.h>

#define WRK_HEAD                                     \
        "Running 2s test @ http://127.0.0.1:8080/\n" \
        "  2 threads and 8 connections\n"            \
        "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
#define WRK_TAIL                                 \
        "  10 requests in 2.00s, 29.92MB read\n" \
        "Requests/sec:      5.00\n"              \
        "Transfer/sec:     14.92MB\n"

/* --- numbers that are none --- */

TEST(readers_refuse_what_is_not_finite)
{
        static const struct {
                const char *format, *text, *message;
        } cases[] = {
                { "go", "BenchmarkA 10 NaN ns/op\n",
                  "t.txt:1: column 15: expected a finite number" },
                { "go", "BenchmarkA 10 +Inf ns/op\n", "a finite number" },
                { "wrk", WRK_HEAD "    Latency     -nanus     -nanus   0.00us    -nan%\n" WRK_TAIL,
                  "t.txt:4: column" },
                { "hey", "Summary:\n  Average:\t NaN secs\n",
                  "expected a time with its unit, found "
                  "'NaN secs'" },
                { "criterion-text", "a   time:   [NaN ns 1 ns 2 ns]\n", "expected a number" },
                { "libtest", "test a ... bench: NaN ns/iter (+/- 4)\n", "expected a time" },
                { "benchmark-js", "a x NaN ops/sec \u00b11.2% (90 runs sampled)\n", "a number" },
                { "csv", "name,time_ms\na,nan\n",
                  "t.txt:2: field 2: expected a number, found 'nan'" },
                { "hyperfine-csv",
                  "command,mean,stddev,median,user,system,min,max\n"
                  "a,1,1,inf,1,1,1,1\n",
                  "field 4" },
                { "jmh-text",
                  "Benchmark  Mode  Cnt  Score  Error  Units\n"
                  "A.b  avgt  3  NaN  ns/op\n",
                  "a finite number" },
                { "junit", "<testsuite><testcase name='a' time='NaN'/></testsuite>",
                  "'NaN' is not the time" },
                { "time", "real\tnan\nuser\t0m0.1s\nsys\t0m0.1s\n", "expected a time" },
                { "hdrplot",
                  "Value(ms) Percentile TotalCount 1/(1-Percentile)\n"
                  "-1 0.5 10 2.0\n",
                  "expected a latency" },
                { "asv-text", "[ 1.00%] \u00b7\u00b7\u00b7 a.time_b      nan\n", "not a finite" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                print_message("# %s\n", cases[i].format);
                assert_refused(cases[i].format, cases[i].text, cases[i].message);
        }
}

TEST(readers_refuse_times_below_zero)
{
        assert_refused("go", "BenchmarkA 10 -5 ns/op\n", "below zero");
        assert_refused("csv", "name,time_ms\na,-1.5\n", "below zero");
        assert_refused("libtest", "test a ... bench: -3 ns/iter (+/- 4)\n", "below zero");
        assert_refused("junit", "<testsuite><testcase name='a' time='-1'/></testsuite>",
                       "below zero");
        assert_refused("criterion-text", "a   time:   [-3 ns -2 ns -1 ns]\n", "below zero");
        assert_refused("wrk", WRK_HEAD "    Latency     -1us     0us   0us    0%\n" WRK_TAIL,
                       "below zero");
        assert_refused("requests",
                       "starttime\tseconds\tctime\tdtime\tttime\twait\n"
                       "x\t1\t0\t0\t-1\t0\n",
                       "a time of zero or more");
}

TEST(readers_refuse_reports_that_end_early)
{
        assert_refused("wrk", WRK_HEAD, "the text ends before 'Requests/sec:'");
        assert_refused("wrk", WRK_HEAD WRK_HEAD WRK_TAIL, "the text ends before 'Requests/sec:'");
        assert_refused("ab", "Server Software: x\nComplete requests: 5\n",
                       "the text ends before 'Requests per second:'");
        assert_refused("vegeta-text", "Requests      [total, rate, throughput]  10, 1.0, 1.0\n",
                       "the text ends before 'Latencies'");
        assert_refused("catch2",
                       "benchmark name    samples    iterations    estimated\n"
                       "                  mean       low mean      high mean\n"
                       "----------------------------------------------------\n"
                       "fib               100        10            5 us\n",
                       "the text ends before 'std dev'");
        assert_refused("time", "real\t0m0.104s\nuser\t0m0.002s\n", "the text ends before 'sys'");
        assert_refused("hdrplot", "Value(ms) Percentile TotalCount 1/(1-Percentile)\n",
                       "the text ends before 'a row of the spectrum'");
}

TEST(readers_have_nothing_to_say_about_failed_runs)
{
        assert_refused("ab",
                       "This is ApacheBench, Version 2.3\n\nBenchmarking 127.0.0.1 (be "
                       "patient)...apr_socket_recv: Connection refused (111)\n",
                       "holds no result");
        assert_refused("go", "PASS\nok  \tx\t0.1s\n", "holds no result");
        assert_refused("junit", "<testsuites/>", "holds no result");
}

/* --- numbers as tools print them --- */

TEST(go_bench_names_what_it_cannot_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "go",
                               "hello\nBenchmarkA-8 10 5 ns/op\nBenchmarkB: log\n"
                               "Benchmarking is fun\nBenchmarkC 10 words here\n");

        assert_int_equal(got.n_benchmarks, 1);
        assert_value(&got, METRIC_TIME, "A-8", 5);
        assert_unknown(&got, 1, "no line of benchfmt");
        assert_unknown(&got, 3, "no line of benchfmt");
        assert_unknown(&got, 4, "no line of benchfmt");
        assert_unknown(&got, 5, "no line of benchfmt");
}

TEST(go_bench_tells_packages_apart)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "go",
                               "pkg: a\nBenchmarkX 1 5 ns/op\nok a\npkg: b\nBenchmarkX 1 7 ns/op\n"
                               "pkg:\nBenchmarkX 1 9 ns/op\n");

        assert_value(&got, METRIC_TIME, "X pkg=a", 5);
        assert_value(&got, METRIC_TIME, "X pkg=b", 7);
        assert_value(&got, METRIC_TIME, "X", 9);
}

TEST(libtest_reads_thousands_and_bandwidth)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "libtest",
                               "test a::b ... bench:   1,234,567.5 ns/iter (+/- 4,000) = 12 MB/s\n"
                               "test c ... FAILED\nsome text\n");

        assert_summary(&got, METRIC_TIME, "a::b",
                       &(MetricValue){ .value = 1234567.5, .low = NAN, .high = NAN, .n = 50 });
        assert_value(&got, METRIC_BANDWIDTH, "a::b", 12e6);
        assert_true(has_note(&got, "c ... FAILED"));
        assert_unknown(&got, 3, "libtest");
        assert_refused("libtest", "test a ... bench: 5 parsecs (+/- 4)\n", "ns/iter");
        assert_refused("libtest", "test a ... bench: 5 ns/iter\n", "(+/- N)");
}

TEST(criterion_reads_intervals_of_mixed_units)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "criterion-text",
                               "a: time: b  time:   [999.00 ns 1.0100 \u00b5s 1.0300 \u03bcs]\n"
                               "odd line\n\n");

        assert_summary(&got, METRIC_TIME, "a: time: b",
                       &(MetricValue){ .value = 1010, .low = 999, .high = 1030 });
        assert_unknown(&got, 2, "Criterion");
        assert_refused("criterion-text", "a  time:   [1 ns 2 ns]\n", "expected a number");
        assert_refused("criterion-text", "a  time:   [1 ns 2 B 3 ns]\n", "units of one kind");
        assert_refused("criterion-text", "    time:   [1 ns 2 ns 3 ns]\n",
                       "the name of a benchmark before");
}

TEST(criterion_keeps_names_that_a_terminal_overwrote)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "criterion-text",
                               "Benchmarking fs/read/long name of it: Warming up\r\x1b[K"
                               "Benchmarking fs/read/long name of it:\n"
                               "                        time:   [1 ms 2 ms 3 ms]\n");

        assert_value(&got, METRIC_TIME, "fs/read/long name of it", 2e6);
}

TEST(wrk_reads_p99_columns_failures_and_several_targets)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "wrk",
                               "Running 1m test @ http://a/\n  2 threads and 8 connections\n"
                               "  Thread Stats   Avg      Stdev     99%   +/- Stdev\n"
                               "    Latency     1.02m     2.00s    1.50h   90.00%\n" WRK_TAIL
                               "Running 1m test @ http://b/\n  2 threads and 8 connections\n"
                               "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
                               "    Latency     5.00ms     2.00ms    9.00ms   90.00%\n"
                               "  10 requests in 2.00s, 29.92MB read\n"
                               "  Non-2xx or 3xx responses: 4\n"
                               "Requests/sec:      5.00\nTransfer/sec:     14.92MB\n");

        assert_value(&got, METRIC_LATENCY_MEAN, "http://a/", 61.2e9);
        assert_value(&got, METRIC_LATENCY_P99, "http://a/", 5400e9);
        assert_absent(&got, METRIC_LATENCY_MAX, "http://a/");
        assert_value(&got, METRIC_LATENCY_MAX, "http://b/", 9e6);
        assert_value(&got, METRIC_ERROR_RATE, "http://b/", 0.4);
        assert_value(&got, METRIC_BYTES_IN, "http://b/", 14.92 * 0x1p20);
}

/* A thousand reports, each with its own note and its own error. */
TEST(readers_bound_what_a_file_says)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Buf text = buf_in(arena, MiB(8));
        Imported got;

        for (int i = 0; i < 1500; i++) {
                buf_printf(&text, "BenchmarkA 1 %d ns/op\n--- FAIL: BenchmarkB%d\nFAIL\nwhat\n", i,
                           i);
                buf_printf(&text, "k%d: v\n", i % 900);
        }
        got = read_as(arena, "go", text.ptr);
        assert_int_equal(got.n_unknown, 1500);
        assert_int_equal(got.unknown.len, 1000);
        assert_true(got.recording->notes.len <= 500);
        assert_true(has_note(&got, "more than is kept here"));
        assert_false(got.recording->overflowed);
}

TEST(spectrum_refuses_counts_that_fall)
{
#define HEAD "Value(us) Percentile TotalCount 1/(1-Percentile)\n"
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "hdrplot", HEAD "1.5 0.5 10 2.0\n2 1.0 20 inf\n");

        assert_value(&got, METRIC_LATENCY_P50, "", 1500);
        assert_value(&got, METRIC_LATENCY_MAX, "", 2000);
        assert_refused("hdrplot", HEAD "1 0.5 10 2.0\n2 1.0 9 inf\n", "TotalCount that does not");
        assert_refused("hdrplot", HEAD "1 0.5 10 2.0\n2 0.4 19 1.5\n", "rising percentiles");
        assert_refused("hdrplot", "Value(B) Percentile TotalCount 1/(1-Percentile)\n",
                       "a unit of time");
}

TEST(hey_refuses_a_list_that_is_too_short)
{
#define HEY(codes) \
        "Summary:\n  Total:\t2.0 secs\n  Slowest:\t0.03 secs\n  Requests/sec:\t50.0\n" codes "\n"
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "hey", HEY("  [200]\t100 responses"));

        assert_value(&got, METRIC_REQUESTS, "", 100);
        assert_refused("hey", HEY("  [200]\t90 responses"), "the rest of the answers");
        assert_refused("hey", HEY(""), "Status code distribution:");
        assert_refused("hey", HEY("  [2000]\t100 responses"), "a status code");
}

TEST(siege_leaves_out_rates_of_no_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got =
                read_as(arena, "siege",
                        "Transactions:\t\t           8 hits\nAvailability:\t\t      50.00 %\n"
                        "Elapsed time:\t\t        0.00 secs\n"
                        "Transaction rate:\t        0.00 trans/sec\n"
                        "Longest transaction:\t       12.50 ms\n"
                        "Shortest transaction:\t        0.25 ms\n");

        assert_absent(&got, METRIC_THROUGHPUT, "");
        assert_true(has_note(&got, "rates are left out"));
        assert_value(&got, METRIC_ERROR_RATE, "", 0.5);
        assert_value(&got, METRIC_LATENCY_MAX, "", 12.5e6);
}

TEST(vegeta_reads_fewer_columns_of_older_versions)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "vegeta-text",
                               "Requests      [total, rate]            10, 1.0\n"
                               "Duration      [total, attack, wait]    2m10s, 1m40s, 30.001s\n"
                               "Latencies     [mean, 50, 95, 99, max]  1ms, 2ms, 3ms, 4ms, 1h0m5s\n"
                               "Success       [ratio]                  100.00%\n"
                               "Error Set:\n");

        assert_value(&got, METRIC_LATENCY_P95, "", 3e6);
        assert_value(&got, METRIC_LATENCY_MAX, "", 3605e9);
        assert_absent(&got, METRIC_LATENCY_MIN, "");
        assert_int_equal(got.recording->duration_ns, 130 * NS_PER_S);
        assert_refused("vegeta-text",
                       "Requests      [total, rate]    10, 1.0\nLatencies     [mean, 50]  1ms\n",
                       "as many values as names");
}

TEST(autocannon_counts_errors_and_refuses_torn_tables)
{
#define TABLE                                                                                   \
        "Running 2s test @ http://a/\n4 connections\n"                                          \
        "\u2502 Stat \u2502 50% \u2502 Avg \u2502\n\u2502 Latency \u2502 1 ms \u2502 1.5 ms "   \
        "\u2502\n"                                                                              \
        "\u2502 Stat \u2502 50% \u2502 Avg \u2502\n\u2502 Req/Sec \u2502 1,000 \u2502 1,234.5 " \
        "\u2502\n"
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got =
                read_as(arena, "autocannon-text",
                        TABLE "80 2xx responses, 10 non 2xx responses\n"
                              "90 requests in 2.01s, 15.4 MB read\n10 errors (5 timeouts)\n");

        assert_value(&got, METRIC_THROUGHPUT, "", 1234.5);
        assert_value(&got, METRIC_ERROR_RATE, "", 0.2);
        assert_value(&got, METRIC_ERROR_NETWORK, "", 0.1);
        assert_refused("autocannon-text", TABLE, "requests in");
        assert_refused("autocannon-text",
                       "Running 2s test @ http://a/\n\u2502 Stat \u2502 50% \u2502\n"
                       "\u2502 Latency \u2502 1 ms \u2502 2 ms \u2502\n",
                       "a cell for every column");
}

TEST(google_text_takes_the_median_when_that_is_all)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "google-text",
                               "Benchmark            Time             CPU   Iterations\n"
                               "BM_x<int, long>/8_mean     10 us   9 us   5\n"
                               "BM_x<int, long>/8_median   11 us   8 us   5 k=1.5Ki/s\n"
                               "BM_x<int, long>/8_stddev    1 us   1 us   5\n"
                               "BM_fast_mean   3 ns   2 ns   1000000\n");

        assert_summary(&got, METRIC_TIME, "BM_x<int, long>/8",
                       &(MetricValue){ .value = 11e3, .low = NAN, .high = NAN, .n = 5 });
        assert_value(&got, METRIC_TIME_CPU, "BM_x<int, long>/8", 8e3);
        assert_value(&got, METRIC_CUSTOM, "BM_x<int, long>/8 [k]", 1536);
        assert_value(&got, METRIC_TIME, "BM_fast_mean", 3);
        assert_int_equal(got.n_unknown, 0);
}

TEST(jmh_reads_tables_without_errors_or_counts)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "jmh-text",
                               "Benchmark      (a)  (b)  Mode  Cnt  Score   Error  Units\n"
                               "X.y             1  N/A  ss         2.5           ms/op\n"
                               "X.y:p0.99       1    2  sample     4.5           us/op\n"
                               "X.z             1    2  thrpt   5  2.5 \u00b1 0.5   ops/us\n"
                               "X.short         1  thrpt   5  2.5 \u00b1 0.5   ops/us\n");

        assert_value(&got, METRIC_TIME, "X.y/a=1", 2.5e6);
        assert_value(&got, METRIC_TIME, "X.y:p0.99/a=1/b=2", 4.5e3);
        assert_summary(&got, METRIC_OPS, "X.z/a=1/b=2",
                       &(MetricValue){ .value = 2.5e6, .low = 2e6, .high = 3e6, .n = 5 });
        assert_unknown(&got, 5, "JMH");
}

TEST(time_reads_commas_and_warns_of_failed_commands)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "time",
                               "Command exited with non-zero status 1\n"
                               "real\t1m0,104s\nuser\t0m0,002s\nsys\t0m0,000s\nhello\n");

        assert_value(&got, METRIC_TIME, "", 60.104e9);
        assert_true(has_note(&got, "non-zero status 1"));
        assert_unknown(&got, 5, "time's");
        assert_refused("multitime",
                       "===> multitime results\n1: x\n Mean Std.Dev. Min Median Max\n"
                       "real 0.1+/-0.01 0.1 0.1 0.1 0.1\n",
                       "without -c");
}

TEST(catch2_reads_sections_and_units)
{
#define RULE "-----------------------------------------------------------------\n"
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "catch2",
                               RULE "Sums\n  of few\n" RULE "a.cpp:5\n.................\n\n"
                                    "benchmark name    samples   iterations   estimated\n"
                                    "                  mean      low mean     high mean\n"
                                    "                  std dev   low std dev  high std dev\n" RULE
                                    "sum 10            100       76353        0 ns\n"
                                    "                  1.5 ms    1 ms         2 ms\n"
                                    "                  0 ns      0 ns         0 ns\n");

        assert_summary(&got, METRIC_TIME, "Sums/sum 10",
                       &(MetricValue){ .value = 1.5e6, .low = 1e6, .high = 2e6, .n = 100 });
}

/* --- tables --- */

TEST(csv_table_finds_names_units_and_metrics)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "csv",
                               "Benchmark,Elapsed [s],rate ops/s,score\n"
                               "\"a, b\",0.5,12,3\n\n\"a, b\",0.25,,4\n");

        assert_samples(&got, METRIC_TIME, "a, b", (double[]){ 0.5e9, 0.25e9 }, 2);
        assert_unknown(&got, 4, "no value there");
        assert_value(&got, METRIC_OPS, "a, b/rate", 12);
        assert_value(&got, METRIC_CUSTOM, "a, b", 3.5);
}

TEST(csv_table_takes_the_users_unit)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ImportPlan plan = { .name = "t.csv",
                            .text = SPAN("name,value\na,5\n"),
                            .unit = "us",
                            .format = import_format_find(SPAN("csv")) };
        Error err = { 0 };
        Imported got;

        assert_ok(import_text(&plan, arena, &got, &err), err);
        assert_value(&got, METRIC_TIME, "a", 5000);
}

TEST(csv_table_reads_decimal_commas_that_are_clear)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "csv", "name;a_ms;b_ms\nx;1,5;0,125\nx;2;1,234,567\n");

        assert_samples(&got, METRIC_TIME, "x/a", (double[]){ 1.5e6, 2e6 }, 2);
        assert_samples(&got, METRIC_TIME, "x/b", (double[]){ 125e3, 1234567e6 }, 2);
        assert_refused("csv", "name;a_ms\nx;1,234\n", "could not be 1234 and 1.234 alike");
}

TEST(csv_table_refuses_what_is_no_table)
{
        assert_refused("csv", "name,time_ms\na,1,2\n", "3 fields where the header has 2");
        assert_refused("csv", "name,kind\na,b\n", "no column of the header is a measurement");
        assert_refused("csv", "name,time_ms\n\"a,1\n", "a quote is never closed");
        assert_refused("csv", "name,time_ms\n\"a\"x,1\n", "text behind a closing quote");
        assert_refused("csv", "name,time_ms\na,5 ms\n", "expected a number");
        assert_refused("csv", "name,time_ms\n", "holds no result");
}

TEST(csv_table_is_not_mistaken_for_prose)
{
        static const char *const texts[] = {
                "Dear all, it is slow.\nYours, me, 5\n",
                "{\"a\":1,\n\"b\":2}\n",
                "<a>,\n1,2\n",
                "1,2\n3,4\n",
                "name,time_ms\n",
        };
        const ImportFormat *csv = import_format_find(SPAN("csv"));

        for (size_t i = 0; i < COUNT(texts); i++)
                assert_int_equal(csv->detect(span_of(texts[i]), true), 0);
        assert_true(csv->detect(SPAN("name,time_ms\na,5\n"), true) > 0);
}
