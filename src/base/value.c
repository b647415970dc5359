#include "base/value.h"

#include "base/map.h"
#include "base/units.h"
#include "base/value_build.h"

#include <math.h>
#include <string.h>
#include <sys/random.h>

#define LARGEST_EXACT_INTEGER 0x1p53

static const char *const kind_names[] = {
#define X(id, name) name,
        VALUE_KINDS(X)
#undef X
};

const char *value_kind_name(ValueKind kind)
{
        return (size_t)kind < COUNT(kind_names) ? kind_names[kind] : "unknown";
}

const Value *value_get(const Value *map, const char *key)
{
        if (!map || map->kind != VALUE_MAP)
                return NULL;
        value_each (child, map)
                if (span_is(child->key, key))
                        return child;
        return NULL;
}

PRINTF(5, 0)
static int fail_list(Error *err, int code, const char *name, Place place, const char *format,
                     va_list args)
{
        char message[sizeof(err->message)];

        vsnprintf(message, sizeof(message), format, args);
        if (!place.line)
                return fail(err, code, "%s: %s", name, message);
        return fail(err, code, "%s:%u:%u: %s", name, place.line, place.column, message);
}

int value_fail(Error *err, const Document *doc, const Value *at, const char *format, ...)
{
        Place place = at ? (Place){ at->line, at->column } : (Place){ 0 };
        va_list args;
        int r;

        va_start(args, format);
        r = fail_list(err, ERR_INPUT, doc->name, place, format, args);
        va_end(args);
        return r;
}

int value_fail_at(Error *err, int code, const char *name, Place place, const char *format, ...)
{
        va_list args;
        int r;

        va_start(args, format);
        r = fail_list(err, code, name, place, format, args);
        va_end(args);
        return r;
}

int value_fail_full(Error *err, const char *name, Place place)
{
        return value_fail_at(err, ERR_LIMIT, name, place,
                             "the document is too large for the memory it may use");
}

/* "'max' must be a number, found text" */
static int fail_kind(Error *err, const Document *doc, const Value *at, const char *wanted)
{
        const char *found = value_kind_name(at->kind);

        if (!at->key.ptr)
                return value_fail(err, doc, at, "expected %s, found %s", wanted, found);
        return value_fail(err, doc, at, "'%.*s' must be %s, found %s", SPAN_ARG(at->key), wanted,
                          found);
}

int value_expect(const Document *doc, const Value *at, ValueKind kind, Error *err)
{
        return at->kind == kind ? 0 : fail_kind(err, doc, at, value_kind_name(kind));
}

int value_to_text(const Document *doc, const Value *at, Span *ret, Error *err)
{
        int r = value_expect(doc, at, VALUE_TEXT, err);

        if (r < 0 && (at->kind == VALUE_NUMBER || at->kind == VALUE_BOOL))
                fail_hint(err, "write it in quotes: \"%.*s\"", SPAN_ARG(at->text));
        if (r < 0)
                return r;
        *ret = at->text;
        return 0;
}

int value_to_number(const Document *doc, const Value *at, double *ret, Error *err)
{
        int r = value_expect(doc, at, VALUE_NUMBER, err);

        if (r < 0)
                return r;
        *ret = at->number;
        return 0;
}

int value_to_bool(const Document *doc, const Value *at, bool *ret, Error *err)
{
        int r = value_expect(doc, at, VALUE_BOOL, err);

        if (r < 0)
                return r;
        *ret = at->boolean;
        return 0;
}

/* Digits are read exactly; other forms of a whole number (1e6, 5.0) as far as a double is exact. */
static bool whole_number(const Value *at, uint64_t *ret)
{
        if (span_to_u64(at->text, ret, NULL) == 0)
                return true;
        if (!(at->number >= 0 && at->number <= LARGEST_EXACT_INTEGER) ||
            floor(at->number) < at->number)
                return false;
        *ret = (uint64_t)at->number;
        return true;
}

int value_to_u64(const Document *doc, const Value *at, uint64_t *ret, Error *err)
{
        uint64_t whole;

        if (at->kind != VALUE_NUMBER)
                return fail_kind(err, doc, at, "a whole number");
        if (!whole_number(at, &whole))
                return value_fail(err, doc, at,
                                  "expected a whole number from 0 to 2^64-1, found '%.*s'",
                                  SPAN_ARG(at->text));
        *ret = whole;
        return 0;
}

static int seconds_to_ns(const Document *doc, const Value *at, uint64_t *ret_ns, Error *err)
{
        uint64_t whole;
        double ns = at->number * (double)NS_PER_S;

        if (whole_number(at, &whole) && whole <= UINT64_MAX / NS_PER_S) {
                *ret_ns = whole * NS_PER_S;
                return 0;
        }
        if (!(ns >= 0 && ns < 0x1p64))
                return value_fail(err, doc, at, "'%.*s' seconds is not a duration",
                                  SPAN_ARG(at->text));
        *ret_ns = (uint64_t)(ns + 0.5);
        return 0;
}

int value_to_duration(const Document *doc, const Value *at, uint64_t *ret_ns, Error *err)
{
        Error cause = { 0 };
        int r;

        if (at->kind == VALUE_NUMBER)
                return seconds_to_ns(doc, at, ret_ns, err);
        if (at->kind != VALUE_TEXT)
                return fail_kind(err, doc, at, "a duration");
        r = duration_parse(at->text, ret_ns, &cause);
        if (r == 0)
                return 0;
        value_fail(err, doc, at, "%s", cause.message);
        if (cause.hint[0])
                fail_hint(err, "%s", cause.hint);
        return -ERR_INPUT;
}

void value_append(ValueList *list, Value *child)
{
        if (list->last)
                list->last->next = child;
        else
                list->first = child;
        list->last = child;
        list->count++;
}

void value_adopt(Value *parent, const ValueList *list)
{
        parent->first = list->first;
        parent->count = list->count;
}

#define FEW_KEYS 8

/* The first child whose key stood before, or NULL. Few keys: comparing is cheaper than hashing. */
static const Value *twin_among_few(const Value *map, const Value **ret_before)
{
        value_each (child, map) {
                for (const Value *it = map->first; it != child; it = it->next) {
                        if (!span_eq(it->key, child->key))
                                continue;
                        *ret_before = it;
                        return child;
                }
        }
        return NULL;
}

static uint64_t secret_seed(const Arena *arena)
{
        uint64_t seed = 0;

        if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
                return (uintptr_t)arena; /* early in boot: at least a random place */
        return seed;
}

static int twin_among_many(const Value *map, Arena *arena, const Value **ret_twin,
                           const Value **ret_before)
{
        Map seen = map_in(arena, map->count);

        seen.seed = secret_seed(arena);
        value_each (child, map) {
                MapSlot *slot = map_add(&seen, child->key);

                if (!slot)
                        return -ERR_LIMIT;
                if (slot->pointer) {
                        *ret_before = slot->pointer;
                        *ret_twin = child;
                        return 0;
                }
                slot->pointer = (void *)child;
        }
        return 0;
}

int value_check_keys(const Document *doc, const Value *map, Arena *arena, Error *err)
{
        Mark mark = arena_mark(arena);
        const Value *twin = NULL, *before = NULL;
        int r = 0;

        if (map->count <= FEW_KEYS)
                twin = twin_among_few(map, &before);
        else
                r = twin_among_many(map, arena, &twin, &before);
        arena_reset(arena, mark);
        if (r < 0)
                return value_fail_full(err, doc->name, (Place){ map->line, map->column });
        if (!twin)
                return 0;
        return value_fail_at(err, ERR_INPUT, doc->name, (Place){ twin->key_line, twin->key_column },
                             "'%.*s' is here twice, first in line %u", SPAN_ARG(twin->key),
                             before->key_line);
}
