/* The Firefox profiler's processed JSON (profiler.firefox.com, "Load a profile from file"), version
 * 46 of its tables, which every later version of the profiler upgrades. One thread of it a thread
 * or a value of the profile. */

#include "present/json_text.h"
#include "present/profile_export.h"
#include "present/timeline.h"

#include <inttypes.h>
#include <string.h>

#define NO_STRING UINT32_MAX

/* Categories: one a kind of frame. */
static const struct {
        const char *name, *color;
} categories[] = {
        [FRAME_NATIVE] = { "Native", "blue" },   [FRAME_KERNEL] = { "Kernel", "orange" },
        [FRAME_INLINED] = { "Inlined", "blue" }, [FRAME_JIT] = { "JIT", "yellow" },
        [FRAME_UNKNOWN] = { "Unknown", "grey" }, [FRAME_THREAD] = { "Thread", "grey" },
        [FRAME_SCRIPT] = { "Script", "yellow" },
};

typedef struct Thread {
        Buf *out;
        const Profile *p;
        const Map *libs; /* by module */
        Arena *scratch;
        uint32_t *resource_of; /* by frame, its own table's row; NO_STRING: none */
        uint32_t *lib_string, *lib_number;
        uint32_t n_resources;
} Thread;

/* "name":[...] with one value a row. */
#define COLUMN(out, name, n, ...)                       \
        do {                                            \
                buf_printf((out), ",\"%s\":[", (name)); \
                for (uint32_t i = 0; i < (n); i++) {    \
                        buf_text((out), i ? "," : "");  \
                        __VA_ARGS__;                    \
                }                                       \
                buf_byte((out), ']');                   \
        } while (0)

static void put_number_or_null(Buf *out, bool known, uint64_t number)
{
        if (known)
                buf_printf(out, "%" PRIu64, number);
        else
                buf_text(out, "null");
}

static void put_frames(const Thread *t)
{
        const Profile *p = t->p;
        const Frame *f = p->frames.items;
        uint32_t n = (uint32_t)p->frames.len;
        Buf *out = t->out;

        buf_printf(out, "\"frameTable\":{\"length\":%" PRIu32, n);
        COLUMN(out, "address", n, buf_text(out, "-1"));
        COLUMN(out, "inlineDepth", n, buf_text(out, f[i].kind == FRAME_INLINED ? "1" : "0"));
        COLUMN(out, "category", n, buf_printf(out, "%d", (int)f[i].kind));
        COLUMN(out, "subcategory", n, buf_text(out, "0"));
        COLUMN(out, "func", n, buf_printf(out, "%" PRIu32, i));
        COLUMN(out, "nativeSymbol", n, buf_text(out, "null"));
        COLUMN(out, "innerWindowID", n, buf_text(out, "null"));
        COLUMN(out, "implementation", n, buf_text(out, "null"));
        COLUMN(out, "line", n, put_number_or_null(out, f[i].line, f[i].line));
        COLUMN(out, "column", n, buf_text(out, "null"));
        COLUMN(out, "optimizations", n, buf_text(out, "null"));
        buf_text(out, "},\n");
}

static void put_functions(const Thread *t)
{
        const Profile *p = t->p;
        const Frame *f = p->frames.items;
        uint32_t n = (uint32_t)p->frames.len;
        Buf *out = t->out;

        buf_printf(out, "\"funcTable\":{\"length\":%" PRIu32, n);
        COLUMN(out, "name", n, buf_printf(out, "%" PRIu32, f[i].symbol));
        COLUMN(out, "isJS", n, buf_text(out, f[i].kind == FRAME_SCRIPT ? "true" : "false"));
        COLUMN(out, "relevantForJS", n, buf_text(out, "false"));
        COLUMN(out, "resource", n,
               buf_printf(out, "%" PRId64,
                          t->resource_of[i] == NO_STRING ? INT64_C(-1)
                                                         : (int64_t)t->resource_of[i]));
        COLUMN(out, "fileName", n, put_number_or_null(out, f[i].file, f[i].file));
        COLUMN(out, "lineNumber", n, buf_text(out, "null"));
        COLUMN(out, "columnNumber", n, buf_text(out, "null"));
        buf_text(out, "},\n");
}

/* A resource is a library that a function comes from. */
static int find_resources(Thread *t)
{
        const Profile *p = t->p;
        Map known = map_in(t->scratch, p->frames.len + 1);

        t->resource_of = new_try(t->scratch, uint32_t, p->frames.len + 1);
        t->lib_string = new_try(t->scratch, uint32_t, p->frames.len + 1);
        t->lib_number = new_try(t->scratch, uint32_t, p->frames.len + 1);
        if (!t->resource_of || !t->lib_string || !t->lib_number)
                return -ERR_LIMIT;
        for (uint32_t i = 0; i < p->frames.len; i++) {
                uint32_t module = p->frames.items[i].module;
                MapSlot *slot = module ? map_add_u64(&known, module) : NULL;

                t->resource_of[i] = NO_STRING;
                if (!slot)
                        continue;
                if (!slot->number) {
                        const MapSlot *lib = map_find(t->libs, p->strings.items[module]);

                        t->lib_string[t->n_resources] = module;
                        t->lib_number[t->n_resources++] = lib ? (uint32_t)lib->number : 0;
                        slot->number = t->n_resources;
                }
                t->resource_of[i] = (uint32_t)slot->number - 1;
        }
        return 0;
}

static void put_resources(const Thread *t)
{
        uint32_t n = t->n_resources;
        Buf *out = t->out;

        buf_printf(out, "\"resourceTable\":{\"length\":%" PRIu32, n);
        COLUMN(out, "lib", n, buf_printf(out, "%" PRIu32, t->lib_number[i]));
        COLUMN(out, "name", n, buf_printf(out, "%" PRIu32, t->lib_string[i]));
        COLUMN(out, "host", n, buf_text(out, "null"));
        COLUMN(out, "type", n, buf_text(out, "1"));
        buf_text(out, "},\n");
}

/* The trie is the stack table, without its root. */
static void put_stacks(const Thread *t)
{
        const ProfileNode *nodes = t->p->nodes.items + 1;
        const Frame *f = t->p->frames.items;
        uint32_t n = (uint32_t)t->p->nodes.len - 1;
        Buf *out = t->out;

        buf_printf(out, "\"stackTable\":{\"length\":%" PRIu32, n);
        COLUMN(out, "prefix", n,
               put_number_or_null(out, nodes[i].parent, (uint64_t)nodes[i].parent - 1));
        COLUMN(out, "frame", n, buf_printf(out, "%" PRIu32, nodes[i].frame));
        COLUMN(out, "category", n, buf_printf(out, "%d", (int)f[nodes[i].frame].kind));
        COLUMN(out, "subcategory", n, buf_text(out, "0"));
        buf_text(out, "},\n");
}

static void put_strings(const Thread *t)
{
        bool some = false;

        buf_text(t->out, "\"stringArray\":[");
        vec_each (const Span, text, &t->p->strings) {
                buf_text(t->out, some ? ",\n" : "");
                json_text_put(t->out, *text);
                some = true;
        }
        buf_text(t->out, "]");
}

/* --- samples --- */

typedef struct Row {
        uint32_t node;
        uint64_t time_ns, weight;
} Row;

/* Milliseconds, exact to the nanosecond. */
static void put_ms(Buf *out, uint64_t ns)
{
        buf_printf(out, "%" PRIu64 ".%06u", ns / NS_PER_MS, (unsigned)(ns % NS_PER_MS));
}

static void put_samples(const Thread *t, const Row *rows, uint32_t n)
{
        static const char *const types[] = { [UNIT_NS] = "tracing-ms", [UNIT_BYTES] = "bytes" };
        Unit unit = t->p->unit;
        Buf *out = t->out;

        buf_printf(out, "\"samples\":{\"length\":%" PRIu32, n);
        COLUMN(out, "stack", n, put_number_or_null(out, rows[i].node, (uint64_t)rows[i].node - 1));
        COLUMN(out, "time", n, put_ms(out, rows[i].time_ns));
        COLUMN(out, "weight", n, if (unit == UNIT_NS) put_ms(out, rows[i].weight);
               else buf_printf(out, "%" PRIu64, rows[i].weight));
        buf_printf(out, ",\"weightType\":\"%s\"},\n",
                   unit < COUNT(types) && types[unit] ? types[unit] : "samples");
}

/* In time, or one row for every stack, one after the other. */
static Row *rows_of(const Thread *t, const Timeline *line, uint32_t *ret_n)
{
        const Profile *p = t->p;
        Row *rows = new_try(t->scratch, Row, (line ? line->n : p->nodes.len) + 1);
        uint32_t n = 0;
        uint64_t at = 0;

        for (size_t i = 0; rows && line && i < line->n; i++) {
                const ProfileSample *s = &p->samples.items[line->samples[i]];

                rows[n++] = (Row){ s->node, s->time_ns, s->weight };
        }
        for (uint32_t i = 0; rows && !line && i < p->nodes.len; i++) {
                uint64_t weight = p->nodes.items[i].self_weight;

                if (!weight)
                        continue;
                rows[n++] = (Row){ i, at, weight };
                at += p->unit == UNIT_NS ? weight : NS_PER_MS;
        }
        *ret_n = n;
        return rows;
}

static int put_thread(Thread *t, const ProfileSetItem *item, const Timeline *line, bool first)
{
        const ProfileThread *thread = line ? &t->p->threads.items[line->thread] : NULL;
        Span name = thread ? t->p->strings.items[thread->name] : item->name;
        uint32_t n = 0;
        Row *rows = rows_of(t, line, &n);
        Buf *out = t->out;

        if (!rows)
                return -ERR_LIMIT;
        buf_text(out, first ? "{\"name\":" : ",\n{\"name\":");
        json_text_put(out, name);
        buf_text(out, ",\"processName\":");
        json_text_put(out, span_eq(name, item->name) ? SPAN("") : item->name);
        buf_printf(out,
                   ",\"isMainThread\":%s,\"pid\":\"%" PRIu32 "\",\"tid\":\"%" PRIu32
                   "\",\"processType\":\"default\",\"processStartupTime\":0,"
                   "\"processShutdownTime\":null,\"registerTime\":0,\"unregisterTime\":null,"
                   "\"pausedRanges\":[],\n",
                   first ? "true" : "false", thread ? thread->pid : 0, thread ? thread->tid : 0);
        put_samples(t, rows, n);
        put_stacks(t);
        put_frames(t);
        put_functions(t);
        put_resources(t);
        buf_text(out, "\"nativeSymbols\":{\"length\":0,\"address\":[],\"functionSize\":[],"
                      "\"libIndex\":[],\"name\":[]},\n\"markers\":{\"length\":0,\"category\":[],"
                      "\"data\":[],\"endTime\":[],\"name\":[],\"phase\":[],\"startTime\":[]},\n");
        put_strings(t);
        buf_byte(out, '}');
        return 0;
}

static int put_item(Buf *out, const ProfileSetItem *item, const Map *libs, bool *first)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(2));
        Thread t = { .out = out, .p = item->profile, .libs = libs, .scratch = scratch };
        Timeline *lines = NULL;
        size_t n = timelines(item->profile, scratch, &lines);
        int r = n == UINT32_MAX ? -ERR_LIMIT : find_resources(&t);

        if (r == 0 && n == 0) {
                r = put_thread(&t, item, NULL, *first);
                *first = false;
        }
        for (size_t i = 0; r == 0 && i < n; i++) {
                if (!lines[i].n)
                        continue;
                r = put_thread(&t, item, &lines[i], *first);
                *first = false;
        }
        return r;
}

/* --- the head --- */

static void put_meta(Buf *out, const ProfileSet *set, const char *title)
{
        double rate = set->items.len ? set->items.items[set->shown].profile->rate_hz : 0;

        buf_text(out, "{\"meta\":{\"version\":24,\"preprocessedProfileVersion\":46,"
                      "\"processType\":0,\"startTime\":0,\"symbolicated\":true,\"debug\":false,"
                      "\"pausedRanges\":[],\"usesOnlyOneStackType\":true,"
                      "\"doesNotUseFrameImplementation\":true,\"sourceCodeIsNotOnSearchfox\":true,"
                      "\"markerSchema\":[],\"extensions\":{\"baseURL\":[],\"id\":[],\"length\":0,"
                      "\"name\":[]},\"sampleUnits\":{\"time\":\"ms\",\"eventDelay\":\"ms\","
                      "\"threadCPUDelta\":\"ns\"},\"product\":");
        json_text_put(out, span_of(title));
        buf_printf(out, ",\"interval\":%.6f,\"categories\":[", rate > 0 ? 1e3 / rate : 1.0);
        for (size_t i = 0; i < COUNT(categories); i++)
                buf_printf(out,
                           "%s{\"name\":\"%s\",\"color\":\"%s\",\"subcategories\":[\"Other\"]}",
                           i ? "," : "", categories[i].name, categories[i].color);
        buf_text(out, "]},\n");
}

/* Every module of every profile, once. */
static int put_libs(Buf *out, const ProfileSet *set, Map *libs)
{
        buf_text(out, "\"libs\":[");
        vec_each (const ProfileSetItem, item, &set->items)
                vec_each (const Frame, f, &item->profile->frames) {
                        Span module = item->profile->strings.items[f->module];
                        size_t known = libs->len;
                        MapSlot *slot = module.len ? map_add(libs, module) : NULL;

                        if (module.len && !slot)
                                return -ERR_LIMIT;
                        if (!slot || libs->len == known)
                                continue;
                        slot->number = known;
                        buf_text(out, known ? ",\n{\"arch\":null,\"breakpadId\":\"\",\"name\":"
                                            : "{\"arch\":null,\"breakpadId\":\"\",\"name\":");
                        json_text_put(out, module);
                        buf_text(out, ",\"path\":");
                        json_text_put(out, module);
                        buf_text(out, ",\"debugName\":");
                        json_text_put(out, module);
                        buf_text(out, ",\"debugPath\":");
                        json_text_put(out, module);
                        buf_text(out, ",\"codeId\":null}");
                }
        buf_text(out, "],\n");
        return 0;
}

static int write(const ProfileSet *set, const char *title, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        Map libs = map_in(scratch, 1 << 20);
        bool first = true;
        int r;

        put_meta(out, set, title);
        r = put_libs(out, set, &libs);
        buf_text(out, "\"threads\":[\n");
        vec_each (const ProfileSetItem, item, &set->items)
                r = r ? r : put_item(out, item, &libs, &first);
        buf_text(out, "],\"pages\":[],\"profilerOverhead\":[],\"counters\":[]}\n");
        if (r < 0 && !out->overflowed)
                return fail(err, ERR_LIMIT, "the profile's stacks do not fit into memory");
        return buf_check(out, err);
}

const ProfileWriter firefox_profile_writer = {
        .name = "firefox",
        .says = "Firefox profiler JSON (profiler.firefox.com)",
        .extension = ".json",
        .files = "github.com/firefox-devtools/profiler docs-developer/",
        .write = write,
};
