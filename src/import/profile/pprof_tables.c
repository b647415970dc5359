/* pprof's tables: strings, value types, mappings, functions and locations. Two passes, since any of
 * them may come in any order: records first, then who refers to whom. */

#include "import/profile/pprof.h"

#include <inttypes.h>

int pprof_fail(const Pprof *b, const char *at, const char *what)
{
        return intake_fail_byte(b->in, (uint64_t)(at - b->text.ptr), "%s", what);
}

Span pprof_string(const Pprof *b, uint64_t number)
{
        return number < b->strings.len ? b->strings.items[number] : SPAN("");
}

/* Where each field of a record goes: numbers only; what is not listed is passed over. */
typedef struct NumberField {
        uint32_t number;
        uint64_t *ret;
} NumberField;

static int read_numbers(const Pprof *b, Span record, const NumberField *fields, size_t n)
{
        Wire w = wire_of(record);
        WireField f;

        while (wire_next(&w, &f))
                for (size_t i = 0; i < n; i++)
                        if (f.number == fields[i].number && f.type == WIRE_VARINT)
                                *fields[i].ret = f.value;
        return w.bad ? pprof_fail(b, w.at, "this record is damaged or ends early") : 0;
}

static int add_string(Pprof *b, const WireField *f)
{
        Span *slot = vec_add(b->in->scratch, &b->strings);

        if (!slot)
                return intake_full(b->in, "strings");
        *slot = f->bytes;
        if (b->strings.len == 1 && f->bytes.len)
                return pprof_fail(b, f->at, "the first string has to be empty");
        return 0;
}

static int read_type(const Pprof *b, Span record, PprofType *ret)
{
        const NumberField fields[] = { { 1, &ret->type }, { 2, &ret->unit } };

        return read_numbers(b, record, fields, COUNT(fields));
}

static int add_type(Pprof *b, const WireField *f)
{
        PprofType *type = vec_add(b->in->scratch, &b->types);

        return type ? read_type(b, f->bytes, type)
                    : pprof_fail(b, f->at, "more than 64 types of values");
}

/* Remembers which index an id has. */
static int add_id(const Pprof *b, Map *ids, uint64_t id, size_t index, const char *at)
{
        MapSlot *slot;

        if (id == 0)
                return pprof_fail(b, at, "this record has no id, or the id 0");
        slot = map_add_u64(ids, id);
        if (!slot)
                return intake_full(b->in, "records");
        if (slot->number)
                return pprof_fail(b, at, "a second record with this id");
        slot->number = index + 1;
        return 0;
}

static int add_mapping(Pprof *b, const WireField *f)
{
        PprofMapping *m = vec_add(b->in->scratch, &b->mappings);
        int r;

        if (!m)
                return intake_full(b->in, "mappings");
        const NumberField fields[] = {
                { 1, &m->id }, { 2, &m->start }, { 3, &m->end }, { 5, &m->file }
        };

        r = read_numbers(b, f->bytes, fields, COUNT(fields));
        return r ? r : add_id(b, &b->mapping_ids, m->id, b->mappings.len - 1, f->at);
}

static int add_function(Pprof *b, const WireField *f)
{
        PprofFunction *fn = vec_add(b->in->scratch, &b->functions);
        uint64_t start = 0;
        int r;

        if (!fn)
                return intake_full(b->in, "functions");
        const NumberField fields[] = { { 1, &fn->id },
                                       { 2, &fn->name },
                                       { 3, &fn->system_name },
                                       { 4, &fn->file },
                                       { 5, &start } };

        r = read_numbers(b, f->bytes, fields, COUNT(fields));
        fn->start_line = (int64_t)start;
        return r ? r : add_id(b, &b->function_ids, fn->id, b->functions.len - 1, f->at);
}

/* Functions may come after the locations: the line keeps the id until all are read. */
typedef struct PendingLine {
        uint64_t function_id;
        int64_t line;
} PendingLine;

static int read_line(const Pprof *b, Span record, PendingLine *ret)
{
        uint64_t line = 0;
        const NumberField fields[] = { { 1, &ret->function_id }, { 2, &line } };
        int r = read_numbers(b, record, fields, COUNT(fields));

        ret->line = (int64_t)line;
        return r;
}

static uint32_t index_of(const Map *ids, uint64_t id)
{
        const MapSlot *slot = id ? map_find_u64(ids, id) : NULL;

        return slot ? (uint32_t)slot->number - 1 : PPROF_NONE;
}

uint32_t pprof_location(const Pprof *b, uint64_t id)
{
        if (id && id - 1 < b->locations.len && b->locations.items[id - 1].id == id)
                return (uint32_t)id - 1; /* ids are the indexes in nearly every file */
        return index_of(&b->location_ids, id);
}

static int add_line(Pprof *b, PprofLocation *l, const WireField *f)
{
        PprofLine *line = vec_add(b->in->scratch, &b->lines);
        PendingLine pending = { 0 };
        int r;

        if (!line)
                return intake_full(b->in, "lines");
        r = read_line(b, f->bytes, &pending);
        if (r < 0)
                return r;
        line->line = pending.line;
        line->function = index_of(&b->function_ids, pending.function_id);
        if (pending.function_id && line->function == PPROF_NONE)
                return pprof_fail(b, f->at, "this line's function does not exist");
        l->n_lines++;
        return 0;
}

/* Second pass: mappings and functions are known. */
static int add_location(Pprof *b, const WireField *f)
{
        PprofLocation l = { .mapping = PPROF_NONE, .first = (uint32_t)b->lines.len }, *slot;
        Wire w = wire_of(f->bytes);
        uint64_t mapping = 0;
        WireField part;
        int r = 0;

        while (r == 0 && wire_next(&w, &part)) {
                if (part.number == 1 && part.type == WIRE_VARINT)
                        l.id = part.value;
                else if (part.number == 2 && part.type == WIRE_VARINT)
                        mapping = part.value;
                else if (part.number == 3 && part.type == WIRE_VARINT)
                        l.address = part.value;
                else if (part.number == 4 && part.type == WIRE_BYTES)
                        r = add_line(b, &l, &part);
        }
        if (r == 0 && w.bad)
                r = pprof_fail(b, w.at, "this location is damaged or ends early");
        l.mapping = index_of(&b->mapping_ids, mapping);
        if (r == 0 && mapping && l.mapping == PPROF_NONE)
                r = pprof_fail(b, f->at, "this location's mapping does not exist");
        if (r < 0)
                return r;
        slot = vec_add(b->in->scratch, &b->locations);
        if (!slot)
                return intake_full(b->in, "locations");
        *slot = l;
        return add_id(b, &b->location_ids, l.id, b->locations.len - 1, f->at);
}

static int keep_number(Pprof *b, const WireField *f)
{
        const NumberField fields[] = { { 7, &b->drop_frames },
                                       { 8, &b->keep_frames },
                                       { 10, &b->duration_ns },
                                       { 12, &b->period },
                                       { 14, &b->default_type } };

        for (size_t i = 0; i < COUNT(fields); i++)
                if (f->number == fields[i].number)
                        *fields[i].ret = f->value;
        return 0;
}

static const struct {
        uint32_t number;
        int (*read)(Pprof *b, const WireField *f);
} records[] = {
        { 1, add_type },
        { 3, add_mapping },
        { 5, add_function },
        { 6, add_string },
};

static int first_pass(Pprof *b)
{
        Wire w = wire_of(b->text);
        WireField f;
        int r = 0;

        while (r == 0 && wire_next(&w, &f)) {
                if (f.type == WIRE_VARINT)
                        r = keep_number(b, &f);
                else if (f.type == WIRE_BYTES && f.number == 11)
                        r = read_type(b, f.bytes, &b->period_type);
                else if (f.type == WIRE_BYTES && f.number == 2)
                        b->n_samples++;
                for (size_t i = 0; f.type == WIRE_BYTES && r == 0 && i < COUNT(records); i++)
                        if (records[i].number == f.number)
                                r = records[i].read(b, &f);
        }
        return r == 0 && w.bad ? pprof_fail(b, w.at, "damaged, or it ends early") : r;
}

static int second_pass(Pprof *b)
{
        Wire w = wire_of(b->text);
        WireField f;
        int r = 0;

        while (r == 0 && wire_next(&w, &f))
                if (f.type == WIRE_BYTES && f.number == 4)
                        r = add_location(b, &f);
        return r;
}

static int check_string(const Pprof *b, uint64_t number, const char *what)
{
        if (number < b->strings.len || number == 0)
                return 0;
        return intake_fail(b->in, ERR_INPUT, "%s: string %" PRIu64 " does not exist: there are %zu",
                           what, number, b->strings.len);
}

static int check_strings(const Pprof *b)
{
        int r = check_string(b, b->default_type, "the default type");

        vec_each (const PprofType, type, &b->types) {
                r = r ? r : check_string(b, type->type, "a value's type");
                r = r ? r : check_string(b, type->unit, "a value's unit");
        }
        vec_each (const PprofMapping, m, &b->mappings)
                r = r ? r : check_string(b, m->file, "a mapping's file");
        vec_each (const PprofFunction, f, &b->functions) {
                r = r ? r : check_string(b, f->name, "a function's name");
                r = r ? r : check_string(b, f->system_name, "a function's system name");
                r = r ? r : check_string(b, f->file, "a function's file");
        }
        r = r ? r : check_string(b, b->drop_frames, "drop_frames");
        return r ? r : check_string(b, b->keep_frames, "keep_frames");
}

int pprof_tables(Intake *in, Span text, Pprof *ret)
{
        Pprof b = { .in = in,
                    .text = text,
                    .strings = VEC_INIT(PPROF_TABLE),
                    .types = VEC_INIT(PPROF_TYPES),
                    .mappings = VEC_INIT(PPROF_TABLE),
                    .functions = VEC_INIT(PPROF_TABLE),
                    .lines = VEC_INIT(PPROF_TABLE),
                    .locations = VEC_INIT(PPROF_TABLE),
                    .mapping_ids = map_in(in->scratch, PPROF_TABLE),
                    .function_ids = map_in(in->scratch, PPROF_TABLE),
                    .location_ids = map_in(in->scratch, PPROF_TABLE) };
        int r = first_pass(&b);

        if (r == 0)
                r = second_pass(&b);
        if (r == 0)
                r = check_strings(&b);
        if (r == 0)
                *ret = b;
        return r;
}
