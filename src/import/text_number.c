#include "import/text_number.h"

#include "import/import.h"

static bool is_digit(Span s, size_t at)
{
        return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

static size_t count_digits(Span s, size_t at)
{
        size_t n = 0;

        while (is_digit(s, at + n))
                n++;
        return n;
}

/* ",345" of "12,345": a comma with exactly three digits behind it. */
static bool is_group(Span s, size_t at)
{
        return at < s.len && s.ptr[at] == ',' && count_digits(s, at + 1) == 3;
}

/* How long the number at the start is; 0: there is none. */
static size_t number_length(Span s)
{
        size_t at = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+');
        size_t whole = count_digits(s, at), mantissa, sign;

        at += whole;
        if (whole >= 1 && whole <= 3)
                while (is_group(s, at))
                        at += 4;
        if (at < s.len && s.ptr[at] == '.' && (whole || is_digit(s, at + 1))) {
                at++;
                mantissa = count_digits(s, at);
                at += mantissa;
                whole += mantissa;
        }
        if (whole == 0)
                return 0;
        if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
                sign = at + 1 < s.len && (s.ptr[at + 1] == '-' || s.ptr[at + 1] == '+');
                if (is_digit(s, at + 1 + sign))
                        at += 1 + sign + count_digits(s, at + 1 + sign);
        }
        return at;
}

static bool to_double(Span s, double *ret)
{
        char plain[400];
        size_t n = 0;

        if (span_find_byte(s, ',') < 0)
                return span_to_double(s, ret, NULL) == 0;
        if (s.len > sizeof(plain))
                return false;
        for (size_t i = 0; i < s.len; i++)
                if (s.ptr[i] != ',')
                        plain[n++] = s.ptr[i];
        return span_to_double((Span){ plain, n }, ret, NULL) == 0;
}

static Span skip_space(Span s)
{
        while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
                s = span_from(s, 1);
        return s;
}

bool text_take_number(Span *rest, double *ret)
{
        Span s = skip_space(*rest);
        size_t n = number_length(s);

        if (n == 0 || !to_double(span_first(s, n), ret))
                return false;
        *rest = span_from(s, n);
        return true;
}

Span text_take_unit(Span *rest)
{
        Span s = skip_space(*rest), unit;
        size_t n = 0;

        while (n < s.len && !strchr(" \t,;)]", s.ptr[n]))
                n++;
        unit = span_first(s, n);
        *rest = span_from(s, n);
        return unit;
}

/* The letters of a unit of time: "ms" of "ms,", "m" of "m40.5s". */
static Span take_letters(Span *rest)
{
        Span s = skip_space(*rest);
        size_t n = 0;

        while (n < s.len && !is_digit(s, n) && !strchr(" \t,;)]-+.", s.ptr[n]))
                n++;
        *rest = span_from(s, n);
        return span_first(s, n);
}

bool text_take_duration(Span *rest, double *ret_ns)
{
        Span s = *rest;
        double total = 0, number;
        bool any = false;

        while (text_take_number(&s, &number)) {
                Span unit = take_letters(&s);
                ImportUnit known = import_unit(unit);

                if (unit.len == 0 || known.metric != METRIC_TIME)
                        return false;
                total += number * known.scale;
                any = true;
                if (!is_digit(s, 0))
                        break;
        }
        if (!any)
                return false;
        *rest = s;
        *ret_ns = total;
        return true;
}

double text_multiplier(Span suffix, double kilo)
{
        static const char letters[] = "kMGTPE";
        const char *at;
        double value = 1;

        if (suffix.len == 0)
                return 1;
        if (suffix.len == 2 && suffix.ptr[1] == 'i')
                kilo = 1024;
        else if (suffix.len != 1)
                return 0;
        at = suffix.ptr[0] == 'K' ? letters : strchr(letters, suffix.ptr[0]);
        if (!at || !*at)
                return 0;
        for (const char *p = letters; p <= at; p++)
                value *= kilo;
        return value;
}

bool text_take_size(Span *rest, double kilo, double *ret_bytes)
{
        Span s = *rest, unit;
        double number, multiplier;

        if (!text_take_number(&s, &number))
                return false;
        unit = text_take_unit(&s);
        if (span_ends(unit, "/sec"))
                unit.len -= 4;
        else if (span_ends(unit, "/s"))
                unit.len -= 2;
        if (span_is(unit, "bytes") || span_is(unit, "Kbytes"))
                unit.len -= 5;
        else if (span_ends(unit, "B"))
                unit.len--;
        multiplier = text_multiplier(unit, kilo);
        if (multiplier <= 0)
                return false;
        *rest = s;
        *ret_bytes = number * multiplier;
        return true;
}

bool text_number(Span text, double *ret)
{
        Span rest = span_trim(text);
        double value;

        if (!text_take_number(&rest, &value) || rest.len)
                return false;
        *ret = value;
        return true;
}

bool text_number_comma(Span text, double *ret)
{
        char dotted[64];
        ptrdiff_t comma;

        text = span_trim(text);
        comma = span_find_byte(text, ',');
        if (comma < 0 || text.len > sizeof(dotted))
                return text_number(text, ret);
        memcpy(dotted, text.ptr, text.len);
        dotted[comma] = '.';
        return text_number((Span){ dotted, text.len }, ret);
}

bool text_is_not_finite(Span text)
{
        static const char *const names[] = { "nan", "inf", "infinity" };

        text = span_trim(text);
        if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+'))
                text = span_from(text, 1);
        for (size_t i = 0; i < COUNT(names); i++)
                if (span_is_any_case(text, names[i]))
                        return true;
        return false;
}
