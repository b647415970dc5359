#include "model/profile_rewrite.h"
#include "model/profile_int.h"

#define NONE UINT32_MAX
#define SCRATCH_BYTES GiB(2)

typedef struct Rewriting {
        const Profile *from;
        const ProfileRewrite *how;
        Profile *to;
        Arena *scratch;
        uint32_t *frames, *nodes; /* numbers in `to` of those in `from` */
} Rewriting;

static const char *annotation(const Rewriting *w, const Frame *f)
{
        if (w->how->kernel && f->kind == FRAME_KERNEL)
                return "_[k]";
        return w->how->jit && f->kind == FRAME_JIT ? "_[j]" : "";
}

static Span annotated(const Rewriting *w, const Frame *f)
{
        Span name = w->from->strings.items[f->symbol];
        const char *ending = annotation(w, f);
        Buf out = buf_in(w->scratch, name.len + 8);

        if (!ending[0] || span_ends(name, ending))
                return name;
        buf_add(&out, name);
        buf_text(&out, ending);
        return buf_span(&out);
}

static bool copy_frames(Rewriting *w)
{
        for (size_t i = 0; i < w->from->frames.len; i++) {
                const Frame *f = &w->from->frames.items[i];
                FrameDesc desc = { annotated(w, f), w->from->strings.items[f->module],
                                   w->from->strings.items[f->file], f->line, f->kind };

                w->frames[i] = profile_frame(w->to, &desc);
                if (w->frames[i] == NONE)
                        return false;
        }
        return true;
}

static bool copy_nodes(Rewriting *w)
{
        for (size_t i = 1; i < w->from->nodes.len; i++) {
                const ProfileNode *node = &w->from->nodes.items[i];

                w->nodes[i] = profile_child(w->to, w->nodes[node->parent], w->frames[node->frame]);
                if (w->nodes[i] == NONE)
                        return false;
        }
        return true;
}

/* A thread's name stays at the bottom: it is nobody's caller. */
static uint32_t reversed_node(Rewriting *w, uint32_t node)
{
        const ProfileNode *nodes = w->from->nodes.items;
        uint32_t at = node, bottom = node, to = 0;

        for (; at && nodes[at].parent; at = nodes[at].parent)
                ;
        if (at && w->from->frames.items[nodes[at].frame].kind == FRAME_THREAD)
                to = profile_child(w->to, 0, w->frames[nodes[at].frame]);
        else
                at = 0;
        for (; bottom != at && bottom && to != NONE; bottom = nodes[bottom].parent)
                to = profile_child(w->to, to, w->frames[nodes[bottom].frame]);
        return to;
}

static bool reverse_nodes(Rewriting *w)
{
        for (uint32_t i = 1; i < w->from->nodes.len; i++) {
                const ProfileNode *node = &w->from->nodes.items[i];

                if (!node->self_samples && !node->self_weight)
                        continue;
                w->nodes[i] = reversed_node(w, i);
                if (w->nodes[i] == NONE)
                        return false;
        }
        return true;
}

static void copy_weights(Rewriting *w)
{
        for (size_t i = 0; i < w->from->nodes.len; i++) {
                const ProfileNode *node = &w->from->nodes.items[i];
                uint64_t weight = w->how->samples ? node->self_samples : node->self_weight;

                w->to->nodes.items[w->nodes[i]].self_samples += node->self_samples;
                w->to->nodes.items[w->nodes[i]].self_weight += weight;
                w->to->total_weight += weight;
        }
}

static bool copy_samples(Rewriting *w)
{
        profile_keep_samples(w->to, w->from->samples.len);
        vec_each (const ProfileThread, thread, &w->from->threads)
                if (profile_thread(w->to, w->from->strings.items[thread->name], thread->pid,
                                   thread->tid) == NONE)
                        return false;
        vec_each (const ProfileSample, sample, &w->from->samples) {
                ProfileSample *copy = vec_add(w->to->arena, &w->to->samples);

                if (!copy)
                        return false;
                *copy = *sample;
                copy->node = w->nodes[sample->node];
                if (w->how->samples)
                        copy->weight = 1;
        }
        return true;
}

static size_t nodes_needed(const Profile *p, bool reverse)
{
        size_t most = p->nodes.len + 1;
        const ProfileNode *nodes = p->nodes.items;

        if (!reverse)
                return most;
        /* A stack may share nothing with the others once it is turned round. */
        for (uint32_t i = 1; i < p->nodes.len && most < NONE / 8; i++)
                for (uint32_t at = i; (nodes[i].self_samples || nodes[i].self_weight) && at;
                     at = nodes[at].parent)
                        most++;
        return most;
}

static void copy_facts(Profile *to, const Profile *from, bool samples)
{
        to->event = from->event;
        to->unit = samples ? UNIT_COUNT : from->unit;
        to->rate_hz = from->rate_hz;
        to->duration_ns = from->duration_ns;
        to->quality = from->quality;
}

int profile_rewrite(const Profile *p, const ProfileRewrite *how, Arena *arena, Profile **ret,
                    Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(SCRATCH_BYTES);
        Rewriting w = { .from = p, .how = how, .scratch = scratch };
        bool fits;

        w.to = profile_try(arena, MAX(nodes_needed(p, how->reverse), p->frames.len + 1));
        w.frames = new_try(scratch, uint32_t, p->frames.len + 1);
        w.nodes = new_try(scratch, uint32_t, p->nodes.len + 1);
        fits = w.to && w.frames && w.nodes && copy_frames(&w) &&
               (how->reverse ? reverse_nodes(&w) : copy_nodes(&w)) && copy_samples(&w);
        if (!fits)
                return fail(err, ERR_LIMIT, "%zu stacks do not fit into memory", p->nodes.len);
        copy_weights(&w);
        copy_facts(w.to, p, how->samples);
        *ret = w.to;
        return 0;
}
