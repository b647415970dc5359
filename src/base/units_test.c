#include "base/units.h"
#include "harness.h"

#include <string.h>

static void check_u64(int (*parse)(Span, uint64_t *, Error *), const char *text, uint64_t expected)
{
        Error err = { 0 };
        uint64_t value = 1;

        if (parse(span_of(text), &value, &err) < 0)
                fail_msg("'%s': %s", text, err.message);
        if (value != expected)
                fail_msg("'%s' is %llu, not %llu", text, (unsigned long long)value,
                         (unsigned long long)expected);
}

/* Refused, with the text in the message and the result untouched. */
static void refuse_u64(int (*parse)(Span, uint64_t *, Error *), const char *text, const char *says)
{
        Error err = { 0 };
        uint64_t value = 77;

        assert_fails(parse(span_of(text), &value, &err), err, ERR_INPUT);
        assert_int_equal(value, 77);
        if (!strstr(err.message, says))
                fail_msg("'%s' gives '%s', which does not say '%s'", text, err.message, says);
}

static void check_double(int (*parse)(Span, double *, Error *), const char *text, double expected)
{
        Error err = { 0 };
        double value = -1;

        if (parse(span_of(text), &value, &err) < 0)
                fail_msg("'%s': %s", text, err.message);
        assert_near(value, expected, 0);
}

static void refuse_double(int (*parse)(Span, double *, Error *), const char *text, const char *says)
{
        Error err = { 0 };
        double value = 77;

        assert_fails(parse(span_of(text), &value, &err), err, ERR_INPUT);
        assert_near(value, 77, 0);
        if (!strstr(err.message, says))
                fail_msg("'%s' gives '%s', which does not say '%s'", text, err.message, says);
}

TEST(units_durations_take_every_unit_and_their_sums)
{
        check_u64(duration_parse, "0", 0);
        check_u64(duration_parse, "0s", 0);
        check_u64(duration_parse, "7ns", 7);
        check_u64(duration_parse, "250us", 250 * NS_PER_US);
        check_u64(duration_parse, "250\u00b5s", 250 * NS_PER_US);
        check_u64(duration_parse, "250 ms", 250 * NS_PER_MS);
        check_u64(duration_parse, "1.5s", 1500 * NS_PER_MS);
        check_u64(duration_parse, ".5s", 500 * NS_PER_MS);
        check_u64(duration_parse, "1m30s", 90 * NS_PER_S);
        check_u64(duration_parse, " 1h 2m 3s ", 3723 * NS_PER_S);
        check_u64(duration_parse, "1d", 86400 * NS_PER_S);
        check_u64(duration_parse, "0.1ns", 0);
        check_u64(duration_parse, "0.5ns", 1);
        check_u64(duration_parse, "0.100000000000000000000000000001s", 100 * NS_PER_MS);
        check_u64(duration_parse, "18446744073709551615ns", UINT64_MAX);
}

TEST(units_durations_refuse_what_is_not_a_time)
{
        refuse_u64(duration_parse, "", "found nothing");
        refuse_u64(duration_parse, "  ", "found nothing");
        refuse_u64(duration_parse, "-5s", "negative");
        refuse_u64(duration_parse, "+5s", "not a time");
        refuse_u64(duration_parse, "10", "no unit");
        refuse_u64(duration_parse, "00", "no unit");
        refuse_u64(duration_parse, "1m30", "no unit");
        refuse_u64(duration_parse, "10x", "unknown unit 'x'");
        refuse_u64(duration_parse, "1e3s", "unknown unit 'e'");
        refuse_u64(duration_parse, "10-s", "unknown unit");
        refuse_u64(duration_parse, "s", "expected a number first");
        refuse_u64(duration_parse, "1.2.3s", "not a number");
        refuse_u64(duration_parse, ".s", "not a number");
        refuse_u64(duration_parse, "30s1m", "large to small");
        refuse_u64(duration_parse, "1s1s", "large to small");
        refuse_u64(duration_parse, "99999999999d", "too large");
        refuse_u64(duration_parse, "18446744073709551616ns", "not a number");
        refuse_u64(duration_parse, "18446744073s999999999999999999ms", "too large");
}

TEST(units_sizes_know_both_families)
{
        check_u64(size_parse, "0", 0);
        check_u64(size_parse, "4096", 4096);
        check_u64(size_parse, "512B", 512);
        check_u64(size_parse, "1kB", 1000);
        check_u64(size_parse, "2MB", 2000000);
        check_u64(size_parse, "1.5GiB", GiB(3) / 2);
        check_u64(size_parse, "64 MiB", MiB(64));
        check_u64(size_parse, "64K", KiB(64));
        check_u64(size_parse, "64M", MiB(64));
        check_u64(size_parse, "1T", GiB(1024));
        check_u64(size_parse, "16777215T", UINT64_C(16777215) << 40);
        check_u64(size_parse, "18446744073709551615", UINT64_MAX);
        refuse_u64(size_parse, "", "found nothing");
        refuse_u64(size_parse, "-1K", "negative");
        refuse_u64(size_parse, "1X", "unknown unit 'X'");
        refuse_u64(size_parse, "1K5", "unknown unit");
        refuse_u64(size_parse, "16777216T", "too large");
        refuse_u64(size_parse, "MiB", "expected a number first");
}

TEST(units_counts_are_whole)
{
        check_u64(count_parse, "0", 0);
        check_u64(count_parse, "100", 100);
        check_u64(count_parse, "10k", 10000);
        check_u64(count_parse, "1.5k", 1500);
        check_u64(count_parse, "2M", 2000000);
        refuse_u64(count_parse, "1.5", "not whole");
        refuse_u64(count_parse, "1.5555k", "not whole");
        refuse_u64(count_parse, "-1", "negative");
        refuse_u64(count_parse, "10x", "not a whole number");
        refuse_u64(count_parse, "18446744073709551616", "not a whole number");
        refuse_u64(count_parse, "99999999999999999k", "too large");
}

TEST(units_rates_are_per_second)
{
        check_double(rate_parse, "500", 500);
        check_double(rate_parse, "500/s", 500);
        check_double(rate_parse, "0.5/s", 0.5);
        check_double(rate_parse, "2k/s", 2000);
        check_double(rate_parse, "2 k /s", 2000);
        check_double(rate_parse, "30/m", 0.5);
        check_double(rate_parse, "3600/h", 1);
        refuse_double(rate_parse, "", "found nothing");
        refuse_double(rate_parse, "-1/s", "negative");
        refuse_double(rate_parse, "500/", "not a rate");
        refuse_double(rate_parse, "500/y", "not a rate");
        refuse_double(rate_parse, "nan", "expected a number first");
        refuse_double(rate_parse, "1..2", "not a rate");
}

TEST(units_shares_are_never_guessed)
{
        check_double(percent_parse, "2%", 0.02);
        check_double(percent_parse, "2 %", 0.02);
        check_double(percent_parse, "250%", 2.5);
        check_double(percent_parse, "0.02", 0.02);
        check_double(percent_parse, "-20%", -0.2);
        check_double(percent_parse, "0", 0);
        refuse_double(percent_parse, "5", "ambiguous");
        refuse_double(percent_parse, "%", "not a share");
        refuse_double(percent_parse, "", "not a share");
        refuse_double(percent_parse, "2%%", "not a share");
        refuse_double(percent_parse, "inf", "not a share");
}

TEST(units_refuse_text_of_any_length)
{
        char text[200];

        memset(text, '1', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        refuse_u64(duration_parse, text, "too long for a time");
        refuse_u64(size_parse, text, "too long for a size");
        refuse_u64(count_parse, text, "too long for a whole number");
        refuse_double(rate_parse, text, "too long for a rate");
        refuse_double(percent_parse, text, "too long for a share");
}

TEST(units_have_a_name_each_and_are_found_by_it)
{
        Error err;
        Unit unit;

        for (unsigned i = 0; i < UNIT_COUNT_; i++) {
                assert_ok(unit_from_name(span_of(unit_name((Unit)i)), &unit, &err), err);
                assert_int_equal(unit, i);
        }
        assert_fails(unit_from_name(SPAN("parsec"), &unit, &err), err, ERR_INPUT);
        assert_non_null(strstr(err.message, "bytes_per_s"));
}
