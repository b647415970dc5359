/* Java Flight Recordings, as the JDK and async-profiler write them: samples of running and of
 * native Java threads, allocations, waiting for monitors and parking. Each kind is a profile of its
 * own. */

#include "import/profile/jfr_chunk.h"

#include <inttypes.h>
#include <string.h>

typedef enum JfrWeight {
        WEIGHT_PERIOD, /* the sampling period, when the recording says it; else counts */
        WEIGHT_BYTES,  /* a field */
        WEIGHT_TICKS,  /* a field: a duration of the chunk's clock */
        WEIGHT_COUNT,  /* a field: samples, each a period long */
} JfrWeight;

/* Events with a stack. Several may go to one profile. */
static const struct {
        const char *event, *profile, *thread, *field;
        JfrWeight weight;
} kinds[] = {
        { "jdk.ExecutionSample", "cpu", "sampledThread", NULL, WEIGHT_PERIOD },
        { "profiler.WallClockSample", "wall", "sampledThread", "samples", WEIGHT_COUNT },
        { "jdk.NativeMethodSample", "native", "sampledThread", NULL, WEIGHT_PERIOD },
        { "jdk.ObjectAllocationSample", "alloc", "eventThread", "weight", WEIGHT_BYTES },
        { "jdk.ObjectAllocationInNewTLAB", "alloc tlab", "eventThread", "tlabSize", WEIGHT_BYTES },
        { "jdk.ObjectAllocationOutsideTLAB", "alloc tlab", "eventThread", "allocationSize",
          WEIGHT_BYTES },
        { "jdk.JavaMonitorEnter", "lock", "eventThread", "duration", WEIGHT_TICKS },
        { "jdk.ThreadPark", "park", "eventThread", "duration", WEIGHT_TICKS },
        { "profiler.Malloc", "malloc", "eventThread", "size", WEIGHT_BYTES },
};

/* A kind of event in the chunk that is read. */
typedef struct Source {
        const JfrType *type; /* NULL: not in this chunk */
        uint32_t start, thread, stack, weight;
        uint64_t period_ns; /* 0: not said */
        Profile *p;
        Map stacks; /* nodes of the trie by the stack's key, plus 1; of this chunk */
} Source;

typedef struct Jfr {
        Intake *in;
        JfrChunk chunk;
        Source sources[COUNT(kinds)];
        const JfrType *stack_trace, *stack_frame, *method, *class, *symbol, *thread, *frame_type;
        uint64_t missing; /* samples whose stack is not among the constants */
        uint64_t cut;     /* chunks that end early */
} Jfr;

/* --- what the events of this chunk look like --- */

static const JfrType *pool_of(const Jfr *j, const JfrType *type, const char *field)
{
        uint32_t i = jfr_field(&j->chunk, type, field);

        return i == INTAKE_NONE
                       ? NULL
                       : jfr_type(&j->chunk, j->chunk.fields.items[type->first_field + i].type);
}

static void find_types(Jfr *j)
{
        const JfrChunk *c = &j->chunk;

        j->stack_trace = jfr_type_named(c, "jdk.types.StackTrace");
        j->stack_frame = jfr_type_named(c, "jdk.types.StackFrame");
        j->method = jfr_type_named(c, "jdk.types.Method");
        j->class = jfr_type_named(c, "java.lang.Class");
        j->symbol = jfr_type_named(c, "jdk.types.Symbol");
        j->thread = jfr_type_named(c, "java.lang.Thread");
        j->frame_type = j->stack_frame ? pool_of(j, j->stack_frame, "type") : NULL;
        for (size_t i = 0; i < COUNT(kinds); i++) {
                Source *s = &j->sources[i];

                s->type = jfr_type_named(c, kinds[i].event);
                s->start = jfr_field(c, s->type, "startTime");
                s->thread = jfr_field(c, s->type, kinds[i].thread);
                s->stack = jfr_field(c, s->type, "stackTrace");
                s->weight = kinds[i].field ? jfr_field(c, s->type, kinds[i].field) : INTAKE_NONE;
                s->stacks = map_in(j->in->scratch, (size_t)1 << 24);
                if (s->stack == INTAKE_NONE)
                        s->type = NULL;
        }
}

/* "20 ms" */
static uint64_t period_of(Span text)
{
        Span word, unit;
        uint64_t number = 0;
        double scale;

        if (!span_next_word(&text, &word) || span_to_u64(word, &number, NULL) < 0 ||
            number > 1000000000)
                return 0;
        if (!span_next_word(&text, &unit))
                return number; /* async-profiler's interval is in ns */
        return intake_unit(unit, &scale) == UNIT_NS ? (uint64_t)((double)number * scale) : 0;
}

/* jdk.ActiveSetting says how often each kind of event was taken. */
static int read_settings(Jfr *j)
{
        const JfrChunk *c = &j->chunk;
        const JfrType *setting = jfr_type_named(c, "jdk.ActiveSetting");
        uint32_t id = jfr_field(c, setting, "id"), name = jfr_field(c, setting, "name");
        uint32_t value = jfr_field(c, setting, "value");
        JfrCursor at = jfr_events(c);
        JfrValue values[JFR_FIELDS];
        JfrEvent e;
        int r = 0;

        if (id == INTAKE_NONE || name == INTAKE_NONE || value == INTAKE_NONE)
                return 0;
        while (r == 0 && jfr_next_event(c, &at, &e)) {
                if (e.type != setting->id)
                        continue;
                r = jfr_fields(c, setting, &e.fields, values);
                for (size_t i = 0; r == 0 && i < COUNT(kinds); i++) {
                        Source *s = &j->sources[i];

                        if (s->type && values[id].number == s->type->id &&
                            (span_is(values[name].text, "period") ||
                             span_is(values[name].text, "interval")))
                                s->period_ns = period_of(values[value].text);
                }
        }
        return r;
}

/* --- frames --- */

static Span constant_text(const Jfr *j, const JfrType *type, uint64_t key, const char *field)
{
        uint32_t i = jfr_field(&j->chunk, type, field);
        JfrValue values[JFR_FIELDS];

        if (i == INTAKE_NONE || jfr_constant(&j->chunk, type, key, values) != 0)
                return SPAN("");
        return values[i].text;
}

static uint64_t constant_key(const Jfr *j, const JfrType *type, uint64_t key, const char *field)
{
        uint32_t i = jfr_field(&j->chunk, type, field);
        JfrValue values[JFR_FIELDS];

        if (i == INTAKE_NONE || jfr_constant(&j->chunk, type, key, values) != 0)
                return UINT64_MAX;
        return values[i].number;
}

/* "java/lang/String" and "length": "java.lang.String.length". */
static Span method_name(const Jfr *j, uint64_t method)
{
        uint64_t class = constant_key(j, j->method, method, "type");
        uint64_t class_name = constant_key(j, j->class, class, "name");
        uint64_t name = constant_key(j, j->method, method, "name");
        Span owner = constant_text(j, j->symbol, class_name, "string");
        Span own = constant_text(j, j->symbol, name, "string");
        Buf text = buf_in(j->in->scratch, KiB(64));

        for (size_t i = 0; i < owner.len; i++)
                buf_byte(&text, owner.ptr[i] == '/' ? '.' : owner.ptr[i]);
        if (owner.len && own.len)
                buf_byte(&text, '.');
        buf_add(&text, own);
        return text.len && !text.overflowed ? buf_span(&text) : SPAN("[unknown]");
}

static const struct {
        const char *name;
        FrameKind kind;
} frame_types[] = {
        { "Inlined", FRAME_INLINED },
        { "Kernel", FRAME_KERNEL },
        { "Native", FRAME_NATIVE },
        { "C++", FRAME_NATIVE },
};

static FrameKind kind_of(const Jfr *j, uint64_t key)
{
        JfrValue values[JFR_FIELDS];

        if (jfr_constant(&j->chunk, j->frame_type, key, values) != 0)
                return FRAME_SCRIPT;
        for (size_t i = 0; i < COUNT(frame_types); i++)
                if (span_is(values[0].text, frame_types[i].name))
                        return frame_types[i].kind;
        return FRAME_SCRIPT;
}

static uint32_t frame_of(const Jfr *j, Profile *p, const JfrValue *values)
{
        const JfrChunk *c = &j->chunk;
        uint32_t method = jfr_field(c, j->stack_frame, "method");
        uint32_t line = jfr_field(c, j->stack_frame, "lineNumber");
        uint32_t type = jfr_field(c, j->stack_frame, "type");
        FrameDesc desc = { .kind = FRAME_SCRIPT };

        desc.symbol =
                method == INTAKE_NONE ? SPAN("[unknown]") : method_name(j, values[method].number);
        if (line != INTAKE_NONE && values[line].number < UINT32_MAX / 2)
                desc.line = (uint32_t)values[line].number;
        if (type != INTAKE_NONE)
                desc.kind = kind_of(j, values[type].number);
        if (span_is(desc.symbol, "[unknown]"))
                desc.kind = FRAME_UNKNOWN;
        return intake_frame(j->in, p, &desc);
}

/* Frames come from the leaf, and the trie is built from the root. */
static int read_frames(const Jfr *j, Profile *p, const JfrValue *array, uint32_t base,
                       uint32_t *ret_node)
{
        const JfrChunk *c = &j->chunk;
        JfrCursor at = { .at = array->at, .end = c->bytes.ptr + c->bytes.len };
        uint32_t *frames;
        uint32_t node = base;
        JfrValue values[JFR_FIELDS];

        if (array->number > INTAKE_DEPTH)
                return jfr_fail(c, array->at, "a stack has more than 65536 frames");
        frames = new_try(j->in->scratch, uint32_t, array->number + 1);
        if (!frames)
                return intake_full(j->in, "frames");
        for (uint64_t i = 0; i < array->number; i++) {
                int r = jfr_fields(c, j->stack_frame, &at, values);

                if (r < 0)
                        return r;
                frames[i] = frame_of(j, p, values);
                if (frames[i] == INTAKE_NONE)
                        return intake_failed(j->in);
        }
        for (uint64_t i = array->number; i-- > 0 && node != INTAKE_NONE;)
                node = intake_child(j->in, p, node, frames[i]);
        *ret_node = node;
        return node == INTAKE_NONE ? intake_failed(j->in) : 0;
}

/* 1: the stack is not among the constants. */
static int stack_node(Jfr *j, Source *s, uint64_t key, uint32_t base, uint32_t *ret)
{
        MapSlot *slot = base ? NULL : map_add_u64(&s->stacks, key);
        uint32_t frames = jfr_field(&j->chunk, j->stack_trace, "frames");
        uint32_t truncated = jfr_field(&j->chunk, j->stack_trace, "truncated");
        JfrValue values[JFR_FIELDS];
        Mark mark = arena_mark(j->in->scratch);
        int r;

        if (slot && slot->number) {
                *ret = (uint32_t)slot->number - 1;
                return 0;
        }
        if (frames == INTAKE_NONE || !j->stack_frame)
                return 1;
        r = jfr_constant(&j->chunk, j->stack_trace, key, values);
        if (r)
                return r;
        if (truncated != INTAKE_NONE && values[truncated].number)
                s->p->quality.truncated++;
        r = read_frames(j, s->p, &values[frames], base, ret);
        arena_reset(j->in->scratch, mark);
        if (r == 0 && slot)
                slot->number = (uint64_t)*ret + 1;
        return r;
}

/* --- samples --- */

static Profile *profile_of(Jfr *j, size_t kind)
{
        Span name = span_of(kinds[kind].profile);
        const Source *s = &j->sources[kind];
        bool time = kinds[kind].weight == WEIGHT_TICKS || s->period_ns;
        Unit unit = kinds[kind].weight == WEIGHT_BYTES ? UNIT_BYTES : time ? UNIT_NS : UNIT_COUNT;
        Profile *p = profile_set_find(&j->in->set, name);

        if (!p)
                p = intake_profile(j->in, name, kinds[kind].profile, unit);
        if (p && s->period_ns)
                p->rate_hz = 1e9 / (double)s->period_ns;
        return p;
}

static uint32_t thread_of(Jfr *j, Profile *p, uint64_t key, Span *ret_name)
{
        uint64_t tid = constant_key(j, j->thread, key, "osThreadId");
        Span name = constant_text(j, j->thread, key, "javaName");

        if (!name.len)
                name = constant_text(j, j->thread, key, "osName");
        if (!name.len)
                name = SPAN("thread");
        *ret_name = name;
        return intake_thread(j->in, p, name, 0, tid == UINT64_MAX || !tid ? key : tid);
}

static int64_t time_of(const Jfr *j, uint64_t ticks)
{
        const JfrChunk *c = &j->chunk;
        int64_t since = (int64_t)(ticks - c->start_ticks);
        double ns = c->ticks_per_s ? (double)since * (1e9 / (double)c->ticks_per_s) : 0;

        if (!(ns > -4e18 && ns < 4e18) || c->start_ns > (uint64_t)INT64_MAX / 2)
                return 0;
        return (int64_t)c->start_ns + (int64_t)ns;
}

static uint64_t weight_of(const Jfr *j, size_t kind, const JfrValue *values)
{
        const Source *s = &j->sources[kind];
        uint64_t number = s->weight == INTAKE_NONE ? 1 : values[s->weight].number;
        uint64_t period = s->p->unit == UNIT_NS ? MAX(s->period_ns, UINT64_C(1)) : 1;

        if (kinds[kind].weight == WEIGHT_BYTES)
                return number;
        if (kinds[kind].weight == WEIGHT_TICKS)
                return j->chunk.ticks_per_s ? (uint64_t)((double)(number & INT64_MAX) * 1e9 /
                                                         (double)j->chunk.ticks_per_s)
                                            : 0;
        return kinds[kind].weight == WEIGHT_COUNT ? MIN(number, UINT64_C(1000000)) * period
                                                  : period;
}

/* With --tid, the thread's name below its stacks. */
static uint32_t base_of(Jfr *j, Profile *p, Span name)
{
        uint32_t frame;

        if (!j->in->plan->tid)
                return 0;
        frame = intake_frame(j->in, p, &(FrameDesc){ .symbol = name, .kind = FRAME_THREAD });
        return frame == INTAKE_NONE ? INTAKE_NONE : intake_child(j->in, p, 0, frame);
}

static int add_sample(Jfr *j, size_t kind, JfrEvent *e)
{
        Source *s = &j->sources[kind];
        JfrValue values[JFR_FIELDS];
        int r = jfr_fields(&j->chunk, s->type, &e->fields, values);
        uint32_t node = 0, base, thread;
        Span name;

        if (r < 0)
                return r;
        s->p = profile_of(j, kind);
        if (!s->p)
                return intake_failed(j->in);
        thread = thread_of(j, s->p, s->thread == INTAKE_NONE ? 0 : values[s->thread].number, &name);
        base = thread == INTAKE_NONE ? INTAKE_NONE : base_of(j, s->p, name);
        if (base == INTAKE_NONE)
                return intake_failed(j->in);
        r = stack_node(j, s, values[s->stack].number, base, &node);
        if (r < 0)
                return r;
        if (r > 0) {
                j->missing++;
                return 0;
        }
        return intake_add_at(j->in, s->p, node, thread,
                             s->start == INTAKE_NONE ? 0 : time_of(j, values[s->start].number),
                             weight_of(j, kind, values));
}

static int add_samples(Jfr *j)
{
        JfrCursor at = jfr_events(&j->chunk);
        JfrEvent e;
        int r = 0;

        while (r == 0 && jfr_next_event(&j->chunk, &at, &e))
                for (size_t i = 0; r == 0 && i < COUNT(kinds); i++)
                        if (j->sources[i].type && j->sources[i].type->id == e.type)
                                r = add_sample(j, i, &e);
        j->cut += at.bad;
        return r;
}

static int read_chunk(Jfr *j, Span text, uint64_t *offset)
{
        Mark mark = arena_mark(j->in->scratch);
        int r = jfr_chunk(j->in, text, *offset, &j->chunk);

        if (r == 0) {
                find_types(j);
                r = read_settings(j);
        }
        if (r == 0)
                r = add_samples(j);
        arena_reset(j->in->scratch, mark);
        if (r == 0)
                *offset += j->chunk.bytes.len;
        return r;
}

static void by_importance(ProfileSet *set)
{
        set->shown = 0;
        for (size_t k = COUNT(kinds); k-- > 0;)
                for (size_t i = 0; i < set->items.len; i++)
                        if (span_is(set->items.items[i].name, kinds[k].profile))
                                set->shown = i;
}

static int read_file(Intake *in, Span text)
{
        Jfr j = { .in = in };
        uint64_t offset = 0;
        int r = 0;

        while (r == 0 && offset < text.len)
                r = read_chunk(&j, text, &offset);
        if (r == -ERR_INPUT && in->set.items.len) {
                profile_set_warn(&in->set, in->arena, "read to byte %" PRIu64 ": %s", offset,
                                 in->err ? in->err->message : "damaged");
                if (in->err)
                        error_clear(in->err);
                r = 0;
        }
        if (r == 0 && in->set.items.len == 0)
                return intake_fail(in, ERR_INPUT, "no samples and no allocations in it");
        if (j.cut)
                profile_set_warn(&in->set, in->arena, "%" PRIu64 " chunks end early: read to there",
                                 j.cut);
        if (j.missing)
                profile_set_warn(&in->set, in->arena,
                                 "%" PRIu64 " samples without a stack left out", j.missing);
        by_importance(&in->set);
        return r;
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
        Intake in = intake_of(plan, arena, scratch, err);
        int r = read_file(&in, text);

        if (r < 0)
                return r;
        intake_finish(&in);
        *ret = in.set;
        return 0;
}

static int detect(Span head, bool whole UNUSED)
{
        return head.len >= 4 && memcmp(head.ptr, "FLR", 4) == 0 ? 100 : 0;
}

const ProfileFormat jfr_profile_format = {
        .name = "jfr",
        .says = "Java Flight Recorder (JDK, async-profiler)",
        .files = "github.com/openjdk/jdk src/jdk.jfr jdk.jfr.internal.consumer",
        .detect = detect,
        .read = read,
};
