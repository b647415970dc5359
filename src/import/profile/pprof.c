/* pprof's protocol buffer: every type of value becomes a profile of its own. A location with
 * several lines is a function with what was inlined into it. Addresses without a function stay
 * addresses.
 *
 * Labels have no place in a stack; with --tid a "thread" label becomes the stack's bottom. */

#include "import/profile/pprof.h"
#include "import/profile/pprof_prune.h"

#include <inttypes.h>
#include <string.h>

typedef struct Target {
        Profile *p;
        uint32_t *line_frames, *location_frames; /* INTAKE_NONE: not asked for yet */
        uint32_t count;                          /* the value that counts its samples */
        double scale;
} Target;

typedef struct Samples {
        Pprof *b;
        PprofPrune prune;
        Target targets[PPROF_TYPES];
        VEC(uint32_t) stack; /* locations, leaf first */
        uint64_t negative, labelled, number;
        Span label; /* one of the keys that are left out */
} Samples;

/* One sample taken apart. */
typedef struct Sample {
        uint64_t values[PPROF_TYPES];
        size_t n_values;
        Span thread; /* label */
} Sample;

/* --- types --- */

static Span before_last(Span name, char c)
{
        size_t at = name.len;

        while (at && name.ptr[at - 1] != c)
                at--;
        return span_first(name, at ? at - 1 : 0);
}

/* "alloc_objects" counts what "alloc_space" weighs; else the only count there is. */
static uint32_t count_of(const Pprof *b, size_t type)
{
        Span name = pprof_string(b, b->types.items[type].type);
        uint32_t only = PPROF_NONE;
        size_t n = 0;

        if (span_is(pprof_string(b, b->types.items[type].unit), "count"))
                return (uint32_t)type;
        for (size_t i = 0; i < b->types.len; i++) {
                Span other = pprof_string(b, b->types.items[i].type);

                if (!span_is(pprof_string(b, b->types.items[i].unit), "count"))
                        continue;
                if (before_last(name, '_').len &&
                    span_eq(before_last(name, '_'), before_last(other, '_')))
                        return (uint32_t)i;
                only = (uint32_t)i;
                n++;
        }
        return n == 1 ? only : PPROF_NONE;
}

static uint32_t *numbers(const Pprof *b, size_t n)
{
        uint32_t *table = new_try(b->in->scratch, uint32_t, n + 1);

        if (table)
                memset(table, 0xff, (n + 1) * sizeof(*table));
        return table;
}

static int add_target(Samples *s, size_t type)
{
        Pprof *b = s->b;
        Target *t = &s->targets[type];
        Span name = pprof_string(b, b->types.items[type].type);
        Unit unit = intake_unit(pprof_string(b, b->types.items[type].unit), &t->scale);
        char *event = new_try(b->in->arena, char, name.len + 1);

        if (!event)
                return intake_full(b->in, "types");
        memcpy(event, name.ptr, name.len);
        t->p = intake_profile(b->in, name, name.len ? event : "samples", unit);
        t->line_frames = numbers(b, b->lines.len);
        t->location_frames = numbers(b, b->locations.len);
        if (!t->p || !t->line_frames || !t->location_frames)
                return t->p ? intake_full(b->in, "locations") : intake_failed(b->in);
        t->count = count_of(b, type);
        t->p->duration_ns = MIN(b->duration_ns, (uint64_t)INT64_MAX);
        if (unit == UNIT_NS && b->period && b->types.items[type].unit == b->period_type.unit)
                t->p->rate_hz = 1e9 / ((double)b->period * t->scale);
        return 0;
}

static int add_targets(Samples *s)
{
        Pprof *b = s->b;
        int r = 0;

        if (b->types.len == 0)
                return intake_fail(b->in, ERR_INPUT, "no types of values in it");
        for (size_t i = 0; r == 0 && i < b->types.len; i++)
                r = add_target(s, i);
        b->in->set.shown = b->types.len - 1; /* what pprof shows */
        for (size_t i = 0; i < b->types.len; i++)
                if (b->default_type && b->types.items[i].type == b->default_type)
                        b->in->set.shown = i;
        return r;
}

/* --- frames --- */

static Span module_of(const Pprof *b, const PprofLocation *l)
{
        return l->mapping == PPROF_NONE ? SPAN("")
                                        : pprof_string(b, b->mappings.items[l->mapping].file);
}

static FrameKind kind_of(Span module, bool inlined)
{
        if (inlined)
                return FRAME_INLINED;
        return span_starts(module, "[kernel") || span_starts(module, "[vmlinux") ? FRAME_KERNEL
                                                                                 : FRAME_NATIVE;
}

static uint32_t bare_frame(const Samples *s, Target *t, const PprofLocation *l)
{
        char text[24];
        FrameDesc desc = { .module = module_of(s->b, l), .kind = FRAME_UNKNOWN };

        snprintf(text, sizeof(text), "0x%" PRIx64, l->address);
        desc.symbol = span_of(text);
        return intake_frame(s->b->in, t->p, &desc);
}

static uint32_t line_frame(const Samples *s, Target *t, const PprofLocation *l, uint32_t i)
{
        const Pprof *b = s->b;
        const PprofLine *line = &b->lines.items[l->first + i];
        const PprofFunction *f;
        FrameDesc desc = { .module = module_of(b, l) };

        if (line->function == PPROF_NONE)
                return bare_frame(s, t, l);
        f = &b->functions.items[line->function];
        desc.symbol = pprof_string(b, f->name ? f->name : f->system_name);
        desc.file = pprof_string(b, f->file);
        desc.line = line->line > 0 && line->line < UINT32_MAX ? (uint32_t)line->line : 0;
        desc.kind = kind_of(desc.module, i + 1 < l->n_lines);
        return desc.symbol.len ? intake_frame(b->in, t->p, &desc) : bare_frame(s, t, l);
}

/* The node below `node` for a location, with what is inlined in it. `first`: its innermost line. */
static uint32_t descend(Samples *s, Target *t, uint32_t node, uint32_t location, uint32_t first)
{
        const PprofLocation *l = &s->b->locations.items[location];
        uint32_t *slot = &t->location_frames[location];

        if (l->n_lines == 0) {
                if (*slot == INTAKE_NONE)
                        *slot = bare_frame(s, t, l);
                return *slot == INTAKE_NONE ? INTAKE_NONE
                                            : intake_child(s->b->in, t->p, node, *slot);
        }
        for (uint32_t i = l->n_lines; i-- > first && node != INTAKE_NONE;) {
                slot = &t->line_frames[l->first + i];
                if (*slot == INTAKE_NONE)
                        *slot = line_frame(s, t, l, i);
                if (*slot == INTAKE_NONE)
                        return INTAKE_NONE;
                node = intake_child(s->b->in, t->p, node, *slot);
        }
        return node;
}

/* --- samples --- */

static int read_label(Samples *s, const WireField *field, Sample *sample)
{
        Wire w = wire_of(field->bytes);
        uint64_t key = 0, text = 0;
        WireField f;
        Span name;

        while (wire_next(&w, &f)) {
                if (f.number == 1 && f.type == WIRE_VARINT)
                        key = f.value;
                if (f.number == 2 && f.type == WIRE_VARINT)
                        text = f.value;
        }
        if (w.bad)
                return pprof_fail(s->b, w.at, "this label is damaged or ends early");
        if (key >= s->b->strings.len || text >= MAX(s->b->strings.len, (size_t)1))
                return pprof_fail(s->b, field->at, "this label's string does not exist");
        name = pprof_string(s->b, key);
        if (s->b->in->plan->tid && (span_is(name, "thread") || span_is(name, "thread_name"))) {
                sample->thread = pprof_string(s->b, text);
                return 0;
        }
        s->labelled++;
        s->label = name;
        return 0;
}

static int read_locations(Samples *s, const WireField *field)
{
        WireNumbers ids = wire_numbers(field);
        uint64_t id;

        while (wire_numbers_next(&ids, &id)) {
                uint32_t *slot =
                        s->stack.len < INTAKE_DEPTH ? vec_add(s->b->in->scratch, &s->stack) : NULL;

                if (!slot)
                        return pprof_fail(s->b, field->at, "a stack has more than 65536 frames");
                *slot = pprof_location(s->b, id);
                if (*slot == PPROF_NONE)
                        return pprof_fail(s->b, field->at, "this sample's location does not exist");
        }
        return ids.packed.bad ? pprof_fail(s->b, ids.packed.at, "damaged numbers") : 0;
}

static int read_values(Samples *s, const WireField *field, Sample *sample)
{
        WireNumbers values = wire_numbers(field);
        uint64_t value;

        while (wire_numbers_next(&values, &value)) {
                if (sample->n_values >= s->b->types.len)
                        return pprof_fail(s->b, field->at, "more values than types");
                sample->values[sample->n_values++] = value;
        }
        return values.packed.bad ? pprof_fail(s->b, values.packed.at, "damaged numbers") : 0;
}

static int read_sample(Samples *s, const WireField *field, Sample *sample)
{
        Wire w = wire_of(field->bytes);
        WireField f;
        int r = 0;

        s->stack.len = 0;
        while (r == 0 && wire_next(&w, &f)) {
                if (f.type != WIRE_BYTES && f.type != WIRE_VARINT)
                        continue;
                if (f.number == 1)
                        r = read_locations(s, &f);
                else if (f.number == 2)
                        r = read_values(s, &f, sample);
                else if (f.number == 3 && f.type == WIRE_BYTES)
                        r = read_label(s, &f, sample);
        }
        if (r == 0 && w.bad)
                r = pprof_fail(s->b, w.at, "this sample is damaged or ends early");
        if (r == 0 && sample->n_values != s->b->types.len)
                r = pprof_fail(s->b, field->at, "fewer values than types");
        return r;
}

static uint32_t stack_of(Samples *s, Target *t, const Sample *sample)
{
        uint32_t node = 0, first_line = 0;
        size_t from = pprof_prune_from(&s->prune, s->stack.items, s->stack.len, &first_line);

        if (sample->thread.len) {
                uint32_t frame = intake_frame(
                        s->b->in, t->p,
                        &(FrameDesc){ .symbol = sample->thread, .kind = FRAME_THREAD });

                node = frame == INTAKE_NONE ? INTAKE_NONE : intake_child(s->b->in, t->p, 0, frame);
        }
        for (size_t i = s->stack.len; i-- > from && node != INTAKE_NONE;)
                node = descend(s, t, node, s->stack.items[i], i == from ? first_line : 0);
        return node;
}

static int add_value(Samples *s, size_t type, const Sample *sample)
{
        Target *t = &s->targets[type];
        int64_t value = (int64_t)sample->values[type];
        int64_t count = t->count == PPROF_NONE ? 1 : (int64_t)sample->values[t->count];
        uint64_t weight;
        uint32_t node;

        if (value < 0) {
                s->negative++;
                return 0;
        }
        if (value == 0 && count <= 0)
                return 0;
        if (!intake_whole((double)value, t->scale, &weight))
                return intake_fail(s->b->in, ERR_INPUT, "sample %" PRIu64 ": its value is too much",
                                   s->number);
        if (t->scale == 1)
                weight = (uint64_t)value;
        node = stack_of(s, t, sample);
        if (node == INTAKE_NONE)
                return intake_failed(s->b->in);
        return intake_add(s->b->in, t->p, node, (uint64_t)MAX(count, (int64_t)0), weight);
}

static int add_samples(Samples *s)
{
        Wire w = wire_of(s->b->text);
        WireField f;
        int r = 0;

        while (r == 0 && wire_next(&w, &f)) {
                Sample sample = { .n_values = 0 };

                if (f.number != 2 || f.type != WIRE_BYTES)
                        continue;
                s->number++;
                r = read_sample(s, &f, &sample);
                for (size_t i = 0; r == 0 && i < s->b->types.len; i++)
                        r = add_value(s, i, &sample);
        }
        return r;
}

static void warn(const Samples *s)
{
        ProfileSet *set = &s->b->in->set;

        if (s->negative)
                profile_set_warn(set, s->b->in->arena,
                                 "%" PRIu64 " negative values left out: a difference of profiles?",
                                 s->negative);
        if (s->labelled)
                profile_set_warn(set, s->b->in->arena,
                                 "%" PRIu64 " labels left out, '%.*s' among them", s->labelled,
                                 SPAN_ARG(span_first(s->label, 60)));
        if (s->prune.unusable)
                profile_set_warn(set, s->b->in->arena,
                                 "drop_frames is left out: not a pattern that can be used here");
}

static int read_profile(Intake *in, Span text)
{
        Pprof b;
        Samples s = { .b = &b, .stack = VEC_INIT(INTAKE_DEPTH) };
        int r = pprof_tables(in, text, &b);

        if (r == 0)
                r = add_targets(&s);
        if (r == 0)
                r = pprof_prune(&b, &s.prune);
        if (r == 0)
                r = add_samples(&s);
        if (r == 0)
                warn(&s);
        return r;
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
        Intake in = intake_of(plan, arena, scratch, err);
        int r = read_profile(&in, text);

        if (r < 0)
                return r;
        intake_finish(&in);
        *ret = in.set;
        return 0;
}

/* There is no magic number: the first fields have to be pprof's, and of its types. */
static int detect(Span head, bool whole)
{
        /* Types by field number; -1: there is no such field. */
        static const int types[] = { -1,          WIRE_BYTES,  WIRE_BYTES,  WIRE_BYTES,
                                     WIRE_BYTES,  WIRE_BYTES,  WIRE_BYTES,  WIRE_VARINT,
                                     WIRE_VARINT, WIRE_VARINT, WIRE_VARINT, WIRE_BYTES,
                                     WIRE_VARINT, -2,          WIRE_VARINT, WIRE_VARINT };
        Wire w = wire_of(head);
        WireField f;
        unsigned fields = 0, value_types = 0;

        while (wire_next(&w, &f)) {
                bool numbers_field = f.number == 13; /* comments: packed or not */

                if (f.number >= COUNT(types) ||
                    (types[f.number] != (int)f.type &&
                     !(numbers_field && (f.type == WIRE_BYTES || f.type == WIRE_VARINT))))
                        return 0;
                fields++;
                value_types += f.number == 1 && f.bytes.len <= 22;
        }
        if (w.bad && whole)
                return fields >= 4 && value_types ? 60 : 0;
        return fields >= 2 && value_types ? 90 : fields >= 4 ? 50 : 0;
}

const ProfileFormat pprof_profile_format = {
        .name = "pprof",
        .says = "pprof protocol buffer, gzip or not",
        .files = "github.com/google/pprof proto/profile.proto",
        .detect = detect,
        .read = read,
};
