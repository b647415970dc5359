/* JavaScript samples in a trace: "Profile" starts one, "ProfileChunk" goes on with nodes, samples
 * and times; "CpuProfile" holds a whole one. */

#include "import/profile/chrome_trace.h"
#include "import/profile/v8_profile.h"

#include <inttypes.h>

static TraceChunk *chunk_of(Trace *t, JsonPull *pull, Span id, uint64_t pid, uint64_t tid)
{
        Buf key = buf_in(t->in->scratch, KiB(64));
        MapSlot *slot;
        TraceChunk *chunk;

        buf_printf(&key, "%" PRIu64 " ", pid);
        buf_add(&key, id);
        slot = key.overflowed ? NULL : map_add(&t->chunk_ids, buf_span(&key));
        if (slot && slot->number)
                return &t->chunks.items[slot->number - 1];
        chunk = slot ? vec_add(t->in->scratch, &t->chunks) : NULL;
        if (!chunk) {
                pull->failed = intake_full(t->in, "JavaScript profiles");
                return NULL;
        }
        *chunk = (TraceChunk){ .pid = pid, .tid = tid, .data = VEC_INIT(1 << 24) };
        slot->number = t->chunks.len;
        return chunk;
}

void trace_keep_chunk(Trace *t, JsonPull *pull, Span args, Span id, uint64_t pid, uint64_t tid)
{
        TraceChunk *chunk = chunk_of(t, pull, id, pid, tid);
        Span data = { 0 };
        const PullField fields[] = { { "data", &data } };
        JsonPull inner = pull_at(pull, args), kind = inner;
        Span *slot;

        if (!chunk || pull_kind(&kind) != '{')
                return;
        pull_fields(&inner, fields, 1);
        slot = vec_add(t->in->scratch, &chunk->data);
        if (slot && !inner.failed)
                *slot = data.ptr && data.ptr[0] == '{' ? data : (Span){ 0 };
        else
                pull->failed = slot ? inner.failed : intake_full(t->in, "JavaScript profiles");
        t->start = pull->start;
}

typedef struct Members {
        Span profile, deltas, start, end, nodes, samples;
} Members;

static void with(V8Profile *v, JsonPull *pull, Span raw, void (*read)(V8Profile *, JsonPull *))
{
        JsonPull inner = pull_at(pull, raw);

        if (!raw.ptr || pull->failed)
                return;
        read(v, &inner);
        pull->failed = inner.failed;
}

static void read_time(JsonPull *pull, Span raw, int64_t *ret_ns)
{
        JsonPull inner = pull_at(pull, raw);

        if (!raw.ptr || pull->failed)
                return;
        *ret_ns = pull_scaled(&inner, 3);
        pull->failed = inner.failed;
}

static void read_cpu_profile(V8Profile *v, JsonPull *pull, Members *m)
{
        Span deltas = { 0 }, start = { 0 }, end = { 0 };
        const PullField fields[] = { { "nodes", &m->nodes },
                                     { "samples", &m->samples },
                                     { "timeDeltas", &deltas },
                                     { "startTime", &start },
                                     { "endTime", &end } };
        JsonPull inner = pull_at(pull, m->profile);

        pull_fields(&inner, fields, COUNT(fields));
        pull->failed = inner.failed;
        read_time(pull, start, &v->clock_ns);
        read_time(pull, end, &v->end_ns);
        with(v, pull, m->nodes, v8_read_nodes);
        with(v, pull, m->samples, v8_read_samples);
        with(v, pull, deltas, v8_read_deltas);
}

static int read_data(V8Profile *v, JsonPull *all, Span data)
{
        Members m = { 0 };
        const PullField fields[] = { { "cpuProfile", &m.profile },
                                     { "timeDeltas", &m.deltas },
                                     { "startTime", &m.start },
                                     { "endTime", &m.end } };
        JsonPull pull = pull_at(all, data);

        if (!data.ptr)
                return 0;
        pull_fields(&pull, fields, COUNT(fields));
        read_time(&pull, m.start, &v->clock_ns);
        read_time(&pull, m.end, &v->end_ns);
        if (m.profile.ptr)
                read_cpu_profile(v, &pull, &m);
        with(v, &pull, m.deltas, v8_read_deltas);
        return pull.failed;
}

static int add_chunk(Trace *t, JsonPull *all, const TraceChunk *chunk)
{
        Buf name = buf_in(t->in->scratch, KiB(64));
        Profile *p;
        V8Profile v;
        int r = 0;

        buf_add(&name, trace_thread_name(t, chunk->pid, chunk->tid));
        buf_text(&name, " (JavaScript)");
        p = intake_profile(t->in, buf_span(&name), "cpu", UNIT_NS);
        if (!p)
                return -ERR_LIMIT;
        v = v8_profile(t->in, p);
        v.thread = intake_thread(t->in, p, buf_span(&name), chunk->pid, chunk->tid);
        if (v.thread == INTAKE_NONE)
                return -ERR_LIMIT;
        vec_each (const Span, data, &chunk->data)
                if (r == 0)
                        r = read_data(&v, all, *data);
        return r ? r : v8_add_samples(&v);
}

int trace_add_chunks(Trace *t)
{
        int r = 0;

        vec_each (const TraceChunk, chunk, &t->chunks) {
                JsonPull all = json_pull((Span){ t->start, 0 }, t->in->plan->name, t->in->scratch,
                                         t->in->err);

                if (r == 0)
                        r = add_chunk(t, &all, chunk);
        }
        return r;
}
