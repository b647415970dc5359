#include "analysis/fill.h"

#include <math.h>

#include "base/utf8.h"

#define FILL_MAX_BYTES KiB(64)

static void put_name(Buf *out, Span name)
{
        Span rest = name;

        while (rest.len && name.len - rest.len < FILL_MAX_NAME)
                rest = span_from(rest, MAX(utf8_length(rest), (size_t)1));
        buf_add(out, span_first(name, name.len - rest.len));
        buf_text(out, rest.len ? "..." : "");
}

Span fill_name(Span name, Arena *arena)
{
        Buf text = buf_in(arena, KiB(1));

        put_name(&text, name);
        return buf_span(&text);
}

static void put_function(Buf *out, const Fill *fill)
{
        put_name(out, fill->owner ? fill->owner->function : fill->pattern->function);
}
static void put_share(Buf *out, const Fill *fill)
{
        unit_format(out, UNIT_RATIO, fill->share);
}
static void put_own_share(Buf *out, const Fill *fill)
{
        unit_format(out, UNIT_RATIO, fill->owner->own_share);
}
static void put_callee(Buf *out, const Fill *fill)
{
        put_name(out, fill->owner->callee.len ? fill->owner->callee : fill->owner->leaf);
}
static void put_callee_share(Buf *out, const Fill *fill)
{
        unit_format(out, UNIT_RATIO, fill->owner->callee_share);
}
static void put_callers(Buf *out, const Fill *fill)
{
        put_name(out, fill->owner->callers);
}
/* Where to look: the hottest line, or the function when the program has no debug information. */
static void put_source(Buf *out, const Fill *fill)
{
        put_name(out, fill->owner->source.len ? fill->owner->source : fill->owner->function);
}
static void put_leaf(Buf *out, const Fill *fill)
{
        put_name(out, fill->owner->leaf);
}
static void put_impact(Buf *out, const Fill *fill)
{
        unit_format(out, UNIT_NS, fill->impact_ns);
}
static void put_frequency(Buf *out, const Fill *fill)
{
        unit_format(out, UNIT_PER_S, fill->frequency_per_s);
}
static void put_value(Buf *out, const Fill *fill)
{
        unit_format(out, fill->value_unit, fill->value);
}
static void put_subject(Buf *out, const Fill *fill)
{
        put_name(out, fill->subject);
}

#define ANY (FILL_FOR_OWNER | FILL_FOR_METRIC | FILL_FOR_RESOURCE | FILL_FOR_PATTERN)

static const struct Placeholder {
        const char *name;
        unsigned means; /* FillFor it has a meaning for */
        void (*put)(Buf *, const Fill *);
} placeholders[] = {
        { "function", FILL_FOR_OWNER | FILL_FOR_PATTERN, put_function },
        { "share", FILL_FOR_OWNER | FILL_FOR_PATTERN, put_share },
        { "own_share", FILL_FOR_OWNER, put_own_share },
        { "callee", FILL_FOR_OWNER, put_callee },
        { "callee_share", FILL_FOR_OWNER, put_callee_share },
        { "callers", FILL_FOR_OWNER, put_callers },
        { "source", FILL_FOR_OWNER, put_source },
        { "leaf", FILL_FOR_OWNER, put_leaf },
        { "impact", ANY, put_impact },
        { "frequency", ANY, put_frequency },
        { "value", ANY, put_value },
        { "subject", FILL_FOR_METRIC | FILL_FOR_RESOURCE, put_subject },
};

static const struct Placeholder *find_placeholder(Span name)
{
        for (size_t i = 0; i < COUNT(placeholders); i++)
                if (span_is(name, placeholders[i].name))
                        return &placeholders[i];
        return NULL;
}

/* Cuts *rest at the next "{name}": what stands before it and the name; false when there is none. */
static bool next_placeholder(Span *rest, Span *ret_before, Span *ret_name)
{
        ptrdiff_t open = span_find_byte(*rest, '{');
        Span inside = open < 0 ? SPAN("") : span_from(*rest, (size_t)open + 1);
        ptrdiff_t close = span_find_byte(inside, '}');

        if (open < 0 || close < 0)
                return false;
        *ret_before = span_first(*rest, (size_t)open);
        *ret_name = span_first(inside, (size_t)close);
        *rest = span_from(inside, (size_t)close + 1);
        return true;
}

bool fill_check(Span text, FillFor what, Span *ret_unknown)
{
        Span before, name;

        while (next_placeholder(&text, &before, &name)) {
                const struct Placeholder *p = find_placeholder(name);

                if (!p || !(p->means & what)) {
                        *ret_unknown = name;
                        return false;
                }
        }
        return true;
}

Span fill_text(Span text, const Fill *fill, Arena *arena)
{
        Buf out = buf_in(arena, FILL_MAX_BYTES);
        Span before, name;

        while (next_placeholder(&text, &before, &name)) {
                const struct Placeholder *p = find_placeholder(name);

                buf_add(&out, before);
                if (p)
                        p->put(&out, fill);
        }
        buf_add(&out, text);
        return buf_span(&out);
}
