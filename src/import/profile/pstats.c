/* Python's cProfile statistics (.prof, python -m cProfile -o): a marshalled dictionary
 *
 *         { (file, line, name): (primitive calls, calls, own time, cumulative time,
 *                                { caller: (calls, primitive calls, own time, cumulative time) }) }
 *
 * It has no stacks: they are made from who called whom (call_graph.h), and a warning says so. */

#include "import/profile/call_graph.h"
#include "import/profile/marshal.h"

#define CUT_WARN 1000

typedef struct Pstats {
        Intake *in;
        CallGraph graph;
        uint64_t calls;
} Pstats;

static uint64_t nanoseconds(const MarshalValue *v)
{
        double seconds = v->kind == MARSHAL_FLOAT ? v->number
                         : v->kind == MARSHAL_INT ? (double)v->integer
                                                  : 0;
        uint64_t ns;

        /* Clocks that step back leave tiny negative times. */
        return seconds > 0 && intake_whole(seconds, 1e9, &ns) ? ns : 0;
}

static int bad(const Pstats *s, const MarshalValue *v, const char *what)
{
        return intake_fail_byte(s->in, v->at, "%s", what);
}

/* ("~", 0, "<built-in method time.sleep>") is what C implements. */
static int function_of(Pstats *s, const MarshalValue *key, uint32_t *ret)
{
        const MarshalValue *file = marshal_item(key, 0), *line = marshal_item(key, 1);
        const MarshalValue *name = marshal_item(key, 2);
        FrameDesc desc = { .kind = FRAME_SCRIPT };

        if (key->kind != MARSHAL_TUPLE || !file || file->kind != MARSHAL_TEXT || !line ||
            line->kind != MARSHAL_INT || !name || name->kind != MARSHAL_TEXT)
                return bad(s, key, "a function is a tuple of file, line and name");
        desc.symbol = name->text.len ? name->text : SPAN("(unnamed)");
        if (span_is(file->text, "~"))
                desc.kind = FRAME_NATIVE;
        else
                desc.file = desc.module = file->text;
        desc.line = line->integer > 0 && line->integer < UINT32_MAX ? (uint32_t)line->integer : 0;
        *ret = call_graph_function(&s->graph, &desc);
        return *ret == INTAKE_NONE ? intake_failed(s->in) : 0;
}

/* Cumulative time that a caller spent in the callee; profile.py keeps a mere count of calls there.
 */
static int read_caller(Pstats *s, uint32_t callee, const MarshalValue *key,
                       const MarshalValue *value, uint64_t cumulative_ns, uint64_t calls)
{
        const MarshalValue *spent = marshal_item(value, 3);
        uint64_t ns = 0;
        uint32_t caller = 0;
        int r = function_of(s, key, &caller);

        if (r < 0)
                return r;
        if (spent)
                ns = nanoseconds(spent);
        else if (value->kind == MARSHAL_INT && value->integer > 0 && calls)
                ns = (uint64_t)((double)cumulative_ns * ((double)value->integer / (double)calls));
        else if (value->kind != MARSHAL_INT)
                return bad(s, value, "a caller has a tuple of four numbers");
        return call_graph_edge(&s->graph, caller, callee, &ns);
}

static int read_function(Pstats *s, const MarshalValue *key, const MarshalValue *value)
{
        const MarshalValue *calls = marshal_item(value, 1), *own = marshal_item(value, 2);
        const MarshalValue *cumulative = marshal_item(value, 3), *callers = marshal_item(value, 4);
        uint64_t n_calls, ns;
        uint32_t callee = 0;
        int r;

        if (value->kind != MARSHAL_TUPLE || !callers || callers->kind != MARSHAL_DICT ||
            calls->kind != MARSHAL_INT)
                return bad(s, value, "a function has a tuple of four numbers and a dictionary");
        r = function_of(s, key, &callee);
        n_calls = calls->integer > 0 ? (uint64_t)calls->integer : 0;
        ns = nanoseconds(own);
        s->calls += MIN(n_calls, (uint64_t)UINT32_MAX);
        if (r == 0)
                r = call_graph_self(&s->graph, callee, &ns);
        for (const MarshalValue *c = callers->first; r == 0 && c && c->next; c = c->next->next)
                r = read_caller(s, callee, c, c->next, nanoseconds(cumulative), n_calls);
        return r;
}

static int read_file(Intake *in, Span text)
{
        Pstats s = { .in = in, .graph = call_graph(in, 1) };
        const MarshalValue *root = NULL;
        Profile *p;
        int r = marshal_read(in, text, &root);

        if (r < 0)
                return r;
        if (root->kind != MARSHAL_DICT)
                return bad(&s, root, "not a dictionary of functions");
        for (const MarshalValue *key = root->first; r == 0 && key && key->next;
             key = key->next->next)
                r = read_function(&s, key, key->next);
        p = r == 0 ? intake_profile(in, SPAN("cpu"), "cpu", UNIT_NS) : NULL;
        if (!p)
                return r ? r : intake_failed(in);
        r = call_graph_stacks(&s.graph, 0, p);
        if (r < 0)
                return r;
        profile_set_warn(&in->set, in->arena,
                         "pstats keeps calls, not stacks: a function's time is shared among its "
                         "callers by what each spent in it");
        if (p->total_weight / CUT_WARN < s.graph.cut)
                profile_set_warn(&in->set, in->arena,
                                 "%.1f %% of the time is in calls too small or too deep to follow; "
                                 "it stands at their callers",
                                 100.0 * (double)s.graph.cut / (double)p->total_weight);
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

/* A dictionary whose first key is a tuple of three. */
static int detect(Span head, bool whole UNUSED)
{
        uint8_t bytes[6] = { 0 };

        for (size_t i = 0; i < MIN(head.len, sizeof(bytes)); i++)
                bytes[i] = (uint8_t)head.ptr[i];
        if ((bytes[0] & 0x7f) != '{')
                return 0;
        if (bytes[1] == '0')
                return head.len == 2 ? 60 : 0;
        if ((bytes[1] & 0x7f) == ')' && bytes[2] == 3)
                return 95;
        return (bytes[1] & 0x7f) == '(' && bytes[2] == 3 && !bytes[3] && !bytes[4] && !bytes[5] ? 95
                                                                                                : 0;
}

const ProfileFormat pstats_profile_format = {
        .name = "pstats",
        .says = "Python cProfile statistics (.prof); stacks are made from its calls",
        .files = "docs.python.org/3/library/profile.html, Lib/pstats.py, Python/marshal.c",
        .detect = detect,
        .read = read,
};
