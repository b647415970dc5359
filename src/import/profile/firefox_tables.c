/* Tables of one thread of a Firefox profile, in both forms. */

#include "import/profile/firefox.h"

#include <inttypes.h>
#include <string.h>

int firefox_stacks(FirefoxThread *t, const Column *prefix, const Column *frame,
                   const uint32_t *frames, size_t n_frames)
{
        t->stacks = (StackTable){ .rows = VEC_INIT(STACK_ROWS) };
        for (size_t i = 0; i < frame->items.len; i++) {
                int64_t caller = column_at(prefix, i), number = column_at(frame, i);
                uint32_t row;
                StackRow *slot = stack_row(t->in, &t->stacks, &row);

                if (!slot)
                        return intake_failed(t->in);
                if (number < 0 || (uint64_t)number >= n_frames)
                        return intake_fail(t->in, ERR_INPUT, "stack %zu: its frame does not exist",
                                           i);
                if (caller != COLUMN_NULL && (caller < 0 || (uint64_t)caller >= frame->items.len))
                        return intake_fail(t->in, ERR_INPUT, "stack %zu: its caller does not exist",
                                           i);
                slot->frame = frames[number];
                slot->parent = caller == COLUMN_NULL ? INTAKE_NONE : (uint32_t)caller;
        }
        return 0;
}

static uint32_t line_of(int64_t line)
{
        return line > 0 && line < UINT32_MAX ? (uint32_t)line : 0;
}

/* --- as the browser writes it: one text a frame --- */

/* "name (file:line)" or "name (file:line:column)": takes the place off. */
static FrameDesc frame_of_location(Span text)
{
        FrameDesc desc = { .symbol = text, .kind = FRAME_SCRIPT };
        Span place, number;
        ptrdiff_t open = -1;
        uint64_t line;

        if (span_starts(text, "0x")) {
                desc.kind = FRAME_UNKNOWN;
                return desc;
        }
        for (size_t i = text.len; i-- > 0 && open < 0;)
                if (text.ptr[i] == '(')
                        open = (ptrdiff_t)i;
        if (open < 1 || !span_ends(text, ")")) {
                desc.kind = FRAME_NATIVE; /* a label of the browser's own */
                return desc;
        }
        place = span_first(span_from(text, (size_t)open + 1), text.len - (size_t)open - 2);
        for (unsigned parts = 0; parts < 2; parts++) {
                size_t at = place.len;

                while (at && place.ptr[at - 1] != ':')
                        at--;
                number = span_from(place, at);
                if (at == 0 || span_to_u64(number, &line, NULL) < 0)
                        break;
                desc.line = line_of((int64_t)MIN(line, (uint64_t)INT64_MAX));
                place = span_first(place, at - 1);
        }
        desc.symbol = span_trim(span_first(text, (size_t)open));
        desc.file = desc.module = place;
        return desc;
}

static int gecko_frames(FirefoxThread *t, const TextColumn *strings, uint32_t **ret, size_t *ret_n)
{
        Column location = { 0 }, line = { 0 };
        const RowField fields[] = { { "location", &location }, { "line", &line } };
        int r = rows_read(t->in, &t->all, t->tables.frames, fields, COUNT(fields));
        uint32_t *frames = r ? NULL : new_try(t->in->scratch, uint32_t, location.items.len + 1);

        if (r < 0)
                return r;
        if (!frames)
                return intake_full(t->in, "frames");
        for (size_t i = 0; i < location.items.len; i++) {
                Span text = text_column_at(strings, column_at(&location, i));
                FrameDesc desc = frame_of_location(text);

                if (!desc.line)
                        desc.line = line_of(column_at(&line, i));
                if (!desc.symbol.len)
                        desc.symbol = intake_anonymous(t->in, desc.file, desc.line);
                frames[i] =
                        span_is(text, "(root)") ? INTAKE_NONE : intake_frame(t->in, t->p, &desc);
                if (frames[i] == INTAKE_NONE && !span_is(text, "(root)"))
                        return intake_failed(t->in);
        }
        *ret = frames;
        *ret_n = location.items.len;
        return 0;
}

int firefox_gecko(FirefoxThread *t)
{
        Column prefix = { 0 }, frame = { 0 };
        const RowField stack_fields[] = { { "prefix", &prefix }, { "frame", &frame } };
        const RowField sample_fields[] = { { "stack", &t->stack }, { "time", &t->time } };
        TextColumn strings = { 0 };
        uint32_t *frames = NULL;
        size_t n_frames = 0;
        int r;

        if (!t->tables.stacks.ptr || !t->tables.frames.ptr)
                return intake_fail(t->in, ERR_INPUT, "a thread has samples, but no 'stackTable'");
        t->time.decimals = 6;
        r = text_column_read(t->in, &t->all, t->tables.strings, &strings);
        if (r == 0)
                r = gecko_frames(t, &strings, &frames, &n_frames);
        if (r == 0)
                r = rows_read(t->in, &t->all, t->tables.stacks, stack_fields, COUNT(stack_fields));
        if (r == 0)
                r = firefox_stacks(t, &prefix, &frame, frames, n_frames);
        return r ? r
                 : rows_read(t->in, &t->all, t->tables.samples, sample_fields,
                             COUNT(sample_fields));
}

/* --- processed: tables by columns --- */

typedef struct ColumnField {
        const char *name;
        Column *ret;
} ColumnField;

static int read_columns(Intake *in, const JsonPull *all, Span table, const ColumnField *fields,
                        size_t n)
{
        Span raws[8] = { { 0 } };
        PullField members[8];
        JsonPull pull = pull_at(all, table);
        int r = 0;

        BUG_IF(n > COUNT(raws));
        if (!table.ptr)
                return 0;
        for (size_t i = 0; i < n; i++)
                members[i] = (PullField){ fields[i].name, &raws[i] };
        pull_fields(&pull, members, n);
        if (pull.failed)
                return pull.failed;
        for (size_t i = 0; r == 0 && i < n; i++)
                r = column_read(in, all, raws[i], fields[i].ret->decimals, fields[i].ret);
        return r;
}

static int read_libs(Intake *in, const JsonPull *all, Span libs, TextColumn *ret)
{
        JsonPull pull = pull_at(all, libs);
        int failed = 0;

        ret->items.ceiling = 1 << 20;
        if (!libs.ptr || !pull_open(&pull, '['))
                return pull.failed;
        while (pull_item(&pull)) {
                Span name = { 0 }, path = { 0 };
                const PullField fields[] = { { "name", &name }, { "path", &path } };
                Span *slot = vec_add(in->scratch, &ret->items);

                if (!slot)
                        return intake_full(in, "libraries");
                pull_fields(&pull, fields, COUNT(fields));
                if (!pull.failed)
                        *slot = pull_text_of(all, path.len > 2 ? path : name, &failed);
        }
        return pull.failed ? pull.failed : failed;
}

static Span either(Span own, Span shared)
{
        return own.ptr ? own : shared;
}

int firefox_columns(Intake *in, const JsonPull *all, const FirefoxTables *own,
                    const FirefoxTables *shared, Span libs_raw, FirefoxColumns *b)
{
        const ColumnField stacks[] = { { "prefix", &b->prefix }, { "frame", &b->frame } };
        const ColumnField frames[] = { { "func", &b->func },
                                       { "line", &b->frame_line },
                                       { "inlineDepth", &b->inline_depth } };
        const ColumnField funcs[] = { { "name", &b->name },         { "fileName", &b->file },
                                      { "source", &b->source },     { "lineNumber", &b->func_line },
                                      { "resource", &b->resource }, { "isJS", &b->is_js } };
        const ColumnField sources[] = { { "filename", &b->source_name } };
        const ColumnField resources[] = { { "lib", &b->resource_lib },
                                          { "name", &b->resource_name } };
        Span strings = either(either(own->string_array, own->strings),
                              either(shared->string_array, shared->strings));
        int r = text_column_read(in, all, strings, &b->strings);

        if (r == 0)
                r = read_columns(in, all, either(own->stacks, shared->stacks), stacks,
                                 COUNT(stacks));
        if (r == 0)
                r = read_columns(in, all, either(own->frames, shared->frames), frames,
                                 COUNT(frames));
        if (r == 0)
                r = read_columns(in, all, either(own->funcs, shared->funcs), funcs, COUNT(funcs));
        if (r == 0)
                r = read_columns(in, all, either(own->sources, shared->sources), sources,
                                 COUNT(sources));
        if (r == 0)
                r = read_columns(in, all, either(own->resources, shared->resources), resources,
                                 COUNT(resources));
        return r ? r : read_libs(in, all, libs_raw, &b->libs);
}

static Span module_of(const FirefoxColumns *b, int64_t resource)
{
        int64_t lib = resource < 0 ? COLUMN_NULL : column_at(&b->resource_lib, (size_t)resource);

        if (lib >= 0 && (size_t)lib < b->libs.items.len)
                return b->libs.items.items[lib];
        return resource < 0 ? SPAN("")
                            : text_column_at(&b->strings,
                                             column_at(&b->resource_name, (size_t)resource));
}

static FrameDesc frame_of(FirefoxThread *t, const FirefoxColumns *b, size_t i)
{
        size_t func = (size_t)column_at(&b->func, i);
        int64_t source = column_at(&b->source, func);
        int64_t file = source >= 0 ? column_at(&b->source_name, (size_t)source)
                                   : column_at(&b->file, func);
        int64_t line = column_at(&b->frame_line, i), depth = column_at(&b->inline_depth, i);
        FrameDesc desc = { .symbol = text_column_at(&b->strings, column_at(&b->name, func)),
                           .module = module_of(b, column_at(&b->resource, func)),
                           .file = text_column_at(&b->strings, file),
                           .kind = FRAME_NATIVE };

        desc.line = line_of(line > 0 ? line : column_at(&b->func_line, func));
        if (span_starts(desc.symbol, "0x"))
                desc.kind = FRAME_UNKNOWN;
        else if (column_at(&b->is_js, func) == 1)
                desc.kind = FRAME_SCRIPT;
        else if (depth > 0)
                desc.kind = FRAME_INLINED;
        if (!desc.symbol.len)
                desc.symbol = intake_anonymous(t->in, desc.file, desc.line);
        return desc;
}

/* Stacks that a sample of this thread uses, with their callers: shared tables hold far more. */
static bool *used_stacks(FirefoxThread *t, const FirefoxColumns *b)
{
        size_t n = b->frame.items.len;
        bool *used = new_try(t->in->scratch, bool, n + 1);

        for (size_t i = 0; used && i < t->stack.items.len; i++) {
                int64_t stack = column_at(&t->stack, i);

                while (stack >= 0 && (size_t)stack < n && !used[stack]) {
                        used[stack] = true;
                        stack = column_at(&b->prefix, (size_t)stack);
                }
        }
        return used;
}

static int processed_frame(FirefoxThread *t, const FirefoxColumns *b, int64_t i, uint32_t *ret)
{
        int64_t func = i < 0 ? COLUMN_NULL : column_at(&b->func, (size_t)i);
        FrameDesc desc;

        if (func < 0 || (uint64_t)func >= b->name.items.len)
                return intake_fail(t->in, ERR_INPUT,
                                   "frame %" PRId64 ": its function does not exist", i);
        desc = frame_of(t, b, (size_t)i);
        *ret = intake_frame(t->in, t->p, &desc);
        return *ret == INTAKE_NONE ? intake_failed(t->in) : 0;
}

static int processed_frames(FirefoxThread *t, const FirefoxColumns *b, uint32_t **ret)
{
        uint32_t *frames = new_try(t->in->scratch, uint32_t, b->func.items.len + 1);
        bool *used = used_stacks(t, b);
        int r = 0;

        if (!frames || !used)
                return intake_full(t->in, "frames");
        memset(frames, 0xff, b->func.items.len * sizeof(*frames));
        for (size_t i = 0; r == 0 && i < b->frame.items.len; i++) {
                int64_t frame = column_at(&b->frame, i);

                if (used[i] && (frame < 0 || (size_t)frame >= b->func.items.len))
                        r = intake_fail(t->in, ERR_INPUT, "stack %zu: its frame does not exist", i);
                else if (used[i] && frames[frame] == INTAKE_NONE)
                        r = processed_frame(t, b, frame, &frames[frame]);
        }
        *ret = frames;
        return r;
}

static const struct {
        const char *name;
        Unit unit;
        unsigned decimals; /* a weight's unit in ours, as a power of ten */
} weight_types[] = {
        { "\"samples\"", UNIT_COUNT, 0 },
        { "\"tracing-ms\"", UNIT_NS, 6 },
        { "\"bytes\"", UNIT_BYTES, 0 },
};

static void sum_up(Column *column)
{
        int64_t sum = 0;

        vec_each (int64_t, it, &column->items) {
                if (*it == COLUMN_NULL || __builtin_add_overflow(sum, *it, &sum) ||
                    sum > INT64_MAX / 4 || sum < INT64_MIN / 4)
                        sum = 0;
                *it = sum;
        }
}

static int processed_samples(FirefoxThread *t)
{
        Span stack = { 0 }, time = { 0 }, deltas = { 0 }, weight = { 0 }, type = { 0 };
        const PullField fields[] = { { "stack", &stack },
                                     { "time", &time },
                                     { "timeDeltas", &deltas },
                                     { "weight", &weight },
                                     { "weightType", &type } };
        JsonPull pull = pull_at(&t->all, t->tables.samples);
        unsigned decimals = 0;
        int r;

        pull_fields(&pull, fields, COUNT(fields));
        if (pull.failed)
                return pull.failed;
        t->weighted = weight.ptr;
        for (size_t i = 0; t->weighted && i < COUNT(weight_types); i++) {
                if (i && !span_is(type, weight_types[i].name))
                        continue;
                t->p->unit = weight_types[i].unit;
                decimals = weight_types[i].decimals;
        }
        if (t->weighted)
                t->p->event = t->p->unit == UNIT_NS      ? "time"
                              : t->p->unit == UNIT_BYTES ? "bytes"
                                                         : "samples";
        r = column_read(t->in, &t->all, stack, 0, &t->stack);
        if (r == 0)
                r = column_read(t->in, &t->all, time.ptr ? time : deltas, 6, &t->time);
        if (r == 0 && !time.ptr)
                sum_up(&t->time);
        return r ? r : column_read(t->in, &t->all, weight, decimals, &t->weight);
}

int firefox_processed(FirefoxThread *t)
{
        bool own = t->tables.stacks.ptr || !t->shared.stacks.ptr;
        FirefoxColumns b = own ? (FirefoxColumns){ 0 } : *t->columns;
        uint32_t *frames = NULL;
        int r = own ? firefox_columns(t->in, &t->all, &t->tables, &t->shared, t->libs, &b) : 0;

        if (r == 0)
                r = processed_samples(t);
        if (r == 0)
                r = processed_frames(t, &b, &frames);
        return r ? r : firefox_stacks(t, &b.prefix, &b.frame, frames, b.func.items.len);
}
