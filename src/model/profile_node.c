/* Samples added at nodes that the caller walked to by himself, one profile_child() a frame. */

#include "model/profile_int.h"

static uint32_t count(Profile *p, uint32_t node, uint64_t samples, uint64_t weight)
{
        uint64_t depth = 0, unknown = 0;

        p->quality.samples += samples;
        if (node >= p->nodes.len) {
                p->quality.dropped += samples;
                return UINT32_MAX;
        }
        for (uint32_t at = node; at; at = p->nodes.items[at].parent) {
                depth++;
                unknown += p->frames.items[p->nodes.items[at].frame].kind == FRAME_UNKNOWN;
        }
        p->quality.frames += depth * samples;
        p->quality.unknown_frames += unknown * samples;
        p->nodes.items[node].self_samples += samples;
        p->nodes.items[node].self_weight += weight;
        p->total_weight += weight;
        return node;
}

void profile_add_node(Profile *p, uint32_t node, uint64_t samples, uint64_t weight)
{
        count(p, node, samples, weight);
}

void profile_add_node_at(Profile *p, uint32_t node, uint32_t thread, uint64_t time_ns,
                         uint64_t weight)
{
        ProfileSample *sample = NULL;

        node = count(p, node, 1, weight);
        if (node == UINT32_MAX)
                return;
        if (thread < p->threads.len && p->samples.ceiling)
                sample = vec_add(p->arena, &p->samples);
        if (sample)
                *sample = (ProfileSample){ time_ns, weight, node, thread };
        else
                p->quality.untimed++;
}
