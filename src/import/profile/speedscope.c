/* speedscope's own JSON: shared frames, and profiles that are sampled (a weight a stack) or evented
 * (frames that open and close). Both keep their order, so both are samples in time where the unit
 * is one of time. */

#include "import/profile/json_pull.h"
#include "import/profile/open_stack.h"

#include <inttypes.h>
#include <string.h>

typedef struct Speedscope {
        Intake *in;
        JsonPull pull; /* of the whole text */
        VEC(FrameDesc) frames;
        uint32_t *numbers; /* of the frames in this profile; INTAKE_NONE: not used yet */
        Profile *p;
        double scale;
        uint32_t thread;
        uint64_t number; /* of the profile, from 1 */
} Speedscope;

typedef struct Members {
        Span type, name, unit, start, end, events, samples, weights;
} Members;

/* A value of the profile's axis in whole units of ours. */
static int64_t point(const Speedscope *s, JsonPull *pull)
{
        const char *at = pull->at;
        int64_t value = 0;

        if (!intake_time(pull_number(pull), s->scale, &value))
                pull_fail_at(pull, at, "this value is out of range");
        return value;
}

/* --- frames --- */

static void read_frame(Speedscope *s, JsonPull *pull)
{
        Span name = { 0 }, file = { 0 }, line = { 0 };
        const PullField fields[] = { { "name", &name }, { "file", &file }, { "line", &line } };
        const char *place = (pull_kind(pull), pull->at);
        FrameDesc *desc = vec_add(s->in->scratch, &s->frames);
        double number;
        int failed = desc ? 0 : intake_full(s->in, "frames");

        if (!failed) {
                pull_fields(pull, fields, COUNT(fields));
                failed = pull->failed;
        }
        if (failed) {
                pull->failed = failed;
                return;
        }
        *desc = (FrameDesc){ .symbol = pull_text_of(pull, name, &failed),
                             .file = pull_text_of(pull, file, &failed),
                             .kind = FRAME_NATIVE };
        number = pull_number_of(pull, line, 0, &failed);
        desc->line = number >= 0 && number < UINT32_MAX ? (uint32_t)number : 0;
        pull->failed = failed;
        if (!name.ptr)
                pull_fail_at(pull, place, "this frame has no name");
}

static int read_frames(Speedscope *s, Span raw)
{
        JsonPull pull = pull_at(&s->pull, raw);

        s->frames.ceiling = (size_t)1 << 26;
        if (pull_open(&pull, '['))
                while (pull_item(&pull))
                        read_frame(s, &pull);
        if (pull.failed)
                return pull.failed;
        s->numbers = new_try(s->in->scratch, uint32_t, s->frames.len + 1);
        return s->numbers ? 0 : intake_full(s->in, "frames");
}

static uint32_t frame_number(Speedscope *s, JsonPull *pull)
{
        const char *at = pull->at;
        uint64_t number = pull_u64(pull);

        if (pull->failed)
                return INTAKE_NONE;
        if (number >= s->frames.len) {
                pull_fail_at(pull, at, "frame %" PRIu64 " does not exist: there are %zu", number,
                             s->frames.len);
                return INTAKE_NONE;
        }
        if (s->numbers[number] == INTAKE_NONE)
                s->numbers[number] = intake_frame(s->in, s->p, &s->frames.items[number]);
        if (s->numbers[number] == INTAKE_NONE)
                pull->failed = intake_failed(s->in);
        return s->numbers[number];
}

/* --- evented --- */

typedef struct Event {
        Span type, at, frame;
} Event;

static int close_frame(JsonPull *pull, OpenStack *stack, int64_t at, uint64_t number,
                       const char *place)
{
        const OpenFrame *top = vec_last(&stack->frames);

        if (!top)
                return pull_fail_at(pull, place, "frame %" PRIu64 " closes, but none is open",
                                    number);
        if (top->tag != number)
                return pull_fail_at(pull, place,
                                    "frame %" PRIu64 " closes, but the open one is %" PRIu64,
                                    number, top->tag);
        return open_pop(stack, at);
}

static int read_event(Speedscope *s, JsonPull *pull, OpenStack *stack)
{
        Event e = { 0 };
        const PullField fields[] = { { "type", &e.type }, { "at", &e.at }, { "frame", &e.frame } };
        const char *place = (pull_kind(pull), pull->at);
        JsonPull at, frame;
        uint32_t number;
        int64_t time;

        pull_fields(pull, fields, COUNT(fields));
        if (!pull->failed && (!e.type.ptr || !e.at.ptr || !e.frame.ptr))
                pull_fail_at(pull, place, "an event needs 'type', 'at' and 'frame'");
        if (pull->failed)
                return pull->failed;
        at = pull_at(pull, e.at);
        frame = pull_at(pull, e.frame);
        time = point(s, &at);
        number = at.failed ? INTAKE_NONE : frame_number(s, &frame);
        if (at.failed || frame.failed)
                return at.failed ? at.failed : frame.failed;
        if (stack->now != INT64_MIN && time < stack->now)
                return pull_fail_at(pull, e.at.ptr, "this event is earlier than the one before it");
        frame = pull_at(pull, e.frame);
        if (span_is(e.type, "\"O\""))
                return open_push(
                        stack, time,
                        (OpenFrame){ .frame = number, .tag = pull_u64(&frame), .at = place });
        if (span_is(e.type, "\"C\""))
                return close_frame(pull, stack, time, pull_u64(&frame), place);
        return pull_fail_at(pull, e.type.ptr, "expected \"O\" or \"C\"");
}

static int read_evented(Speedscope *s, const Members *m)
{
        JsonPull pull = pull_at(&s->pull, m->events);
        OpenStack stack = open_stack(s->in, s->p, s->thread);
        int r = 0;

        if (pull_open(&pull, '['))
                while (r == 0 && pull_item(&pull))
                        r = read_event(s, &pull, &stack);
        if (r < 0 || pull.failed)
                return r < 0 ? r : pull.failed;
        if (stack.frames.len == 0)
                return 0;
        return pull_fail_at(&pull, vec_last(&stack.frames)->at,
                            "profile %" PRIu64 ": this frame never closes", s->number);
}

/* --- sampled --- */

/* The node of a stack, outermost frame first. */
static uint32_t read_stack(Speedscope *s, JsonPull *pull)
{
        uint32_t node = 0;
        size_t depth = 0;

        if (!pull_open(pull, '['))
                return INTAKE_NONE;
        while (node != INTAKE_NONE && pull_item(pull)) {
                uint32_t frame = frame_number(s, pull);

                if (frame == INTAKE_NONE)
                        return INTAKE_NONE;
                if (++depth > INTAKE_DEPTH) {
                        pull_fail(pull, "a stack has more than %zu frames", INTAKE_DEPTH);
                        return INTAKE_NONE;
                }
                node = intake_child(s->in, s->p, node, frame);
        }
        return pull->failed ? INTAKE_NONE : node;
}

static int add_sample(Speedscope *s, uint32_t node, int64_t *now, uint64_t weight)
{
        int64_t at = *now;

        if (s->p->unit != UNIT_NS)
                return intake_add(s->in, s->p, node, 1, weight);
        if (__builtin_add_overflow(at, (int64_t)weight, now))
                return intake_fail(s->in, ERR_INPUT, "the weights add up to too much");
        return intake_add_at(s->in, s->p, node, s->thread, at, weight);
}

static int read_sampled(Speedscope *s, const Members *m)
{
        JsonPull samples = pull_at(&s->pull, m->samples), weights = pull_at(&s->pull, m->weights);
        JsonPull start = pull_at(&s->pull, m->start);
        int64_t now = m->start.ptr ? point(s, &start) : 0;
        bool weighted = m->weights.ptr && pull_open(&weights, '[');
        int r = start.failed ? start.failed : weights.failed;

        if (r == 0)
                pull_open(&samples, '[');
        while (r == 0 && pull_item(&samples)) {
                const char *at = (pull_kind(&samples), samples.at);
                uint32_t node = read_stack(s, &samples);
                double weight = 1;
                uint64_t whole;

                if (node == INTAKE_NONE)
                        return samples.failed ? samples.failed : intake_failed(s->in);
                if (weighted && !pull_item(&weights))
                        return weights.failed ? weights.failed
                                              : pull_fail_at(&samples, at, "it has no weight");
                if (weighted)
                        weight = pull_number(&weights);
                if (weights.failed)
                        return weights.failed;
                if (!intake_whole(weight, s->scale, &whole))
                        return pull_fail_at(&samples, at, "its weight is negative or too much");
                r = add_sample(s, node, &now, whole);
        }
        return r ? r : samples.failed;
}

/* --- profiles --- */

static int add_profile(Speedscope *s, const Members *m)
{
        int failed = 0;
        Span unit = pull_text_of(&s->pull, m->unit, &failed);
        Span name = pull_text_of(&s->pull, m->name, &failed);
        Unit kind = intake_unit(unit, &s->scale);
        const char *event = kind == UNIT_NS ? "time" : kind == UNIT_BYTES ? "bytes" : "samples";

        if (failed)
                return failed;
        s->p = intake_profile(s->in, name, event, kind);
        if (!s->p)
                return intake_failed(s->in);
        memset(s->numbers, 0xff, s->frames.len * sizeof(*s->numbers));
        s->thread = intake_thread(s->in, s->p, name, 0, s->number);
        return s->thread == INTAKE_NONE ? intake_failed(s->in) : 0;
}

static int read_profile(Speedscope *s, JsonPull *pull)
{
        Members m = { 0 };
        const PullField fields[] = {
                { "type", &m.type },        { "name", &m.name },       { "unit", &m.unit },
                { "startValue", &m.start }, { "endValue", &m.end },    { "events", &m.events },
                { "samples", &m.samples },  { "weights", &m.weights },
        };
        const char *place = (pull_kind(pull), pull->at);
        int r;

        pull_fields(pull, fields, COUNT(fields));
        if (pull->failed)
                return pull->failed;
        s->number++;
        r = add_profile(s, &m);
        if (r < 0)
                return r;
        if (span_is(m.type, "\"evented\"") && m.events.ptr)
                return read_evented(s, &m);
        if (span_is(m.type, "\"sampled\"") && m.samples.ptr)
                return read_sampled(s, &m);
        return pull_fail_at(pull, place,
                            "a profile is \"evented\" with 'events' or \"sampled\" with 'samples'");
}

/* Threads of one recording add up; what has several units, or says that it is values, does not. */
static ProfileSetKind kind_of(const ProfileSet *set)
{
        Unit unit = set->items.len ? set->items.items[0].profile->unit : UNIT_COUNT;

        vec_each (const ProfileSetItem, item, &set->items)
                if (item->profile->unit != unit)
                        return PROFILES_VALUES;
        return span_ends(set->producer, "; values") ? PROFILES_VALUES : PROFILES_THREADS;
}

static void read_exporter(Speedscope *s, Span raw)
{
        int failed = 0;
        Span name = pull_text_of(&s->pull, raw, &failed);

        if (!failed && name.len && name.len < 200)
                s->in->set.producer = span_copy(s->in->arena, name);
}

static int read_file(Intake *in, Span text)
{
        Speedscope s = { .in = in, .pull = json_pull(text, in->plan->name, in->scratch, in->err) };
        Span shared = { 0 }, profiles = { 0 }, exporter = { 0 }, active = { 0 }, frames = { 0 };
        const PullField top[] = { { "shared", &shared },
                                  { "profiles", &profiles },
                                  { "exporter", &exporter },
                                  { "activeProfileIndex", &active } };
        const PullField inner[] = { { "frames", &frames } };
        JsonPull pull = s.pull;
        int r = 0, failed = 0;

        pull_fields(&pull, top, COUNT(top));
        pull_end(&pull);
        if (!pull.failed && (!shared.ptr || !profiles.ptr))
                pull_fail_at(&pull, pull.start, "'shared' and 'profiles' have to be in it");
        if (pull.failed)
                return pull.failed;
        pull = pull_at(&s.pull, shared);
        pull_fields(&pull, inner, 1);
        if (!pull.failed && !frames.ptr)
                pull_fail_at(&pull, shared.ptr, "'frames' has to be in it");
        if (pull.failed)
                return pull.failed;
        r = read_frames(&s, frames);
        pull = pull_at(&s.pull, profiles);
        if (r == 0 && pull_open(&pull, '['))
                while (r == 0 && pull_item(&pull))
                        r = read_profile(&s, &pull);
        if (r < 0 || pull.failed)
                return r < 0 ? r : pull.failed;
        read_exporter(&s, exporter);
        in->set.kind = kind_of(&in->set);
        in->set.shown = (size_t)MAX(0.0, pull_number_of(&s.pull, active, 0, &failed));
        return 0;
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
        Intake in = intake_of(plan, arena, scratch, err);
        int r = read_file(&in, text);

        if (r < 0)
                return r;
        if (in.set.shown >= in.set.items.len)
                in.set.shown = 0;
        intake_finish(&in);
        *ret = in.set;
        return 0;
}

static int detect(Span head, bool whole UNUSED)
{
        if (!span_starts(span_trim(head), "{"))
                return 0;
        if (span_contains(head, "speedscope.app/file-format-schema"))
                return 95;
        return span_contains(head, "\"profiles\"") && (span_contains(head, "\"evented\"") ||
                                                       span_contains(head, "\"sampled\""))
                       ? 85
                       : 0;
}

const ProfileFormat speedscope_profile_format = {
        .name = "speedscope",
        .says = "speedscope JSON, sampled and evented",
        .files = "speedscope.app/file-format-schema.json",
        .detect = detect,
        .read = read,
};
