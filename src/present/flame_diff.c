#include "present/flame_diff.h"

#include "model/profile_int.h"

#define NONE UINT32_MAX

typedef struct Joining {
        Profile *to;
        Map by_name; /* name to a frame of `to`, plus one */
        Arena *scratch;
} Joining;

static uint32_t frame_of(Joining *j, const Profile *from, const Frame *f)
{
        Span name = from->strings.items[f->symbol];
        MapSlot *slot = map_add(&j->by_name, name);

        if (!slot)
                return NONE;
        if (!slot->number) {
                FrameDesc desc = { name, from->strings.items[f->module],
                                   from->strings.items[f->file], f->line, f->kind };
                uint32_t frame = profile_frame(j->to, &desc);

                if (frame == NONE)
                        return NONE;
                slot->number = (uint64_t)frame + 1;
        }
        return (uint32_t)slot->number - 1;
}

/* Of each node of `from`, its number in the joined tree; NULL: it does not fit. */
static uint32_t *join(Joining *j, const Profile *from)
{
        uint32_t *frames = new_try(j->scratch, uint32_t, from->frames.len + 1);
        uint32_t *nodes = new_try(j->scratch, uint32_t, from->nodes.len + 1);

        if (!frames || !nodes)
                return NULL;
        for (size_t i = 0; i < from->frames.len; i++) {
                frames[i] = frame_of(j, from, &from->frames.items[i]);
                if (frames[i] == NONE)
                        return NULL;
        }
        for (size_t i = 1; i < from->nodes.len; i++) {
                const ProfileNode *node = &from->nodes.items[i];

                nodes[i] = profile_child(j->to, nodes[node->parent], frames[node->frame]);
                if (nodes[i] == NONE)
                        return NULL;
        }
        return nodes;
}

static void add_weights(Profile *to, const Profile *from, const uint32_t *nodes)
{
        for (size_t i = 0; i < from->nodes.len; i++) {
                to->nodes.items[nodes[i]].self_weight += from->nodes.items[i].self_weight;
                to->nodes.items[nodes[i]].self_samples += from->nodes.items[i].self_samples;
        }
        to->total_weight = from->total_weight;
        to->event = from->event;
        to->unit = from->unit;
        to->rate_hz = from->rate_hz;
        to->duration_ns = from->duration_ns;
        to->quality = from->quality;
}

int flame_diff(const Profile *after, const Profile *before, bool normalise, Arena *arena,
               FlameDiff *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(2));
        size_t most = after->nodes.len + before->nodes.len + after->frames.len + before->frames.len;
        Joining j = { .to = profile_try(arena, most),
                      .by_name = map_in(scratch, most),
                      .scratch = scratch };
        uint32_t *nodes_after = j.to ? join(&j, after) : NULL;
        uint32_t *nodes_before = nodes_after ? join(&j, before) : NULL;
        double *was = nodes_before ? new_try(arena, double, j.to->nodes.len) : NULL;
        double scale = normalise && before->total_weight
                               ? (double)after->total_weight / (double)before->total_weight
                               : 1;

        if (!was)
                return fail(err, ERR_LIMIT, "two profiles of %zu stacks do not fit into memory",
                            most);
        add_weights(j.to, after, nodes_after);
        for (size_t i = 0; i < before->nodes.len; i++)
                was[nodes_before[i]] += (double)before->nodes.items[i].self_weight * scale;
        *ret = (FlameDiff){ j.to, was };
        return 0;
}
