/* Dates as tools write them, into nanoseconds since 1970. */

#include "import/import.h"

static bool take_number(Span *rest, size_t digits, uint64_t *ret)
{
        Span text = span_first(*rest, digits);

        if (text.len < digits || span_to_u64(text, ret, NULL) < 0)
                return false;
        *rest = span_from(*rest, digits);
        return true;
}

static bool take_byte(Span *rest, const char *any_of)
{
        if (rest->len == 0 || !*rest->ptr || !strchr(any_of, *rest->ptr))
                return false;
        *rest = span_from(*rest, 1);
        return true;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar; the year starts in March, so that
 * the leap day is its last. Method: H. Hinnant, "chrono-compatible low-level date algorithms". */
static uint64_t days_since_1970(uint64_t year, uint64_t month, uint64_t day)
{
        uint64_t y = year - (month <= 2), era = y / 400, of_era = y % 400;
        uint64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

        return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static uint64_t take_fraction_ns(Span *rest)
{
        uint64_t ns = 0, scale = NS_PER_S;

        while (rest->len && *rest->ptr >= '0' && *rest->ptr <= '9') {
                scale /= 10;
                ns += (uint64_t)(*rest->ptr - '0') * scale;
                *rest = span_from(*rest, 1);
        }
        return ns;
}

/* "Z", "+01:00", "-0800" or nothing; what is to be added in seconds. */
static bool take_offset(Span *rest, int64_t *ret_s)
{
        uint64_t hours, minutes = 0;
        bool east = rest->len && *rest->ptr == '+';

        *ret_s = 0;
        if (rest->len == 0 || (take_byte(rest, "Zz") && rest->len == 0))
                return true;
        if (!take_byte(rest, "+-") || !take_number(rest, 2, &hours))
                return false;
        take_byte(rest, ":");
        if (rest->len && !take_number(rest, 2, &minutes))
                return false;
        *ret_s = (int64_t)(hours * 3600 + minutes * 60) * (east ? -1 : 1);
        return rest->len == 0 && hours < 24 && minutes < 60;
}

bool import_date(Span text, uint64_t *ret_wall_ns)
{
        uint64_t year, month, day, hour, minute, second, fraction = 0;
        Span rest = span_trim(text);
        int64_t offset_s, seconds;

        if (!take_number(&rest, 4, &year) || !take_byte(&rest, "-") ||
            !take_number(&rest, 2, &month) || !take_byte(&rest, "-") ||
            !take_number(&rest, 2, &day) || !take_byte(&rest, "T ") ||
            !take_number(&rest, 2, &hour) || !take_byte(&rest, ":") ||
            !take_number(&rest, 2, &minute) || !take_byte(&rest, ":") ||
            !take_number(&rest, 2, &second))
                return false;
        if (take_byte(&rest, ".,"))
                fraction = take_fraction_ns(&rest);
        rest = span_trim(rest);
        if (!take_offset(&rest, &offset_s) || year < 1970 || year > 2500 || month < 1 ||
            month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
                return false;
        seconds = (int64_t)(days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 +
                            second) +
                  offset_s;
        if (seconds < 0)
                return false;
        *ret_wall_ns = (uint64_t)seconds * NS_PER_S + fraction;
        return true;
}
