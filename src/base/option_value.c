/* From an option's text to its field, one row per kind of value. */

#include "base/option_int.h"
#include "base/units.h"

#include <string.h>

#define LONGEST_LIST 10000

typedef struct Kind {
        int (*set)(const Option *, const char *text, Arena *, void *field, Error *cause);
        int (*parse_u64)(Span, uint64_t *, Error *);
        int (*parse_double)(Span, double *, Error *);
        Unit unit; /* of the bounds when an error shows them */
} Kind;

static const Kind kinds[OPT_LIST + 1];

static int set_flag(const Option *option UNUSED, const char *text, Arena *arena UNUSED, void *field,
                    Error *cause)
{
        static const char *const words[][2] = {
                { "no", "yes" },
                { "false", "true" },
                { "off", "on" },
                { "0", "1" },
        };

        for (size_t i = 0; i < COUNT(words); i++)
                for (size_t on = 0; on < 2; on++)
                        if (span_is_any_case(span_of(text), words[i][on])) {
                                *(bool *)field = on;
                                return 0;
                        }
        return fail(cause, ERR_USAGE, "'%s' is neither yes nor no", text);
}

static int set_text(const Option *option UNUSED, const char *text, Arena *arena UNUSED, void *field,
                    Error *cause UNUSED)
{
        *(const char **)field = text;
        return 0;
}

static const char *bound_text(const Option *option, double bound, Arena *arena)
{
        Unit unit = kinds[option->kind].unit;

        /* Counts and plain numbers in full: 65535 is not 65.5k. */
        return unit == UNIT_NONE ? arena_printf(arena, "%.15g", bound)
                                 : unit_text(arena, unit, bound);
}

/* A number without bounds may be negative; everything else is at least min, which is often 0. */
static int check_bounds(const Option *option, const char *text, double value, Arena *arena,
                        Error *cause)
{
        bool free = option->kind == OPT_NUMBER && option->min == 0 && option->max == 0;

        if (!free && value < option->min)
                return fail(cause, ERR_USAGE, "'%s' is too small; the least is %s", text,
                            bound_text(option, option->min, arena));
        if (option->max != 0 && value > option->max)
                return fail(cause, ERR_USAGE, "'%s' is too large; the most is %s", text,
                            bound_text(option, option->max, arena));
        return 0;
}

static int set_u64(const Option *option, const char *text, Arena *arena, void *field, Error *cause)
{
        uint64_t value;
        int r = kinds[option->kind].parse_u64(span_of(text), &value, cause);

        if (r < 0)
                return r;
        r = check_bounds(option, text, (double)value, arena, cause);
        if (r == 0)
                *(uint64_t *)field = value;
        return r;
}

static int set_double(const Option *option, const char *text, Arena *arena, void *field,
                      Error *cause)
{
        double value;
        int r = kinds[option->kind].parse_double(span_of(text), &value, cause);

        if (r < 0)
                return r;
        r = check_bounds(option, text, value, arena, cause);
        if (r == 0)
                *(double *)field = value;
        return r;
}

static const char *choice_list(const Option *option, Arena *arena)
{
        Buf list = buf_in(arena, KiB(4));

        for (const char *const *choice = option->choices; *choice; choice++)
                buf_printf(&list, "%s%s", choice == option->choices ? "" : ", ", *choice);
        return buf_span(&list).ptr;
}

static int set_choice(const Option *option, const char *text, Arena *arena, void *field,
                      Error *cause)
{
        for (unsigned i = 0; option->choices[i]; i++)
                if (strcmp(option->choices[i], text) == 0) {
                        *(unsigned *)field = i;
                        return 0;
                }
        fail(cause, ERR_USAGE, "'%s' is not one of %s", text, choice_list(option, arena));
        for (unsigned i = 0; option->choices[i]; i++)
                if (span_distance(span_of(text), span_of(option->choices[i])) <= 2)
                        return fail_hint(cause, "did you mean %s?", option->choices[i]);
        return -ERR_USAGE;
}

static int set_list(const Option *option UNUSED, const char *text, Arena *arena, void *field,
                    Error *cause)
{
        TextList *list = field;
        bool full = (list->len & (list->len - 1)) == 0; /* room is the next power of two */

        if (list->len >= LONGEST_LIST)
                return fail(cause, ERR_LIMIT, "more than %d given", LONGEST_LIST);
        if (full) {
                const char **grown = new (arena, const char *, MAX(list->len * 2, (size_t)1));

                if (list->len)
                        memcpy(grown, list->items, list->len * sizeof(*grown));
                list->items = grown;
        }
        list->items[list->len++] = text;
        return 0;
}

#define SIZE_OF_(id, type) [OPT_##id] = sizeof(type),
static const size_t kind_sizes[] = { OPTION_KINDS(SIZE_OF_) };

static const Kind kinds[OPT_LIST + 1] = {
        [OPT_FLAG] = { .set = set_flag },
        [OPT_TEXT] = { .set = set_text },
        [OPT_COUNT] = { .set = set_u64, .parse_u64 = count_parse },
        [OPT_NUMBER] = { .set = set_double, .parse_double = span_to_double },
        [OPT_DURATION] = { .set = set_u64, .parse_u64 = duration_parse, .unit = UNIT_NS },
        [OPT_SIZE] = { .set = set_u64, .parse_u64 = size_parse, .unit = UNIT_BYTES },
        [OPT_RATE] = { .set = set_double, .parse_double = rate_parse, .unit = UNIT_PER_S },
        [OPT_PERCENT] = { .set = set_double, .parse_double = percent_parse, .unit = UNIT_RATIO },
        [OPT_CHOICE] = { .set = set_choice },
        [OPT_LIST] = { .set = set_list },
};
_Static_assert(COUNT(kinds) == COUNT(kind_sizes), "each kind of option has its row");

int option_set(const Option *option, const char *text, Arena *arena, void *opts, Error *err)
{
        Error cause = { 0 };
        int r = kinds[option->kind].set(option, text, arena, (char *)opts + option->offset, &cause);

        if (r == 0)
                return 0;
        fail(err, ERR_USAGE, "--%s%s%s: %s", option->name, option->arg ? " " : "",
             option->arg ? option->arg : "", cause.message);
        return cause.hint[0] ? fail_hint(err, "%s", cause.hint) : -ERR_USAGE;
}

void option_set_zero(const Option *option, void *opts)
{
        memset((char *)opts + option->offset, 0, kind_sizes[option->kind]);
}
