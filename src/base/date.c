#include "base/date.h"

#include <string.h>

#define FIRST_YEAR 1970
#define LAST_YEAR 2500
#define FRACTION_DIGITS 9

/* What is still to be read. */
typedef struct Cursor {
        Span rest;
} Cursor;

static bool digit_next(const Cursor *at)
{
        return at->rest.len > 0 && at->rest.ptr[0] >= '0' && at->rest.ptr[0] <= '9';
}

static bool take_any(Cursor *at, const char *bytes, char *ret)
{
        if (at->rest.len == 0 || at->rest.ptr[0] == 0 || !strchr(bytes, at->rest.ptr[0]))
                return false;
        *ret = at->rest.ptr[0];
        at->rest = span_from(at->rest, 1);
        return true;
}

/* At most `most` digits. */
static bool take_number(Cursor *at, size_t least, size_t most, uint32_t *ret)
{
        uint32_t number = 0;
        size_t n = 0;

        for (; n < most && digit_next(at); n++) {
                number = number * 10 + (uint32_t)(at->rest.ptr[0] - '0');
                at->rest = span_from(at->rest, 1);
        }
        *ret = number;
        return n >= least;
}

static bool leap(uint32_t year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_in(uint32_t year, uint32_t month)
{
        static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return days[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar; the year starts in March, so that
 * the leap day is its last. Method: H. Hinnant, "chrono-compatible low-level date algorithms". */
static uint64_t days_since_1970(uint64_t year, uint64_t month, uint64_t day)
{
        uint64_t y = year - (month <= 2), era = y / 400, of_era = y % 400;
        uint64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

        return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_day(Cursor *at, uint64_t *ret_ns)
{
        uint32_t year, month, day;
        char first, second;

        if (!take_number(at, 4, 4, &year) || !take_any(at, "-./", &first) ||
            !take_number(at, 1, 2, &month) || !take_any(at, "-./", &second) || first != second ||
            !take_number(at, 1, 2, &day) || digit_next(at))
                return false;
        if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
            day > days_in(year, month))
                return false;
        *ret_ns = days_since_1970(year, month, day) * NS_PER_DAY;
        return true;
}

static bool take_fraction(Cursor *at, uint64_t *ret_ns)
{
        uint64_t ns = 0, digit_ns = NS_PER_S;

        if (!digit_next(at))
                return false;
        for (size_t n = 0; digit_next(at); n++) {
                digit_ns /= 10;
                if (n < FRACTION_DIGITS)
                        ns += digit_ns * (uint64_t)(at->rest.ptr[0] - '0');
                at->rest = span_from(at->rest, 1);
        }
        *ret_ns = ns;
        return true;
}

static bool take_clock(Cursor *at, uint64_t *ret_ns)
{
        uint32_t hour, minute, second = 0;
        uint64_t fraction_ns = 0;
        char c;

        if (!take_number(at, 1, 2, &hour) || !take_any(at, ":", &c) ||
            !take_number(at, 2, 2, &minute))
                return false;
        if (take_any(at, ":", &c) && !take_number(at, 2, 2, &second))
                return false;
        if (take_any(at, ".,", &c) && !take_fraction(at, &fraction_ns))
                return false;
        if (hour > 23 || minute > 59 || second > 60) /* 60: a leap second */
                return false;
        *ret_ns = ((uint64_t)hour * 3600 + minute * 60 + second) * NS_PER_S + fraction_ns;
        return true;
}

/* Seconds east of Greenwich. */
static bool take_zone(Cursor *at, int64_t *ret_s)
{
        uint32_t hours, minutes = 0;
        char sign, c;

        *ret_s = 0;
        if (at->rest.len == 0)
                return true;
        if (span_is_any_case(at->rest, "Z") || span_is(at->rest, "UTC") ||
            span_is(at->rest, "GMT")) {
                at->rest = span_from(at->rest, at->rest.len);
                return true;
        }
        if (!take_any(at, "+-", &sign) || !take_number(at, 2, 2, &hours))
                return false;
        if ((take_any(at, ":", &c) || digit_next(at)) && !take_number(at, 2, 2, &minutes))
                return false;
        if (hours > 14 || minutes > 59)
                return false;
        *ret_s = (int64_t)(hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
        return true;
}

static int fail_date(Error *err, Span text, const char *example)
{
        fail(err, ERR_INPUT, "'%.*s' is not a date", SPAN_ARG(span_first(text, 40)));
        return fail_hint(err, "a date looks like %s", example);
}

int date_parse(Span text, uint64_t *ret_ns, Error *err)
{
        Cursor at = { text };
        uint64_t ns;

        if (!take_day(&at, &ns) || at.rest.len)
                return fail_date(err, text, "2027-01-31");
        *ret_ns = ns;
        return 0;
}

static bool take_moment(Cursor *at, uint64_t *ret_ns)
{
        uint64_t day_ns, clock_ns = 0;
        int64_t east_s = 0;
        char c;

        if (!take_day(at, &day_ns))
                return false;
        if (at->rest.len) {
                if (!take_any(at, "T ", &c))
                        return false;
                at->rest = span_trim(at->rest);
                if (!take_clock(at, &clock_ns))
                        return false;
                at->rest = span_trim(at->rest);
                if (!take_zone(at, &east_s))
                        return false;
        }
        if (at->rest.len || (int64_t)((day_ns + clock_ns) / NS_PER_S) < east_s)
                return false;
        *ret_ns = day_ns + clock_ns - (uint64_t)east_s * NS_PER_S;
        return true;
}

int moment_parse(Span text, uint64_t *ret_ns, Error *err)
{
        Cursor at = { span_trim(text) };
        uint64_t ns;

        if (!take_moment(&at, &ns))
                return fail_date(err, text, "2027-01-31 or 2027-01-31 14:05:00 +0100");
        *ret_ns = ns;
        return 0;
}
