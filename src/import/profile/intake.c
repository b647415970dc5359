#include "import/profile/intake.h"

#include <inttypes.h>
#include <math.h>

#define DEFAULT_NODES ((size_t)1 << 22)
#define MOST_SAMPLES (UINT64_MAX >> 20) /* times the depth they still fit */
#define MOST_WEIGHT (UINT64_MAX >> 1)
#define MOST_TIME 9.2e18

Intake intake_of(const ProfileImportPlan *plan, Arena *arena, Arena *scratch, Error *err)
{
        return (Intake){ .plan = plan,
                         .arena = arena,
                         .scratch = scratch,
                         .set = profile_set_new(),
                         .err = err };
}

static int fail_text(const Intake *in, int code, const char *place, const char *format,
                     va_list args)
{
        char text[400];

        vsnprintf(text, sizeof(text), format, args);
        return fail(in->err, code, "%.*s%s: %s", SPAN_ARG(in->plan->name), place, text);
}

int intake_fail(const Intake *in, int code, const char *format, ...)
{
        va_list args;
        int r;

        va_start(args, format);
        r = fail_text(in, code, "", format, args);
        va_end(args);
        return r;
}

int intake_fail_byte(const Intake *in, uint64_t byte, const char *format, ...)
{
        char place[40];
        va_list args;
        int r;

        snprintf(place, sizeof(place), ": byte %" PRIu64, byte);
        va_start(args, format);
        r = fail_text(in, ERR_INPUT, place, format, args);
        va_end(args);
        return r;
}

int intake_fail_line(const Intake *in, uint64_t line, const char *format, ...)
{
        char place[40];
        va_list args;
        int r;

        snprintf(place, sizeof(place), ":%" PRIu64, line);
        va_start(args, format);
        r = fail_text(in, ERR_INPUT, place, format, args);
        va_end(args);
        return r;
}

int intake_full(const Intake *in, const char *of_what)
{
        return intake_fail(in, ERR_LIMIT, "more %s than fit", of_what);
}

int intake_failed(const Intake *in)
{
        return in->err && in->err->code ? -in->err->code : -ERR_INPUT;
}

Profile *intake_profile(Intake *in, Span name, const char *event, Unit unit)
{
        size_t nodes = in->plan->max_nodes ? in->plan->max_nodes : DEFAULT_NODES;
        Profile *p = profile_set_add(&in->set, name, nodes, in->arena);

        if (!p) {
                intake_full(in, "profiles");
                return NULL;
        }
        p->event = event;
        p->unit = unit;
        profile_keep_samples(p, in->plan->max_samples);
        return p;
}

uint32_t intake_frame(Intake *in, Profile *p, const FrameDesc *desc)
{
        uint32_t frame = profile_frame(p, desc);

        if (frame == UINT32_MAX)
                intake_full(in, "different frames");
        return frame;
}

uint32_t intake_child(Intake *in, Profile *p, uint32_t parent, uint32_t frame)
{
        uint32_t node = profile_child(p, parent, frame);

        if (node == UINT32_MAX)
                intake_full(in, "different stacks");
        return node;
}

uint32_t intake_thread(Intake *in, Profile *p, Span name, uint64_t pid, uint64_t tid)
{
        uint32_t thread = profile_thread(p, name, (uint32_t)pid, (uint32_t)tid);

        if (thread == UINT32_MAX)
                intake_full(in, "threads");
        return thread;
}

static int check_sums(Intake *in, const Profile *p, uint64_t samples, uint64_t weight)
{
        if (samples > MOST_SAMPLES - MIN(p->quality.samples, MOST_SAMPLES) ||
            weight > MOST_WEIGHT - MIN(p->total_weight, MOST_WEIGHT))
                return intake_fail(in, ERR_INPUT, "the weights add up to too much");
        return 0;
}

/* A sample without a stack gets a frame that says so, or pictures would not show it. */
static int name_bare(Intake *in, Profile *p, uint32_t *node)
{
        uint32_t frame;

        if (*node)
                return 0;
        frame = intake_frame(in, p,
                             &(FrameDesc){ .symbol = SPAN("[no stack]"), .kind = FRAME_UNKNOWN });
        *node = frame == INTAKE_NONE ? INTAKE_NONE : intake_child(in, p, 0, frame);
        return *node == INTAKE_NONE ? intake_failed(in) : 0;
}

int intake_add(Intake *in, Profile *p, uint32_t node, uint64_t samples, uint64_t weight)
{
        int r = check_sums(in, p, samples, weight);

        if (r == 0)
                r = name_bare(in, p, &node);
        if (r == 0)
                profile_add_node(p, node, samples, weight);
        return r;
}

int intake_add_at(Intake *in, Profile *p, uint32_t node, uint32_t thread, int64_t time_ns,
                  uint64_t weight)
{
        int r = check_sums(in, p, 1, weight);

        if (r == 0)
                r = name_bare(in, p, &node);
        if (r == 0 && !in->plan->max_samples)
                profile_add_node(p, node, 1, weight);
        else if (r == 0)
                profile_add_node_at(p, node, thread, (uint64_t)time_ns, weight);
        return r;
}

static int64_t first_time(const Intake *in)
{
        int64_t first = INT64_MAX;

        vec_each (const ProfileSetItem, item, &in->set.items)
                vec_each (const ProfileSample, s, &item->profile->samples)
                        first = MIN(first, (int64_t)s->time_ns);
        return first;
}

/* A sample of a profile of time lasts as long as it weighs. */
static uint64_t end_of(const Profile *p, const ProfileSample *s)
{
        uint64_t lasts = p->unit == UNIT_NS ? s->weight : 0, end;

        return __builtin_add_overflow(s->time_ns, lasts, &end) ? UINT64_MAX : end;
}

void intake_finish(Intake *in)
{
        uint64_t first = (uint64_t)first_time(in);

        vec_each (const ProfileSetItem, item, &in->set.items) {
                Profile *p = item->profile;

                vec_each (ProfileSample, s, &p->samples) {
                        s->time_ns -= first;
                        p->duration_ns = MAX(p->duration_ns, end_of(p, s));
                }
                p->quality.complete =
                        p->quality.samples - p->quality.dropped -
                        MIN(p->quality.truncated, p->quality.samples - p->quality.dropped);
        }
}

bool intake_whole(double value, double scale, uint64_t *ret)
{
        double whole = value * scale;

        if (!(whole >= 0 && whole < MOST_TIME))
                return false;
        *ret = (uint64_t)llround(whole);
        return true;
}

bool intake_time(double value, double scale, int64_t *ret)
{
        double whole = value * scale;

        if (!(fabs(whole) < MOST_TIME / 2)) /* so that differences fit, too */
                return false;
        *ret = llround(whole);
        return true;
}

static const struct {
        const char *name;
        Unit unit;
        double scale;
} unit_names[] = {
        { "nanoseconds", UNIT_NS, 1 },
        { "nanosecond", UNIT_NS, 1 },
        { "ns", UNIT_NS, 1 },
        { "microseconds", UNIT_NS, 1e3 },
        { "microsecond", UNIT_NS, 1e3 },
        { "us", UNIT_NS, 1e3 },
        { "milliseconds", UNIT_NS, 1e6 },
        { "millisecond", UNIT_NS, 1e6 },
        { "ms", UNIT_NS, 1e6 },
        { "seconds", UNIT_NS, 1e9 },
        { "second", UNIT_NS, 1e9 },
        { "s", UNIT_NS, 1e9 },
        { "bytes", UNIT_BYTES, 1 },
        { "byte", UNIT_BYTES, 1 },
        { "kilobytes", UNIT_BYTES, 1024 },
        { "megabytes", UNIT_BYTES, 1048576 },
};

Unit intake_unit(Span name, double *ret_scale)
{
        for (size_t i = 0; i < COUNT(unit_names); i++) {
                if (!span_is_any_case(name, unit_names[i].name))
                        continue;
                *ret_scale = unit_names[i].scale;
                return unit_names[i].unit;
        }
        *ret_scale = 1;
        return UNIT_COUNT;
}

Span intake_basename(Span path)
{
        size_t at = path.len;

        while (at && path.ptr[at - 1] != '/')
                at--;
        return span_from(path, at);
}

Span intake_anonymous(const Intake *in, Span file, uint32_t line)
{
        Buf name = buf_in(in->scratch, KiB(8));

        if (!file.len)
                return SPAN("(anonymous)");
        buf_printf(&name, "(anonymous %.*s:%" PRIu32 ")", SPAN_ARG(intake_basename(file)), line);
        return name.overflowed ? SPAN("(anonymous)") : buf_span(&name);
}
