/* Quantities to text: see base/units.h. Digits are produced here rather than by printf's %f, whose
 * decimal point follows the locale that a linked library may have set. */

#include "base/units.h"

#include <float.h>
#include <math.h>

#define LARGEST_PLAIN 1e15 /* whole numbers beyond this are written as 1.23e+45 */
#define MOST_DECIMALS 9
#define MOST_STEPS 7

typedef struct Step {
        const char *text; /* follows the number */
        double factor;
        double limit; /* numbers that round to this or more take the next step; 0: the last one */
} Step;

typedef struct Printer {
        const char *name;
        Step steps[MOST_STEPS];
        bool whole;     /* whole values of the first step have no decimals: 5, 512 B */
        bool unrounded; /* 99.99 % is not 100 % */
} Printer;

#define TIME_STEPS(per)                                                                            \
        {                                                                                          \
                { " ns" per, 1, 1e3 }, { " us" per, 1e3, 1e3 }, { " ms" per, 1e6, 1e3 },           \
                        { " s" per, 1e9, 60 }, { " min" per, 60e9, 60 }, { " h" per, 3600e9, 24 }, \
                {                                                                                  \
                        " d" per, 86400e9, 0                                                       \
                }                                                                                  \
        }
/* Bytes are exact below a KiB; above it 1000 takes the next step so that three digits suffice. */
#define BYTE_STEPS(per)                                                                          \
        {                                                                                        \
                { " B" per, 1, 1024 }, { " KiB" per, 0x1p10, 1e3 }, { " MiB" per, 0x1p20, 1e3 }, \
                        { " GiB" per, 0x1p30, 1e3 }, { " TiB" per, 0x1p40, 1e3 },                \
                {                                                                                \
                        " PiB" per, 0x1p50, 0                                                    \
                }                                                                                \
        }
#define COUNT_STEPS(per)                                                       \
        {                                                                      \
                { per, 1, 1e3 }, { "k" per, 1e3, 1e3 }, { "M" per, 1e6, 1e3 }, \
                        { "G" per, 1e9, 1e3 },                                 \
                {                                                              \
                        "T" per, 1e12, 0                                       \
                }                                                              \
        }

static const Printer printers[] = {
        [UNIT_NONE] = { .steps = { { "", 1, 0 } } },
        [UNIT_NS] = { .steps = TIME_STEPS("") },
        [UNIT_BYTES] = { .steps = BYTE_STEPS(""), .whole = true },
        [UNIT_RATIO] = { .steps = { { " %", 0.01, 0 } }, .unrounded = true },
        [UNIT_COUNT] = { .steps = COUNT_STEPS(""), .whole = true },
        [UNIT_PER_S] = { .steps = COUNT_STEPS("/s") },
        [UNIT_BYTES_PER_S] = { .steps = BYTE_STEPS("/s") },
        [UNIT_CORES] = { .steps = { { " cores", 1, 0 } } },
        [UNIT_NS_PER_OP] = { .steps = TIME_STEPS("/op") },
};
static const char *const names[] = {
#define X(id, name) name,
        UNITS(X)
#undef X
};
_Static_assert(COUNT(printers) == UNIT_COUNT_, "each unit has its printer");

const char *unit_name(Unit unit)
{
        BUG_IF((unsigned)unit >= UNIT_COUNT_);
        return names[unit];
}

int unit_from_name(Span name, Unit *ret, Error *err)
{
        for (unsigned i = 0; i < UNIT_COUNT_; i++)
                if (span_is(name, names[i])) {
                        *ret = (Unit)i;
                        return 0;
                }
        return fail(err, ERR_INPUT,
                    "unknown unit '%.*s'; known are "
#define X(id, unit) unit ", "
                    UNITS(X)
#undef X
                            "and the empty one",
                    SPAN_ARG(name));
}

/* The decimals that leave `digits` significant ones of a rounded number. */
static int decimals_for(double magnitude, int digits)
{
        int decimals = digits - 1 - (magnitude > 0 ? (int)floor(log10(magnitude)) : 0);

        decimals = MAX(decimals, 0);
        /* 9.996 has two decimals, its rounded form 10.0 one. */
        if (decimals && round(magnitude * pow(10, decimals)) >= pow(10, digits))
                decimals--;
        return decimals;
}

static double rounded(double magnitude, int digits)
{
        double power = pow(10, decimals_for(magnitude, digits));

        return isfinite(magnitude * power) ? round(magnitude * power) / power : magnitude;
}

static void put_scientific(Buf *out, double magnitude)
{
        int exponent = (int)floor(log10(magnitude));
        /* In two steps, because 10^-324 itself is not a double. */
        double mantissa = magnitude / pow(10, exponent / 2) / pow(10, exponent - exponent / 2);
        unsigned hundredths = (unsigned)round(mantissa * 100);

        if (hundredths >= 1000) {
                hundredths /= 10;
                exponent++;
        }
        buf_printf(out, "%u.%02ue%+03d", hundredths / 100, hundredths % 100, exponent);
}

static void put_decimal(Buf *out, double magnitude, int decimals)
{
        uint64_t power = 1, scaled;

        for (int i = 0; i < decimals; i++)
                power *= 10;
        scaled = (uint64_t)round(magnitude * (double)power);
        buf_printf(out, "%llu", (unsigned long long)(scaled / power));
        if (decimals)
                buf_printf(out, ".%0*llu", decimals, (unsigned long long)(scaled % power));
}

static void put_number(Buf *out, double magnitude, int digits)
{
        int decimals = decimals_for(magnitude, digits);

        if (magnitude == 0)
                buf_byte(out, '0');
        else if (magnitude >= LARGEST_PLAIN || decimals > MOST_DECIMALS)
                put_scientific(out, magnitude);
        else
                put_decimal(out, magnitude, decimals);
}

static const Step *pick_step(const Printer *printer, double magnitude)
{
        const Step *step = printer->steps;

        while (step->limit > 0 && rounded(MIN(magnitude / step->factor, DBL_MAX), 3) >= step->limit)
                step++;
        return step;
}

/* Never below what made the step before too small: 59.99 min are 1.00 h, not 0.999 h. */
static double in_step(const Printer *printer, const Step *step, double magnitude)
{
        double number = MIN(magnitude / step->factor, DBL_MAX); /* 1e308 as a share overflows */

        if (step > printer->steps)
                number = MAX(number, step[-1].limit * step[-1].factor / step->factor);
        return number;
}

#define DIGITS 3
#define MOST_DIGITS 5 /* nearer to 100 % than 99.999 % is 100 % */

static int digits_for(const Printer *printer, const Step *step, double number)
{
        if (printer->whole && step == printer->steps && number == floor(number))
                return 1;
        for (int digits = DIGITS; printer->unrounded && number < 100 && digits <= MOST_DIGITS;
             digits++)
                if (rounded(number, digits) < 100)
                        return digits;
        return DIGITS;
}

void unit_format(Buf *out, Unit unit, double value)
{
        const Printer *printer;
        const Step *step;
        double number;

        BUG_IF((unsigned)unit >= UNIT_COUNT_);
        if (isnan(value)) {
                buf_byte(out, '-');
                return;
        }
        if (value < 0)
                buf_byte(out, '-');
        if (isinf(value)) {
                buf_text(out, "inf");
                return;
        }
        printer = &printers[unit];
        step = pick_step(printer, fabs(value));
        number = in_step(printer, step, fabs(value));
        put_number(out, number, digits_for(printer, step, number));
        buf_text(out, step->text);
}

char *unit_text(Arena *arena, Unit unit, double value)
{
        Buf text = buf_in(arena, KiB(1));

        unit_format(&text, unit, value);
        return span_text(arena, buf_span(&text));
}

void percent_format(Buf *out, double ratio_change)
{
        double percent = fabs(ratio_change) * 100;

        if (isnan(ratio_change)) {
                buf_byte(out, '-');
                return;
        }
        if (percent < 0.005) {
                buf_text(out, "0 %");
                return;
        }
        buf_byte(out, ratio_change < 0 ? '-' : '+');
        if (isinf(percent))
                buf_text(out, "inf");
        else if (percent >= LARGEST_PLAIN)
                put_scientific(out, percent);
        else
                put_decimal(out, percent, MIN(decimals_for(percent, 2), 2));
        buf_text(out, " %");
}
