/* The packed form of a profile, for the store.
 *
 *     "HPF2"  event  unit  rate (double)  duration
 *     quality: samples complete truncated lost dropped frames unknown_frames untimed
 *     number of strings beyond the empty one, then each: length, bytes
 *     number of frames, then each: symbol module file line kind
 *     root's samples and weight
 *     number of further nodes, then each: distance to the parent - 1, frame, samples, weight
 *     number of threads, then each: name pid tid
 *     number of samples in time, then each: zigzag of the time since the one before, node, thread,
 *             weight
 *
 * "HPF1", which was written before, has no unit (nanoseconds), no untimed, no threads, no times.
 *  * Everything else is a varint. What is read was written by somebody else: counts are checked
 * against the bytes that are left before memory is taken, numbers against their tables, and an
 * item that stands twice is refused, so that a profile has one packed form. */

#include "model/profile.h"
#include "model/profile_int.h"
#include "model/varint.h"

#include <string.h>

#define MAGIC "HPF2"
#define OLD_MAGIC "HPF1"
#define MOST_NODES ((uint64_t)1 << 26)
#define LEAST_FRAME_BYTES 5
#define LEAST_NODE_BYTES 4
#define LEAST_THREAD_BYTES 3
#define LEAST_SAMPLE_BYTES 4
#define ROOM_TO_GROW ((size_t)1 << 20)

static void pack_head(const Profile *p, Buf *out)
{
        const ProfileQuality *q = &p->quality;
        const uint64_t counts[] = { q->samples, q->complete, q->truncated,      q->lost,
                                    q->dropped, q->frames,   q->unknown_frames, q->untimed };

        buf_text(out, MAGIC);
        varint_put_bytes(out, span_of(p->event));
        varint_put(out, p->unit);
        varint_put_double(out, p->rate_hz);
        varint_put(out, p->duration_ns);
        for (size_t i = 0; i < COUNT(counts); i++)
                varint_put(out, counts[i]);
}

static void pack_frame(const Frame *f, Buf *out)
{
        varint_put(out, f->symbol);
        varint_put(out, f->module);
        varint_put(out, f->file);
        varint_put(out, f->line);
        varint_put(out, f->kind);
}

static void pack_times(const Profile *p, Buf *out)
{
        uint64_t before = 0;

        varint_put(out, p->threads.len);
        vec_each (const ProfileThread, thread, &p->threads) {
                varint_put(out, thread->name);
                varint_put(out, thread->pid);
                varint_put(out, thread->tid);
        }
        varint_put(out, p->samples.len);
        vec_each (const ProfileSample, sample, &p->samples) {
                int64_t step = (int64_t)(sample->time_ns - before);

                varint_put(out, ((uint64_t)step << 1) ^ (uint64_t)(step >> 63));
                varint_put(out, sample->node);
                varint_put(out, sample->thread);
                varint_put(out, sample->weight);
                before = sample->time_ns;
        }
}

void profile_pack(const Profile *p, Buf *out)
{
        const ProfileNode *nodes = p->nodes.items;

        pack_head(p, out);
        varint_put(out, p->strings.len - 1);
        for (size_t i = 1; i < p->strings.len; i++)
                varint_put_bytes(out, p->strings.items[i]);
        varint_put(out, p->frames.len);
        for (size_t i = 0; i < p->frames.len; i++)
                pack_frame(&p->frames.items[i], out);
        varint_put(out, nodes[0].self_samples);
        varint_put(out, nodes[0].self_weight);
        varint_put(out, p->nodes.len - 1);
        for (size_t i = 1; i < p->nodes.len; i++) {
                varint_put(out, i - nodes[i].parent - 1);
                varint_put(out, nodes[i].frame);
                varint_put(out, nodes[i].self_samples);
                varint_put(out, nodes[i].self_weight);
        }
        pack_times(p, out);
}

typedef struct Unpacking {
        VarReader in;
        Arena *arena;
        Profile *profile;
        bool old; /* OLD_MAGIC */
        Error *err;
} Unpacking;

static int corrupt(Unpacking *u, const char *what)
{
        return fail(u->err, ERR_CORRUPT, "packed profile: bad %s at byte %zu", what, u->in.at);
}

static int no_room(Unpacking *u)
{
        return fail(u->err, ERR_LIMIT, "packed profile: it does not fit into memory");
}

/* A count of items that each take at least `least_bytes` of what is left. */
static uint64_t next_count(Unpacking *u, uint64_t least_bytes)
{
        uint64_t limit = MIN(u->in.rest.len / least_bytes + 1, MOST_NODES);

        return varint_below(&u->in, limit);
}

static int unpack_head(Unpacking *u)
{
        ProfileQuality *q = &u->profile->quality;
        uint64_t *counts[] = { &q->samples, &q->complete, &q->truncated,      &q->lost,
                               &q->dropped, &q->frames,   &q->unknown_frames, &q->untimed };
        Span event = varint_next_bytes(&u->in);
        char *text = new_try(u->arena, char, event.len + 1);

        if (!text)
                return no_room(u);
        if (event.len)
                memcpy(text, event.ptr, event.len);
        u->profile->event = text;
        u->profile->unit = u->old ? UNIT_NS : (Unit)varint_below(&u->in, UNIT_COUNT_);
        u->profile->rate_hz = varint_next_double(&u->in);
        u->profile->duration_ns = varint_next(&u->in);
        for (size_t i = 0; i < COUNT(counts) - u->old; i++)
                *counts[i] = varint_next(&u->in);
        return u->in.bad || memchr(text, '\0', event.len) ? corrupt(u, "head") : 0;
}

static int unpack_strings(Unpacking *u)
{
        uint64_t n = next_count(u, 2);

        for (uint64_t i = 1; i <= n && !u->in.bad; i++) {
                Span text = varint_next_bytes(&u->in);
                uint32_t number = u->in.bad ? 0 : profile_string(u->profile, text);

                if (number == UINT32_MAX)
                        return no_room(u);
                if (number != i)
                        return corrupt(u, "string");
        }
        return u->in.bad ? corrupt(u, "string") : 0;
}

static const uint64_t n_frame_kinds = 0
#define X(id, name) +1
        FRAME_KINDS(X)
#undef X
        ;

static int unpack_frames(Unpacking *u)
{
        uint64_t n = next_count(u, LEAST_FRAME_BYTES), n_strings = u->profile->strings.len;

        for (uint64_t i = 0; i < n && !u->in.bad; i++) {
                Frame frame = { .symbol = (uint32_t)varint_below(&u->in, n_strings),
                                .module = (uint32_t)varint_below(&u->in, n_strings),
                                .file = (uint32_t)varint_below(&u->in, n_strings),
                                .line = (uint32_t)varint_below(&u->in, (uint64_t)1 << 32),
                                .kind = (FrameKind)varint_below(&u->in, n_frame_kinds) };
                uint32_t number = u->in.bad ? 0 : profile_frame_add(u->profile, frame);

                if (number == UINT32_MAX)
                        return no_room(u);
                if (number != i)
                        return corrupt(u, "frame");
        }
        return u->in.bad ? corrupt(u, "frame") : 0;
}

static void unpack_weight(Unpacking *u, ProfileNode *node)
{
        node->self_samples = varint_next(&u->in);
        node->self_weight = varint_next(&u->in);
        u->in.bad |= __builtin_add_overflow(u->profile->total_weight, node->self_weight,
                                            &u->profile->total_weight);
}

static int unpack_nodes(Unpacking *u)
{
        Profile *p = u->profile;
        uint64_t n;

        unpack_weight(u, &p->nodes.items[0]);
        n = next_count(u, LEAST_NODE_BYTES);
        for (uint64_t i = 1; i <= n && !u->in.bad; i++) {
                uint32_t parent = (uint32_t)(i - 1 - varint_below(&u->in, i));
                uint32_t frame = (uint32_t)varint_below(&u->in, p->frames.len);
                uint32_t node = u->in.bad ? 0 : profile_child(p, parent, frame);

                if (node == UINT32_MAX)
                        return no_room(u);
                if (node != i)
                        return corrupt(u, "node");
                unpack_weight(u, &p->nodes.items[i]);
        }
        return u->in.bad ? corrupt(u, "node") : 0;
}

static int unpack_threads(Unpacking *u)
{
        uint64_t n = next_count(u, LEAST_THREAD_BYTES), n_strings = u->profile->strings.len;

        for (uint64_t i = 0; i < n && !u->in.bad; i++) {
                ProfileThread thread = { .name = (uint32_t)varint_below(&u->in, n_strings),
                                         .pid = (uint32_t)varint_below(&u->in, (uint64_t)1 << 32),
                                         .tid = (uint32_t)varint_below(&u->in, (uint64_t)1 << 32) };
                uint32_t number;

                if (u->in.bad)
                        break;
                number = profile_thread(u->profile, u->profile->strings.items[thread.name],
                                        thread.pid, thread.tid);
                if (number == UINT32_MAX)
                        return no_room(u);
                if (number != i)
                        return corrupt(u, "thread");
        }
        return u->in.bad ? corrupt(u, "thread") : 0;
}

static int unpack_samples(Unpacking *u)
{
        Profile *p = u->profile;
        uint64_t n = next_count(u, LEAST_SAMPLE_BYTES), time_ns = 0;

        p->samples.ceiling = n;
        for (uint64_t i = 0; i < n && !u->in.bad; i++) {
                uint64_t step = varint_next(&u->in);
                ProfileSample sample = { 0 }, *slot;

                time_ns += (step >> 1) ^ -(step & 1);
                sample.time_ns = time_ns;
                sample.node = (uint32_t)varint_below(&u->in, p->nodes.len);
                sample.thread = (uint32_t)varint_below(&u->in, p->threads.len);
                sample.weight = varint_next(&u->in);
                slot = u->in.bad ? NULL : vec_add(u->arena, &p->samples);
                if (slot)
                        *slot = sample;
                else if (!u->in.bad)
                        return no_room(u);
        }
        return u->in.bad ? corrupt(u, "sample") : 0;
}

static int unpack_times(Unpacking *u)
{
        int r = u->old ? 0 : unpack_threads(u);

        if (r == 0 && !u->old)
                r = unpack_samples(u);
        if (r == 0 && u->in.rest.len)
                r = corrupt(u, "end: more bytes than a profile");
        return r;
}

int profile_unpack(Span packed, Arena *arena, Profile **ret, Error *err)
{
        Unpacking u = { .in = varint_from(packed), .arena = arena, .err = err };
        size_t most = MIN(packed.len + ROOM_TO_GROW, (size_t)MOST_NODES);
        int r;

        u.old = span_starts(packed, OLD_MAGIC);
        if (!u.old && !span_starts(packed, MAGIC))
                return fail(err, ERR_CORRUPT, "packed profile: it does not begin with " MAGIC);
        u.in.rest = span_from(packed, strlen(MAGIC));
        u.in.at = strlen(MAGIC);
        u.profile = profile_try(arena, most);
        r = u.profile ? unpack_head(&u) : no_room(&u);
        if (r == 0)
                r = unpack_strings(&u);
        if (r == 0)
                r = unpack_frames(&u);
        if (r == 0)
                r = unpack_nodes(&u);
        if (r == 0)
                r = unpack_times(&u);
        if (r == 0)
                *ret = u.profile;
        return r;
}
