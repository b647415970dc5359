#include "model/profile_set.h"
#include "model/profile_int.h"

#include <stdarg.h>

ProfileSet profile_set_new(void)
{
        return (ProfileSet){ .items = VEC_INIT(PROFILE_SET_MAX), .warnings = VEC_INIT(1000) };
}

Profile *profile_set_add(ProfileSet *set, Span name, size_t max_nodes, Arena *arena)
{
        Profile *p = profile_try(arena, max_nodes);
        char *copy = new_try(arena, char, name.len + 1);
        ProfileSetItem *item = p && copy ? vec_add(arena, &set->items) : NULL;

        if (!item)
                return NULL;
        if (name.len)
                memcpy(copy, name.ptr, name.len);
        *item = (ProfileSetItem){ .name = { copy, name.len }, .profile = p };
        return p;
}

/* Frames of one profile by their numbers in another. */
static uint32_t *frames_into(const Profile *from, Profile *to, Arena *arena)
{
        uint32_t *numbers = new_try(arena, uint32_t, from->frames.len + 1);

        for (size_t i = 0; numbers && i < from->frames.len; i++) {
                const Frame *f = &from->frames.items[i];

                numbers[i] = profile_frame(to, &(FrameDesc){ from->strings.items[f->symbol],
                                                             from->strings.items[f->module],
                                                             from->strings.items[f->file], f->line,
                                                             f->kind });
        }
        return numbers;
}

static size_t depth_of(const Profile *p, uint32_t node)
{
        size_t depth = 0;

        for (; node; node = p->nodes.items[node].parent)
                depth++;
        return depth;
}

/* The chain of a node, after the frame of the item's name; its length. */
static size_t chain_of(const Profile *p, uint32_t node, const uint32_t *numbers, uint32_t *chain)
{
        size_t depth = depth_of(p, node), at = depth;

        for (; node; node = p->nodes.items[node].parent)
                chain[at--] = numbers[p->nodes.items[node].frame];
        return depth + 1;
}

static size_t deepest(const Profile *p)
{
        size_t most = 0;

        for (uint32_t i = 1; i < p->nodes.len; i++)
                if (p->nodes.items[i].self_samples || p->nodes.items[i].self_weight)
                        most = MAX(most, depth_of(p, i));
        return most;
}

static bool merge_one(const ProfileSetItem *item, Profile *into)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        const Profile *p = item->profile;
        uint32_t *numbers = frames_into(p, into, scratch);
        uint32_t *chain = new_try(scratch, uint32_t, deepest(p) + 1);

        if (!numbers || !chain)
                return false;
        chain[0] = profile_frame(into, &(FrameDesc){ .symbol = item->name, .kind = FRAME_THREAD });
        for (uint32_t i = 0; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];

                if (node->self_samples || node->self_weight)
                        profile_add(into, chain, chain_of(p, i, numbers, chain), node->self_samples,
                                    node->self_weight);
        }
        into->quality.complete += p->quality.complete;
        into->quality.truncated += p->quality.truncated;
        into->quality.lost += p->quality.lost;
        into->duration_ns = MAX(into->duration_ns, p->duration_ns);
        return true;
}

int profile_set_merge(const ProfileSet *set, Unit unit, Arena *arena, Profile **ret, Error *err)
{
        size_t most = 1;
        Profile *into;

        vec_each (const ProfileSetItem, item, &set->items)
                most += item->profile->nodes.len + 1;
        into = profile_try(arena, most);
        if (!into)
                return fail(err, ERR_LIMIT, "%zu stacks do not fit into memory", most);
        into->unit = unit;
        vec_each (const ProfileSetItem, item, &set->items) {
                if (item->profile->unit != unit)
                        continue;
                into->event = item->profile->event;
                into->rate_hz = item->profile->rate_hz;
                if (!merge_one(item, into))
                        return fail(err, ERR_LIMIT, "%zu stacks do not fit into memory", most);
        }
        *ret = into;
        return 0;
}

int profile_set_whole(const ProfileSet *set, Arena *arena, Profile **ret, Error *err)
{
        if (set->items.len == 0 || set->shown >= set->items.len)
                return fail(err, ERR_INPUT, "there is no profile in it");
        if (set->kind == PROFILES_THREADS && set->items.len > 1)
                return profile_set_merge(set, set->items.items[set->shown].profile->unit, arena,
                                         ret, err);
        *ret = set->items.items[set->shown].profile;
        return 0;
}

Profile *profile_set_find(const ProfileSet *set, Span name)
{
        uint64_t number;

        vec_each (const ProfileSetItem, item, &set->items)
                if (span_eq(item->name, name))
                        return item->profile;
        if (span_to_u64(name, &number, NULL) < 0 || number < 1 || number > set->items.len)
                return NULL;
        return set->items.items[number - 1].profile;
}

void profile_set_warn(ProfileSet *set, Arena *arena, const char *format, ...)
{
        char text[512];
        va_list args;
        Span *slot = vec_add(arena, &set->warnings);

        if (!slot)
                return;
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        *slot = span_copy(arena, span_of(text));
}
