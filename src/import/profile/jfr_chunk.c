#include "import/profile/jfr_chunk.h"

#define MOST_TYPES 65536
#define MOST_STRINGS ((size_t)1 << 22)
#define MOST_CONSTANTS ((size_t)1 << 26)
#define METADATA_EVENT 0
#define CHECKPOINT_EVENT 1
#define DEEPEST 32 /* elements in elements */

/* --- types --- */

const JfrType *jfr_type(const JfrChunk *c, uint64_t id)
{
        const MapSlot *slot = map_find_u64(&c->type_ids, id);

        return slot && slot->number ? &c->types.items[slot->number - 1] : NULL;
}

const JfrType *jfr_type_named(const JfrChunk *c, const char *name)
{
        vec_each (const JfrType, type, &c->types)
                if (span_is(type->name, name))
                        return type;
        return NULL;
}

uint32_t jfr_field(const JfrChunk *c, const JfrType *type, const char *name)
{
        for (uint32_t i = 0; type && i < MIN(type->n_fields, (uint32_t)JFR_FIELDS); i++)
                if (span_is(c->fields.items[type->first_field + i].name, name))
                        return i;
        return INTAKE_NONE;
}

/* --- metadata: an element has a name, attributes and elements --- */

typedef struct Element {
        Span name, id, type_name, class_id;
        bool pooled, array;
} Element;

static Span string_at(const JfrChunk *c, uint64_t number)
{
        return number < c->strings.len ? c->strings.items[number] : SPAN("");
}

static int read_strings(JfrChunk *c, JfrCursor *at)
{
        uint64_t n;

        if (!jfr_number(c, at, 4, &n) || n > MOST_STRINGS)
                return jfr_fail(c, at->at, "damaged metadata");
        for (uint64_t i = 0; i < n; i++) {
                Span *slot = vec_add(c->in->scratch, &c->strings);
                JfrValue value[JFR_FIELDS];
                JfrType text = { .name = SPAN("java.lang.String") };
                int r = slot ? jfr_fields(c, &text, at, value) : intake_full(c->in, "strings");

                if (r < 0)
                        return r;
                *slot = value[0].text;
        }
        return 0;
}

static bool read_attributes(const JfrChunk *c, JfrCursor *at, Element *e)
{
        uint64_t n, key, value;

        if (!jfr_number(c, at, 4, &n))
                return false;
        for (uint64_t i = 0; i < n; i++) {
                Span name, text;

                if (!jfr_number(c, at, 4, &key) || !jfr_number(c, at, 4, &value))
                        return false;
                name = string_at(c, key);
                text = string_at(c, value);
                if (span_is(name, "name"))
                        e->type_name = text;
                else if (span_is(name, "id"))
                        e->id = text;
                else if (span_is(name, "class"))
                        e->class_id = text;
                else if (span_is(name, "constantPool"))
                        e->pooled = span_is(text, "true");
                else if (span_is(name, "dimension"))
                        e->array = !span_is(text, "0");
        }
        return true;
}

static int add_type(JfrChunk *c, const Element *e, const char *at)
{
        JfrType *type = vec_add(c->in->scratch, &c->types);
        uint64_t id = 0;
        MapSlot *slot;

        if (!type)
                return intake_full(c->in, "types");
        if (span_to_u64(e->id, &id, NULL) < 0)
                return jfr_fail(c, at, "a type without an id");
        slot = map_add_u64(&c->type_ids, id);
        if (!slot)
                return intake_full(c->in, "types");
        slot->number = c->types.len;
        *type = (JfrType){ .id = id,
                           .name = e->type_name,
                           .first_field = (uint32_t)c->fields.len,
                           .pool = map_in(c->in->scratch, MOST_CONSTANTS) };
        return 0;
}

static int add_field(JfrChunk *c, const Element *e, const char *at)
{
        JfrType *type = vec_last(&c->types);
        JfrField *field = type ? vec_add(c->in->scratch, &c->fields) : NULL;

        if (!field)
                return type ? intake_full(c->in, "fields")
                            : jfr_fail(c, at, "a field outside a type");
        *field = (JfrField){ .name = e->type_name, .pooled = e->pooled, .array = e->array };
        if (span_to_u64(e->class_id, &field->type, NULL) < 0)
                return jfr_fail(c, at, "a field without a type");
        type->n_fields++;
        return 0;
}

/* Depth first: the fields of a class follow it before the next class begins. */
static int read_element(JfrChunk *c, JfrCursor *at, unsigned depth)
{
        const char *start = at->at;
        Element e = { 0 };
        uint64_t name, n;
        int r = 0;

        if (depth > DEEPEST)
                return jfr_fail(c, start, "more than 32 elements in each other");
        if (!jfr_number(c, at, 4, &name) || !read_attributes(c, at, &e) ||
            !jfr_number(c, at, 4, &n))
                return jfr_fail(c, start, "damaged metadata");
        if (span_is(string_at(c, name), "class"))
                r = add_type(c, &e, start);
        else if (span_is(string_at(c, name), "field"))
                r = add_field(c, &e, start);
        for (uint64_t i = 0; r == 0 && i < n; i++)
                r = read_element(c, at, depth + 1);
        return r;
}

static int read_metadata(JfrChunk *c, uint64_t offset)
{
        JfrCursor at = { .at = c->bytes.ptr + offset, .end = c->bytes.ptr + c->bytes.len };
        uint64_t ignored, type;
        int r;

        if (!jfr_number(c, &at, 4, &ignored) || !jfr_number(c, &at, 8, &type) ||
            type != METADATA_EVENT)
                return jfr_fail(c, c->bytes.ptr + offset, "here the metadata should be");
        for (unsigned i = 0; i < 3; i++) /* start, duration, id */
                if (!jfr_number(c, &at, 8, &ignored))
                        return jfr_fail(c, at.at, "damaged metadata");
        r = read_strings(c, &at);
        return r ? r : read_element(c, &at, 0);
}

/* --- events and constants --- */

JfrCursor jfr_events(const JfrChunk *c)
{
        return (JfrCursor){ .at = c->bytes.ptr + MIN((size_t)JFR_HEADER_BYTES, c->bytes.len),
                            .end = c->bytes.ptr + c->bytes.len };
}

bool jfr_next_event(const JfrChunk *c, JfrCursor *at, JfrEvent *ret)
{
        const char *start = at->at;
        JfrCursor event = *at;
        uint64_t size, type;

        if (at->bad || at->at >= at->end)
                return false;
        if (!jfr_number(c, &event, 4, &size) || size == 0 || size > (uint64_t)(at->end - start) ||
            !jfr_number(c, &event, 8, &type) || (uint64_t)(event.at - start) > size) {
                at->bad = true;
                return false;
        }
        at->at = start + size;
        *ret = (JfrEvent){ type, { .at = event.at, .end = start + size } };
        return true;
}

static int read_pool(JfrChunk *c, JfrCursor *at)
{
        const char *start = at->at;
        uint64_t id, n, key;
        JfrType *type;

        if (!jfr_number(c, at, 8, &id) || !jfr_number(c, at, 4, &n))
                return jfr_fail(c, start, "damaged constants");
        type = (JfrType *)jfr_type(c, id);
        if (!type)
                return jfr_fail(c, start, "constants of a type that is not described");
        for (uint64_t i = 0; i < n; i++) {
                JfrValue values[JFR_FIELDS];
                MapSlot *slot;
                int r;

                if (!jfr_number(c, at, 8, &key))
                        return jfr_fail(c, start, "damaged constants");
                slot = map_add_u64(&type->pool, key);
                if (!slot)
                        return intake_full(c->in, "constants");
                slot->number = (uint64_t)(at->at - c->bytes.ptr) + 1;
                r = jfr_fields(c, type, at, values);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_checkpoint(JfrChunk *c, JfrCursor *at)
{
        uint64_t ignored, n;
        int r = 0;

        for (unsigned i = 0; i < 3; i++) /* start, duration, way to the one before */
                if (!jfr_number(c, at, 8, &ignored))
                        return jfr_fail(c, at->at, "a damaged checkpoint");
        if (at->at >= at->end)
                return jfr_fail(c, at->at, "a damaged checkpoint");
        at->at++; /* its kind */
        if (!jfr_number(c, at, 4, &n))
                return jfr_fail(c, at->at, "a damaged checkpoint");
        for (uint64_t i = 0; r == 0 && i < n; i++)
                r = read_pool(c, at);
        return r;
}

static int read_checkpoints(JfrChunk *c)
{
        JfrCursor at = jfr_events(c);
        JfrEvent e;
        int r = 0;

        while (r == 0 && jfr_next_event(c, &at, &e))
                if (e.type == CHECKPOINT_EVENT)
                        r = read_checkpoint(c, &e.fields);
        c->cut |= at.bad;
        return r;
}

/* --- header --- */

static uint64_t big_endian(const char *at, unsigned size)
{
        uint64_t value = 0;

        for (unsigned i = 0; i < size; i++)
                value = value << 8 | (uint8_t)at[i];
        return value;
}

static int read_header(JfrChunk *c, uint64_t *ret_metadata)
{
        const char *at = c->bytes.ptr;
        uint64_t major, size;

        if (c->bytes.len < JFR_HEADER_BYTES)
                return jfr_fail(c, at, "a chunk's header ends early");
        if (!span_starts(c->bytes, "FLR") || at[3] != '\0')
                return jfr_fail(c, at, "here a chunk should begin, with 'FLR'");
        major = big_endian(at + 4, 2);
        size = big_endian(at + 8, 8);
        if (major != 1 && major != 2)
                return jfr_fail(c, at + 4, "a version that is not known: 1 and 2 are");
        if (size == 0)
                return jfr_fail(c, at + 8, "this chunk was never finished");
        if (size < JFR_HEADER_BYTES || size > c->bytes.len)
                return jfr_fail(c, at + 8, "this chunk ends early");
        *ret_metadata = big_endian(at + 24, 8);
        if (*ret_metadata < JFR_HEADER_BYTES || *ret_metadata >= size)
                return jfr_fail(c, at + 24, "the metadata is outside the chunk");
        c->bytes.len = size;
        c->start_ns = big_endian(at + 32, 8);
        c->duration_ns = big_endian(at + 40, 8);
        c->start_ticks = big_endian(at + 48, 8);
        c->ticks_per_s = big_endian(at + 56, 8);
        c->compressed = at[67] & 1;
        return 0;
}

int jfr_chunk(Intake *in, Span file, uint64_t offset, JfrChunk *ret)
{
        JfrChunk c = { .in = in,
                       .bytes = span_from(file, offset),
                       .offset = offset,
                       .strings = VEC_INIT(MOST_STRINGS),
                       .types = VEC_INIT(MOST_TYPES),
                       .fields = VEC_INIT(MOST_TYPES * 16),
                       .type_ids = map_in(in->scratch, MOST_TYPES) };
        uint64_t metadata = 0;
        int r = read_header(&c, &metadata);

        if (r == 0)
                r = read_metadata(&c, metadata);
        if (r == 0)
                r = read_checkpoints(&c);
        if (r == 0)
                *ret = c;
        return r;
}
