#pragma once
/* What has to hold of every profile that a reader gives, and of every refusal. */

#include "import/profile/profile_format.h"

#include <stdlib.h>

static inline void check_profile(const Profile *p)
{
        uint64_t weight = 0, samples = 0;

        vec_each (const ProfileNode, n, &p->nodes) {
                BUG_IF(n > p->nodes.items && n->parent >= (size_t)(n - p->nodes.items));
                weight += n->self_weight;
                samples += n->self_samples;
        }
        BUG_IF(weight != p->total_weight);
        BUG_IF(samples + p->quality.dropped != p->quality.samples);
        vec_each (const ProfileSample, s, &p->samples)
                BUG_IF(s->node >= p->nodes.len || s->thread >= p->threads.len);
}

/* Reads with each of the named formats. */
static inline void read_with(const char *const *formats, size_t n, Span text)
{
        for (size_t i = 0; i < n; i++) {
                Arena *arena = arena_new(MiB(64));
                ProfileImportPlan plan = { .name = SPAN("in"),
                                           .max_nodes = 5000,
                                           .max_samples = 1000,
                                           .tid = text.len % 2,
                                           .format = profile_format_find(span_of(formats[i])) };
                ProfileSet set = profile_set_new();
                Error err = { 0 };

                BUG_IF(!plan.format);
                plan.format->detect(text, true);
                if (plan.format->read(text, &plan, arena, &set, &err) < 0)
                        BUG_IF(err.code <= 4096 || !err.message[0]);
                else
                        vec_each (const ProfileSetItem, item, &set.items)
                                check_profile(item->profile);
                arena_free(arena);
        }
}
