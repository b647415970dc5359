/* Whatever a quantity's parser accepts is in range, and what the printers make of it is short text
 * that the parser takes again. The input is one text, read as every kind of quantity. */
#include "base/units.h"

#include <math.h>
#include <string.h>

#define LONGEST_OUTPUT 40

static void check_refusal(int r, const Error *err)
{
        BUG_IF(r >= 0);
        BUG_IF(err->code != ERR_INPUT || !err->message[0]);
}

static const char *print(Arena *arena, Unit unit, double value)
{
        const char *text = unit_text(arena, unit, value);

        BUG_IF(!text[0] || strlen(text) > LONGEST_OUTPUT);
        return text;
}

static void check_duration(Span text, Arena *arena)
{
        uint64_t ns, again;
        Error err = { 0 };
        int r = duration_parse(text, &ns, &err);

        if (r < 0) {
                check_refusal(r, &err);
                return;
        }
        BUG_IF(duration_parse(span_of(print(arena, UNIT_NS, (double)ns)), &again, &err) < 0);
        BUG_IF(fabs((double)again - (double)ns) > 0.0051 * (double)ns);
}

static void check_u64(int (*parse)(Span, uint64_t *, Error *), Unit unit, Span text, Arena *arena)
{
        uint64_t value;
        Error err = { 0 };
        int r = parse(text, &value, &err);

        if (r < 0)
                check_refusal(r, &err);
        else
                print(arena, unit, (double)value);
}

static void check_double(int (*parse)(Span, double *, Error *), Unit unit, Span text, Arena *arena)
{
        double value;
        Error err = { 0 };
        int r = parse(text, &value, &err);

        if (r < 0) {
                check_refusal(r, &err);
                return;
        }
        BUG_IF(!isfinite(value));
        print(arena, unit, value);
}

/* The first eight bytes as a number: every bit pattern is printed. */
static void check_printers(const uint8_t *data, size_t size, Arena *arena)
{
        Buf change = buf_in(arena, LONGEST_OUTPUT);
        double value = 0;

        memcpy(&value, data, MIN(size, sizeof(value)));
        for (unsigned unit = 0; unit < UNIT_COUNT_; unit++)
                print(arena, (Unit)unit, value);
        percent_format(&change, value);
        BUG_IF(buf_check(&change, NULL) < 0 || change.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span text = { (const char *)data, size };
        Unit unit;

        check_duration(text, arena);
        check_u64(size_parse, UNIT_BYTES, text, arena);
        check_u64(count_parse, UNIT_COUNT, text, arena);
        check_double(rate_parse, UNIT_PER_S, text, arena);
        check_double(percent_parse, UNIT_RATIO, text, arena);
        if (unit_from_name(span_first(text, 64), &unit, NULL) == 0)
                BUG_IF(!span_is(span_first(text, 64), unit_name(unit)));
        check_printers(data, size, arena);
        return 0;
}
