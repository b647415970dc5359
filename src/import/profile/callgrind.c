/* callgrind's output (valgrind, Xdebug, KCachegrind's friends): costs by line, and calls with their
 * inclusive cost. One profile per event. It has no stacks: they are made (call_graph.h). */

#include "import/profile/call_graph.h"

#include <inttypes.h>
#include <string.h>

#define MOST_NAME_IDS ((size_t)1 << 24)
#define COST_WARN 1000 /* parts of 1000 that were not followed */

typedef enum NameKind { NAME_FILE, NAME_FUNCTION, NAME_OBJECT, NAME_KINDS } NameKind;

typedef struct Callgrind {
        Intake *in;
        CallGraph graph;
        uint64_t line;
        Map names[NAME_KINDS];
        Span current[NAME_KINDS]; /* of the costs */
        Span called[NAME_KINDS];  /* of the next call; NULL: as the caller's */
        Span events[CALL_GRAPH_COSTS];
        size_t n_events, n_positions;
        bool call_pending; /* the next cost is inclusive */
        uint32_t function; /* INTAKE_NONE: not known yet */
        Span creator;
} Callgrind;

/* "(12) name" defines 12, "(12)" uses it, "name" stands for itself. */
static int read_name(Callgrind *c, NameKind kind, Span text, Span *ret)
{
        ptrdiff_t close = span_starts(text, "(") ? span_find_byte(text, ')') : -1;
        Span name = close < 0 ? text : span_trim(span_from(text, (size_t)close + 1));
        uint64_t id;
        MapSlot *slot;

        if (close < 0 ||
            span_to_u64(span_first(span_from(text, 1), (size_t)close - 1), &id, NULL) < 0) {
                *ret = text;
                return 0;
        }
        slot = name.len ? map_add_u64(&c->names[kind], id) : map_find_u64(&c->names[kind], id);
        if (!slot && name.len)
                return intake_full(c->in, "names");
        if (!slot)
                return intake_fail_line(c->in, c->line, "the name (%" PRIu64 ") is not defined yet",
                                        id);
        if (name.len) {
                Span *kept = new_try(c->in->scratch, Span, 1);

                if (!kept)
                        return intake_full(c->in, "names");
                *kept = name;
                slot->pointer = kept;
        }
        *ret = *(const Span *)slot->pointer;
        return 0;
}

static int set_function(Callgrind *c)
{
        FrameDesc desc = { .symbol = c->current[NAME_FUNCTION],
                           .module = c->current[NAME_OBJECT],
                           .file = c->current[NAME_FILE],
                           .kind = FRAME_NATIVE };

        if (!c->graph.n_costs)
                return intake_fail_line(c->in, c->line, "fn= before 'events:'");
        if (span_is(desc.file, "???"))
                desc.file = SPAN("");
        c->function = call_graph_function(&c->graph, &desc);
        return c->function == INTAKE_NONE ? intake_failed(c->in) : 0;
}

/* --- lines --- */

static int set_file(Callgrind *c, Span text)
{
        return read_name(c, NAME_FILE, text, &c->current[NAME_FILE]);
}

/* fi= and fe= change the file of the lines that follow, not the function's own. */
static int pass_file(Callgrind *c, Span text)
{
        Span unused;

        return read_name(c, NAME_FILE, text, &unused);
}

static int set_object(Callgrind *c, Span text)
{
        return read_name(c, NAME_OBJECT, text, &c->current[NAME_OBJECT]);
}

static int set_name(Callgrind *c, Span text)
{
        int r = read_name(c, NAME_FUNCTION, text, &c->current[NAME_FUNCTION]);

        c->called[NAME_FILE] = c->called[NAME_OBJECT] = c->called[NAME_FUNCTION] = (Span){ 0 };
        return r ? r : set_function(c);
}

static int set_called_file(Callgrind *c, Span text)
{
        return read_name(c, NAME_FILE, text, &c->called[NAME_FILE]);
}

static int set_called_object(Callgrind *c, Span text)
{
        return read_name(c, NAME_OBJECT, text, &c->called[NAME_OBJECT]);
}

static int set_called_name(Callgrind *c, Span text)
{
        return read_name(c, NAME_FUNCTION, text, &c->called[NAME_FUNCTION]);
}

static int set_calls(Callgrind *c, Span text UNUSED)
{
        if (!c->called[NAME_FUNCTION].ptr)
                return intake_fail_line(c->in, c->line, "calls= without cfn= before it");
        c->call_pending = true;
        return 0;
}

static int pass(Callgrind *c UNUSED, Span text UNUSED)
{
        return 0;
}

static const struct {
        const char *key;
        int (*read)(Callgrind *c, Span value);
} assignments[] = {
        { "fl=", set_file },         { "fi=", pass_file },
        { "fe=", pass_file },        { "fn=", set_name },
        { "ob=", set_object },       { "cfi=", set_called_file },
        { "cfl=", set_called_file }, { "cob=", set_called_object },
        { "cfn=", set_called_name }, { "calls=", set_calls },
        { "jump=", pass },           { "jcnd=", pass },
        { "jfi=", pass_file },       { "jfn=", pass },
        { "rcalls=", pass },         { "frfn=", pass },
};

static int read_events(Callgrind *c, Span text)
{
        Span word;

        if (c->graph.n_costs)
                return 0; /* another part of the same run */
        while (span_next_word(&text, &word)) {
                if (c->n_events >= CALL_GRAPH_COSTS)
                        return intake_fail_line(c->in, c->line, "more than %d events",
                                                CALL_GRAPH_COSTS);
                c->events[c->n_events++] = word;
        }
        if (c->n_events == 0)
                return intake_fail_line(c->in, c->line, "no events");
        c->graph = call_graph(c->in, c->n_events);
        return 0;
}

static int read_positions(Callgrind *c, Span text)
{
        Span word;

        c->n_positions = 0;
        while (span_next_word(&text, &word))
                c->n_positions++;
        if (c->n_positions < 1 || c->n_positions > 4)
                return intake_fail_line(c->in, c->line, "expected 'line', 'instr' or both");
        return 0;
}

static int read_creator(Callgrind *c, Span text)
{
        c->creator = span_first(span_trim(text), 200);
        return 0;
}

static const struct {
        const char *key;
        int (*read)(Callgrind *c, Span value);
} headers[] = {
        { "events:", read_events },
        { "positions:", read_positions },
        { "creator:", read_creator },
};

/* --- costs --- */

static int read_cost(Callgrind *c, Span word, uint64_t *ret)
{
        int r = span_starts(word, "0x") ? span_to_hex(word, ret, NULL)
                                        : span_to_u64(word, ret, NULL);

        return r == 0 ? 0
                      : intake_fail_line(c->in, c->line, "'%.*s' is no cost",
                                         SPAN_ARG(span_first(word, 40)));
}

static bool is_position(Span word)
{
        return span_is(word, "*") || (word.len && (word.ptr[0] == '+' || word.ptr[0] == '-' ||
                                                   (word.ptr[0] >= '0' && word.ptr[0] <= '9')));
}

static int add_call(Callgrind *c, const uint64_t *costs)
{
        FrameDesc desc = { .symbol = c->called[NAME_FUNCTION],
                           .module = c->called[NAME_OBJECT].ptr ? c->called[NAME_OBJECT]
                                                                : c->current[NAME_OBJECT],
                           .file = c->called[NAME_FILE].ptr ? c->called[NAME_FILE]
                                                            : c->current[NAME_FILE],
                           .kind = FRAME_NATIVE };
        uint32_t callee;

        if (span_is(desc.file, "???"))
                desc.file = SPAN("");
        callee = call_graph_function(&c->graph, &desc);
        c->call_pending = false;
        c->called[NAME_FILE] = c->called[NAME_OBJECT] = c->called[NAME_FUNCTION] = (Span){ 0 };
        return callee == INTAKE_NONE ? intake_failed(c->in)
                                     : call_graph_edge(&c->graph, c->function, callee, costs);
}

static int read_costs(Callgrind *c, Span text)
{
        uint64_t costs[CALL_GRAPH_COSTS] = { 0 };
        size_t n = 0;
        Span word;
        int r = 0;

        if (!c->graph.n_costs)
                return intake_fail_line(c->in, c->line, "costs before 'events:'");
        if (c->function == INTAKE_NONE)
                return intake_fail_line(c->in, c->line, "costs before the first fn=");
        for (size_t i = 0; i < c->n_positions; i++)
                if (!span_next_word(&text, &word) || !is_position(word))
                        return intake_fail_line(c->in, c->line, "expected a position and costs");
        while (r == 0 && span_next_word(&text, &word)) {
                if (n >= c->n_events)
                        return intake_fail_line(c->in, c->line, "more costs than events (%zu)",
                                                c->n_events);
                r = read_cost(c, word, &costs[n++]);
        }
        if (r < 0)
                return r;
        return c->call_pending ? add_call(c, costs)
                               : call_graph_self(&c->graph, c->function, costs);
}

/* "key: value" of a header that says nothing about costs. */
static bool is_header(Span text)
{
        ptrdiff_t colon = span_find_byte(text, ':');

        for (ptrdiff_t i = 0; i < colon; i++)
                if (text.ptr[i] == ' ' || text.ptr[i] == '=' || text.ptr[i] == '\t')
                        return false;
        return colon > 0;
}

static int read_line(Callgrind *c, Span text)
{
        if (!text.len || text.ptr[0] == '#')
                return 0;
        if (is_position(text) || text.ptr[0] == '*')
                return read_costs(c, text);
        for (size_t i = 0; i < COUNT(assignments); i++)
                if (span_starts(text, assignments[i].key))
                        return assignments[i].read(
                                c, span_trim(span_from(text, strlen(assignments[i].key))));
        for (size_t i = 0; i < COUNT(headers); i++)
                if (span_starts(text, headers[i].key))
                        return headers[i].read(c, span_from(text, strlen(headers[i].key)));
        if (is_header(text))
                return 0;
        return intake_fail_line(c->in, c->line, "expected a cost line or 'key=value', found '%.*s'",
                                SPAN_ARG(span_first(text, 40)));
}

/* --- profiles --- */

/* "Time_(10ns)" weighs ten nanoseconds a piece; what names no unit is counted. */
static Unit unit_of(Span event, double *ret_scale)
{
        ptrdiff_t open = span_find_byte(event, '(');
        Span unit = open < 0 ? SPAN("") : span_from(event, (size_t)open + 1);
        size_t digits = 0;
        uint64_t number = 1;
        Unit ret;

        if (span_ends(unit, ")"))
                unit.len--;
        while (digits < unit.len && unit.ptr[digits] >= '0' && unit.ptr[digits] <= '9')
                digits++;
        if (digits && span_to_u64(span_first(unit, digits), &number, NULL) < 0)
                number = 1;
        ret = intake_unit(span_from(unit, digits), ret_scale);
        *ret_scale *= ret == UNIT_COUNT ? 1 : (double)MIN(number, UINT64_C(1000000));
        return ret;
}

static int scale(Callgrind *c, size_t cost, double by)
{
        uint64_t factor = (uint64_t)by;
        CallGraph *g = &c->graph;

        for (size_t i = cost; factor > 1 && i < g->self_costs.len; i += g->n_costs)
                if (__builtin_mul_overflow(g->self_costs.items[i], factor, &g->self_costs.items[i]))
                        return intake_fail(c->in, ERR_INPUT, "the costs add up to too much");
        for (size_t i = cost; factor > 1 && i < g->edge_costs.len; i += g->n_costs)
                if (__builtin_mul_overflow(g->edge_costs.items[i], factor, &g->edge_costs.items[i]))
                        return intake_fail(c->in, ERR_INPUT, "the costs add up to too much");
        return 0;
}

static int add_profile(Callgrind *c, size_t cost)
{
        char *event = new_try(c->in->arena, char, c->events[cost].len + 1);
        double by = 1;
        Unit unit = unit_of(c->events[cost], &by);
        Profile *p;
        int r;

        if (!event)
                return intake_full(c->in, "events");
        memcpy(event, c->events[cost].ptr, c->events[cost].len);
        p = intake_profile(c->in, c->events[cost], event, unit);
        r = p ? scale(c, cost, by) : intake_failed(c->in);
        if (r == 0)
                r = call_graph_stacks(&c->graph, cost, p);
        if (r == 0 && p->total_weight / COST_WARN < c->graph.cut)
                profile_set_warn(&c->in->set, c->in->arena,
                                 "%s: %.1f %% of the cost is in calls too small or too deep to "
                                 "follow; it stands at their callers",
                                 event, 100.0 * (double)c->graph.cut / (double)p->total_weight);
        return r;
}

static int read_file(Intake *in, Span text)
{
        Callgrind c = { .in = in, .n_positions = 1, .function = INTAKE_NONE };
        Span line;
        int r = 0;

        for (size_t i = 0; i < NAME_KINDS; i++)
                c.names[i] = map_in(in->scratch, MOST_NAME_IDS);
        while (r == 0 && span_next_line(&text, &line)) {
                c.line++;
                r = read_line(&c, span_trim(line));
        }
        if (r == 0 && c.call_pending)
                r = intake_fail_line(in, c.line, "it ends after calls=, without their cost");
        if (r == 0 && c.graph.functions.len == 0)
                r = intake_fail(in, ERR_INPUT, "no costs in it");
        for (size_t i = 0; r == 0 && i < c.n_events; i++)
                r = add_profile(&c, i);
        if (r < 0)
                return r;
        if (c.graph.edges.len)
                profile_set_warn(&in->set, in->arena,
                                 "callgrind keeps calls, not stacks: a function's cost is shared "
                                 "among its callers by what each spent in it");
        in->set.producer = span_copy(in->arena, c.creator);
        return 0;
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
        Intake in = intake_of(plan, arena, scratch, err);
        int r = read_file(&in, text);

        if (r < 0)
                return r;
        intake_finish(&in);
        *ret = in.set;
        return 0;
}

static int detect(Span head, bool whole UNUSED)
{
        bool events = false, function = false;
        Span line;

        if (span_starts(head, "# callgrind format"))
                return 100;
        while (span_next_line(&head, &line)) {
                events |= span_starts(line, "events:");
                function |= events && (span_starts(line, "fn=") || span_starts(line, "fl="));
        }
        return function ? 90 : 0;
}

const ProfileFormat callgrind_profile_format = {
        .name = "callgrind",
        .says = "callgrind output (valgrind, Xdebug); stacks are made from its calls",
        .files = "valgrind.org/docs/manual/cl-format.html",
        .detect = detect,
        .read = read,
};
