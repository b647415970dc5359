/* Chrome's trace events: frames that begin and end, one thread of the trace a thread or value of
 * the profile. Without times the stacks stand side by side, and a nanosecond stands for one unit of
 * the weights, which otherData.weights names. */

#include "present/json_text.h"
#include "present/profile_export.h"
#include "present/timeline.h"

#include <inttypes.h>

typedef struct Events {
        Buf *out;
        const Profile *p;
        uint64_t pid, tid;
} Events;

static int put_event(const Events *e, char phase, uint32_t frame, uint64_t at)
{
        const Frame *f = &e->p->frames.items[frame];
        Span file = e->p->strings.items[f->file ? f->file : f->module];

        buf_text(e->out, ",\n{\"name\":");
        json_text_put(e->out, e->p->strings.items[f->symbol]);
        buf_printf(e->out,
                   ",\"ph\":\"%c\",\"ts\":%" PRIu64 ".%03u,\"pid\":%" PRIu64 ",\"tid\":%" PRIu64,
                   phase, at / 1000, (unsigned)(at % 1000), e->pid, e->tid);
        if (phase == 'B' && file.len) {
                buf_text(e->out, ",\"args\":{\"file\":");
                json_text_put(e->out, file);
                if (f->line)
                        buf_printf(e->out, ",\"line\":%" PRIu32, f->line);
                buf_byte(e->out, '}');
        }
        buf_byte(e->out, '}');
        return e->out->overflowed ? -ERR_LIMIT : 0;
}

static int open_frame(void *context, uint32_t frame, uint64_t at)
{
        return put_event(context, 'B', frame, at);
}

static int close_frame(void *context, uint32_t frame, uint64_t at)
{
        return put_event(context, 'E', frame, at);
}

static void put_name(const Events *e, const char *what, Span name)
{
        buf_printf(e->out,
                   "%s{\"name\":\"%s\",\"ph\":\"M\",\"pid\":%" PRIu64 ",\"tid\":%" PRIu64
                   ",\"args\":{\"name\":",
                   e->out->len && e->out->ptr[e->out->len - 1] == '[' ? "\n" : ",\n", what, e->pid,
                   e->tid);
        json_text_put(e->out, name);
        buf_text(e->out, "}}");
}

/* Items are processes of the trace, since their threads may have equal numbers. */
static int put_thread(Events *e, const Timeline *line, Arena *scratch)
{
        const ProfileThread *thread = &e->p->threads.items[line->thread];
        TimelineSteps steps = { open_frame, close_frame, e, 0 };

        e->tid = line->thread + (uint64_t)1;
        put_name(e, "thread_name", e->p->strings.items[thread->name]);
        return timeline_walk(e->p, line, scratch, &steps);
}

static int put_item(Buf *out, const ProfileSetItem *item, uint64_t number)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        Events events = { .out = out, .p = item->profile, .pid = number, .tid = 1 };
        TimelineSteps steps = { open_frame, close_frame, &events, 0 };
        Timeline *lines = NULL;
        size_t n = timelines(item->profile, scratch, &lines);
        int r = n == UINT32_MAX ? -ERR_LIMIT : 0;

        put_name(&events, "process_name", item->name);
        if (n == 0)
                r = timeline_layout(item->profile, scratch, &steps);
        for (size_t i = 0; r == 0 && i < n; i++)
                if (lines[i].n)
                        r = put_thread(&events, &lines[i], scratch);
        return r;
}

static int write(const ProfileSet *set, const char *title, Buf *out, Error *err)
{
        static const char *const units[] = { [UNIT_NS] = "nanoseconds", [UNIT_BYTES] = "bytes" };
        uint64_t number = 0;
        Unit unit = set->items.len ? set->items.items[0].profile->unit : UNIT_NS;
        const char *name = unit < COUNT(units) && units[unit] ? units[unit] : "count";
        int r = 0;

        buf_text(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"title\":");
        json_text_put(out, span_of(title));
        buf_printf(out, ",\"weights\":\"%s\"},\"traceEvents\":[", name);
        vec_each (const ProfileSetItem, item, &set->items)
                if (r == 0 && item->profile->unit == unit)
                        r = put_item(out, item, ++number);
        buf_text(out, "\n]}\n");
        if (r < 0 && !out->overflowed)
                return fail(err, ERR_LIMIT, "the profile's stacks do not fit into memory");
        r = buf_check(out, err);
        return r == 0 ? 0
                      : fail_hint(err,
                                  "pprof and collapsed hold a stack once, however often it was "
                                  "sampled");
}

const ProfileWriter chrome_trace_profile_writer = {
        .name = "chrome-trace",
        .says = "Chrome trace events (Perfetto, chrome://tracing)",
        .extension = ".trace.json",
        .files = "docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU",
        .write = write,
};
