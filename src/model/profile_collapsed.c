/* Collapsed ("folded") stacks: "root;caller;leaf 12", one line per chain.
 *
 * Source of the format: Brendan Gregg's stackcollapse-*.pl and flamegraph.pl (FlameGraph). A ';'
 * or control character inside a name would break the line, so it is written as ':' or '?'. Kinds
 * are read from the annotations of those scripts: "_[k]" kernel, "_[i]" inlined, "_[j]" JIT; the
 * name keeps its annotation. */

#include "model/profile.h"
#include "model/profile_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NODES_READ ((size_t)1 << 22)
#define MOST_FRAMES_IN_LINE ((size_t)65536)
#define SCRATCH_BYTES GiB(4)

/* --- writing --- */

/* Stacks by name alone: nodes that differ only in module or line become one. */
typedef struct NameTrie {
        Profile *p;
        Arena *scratch;
        Buf *out;
        uint32_t *first, *next; /* children of a node; 0 ends */
        bool weights;           /* counts are weights, else samples */
} NameTrie;

static uint64_t count_of(const NameTrie *t, const ProfileNode *node)
{
        return t->weights ? node->self_weight : node->self_samples;
}

static uint32_t name_frame(NameTrie *t, Span symbol)
{
        char *name = new_try(t->scratch, char, symbol.len + 1);

        if (!name)
                return UINT32_MAX;
        for (size_t i = 0; i < symbol.len; i++) {
                unsigned char c = (unsigned char)symbol.ptr[i];

                name[i] = c == ';' ? ':' : c < ' ' || c == 0x7f ? '?' : symbol.ptr[i];
        }
        if (symbol.len == 0)
                return profile_frame(t->p, &(FrameDesc){ .symbol = SPAN("[unknown]") });
        return profile_frame(t->p, &(FrameDesc){ .symbol = { name, symbol.len } });
}

/* Samples without any frame get a line, too: the counts of all lines are all samples. */
static bool copy_rootless(NameTrie *t, uint64_t samples)
{
        uint32_t frame = samples ? name_frame(t, SPAN("")) : 0;
        uint32_t node = samples && frame != UINT32_MAX ? profile_child(t->p, 0, frame) : 0;

        if (frame == UINT32_MAX || node == UINT32_MAX)
                return false;
        if (node)
                t->p->nodes.items[node].self_samples += samples;
        return true;
}

static bool copy_by_name(NameTrie *t, const Profile *from)
{
        uint32_t *frames = new_try(t->scratch, uint32_t, from->frames.len);
        uint32_t *nodes = new_try(t->scratch, uint32_t, from->nodes.len);

        if (!frames || !nodes)
                return false;
        for (uint32_t i = 0; i < from->frames.len; i++)
                frames[i] = name_frame(t, profile_symbol(from, i));
        for (size_t i = 1; i < from->nodes.len; i++) {
                const ProfileNode *node = &from->nodes.items[i];

                if (frames[node->frame] == UINT32_MAX)
                        return false;
                nodes[i] = profile_child(t->p, nodes[node->parent], frames[node->frame]);
                if (nodes[i] == UINT32_MAX)
                        return false;
                t->p->nodes.items[nodes[i]].self_samples += count_of(t, node);
        }
        return copy_rootless(t, count_of(t, &from->nodes.items[0]));
}

static bool link_children(NameTrie *t)
{
        size_t n = t->p->nodes.len;

        t->first = new_try(t->scratch, uint32_t, n);
        t->next = new_try(t->scratch, uint32_t, n);
        if (!t->first || !t->next)
                return false;
        for (size_t i = n; i-- > 1;) {
                uint32_t parent = t->p->nodes.items[i].parent;

                t->next[i] = t->first[parent];
                t->first[parent] = (uint32_t)i;
        }
        return true;
}

/* What one child contributes to its parent's lines: its own line, sorted as "name", and the lines
 * below it, sorted as "name;". Other names can stand between the two. */
typedef struct Entry {
        Span name;
        uint32_t node;
        bool below;
} Entry;

static int by_line(const void *a, const void *b)
{
        const Entry *x = a, *y = b;
        size_t n = MIN(x->name.len, y->name.len);
        int order = memcmp(x->name.ptr, y->name.ptr, n), c, d;

        if (order)
                return order;
        c = x->name.len > n ? (unsigned char)x->name.ptr[n] : x->below ? ';' : -1;
        d = y->name.len > n ? (unsigned char)y->name.ptr[n] : y->below ? ';' : -1;
        return c - d;
}

/* A level of the walk: its sorted entries and where the path ends. */
typedef struct Level {
        Entry *entries;
        size_t len, at, path_len;
        Mark mark;
} Level;

typedef VEC(Level) Levels;

static bool level_open(NameTrie *t, Arena *arena, Levels *levels, uint32_t node, size_t path_len)
{
        Level *level = vec_add(t->scratch, levels);
        size_t n = 0;

        if (!level)
                return false;
        *level = (Level){ .path_len = path_len, .mark = arena_mark(arena) };
        for (uint32_t c = t->first[node]; c; c = t->next[c])
                n += 2;
        level->entries = new_try(arena, Entry, n);
        if (!level->entries)
                return false;
        for (uint32_t c = t->first[node]; c; c = t->next[c]) {
                Span name = profile_symbol(t->p, t->p->nodes.items[c].frame);

                if (t->p->nodes.items[c].self_samples)
                        level->entries[level->len++] = (Entry){ name, c, false };
                if (t->first[c])
                        level->entries[level->len++] = (Entry){ name, c, true };
        }
        qsort(level->entries, level->len, sizeof(Entry), by_line);
        return true;
}

static void path_extend(Buf *path, size_t len, Span name)
{
        path->len = len;
        if (len)
                buf_byte(path, ';');
        buf_add(path, name);
}

static bool write_lines(NameTrie *t, Arena *entries)
{
        Buf path = buf_in(t->scratch, t->out->ceiling);
        Levels levels = VEC_INIT(SIZE_MAX / sizeof(Level));

        if (!level_open(t, entries, &levels, 0, 0))
                return false;
        while (levels.len && !t->out->overflowed && !path.overflowed) {
                Level *level = vec_last(&levels);
                Entry *entry = &level->entries[level->at];

                if (level->at == level->len) {
                        arena_reset(entries, level->mark);
                        levels.len--;
                        continue;
                }
                level->at++;
                path_extend(&path, level->path_len, entry->name);
                if (!entry->below) {
                        buf_add(t->out, buf_span(&path));
                        buf_printf(t->out, " %" PRIu64 "\n",
                                   t->p->nodes.items[entry->node].self_samples);
                } else if (!level_open(t, entries, &levels, entry->node, path.len)) {
                        return false;
                }
        }
        return !path.overflowed;
}

static void write_by(const Profile *p, bool weights, Buf *out)
{
        AUTO(arena_freep) Arena *scratch = arena_new(SCRATCH_BYTES);
        AUTO(arena_freep) Arena *entries = arena_new(SCRATCH_BYTES);
        NameTrie t = { .scratch = scratch, .out = out, .weights = weights };

        t.p = profile_new(scratch, MAX(p->nodes.len, p->frames.len) + 2);
        if (!copy_by_name(&t, p) || !link_children(&t) || !write_lines(&t, entries))
                out->overflowed = true;
}

void profile_write_collapsed(const Profile *p, Buf *out)
{
        write_by(p, false, out);
}

void profile_write_collapsed_weights(const Profile *p, Buf *out)
{
        write_by(p, true, out);
}

/* --- reading --- */

typedef struct Reading {
        const char *name;
        uint64_t line;
        Profile *p;
        VEC(uint32_t) frames;
        Arena *scratch;
        Error *err;
} Reading;

static const struct {
        const char *ending;
        FrameKind kind;
} annotations[] = {
        { "_[k]", FRAME_KERNEL },
        { "_[i]", FRAME_INLINED },
        { "_[j]", FRAME_JIT },
        { "[unknown]", FRAME_UNKNOWN },
};

static FrameKind kind_of(Span name)
{
        for (size_t i = 0; i < COUNT(annotations); i++)
                if (span_ends(name, annotations[i].ending))
                        return annotations[i].kind;
        return FRAME_NATIVE;
}

static int bad_line(Reading *in, const char *why)
{
        return fail(in->err, ERR_INPUT, "%s:%" PRIu64 ": %s", in->name, in->line, why);
}

static int too_much(Reading *in, const char *why)
{
        return fail(in->err, ERR_LIMIT, "%s:%" PRIu64 ": %s", in->name, in->line, why);
}

static int read_stack(Reading *in, Span stack)
{
        in->frames.len = 0;
        while (stack.ptr) {
                Span name = span_cut(&stack, ';');
                uint32_t *frame = vec_add(in->scratch, &in->frames);

                if (!frame)
                        return too_much(in, "more frames than one stack can have (65536)");
                *frame =
                        profile_frame(in->p, &(FrameDesc){ .symbol = name, .kind = kind_of(name) });
                if (*frame == UINT32_MAX)
                        return too_much(in, "more different frames than fit");
        }
        return 0;
}

static int read_line(Reading *in, Span line)
{
        const char *space = memrchr(line.ptr, ' ', line.len);
        uint64_t count, dropped = in->p->quality.dropped, total;
        Span stack;
        int r;

        if (!space)
                return bad_line(in, "expected 'frame;frame COUNT', found no space");
        stack = span_trim(span_first(line, (size_t)(space - line.ptr)));
        if (span_to_u64(span_from(line, (size_t)(space - line.ptr) + 1), &count, NULL) < 0)
                return bad_line(in, "the count after the last space is not a whole number");
        if (stack.len == 0)
                return bad_line(in, "the stack is empty");
        /* Frames in quality are samples times depth: keep that far from overflow, too. */
        if (__builtin_add_overflow(in->p->quality.samples, count, &total) ||
            total > UINT64_MAX >> 20)
                return bad_line(in, "the counts add up to too much");
        r = read_stack(in, stack);
        if (r < 0)
                return r;
        profile_add(in->p, in->frames.items, in->frames.len, count, count);
        if (in->p->quality.dropped != dropped)
                return too_much(in, "more different stacks than fit");
        return 0;
}

int profile_read_collapsed(Span text, const char *name, Arena *arena, Profile **ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(4));
        Reading in = { .name = name,
                       .p = profile_try(arena, MOST_NODES_READ),
                       .frames = VEC_INIT(MOST_FRAMES_IN_LINE),
                       .scratch = scratch,
                       .err = err };
        Span line;

        if (!in.p)
                return too_much(&in, "it does not fit into memory");
        while (span_next_line(&text, &line)) {
                int r;

                in.line++;
                line = span_trim(line);
                r = line.len ? read_line(&in, line) : 0;
                if (r < 0)
                        return r;
        }
        if (in.p->quality.samples == 0)
                return fail(err, ERR_INPUT, "%s: no stacks in it", name);
        *ret = in.p;
        return 0;
}
