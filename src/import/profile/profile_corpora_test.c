/* Every file of HONE_CORPORA/speedscope and /pprof: opened, with what is known about it, or refused
 * with the place. */

#include "import/profile/profile_format.h"

#include "base/fs.h"
#include "harness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)

/* What a file's shown profile has to have; all of it was worked out from the files themselves. */
typedef struct Given {
        const char *path, *format;
        size_t items;
        uint64_t samples, weight;
        Unit unit;
        const char *stack; /* one of its collapsed lines, weights as counts */
} Given;

static const Given files[] = {
        { "speedscope/Chrome/65/simple.cpuprofile", "cpuprofile", 1, 29, 36317000, UNIT_NS,
          "(anonymous);a;c;d 18255000" },
        { "speedscope/Chrome/69/Heap-20181005T144546.heapprofile", "heapprofile", 1, 201, 10030888,
          UNIT_BYTES, NULL },
        { "speedscope/Chrome/69/simple.json", "chrome-trace", 17, 2051, 276587000, UNIT_NS, NULL },
        { "speedscope/Firefox/59/simple-firefox.json", "firefox", 1, 38, 38 * MS, UNIT_NS, NULL },
        { "speedscope/callgrind/callgrind.example.log", "callgrind", 1, 4, 820, UNIT_COUNT,
          "main;func1;func2 300" },
        { "speedscope/callgrind/callgrind.multiple-event-types.log", "callgrind", 2, 4, 8200,
          UNIT_NS, "main;func1 1000" },
        { "speedscope/node/10.11.0/example.cpuprofile", "cpuprofile", 1, 29, 35488000, UNIT_NS,
          "(anonymous);a;c;d 17426000" },
        { "speedscope/pprof/simple.prof", "pprof", 2, 150, 1500 * MS, UNIT_NS, NULL },
        { "speedscope/speedscope/0.0.1/simple.speedscope.json", "speedscope", 1, 4, 14, UNIT_COUNT,
          "a;b;d 4" },
        { "speedscope/speedscope/0.1.2/simple-sampled.speedscope.json", "speedscope", 1, 5,
          14000 * MS, UNIT_NS, "a;b;c 5000000000" },
        { "speedscope/stackcollapse/simple.txt", "collapsed", 1, 14, 14, UNIT_COUNT, "a;b;c 5" },
        { "speedscope/stackcollapse/simple-crlf.txt", "collapsed", 1, 14, 14, UNIT_COUNT,
          "a;b;c 5" },
        { "speedscope/stackcollapse/simple-utf16-le.txt", "collapsed", 1, 14, 14, UNIT_COUNT,
          "a;b;c 5" },
        { "speedscope/stackcollapse/simple-with-invalids.txt", "collapsed", 1, 14, 14, UNIT_COUNT,
          "a;b;c 5" },
        { "speedscope/stackcollapse/recursion.txt", "collapsed", 1, 10, 10, UNIT_COUNT, NULL },
        { "speedscope/linux-perf/rust-mangled.linux-perf.txt", "perf-script", 1, 96, 1627118592,
          UNIT_NS, NULL },
        { "speedscope/linux-perf/simple-with-pid.linux-perf.txt", "perf-script", 1, 137, 137,
          UNIT_COUNT, NULL },
        { "speedscope/linux-perf/simple.linux-perf.txt", "perf-script", 1, 1, 1001001, UNIT_NS,
          NULL },
        { "speedscope/trace-event/matching-x.json", "chrome-trace", 1, 5, 10000, UNIT_NS,
          "alpha;beta;gamma 1000" },
        { "speedscope/trace-event/mismatched-name.json", "chrome-trace", 1, 1, 10000, UNIT_NS,
          "alpha 10000" },
        { "speedscope/trace-event/multiprocess.json", "chrome-trace", 8, 1, 1000, UNIT_NS,
          "alpha 1000" },
        { "speedscope/trace-event/only-begin-events.json", "chrome-trace", 1, 2, 2000, UNIT_NS,
          "A;B 1000" },
        { "pprof/cppbench.cpu", "pprof-cpu", 1, 712, 7120 * MS, UNIT_NS, NULL },
        { "pprof/gobench.cpu", "pprof-cpu", 1, 305, 3050 * MS, UNIT_NS, NULL },
        { "pprof/cppbench.heap", "pprof-text", 2, 0, 0, UNIT_BYTES, NULL },
        { "pprof/gobench.heap", "pprof-text", 4, 0, 0, UNIT_BYTES, NULL },
};

static const char *corpora_path(Arena *arena, const char *path)
{
        const char *folder = getenv("HONE_CORPORA");

        return arena_printf(arena, "%s/%s", folder ? folder : "../shared/corpora", path);
}

static void need_corpora(Arena *arena)
{
        const char *probe = corpora_path(arena, "speedscope");

        if (!path_exists(probe))
                skip_because("%s is not there (HONE_CORPORA)", probe);
}

static Span weights_text(const Profile *p, Arena *arena)
{
        Buf out = buf_in(arena, MiB(16));

        profile_write_collapsed_weights(p, &out);
        return buf_span(&out);
}

static void check_file(const Given *given)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        const char *path = corpora_path(arena, given->path);
        ProfileImportPlan named = { .max_samples = 100000,
                                    .format = profile_format_find(span_of(given->format)) };
        ProfileSet set, again;
        Error err = { 0 };
        const Profile *p;

        assert_ok(profile_import_file(path, &(ProfileImportPlan){ .max_samples = 100000 }, arena,
                                      &set, &err),
                  err);
        if (set.items.len != given->items)
                fail_msg("%s: %zu profiles, not %zu", path, set.items.len, given->items);
        p = set.items.items[set.shown].profile;
        if (given->weight && (p->total_weight != given->weight ||
                              p->quality.samples != given->samples || p->unit != given->unit))
                fail_msg("%s: %" PRIu64 " samples, %" PRIu64 " %s", path, p->quality.samples,
                         p->total_weight, unit_name(p->unit));
        if (given->stack &&
            !span_contains(weights_text(p, arena), arena_printf(arena, "%s\n", given->stack)))
                fail_msg("%s: no '%s' in\n%.*s", path, given->stack,
                         SPAN_ARG(weights_text(p, arena)));
        assert_non_null(named.format); /* the one that is detected, and none else, reads it */
        assert_ok(profile_import_file(path, &named, arena, &again, &err), err);
        assert_int_equal(again.items.items[again.shown].profile->total_weight, p->total_weight);
}

TEST(every_importable_sample_opens_with_its_weights)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        need_corpora(arena);
        for (size_t i = 0; i < COUNT(files); i++)
                check_file(&files[i]);
}

TEST(an_evented_profile_that_never_closes_is_refused_with_the_place)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set;
        Error err = { 0 };
        const char *path;

        need_corpora(arena);
        path = corpora_path(arena, "speedscope/speedscope/invalid/incomplete-trace.json");
        assert_fails(profile_import_file(path, &(ProfileImportPlan){ 0 }, arena, &set, &err), err,
                     ERR_INPUT);
        assert_non_null(strstr(err.message, "incomplete-trace.json:13:18: "));
}

/* --- google's own dump of the older profiles --- */

typedef struct Dump {
        Span samples;
        Span types[8], addresses[1000]; /* the latter by id: there is no location 0 */
        size_t n_types, n_addresses;
} Dump;

static Span section(Span text, const char *from, const char *to)
{
        ptrdiff_t start = span_find(text, span_of(from)), end;

        assert_true(start >= 0);
        text = span_from(text, (size_t)start + strlen(from));
        end = span_find(text, span_of(to));
        return end < 0 ? text : span_first(text, (size_t)end);
}

static Dump read_dump(Arena *arena, const char *path)
{
        Dump d = { .n_addresses = 1 };
        Error err = { 0 };
        Span all, locations, line, word;

        assert_ok(file_read(path, MiB(1), arena, &all, &err), err);
        d.samples = section(all, "Samples:\n", "Locations\n");
        locations = section(all, "Locations\n", "Mappings\n");
        span_next_line(&d.samples, &line);
        while (span_next_word(&line, &word))
                d.types[d.n_types++ % COUNT(d.types)] = span_cut(&word, '/');
        while (span_next_line(&locations, &line))
                if (span_next_word(&line, &word) && span_next_word(&line, &word))
                        d.addresses[d.n_addresses++ % COUNT(d.addresses)] = word;
        return d;
}

static void add_dumped(const Dump *d, Profile *p, size_t type, Span line)
{
        uint32_t chain[256];
        uint64_t value = 0, id;
        size_t n = 0, at = 0;
        Span word, values = span_cut(&line, ':');

        for (size_t i = 0; i <= type; i++)
                assert_true(span_next_word(&values, &word));
        assert_int_equal(span_to_u64(word, &value, NULL), 0);
        while (span_next_word(&line, &word)) {
                assert_int_equal(span_to_u64(word, &id, NULL), 0);
                assert_true(id < d->n_addresses && n < COUNT(chain));
                chain[n++] = profile_frame(p, &(FrameDesc){ .symbol = d->addresses[id] });
        }
        if (n == 0)
                chain[n++] = profile_frame(p, &(FrameDesc){ .symbol = SPAN("[no stack]") });
        for (; at < n / 2; at++) {
                uint32_t leaf = chain[at];

                chain[at] = chain[n - 1 - at];
                chain[n - 1 - at] = leaf;
        }
        if (value)
                profile_add(p, chain, n, 1, value);
}

static void check_dump(const char *name)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Dump d =
                read_dump(arena, corpora_path(arena, arena_printf(arena, "pprof/%s.string", name)));
        ProfileSet set;
        Error err = { 0 };

        assert_ok(profile_import_file(corpora_path(arena, arena_printf(arena, "pprof/%s", name)),
                                      &(ProfileImportPlan){ 0 }, arena, &set, &err),
                  err);
        for (size_t type = 0; type < d.n_types; type++) {
                const Profile *read = profile_set_find(&set, d.types[type]);
                Profile *wanted = profile_new(arena, 100000);
                Span rest = d.samples, line;

                if (!read && span_is(d.types[type], "samples"))
                        continue; /* the counts of the one CPU profile */
                assert_non_null(read);
                while (span_next_line(&rest, &line))
                        if (!span_contains(line, "["))
                                add_dumped(&d, wanted, type, line);
                assert_int_equal(read->total_weight, wanted->total_weight);
                if (!span_eq(weights_text(read, arena), weights_text(wanted, arena)))
                        fail_msg("%s, %.*s:\n%.*s\nnot\n%.*s", name, SPAN_ARG(d.types[type]),
                                 SPAN_ARG(weights_text(read, arena)),
                                 SPAN_ARG(weights_text(wanted, arena)));
        }
}

TEST(older_pprof_profiles_have_the_stacks_and_values_that_google_reads)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        need_corpora(arena);
        check_dump("cppbench.cpu");
        check_dump("gobench.cpu");
        check_dump("cppbench.heap");
        check_dump("gobench.heap");
}
