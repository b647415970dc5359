/* What is written in a format is read back with the same stacks and weights; where a tool that owns
 * the format is on the machine, it reads the file, too. */

#include "import/profile/profile_format.h"
#include "present/profile_export.h"

#include "base/fs.h"
#include "base/json.h"
#include "base/subprocess.h"
#include "harness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_BYTES MiB(256)

typedef struct Spelling {
        const char *symbol, *module, *file;
        uint32_t line;
        FrameKind kind;
} Spelling;

static const Spelling spellings[] = {
        { "main", "/bin/shop", "shop.c", 10, FRAME_NATIVE },
        { "serve<int, \"x\">", "/bin/shop", "serve.c", 20, FRAME_NATIVE },
        { "parse \xc3\xa9", "/bin/shop", "parse.h", 30, FRAME_INLINED },
        { "parse_deeper", "/bin/shop", "parse.h", 40, FRAME_INLINED },
        { "sys_read", "[kernel.kallsyms]", "", 0, FRAME_KERNEL },
        { "0x7f00dead", "/lib/libc.so.6", "", 0, FRAME_UNKNOWN },
        { "render", "app.js", "app.js", 7, FRAME_SCRIPT },
        { "serve<int, \"x\">", "/bin/shop", "serve.c", 21, FRAME_NATIVE },
};

/* Stacks as indexes of spellings, root first; -1 ends. */
static const struct {
        int frames[8];
        uint64_t samples, weight;
} stacks[] = {
        { { 0, -1 }, 1, 1000000 },           { { 0, 1, -1 }, 3, 3000001 },
        { { 0, 1, 2, 3, -1 }, 7, 7654321 },  { { 0, 1, 2, 3, 4, -1 }, 2, 2 },
        { { 0, 7, 5, -1 }, 1, 999 },         { { 0, 1, 1, 1, -1 }, 5, 5000000 },
        { { 6, -1 }, 4, UINT64_C(1) << 40 }, { { 6, 6, 0, -1 }, 1, 123456789 },
};

static size_t chain_of(Profile *p, const int *frames, uint32_t *chain)
{
        size_t n = 0;

        for (; frames[n] >= 0; n++) {
                const Spelling *s = &spellings[frames[n]];

                chain[n] = profile_frame(p, &(FrameDesc){ span_of(s->symbol), span_of(s->module),
                                                          span_of(s->file), s->line, s->kind });
        }
        return n;
}

static void fill(Profile *p, uint64_t times)
{
        uint32_t chain[8];

        for (size_t i = 0; i < COUNT(stacks); i++)
                profile_add(p, chain, chain_of(p, stacks[i].frames, chain), stacks[i].samples,
                            stacks[i].weight * times);
}

/* Three rounds in two threads, with gaps; ends and beginnings meet now and then. */
static void fill_in_time(Profile *p)
{
        uint32_t threads[] = { profile_thread(p, SPAN("main"), 7, 7),
                               profile_thread(p, SPAN("worker"), 7, 8) };
        uint64_t at[2] = { 0, 500 };
        uint32_t chain[8];

        profile_keep_samples(p, 1000);
        for (size_t round = 0; round < 3; round++)
                for (size_t i = 0; i < COUNT(stacks); i++) {
                        size_t t = (i + round) % 2, n = chain_of(p, stacks[i].frames, chain);

                        profile_add_at(p, chain, n, threads[t], at[t], stacks[i].weight);
                        at[t] += stacks[i].weight + (i % 3 == 0 ? 1000 : 0);
                }
}

static Profile *add(ProfileSet *set, const char *name, Unit unit, Arena *arena)
{
        Profile *p = profile_set_add(set, span_of(name), 10000, arena);

        assert_non_null(p);
        p->unit = unit;
        p->event = name;
        return p;
}

static Span weights_text(const Profile *p, Arena *arena)
{
        Buf out = buf_in(arena, OUT_BYTES);

        profile_write_collapsed_weights(p, &out);
        assert_false(out.overflowed);
        return buf_span(&out);
}

/* All items as one profile, whatever they are called: threads may have become items. */
static Span flat(const ProfileSet *set, Arena *arena)
{
        Profile *all = profile_new(arena, 1 << 20);
        uint32_t chain[1024];

        vec_each (const ProfileSetItem, item, &set->items) {
                const Profile *p = item->profile;

                for (uint32_t i = 0; i < p->nodes.len; i++) {
                        size_t depth = 0;

                        if (!p->nodes.items[i].self_weight)
                                continue;
                        for (uint32_t at = i; at; at = p->nodes.items[at].parent)
                                depth++;
                        assert_true(depth < COUNT(chain));
                        for (uint32_t at = i, k = (uint32_t)depth; at;
                             at = p->nodes.items[at].parent)
                                chain[--k] = profile_frame(
                                        all, &(FrameDesc){ .symbol = profile_symbol(
                                                                   p, p->nodes.items[at].frame) });
                        profile_add(all, chain, depth, 1, p->nodes.items[i].self_weight);
                }
        }
        return weights_text(all, arena);
}

static Span written(const ProfileSet *set, const char *format, Arena *arena)
{
        const ProfileWriter *writer = profile_writer_find(span_of(format));
        Buf out = buf_in(arena, OUT_BYTES);
        Error err = { 0 };

        assert_non_null(writer);
        assert_ok(writer->write(set, "a \"title\"", &out, &err), err);
        return buf_span(&out);
}

/* Reads it without being told what it is. */
static ProfileSet read_back(Span text, const char *format, Arena *arena)
{
        ProfileImportPlan plan = { .name = SPAN("back"), .max_samples = 1000000 };
        ProfileSet set = { 0 };
        Error err = { 0 };

        assert_ok(profile_import(text, &plan, arena, &set, &err), err);
        plan.format = profile_format_find(span_of(format));
        assert_non_null(plan.format);
        assert_ok(profile_import(text, &plan, arena, &set, &err), err);
        return set;
}

static void assert_same(Span a, Span b, const char *format)
{
        if (!span_eq(a, b))
                fail_msg("%s:\n%.*s\nnot\n%.*s", format, SPAN_ARG(a), SPAN_ARG(b));
}

static const char *const with_stacks[] = { "pprof", "speedscope", "firefox", "chrome-trace" };
static const char *const all_formats[] = { "pprof", "speedscope", "firefox", "chrome-trace",
                                           "callgrind" };

TEST(stacks_and_weights_come_back_from_every_format)
{
        static const Unit units[] = { UNIT_NS, UNIT_BYTES, UNIT_COUNT };

        for (size_t u = 0; u < COUNT(units); u++)
                for (size_t f = 0; f < COUNT(with_stacks); f++) {
                        AUTO(arena_freep) Arena *arena = arena_new(GiB(4));
                        ProfileSet set = profile_set_new(), back;
                        const Profile *p;

                        fill(add(&set, "cpu", units[u], arena), 1);
                        back = read_back(written(&set, with_stacks[f], arena), with_stacks[f],
                                         arena);
                        p = back.items.items[back.shown].profile;
                        assert_int_equal(p->unit, units[u]);
                        assert_same(weights_text(p, arena),
                                    weights_text(set.items.items[0].profile, arena),
                                    with_stacks[f]);
                }
}

TEST(samples_in_time_come_back_by_thread)
{
        static const char *const timed[] = { "speedscope", "firefox", "chrome-trace" };

        for (size_t f = 0; f < COUNT(timed); f++) {
                AUTO(arena_freep) Arena *arena = arena_new(GiB(4));
                ProfileSet set = profile_set_new(), back;

                fill_in_time(add(&set, "cpu", UNIT_NS, arena));
                back = read_back(written(&set, timed[f], arena), timed[f], arena);
                assert_int_equal(back.items.len, 2);
                assert_int_equal(back.kind, PROFILES_THREADS);
                assert_same(flat(&back, arena), flat(&set, arena), timed[f]);
                vec_each (const ProfileSetItem, item, &back.items) {
                        assert_true(item->profile->samples.len > 0);
                        assert_int_equal(item->profile->quality.untimed, 0);
                }
                assert_true(span_contains(back.items.items[1].name, "worker"));
        }
}

TEST(firefox_keeps_the_very_times)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(4));
        ProfileSet set = profile_set_new(), back;
        Profile *p = add(&set, "cpu", UNIT_NS, arena);
        uint32_t frame = profile_frame(p, &(FrameDesc){ .symbol = SPAN("f") });
        uint32_t thread = profile_thread(p, SPAN("main"), 1, 2);

        profile_keep_samples(p, 10);
        for (uint64_t i = 0; i < 5; i++)
                profile_add_at(p, &frame, 1, thread, i * 1234567, 999);
        back = read_back(written(&set, "firefox", arena), "firefox", arena);
        assert_int_equal(back.items.items[0].profile->samples.len, 5);
        assert_int_equal(back.items.items[0].profile->samples.items[3].time_ns, 3 * 1234567);
        assert_int_equal(back.items.items[0].profile->samples.items[3].weight, 999);
}

TEST(values_of_one_source_stay_apart)
{
        static const char *const formats[] = { "pprof", "speedscope", "firefox" };

        for (size_t f = 0; f < COUNT(formats); f++) {
                AUTO(arena_freep) Arena *arena = arena_new(GiB(4));
                ProfileSet set = profile_set_new(), back;

                fill(add(&set, "alloc_space", UNIT_BYTES, arena), 3);
                fill(add(&set, "inuse_space", UNIT_BYTES, arena), 1);
                set.shown = 1;
                back = read_back(written(&set, formats[f], arena), formats[f], arena);
                assert_int_equal(back.items.len, 2);
                for (size_t i = 0; i < 2; i++) {
                        assert_same(back.items.items[i].name, set.items.items[i].name, formats[f]);
                        assert_same(weights_text(back.items.items[i].profile, arena),
                                    weights_text(set.items.items[i].profile, arena), formats[f]);
                }
                if (f < 2) { /* Firefox has nowhere to say it */
                        assert_int_equal(back.kind, PROFILES_VALUES);
                        assert_int_equal(back.shown, 1);
                }
        }
}

TEST(pprof_keeps_counts_lines_files_modules_and_kinds)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(8));
        ProfileSet set = profile_set_new(), back;
        const Profile *p, *q;

        fill(add(&set, "cpu", UNIT_NS, arena), 1);
        p = set.items.items[0].profile;
        set.items.items[0].profile->rate_hz = 99;
        back = read_back(written(&set, "pprof", arena), "pprof", arena);
        q = back.items.items[back.shown].profile;
        assert_int_equal(q->quality.samples, p->quality.samples);
        assert_int_equal(q->quality.unknown_frames, p->quality.unknown_frames);
        assert_near(q->rate_hz, 99, 0.001);
        assert_int_equal(q->frames.len, COUNT(spellings));
        for (uint32_t i = 0; i < q->frames.len; i++) {
                const Frame *f = &q->frames.items[i];
                bool found = false;

                for (size_t k = 0; k < COUNT(spellings); k++)
                        found |=
                                span_is(profile_symbol(q, i), spellings[k].symbol) &&
                                span_is(profile_module(q, i), spellings[k].module) &&
                                span_is(q->strings.items[f->file], spellings[k].file) &&
                                f->line == spellings[k].line &&
                                (f->kind == spellings[k].kind || spellings[k].kind == FRAME_SCRIPT);
                if (!found)
                        fail_msg("%.*s %.*s:%" PRIu32 " %d", SPAN_ARG(profile_symbol(q, i)),
                                 SPAN_ARG(q->strings.items[f->file]), f->line, (int)f->kind);
        }
}

TEST(threads_become_a_label_of_pprof)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(8));
        ProfileSet set = profile_set_new(), back = { 0 };
        ProfileImportPlan plan = { .name = SPAN("back"), .tid = true };
        Error err = { 0 };
        Span text;

        set.kind = PROFILES_THREADS;
        fill(add(&set, "one", UNIT_NS, arena), 1);
        fill(add(&set, "two", UNIT_NS, arena), 2);
        text = written(&set, "pprof", arena);
        assert_ok(profile_import(text, &plan, arena, &back, &err), err);
        assert_true(span_contains(weights_text(back.items.items[1].profile, arena),
                                  "two;main 2000000\n"));
        assert_int_equal(back.warnings.len, 0);
        plan.tid = false;
        assert_ok(profile_import(text, &plan, arena, &back, &err), err);
        assert_true(
                span_contains(weights_text(back.items.items[1].profile, arena), "main 3000000\n"));
        assert_int_equal(back.warnings.len, 1);
}

/* Where every function has one caller, calls say as much as stacks. */
TEST(callgrind_keeps_stacks_of_a_tree_and_self_costs_of_any_graph)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(8));
        ProfileSet set = profile_set_new(), back;
        Profile *p = add(&set, "cpu time", UNIT_NS, arena);
        static const char *const names[] = { "main", "a", "b", "c" };
        uint32_t f[4], chain[3];

        for (size_t i = 0; i < 4; i++)
                f[i] = profile_frame(p, &(FrameDesc){ .symbol = span_of(names[i]), .line = 3 });
        memcpy(chain, (uint32_t[]){ f[0], f[1], f[2] }, sizeof(chain));
        profile_add(p, chain, 3, 1, 700);
        profile_add(p, chain, 2, 1, 20);
        memcpy(chain, (uint32_t[]){ f[0], f[3] }, 2 * sizeof(*chain));
        profile_add(p, chain, 2, 1, 5000);
        profile_add(p, chain, 1, 1, 3);
        back = read_back(written(&set, "callgrind", arena), "callgrind", arena);
        assert_same(weights_text(back.items.items[0].profile, arena), weights_text(p, arena),
                    "callgrind");
        assert_int_equal(back.items.items[0].profile->unit, UNIT_NS);

        set = profile_set_new();
        fill(add(&set, "cpu", UNIT_NS, arena), 1);
        back = read_back(written(&set, "callgrind", arena), "callgrind", arena);
        assert_int_equal(back.items.items[0].profile->total_weight,
                         set.items.items[0].profile->total_weight);
}

TEST(json_that_is_written_is_json)
{
        for (size_t f = 1; f < COUNT(with_stacks); f++) {
                AUTO(arena_freep) Arena *arena = arena_new(GiB(4));
                ProfileSet set = profile_set_new();
                Document doc;
                Error err = { 0 };

                fill_in_time(add(&set, "in \"time\"", UNIT_NS, arena));
                fill(add(&set, "", UNIT_NS, arena), 1);
                add(&set, "empty", UNIT_NS, arena);
                assert_ok(json_parse_strict(written(&set, with_stacks[f], arena), "out", arena,
                                            &doc, &err),
                          err);
        }
}

TEST(a_full_buffer_is_an_error_of_every_writer)
{
        for (size_t f = 0; f < COUNT(all_formats); f++)
                for (size_t room = 0; room < 300; room += 37) {
                        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
                        ProfileSet set = profile_set_new();
                        Buf out = buf_in(arena, room);
                        Error err = { 0 };

                        fill(add(&set, "cpu", UNIT_NS, arena), 1);
                        assert_fails(profile_writer_find(span_of(all_formats[f]))
                                             ->write(&set, "title", &out, &err),
                                     err, ERR_LIMIT);
                }
}

/* --- what other people's tools make of it --- */

static bool runs(const char *program, const char *argument, Arena *arena)
{
        const char *argv[] = { program, argument, NULL };
        Subprocess done;
        Error err = { 0 };

        return subprocess_run(&(SubprocessPlan){ .argv = argv, .timeout_ns = 30 * NS_PER_S }, arena,
                              &done, &err) == 0;
}

static Span tool_output(const char *const *argv, Arena *arena)
{
        Subprocess done;
        Error err = { 0 };

        assert_ok(subprocess_must(&(SubprocessPlan){ .argv = argv, .timeout_ns = 120 * NS_PER_S },
                                  arena, &done, &err),
                  err);
        return done.out;
}

static char *file_with(Span text, Arena *arena)
{
        char *path = arena_printf(arena, "/tmp/hone-round-trip-%d", (int)getpid());
        Error err = { 0 };

        assert_ok(file_write(path, text, &err), err);
        return path;
}

TEST(go_tool_pprof_reads_what_is_written)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(8));
        ProfileSet set = profile_set_new();
        char *path;
        Span out;

        if (!runs("go", "version", arena))
                skip_because("go is not installed");
        fill(add(&set, "cpu", UNIT_NS, arena), 1);
        path = file_with(written(&set, "pprof", arena), arena);
        out = tool_output((const char *[]){ "go", "tool", "pprof", "-raw", path, NULL }, arena);
        unlink(path);
        assert_true(span_contains(out, "samples/count cpu/nanoseconds[dflt]"));
        assert_true(span_contains(out, "4 1099511627776: "));
        assert_true(span_contains(out, "parse_deeper parse.h:40"));
        assert_true(span_contains(out, "0x7f00dead M="));
}

TEST(callgrind_annotate_reads_what_is_written)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(8));
        ProfileSet set = profile_set_new();
        char *path;
        Span out;

        if (!runs("callgrind_annotate", "--version", arena))
                skip_because("callgrind_annotate is not installed");
        fill(add(&set, "cpu", UNIT_COUNT, arena), 1);
        path = file_with(written(&set, "callgrind", arena), arena);
        out = tool_output((const char *[]){ "callgrind_annotate", "--threshold=100", path, NULL },
                          arena);
        unlink(path);
        assert_true(span_contains(out, "1,099,651,739,888")); /* the whole */
        assert_true(span_contains(out, ":render"));
}

/* --- the corpora, through every format and back --- */

static const char *const samples[] = {
        "speedscope/Chrome/65/simple.cpuprofile",
        "speedscope/Chrome/69/Heap-20181005T144546.heapprofile",
        "speedscope/Firefox/59/simple-firefox.json",
        "speedscope/pprof/simple.prof",
        "speedscope/speedscope/0.0.1/simple.speedscope.json",
        "speedscope/trace-event/multiprocess.json",
        "speedscope/linux-perf/rust-mangled.linux-perf.txt",
        "pprof/cppbench.cpu",
        "pprof/gobench.heap",
};

static const char *corpora_path(Arena *arena, const char *path)
{
        const char *folder = getenv("HONE_CORPORA");

        return arena_printf(arena, "%s/%s", folder ? folder : "../shared/corpora", path);
}

static void check_sample(const char *path, const char *format)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(8));
        ProfileImportPlan plan = { .max_samples = 1000000 };
        ProfileSet set = { 0 }, one = profile_set_new(), back;
        ProfileSetItem *item;
        Error err = { 0 };

        assert_ok(profile_import_file(path, &plan, arena, &set, &err), err);
        item = vec_add(arena, &one.items);
        if (!item)
                fail_msg("no memory");
        else
                *item = set.items.items[set.shown];
        back = read_back(written(&one, format, arena), format, arena);
        if (back.kind == PROFILES_VALUES) { /* pprof counts samples, too */
                back.items.items[0] = back.items.items[back.shown];
                back.items.len = 1;
        }
        assert_same(flat(&back, arena), flat(&one, arena), path);
}

TEST(samples_of_other_tools_survive_every_format)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        if (!path_exists(corpora_path(arena, "speedscope")))
                skip_because("%s is not there (HONE_CORPORA)", corpora_path(arena, "speedscope"));
        for (size_t i = 0; i < COUNT(samples); i++)
                for (size_t f = 0; f < COUNT(with_stacks); f++)
                        check_sample(corpora_path(arena, samples[i]), with_stacks[f]);
}
