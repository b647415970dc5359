/* Every text of HONE_CORPORA/flamegraph, under every option, against the bytes that
 * stackcollapse-perf.pl gives for it. */

#include "import/profile/profile_format.h"

#include "base/fs.h"
#include "harness.h"

#include <stdlib.h>

typedef struct Given {
        const char *name;
        bool stale_ids; /* its pid and tid results are older than the script's rule for Java */
} Given;

static const Given texts[] = {
        { "perf-cycles-instructions-01" }, { "perf-dd-stacks-01" },
        { "perf-funcab-cmd-01" },          { "perf-funcab-pid-01" },
        { "perf-java-stacks-01", true },   { "perf-js-stacks-01" },
        { "perf-rust-Yamakaky-dcpu" },
};

static const struct {
        const char *option;
        ProfileImportPlan plan;
        bool ids;
} options[] = {
        { "pid", { .pid = true }, true },
        { "tid", { .tid = true }, true },
        { "kernel", { .kernel = true }, false },
        { "jit", { .jit = true }, false },
        { "all", { .kernel = true, .jit = true }, false },
        { "addrs", { .addrs = true }, false },
};

static const char *corpora(void)
{
        const char *folder = getenv("HONE_CORPORA");

        return folder ? folder : "../shared/corpora";
}

static Span collapsed(const char *path, ProfileImportPlan plan, Arena *arena)
{
        Buf out = buf_in(arena, MiB(16));
        ProfileSet set = { 0 };
        Error err = { 0 };

        plan.inline_frames = true;
        assert_ok(profile_import_file(path, &plan, arena, &set, &err), err);
        assert_int_equal(set.items.len, 1);
        profile_write_collapsed_weights(set.items.items[0].profile, &out);
        assert_ok(buf_check(&out, &err), err);
        return buf_span(&out);
}

static void same_text(Span got, Span want, const char *path)
{
        Span a, b;

        while (span_next_line(&got, &a) && span_next_line(&want, &b))
                if (!span_eq(a, b))
                        fail_msg("%s: '%.*s', not '%.*s'", path, SPAN_ARG(a), SPAN_ARG(b));
        assert_int_equal(got.len, 0);
        assert_int_equal(want.len, 0);
}

static void check_text(const char *folder, const Given *given)
{
        for (size_t i = 0; i < COUNT(options); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                const char *text = arena_printf(arena, "%s/%s.txt", folder, given->name);
                const char *results = arena_printf(arena, "%s/results/%s-collapsed-%s.txt", folder,
                                                   given->name, options[i].option);
                Error err = { 0 };
                Span want;

                if (given->stale_ids && options[i].ids)
                        continue;
                assert_ok(file_read(results, MiB(16), arena, &want, &err), err);
                same_text(collapsed(text, options[i].plan, arena), want, results);
        }
}

TEST(perf_script_texts_collapse_to_the_same_bytes_as_with_the_perl_script)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const char *folder = arena_printf(arena, "%s/flamegraph", corpora());

        if (!path_exists(folder))
                skip_because("%s is not there (HONE_CORPORA)", folder);
        for (size_t i = 0; i < COUNT(texts); i++)
                check_text(folder, &texts[i]);
}

TEST(perf_script_and_collapsed_samples_of_speedscope_open)
{
        static const struct {
                const char *file;
                const char *format;
                uint64_t samples;
        } samples[] = {
                { "linux-perf/simple.linux-perf.txt", "perf-script", 1 },
                { "linux-perf/simple-with-pid.linux-perf.txt", "perf-script", 137 },
                { "linux-perf/rust-mangled.linux-perf.txt", "perf-script", 96 },
                { "stackcollapse/simple.txt", "collapsed", 14 },
                { "stackcollapse/simple-crlf.txt", "collapsed", 14 },
                { "stackcollapse/simple-utf16-le.txt", "collapsed", 14 },
                { "stackcollapse/simple-with-invalids.txt", "collapsed", 14 },
                { "stackcollapse/recursion.txt", "collapsed", 10 },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));

        if (!path_exists(corpora()))
                skip_because("%s is not there (HONE_CORPORA)", corpora());
        for (size_t i = 0; i < COUNT(samples); i++) {
                const char *path =
                        arena_printf(arena, "%s/speedscope/%s", corpora(), samples[i].file);
                ProfileSet set = { 0 };
                Error err = { 0 };

                assert_ok(profile_import_file(path, &(ProfileImportPlan){ 0 }, arena, &set, &err),
                          err);
                assert_int_equal(set.items.items[0].profile->quality.samples, samples[i].samples);
        }
}
