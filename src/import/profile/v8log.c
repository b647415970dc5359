/* V8's tick log (node --prof, isolate-*-v8.log): lines of values between commas. Code is created,
 * moved and deleted; a tick has the program counter and return addresses, resolved with the code as
 * it is at that moment, as node --prof-process does. Addresses in shared libraries are shown as the
 * library: the log has no symbols of them. */

#include "import/profile/code_map.h"

#include <inttypes.h>
#include <string.h>

#define MOST_FIELDS 1024
#define MOST_LIBRARIES 4096
#define MOST_NAMES ((size_t)1 << 24)
#define VM_GARBAGE_COLLECTION 1 /* the same in all versions */

typedef struct Code {
        Span name; /* as in the log, escapes decoded */
        bool script;
        uint32_t frame; /* INTAKE_NONE: not used yet */
} Code;

typedef struct Library {
        uint64_t start, end;
        Span path;
        uint32_t frame;
} Library;

typedef struct V8Log {
        Intake *in;
        Profile *p;
        uint64_t line, interval_us, ticks;
        CodeMap map;
        VEC(Code) codes;
        VEC(Library) libraries;
        Span fields[MOST_FIELDS];
        size_t n_fields;
        uint32_t collector, unknown, thread;
} V8Log;

static int bad_line(const V8Log *log, const char *what)
{
        return intake_fail_line(log->in, log->line, "%s", what);
}

/* --- names --- */

/* "\x2C", "\u1234", "\\" and "\n" in a name; others stay. */
static Span unescape(V8Log *log, Span text)
{
        char *copy, *out;

        if (span_find_byte(text, '\\') < 0)
                return text;
        copy = out = new_try(log->in->scratch, char, text.len + 1);
        for (size_t i = 0; copy && i < text.len; i++) {
                uint64_t code;

                if (text.ptr[i] == '\\' && i + 3 < text.len && text.ptr[i + 1] == 'x' &&
                    span_to_hex(span_first(span_from(text, i + 2), 2), &code, NULL) == 0) {
                        *out++ = (char)code;
                        i += 3;
                } else if (text.ptr[i] == '\\' && i + 1 < text.len) {
                        *out++ = text.ptr[++i] == 'n' ? ' ' : text.ptr[i];
                } else {
                        *out++ = text.ptr[i];
                }
        }
        return copy ? (Span){ copy, (size_t)(out - copy) } : text;
}

/* Cuts ":12" off the end. */
static bool cut_number(Span *text, uint32_t *ret)
{
        size_t at = text->len;
        uint64_t number;

        while (at && text->ptr[at - 1] >= '0' && text->ptr[at - 1] <= '9')
                at--;
        if (at == 0 || text->ptr[at - 1] != ':' ||
            span_to_u64(span_from(*text, at), &number, NULL) < 0)
                return false;
        *text = span_first(*text, at - 1);
        *ret = number < UINT32_MAX ? (uint32_t)number : 0;
        return true;
}

/* "get name /path/with space/x.js:1:13" and " node:fs:2:3": name, file and line. */
static FrameDesc script_frame(V8Log *log, Span text)
{
        static const char *const starts[] = { " /", " node:", " file:", " evalmachine", " wasm:" };
        FrameDesc desc = { .kind = FRAME_SCRIPT };
        uint32_t column = 0;
        ptrdiff_t at = -1;

        if (cut_number(&text, &column) && !cut_number(&text, &desc.line))
                desc.line = column;
        for (size_t i = 0; at < 0 && i < COUNT(starts); i++)
                at = span_find(text, span_of(starts[i]));
        for (size_t i = text.len; at < 0 && i-- > 0;)
                if (text.ptr[i] == ' ')
                        at = (ptrdiff_t)i;
        desc.symbol = at < 0 ? text : span_first(text, (size_t)at);
        desc.file = desc.module = at < 0 ? SPAN("") : span_from(text, (size_t)at + 1);
        if (!desc.symbol.len)
                desc.symbol = intake_anonymous(log->in, desc.file, desc.line);
        return desc;
}

static uint32_t code_frame(V8Log *log, uint32_t number)
{
        Code *code = &log->codes.items[number];
        FrameDesc desc = { .symbol = code->name, .module = SPAN("[v8]"), .kind = FRAME_JIT };

        if (code->frame != INTAKE_NONE)
                return code->frame;
        if (code->script)
                desc = script_frame(log, code->name);
        if (!desc.symbol.len)
                desc.symbol = SPAN("(unnamed code)");
        code->frame = intake_frame(log->in, log->p, &desc);
        return code->frame;
}

static uint32_t library_frame(V8Log *log, Library *library, uint64_t address)
{
        char text[300];
        FrameDesc desc = { .module = library->path, .kind = FRAME_UNKNOWN };
        Span base = intake_basename(library->path);

        if (library->frame != INTAKE_NONE)
                return library->frame;
        if (span_starts(base, "["))
                base = span_first(span_from(base, 1), base.len - 2);
        if (log->in->plan->addrs)
                snprintf(text, sizeof(text), "[%.*s <%" PRIx64 ">]",
                         (int)MIN(base.len, (size_t)200), base.ptr, address);
        else
                snprintf(text, sizeof(text), "[%.*s]", (int)MIN(base.len, (size_t)200), base.ptr);
        desc.symbol = span_of(text);
        if (log->in->plan->addrs)
                return intake_frame(log->in, log->p, &desc);
        library->frame = intake_frame(log->in, log->p, &desc);
        return library->frame;
}

/* --- lines --- */

static bool field_hex(const V8Log *log, size_t i, uint64_t *ret)
{
        return i < log->n_fields && span_to_hex(log->fields[i], ret, NULL) == 0;
}

static int read_library(V8Log *log)
{
        Library *library;
        uint64_t start, end;

        if (!field_hex(log, 2, &start) || !field_hex(log, 3, &end) || end < start)
                return bad_line(log, "expected 'shared-library,PATH,0xSTART,0xEND'");
        library = vec_add(log->in->scratch, &log->libraries);
        if (!library)
                return bad_line(log, "more than 4096 shared libraries");
        *library = (Library){ start, end, unescape(log, log->fields[1]), INTAKE_NONE };
        return 0;
}

/* code-creation,TYPE,KIND,[TIME,]0xSTART,SIZE,NAME[,0xFUNCTION,TIER] */
static int read_creation(V8Log *log)
{
        size_t at = 3;
        uint64_t start, size;
        Code *code;

        while (at < log->n_fields && !span_starts(log->fields[at], "0x"))
                at++;
        if (at > 4 || !field_hex(log, at, &start) || at + 2 >= log->n_fields ||
            span_to_u64(log->fields[at + 1], &size, NULL) < 0)
                return bad_line(log, "expected 'code-creation,TYPE,KIND,TIME,0xSTART,SIZE,NAME'");
        code = vec_add(log->in->scratch, &log->codes);
        if (!code)
                return intake_full(log->in, "pieces of code");
        *code = (Code){ .name = unescape(log, log->fields[at + 2]),
                        .script = at + 3 < log->n_fields,
                        .frame = INTAKE_NONE };
        if (!code->script && !span_is(log->fields[1], "Builtin")) {
                Buf name = buf_in(log->in->scratch, KiB(64));

                buf_printf(&name, "%.*s: ", SPAN_ARG(log->fields[1]));
                buf_add(&name, span_first(code->name, KiB(32)));
                code->name = buf_span(&name);
        }
        return code_map_add(&log->map, start, size, (uint32_t)log->codes.len - 1);
}

static int read_move(V8Log *log)
{
        uint64_t from, to;

        if (!field_hex(log, 1, &from) || !field_hex(log, 2, &to))
                return bad_line(log, "expected 'code-move,0xFROM,0xTO'");
        return code_map_move(&log->map, from, to);
}

static int read_delete(V8Log *log)
{
        uint64_t start;

        if (!field_hex(log, 1, &start))
                return bad_line(log, "expected 'code-delete,0xSTART'");
        code_map_remove(&log->map, start);
        return 0;
}

static int read_profiler(V8Log *log)
{
        uint64_t interval;

        if (log->n_fields > 2 && span_is(log->fields[1], "begin") &&
            span_to_u64(log->fields[2], &interval, NULL) == 0 && interval && interval < 1000000000)
                log->interval_us = interval;
        return 0;
}

/* --- ticks --- */

/* INTAKE_NONE and *ret_known false: nothing is known to be there. */
static uint32_t frame_at(V8Log *log, uint64_t address, bool *ret_known)
{
        uint32_t number;

        *ret_known = true;
        if (code_map_find(&log->map, address, &number))
                return code_frame(log, number);
        for (size_t i = log->libraries.len; i-- > 0;)
                if (address >= log->libraries.items[i].start &&
                    address < log->libraries.items[i].end)
                        return library_frame(log, &log->libraries.items[i], address);
        *ret_known = false;
        return INTAKE_NONE;
}

static bool is_script_at(V8Log *log, uint64_t address)
{
        uint32_t number;

        return code_map_find(&log->map, address, &number) && log->codes.items[number].script;
}

typedef struct Tick {
        uint64_t addresses[MOST_FIELDS + 2]; /* leaf first */
        size_t n;
        bool truncated;
} Tick;

/* Addresses, whole or as a difference to the one before. */
static void read_stack(const V8Log *log, Tick *tick, uint64_t previous)
{
        for (size_t i = 6; i < log->n_fields; i++) {
                Span text = log->fields[i];
                bool less = span_starts(text, "-"), more = span_starts(text, "+");
                uint64_t value;

                if (span_starts(text, "o")) {
                        tick->truncated = true;
                        continue;
                }
                if (span_to_hex(span_from(text, less || more), &value, NULL) < 0)
                        continue;
                previous = less ? previous - value : more ? previous + value : value;
                tick->addresses[tick->n++] = previous;
        }
}

static int add_tick(V8Log *log, const Tick *tick, bool collecting, int64_t time_ns)
{
        uint32_t node = 0, frame;
        bool known;

        for (size_t i = tick->n; i-- > 0;) {
                frame = frame_at(log, tick->addresses[i], &known);
                if (!known && i == 0)
                        frame = log->unknown;
                else if (!known)
                        continue;
                if (frame != INTAKE_NONE)
                        node = intake_child(log->in, log->p, node, frame);
                if (frame == INTAKE_NONE || node == INTAKE_NONE)
                        return intake_failed(log->in);
        }
        if (collecting)
                node = intake_child(log->in, log->p, node, log->collector);
        if (node == INTAKE_NONE)
                return intake_failed(log->in);
        log->p->quality.truncated += tick->truncated;
        return intake_add_at(log->in, log->p, node, log->thread, time_ns,
                             log->interval_us * NS_PER_US);
}

/* tick,0xPC,TIME,IS_EXTERNAL,0xTOP_OF_STACK,STATE,STACK... */
static int read_tick(V8Log *log)
{
        Tick tick = { .n = 0 };
        uint64_t pc, time_us, external, top, state;

        if (!field_hex(log, 1, &pc) || log->n_fields < 6 ||
            span_to_u64(log->fields[2], &time_us, NULL) < 0 ||
            span_to_u64(log->fields[3], &external, NULL) < 0 || !field_hex(log, 4, &top) ||
            span_to_u64(log->fields[5], &state, NULL) < 0 || time_us > INT64_MAX / 8000)
                return bad_line(log, "expected 'tick,0xPC,TIME,EXTERNAL,0xTOP,STATE,STACK...'");
        if (external) {
                pc = top;
                top = 0;
        }
        tick.addresses[tick.n++] = pc;
        if (top && is_script_at(log, top))
                tick.addresses[tick.n++] = top;
        read_stack(log, &tick, pc);
        log->ticks++;
        return add_tick(log, &tick, state == VM_GARBAGE_COLLECTION, (int64_t)(time_us * NS_PER_US));
}

static const struct {
        const char *name;
        int (*read)(V8Log *log);
} line_kinds[] = {
        { "tick", read_tick },
        { "code-creation", read_creation },
        { "code-move", read_move },
        { "code-delete", read_delete },
        { "shared-library", read_library },
        { "profiler", read_profiler },
};

static int read_line(V8Log *log, Span line)
{
        Span rest = line;

        log->n_fields = 0;
        while (rest.ptr && log->n_fields < MOST_FIELDS)
                log->fields[log->n_fields++] = span_cut(&rest, ',');
        for (size_t i = 0; i < COUNT(line_kinds); i++)
                if (span_is(log->fields[0], line_kinds[i].name))
                        return line_kinds[i].read(log);
        return 0;
}

static int begin(V8Log *log)
{
        log->p = intake_profile(log->in, SPAN("ticks"), "cpu", UNIT_NS);
        if (!log->p)
                return intake_failed(log->in);
        log->collector = intake_frame(log->in, log->p,
                                      &(FrameDesc){ .symbol = SPAN("(garbage collector)"),
                                                    .module = SPAN("[v8]"),
                                                    .kind = FRAME_NATIVE });
        log->unknown =
                intake_frame(log->in, log->p,
                             &(FrameDesc){ .symbol = SPAN("[unknown]"), .kind = FRAME_UNKNOWN });
        log->thread = intake_thread(log->in, log->p, SPAN("JavaScript"), 0, 0);
        return log->collector == INTAKE_NONE || log->unknown == INTAKE_NONE ||
                               log->thread == INTAKE_NONE
                       ? intake_failed(log->in)
                       : 0;
}

static int read_file(Intake *in, Span text)
{
        V8Log *log = new_try(in->scratch, V8Log, 1);
        Span line;
        int r;

        if (!log)
                return intake_full(in, "lines");
        *log = (V8Log){ .in = in,
                        .interval_us = 1000,
                        .map = code_map(in),
                        .codes = VEC_INIT(MOST_NAMES),
                        .libraries = VEC_INIT(MOST_LIBRARIES) };
        r = begin(log);
        while (r == 0 && span_next_line(&text, &line)) {
                log->line++;
                r = read_line(log, line);
                /* The last line of a process that died may be cut; what is before it counts. */
                if (r == -ERR_INPUT && !text.len && log->ticks) {
                        profile_set_warn(&in->set, in->arena, "it ends early, in line %" PRIu64,
                                         log->line);
                        if (in->err)
                                error_clear(in->err);
                        r = 0;
                }
        }
        if (r == 0 && log->ticks == 0)
                return intake_fail(in, ERR_INPUT, "no ticks in it");
        if (r == 0)
                log->p->rate_hz = 1e6 / (double)log->interval_us;
        return r;
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
        Span line;

        if (span_starts(head, "v8-version,"))
                return 100;
        while (span_next_line(&head, &line))
                if (span_starts(line, "code-creation,") || span_starts(line, "tick,0x"))
                        return 90;
        return 0;
}

const ProfileFormat v8log_profile_format = {
        .name = "v8log",
        .says = "V8 tick log (node --prof, isolate-*-v8.log)",
        .files = "github.com/v8/v8 src/logging/log.cc, tools/tickprocessor.mjs",
        .detect = detect,
        .read = read,
};
