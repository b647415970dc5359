/* Spans of a trace to stacks: sorted by time, opened and closed thread by thread. */

#include "import/profile/chrome_trace.h"

#include <inttypes.h>
#include <stdlib.h>

static const TraceThread *find_thread(const Trace *t, uint64_t pid, uint64_t tid)
{
        uint64_t key[2] = { pid, tid };
        const MapSlot *slot = map_find(&t->thread_ids, (Span){ (const char *)key, sizeof(key) });

        return slot ? &t->threads.items[slot->number] : NULL;
}

Span trace_thread_name(const Trace *t, uint64_t pid, uint64_t tid)
{
        const TraceThread *process = find_thread(t, pid, TRACE_PROCESS);
        const TraceThread *thread = find_thread(t, pid, tid);
        Buf name = buf_in(t->in->scratch, KiB(64));

        if (process && process->name.len)
                buf_add(&name, process->name);
        else
                buf_printf(&name, "process %" PRId64, (int64_t)pid);
        buf_byte(&name, ' ');
        if (thread && thread->name.len)
                buf_add(&name, thread->name);
        else
                buf_printf(&name, "thread %" PRId64, (int64_t)tid);
        return name.overflowed ? SPAN("thread") : buf_span(&name);
}

/* Ends come before beginnings of the same moment, longer spans before those in them. */
static int by_time(const void *a, const void *b)
{
        const TraceEvent *x = a, *y = b;

        if (x->thread != y->thread)
                return x->thread < y->thread ? -1 : 1;
        if (x->at_ns != y->at_ns)
                return x->at_ns < y->at_ns ? -1 : 1;
        if (x->phase == 'X' && y->phase == 'X' && x->lasts_ns != y->lasts_ns)
                return x->lasts_ns > y->lasts_ns ? -1 : 1;
        return x->order < y->order ? -1 : x->order > y->order;
}

/* Closes what ends by itself until then. */
static int close_ended(OpenStack *s, int64_t at)
{
        int r = 0;

        while (r == 0 && s->frames.len && vec_last(&s->frames)->end <= at)
                r = open_pop(s, vec_last(&s->frames)->end);
        return r;
}

static int begin(Trace *t, OpenStack *s, const TraceEvent *e)
{
        const OpenFrame *top = vec_last(&s->frames);
        OpenFrame frame = { .tag = e->name, .end = INT64_MAX };
        FrameDesc desc = { .symbol = t->names.items[e->name], .kind = FRAME_NATIVE };

        if (e->phase == 'X')
                frame.end = e->at_ns + e->lasts_ns;
        if (top && frame.end > top->end) {
                t->overlapping += e->phase == 'X';
                frame.end = top->end;
        }
        if (!desc.symbol.len)
                desc.symbol = SPAN("(unnamed)");
        frame.frame = intake_frame(t->in, s->p, &desc);
        return frame.frame == INTAKE_NONE ? intake_failed(t->in) : open_push(s, e->at_ns, frame);
}

/* Ends the innermost span of that name, and with it what was open in it. */
static int end(Trace *t, OpenStack *s, const TraceEvent *e)
{
        size_t depth = s->frames.len;
        int r = 0;

        while (depth && e->has_name && s->frames.items[depth - 1].tag != e->name)
                depth--;
        if (depth == 0) {
                t->unmatched++;
                return open_advance(s, e->at_ns);
        }
        while (r == 0 && s->frames.len >= depth)
                r = open_pop(s, e->at_ns);
        return r;
}

static int close_all(Trace *t, OpenStack *s, int64_t at)
{
        int r = close_ended(s, at);

        while (r == 0 && s->frames.len) {
                t->unclosed += vec_last(&s->frames)->end == INT64_MAX;
                r = open_pop(s, MIN(vec_last(&s->frames)->end, at));
        }
        return r;
}

static int add_thread(Trace *t, const TraceEvent *events, size_t n)
{
        const TraceThread *thread = &t->threads.items[events->thread];
        Span name = trace_thread_name(t, thread->pid, thread->tid);
        Profile *p = intake_profile(t->in, name, t->unit == UNIT_NS ? "spans" : "weight", t->unit);
        uint32_t id = p ? intake_thread(t->in, p, name, thread->pid, thread->tid) : INTAKE_NONE;
        int64_t last = INT64_MIN;
        OpenStack s;
        int r = 0;

        if (id == INTAKE_NONE)
                return intake_failed(t->in);
        s = open_stack(t->in, p, id);
        for (size_t i = 0; r == 0 && i < n; i++) {
                r = close_ended(&s, events[i].at_ns);
                if (r == 0)
                        r = events[i].phase == 'E' ? end(t, &s, &events[i])
                                                   : begin(t, &s, &events[i]);
                last = MAX(last, events[i].at_ns + events[i].lasts_ns);
        }
        return r ? r : close_all(t, &s, last);
}

int trace_add_threads(Trace *t)
{
        TraceEvent *events = t->events.items;
        size_t n;
        int r = 0;

        if (t->events.len)
                qsort(events, t->events.len, sizeof(*events), by_time);
        for (size_t i = 0; r == 0 && i < t->events.len; i += n) {
                for (n = 1; i + n < t->events.len && events[i + n].thread == events[i].thread;)
                        n++;
                r = add_thread(t, events + i, n);
        }
        return r;
}
