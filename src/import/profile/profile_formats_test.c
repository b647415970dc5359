/* What holds for every format: its sample is known by its bytes, reads as it should, and whatever
 * is cut off or changed gives an answer or an error with its place, never anything worse. */

#include "import/profile/profile_format.h"
#include "import/profile/profile_samples.h"

#include "harness.h"

#include <string.h>

static int import(Span text, const char *format, Arena *arena, ProfileSet *ret, Error *err)
{
        ProfileImportPlan plan = { .name = SPAN("sample"),
                                   .max_samples = 1000,
                                   .max_nodes = 10000 };

        if (format)
                plan.format = profile_format_find(span_of(format));
        return profile_import(text, &plan, arena, ret, err);
}

static Span weights_text(const Profile *p, Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));

        profile_write_collapsed_weights(p, &out);
        return buf_span(&out);
}

TEST(every_sample_is_detected_and_reads_as_it_should)
{
        for (size_t i = 0; i < n_format_samples; i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                const FormatSample *s = &format_samples[i];
                ProfileSet set, named;
                Error err = { 0 };

                assert_non_null(profile_format_find(span_of(s->format)));
                if (import(s->make(arena), NULL, arena, &set, &err) < 0 ||
                    import(s->make(arena), s->format, arena, &named, &err) < 0)
                        fail_msg("%s: %s", s->format, err.message);
                if (!span_is(weights_text(set.items.items[set.shown].profile, arena), s->collapsed))
                        fail_msg("%s:\n%.*s\nnot\n%s", s->format,
                                 SPAN_ARG(weights_text(set.items.items[set.shown].profile, arena)),
                                 s->collapsed);
                assert_int_equal(named.items.len, set.items.len);
        }
}

TEST(a_sample_that_is_cut_anywhere_reads_or_is_refused)
{
        for (size_t i = 0; i < n_format_samples; i++) {
                AUTO(arena_freep) Arena *own = arena_new(MiB(1));
                const FormatSample *s = &format_samples[i];
                Span whole = s->make(own);

                for (size_t n = 0; n < whole.len; n++) {
                        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                        ProfileSet set;
                        Error err = { 0 };
                        Mark mark = arena_mark(own);
                        Span cut = { n ? span_text(own, span_first(whole, n)) : "", n };

                        if (import(cut, s->format, arena, &set, &err) < 0 &&
                            (err.code <= 4096 || !strstr(err.message, "sample")))
                                fail_msg("%s cut at %zu: %d %s", s->format, n, err.code,
                                         err.message);
                        arena_reset(own, mark);
                }
        }
}

TEST(a_sample_with_any_byte_changed_reads_or_is_refused)
{
        static const char changes[] = { '\0', '\xff', '9', '"', '}' };

        for (size_t i = 0; i < n_format_samples; i++) {
                AUTO(arena_freep) Arena *own = arena_new(MiB(1));
                const FormatSample *s = &format_samples[i];
                Span whole = s->make(own);
                char *copy = span_text(own, whole);

                for (size_t n = 0; n < whole.len * COUNT(changes); n++) {
                        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                        char kept = copy[n / COUNT(changes)];
                        ProfileSet set;
                        Error err = { 0 };

                        copy[n / COUNT(changes)] = changes[n % COUNT(changes)];
                        if (import((Span){ copy, whole.len }, s->format, arena, &set, &err) < 0)
                                assert_true(err.code > 4096 && err.message[0]);
                        copy[n / COUNT(changes)] = kept;
                }
        }
}

/* Ceilings: of nodes, and of memory. */
TEST(too_many_stacks_are_refused)
{
        for (size_t i = 0; i < n_format_samples; i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                ProfileImportPlan plan = { .name = SPAN("sample"), .max_nodes = 2 };
                ProfileSet set;
                Error err = { 0 };

                if (span_is(span_of(format_samples[i].format), "callgrind") ||
                    span_is(span_of(format_samples[i].format), "pstats"))
                        continue; /* their stacks are made, as many as fit */
                if (profile_import(format_samples[i].make(arena), &plan, arena, &set, &err) == 0)
                        fail_msg("%s fits into two nodes", format_samples[i].format);
                assert_int_equal(err.code, ERR_LIMIT);
        }
}

TEST(memory_that_runs_out_is_an_error_wherever_it_does)
{
        for (size_t i = 0; i < n_format_samples; i++)
                for (size_t room = 1000; room < 40000; room += 1777) {
                        AUTO(arena_freep) Arena *own = arena_new(MiB(1));
                        AUTO(arena_freep) Arena *arena = arena_new(room);
                        ProfileSet set;
                        Error err = { 0 };

                        if (import(format_samples[i].make(own), format_samples[i].format, arena,
                                   &set, &err) < 0)
                                assert_int_equal(err.code, ERR_LIMIT);
                }
}

/* --- errors with their place --- */

static const struct {
        const char *format, *text, *message;
} mistakes[] = {
        { "cpuprofile", "{\"nodes\":[{\"id\":1}],\n \"samples\":[1,2],\"timeDeltas\":[1,2]}",
          "sample: there is no node 2" },
        { "cpuprofile", "{\"nodes\":[{\"id\":1},\n{\"id\":1}]}",
          "sample:2:7: a second node with the number 1" },
        { "cpuprofile", "{\"nodes\":[{\"id\":1}],\"samples\":[1,1],\"timeDeltas\":[1]}",
          "sample: 2 samples, but only 1 times" },
        { "cpuprofile", "{\"samples\":[]}", "sample:1:1: neither 'nodes' nor 'head' is in it" },
        { "cpuprofile",
          "{\"nodes\":[{\"id\":1,\"parent\":2},{\"id\":2,\"parent\":1}],"
          "\"samples\":[1],\"timeDeltas\":[1]}",
          "sample: stack 0 has more than 65536 frames, or runs in a circle" },
        { "heapprofile", "{\"head\":{\"selfSize\":-3}}",
          "sample:1:21: expected a whole number, found -3" },
        { "speedscope", "{\"shared\":{\"frames\":[{}]},\"profiles\":[]}",
          "sample:1:22: this frame has no name" },
        { "speedscope",
          "{\"shared\":{\"frames\":[{\"name\":\"a\"}]},\"profiles\":[{\"type\":"
          "\"sampled\",\"samples\":[[0],\n[1]],\"weights\":[1,1]}]}",
          "sample:2:2: frame 1 does not exist: there are 1" },
        { "speedscope",
          "{\"shared\":{\"frames\":[{\"name\":\"a\"}]},\"profiles\":[{\"type\":"
          "\"evented\",\"events\":[{\"type\":\"C\",\"frame\":0,\"at\":1}]}]}",
          "sample:1:77: frame 0 closes, but none is open" },
        { "chrome-trace", "{\"other\":[]}", "sample:1:1: 'traceEvents' is not in it" },
        { "chrome-trace", "[{\"ph\":\"X\",\"ts\":1,\"dur\":2 \"name\":\"a\"}]",
          "sample:1:27: expected ',' or '}', found '\"'" },
        { "firefox",
          "{\"threads\":[{\"samples\":{\"stack\":[7]},\"stackTable\":{\"frame\":[],"
          "\"prefix\":[]}}],\"meta\":{\"preprocessedProfileVersion\":1}}",
          "sample: sample 0: its stack does not exist" },
        { "callgrind", "events: Ir\nfn=main\n1 2 3\n", "sample:3: more costs than events (1)" },
        { "callgrind", "events: Ir\nfn=(1)\n1 2\n", "sample:2: the name (1) is not defined yet" },
        { "callgrind", "events: Ir\n1 2\n", "sample:2: costs before the first fn=" },
        { "callgrind", "events: Ir\nfn=a\ncalls=1 2\n1 3\n",
          "sample:3: calls= without cfn= before it" },
        { "pprof-text", "heap profile: 1: 2 [3: 4] @ heap_v2/512\n1: 2 @ 0x1\n",
          "sample:2: expected 4 numbers before '@'" },
        { "pprof-text", "heap profile: 1: 2 [3: 4] @ odd/512\n",
          "sample:1: a heap profile of a kind that is not known: 'odd'" },
        { "v8log", "v8-version,1\ntick,0x1\ntick,0x2\n",
          "sample:2: expected 'tick,0xPC,TIME,EXTERNAL,0xTOP,STATE,STACK...'" },
        { "v8log", "v8-version,1\n", "sample: no ticks in it" },
        { "pstats", "{)\003", "sample: byte 3: it ends early" },
        { "pstats", "{(", "sample: byte 2: it ends early" },
        { "jfr", "FLR", "sample: byte 0: a chunk's header ends early" },
        { "pprof", "\x0a\x02\x08\x01\x3a", "sample: byte 4: damaged, or it ends early" },
        { "pprof-cpu", "12345678", "sample: byte 0: not the header of a CPU profile" },
};

TEST(mistakes_are_named_with_their_place)
{
        for (size_t i = 0; i < COUNT(mistakes); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                ProfileSet set;
                Error err = { 0 };

                if (import(span_of(mistakes[i].text), mistakes[i].format, arena, &set, &err) == 0)
                        fail_msg("%s was read", mistakes[i].text);
                if (strcmp(err.message, mistakes[i].message) != 0)
                        fail_msg("'%s', not '%s'", err.message, mistakes[i].message);
                assert_int_equal(err.code, ERR_INPUT);
        }
}
