/* Both sides' stacks in one tree: what is the same function and the same path. */
#include "analysis/profile_diff_int.h"

#define MOST_PATHS (4u << 20)

static int too_many(Error *err)
{
        return fail(err, ERR_LIMIT, "the profiles have more than %u different paths", MOST_PATHS);
}

/* Versions of a program lie at other paths and under other names, so its own executable is the
 * same module on both sides; a library is the same by its file's name, wherever it lies. */
static Span same_module(Span module)
{
        for (size_t i = module.len; i-- > 0;)
                if (module.ptr[i] == '/') {
                        module = span_from(module, i + 1);
                        break;
                }
        return span_contains(module, ".so") || span_starts(module, "[") ? module : SPAN("");
}

static Span function_key(Buf *key, Span symbol, Span module)
{
        buf_clear(key);
        buf_add(key, symbol);
        buf_byte(key, '\0');
        buf_add(key, same_module(module));
        return buf_span(key);
}

static uint32_t function_add(ProfileDiff *d, Buf *key, Span symbol, Span module)
{
        Span text = function_key(key, symbol, module);
        MapSlot *slot = map_find(&d->function_ids, text);
        DiffFunction *f;

        if (slot)
                return (uint32_t)slot->number;
        slot = map_add(&d->function_ids, span_copy(d->arena, text));
        f = slot ? vec_add(d->arena, &d->functions) : NULL;
        if (!f)
                return DIFF_NONE;
        *f = (DiffFunction){ span_copy(d->arena, symbol), span_copy(d->arena, module) };
        slot->number = d->functions.len - 1;
        return (uint32_t)slot->number;
}

static uint32_t child_add(ProfileDiff *d, uint32_t parent, uint32_t function)
{
        MapSlot *slot = map_add_u64(&d->child_ids, (uint64_t)parent << 32 | function);
        DiffPath *path;

        if (!slot)
                return DIFF_NONE;
        if (slot->number)
                return (uint32_t)slot->number;
        path = vec_add(d->arena, &d->paths);
        if (!path)
                return DIFF_NONE;
        *path = (DiffPath){ .parent = parent, .function = function, .row = DIFF_NONE };
        slot->number = d->paths.len - 1;
        return (uint32_t)slot->number;
}

static void begin_tree(ProfileDiff *d)
{
        DiffPath *root;

        d->functions.ceiling = d->paths.ceiling = MOST_PATHS;
        d->function_ids = map_in(d->arena, MOST_PATHS);
        d->child_ids = map_in(d->arena, MOST_PATHS);
        root = vec_add(d->arena, &d->paths);
        BUG_IF(!root);
        *root = (DiffPath){ .function = DIFF_NONE, .row = DIFF_NONE };
}

int diff_view(ProfileDiff *d, const Profile *p, Arena *scratch, DiffView *ret, Error *err)
{
        uint32_t *function_of = new_try(scratch, uint32_t, p->frames.len + 1);
        uint32_t *path_of = new_try(scratch, uint32_t, p->nodes.len + 1);
        Buf key = buf_in(scratch, MiB(16));

        if (!function_of || !path_of)
                return fail(err, ERR_LIMIT, "a profile of %zu nodes does not fit", p->nodes.len);
        if (d->paths.len == 0)
                begin_tree(d);
        for (uint32_t i = 0; i < p->frames.len; i++) {
                if (p->frames.items[i].kind == FRAME_THREAD) {
                        function_of[i] = DIFF_NONE;
                        continue;
                }
                function_of[i] = function_add(d, &key, profile_symbol(p, i), profile_module(p, i));
                if (function_of[i] == DIFF_NONE)
                        return too_many(err);
        }
        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];
                uint32_t function = function_of[node->frame];

                path_of[i] = path_of[node->parent];
                if (function != DIFF_NONE)
                        path_of[i] = child_add(d, path_of[i], function);
                if (path_of[i] == DIFF_NONE)
                        return too_many(err);
        }
        *ret = (DiffView){ p, path_of };
        return buf_check(&key, err);
}

uint32_t profile_diff_child(const ProfileDiff *d, uint32_t path, Span symbol, Span module)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(64));
        Buf key = buf_in(scratch, MiB(16));
        const MapSlot *slot = map_find(&d->function_ids, function_key(&key, symbol, module));

        if (path == DIFF_NONE || !slot || key.overflowed)
                return DIFF_NONE;
        slot = map_find_u64(&d->child_ids, (uint64_t)path << 32 | slot->number);
        return slot ? (uint32_t)slot->number : DIFF_NONE;
}

/* A walk that knows which functions are on the chain: recursion is entered once. */
typedef struct Walk {
        const ProfileDiff *d;
        uint32_t *first, *next, *on_chain;
        uint8_t *outermost;
} Walk;

static void enter(Walk *w, uint32_t path)
{
        w->outermost[path] = w->on_chain[w->d->paths.items[path].function]++ == 0;
}

static void leave(Walk *w, uint32_t path)
{
        w->on_chain[w->d->paths.items[path].function]--;
}

static void walk(Walk *w)
{
        uint32_t path = w->first[0];

        while (path) {
                enter(w, path);
                if (w->first[path]) {
                        path = w->first[path];
                        continue;
                }
                leave(w, path);
                while (!w->next[path] && w->d->paths.items[path].parent) {
                        path = w->d->paths.items[path].parent;
                        leave(w, path);
                }
                path = w->next[path];
        }
}

static bool mark_outermost(const ProfileDiff *d, uint8_t *ret, Arena *scratch)
{
        Walk w = { .d = d,
                   .first = new_try(scratch, uint32_t, d->paths.len),
                   .next = new_try(scratch, uint32_t, d->paths.len),
                   .on_chain = new_try(scratch, uint32_t, d->functions.len + 1),
                   .outermost = ret };

        if (!w.first || !w.next || !w.on_chain)
                return false;
        for (uint32_t i = (uint32_t)d->paths.len; i-- > 1;) {
                uint32_t parent = d->paths.items[i].parent;

                w.next[i] = w.first[parent];
                w.first[parent] = i;
        }
        walk(&w);
        return true;
}

int diff_sums_new(const ProfileDiff *d, Arena *scratch, DiffSums *ret, Error *err)
{
        DiffSums sums = { .path = new_try(scratch, double, d->paths.len),
                          .self = new_try(scratch, double, d->functions.len + 1),
                          .total = new_try(scratch, double, d->functions.len + 1),
                          .outermost = new_try(scratch, uint8_t, d->paths.len) };

        if (!sums.path || !sums.self || !sums.total || !sums.outermost ||
            !mark_outermost(d, sums.outermost, scratch))
                return fail(err, ERR_LIMIT, "%zu paths do not fit", d->paths.len);
        *ret = sums;
        return 0;
}

void diff_sums_fill(const ProfileDiff *d, const DiffView *view, const double *weights,
                    DiffSums *sums)
{
        const ProfileNode *nodes = view->profile->nodes.items;

        memset(sums->path, 0, d->paths.len * sizeof(*sums->path));
        memset(sums->self, 0, d->functions.len * sizeof(*sums->self));
        memset(sums->total, 0, d->functions.len * sizeof(*sums->total));
        for (size_t i = 0; i < view->profile->nodes.len; i++)
                sums->path[view->path_of[i]] += weights ? weights[i] : (double)nodes[i].self_weight;
        for (size_t i = 1; i < d->paths.len; i++)
                sums->self[d->paths.items[i].function] += sums->path[i];
        for (size_t i = d->paths.len; i-- > 1;) {
                const DiffPath *path = &d->paths.items[i];

                if (sums->outermost[i])
                        sums->total[path->function] += sums->path[i];
                sums->path[path->parent] += sums->path[i];
        }
}

double diff_sums_of(const DiffSums *sums, const DiffRow *row)
{
        if (row->measure == DIFF_PATH)
                return sums->path[row->path];
        return row->measure == DIFF_SELF ? sums->self[row->function] : sums->total[row->function];
}

static int merge_one(Profile *merged, const Profile *p, Arena *scratch, Error *err)
{
        uint32_t *frame_of = new_try(scratch, uint32_t, p->frames.len + 1);
        uint32_t *chain = new_try(scratch, uint32_t, p->nodes.len + 1);
        double scale = p->total_weight ? 1e9 / (double)p->total_weight : 0;

        if (!frame_of || !chain)
                return fail(err, ERR_LIMIT, "a profile of %zu nodes does not fit", p->nodes.len);
        for (uint32_t i = 0; i < p->frames.len; i++) {
                const Frame *f = &p->frames.items[i];

                frame_of[i] = profile_frame(merged, &(FrameDesc){ .symbol = profile_symbol(p, i),
                                                                  .module = profile_module(p, i),
                                                                  .file = p->strings.items[f->file],
                                                                  .line = f->line,
                                                                  .kind = f->kind });
        }
        for (uint32_t i = 0; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];
                size_t first = p->nodes.len;

                if (!node->self_weight && !node->self_samples)
                        continue;
                for (uint32_t at = i; at; at = p->nodes.items[at].parent)
                        chain[--first] = frame_of[p->nodes.items[at].frame];
                profile_add(merged, chain + first, p->nodes.len - first, node->self_samples,
                            (uint64_t)((double)node->self_weight * scale + 0.5));
        }
        return 0;
}

int profile_diff_merge(const DiffSide *side, Arena *arena, Profile **ret, Error *err)
{
        Profile *merged = profile_new(arena, MOST_PATHS);

        for (size_t i = 0; i < side->len; i++) {
                AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
                const Profile *p = side->runs[i]->recording->profile;
                int r = merge_one(merged, p, scratch, err);

                if (r < 0)
                        return r;
                merged->event = p->event;
                merged->duration_ns += p->duration_ns;
        }
        *ret = merged;
        return 0;
}
