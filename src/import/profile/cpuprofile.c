/* V8's CPU profiles (.cpuprofile) as Chrome's DevTools, node --cpu-prof and the inspector write
 * them: flat nodes since 2016, a tree of nodes below `head` before. */

#include "import/profile/v8_profile.h"

typedef struct Members {
        Span nodes, head, samples, deltas, timestamps, start, end;
} Members;

static void find_members(JsonPull *pull, Members *m)
{
        const PullField fields[] = {
                { "nodes", &m->nodes },           { "head", &m->head },
                { "samples", &m->samples },       { "timeDeltas", &m->deltas },
                { "timestamps", &m->timestamps }, { "startTime", &m->start },
                { "endTime", &m->end },
        };

        pull_fields(pull, fields, COUNT(fields));
        pull_end(pull);
}

/* Reads one member with `read`, if it is there. */
static void read_member(V8Profile *v, JsonPull *pull, Span raw,
                        void (*read)(V8Profile *, JsonPull *))
{
        JsonPull inner = pull_at(pull, raw);

        if (!raw.ptr || pull->failed)
                return;
        read(v, &inner);
        pull->failed = inner.failed;
}

/* Microseconds; in the old form seconds, where only the differences of timestamps count. */
static int64_t time_of(JsonPull *pull, Span raw)
{
        JsonPull inner = pull_at(pull, raw);
        int64_t time_ns = raw.ptr && !pull->failed ? pull_scaled(&inner, 3) : V8_UNKNOWN;

        if (inner.failed)
                pull->failed = inner.failed;
        return time_ns;
}

static void read_clock(V8Profile *v, JsonPull *pull, const Members *m)
{
        int64_t start_ns = time_of(pull, m->start), end_ns = time_of(pull, m->end);

        v->clock_ns = start_ns == V8_UNKNOWN ? 0 : start_ns;
        if (!m->timestamps.ptr)
                v->end_ns = end_ns;
}

/* Samples without times: every hit counts one. */
static int read_hits(V8Profile *v, ProfileSet *set, Arena *arena)
{
        v->p->unit = UNIT_COUNT;
        profile_set_warn(set, arena, "no times in it: weights are hits");
        return v8_add_hits(v);
}

static int read_profile(Intake *in, Span text)
{
        JsonPull pull = json_pull(text, in->plan->name, in->scratch, in->err);
        Members m = { 0 };
        Profile *p = intake_profile(in, SPAN("cpu"), "cpu", UNIT_NS);
        V8Profile v = v8_profile(in, p);

        if (!p)
                return -ERR_LIMIT;
        find_members(&pull, &m);
        if (!pull.failed && !m.nodes.ptr && !m.head.ptr)
                pull_fail_at(&pull, pull.start, "neither 'nodes' nor 'head' is in it");
        read_clock(&v, &pull, &m);
        read_member(&v, &pull, m.nodes, v8_read_nodes);
        read_member(&v, &pull, m.head, v8_read_node);
        read_member(&v, &pull, m.samples, v8_read_samples);
        read_member(&v, &pull, m.deltas, v8_read_deltas);
        if (!m.deltas.ptr)
                read_member(&v, &pull, m.timestamps, v8_read_timestamps);
        if (pull.failed)
                return pull.failed;
        if (v.samples.len == 0 || !(m.deltas.ptr || m.timestamps.ptr))
                return read_hits(&v, &in->set, in->arena);
        v.thread = intake_thread(in, p, SPAN("JavaScript"), 0, 0);
        return v.thread == INTAKE_NONE ? -ERR_LIMIT : v8_add_samples(&v);
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

static int detect(Span head, bool whole UNUSED)
{
        bool has_frame = span_contains(head, "\"callFrame\"");

        if (!span_starts(span_trim(head), "{") || span_contains(head, "\"selfSize\"") ||
            span_contains(head, "\"traceEvents\""))
                return 0;
        if (span_contains(head, "\"nodes\"") && has_frame)
                return 90;
        if (span_contains(head, "\"hitCount\"") && span_contains(head, "\"functionName\""))
                return 85;
        return span_contains(head, "\"timeDeltas\"") ? 60 : 0;
}

const ProfileFormat cpuprofile_profile_format = {
        .name = "cpuprofile",
        .says = "V8 CPU profile (Chrome, node --cpu-prof)",
        .files = "chromedevtools.github.io/devtools-protocol/tot/Profiler",
        .detect = detect,
        .read = read,
};
