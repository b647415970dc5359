/* callgrind's format (KCachegrind, callgrind_annotate): what the set shows as one profile. Costs by
 * function and line, calls with their inclusive cost; a call is counted once a stack, however deep
 * it recurses. Stacks are lost: the format has none. */

#include "present/profile_export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Costs of one line, or of the calls to one function from it. */
typedef struct Row {
        uint32_t function, callee; /* callee UINT32_MAX: own cost */
        uint32_t line, callee_line;
        uint64_t weight, samples;
} Row;

typedef struct Costs {
        const Profile *p;
        Arena *scratch;
        uint32_t *function_of; /* by frame: the first frame of the same function */
        VEC(Row) rows;
        Map row_ids;
        uint32_t *chain;
        uint64_t *seen; /* by row: the last sample that counted it, plus 1 */
        size_t n_seen;
} Costs;

static bool find_functions(Costs *c)
{
        const Profile *p = c->p;
        Map known = map_in(c->scratch, p->frames.len + 1);
        Map modules = map_in(c->scratch, p->frames.len + 1);

        c->function_of = new_try(c->scratch, uint32_t, p->frames.len + 1);
        for (uint32_t i = 0; c->function_of && i < p->frames.len; i++) {
                const Frame *f = &p->frames.items[i];
                MapSlot *place = map_add_u64(&modules, (uint64_t)f->module << 32 | f->file);
                MapSlot *slot;

                if (place && !place->number)
                        place->number = modules.len;
                slot = place ? map_add_u64(&known, place->number << 32 | f->symbol) : NULL;
                if (!slot)
                        return false;
                if (!slot->number)
                        slot->number = (uint64_t)i + 1;
                c->function_of[i] = (uint32_t)slot->number - 1;
        }
        return c->function_of;
}

static Row *row_of(Costs *c, uint32_t frame, uint32_t callee_frame)
{
        const Frame *f = &c->p->frames.items[frame];
        bool call = callee_frame != UINT32_MAX;
        uint32_t key[3] = { c->function_of[frame], call ? c->function_of[callee_frame] : UINT32_MAX,
                            f->line };
        MapSlot *slot = map_find(&c->row_ids, (Span){ (const char *)key, sizeof(key) });
        uint32_t *kept;
        Row *row;

        if (slot)
                return &c->rows.items[slot->number];
        kept = new_try(c->scratch, uint32_t, COUNT(key));
        row = kept ? vec_add(c->scratch, &c->rows) : NULL;
        if (!row)
                return NULL;
        for (size_t i = 0; i < COUNT(key); i++)
                kept[i] = key[i];
        slot = map_add(&c->row_ids, (Span){ (const char *)kept, sizeof(key) });
        if (!slot)
                return NULL;
        slot->number = c->rows.len - 1;
        *row = (Row){ .function = key[0], .callee = key[1], .line = f->line };
        if (call)
                row->callee_line = c->p->frames.items[callee_frame].line;
        return row;
}

static bool count_once(Costs *c, size_t row, uint64_t sample)
{
        if (row >= c->n_seen) {
                size_t room = MAX(c->n_seen * 2, (size_t)1024);
                uint64_t *grown = new_try(c->scratch, uint64_t, room);

                if (!grown)
                        return false;
                for (size_t i = 0; i < c->n_seen; i++)
                        grown[i] = c->seen[i];
                c->seen = grown;
                c->n_seen = room;
        }
        if (c->seen[row] == sample + 1)
                return false;
        c->seen[row] = sample + 1;
        return true;
}

static bool add_node(Costs *c, uint32_t node)
{
        const ProfileNode *n = &c->p->nodes.items[node];
        uint32_t callee = UINT32_MAX;

        for (uint32_t at = node; at; at = c->p->nodes.items[at].parent) {
                uint32_t frame = c->p->nodes.items[at].frame;
                Row *row = row_of(c, frame, callee);

                if (!row)
                        return false;
                if (count_once(c, (size_t)(row - c->rows.items), node)) {
                        row->weight += n->self_weight;
                        row->samples += n->self_samples;
                }
                callee = frame;
        }
        return true;
}

static int by_function(const void *a, const void *b)
{
        const Row *x = a, *y = b;

        if (x->function != y->function)
                return x->function < y->function ? -1 : 1;
        if (x->callee != y->callee) /* own costs first */
                return x->callee + 1 < y->callee + 1 ? -1 : 1;
        return x->line < y->line ? -1 : x->line > y->line;
}

/* --- writing --- */

static Span one_line(const Profile *p, uint32_t string, const char *otherwise)
{
        Span text = p->strings.items[string];
        ptrdiff_t end = span_find_byte(text, '\n');

        if (end >= 0)
                text = span_first(text, (size_t)end);
        return text.len ? text : span_of(otherwise);
}

/* "fl=(3) name" the first time, "fl=(3)" from then on. */
static void put_name(Buf *out, const char *key, Map *known, uint64_t id, Span name)
{
        MapSlot *slot = map_add_u64(known, id);
        bool is_new = slot && !slot->number;

        if (is_new)
                slot->number = known->len;
        if (!slot)
                buf_printf(out, "%s=%.*s\n", key, SPAN_ARG(name));
        else if (is_new)
                buf_printf(out, "%s=(%" PRIu64 ") %.*s\n", key, slot->number, SPAN_ARG(name));
        else
                buf_printf(out, "%s=(%" PRIu64 ")\n", key, slot->number);
}

typedef struct Names {
        Map files, objects, functions;
} Names;

static void put_function(Buf *out, const Profile *p, Names *names, uint32_t frame, bool called)
{
        const Frame *f = &p->frames.items[frame];

        put_name(out, called ? "cob" : "ob", &names->objects, f->module,
                 one_line(p, f->module, "???"));
        put_name(out, called ? "cfi" : "fl", &names->files, f->file, one_line(p, f->file, "???"));
        put_name(out, called ? "cfn" : "fn", &names->functions, frame,
                 one_line(p, f->symbol, "(unnamed)"));
}

static void put_rows(Buf *out, const Costs *c)
{
        Names names = { map_in(c->scratch, 1 << 24), map_in(c->scratch, 1 << 24),
                        map_in(c->scratch, 1 << 24) };
        uint32_t function = UINT32_MAX;

        vec_each (const Row, row, &c->rows) {
                if (row->function != function) {
                        buf_byte(out, '\n');
                        put_function(out, c->p, &names, row->function, false);
                        function = row->function;
                }
                if (row->callee != UINT32_MAX) {
                        put_function(out, c->p, &names, row->callee, true);
                        buf_printf(out, "calls=%" PRIu64 " %" PRIu32 "\n", row->samples,
                                   row->callee_line);
                }
                buf_printf(out, "%" PRIu32 " %" PRIu64 "\n", row->line, row->weight);
        }
}

/* One word, since events stand in a row; its unit behind it, as Xdebug writes it. */
static void put_event(Buf *out, const Profile *p)
{
        const char *unit = p->unit == UNIT_NS ? "_(1ns)" : p->unit == UNIT_BYTES ? "_(bytes)" : "";

        for (const char *c = p->event && *p->event ? p->event : "samples"; *c; c++)
                buf_byte(out, *c == ' ' || *c == '(' || *c == ')' || (unsigned char)*c < 0x20 ? '_'
                                                                                              : *c);
        buf_text(out, unit);
}

static int write_profile(const Profile *p, const char *title, Arena *scratch, Buf *out)
{
        Costs c = { .p = p,
                    .scratch = scratch,
                    .rows = VEC_INIT((size_t)1 << 26),
                    .row_ids = map_in(scratch, (size_t)1 << 26) };

        if (!find_functions(&c))
                return -ERR_LIMIT;
        for (uint32_t i = 1; i < p->nodes.len; i++)
                if ((p->nodes.items[i].self_weight || p->nodes.items[i].self_samples) &&
                    !add_node(&c, i))
                        return -ERR_LIMIT;
        if (c.rows.len)
                qsort(c.rows.items, c.rows.len, sizeof(Row), by_function);
        buf_text(out, "# callgrind format\nversion: 1\ncreator: hone " HONE_VERSION "\ncmd: ");
        buf_add(out, span_cut(&(Span){ title, strlen(title) }, '\n'));
        buf_text(out, "\npositions: line\nevents: ");
        put_event(out, p);
        buf_printf(out, "\nsummary: %" PRIu64 "\n", p->total_weight);
        put_rows(out, &c);
        buf_printf(out, "\ntotals: %" PRIu64 "\n", p->total_weight);
        return 0;
}

static int write(const ProfileSet *set, const char *title, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(4));
        Profile *p = NULL;
        int r = profile_set_whole(set, scratch, &p, err);

        if (r < 0)
                return r;
        if (write_profile(p, title, scratch, out) < 0)
                return fail(err, ERR_LIMIT, "the profile's functions do not fit into memory");
        return buf_check(out, err);
}

const ProfileWriter callgrind_profile_writer = {
        .name = "callgrind",
        .says = "callgrind (KCachegrind, callgrind_annotate): calls, not stacks",
        .extension = ".callgrind",
        .files = "valgrind.org/docs/manual/cl-format.html",
        .write = write,
};
