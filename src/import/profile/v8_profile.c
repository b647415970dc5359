#include "import/profile/v8_profile.h"

#include <inttypes.h>

#define MOST_SAMPLES ((size_t)1 << 27)

V8Profile v8_profile(Intake *in, Profile *p)
{
        return (V8Profile){ .in = in,
                            .p = p,
                            .stacks = { .rows = VEC_INIT(STACK_ROWS) },
                            .nodes = VEC_INIT(STACK_ROWS),
                            .links = VEC_INIT(STACK_ROWS),
                            .by_id = map_in(in->scratch, STACK_ROWS),
                            .samples = VEC_INIT(MOST_SAMPLES),
                            .end_ns = V8_UNKNOWN };
}

/* A mistake that is written already. */
static void stop(JsonPull *pull, int code)
{
        if (!pull->failed)
                pull->failed = code;
}

/* --- nodes --- */

typedef struct CallFrame {
        Span function, url;
        int64_t line; /* from 1; below: not known */
} CallFrame;

static Span text_or_none(JsonPull *pull)
{
        if (pull_kind(pull) == '"')
                return pull_text(pull);
        pull_skip(pull);
        return SPAN("");
}

static bool read_frame_member(JsonPull *pull, Span key, CallFrame *frame)
{
        if (span_is(key, "functionName"))
                frame->function = text_or_none(pull);
        else if (span_is(key, "url"))
                frame->url = text_or_none(pull);
        else if (span_is(key, "lineNumber"))
                frame->line = pull_i64(pull) + 1;
        else
                return false;
        return true;
}

static void read_call_frame(JsonPull *pull, CallFrame *frame)
{
        Span key;

        if (!pull_open(pull, '{'))
                return;
        while (pull_key(pull, &key))
                if (!read_frame_member(pull, key, frame))
                        pull_skip(pull);
}

static void read_in(V8Profile *v, JsonPull *pull, unsigned depth, uint32_t parent);

static void add_link(V8Profile *v, JsonPull *pull, uint32_t row, uint64_t id, bool id_is_parent)
{
        V8Link *link = pull->failed ? NULL : vec_add(v->in->scratch, &v->links);

        if (link)
                *link = (V8Link){ id, row, id_is_parent };
        else if (!pull->failed)
                stop(pull, intake_full(v->in, "nodes"));
}

static void read_children(V8Profile *v, JsonPull *pull, unsigned depth, uint32_t row)
{
        if (pull_null(pull) || !pull_open(pull, '['))
                return;
        while (pull_item(pull)) {
                if (pull_kind(pull) == '{')
                        read_in(v, pull, depth + 1, row);
                else
                        add_link(v, pull, row, pull_u64(pull), false);
        }
}

static void keep_id(V8Profile *v, JsonPull *pull, uint32_t row)
{
        const char *at = pull->at;
        uint64_t id = pull_u64(pull);
        MapSlot *slot = pull->failed ? NULL : map_add_u64(&v->by_id, id);

        if (slot && slot->number)
                pull_fail_at(pull, at, "a second node with the number %" PRIu64, id);
        else if (slot)
                slot->number = (uint64_t)row + 1;
        else if (!pull->failed)
                stop(pull, intake_full(v->in, "nodes"));
        v->nodes.items[row].id = id;
}

static void read_member(V8Profile *v, JsonPull *pull, unsigned depth, uint32_t row, Span key,
                        CallFrame *frame)
{
        if (span_is(key, "callFrame"))
                read_call_frame(pull, frame);
        else if (span_is(key, "children"))
                read_children(v, pull, depth, row);
        else if (span_is(key, "id"))
                keep_id(v, pull, row);
        else if (span_is(key, "parent") && !pull_null(pull))
                add_link(v, pull, row, pull_u64(pull), true);
        else if (span_is(key, "hitCount"))
                v->nodes.items[row].hits = pull_u64(pull);
        else if (span_is(key, "selfSize"))
                v->nodes.items[row].self_bytes = pull_u64(pull);
        else if (!pull->failed && !read_frame_member(pull, key, frame))
                pull_skip(pull);
}

static void keep_frame(V8Profile *v, JsonPull *pull, uint32_t row, const CallFrame *text)
{
        uint32_t line = text->line > 0 && text->line < UINT32_MAX ? (uint32_t)text->line : 0;
        Span name = text->function;
        FrameDesc desc = {
                .module = text->url, .file = text->url, .line = line, .kind = FRAME_SCRIPT
        };
        uint32_t frame;

        if (span_is(name, "(root)"))
                return;
        desc.symbol = name.len ? name : intake_anonymous(v->in, text->url, line);
        frame = intake_frame(v->in, v->p, &desc);
        if (frame == INTAKE_NONE)
                stop(pull, -ERR_LIMIT);
        v->stacks.rows.items[row].frame = frame;
}

static void read_in(V8Profile *v, JsonPull *pull, unsigned depth, uint32_t parent)
{
        CallFrame frame = { .line = 0 };
        uint32_t row = INTAKE_NONE;
        Span key;

        if (depth > V8_TREE_DEPTH)
                pull_fail(pull, "more than %d nodes in each other", V8_TREE_DEPTH);
        if (!pull_open(pull, '{'))
                return;
        if (!vec_add(v->in->scratch, &v->nodes) || !stack_row(v->in, &v->stacks, &row)) {
                stop(pull, intake_full(v->in, "nodes"));
                return;
        }
        v->stacks.rows.items[row].parent = parent;
        while (pull_key(pull, &key))
                read_member(v, pull, depth, row, key, &frame);
        if (!pull->failed)
                keep_frame(v, pull, row, &frame);
}

void v8_read_node(V8Profile *v, JsonPull *pull)
{
        read_in(v, pull, 0, INTAKE_NONE);
}

void v8_read_nodes(V8Profile *v, JsonPull *pull)
{
        if (!pull_open(pull, '['))
                return;
        while (pull_item(pull))
                v8_read_node(v, pull);
}

static int row_of(const V8Profile *v, uint64_t id, uint32_t *ret)
{
        const MapSlot *slot = map_find_u64(&v->by_id, id);

        if (!slot)
                return intake_fail(v->in, ERR_INPUT, "there is no node %" PRIu64, id);
        *ret = (uint32_t)slot->number - 1;
        return 0;
}

static int settle_links(V8Profile *v)
{
        uint32_t other;

        vec_each (const V8Link, link, &v->links) {
                int r = row_of(v, link->id, &other);

                if (r < 0)
                        return r;
                if (link->id_is_parent)
                        v->stacks.rows.items[link->row].parent = other;
                else
                        v->stacks.rows.items[other].parent = link->row;
        }
        v->links.len = 0;
        return 0;
}

/* --- samples --- */

void v8_read_samples(V8Profile *v, JsonPull *pull)
{
        if (!pull_open(pull, '['))
                return;
        while (pull_item(pull)) {
                V8Sample *sample = vec_add(v->in->scratch, &v->samples);

                if (!sample) {
                        stop(pull, intake_full(v->in, "samples"));
                        return;
                }
                sample->id = pull_u64(pull);
        }
}

static void next_time(V8Profile *v, JsonPull *pull, int64_t time_ns)
{
        if (v->n_timed >= v->samples.len) {
                pull_fail(pull, "more times than samples (%zu)", v->samples.len);
                return;
        }
        v->samples.items[v->n_timed++].time_ns = time_ns;
        v->clock_ns = time_ns;
}

void v8_read_deltas(V8Profile *v, JsonPull *pull)
{
        int64_t time_ns;

        if (!pull_open(pull, '['))
                return;
        while (pull_item(pull)) {
                if (__builtin_add_overflow(v->clock_ns, pull_scaled(pull, 3), &time_ns) ||
                    time_ns > INT64_MAX / 4 || time_ns < INT64_MIN / 4)
                        pull_fail(pull, "the times add up to too much");
                else if (!pull->failed)
                        next_time(v, pull, time_ns);
        }
}

static size_t count_items(JsonPull pull)
{
        size_t n = 0;

        if (pull_open(&pull, '['))
                for (; pull_item(&pull); n++)
                        pull_skip(&pull);
        return n;
}

/* One more than samples: the first is when it began. */
void v8_read_timestamps(V8Profile *v, JsonPull *pull)
{
        bool has_start = count_items(*pull) == v->samples.len + 1;
        int64_t time_ns;

        if (!pull_open(pull, '['))
                return;
        if (has_start && pull_item(pull))
                pull_skip(pull);
        while (pull_item(pull)) {
                time_ns = pull_scaled(pull, 3);
                if (!pull->failed)
                        next_time(v, pull, time_ns);
        }
}

/* V8 takes samples out of order now and then: time then stands still. */
static void make_times_rise(V8Profile *v)
{
        for (size_t i = 1; i < v->samples.len; i++)
                v->samples.items[i].time_ns =
                        MAX(v->samples.items[i].time_ns, v->samples.items[i - 1].time_ns);
}

static int64_t until(const V8Profile *v, size_t i)
{
        const V8Sample *s = v->samples.items;

        if (i + 1 < v->samples.len)
                return s[i + 1].time_ns - s[i].time_ns;
        if (v->end_ns != V8_UNKNOWN)
                return v->end_ns > s[i].time_ns ? v->end_ns - s[i].time_ns : 0;
        return i ? s[i].time_ns - s[i - 1].time_ns : 0;
}

int v8_add_samples(V8Profile *v)
{
        int r = settle_links(v);
        uint32_t row;

        if (r == 0 && v->n_timed < v->samples.len)
                return intake_fail(v->in, ERR_INPUT, "%zu samples, but only %zu times",
                                   v->samples.len, v->n_timed);
        make_times_rise(v);
        for (size_t i = 0; r == 0 && i < v->samples.len; i++) {
                const V8Sample *s = &v->samples.items[i];
                uint32_t node;

                r = row_of(v, s->id, &row);
                node = r < 0 ? INTAKE_NONE : stack_node(v->in, v->p, &v->stacks, row);
                if (node == INTAKE_NONE)
                        return intake_failed(v->in);
                r = intake_add_at(v->in, v->p, node, v->thread, s->time_ns, (uint64_t)until(v, i));
        }
        return r;
}

static int add_each(V8Profile *v, bool sizes)
{
        int r = settle_links(v);

        for (uint32_t row = 0; r == 0 && row < v->nodes.len; row++) {
                const V8Node *n = &v->nodes.items[row];
                uint64_t weight = sizes ? n->self_bytes : n->hits;
                uint32_t node;

                if (weight == 0)
                        continue;
                node = stack_node(v->in, v->p, &v->stacks, row);
                if (node == INTAKE_NONE)
                        return intake_failed(v->in);
                r = intake_add(v->in, v->p, node, sizes ? 1 : weight, weight);
        }
        return r;
}

int v8_add_hits(V8Profile *v)
{
        return add_each(v, false);
}

int v8_add_sizes(V8Profile *v)
{
        return add_each(v, true);
}
