#include "import/profile/marshal.h"

#include <string.h>

#define FLAG_REF 0x80

typedef struct Marshal {
        Intake *in;
        const char *start, *at, *end;
        VEC(MarshalValue *) refs;
        size_t n_values;
        unsigned depth;
} Marshal;

static int bad(const Marshal *m, const char *what)
{
        return intake_fail_byte(m->in, (uint64_t)(m->at - m->start), "%s", what);
}

static int little(Marshal *m, unsigned size, uint64_t *ret)
{
        uint64_t value = 0;

        if ((size_t)(m->end - m->at) < size)
                return bad(m, "it ends early");
        for (unsigned i = size; i-- > 0;)
                value = value << 8 | (uint8_t)m->at[i];
        m->at += size;
        *ret = value;
        return 0;
}

static int read_bytes(Marshal *m, uint64_t len, Span *ret)
{
        if (len > (uint64_t)(m->end - m->at))
                return bad(m, "it ends early");
        *ret = (Span){ m->at, (size_t)len };
        m->at += len;
        return 0;
}

static int read_value(Marshal *m, MarshalValue **ret);

static int read_int(Marshal *m, MarshalValue *v)
{
        uint64_t bits = 0;
        int r = little(m, 4, &bits);

        v->kind = MARSHAL_INT;
        v->integer = (int32_t)(uint32_t)bits;
        return r;
}

static int read_int64(Marshal *m, MarshalValue *v)
{
        uint64_t bits = 0;
        int r = little(m, 8, &bits);

        v->kind = MARSHAL_INT;
        v->integer = (int64_t)bits;
        return r;
}

/* Digits of 15 bits, their number negative for negative values; past 63 bits it stays at the most.
 */
static int read_long(Marshal *m, MarshalValue *v)
{
        uint64_t bits = 0, value = 0;
        int r = little(m, 4, &bits);
        int32_t count = (int32_t)(uint32_t)bits;
        uint32_t n = count < 0 ? 0u - (uint32_t)count : (uint32_t)count;

        for (uint32_t i = 0; r == 0 && i < n; i++) {
                r = little(m, 2, &bits);
                if (i < 4)
                        value |= (bits & 0x7fff) << (15 * i);
                else if (bits)
                        value = INT64_MAX;
        }
        v->kind = MARSHAL_INT;
        v->integer = count < 0 ? -(int64_t)value : (int64_t)value;
        return r;
}

static int read_binary_float(Marshal *m, MarshalValue *v)
{
        uint64_t bits = 0;
        int r = little(m, 8, &bits);

        v->kind = MARSHAL_FLOAT;
        memcpy(&v->number, &bits, sizeof(bits));
        return r;
}

static int read_text_float(Marshal *m, MarshalValue *v)
{
        uint64_t len = 0;
        Span text = { 0 };
        int r = little(m, 1, &len);

        if (r == 0)
                r = read_bytes(m, len, &text);
        v->kind = MARSHAL_FLOAT;
        if (r == 0 && span_to_double(text, &v->number, NULL) < 0)
                return bad(m, "this is no number");
        return r;
}

static int read_sized_text(Marshal *m, MarshalValue *v, unsigned size)
{
        uint64_t len = 0;
        int r = little(m, size, &len);

        v->kind = MARSHAL_TEXT;
        return r ? r : read_bytes(m, len, &v->text);
}

static int read_text(Marshal *m, MarshalValue *v)
{
        return read_sized_text(m, v, 4);
}

static int read_short_text(Marshal *m, MarshalValue *v)
{
        return read_sized_text(m, v, 1);
}

static int read_constant(Marshal *m UNUSED, MarshalValue *v UNUSED)
{
        return 0;
}

static int read_true(Marshal *m UNUSED, MarshalValue *v)
{
        v->kind = MARSHAL_INT;
        v->integer = 1;
        return 0;
}

static void append(MarshalValue *to, MarshalValue **last, MarshalValue *item)
{
        if (*last)
                (*last)->next = item;
        else
                to->first = item;
        *last = item;
        to->count++;
}

static int read_items(Marshal *m, MarshalValue *v, uint64_t n)
{
        MarshalValue *last = NULL, *item;
        int r = 0;

        v->kind = MARSHAL_TUPLE;
        for (uint64_t i = 0; r == 0 && i < n; i++) {
                r = read_value(m, &item);
                if (r == 0)
                        append(v, &last, item);
        }
        return r;
}

static int read_tuple(Marshal *m, MarshalValue *v)
{
        uint64_t n = 0;
        int r = little(m, 4, &n);

        return r ? r : read_items(m, v, n);
}

static int read_small_tuple(Marshal *m, MarshalValue *v)
{
        uint64_t n = 0;
        int r = little(m, 1, &n);

        return r ? r : read_items(m, v, n);
}

static int read_dict(Marshal *m, MarshalValue *v)
{
        MarshalValue *last = NULL, *item;
        int r = 0;

        v->kind = MARSHAL_DICT;
        while (r == 0) {
                if (m->at < m->end && *m->at == '0' && v->count % 2 == 0) {
                        m->at++;
                        return 0;
                }
                r = read_value(m, &item);
                if (r == 0)
                        append(v, &last, item);
        }
        return r;
}

/* The value of a reference is a view of what came before: its own place in a list, the same items.
 */
static int read_reference(Marshal *m, MarshalValue *v)
{
        const MarshalValue *target;
        uint64_t at = v->at, number = 0;
        int r = little(m, 4, &number);

        if (r < 0)
                return r;
        target = number < m->refs.len ? m->refs.items[number] : NULL;
        if (!target || target->kind == MARSHAL_NONE)
                return bad(m, "this refers to a value that is not there yet");
        *v = *target;
        v->at = at;
        v->next = NULL;
        return 0;
}

static const struct {
        char type;
        int (*read)(Marshal *m, MarshalValue *v);
} types[] = {
        { 'i', read_int },          { 'I', read_int64 },      { 'l', read_long },
        { 'g', read_binary_float }, { 'f', read_text_float }, { 's', read_text },
        { 't', read_text },         { 'u', read_text },       { 'a', read_text },
        { 'A', read_text },         { 'z', read_short_text }, { 'Z', read_short_text },
        { '(', read_tuple },        { '[', read_tuple },      { ')', read_small_tuple },
        { '{', read_dict },         { 'r', read_reference },  { 'N', read_constant },
        { 'F', read_constant },     { 'T', read_true },
};

static int read_of_type(Marshal *m, MarshalValue *v, char type)
{
        for (size_t i = 0; i < COUNT(types); i++)
                if (types[i].type == type)
                        return types[i].read(m, v);
        m->at--;
        return bad(m, "a value of a type that statistics do not have");
}

static int read_value(Marshal *m, MarshalValue **ret)
{
        MarshalValue *v =
                m->n_values++ < MARSHAL_VALUES ? new_try(m->in->scratch, MarshalValue, 1) : NULL;
        MarshalValue **ref;
        uint64_t type = 0;
        int r;

        if (!v)
                return intake_full(m->in, "values");
        if (m->depth >= MARSHAL_DEPTH)
                return bad(m, "more than 32 levels of nesting");
        v->at = (uint64_t)(m->at - m->start);
        r = little(m, 1, &type);
        if (r == 0 && type & FLAG_REF) {
                ref = vec_add(m->in->scratch, &m->refs);
                if (!ref)
                        return intake_full(m->in, "values");
                *ref = v;
        }
        m->depth++;
        if (r == 0)
                r = read_of_type(m, v, (char)(type & ~FLAG_REF));
        m->depth--;
        *ret = v;
        return r;
}

int marshal_read(Intake *in, Span text, const MarshalValue **ret)
{
        Marshal m = { .in = in,
                      .start = text.ptr,
                      .at = text.ptr,
                      .end = text.ptr + text.len,
                      .refs = VEC_INIT(MARSHAL_VALUES) };
        MarshalValue *root = NULL;
        int r = read_value(&m, &root);

        if (r == 0)
                *ret = root;
        return r;
}

const MarshalValue *marshal_item(const MarshalValue *tuple, size_t i)
{
        const MarshalValue *item = tuple->kind == MARSHAL_TUPLE ? tuple->first : NULL;

        for (; item && i; i--)
                item = item->next;
        return item;
}
