/* gperftools' and older Go's binary CPU profile: words of four or eight bytes in either order. A
 * header (0, 3, version, period in microseconds, 0), then samples (count, depth, addresses from the
 * leaf), an end (0, 1, 0) and the text of /proc/self/maps.
 *
 * As google's pprof does: every address but the leaf is a return address, and one is taken off it;
 * a frame that nearly all samples have right after the leaf is the signal handler's, and goes. */

#include "import/profile/pprof_legacy.h"

#include <inttypes.h>

#define MOST_WORDS ((size_t)1 << 28)
#define HEADER_WORDS 5
#define SIMILAR 32 /* one sample in so many may have another second address */

typedef struct Words {
        Span text;
        size_t size; /* of a word: 4 or 8 */
        bool big;
} Words;

static bool word_at(const Words *w, size_t i, uint64_t *ret)
{
        uint64_t value = 0;

        if (i >= w->text.len / w->size)
                return false;
        for (size_t b = 0; b < w->size; b++) {
                size_t at = w->big ? b : w->size - 1 - b;

                value = value << 8 | (uint8_t)w->text.ptr[i * w->size + at];
        }
        *ret = value;
        return true;
}

static bool is_header(const Words *w)
{
        uint64_t header[HEADER_WORDS];

        for (size_t i = 0; i < HEADER_WORDS; i++)
                if (!word_at(w, i, &header[i]))
                        return false;
        return header[0] == 0 && header[1] == 3 && header[2] <= 1 && header[3] > 0 &&
               header[3] < 1000000000 && header[4] == 0;
}

static bool find_words(Span text, Words *ret)
{
        for (unsigned form = 0; form < 4; form++) {
                *ret = (Words){ .text = text, .size = form & 1 ? 4 : 8, .big = form & 2 };
                if (is_header(ret))
                        return true;
        }
        return false;
}

typedef struct Record {
        uint64_t count;
        uint32_t first, depth; /* in addresses */
} Record;

typedef struct CpuProfile {
        Intake *in;
        Words words;
        VEC(Record) records;
        VEC(uint64_t) addresses;
        size_t at; /* word */
} CpuProfile;

static int fail_here(const CpuProfile *c, const char *what)
{
        return intake_fail_byte(c->in, c->at * c->words.size, "%s", what);
}

static int read_record(CpuProfile *c, uint64_t count, uint64_t depth)
{
        Record *record = vec_add(c->in->scratch, &c->records);

        if (!record)
                return intake_full(c->in, "samples");
        if (depth > INTAKE_DEPTH)
                return fail_here(c, "a stack has more than 65536 frames");
        *record = (Record){ count, (uint32_t)c->addresses.len, (uint32_t)depth };
        for (uint64_t i = 0; i < depth; i++) {
                uint64_t *slot = vec_add(c->in->scratch, &c->addresses);

                if (!slot)
                        return intake_full(c->in, "addresses");
                if (!word_at(&c->words, c->at + 2 + i, slot))
                        return fail_here(c, "it ends in the middle of this sample");
                *slot -= i && *slot ? 1 : 0;
        }
        c->at += 2 + depth;
        return 0;
}

static int read_records(CpuProfile *c)
{
        uint64_t count, depth, first = 0;
        int r = 0;

        c->at = HEADER_WORDS;
        while (r == 0 && word_at(&c->words, c->at, &count) &&
               word_at(&c->words, c->at + 1, &depth)) {
                word_at(&c->words, c->at + 2, &first);
                if (count == 0 && depth == 1 && first == 0) {
                        c->at += 3;
                        return 0;
                }
                if (depth == 0)
                        return fail_here(c, "a sample without a stack");
                r = read_record(c, count, depth);
        }
        if (r == 0)
                profile_set_warn(&c->in->set, c->in->arena,
                                 "it ends early, after %zu samples: read to there", c->records.len);
        return r;
}

/* The handler may put the leaf twice: once from the signal, once from the stack. */
static void drop_second_leaves(CpuProfile *c)
{
        vec_each (Record, r, &c->records) {
                const uint64_t *a = c->addresses.items + r->first;

                if (r->depth < 2 || a[0] != a[1] + 1)
                        continue;
                c->addresses.items[r->first + 1] = a[0];
                r->first++;
                r->depth--;
        }
}

/* The second address that nearly all samples share; false: there is none. */
static bool shared_second(CpuProfile *c, uint64_t *ret)
{
        Map counts = map_in(c->in->scratch, c->records.len + 1);
        size_t wanted = c->records.len - c->records.len / SIMILAR;

        vec_each (const Record, r, &c->records) {
                uint64_t address = r->depth > 1 ? c->addresses.items[r->first + 1] : 0;
                MapSlot *slot = r->depth > 1 ? map_add_u64(&counts, address) : NULL;

                if (!slot || ++slot->number < wanted)
                        continue;
                *ret = address;
                return true;
        }
        return false;
}

static void drop_handler(CpuProfile *c)
{
        uint64_t handler;

        for (unsigned times = 0; times < 2 && shared_second(c, &handler); times++)
                vec_each (Record, r, &c->records) {
                        uint64_t *a = c->addresses.items + r->first;

                        if (r->depth < 2 || a[1] != handler)
                                continue;
                        a[1] = a[0];
                        r->first++;
                        r->depth--;
                }
}

static int add_records(CpuProfile *c, Profile *p, uint64_t period_ns)
{
        Span maps = span_from(c->words.text, c->at * c->words.size);
        AddressMap map = address_map(c->in, maps);
        int r = 0;

        vec_each (const Record, record, &c->records) {
                uint32_t node = 0;
                uint64_t weight;

                for (uint32_t i = record->depth; i-- > 0 && node != INTAKE_NONE;) {
                        uint32_t frame = legacy_frame(
                                c->in, p, &map, c->addresses.items[record->first + i], SPAN(""));

                        node = frame == INTAKE_NONE ? INTAKE_NONE
                                                    : intake_child(c->in, p, node, frame);
                }
                if (node == INTAKE_NONE)
                        return intake_failed(c->in);
                if (__builtin_mul_overflow(record->count, period_ns, &weight))
                        return intake_fail(c->in, ERR_INPUT, "a sample's count is too much");
                r = r ? r : intake_add(c->in, p, node, record->count, weight);
        }
        return r;
}

static int read_profile(Intake *in, Span text)
{
        CpuProfile c = { .in = in,
                         .records = VEC_INIT(MOST_WORDS),
                         .addresses = VEC_INIT(MOST_WORDS) };
        uint64_t period_us = 0;
        Profile *p;
        int r;

        if (!find_words(text, &c.words))
                return intake_fail_byte(in, 0, "not the header of a CPU profile");
        word_at(&c.words, 3, &period_us);
        p = intake_profile(in, SPAN("cpu"), "cpu", UNIT_NS);
        if (!p)
                return intake_failed(in);
        p->rate_hz = 1e6 / (double)period_us;
        r = read_records(&c);
        if (r < 0)
                return r;
        drop_second_leaves(&c);
        drop_handler(&c);
        return add_records(&c, p, period_us * NS_PER_US);
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
        Words words;

        return find_words(head, &words) ? 100 : 0;
}

const ProfileFormat pprof_cpu_profile_format = {
        .name = "pprof-cpu",
        .says = "gperftools binary CPU profile",
        .files = "gperftools.github.io/gperftools/cpuprofile-fileformat.html",
        .detect = detect,
        .read = read,
};
