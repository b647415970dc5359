/* gperftools' and Go's text profiles (debug=1): heap, contention, goroutine, threadcreate. One line
 * a stack, addresses from the leaf; Go writes the names below it, in lines that begin with '#'.
 *
 * Heap samples are scaled to what they stand for, as google's pprof does: an allocation of n bytes
 * was seen with the probability 1 - exp(-n / rate). */

#include "import/profile/pprof_legacy.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

uint32_t legacy_frame(Intake *in, Profile *p, const AddressMap *map, uint64_t address, Span name)
{
        FrameDesc desc = { .module = address_map_find(map, address),
                           .symbol = name,
                           .kind = FRAME_NATIVE };
        char text[24];

        if (!name.len) {
                snprintf(text, sizeof(text), "0x%" PRIx64, address);
                desc.symbol = span_of(text);
                desc.kind = FRAME_UNKNOWN;
        }
        return intake_frame(in, p, &desc);
}

typedef enum HeapKind { HEAP_SAMPLED, HEAP_EXACT, COUNTS, CONTENTION } HeapKind;

/* How each kind begins. */
static const struct {
        const char *start;
        HeapKind kind;
} beginnings[] = {
        { "heap profile:", HEAP_SAMPLED },
        { "goroutine profile: total", COUNTS },
        { "threadcreate profile: total", COUNTS },
        { "--- contention", CONTENTION },
        { "--- mutex:", CONTENTION },
};

typedef struct Name {
        uint64_t address;
        Span function, file;
        uint32_t line;
} Name;

typedef struct Heap {
        Intake *in;
        HeapKind kind;
        AddressMap map;
        uint64_t line;
        double rate;         /* bytes between samples; 0: every allocation */
        double ns_per_cycle; /* contention */
        double period;       /* contention: one event in so many */
        Profile *counts, *weights, *alloc_counts, *alloc_weights;
        VEC(uint64_t) addresses; /* of the stack, leaf first */
        VEC(Name) names;         /* of the stack, leaf first */
        uint64_t values[4];      /* live count, live bytes, all count, all bytes */
        bool pending;
} Heap;

/* --- the first line --- */

static double number_after(Span text, const char *key, double otherwise)
{
        ptrdiff_t at = span_find(text, span_of(key));
        Span rest = at < 0 ? SPAN("") : span_from(text, (size_t)at + strlen(key)), word;
        double number;

        if (!span_next_word(&rest, &word) || span_to_double(word, &number, NULL) < 0)
                return otherwise;
        return number;
}

/* "heap profile: 1: 2 [3: 4] @ heapz_v2/524288" */
static int read_heap_header(Heap *h, Span line)
{
        ptrdiff_t at = span_find_byte(line, '@');
        Span kind = at < 0 ? SPAN("") : span_trim(span_from(line, (size_t)at + 1));
        Span rate = kind;
        Span name = span_cut(&rate, '/');

        name = span_trim(name);
        if (span_is(name, "heapprofile") || at < 0) {
                h->kind = HEAP_EXACT;
                return 0;
        }
        if (!span_is(name, "heap") && !span_is(name, "heap_v2") && !span_is(name, "heapz_v2") &&
            !span_is(name, "growthz") && !span_is(name, "fragmentationz"))
                return intake_fail_line(h->in, 1,
                                        "a heap profile of a kind that is not known: '%.*s'",
                                        SPAN_ARG(span_first(name, 40)));
        if (span_to_double(span_trim(rate), &h->rate, NULL) < 0)
                h->rate = 0;
        if (span_is(name, "heap"))
                h->rate /= 2;
        h->kind = h->rate > 1 ? HEAP_SAMPLED : HEAP_EXACT;
        return 0;
}

/* The numbers before '@': "1: 9216 [2: 18432] " */
static size_t read_values(Span text, uint64_t values[static 4])
{
        size_t n = 0;

        for (size_t at = 0; at < text.len && n < 4; n++) {
                size_t start = at, len;

                while (start < text.len && (text.ptr[start] < '0' || text.ptr[start] > '9'))
                        start++;
                for (len = 0; start + len < text.len && text.ptr[start + len] >= '0' &&
                              text.ptr[start + len] <= '9';)
                        len++;
                if (len == 0 ||
                    span_to_u64(span_first(span_from(text, start), len), &values[n], NULL) < 0)
                        return n;
                at = start + len;
        }
        return n;
}

/* Whether what was freed again is in it: the totals in brackets say more than those before. */
static bool has_freed(Span line)
{
        uint64_t values[4] = { 0 };

        return read_values(line, values) == 4 &&
               ((values[2] && values[2] != values[0]) || (values[3] && values[3] != values[1]));
}

static int add_heap_profiles(Heap *h, bool freed)
{
        static const struct {
                const char *name, *alone;
                Unit unit;
        } rows[] = { { "alloc_objects", NULL, UNIT_COUNT },
                     { "alloc_space", NULL, UNIT_BYTES },
                     { "inuse_objects", "objects", UNIT_COUNT },
                     { "inuse_space", "space", UNIT_BYTES } };
        Profile **slots[] = { &h->alloc_counts, &h->alloc_weights, &h->counts, &h->weights };

        for (size_t i = freed ? 0 : 2; i < COUNT(rows); i++) {
                const char *name = freed ? rows[i].name : rows[i].alone;

                *slots[i] = intake_profile(h->in, span_of(name), name, rows[i].unit);
                if (!*slots[i])
                        return intake_failed(h->in);
        }
        h->in->set.shown = h->in->set.items.len - 1;
        return 0;
}

static int add_count_profile(Heap *h, Span line)
{
        bool threads = span_starts(line, "threadcreate");
        const char *name = threads ? "threads" : "goroutines";

        h->counts = intake_profile(h->in, span_of(name), name, UNIT_COUNT);
        return h->counts ? 0 : intake_failed(h->in);
}

static int add_contention_profiles(Heap *h)
{
        h->counts = intake_profile(h->in, SPAN("contentions"), "contentions", UNIT_COUNT);
        h->weights = h->counts ? intake_profile(h->in, SPAN("delay"), "delay", UNIT_NS) : NULL;
        h->in->set.shown = 1;
        return h->weights ? 0 : intake_failed(h->in);
}

static int read_first(Heap *h, Span line)
{
        int r;

        for (size_t i = 0; i < COUNT(beginnings); i++) {
                if (!span_starts(line, beginnings[i].start))
                        continue;
                h->kind = beginnings[i].kind;
                if (h->kind == COUNTS)
                        return add_count_profile(h, line);
                if (h->kind == CONTENTION)
                        return add_contention_profiles(h);
                r = read_heap_header(h, line);
                return r ? r : add_heap_profiles(h, has_freed(line));
        }
        return intake_fail_line(h->in, 1, "not the first line of a text profile");
}

/* --- stacks --- */

static FrameDesc named_frame(const Heap *h, uint64_t address)
{
        FrameDesc desc = { .module = address_map_find(&h->map, address), .kind = FRAME_NATIVE };

        vec_each (const Name, name, &h->names)
                if (name->address == address || name->address == address + 1) {
                        desc.symbol = name->function;
                        desc.file = name->file;
                        desc.line = name->line;
                }
        return desc;
}

static uint32_t stack_of(Heap *h, Profile *p)
{
        uint32_t node = 0;

        for (size_t i = h->addresses.len; i-- > 0 && node != INTAKE_NONE;) {
                uint64_t address = h->addresses.items[i] - (h->addresses.items[i] ? 1 : 0);
                FrameDesc desc = named_frame(h, address);
                uint32_t frame = desc.symbol.len
                                         ? intake_frame(h->in, p, &desc)
                                         : legacy_frame(h->in, p, &h->map, address, SPAN(""));

                node = frame == INTAKE_NONE ? INTAKE_NONE : intake_child(h->in, p, node, frame);
        }
        return node;
}

static int add_value(Heap *h, Profile *p, double samples, double weight)
{
        uint64_t whole, count;
        uint32_t node;

        if (!p || (weight == 0 && samples == 0))
                return 0;
        if (!intake_whole(weight, 1, &whole) || !intake_whole(samples, 1, &count))
                return intake_fail_line(h->in, h->line, "a value is too much");
        node = stack_of(h, p);
        return node == INTAKE_NONE ? intake_failed(h->in)
                                   : intake_add(h->in, p, node, count, whole);
}

/* Whole numbers, cut, not rounded: what google's pprof shows. */
static void unsample(double rate, double *count, double *bytes)
{
        double factor;

        if (*count == 0 || *bytes == 0) {
                *count = *bytes = 0;
                return;
        }
        if (rate <= 1)
                return;
        factor = 1 / (1 - exp(-(*bytes / *count) / rate));
        *count = trunc(*count * factor);
        *bytes = trunc(*bytes * factor);
}

static int add_heap(Heap *h)
{
        double live = (double)h->values[0], live_bytes = (double)h->values[1];
        double all = (double)h->values[2], all_bytes = (double)h->values[3];
        int r;

        unsample(h->rate, &live, &live_bytes);
        unsample(h->rate, &all, &all_bytes);
        r = add_value(h, h->alloc_counts, all, all);
        if (r == 0)
                r = add_value(h, h->alloc_weights, all, all_bytes);
        if (r == 0)
                r = add_value(h, h->counts, live, live);
        return r ? r : add_value(h, h->weights, live, live_bytes);
}

static int flush(Heap *h)
{
        double delay = (double)h->values[0] * h->ns_per_cycle * h->period;
        double events = (double)h->values[1] * h->period;
        int r = 0;

        if (!h->pending)
                return 0;
        h->pending = false;
        if (h->kind == COUNTS)
                return add_value(h, h->counts, (double)h->values[0], (double)h->values[0]);
        if (h->kind != CONTENTION)
                return add_heap(h);
        r = add_value(h, h->counts, events, events);
        return r ? r : add_value(h, h->weights, events, trunc(delay));
}

static int read_addresses(Heap *h, Span text)
{
        uint64_t *slot;
        Span word;

        h->addresses.len = h->names.len = 0;
        while (span_next_word(&text, &word)) {
                slot = vec_add(h->in->scratch, &h->addresses);
                if (!slot)
                        return intake_fail_line(h->in, h->line, "a stack has more than %zu frames",
                                                INTAKE_DEPTH);
                if (span_to_hex(word, slot, NULL) < 0)
                        return intake_fail_line(h->in, h->line, "'%.*s' is no address",
                                                SPAN_ARG(span_first(word, 40)));
        }
        return 0;
}

static const size_t values_of[] = {
        [HEAP_SAMPLED] = 4, [HEAP_EXACT] = 4, [COUNTS] = 1, [CONTENTION] = 2
};

static int read_stack(Heap *h, Span line, size_t at_sign)
{
        int r = flush(h);

        if (r < 0)
                return r;
        memset(h->values, 0, sizeof(h->values));
        if (read_values(span_first(line, at_sign), h->values) < values_of[h->kind])
                return intake_fail_line(h->in, h->line, "expected %zu numbers before '@'",
                                        values_of[h->kind]);
        h->pending = true;
        return read_addresses(h, span_from(line, at_sign + 1));
}

/* "#\t0x4711b4\tmain.work+0x34\t/src/main.go:12" */
static void read_name(Heap *h, Span line)
{
        Name name = { 0 }, *slot;
        Span rest = span_from(line, 1), word, place;
        ptrdiff_t plus, colon;
        uint64_t number;

        if (!h->pending || !span_next_word(&rest, &word) ||
            span_to_hex(word, &name.address, NULL) < 0 || !span_next_word(&rest, &name.function))
                return;
        plus = span_find(name.function, SPAN("+0x"));
        if (plus > 0)
                name.function = span_first(name.function, (size_t)plus);
        place = span_trim(rest);
        colon = span_find_byte(place, ':');
        if (colon > 0 && span_to_u64(span_from(place, (size_t)colon + 1), &number, NULL) == 0) {
                name.file = span_first(place, (size_t)colon);
                name.line = (uint32_t)MIN(number, (uint64_t)UINT32_MAX);
        }
        slot = vec_add(h->in->scratch, &h->names);
        if (slot)
                *slot = name;
}

static int read_line(Heap *h, Span line)
{
        ptrdiff_t at = span_find_byte(line, '@');

        if (!line.len)
                return 0;
        if (line.ptr[0] == '#') {
                read_name(h, line);
                return 0;
        }
        if (at >= 0)
                return read_stack(h, line, (size_t)at);
        if (h->kind == CONTENTION && span_find_byte(line, '=') > 0) {
                double hz = number_after(line, "cycles/second=", 0);

                h->ns_per_cycle = hz > 0 ? 1e9 / hz : h->ns_per_cycle;
                h->period = number_after(line, "sampling period=", h->period);
                h->period = number_after(line, "sampling period =", h->period);
                return 0;
        }
        return intake_fail_line(h->in, h->line, "expected numbers, '@' and addresses");
}

/* The table of mappings at the end. */
static Span cut_map(Span *text)
{
        ptrdiff_t at = span_find(*text, SPAN("MAPPED_LIBRARIES:"));
        Span map = at < 0 ? SPAN("") : span_from(*text, (size_t)at);

        if (at >= 0)
                *text = span_first(*text, (size_t)at);
        return map;
}

static int read_profile(Intake *in, Span text)
{
        Heap h = { .in = in,
                   .addresses = VEC_INIT(INTAKE_DEPTH),
                   .names = VEC_INIT(INTAKE_DEPTH),
                   .ns_per_cycle = 1,
                   .period = 1 };
        Span line = { 0 };
        int r;

        h.map = address_map(in, cut_map(&text));
        span_next_line(&text, &line);
        h.line = 1;
        r = read_first(&h, line);
        while (r == 0 && span_next_line(&text, &line)) {
                h.line++;
                if (span_starts(line, "# runtime.MemStats") || span_starts(line, "--- Memory map"))
                        break;
                r = read_line(&h, span_trim(line));
        }
        return r ? r : flush(&h);
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
        Intake in = intake_of(plan, arena, scratch, err);
        int r = read_profile(&in, text);

        if (r < 0)
                return r;
        intake_finish(&in);
        *ret = in.set;
        return 0;
}

static int detect(Span head, bool whole UNUSED)
{
        for (size_t i = 0; i < COUNT(beginnings); i++)
                if (span_starts(head, beginnings[i].start))
                        return 100;
        return 0;
}

const ProfileFormat pprof_heap_profile_format = {
        .name = "pprof-text",
        .says = "gperftools and Go text profiles: heap, contention, goroutines",
        .files = "github.com/google/pprof profile/legacy_profile.go",
        .detect = detect,
        .read = read,
};
