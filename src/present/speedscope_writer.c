/* speedscope's JSON. Samples whose times are known become one evented profile a thread, others one
 * sampled profile; shared.frames has the frames of all. */

#include "present/json_text.h"
#include "present/profile_export.h"
#include "present/timeline.h"

#include <inttypes.h>

static const char *unit_text_of(Unit unit)
{
        return unit == UNIT_NS ? "nanoseconds" : unit == UNIT_BYTES ? "bytes" : "none";
}

typedef struct Events {
        Buf *out;
        size_t first_frame;
        bool some;
} Events;

static int put_event(Events *e, char type, uint32_t frame, uint64_t at)
{
        buf_printf(e->out, "%s{\"type\":\"%c\",\"frame\":%zu,\"at\":%" PRIu64 "}",
                   e->some ? ",\n" : "", type, e->first_frame + frame, at);
        e->some = true;
        return e->out->overflowed ? -ERR_LIMIT : 0;
}

static int open_frame(void *context, uint32_t frame, uint64_t at)
{
        return put_event(context, 'O', frame, at);
}

static int close_frame(void *context, uint32_t frame, uint64_t at)
{
        return put_event(context, 'C', frame, at);
}

static void put_head(Buf *out, const char *type, Span name, Unit unit)
{
        buf_printf(out, "{\"type\":\"%s\",\"name\":", type);
        json_text_put(out, name);
        buf_printf(out, ",\"unit\":\"%s\",\"startValue\":0", unit_text_of(unit));
}

static int put_evented(Buf *out, const ProfileSetItem *item, const Timeline *line, bool only,
                       size_t first_frame)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        const Profile *p = item->profile;
        const ProfileThread *thread = &p->threads.items[line->thread];
        Events events = { .out = out, .first_frame = first_frame };
        TimelineSteps steps = { open_frame, close_frame, &events, 0 };
        Span name = item->name;
        int r;

        if (!only)
                name = span_of(arena_printf(scratch, "%.*s %.*s %" PRIu32, SPAN_ARG(item->name),
                                            SPAN_ARG(p->strings.items[thread->name]), thread->tid));
        put_head(out, "evented", name, p->unit);
        buf_text(out, ",\"events\":[\n");
        r = timeline_walk(p, line, scratch, &steps);
        buf_printf(out, "],\"endValue\":%" PRIu64 "}", steps.end);
        return r;
}

/* The stack of every node that was sampled, root first. */
static int put_stacks(Buf *out, const Profile *p, size_t first_frame)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        uint32_t *chain = new_try(scratch, uint32_t, deepest_node(p) + 1);
        const char *between = "";

        for (uint32_t i = 0; chain && i < p->nodes.len; i++) {
                size_t n;

                if (!p->nodes.items[i].self_weight)
                        continue;
                node_chain(p, i, chain, &n);
                buf_text(out, between);
                for (size_t k = 0; k < n; k++)
                        buf_printf(out, "%c%zu", k ? ',' : '[', first_frame + chain[k]);
                buf_text(out, n ? "]" : "[]");
                between = ",\n";
        }
        return chain ? 0 : -ERR_LIMIT;
}

static int put_sampled(Buf *out, const ProfileSetItem *item, size_t first_frame)
{
        const Profile *p = item->profile;
        const char *between = "";
        int r;

        put_head(out, "sampled", item->name, p->unit);
        buf_printf(out, ",\"endValue\":%" PRIu64 ",\"samples\":[\n", p->total_weight);
        r = put_stacks(out, p, first_frame);
        buf_text(out, "],\"weights\":[");
        for (uint32_t i = 0; i < p->nodes.len; i++)
                if (p->nodes.items[i].self_weight) {
                        buf_printf(out, "%s%" PRIu64, between, p->nodes.items[i].self_weight);
                        between = ",";
                }
        buf_text(out, "]}");
        return r;
}

static int put_item(Buf *out, const ProfileSetItem *item, size_t first_frame, bool *some)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        Timeline *lines = NULL;
        size_t n = timelines(item->profile, scratch, &lines), used = 0;
        int r = n == UINT32_MAX ? -ERR_LIMIT : 0;

        for (size_t i = 0; r == 0 && i < n; i++)
                used += lines[i].n > 0;
        if (n == 0) {
                buf_text(out, *some ? ",\n" : "");
                r = put_sampled(out, item, first_frame);
                *some = true;
        }
        for (size_t i = 0; r == 0 && i < n; i++) {
                if (!lines[i].n)
                        continue;
                buf_text(out, *some ? ",\n" : "");
                r = put_evented(out, item, &lines[i], used == 1, first_frame);
                *some = true;
        }
        return r;
}

static void put_frames(Buf *out, const Profile *p, bool *some)
{
        for (uint32_t i = 0; i < p->frames.len; i++) {
                const Frame *f = &p->frames.items[i];
                Span file = p->strings.items[f->file ? f->file : f->module];

                buf_text(out, *some ? ",\n{\"name\":" : "{\"name\":");
                json_text_put(out, p->strings.items[f->symbol]);
                if (file.len) {
                        buf_text(out, ",\"file\":");
                        json_text_put(out, file);
                }
                if (f->line)
                        buf_printf(out, ",\"line\":%" PRIu32, f->line);
                buf_byte(out, '}');
                *some = true;
        }
}

static int write(const ProfileSet *set, const char *title, Buf *out, Error *err)
{
        bool values = set->items.len > 1 && set->kind != PROFILES_THREADS, some = false;
        size_t first_frame = 0;
        int r = 0;

        buf_text(out, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n");
        buf_printf(out, "\"exporter\":\"hone " HONE_VERSION "%s\",\n\"name\":",
                   values ? "; values" : "");
        json_text_put(out, span_of(title));
        buf_printf(out, ",\n\"activeProfileIndex\":%zu,\n\"profiles\":[\n", set->shown);
        vec_each (const ProfileSetItem, item, &set->items) {
                r = r ? r : put_item(out, item, first_frame, &some);
                first_frame += item->profile->frames.len;
        }
        buf_text(out, "],\n\"shared\":{\"frames\":[\n");
        some = false;
        vec_each (const ProfileSetItem, item, &set->items)
                put_frames(out, item->profile, &some);
        buf_text(out, "]}}\n");
        if (r < 0 && !out->overflowed)
                return fail(err, ERR_LIMIT, "the profile's stacks do not fit into memory");
        r = buf_check(out, err);
        return r == 0 ? 0
                      : fail_hint(err,
                                  "pprof and collapsed hold a stack once, however often it was "
                                  "sampled");
}

const ProfileWriter speedscope_profile_writer = {
        .name = "speedscope",
        .says = "speedscope JSON, in time order where times are known",
        .extension = ".speedscope.json",
        .files = "speedscope.app/file-format-schema.json",
        .write = write,
};
