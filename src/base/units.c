#include "base/units.h"

#include <math.h>

/* Text to quantities. Numbers are decimal digits with at most one point; units are table rows. */

typedef struct Scale {
        const char *name;
        double factor;
} Scale;

/* A number with its fraction kept exact: whole + fraction / 10^n_fraction. */
typedef struct Decimal {
        uint64_t whole, fraction, denominator;
} Decimal;

#define MOST_FRACTION_DIGITS 18
#define LONGEST_TEXT 63

static const Scale duration_scales[] = {
        { "ns", 1 },     { "us", 1e3 },   { "\u00b5s", 1e3 }, { "\u03bcs", 1e3 },
        { "ms", 1e6 },   { "s", 1e9 },    { "sec", 1e9 },     { "m", 60e9 },
        { "min", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 },   { NULL, 0 },
};
static const Scale size_scales[] = {
        { "", 1 },         { "B", 1 },      { "kB", 1e3 },     { "KB", 1e3 },     { "MB", 1e6 },
        { "GB", 1e9 },     { "TB", 1e12 },  { "KiB", 0x1p10 }, { "MiB", 0x1p20 }, { "GiB", 0x1p30 },
        { "TiB", 0x1p40 }, { "K", 0x1p10 }, { "k", 0x1p10 },   { "M", 0x1p20 },   { "G", 0x1p30 },
        { "T", 0x1p40 },   { NULL, 0 },
};
static const Scale count_scales[] = {
        { "", 1 }, { "k", 1e3 }, { "K", 1e3 }, { "M", 1e6 }, { "G", 1e9 }, { NULL, 0 },
};
static const Scale per_scales[] = {
        { "", 1 }, { "/s", 1 }, { "/m", 60 }, { "/min", 60 }, { "/h", 3600 }, { NULL, 0 },
};

static const Scale *scale_named(const Scale *scales, Span name)
{
        for (; scales->name; scales++)
                if (span_is(name, scales->name))
                        return scales;
        return NULL;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* Cuts the run of bytes that satisfy (or not) "part of a number" off *rest. */
static Span cut_run(Span *rest, bool number)
{
        size_t n = 0;
        Span run;

        while (n < rest->len && (is_digit(rest->ptr[n]) || rest->ptr[n] == '.') == number)
                n++;
        run = span_first(*rest, n);
        *rest = span_from(*rest, n);
        return run;
}

/* Fraction digits past the 18th are below every unit's grain and are dropped. */
static int decimal_parse(Span number, Decimal *ret, Error *err)
{
        Decimal d = { .denominator = 1 };
        Span fraction = number, whole = span_cut(&fraction, '.');

        if (whole.len + fraction.len == 0 || span_find_byte(fraction, '.') >= 0)
                return fail(err, ERR_INPUT, "expected a number, found '%.*s'", SPAN_ARG(number));
        if (whole.len && span_to_u64(whole, &d.whole, err) < 0)
                return -ERR_INPUT;
        for (size_t i = 0; i < MIN(fraction.len, (size_t)MOST_FRACTION_DIGITS); i++) {
                d.fraction = d.fraction * 10 + (uint64_t)(fraction.ptr[i] - '0');
                d.denominator *= 10;
        }
        *ret = d;
        return 0;
}

/* whole x factor + fraction x factor, rounded to the nearest; false past 64 bits. */
static bool decimal_times(Decimal d, uint64_t factor, uint64_t *ret)
{
        unsigned __int128 part = (unsigned __int128)d.fraction * factor + d.denominator / 2;
        uint64_t whole;

        return !__builtin_mul_overflow(d.whole, factor, &whole) &&
               !__builtin_add_overflow(whole, (uint64_t)(part / d.denominator), ret);
}

/* Also keeps lengths within the int that printf takes. */
static int check_length(Span text, const char *what, Error *err)
{
        if (text.len <= LONGEST_TEXT)
                return 0;
        return fail(err, ERR_INPUT, "'%.20s...' is too long for %s", text.ptr, what);
}

/* What every parser refuses first, in words that say what would be right. */
static int check_start(Span text, const char *what, const char *accepted, Error *err)
{
        int r = check_length(text, what, err);

        if (r < 0)
                return r;
        if (text.len == 0)
                return fail(err, ERR_INPUT, "expected %s such as %s, found nothing", what,
                            accepted);
        if (text.ptr[0] == '-')
                return fail(err, ERR_INPUT, "'%.*s' is negative; expected %s such as %s",
                            SPAN_ARG(text), what, accepted);
        if (!is_digit(text.ptr[0]) && text.ptr[0] != '.')
                return fail(err, ERR_INPUT, "'%.*s' is not %s; expected a number first, as in %s",
                            SPAN_ARG(text), what, accepted);
        return 0;
}

static int fail_range(Span text, Error *err)
{
        return fail(err, ERR_INPUT, "'%.*s' is too large", SPAN_ARG(text));
}

/* One "NUMBER UNIT" of a duration, cut off *rest. */
static int duration_part(Span *rest, Span text, uint64_t *factor, uint64_t *ret_ns, Error *err)
{
        Span number = cut_run(rest, true), unit = span_trim(cut_run(rest, false));
        const Scale *scale = scale_named(duration_scales, unit);
        Decimal d;

        if (!scale)
                return fail(err, ERR_INPUT,
                            "'%.*s' has %s%.*s%s; a time needs one of ns, us, ms, s, m, h, d",
                            SPAN_ARG(text), unit.len ? "the unknown unit '" : "no unit",
                            SPAN_ARG(unit), unit.len ? "'" : "");
        if ((uint64_t)scale->factor >= *factor)
                return fail(err, ERR_INPUT, "'%.*s': units go from large to small, as in 1m30s",
                            SPAN_ARG(text));
        if (decimal_parse(number, &d, err) < 0)
                return fail(err, ERR_INPUT, "'%.*s' is not a time: '%.*s' is not a number",
                            SPAN_ARG(text), SPAN_ARG(number));
        *factor = (uint64_t)scale->factor;
        return decimal_times(d, *factor, ret_ns) ? 0 : fail_range(text, err);
}

int duration_parse(Span text, uint64_t *ret_ns, Error *err)
{
        Span rest = text = span_trim(text);
        uint64_t total_ns = 0, part_ns, factor = UINT64_MAX;
        int r = check_start(text, "a time", "10s, 250ms or 1m30s", err);

        if (r < 0)
                return r;
        if (span_is(text, "0"))
                rest.len = 0;
        while (rest.len) {
                r = duration_part(&rest, text, &factor, &part_ns, err);
                if (r < 0)
                        return r;
                if (__builtin_add_overflow(total_ns, part_ns, &total_ns))
                        return fail_range(text, err);
        }
        *ret_ns = total_ns;
        return 0;
}

int size_parse(Span text, uint64_t *ret_bytes, Error *err)
{
        Span rest = text = span_trim(text), number, unit;
        const Scale *scale;
        Decimal d;
        int r = check_start(text, "a size", "64KiB, 1.5GiB or 4096", err);

        if (r < 0)
                return r;
        number = cut_run(&rest, true);
        unit = span_trim(rest);
        scale = scale_named(size_scales, unit);
        if (!scale)
                return fail(err, ERR_INPUT,
                            "'%.*s' has the unknown unit '%.*s'; a size takes B, kB, MB, GB, TB, "
                            "KiB, MiB, GiB, TiB (K, M, G, T are KiB, MiB, GiB, TiB)",
                            SPAN_ARG(text), SPAN_ARG(unit));
        if (decimal_parse(number, &d, err) < 0)
                return fail(err, ERR_INPUT, "'%.*s' is not a size: '%.*s' is not a number",
                            SPAN_ARG(text), SPAN_ARG(number));
        return decimal_times(d, (uint64_t)scale->factor, ret_bytes) ? 0 : fail_range(text, err);
}

/* Whole counts share the rates' k, M and G; "1.5k" is 1500, "1.5" is refused. */
int count_parse(Span text, uint64_t *ret, Error *err)
{
        Span rest = text = span_trim(text), number;
        const Scale *scale;
        Decimal d;
        int r = check_start(text, "a whole number", "100, 10k or 2M", err);

        if (r < 0)
                return r;
        number = cut_run(&rest, true);
        scale = scale_named(count_scales, span_trim(rest));
        if (!scale || decimal_parse(number, &d, err) < 0)
                return fail(err, ERR_INPUT, "'%.*s' is not a whole number; expected 100, 10k or 2M",
                            SPAN_ARG(text));
        if ((unsigned __int128)d.fraction * (uint64_t)scale->factor % d.denominator)
                return fail(err, ERR_INPUT, "'%.*s' is not whole", SPAN_ARG(text));
        return decimal_times(d, (uint64_t)scale->factor, ret) ? 0 : fail_range(text, err);
}

int rate_parse(Span text, double *ret_per_s, Error *err)
{
        Span rest = text = span_trim(text), number, prefix;
        const Scale *scale, *per;
        ptrdiff_t slash;
        double value;
        int r = check_start(text, "a rate", "500, 500/s, 2k/s or 30/m", err);

        if (r < 0)
                return r;
        number = cut_run(&rest, true);
        slash = span_find_byte(rest, '/');
        prefix = slash < 0 ? rest : span_first(rest, (size_t)slash);
        scale = scale_named(count_scales, span_trim(prefix));
        per = scale_named(per_scales, span_trim(span_from(rest, prefix.len)));
        if (!scale || !per || span_to_double(number, &value, err) < 0)
                return fail(err, ERR_INPUT,
                            "'%.*s' is not a rate; expected 500, 500/s, 2k/s, 30/m or 10/h",
                            SPAN_ARG(text));
        *ret_per_s = value * scale->factor / per->factor;
        return 0;
}

int percent_parse(Span text, double *ret_ratio, Error *err)
{
        Span number = text = span_trim(text);
        bool percent = span_ends(text, "%");
        double value;
        int r = check_length(text, "a share", err);

        if (r < 0)
                return r;
        if (percent)
                number = span_trim(span_first(text, text.len - 1));
        if (span_to_double(number, &value, err) < 0)
                return fail(err, ERR_INPUT, "'%.*s' is not a share; expected 2%% or 0.02",
                            SPAN_ARG(text));
        /* "5" might mean 5 % or 500 %: a gate must not guess. */
        if (!percent && fabs(value) >= 1)
                return fail(err, ERR_INPUT, "'%.*s' is ambiguous; write %.*s%% or a ratio below 1",
                            SPAN_ARG(text), SPAN_ARG(number));
        *ret_ratio = percent ? value / 100 : value;
        return 0;
}
