/* Chrome's trace events as a profile: spans that begin and end (B and E, or X with its duration)
 * nest into stacks, one profile a thread; JavaScript samples (Profile, ProfileChunk) are profiles
 * of their own. Async, flow, counter and instant events have no place in a stack and are left out.
 *
 * The array form may end anywhere, as the tracer leaves it when its process dies. */

#include "import/profile/chrome_trace.h"
#include "import/profile/v8_profile.h"

#include <inttypes.h>
#include <string.h>

#define MOST_EVENTS ((size_t)1 << 27)

static uint64_t intern(Trace *t, JsonPull *pull, Span text)
{
        MapSlot *slot = map_add(&t->name_ids, text);
        Span *name;

        if (slot && slot->number)
                return slot->number - 1;
        name = slot ? vec_add(t->in->scratch, &t->names) : NULL;
        if (!name) {
                pull->failed = intake_full(t->in, "names");
                return 0;
        }
        *name = text;
        slot->number = t->names.len;
        return t->names.len - 1;
}

/* A pid or tid: a number, or any text, which then gets a number of its own. */
static uint64_t id_of(Trace *t, JsonPull *pull, Span raw)
{
        Span text = raw;
        uint64_t id;
        int64_t negative;

        if (raw.len > 1 && raw.ptr[0] == '"')
                text = (Span){ raw.ptr + 1, raw.len - 2 };
        if (!text.len || span_to_u64(text, &id, NULL) == 0)
                return text.len ? id : 0;
        if (span_to_i64(text, &negative, NULL) == 0)
                return (uint64_t)negative;
        return intern(t, pull, text) + ((uint64_t)1 << 40);
}

static TraceThread *thread_of(Trace *t, JsonPull *pull, uint64_t pid, uint64_t tid)
{
        uint64_t key[2] = { pid, tid };
        uint64_t *kept;
        MapSlot *slot = map_find(&t->thread_ids, (Span){ (const char *)key, sizeof(key) });
        TraceThread *thread = NULL;

        if (slot)
                return &t->threads.items[slot->number];
        kept = new_try(t->in->scratch, uint64_t, 2);
        if (kept) {
                memcpy(kept, key, sizeof(key));
                slot = map_add(&t->thread_ids, (Span){ (const char *)kept, sizeof(key) });
        }
        if (slot)
                thread = vec_add(t->in->scratch, &t->threads);
        if (!thread) {
                pull->failed = intake_full(t->in, "threads");
                return NULL;
        }
        *thread = (TraceThread){ .pid = pid, .tid = tid };
        slot->number = t->threads.len - 1;
        return thread;
}

/* --- events --- */

typedef struct Members {
        Span name, ph, ts, dur, pid, tid, args, id;
} Members;

static int64_t microseconds(JsonPull *pull, Span raw)
{
        JsonPull inner = pull_at(pull, raw);
        int64_t time_ns;

        if (raw.len > 2 && raw.ptr[0] == '"') /* some writers quote their numbers */
                inner = pull_at(pull, (Span){ raw.ptr + 1, raw.len - 2 });
        time_ns = pull_scaled(&inner, 3);
        if (inner.failed)
                pull->failed = inner.failed;
        return time_ns;
}

static void keep_span(Trace *t, JsonPull *pull, const Members *m, char phase)
{
        int failed = 0;
        Span name = pull_text_of(pull, m->name, &failed);
        TraceThread *thread = thread_of(t, pull, id_of(t, pull, m->pid), id_of(t, pull, m->tid));
        TraceEvent event = { .phase = phase, .has_name = m->name.ptr };

        if (failed)
                pull->failed = failed;
        if (!thread || pull->failed)
                return;
        if (!m->ts.ptr) {
                t->untimed++;
                return;
        }
        event.thread = (uint32_t)(thread - t->threads.items);
        event.at_ns = microseconds(pull, m->ts);
        event.lasts_ns = phase == 'X' && m->dur.ptr ? microseconds(pull, m->dur) : 0;
        event.name = (uint32_t)intern(t, pull, name);
        event.order = (uint32_t)t->events.len;
        if (event.lasts_ns < 0)
                t->untimed++;
        else if (!pull->failed) {
                TraceEvent *slot = vec_add(t->in->scratch, &t->events);

                if (slot)
                        *slot = event;
                else
                        pull->failed = intake_full(t->in, "events");
        }
}

/* "M": the name of a process or thread. */
static void keep_name(Trace *t, JsonPull *pull, const Members *m)
{
        bool process = span_is(m->name, "\"process_name\"");
        Span name = { 0 };
        const PullField fields[] = { { "name", &name } };
        JsonPull args = pull_at(pull, m->args);
        TraceThread *thread;
        int failed = 0;

        if ((!process && !span_is(m->name, "\"thread_name\"")) || !m->args.ptr)
                return;
        pull_fields(&args, fields, 1);
        name = pull_text_of(&args, name, &failed);
        if (args.failed || failed) {
                pull->failed = args.failed ? args.failed : failed;
                return;
        }
        thread = thread_of(t, pull, id_of(t, pull, m->pid),
                           process ? TRACE_PROCESS : id_of(t, pull, m->tid));
        if (thread)
                thread->name = name;
}

static bool is_chunk(const Members *m)
{
        return span_is(m->name, "\"ProfileChunk\"") || span_is(m->name, "\"Profile\"") ||
               span_is(m->name, "\"CpuProfile\"");
}

static void keep_event(Trace *t, JsonPull *pull, const Members *m)
{
        char phase = m->ph.len == 3 ? m->ph.ptr[1] : '\0';

        if (phase == 'M')
                keep_name(t, pull, m);
        else if (is_chunk(m) && m->args.ptr)
                trace_keep_chunk(t, pull, m->args, m->id.ptr ? m->id : m->tid,
                                 id_of(t, pull, m->pid), id_of(t, pull, m->tid));
        else if (phase == 'B' || phase == 'E' || phase == 'X')
                keep_span(t, pull, m, phase);
        else
                t->other++;
}

static void read_event(Trace *t, JsonPull *pull)
{
        Members m = { 0 };
        const PullField fields[] = { { "name", &m.name }, { "ph", &m.ph },   { "ts", &m.ts },
                                     { "dur", &m.dur },   { "pid", &m.pid }, { "tid", &m.tid },
                                     { "args", &m.args }, { "id", &m.id } };

        pull_fields(pull, fields, COUNT(fields));
        if (!pull->failed)
                keep_event(t, pull, &m);
}

/* The array's closing bracket may be missing: that is no damage. */
static bool only_commas(const char *from, const char *to)
{
        while (from < to && strchr(", \t\r\n", *from) && *from)
                from++;
        return from == to;
}

/* What a process that died wrote ends in the middle of an event: what is before it counts. */
static void read_events(Trace *t, JsonPull *pull)
{
        const char *whole = pull->at;

        if (!pull_open(pull, '['))
                return;
        while (pull_item(pull)) {
                if (pull_kind(pull) == '{')
                        read_event(t, pull);
                else
                        pull_skip(pull);
                if (!pull->failed)
                        whole = pull->at;
        }
        if (!pull->cut || t->events.len + t->chunks.len == 0)
                return;
        if (!only_commas(whole, pull->end))
                profile_set_warn(&t->in->set, t->in->arena,
                                 "it ends early, after byte %zu: read to there",
                                 (size_t)(whole - pull->start));
        if (t->in->err)
                error_clear(t->in->err);
        pull->failed = 0;
        t->ended_early = true;
}

static void read_top(Trace *t, JsonPull *pull)
{
        Span key;

        if (pull_kind(pull) == '[') {
                read_events(t, pull);
                return;
        }
        if (!pull_open(pull, '{'))
                return;
        while (!t->ended_early && pull_key(pull, &key)) {
                if (span_is(key, "traceEvents")) {
                        read_events(t, pull);
                        t->has_events = true;
                } else if (span_is(key, "otherData") && pull_kind(pull) == '{') {
                        const PullField fields[] = { { "weights", &t->weights } };

                        pull_fields(pull, fields, 1);
                } else {
                        pull_skip(pull);
                }
        }
        if (!pull->failed && !t->has_events)
                pull_fail_at(pull, pull->start, "'traceEvents' is not in it");
}

static void finish_warnings(Trace *t)
{
        ProfileSet *set = &t->in->set;

        if (t->untimed)
                profile_set_warn(set, t->in->arena,
                                 "%" PRIu64
                                 " events without a time, or with a negative one, left out",
                                 t->untimed);
        if (t->unmatched)
                profile_set_warn(set, t->in->arena,
                                 "%" PRIu64 " events end what is not open: left out", t->unmatched);
        if (t->unclosed)
                profile_set_warn(set, t->in->arena,
                                 "%" PRIu64 " events never end: taken as open to the end",
                                 t->unclosed);
        if (t->overlapping)
                profile_set_warn(set, t->in->arena,
                                 "%" PRIu64 " events end after what they stand in: cut there",
                                 t->overlapping);
}

static Trace trace_of(Intake *in)
{
        return (Trace){ .in = in,
                        .names = VEC_INIT(MOST_EVENTS),
                        .name_ids = map_in(in->scratch, MOST_EVENTS),
                        .events = VEC_INIT(MOST_EVENTS),
                        .threads = VEC_INIT(1 << 20),
                        .thread_ids = map_in(in->scratch, 1 << 20),
                        .chunks = VEC_INIT(PROFILE_SET_MAX),
                        .chunk_ids = map_in(in->scratch, PROFILE_SET_MAX) };
}

static int read_file(Intake *in, Span text)
{
        Trace t = trace_of(in);
        JsonPull pull = json_pull(text, in->plan->name, in->scratch, in->err);
        size_t n_threads;
        int r;

        read_top(&t, &pull);
        if (!t.ended_early)
                pull_end(&pull);
        if (pull.failed)
                return pull.failed;
        t.unit = UNIT_NS;
        t.scale = 1;
        if (t.weights.len > 2 && t.weights.ptr[0] == '"')
                t.unit = intake_unit((Span){ t.weights.ptr + 1, t.weights.len - 2 }, &t.scale);
        r = trace_add_threads(&t);
        n_threads = in->set.items.len;
        if (r == 0)
                r = trace_add_chunks(&t);
        if (r < 0)
                return r;
        if (in->set.items.len == 0)
                return intake_fail(in, ERR_INPUT, "no spans and no samples among its events");
        in->set.kind = in->set.items.len > n_threads ? PROFILES_VALUES : PROFILES_THREADS;
        in->set.shown = in->set.items.len > n_threads ? n_threads : 0;
        finish_warnings(&t);
        return 0;
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
        Span text = span_trim(head);

        if (span_starts(text, "{"))
                return span_contains(head, "\"traceEvents\"") ? 90 : 0;
        if (!span_starts(text, "["))
                return 0;
        return span_contains(head, "\"ph\"") ? 85 : 0;
}

const ProfileFormat chrome_trace_profile_format = {
        .name = "chrome-trace",
        .says = "Chrome trace events, array or object, with JavaScript samples",
        .files = "docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU",
        .detect = detect,
        .read = read,
};
