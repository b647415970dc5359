/* Values of a chunk: numbers, texts, structs, arrays, and constants behind a number. */

#include "base/utf8.h"
#include "import/profile/jfr_chunk.h"

#define DEEPEST 16 /* structs in structs */

int jfr_fail(const JfrChunk *c, const char *at, const char *what)
{
        return intake_fail_byte(c->in, c->offset + (uint64_t)(at - c->bytes.ptr), "%s", what);
}

static bool fixed(JfrCursor *at, unsigned size, uint64_t *ret)
{
        uint64_t value = 0;

        if ((size_t)(at->end - at->at) < size) {
                at->bad = true;
                return false;
        }
        for (unsigned i = 0; i < size; i++)
                value = value << 8 | (uint8_t)*at->at++;
        *ret = value;
        return true;
}

/* The ninth byte has eight bits. */
static bool leb128(JfrCursor *at, uint64_t *ret)
{
        uint64_t value = 0;

        for (unsigned i = 0; i < 9; i++) {
                uint8_t byte;

                if (at->at >= at->end) {
                        at->bad = true;
                        return false;
                }
                byte = (uint8_t)*at->at++;
                value |= (uint64_t)(i == 8 ? byte : byte & 0x7f) << (7 * i);
                if (i < 8 && !(byte & 0x80))
                        break;
        }
        *ret = value;
        return true;
}

bool jfr_number(const JfrChunk *c, JfrCursor *at, unsigned fixed_bytes, uint64_t *ret)
{
        return c->compressed ? leb128(at, ret) : fixed(at, fixed_bytes, ret);
}

static bool take(JfrCursor *at, uint64_t len, Span *ret)
{
        if (len > (uint64_t)(at->end - at->at)) {
                at->bad = true;
                return false;
        }
        *ret = (Span){ at->at, (size_t)len };
        at->at += len;
        return true;
}

/* Characters of 16 bits, each a number; halves of pairs become U+FFFD. */
static bool chars(const JfrChunk *c, JfrCursor *at, uint64_t len, Span *ret)
{
        char *text = len <= (uint64_t)(at->end - at->at)
                             ? new_try(c->in->scratch, char, 3 * len + 1)
                             : NULL;
        size_t n = 0;

        for (uint64_t i = 0; text && i < len; i++) {
                uint64_t unit;

                if (!jfr_number(c, at, 2, &unit))
                        return false;
                if (unit > 0xffff || (unit >= 0xd800 && unit <= 0xdfff))
                        unit = 0xfffd;
                n += utf8_put(text + n, (uint32_t)unit);
        }
        at->bad |= !text;
        *ret = (Span){ text ? text : "", n };
        return text;
}

static bool latin1(const JfrChunk *c, JfrCursor *at, uint64_t len, Span *ret)
{
        Span raw;
        char *text;
        size_t n = 0;

        if (!take(at, len, &raw))
                return false;
        text = new_try(c->in->scratch, char, 2 * raw.len + 4);
        for (size_t i = 0; text && i < raw.len; i++)
                n += utf8_put(text + n, (uint8_t)raw.ptr[i]);
        *ret = text ? (Span){ text, n } : SPAN("");
        return true;
}

enum { TEXT_NULL, TEXT_EMPTY, TEXT_POOLED, TEXT_UTF8, TEXT_CHARS, TEXT_LATIN1 };

static bool read_text(const JfrChunk *c, JfrCursor *at, Span *ret)
{
        uint64_t encoding, number;
        JfrValue values[JFR_FIELDS];
        const JfrType *strings;

        *ret = SPAN("");
        if (!fixed(at, 1, &encoding))
                return false;
        if (encoding == TEXT_NULL || encoding == TEXT_EMPTY)
                return true;
        if (encoding > TEXT_LATIN1) {
                at->bad = true;
                return false;
        }
        if (!jfr_number(c, at, encoding == TEXT_POOLED ? 8 : 4, &number))
                return false;
        if (encoding == TEXT_UTF8)
                return take(at, number, ret);
        if (encoding == TEXT_CHARS)
                return chars(c, at, number, ret);
        if (encoding == TEXT_LATIN1)
                return latin1(c, at, number, ret);
        strings = jfr_type_named(c, "java.lang.String");
        if (strings && jfr_constant(c, strings, number, values) == 0)
                *ret = values[0].text;
        return true;
}

static const struct {
        const char *name;
        unsigned bytes;
        bool always; /* this many, compressed or not */
} primitives[] = {
        { "boolean", 1, true }, { "byte", 1, true },  { "char", 2, false }, { "short", 2, false },
        { "int", 4, false },    { "long", 8, false }, { "float", 4, true }, { "double", 8, true },
};

static bool read_struct(const JfrChunk *c, const JfrType *type, JfrCursor *at, JfrValue *values,
                        unsigned depth);

static bool read_plain(const JfrChunk *c, const JfrType *type, JfrCursor *at, JfrValue *value,
                       unsigned depth)
{
        value->at = at->at;
        for (size_t i = 0; i < COUNT(primitives); i++)
                if (span_is(type->name, primitives[i].name))
                        return primitives[i].always
                                       ? fixed(at, primitives[i].bytes, &value->number)
                                       : jfr_number(c, at, primitives[i].bytes, &value->number);
        if (span_is(type->name, "java.lang.String"))
                return read_text(c, at, &value->text);
        return read_struct(c, type, at, NULL, depth + 1);
}

static bool read_one(const JfrChunk *c, const JfrField *field, JfrCursor *at, JfrValue *value,
                     unsigned depth)
{
        const JfrType *type = jfr_type(c, field->type);

        if (field->pooled)
                return jfr_number(c, at, 8, &value->number);
        if (!type) {
                at->bad = true;
                return false;
        }
        return read_plain(c, type, at, value, depth);
}

static bool read_field(const JfrChunk *c, const JfrField *field, JfrCursor *at, JfrValue *value,
                       unsigned depth)
{
        JfrValue item;
        uint64_t n;

        if (!field->array)
                return read_one(c, field, at, value, depth);
        if (!jfr_number(c, at, 4, &n))
                return false;
        value->at = at->at;
        value->number = n;
        /* Items of no bytes would make the loop long without moving on. */
        for (uint64_t i = 0; i < n; i++) {
                const char *before = at->at;

                if (!read_one(c, field, at, &item, depth) || at->at == before) {
                        at->bad = true;
                        return false;
                }
        }
        return true;
}

static bool read_struct(const JfrChunk *c, const JfrType *type, JfrCursor *at, JfrValue *values,
                        unsigned depth)
{
        if (depth > DEEPEST)
                at->bad = true;
        for (uint32_t i = 0; !at->bad && i < type->n_fields; i++) {
                JfrValue value = { 0 };

                if (!read_field(c, &c->fields.items[type->first_field + i], at, &value, depth))
                        return false;
                if (values && i < JFR_FIELDS)
                        values[i] = value;
        }
        return !at->bad;
}

int jfr_fields(const JfrChunk *c, const JfrType *type, JfrCursor *at,
               JfrValue values[static JFR_FIELDS])
{
        const char *start = at->at;

        for (size_t i = 0; i < JFR_FIELDS; i++)
                values[i] = (JfrValue){ 0 };
        if (span_is(type->name, "java.lang.String"))
                return read_text(c, at, &values[0].text) ? 0 : jfr_fail(c, start, "a damaged text");
        return read_struct(c, type, at, values, 0) ? 0 : jfr_fail(c, start, "damaged values");
}

int jfr_constant(const JfrChunk *c, const JfrType *type, uint64_t key,
                 JfrValue values[static JFR_FIELDS])
{
        const MapSlot *slot = type ? map_find_u64(&type->pool, key) : NULL;
        JfrCursor at;

        if (!slot || !slot->number)
                return 1;
        at = (JfrCursor){ .at = c->bytes.ptr + slot->number - 1,
                          .end = c->bytes.ptr + c->bytes.len };
        return jfr_fields(c, type, &at, values);
}
