/* pprof's protocol buffer, gzip'd (go tool pprof, pprof.me, Grafana). Values of one source become
 * the values of one sample; threads become a "thread" label. Frames that were inlined share a
 * location with what they are inlined in; a bare address is a location without a function. */

#include "model/profile_int.h"
#include "present/gzip.h"
#include "present/profile_export.h"

#include <inttypes.h>
#include <string.h>

#define RAW_BYTES GiB(2)
#define MOST_STRINGS ((size_t)1 << 26)
#define NONE UINT32_MAX

typedef struct Pprof {
        const ProfileSet *set;
        Arena *scratch;
        Buf raw, part, packed, ids; /* the file; a record; numbers in it; a stack */
        Map string_ids, mapping_ids, function_ids, location_ids;
        VEC(Span) strings;
        Profile *all;                    /* the stacks of all items in one trie */
        uint32_t **node_of;              /* by item and its node: the node of `all` */
        uint32_t *location_at, *next_of; /* by node of `all`: the location that begins there */
        bool failed;
} Pprof;

/* --- the wire --- */

static void put_varint(Buf *out, uint64_t value)
{
        for (; value >= 0x80; value >>= 7)
                buf_byte(out, (char)(value | 0x80));
        buf_byte(out, (char)value);
}

static void put_number(Buf *out, unsigned field, uint64_t value)
{
        if (!value)
                return;
        put_varint(out, (uint64_t)field << 3);
        put_varint(out, value);
}

static void put_bytes(Buf *out, unsigned field, Span bytes)
{
        put_varint(out, (uint64_t)field << 3 | 2);
        put_varint(out, bytes.len);
        buf_add(out, bytes);
}

/* Ends the record that stands in `part`. */
static void put_record(Pprof *w, unsigned field)
{
        put_bytes(&w->raw, field, buf_span(&w->part));
        w->failed |= w->part.overflowed;
        buf_clear(&w->part);
}

/* --- tables --- */

static uint64_t string_id(Pprof *w, Span text)
{
        MapSlot *slot;
        Span *item;

        if (!text.len)
                return 0;
        slot = map_add(&w->string_ids, text);
        if (slot && slot->number)
                return slot->number;
        item = slot ? vec_add(w->scratch, &w->strings) : NULL;
        if (!item) {
                w->failed = true;
                return 0;
        }
        *item = text;
        slot->number = w->strings.len;
        return slot->number;
}

/* Finds or numbers a key; true: it is new. */
static bool number_of(Pprof *w, Map *ids, Span key, uint64_t *ret)
{
        MapSlot *slot = map_find(ids, key);
        char *copy;

        if (slot) {
                *ret = slot->number;
                return false;
        }
        copy = new_try(w->scratch, char, key.len + 1);
        if (copy)
                memcpy(copy, key.ptr, key.len);
        slot = copy ? map_add(ids, (Span){ copy, key.len }) : NULL;
        if (!slot) {
                w->failed = true;
                *ret = 0;
                return false;
        }
        slot->number = *ret = ids->len;
        return true;
}

static uint64_t mapping_id(Pprof *w, Span module)
{
        uint64_t id;

        if (!module.len)
                return 0;
        if (!number_of(w, &w->mapping_ids, module, &id))
                return id;
        put_number(&w->part, 1, id);
        put_number(&w->part, 5, string_id(w, module));
        for (unsigned has = 7; has <= 10;
             has++) /* functions, files, lines, inlines: all there is */
                put_number(&w->part, has, 1);
        put_record(w, 3);
        return id;
}

static uint64_t function_id(Pprof *w, const Frame *f)
{
        uint32_t key[2] = { f->symbol, f->file };
        uint64_t id, name;

        if (!number_of(w, &w->function_ids, (Span){ (const char *)key, sizeof(key) }, &id))
                return id;
        name = string_id(w, w->all->strings.items[f->symbol]);
        put_number(&w->part, 1, id);
        put_number(&w->part, 2, name);
        put_number(&w->part, 3, name);
        put_number(&w->part, 4, string_id(w, w->all->strings.items[f->file]));
        put_record(w, 5);
        return id;
}

static bool is_address(const Profile *p, const Frame *f, uint64_t *ret)
{
        Span text = p->strings.items[f->symbol];

        return f->kind == FRAME_UNKNOWN && span_starts(text, "0x") &&
               span_to_hex(text, ret, NULL) == 0;
}

static void put_line(Pprof *w, const Frame *f, uint64_t function)
{
        put_number(&w->packed, 1, function);
        put_number(&w->packed, 2, f->line);
        put_bytes(&w->part, 4, buf_span(&w->packed));
        buf_clear(&w->packed);
}

/* The frames of a location, from the innermost; w->part is free only when their own are written. */
static uint64_t location_id(Pprof *w, const uint32_t *frames, size_t n)
{
        const Frame *all = w->all->frames.items, *outer = &all[frames[n - 1]];
        uint64_t *functions, id, address = 0, mapping;
        bool bare = n == 1 && is_address(w->all, outer, &address);
        Span key = { (const char *)frames, n * sizeof(*frames) };

        if (!number_of(w, &w->location_ids, key, &id))
                return id;
        mapping = mapping_id(w, w->all->strings.items[outer->module]);
        functions = bare ? NULL : new_try(w->scratch, uint64_t, n);
        for (size_t i = 0; functions && i < n; i++)
                functions[i] = function_id(w, &all[frames[i]]);
        w->failed |= !functions && !bare;
        put_number(&w->part, 1, id);
        put_number(&w->part, 2, mapping);
        put_number(&w->part, 3, address);
        for (size_t i = 0; functions && i < n; i++)
                put_line(w, &all[frames[i]], functions[i]);
        put_record(w, 4);
        return id;
}

/* The location that begins at a node of `all`: its inlined frames and what they are in. */
static uint64_t location_of(Pprof *w, uint32_t node, uint32_t *ret_next)
{
        const Profile *p = w->all;
        uint32_t frames[256];
        size_t n = 0;

        if (w->location_at[node]) {
                *ret_next = w->next_of[node];
                return w->location_at[node];
        }
        for (uint32_t at = node; at; at = p->nodes.items[at].parent) {
                frames[n++] = p->nodes.items[at].frame;
                *ret_next = p->nodes.items[at].parent;
                if (p->frames.items[frames[n - 1]].kind != FRAME_INLINED || n == COUNT(frames))
                        break;
        }
        w->next_of[node] = *ret_next;
        w->location_at[node] = (uint32_t)location_id(w, frames, n);
        return w->location_at[node];
}

/* --- one trie of all items --- */

static bool add_item(Pprof *w, const Profile *p, uint32_t *nodes)
{
        uint32_t *frames = new_try(w->scratch, uint32_t, p->frames.len + 1);

        for (size_t i = 0; frames && i < p->frames.len; i++) {
                const Frame *f = &p->frames.items[i];

                frames[i] = profile_frame(w->all, &(FrameDesc){ p->strings.items[f->symbol],
                                                                p->strings.items[f->module],
                                                                p->strings.items[f->file], f->line,
                                                                f->kind });
        }
        for (size_t i = 1; frames && i < p->nodes.len; i++) {
                const ProfileNode *n = &p->nodes.items[i];

                nodes[i] = profile_child(w->all, nodes[n->parent], frames[n->frame]);
                if (frames[n->frame] == NONE || nodes[i] == NONE)
                        return false;
        }
        return frames;
}

static bool join_items(Pprof *w)
{
        size_t most = 2;

        vec_each (const ProfileSetItem, item, &w->set->items)
                most += item->profile->nodes.len + item->profile->frames.len;
        w->all = profile_try(w->scratch, most);
        w->node_of = new_try(w->scratch, uint32_t *, w->set->items.len + 1);
        for (size_t i = 0; w->all && w->node_of && i < w->set->items.len; i++) {
                const Profile *p = w->set->items.items[i].profile;

                w->node_of[i] = new_try(w->scratch, uint32_t, p->nodes.len + 1);
                if (!w->node_of[i] || !add_item(w, p, w->node_of[i]))
                        return false;
        }
        if (!w->all || !w->node_of)
                return false;
        w->location_at = new_try(w->scratch, uint32_t, w->all->nodes.len + 1);
        w->next_of = new_try(w->scratch, uint32_t, w->all->nodes.len + 1);
        return w->location_at && w->next_of;
}

/* --- samples --- */

static void put_sample(Pprof *w, uint32_t node, const uint64_t *values, size_t n_values,
                       Span thread)
{
        /* Locations may write records of their own: they come before `part` is begun. */
        buf_clear(&w->ids);
        for (uint32_t at = node, next = 0; at; at = next)
                put_varint(&w->ids, location_of(w, at, &next));
        put_bytes(&w->part, 1, buf_span(&w->ids));
        w->failed |= w->ids.overflowed;
        for (size_t i = 0; i < n_values; i++)
                put_varint(&w->packed, values[i]);
        put_bytes(&w->part, 2, buf_span(&w->packed));
        buf_clear(&w->packed);
        if (thread.len) {
                put_number(&w->packed, 1, string_id(w, SPAN("thread")));
                put_number(&w->packed, 2, string_id(w, thread));
                put_bytes(&w->part, 3, buf_span(&w->packed));
                buf_clear(&w->packed);
        }
        put_record(w, 2);
}

static void put_type(Pprof *w, unsigned field, Span name, Unit unit)
{
        Span unit_name = unit == UNIT_NS      ? SPAN("nanoseconds")
                         : unit == UNIT_BYTES ? SPAN("bytes")
                                              : SPAN("count");

        put_number(&w->part, 1, string_id(w, name));
        put_number(&w->part, 2, string_id(w, unit_name));
        put_record(w, field);
}

/* Values of one source: one sample a stack, one value an item. */
static bool put_values(Pprof *w)
{
        size_t n = w->set->items.len;
        uint64_t *values = new_try(w->scratch, uint64_t, w->all->nodes.len * n + 1);
        bool some;

        if (!values)
                return false;
        for (size_t k = 0; k < n; k++) {
                const Profile *p = w->set->items.items[k].profile;

                put_type(w, 1, w->set->items.items[k].name, p->unit);
                for (size_t i = 0; i < p->nodes.len; i++)
                        values[w->node_of[k][i] * n + k] += p->nodes.items[i].self_weight;
        }
        for (uint32_t i = 0; i < w->all->nodes.len; i++) {
                some = false;
                for (size_t k = 0; k < n; k++)
                        some |= values[i * n + k] != 0;
                if (some)
                        put_sample(w, i, &values[i * n], n, SPAN(""));
        }
        return true;
}

/* Threads, or the only item: how many samples, and what they weigh. */
static void put_threads(Pprof *w)
{
        const Profile *shown = w->set->items.items[w->set->shown].profile;
        bool counted = shown->unit != UNIT_COUNT, many = w->set->items.len > 1;
        Span event = span_of(shown->event && *shown->event ? shown->event : "samples");

        if (counted)
                put_type(w, 1, SPAN("samples"), UNIT_COUNT);
        put_type(w, 1, event, shown->unit);
        for (size_t k = 0; k < w->set->items.len; k++) {
                const ProfileSetItem *item = &w->set->items.items[k];

                for (size_t i = 0; i < item->profile->nodes.len; i++) {
                        const ProfileNode *n = &item->profile->nodes.items[i];
                        uint64_t values[2] = { n->self_samples, n->self_weight };

                        if (item->profile->unit == shown->unit && (values[0] || values[1]))
                                put_sample(w, w->node_of[k][i], counted ? values : &values[1],
                                           counted ? 2 : 1, many ? item->name : SPAN(""));
                }
        }
}

static void put_rest(Pprof *w, const char *title)
{
        const ProfileSetItem *shown = &w->set->items.items[w->set->shown];
        const Profile *p = shown->profile;
        bool values = w->set->items.len > 1 && w->set->kind != PROFILES_THREADS;
        Span event = values ? shown->name : span_of(p->event ? p->event : "");

        put_number(&w->raw, 10, p->duration_ns);
        if (p->rate_hz > 0 && p->unit == UNIT_NS) {
                put_type(w, 11, event, UNIT_NS);
                put_number(&w->raw, 12, (uint64_t)(1e9 / p->rate_hz + 0.5));
        }
        put_number(&w->raw, 13, string_id(w, span_of(title)));
        put_number(&w->raw, 14, string_id(w, event));
        put_bytes(&w->raw, 6, SPAN(""));
        vec_each (const Span, text, &w->strings)
                put_bytes(&w->raw, 6, *text);
}

static int write(const ProfileSet *set, const char *title, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(4 * RAW_BYTES);
        Pprof w = { .set = set,
                    .scratch = scratch,
                    .raw = buf_in(scratch, RAW_BYTES),
                    .part = buf_in(scratch, RAW_BYTES),
                    .packed = buf_in(scratch, RAW_BYTES),
                    .ids = buf_in(scratch, RAW_BYTES),
                    .string_ids = map_in(scratch, MOST_STRINGS),
                    .mapping_ids = map_in(scratch, MOST_STRINGS),
                    .function_ids = map_in(scratch, MOST_STRINGS),
                    .location_ids = map_in(scratch, MOST_STRINGS),
                    .strings = VEC_INIT(MOST_STRINGS) };
        bool values = set->items.len > 1 && set->kind != PROFILES_THREADS;

        if (set->items.len == 0 || set->shown >= set->items.len)
                return fail(err, ERR_INPUT, "there is no profile in it");
        if (!join_items(&w))
                w.failed = true;
        else if (values)
                w.failed |= !put_values(&w);
        else
                put_threads(&w);
        if (!w.failed)
                put_rest(&w, title);
        if (w.failed || w.raw.overflowed)
                return fail(err, ERR_LIMIT, "the profile's stacks do not fit into memory");
        return gzip_put(out, buf_span(&w.raw), err);
}

const ProfileWriter pprof_profile_writer = {
        .name = "pprof",
        .says = "pprof protocol buffer, gzip",
        .extension = ".pb.gz",
        .files = "github.com/google/pprof proto/profile.proto",
        .binary = true,
        .write = write,
};
