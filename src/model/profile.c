#include "model/profile.h"
#include "model/profile_int.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define MOST_THREADS 65536

Profile *profile_try(Arena *arena, size_t max_nodes)
{
        Profile *p = new_try(arena, Profile, 1);
        size_t nodes = MIN(MAX(max_nodes, (size_t)1), (size_t)NONE / 4);
        Span *empty;
        ProfileNode *root;

        if (!p)
                return NULL;
        p->arena = arena;
        p->event = "cpu";
        p->unit = UNIT_NS;
        p->threads.ceiling = MOST_THREADS;
        p->nodes.ceiling = nodes;
        p->frames.ceiling = nodes;
        p->strings.ceiling = 3 * nodes + 1; /* so that frames run out first */
        p->string_ids = map_in(arena, p->strings.ceiling);
        p->frame_ids = map_in(arena, p->frames.ceiling);
        p->child_ids = map_in(arena, p->nodes.ceiling);
        p->thread_ids = map_in(arena, MOST_THREADS);
        empty = vec_add(arena, &p->strings);
        root = vec_add(arena, &p->nodes);
        if (!empty || !root)
                return NULL;
        *empty = SPAN("");
        *root = (ProfileNode){ .frame = NONE };
        return p;
}

Profile *profile_new(Arena *arena, size_t max_nodes)
{
        Profile *p = profile_try(arena, max_nodes);

        BUG_IF(!p);
        return p;
}

/* Numbers stand in the maps plus one, so that a slot whose item did not fit reads as "none". */
uint32_t profile_string(Profile *p, Span text)
{
        MapSlot *slot = text.len ? map_find(&p->string_ids, text) : NULL;
        Span *item = NULL;
        char *copy;

        if (text.len == 0)
                return 0;
        if (slot && slot->number)
                return (uint32_t)slot->number - 1;
        copy = p->strings.len < p->strings.ceiling ? new_try(p->arena, char, text.len + 1) : NULL;
        if (!copy)
                return NONE;
        memcpy(copy, text.ptr, text.len);
        text.ptr = copy;
        slot = map_add(&p->string_ids, text);
        if (slot)
                item = vec_add(p->arena, &p->strings);
        if (!item)
                return NONE;
        *item = text;
        slot->number = p->strings.len;
        return (uint32_t)p->strings.len - 1;
}

uint32_t profile_frame_add(Profile *p, Frame frame)
{
        MapSlot *slot = map_find(&p->frame_ids, (Span){ (const char *)&frame, sizeof(frame) });
        Frame *key, *item = NULL;

        if (slot && slot->number)
                return (uint32_t)slot->number - 1;
        key = p->frames.len < p->frames.ceiling ? new_try(p->arena, Frame, 1) : NULL;
        if (!key)
                return NONE;
        *key = frame;
        slot = map_add(&p->frame_ids, (Span){ (const char *)key, sizeof(*key) });
        if (slot)
                item = vec_add(p->arena, &p->frames);
        if (!item)
                return NONE;
        *item = frame;
        slot->number = p->frames.len;
        return (uint32_t)p->frames.len - 1;
}

/* Frames are found by their bytes, so there must be none that no field covers. */
_Static_assert(sizeof(Frame) == 4 * sizeof(uint32_t) + sizeof(FrameKind), "Frame has padding");

uint32_t profile_frame(Profile *p, const FrameDesc *desc)
{
        Frame frame = { .symbol = profile_string(p, desc->symbol),
                        .module = profile_string(p, desc->module),
                        .file = profile_string(p, desc->file),
                        .line = desc->line,
                        .kind = desc->kind };

        if (frame.symbol == NONE || frame.module == NONE || frame.file == NONE)
                return NONE;
        return profile_frame_add(p, frame);
}

uint32_t profile_child(Profile *p, uint32_t parent, uint32_t frame)
{
        MapSlot *slot = map_add_u64(&p->child_ids, (uint64_t)parent << 32 | frame);
        ProfileNode *node;

        if (!slot)
                return NONE;
        if (slot->number)
                return (uint32_t)slot->number;
        node = vec_add(p->arena, &p->nodes);
        if (!node)
                return NONE;
        *node = (ProfileNode){ .parent = parent, .frame = frame };
        slot->number = p->nodes.len - 1; /* never 0: that is the root */
        return (uint32_t)slot->number;
}

static uint32_t node_of_chain(Profile *p, const uint32_t *frames, size_t n)
{
        uint32_t node = 0;

        for (size_t i = 0; i < n && node != NONE; i++)
                node = frames[i] < p->frames.len ? profile_child(p, node, frames[i]) : NONE;
        return node;
}

static uint64_t unknown_among(const Profile *p, const uint32_t *frames, size_t n)
{
        uint64_t unknown = 0;

        for (size_t i = 0; i < n; i++)
                unknown += p->frames.items[frames[i]].kind == FRAME_UNKNOWN;
        return unknown;
}

/* The node that was added to; NONE when it was dropped. */
static uint32_t add(Profile *p, const uint32_t *frames, size_t n, uint64_t samples, uint64_t weight)
{
        uint32_t node = node_of_chain(p, frames, n);

        p->quality.samples += samples;
        if (node == NONE) {
                p->quality.dropped += samples;
                return NONE;
        }
        p->quality.frames += n * samples;
        p->quality.unknown_frames += unknown_among(p, frames, n) * samples;
        p->nodes.items[node].self_samples += samples;
        p->nodes.items[node].self_weight += weight;
        p->total_weight += weight;
        return node;
}

void profile_add(Profile *p, const uint32_t *frames, size_t n, uint64_t samples, uint64_t weight)
{
        add(p, frames, n, samples, weight);
}

void profile_keep_samples(Profile *p, size_t max_samples)
{
        p->samples.ceiling = max_samples;
}

uint32_t profile_thread(Profile *p, Span name, uint32_t pid, uint32_t tid)
{
        MapSlot *slot = map_add_u64(&p->thread_ids, (uint64_t)pid << 32 | tid);
        uint32_t text = slot && slot->number ? 0 : profile_string(p, name);
        ProfileThread *thread;

        if (slot && slot->number)
                return (uint32_t)slot->number - 1;
        thread = slot && text != NONE ? vec_add(p->arena, &p->threads) : NULL;
        if (!thread)
                return NONE;
        *thread = (ProfileThread){ text, pid, tid };
        slot->number = p->threads.len;
        return (uint32_t)p->threads.len - 1;
}

void profile_add_at(Profile *p, const uint32_t *frames, size_t n, uint32_t thread, uint64_t time_ns,
                    uint64_t weight)
{
        uint32_t node = add(p, frames, n, 1, weight);
        ProfileSample *sample = NULL;

        if (node == NONE)
                return;
        if (thread < p->threads.len && p->samples.ceiling)
                sample = vec_add(p->arena, &p->samples);
        if (sample)
                *sample = (ProfileSample){ time_ns, weight, node, thread };
        else
                p->quality.untimed++;
}

static Span string_at(const Profile *p, uint32_t number)
{
        return number < p->strings.len ? p->strings.items[number] : SPAN("");
}

Span profile_symbol(const Profile *p, uint32_t frame)
{
        return frame < p->frames.len ? string_at(p, p->frames.items[frame].symbol) : SPAN("");
}

Span profile_module(const Profile *p, uint32_t frame)
{
        return frame < p->frames.len ? string_at(p, p->frames.items[frame].module) : SPAN("");
}

uint64_t *profile_totals(const Profile *p, Arena *arena)
{
        uint64_t *totals = new (arena, uint64_t, p->nodes.len);

        for (size_t i = p->nodes.len; i-- > 0;) {
                totals[i] += p->nodes.items[i].self_weight;
                if (i)
                        totals[p->nodes.items[i].parent] += totals[i];
        }
        return totals;
}
