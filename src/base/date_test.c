#include "harness.h"

#include "base/date.h"

#define SECONDS(n) (UINT64_C(n) * NS_PER_S)

TEST(date_is_the_start_of_its_day)
{
        static const struct {
                const char *text;
                uint64_t ns;
        } rows[] = {
                { "1970-01-01", 0 },
                { "2000-02-29", SECONDS(951782400) },
                { "2027-01-31", SECONDS(1801353600) },
                { "2027/1/31", SECONDS(1801353600) },
                { "2500-12-31", SECONDS(16756675200) },
        };
        Error err = { 0 };
        uint64_t ns;

        for (size_t i = 0; i < COUNT(rows); i++) {
                assert_ok(date_parse(span_of(rows[i].text), &ns, &err), err);
                assert_int_equal(ns, rows[i].ns);
        }
}

TEST(moment_reads_clock_and_zone)
{
        static const struct {
                const char *text;
                uint64_t ns;
        } rows[] = {
                { "2024.01.01 3:00:00 +0100", SECONDS(1704074400) },
                { "2024-01-01T02:00:00Z", SECONDS(1704074400) },
                { "2024-01-01T02:00:00z", SECONDS(1704074400) },
                { "2000-03-01 00:00", SECONDS(951868800) },
                { "2100-03-01 00:00", SECONDS(4107542400) },
                { "2024-01-01 02:00", SECONDS(1704074400) },
                { "2023-12-31T21:00:00-05:00", SECONDS(1704074400) },
                { " 2024-01-01 02:00:00 UTC ", SECONDS(1704074400) },
                { "2024-01-01T02:00:00.25+00", SECONDS(1704074400) + 250000000 },
                { "2024-01-01T02:00:00.1234567891Z", SECONDS(1704074400) + 123456789 },
                { "2024-01-01", SECONDS(1704067200) },
                { "1970-01-01 01:00 +01", 0 },
        };
        Error err = { 0 };
        uint64_t ns;

        for (size_t i = 0; i < COUNT(rows); i++) {
                assert_ok(moment_parse(span_of(rows[i].text), &ns, &err), err);
                assert_int_equal(ns, rows[i].ns);
        }
}

TEST(date_that_does_not_exist_is_refused)
{
        static const char *const texts[] = {
                "",           "2023-02-29",  "1900-01-01",  "2501-01-01", "2024-13-01",
                "2024-00-01", "2024-01-32",  "2024-01-00",  "2024-01",    "2024-01.01",
                "24-01-01",   "2024-01-011", "2024-01-01x", "soon",       "2024--01-01",
                "20240101",
        };
        Error err = { 0 };
        uint64_t ns = 7;

        for (size_t i = 0; i < COUNT(texts); i++) {
                assert_fails(date_parse(span_of(texts[i]), &ns, &err), err, ERR_INPUT);
                assert_fails(moment_parse(span_of(texts[i]), &ns, &err), err, ERR_INPUT);
        }
        assert_int_equal(ns, 7);
}

TEST(moment_that_does_not_exist_is_refused)
{
        static const char *const texts[] = {
                "2024-01-01 24:00",       "2024-01-01 3",           "2024-01-01 03:60",
                "2024-01-01 03:00:61",    "2024-01-01 03:00 PST",   "2024-01-01 03:00 +15",
                "2024-01-01 03:00 +01:6", "2024-01-01 03:00:00.",   "2024-01-01T",
                "2024-01-01T03:00Zulu",   "1970-01-01 00:00 +0100",
        };
        Error err = { 0 };
        uint64_t ns = 7;

        for (size_t i = 0; i < COUNT(texts); i++)
                assert_fails(moment_parse(span_of(texts[i]), &ns, &err), err, ERR_INPUT);
        assert_fails(moment_parse((Span){ "2024\0001-01", 10 }, &ns, &err), err, ERR_INPUT);
        assert_int_equal(ns, 7);
}
