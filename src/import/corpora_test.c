/* Files that the tools themselves wrote; not part of the source. */

#include "harness.h"

#include "base/fs.h"
#include "import/import.h"

#include <stdlib.h>

static const struct {
        const char *file, *format;
        size_t n_benchmarks;
        uint64_t n_unknown;
} files[] = {
        { "shell/hyperfine/two.json", "hyperfine", 6, 0 },
        { "cpp/google/two.txt", "google-benchmark", 4, 0 },
        { "java/jmh/six.json", "jmh", 6, 0 },
        { "python/pytest/two.json", "pytest-benchmark", 2, 2 },
        { "c_sharp/dot_net/two.json", "benchmarkdotnet", 2, 0 },
        { "go/bench/five.txt", "go", 5, 0 },
        { "cpp/catch2/two.txt", "catch2", 2, 0 },
        { "rust/criterion/many.txt", "criterion-text", 5, 0 },
        { "js/benchmark/four.txt", "benchmark-js", 4, 1 },
};

static const char *folder_of(Arena *arena)
{
        const char *corpora = getenv("HONE_CORPORA");

        return path_join(arena, corpora ? corpora : "../shared/corpora", "bench-outputs");
}

TEST(import_reads_the_corpora)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        const char *folder = folder_of(arena);

        if (!path_exists(folder))
                skip_because("no outputs of benchmark tools; set HONE_CORPORA");
        for (size_t i = 0; i < COUNT(files); i++) {
                const char *path = path_join(arena, folder, files[i].file);
                Error err = { 0 };
                Imported got;

                if (!import_format_find(span_of(files[i].format)))
                        continue; /* a format of text, in a build without it */
                assert_ok(import_file(path, NULL, NULL, arena, &got, &err), err);
                assert_string_equal(got.format->name, files[i].format);
                assert_int_equal(got.n_benchmarks, files[i].n_benchmarks);
                assert_int_equal(got.n_unknown, files[i].n_unknown);
        }
}
