/* Names and lines of small programs, built here in every way debug information is kept, against
 * those of `addr2line -a -f -i`; for what addr2line of binutils 2.40 reads wrongly (ranges of
 * clang's DWARF 5, which start from a base address), against those of llvm-symbolizer. */

#include "harness.h"

#include "base/fs.h"
#include "base/subprocess.h"
#include "instrument/profile/demangle.h"
#include "instrument/profile/symbol_source.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ADDRESSES 600
#define HAVE(program) "command -v " program " >/dev/null 2>&1"

static const char c_source[] =
        "#include <stdio.h>\n"
        "#include <stdlib.h>\n"
        "struct item { int key; struct item *next; };\n"
        "static volatile int sink;\n"
        "static inline int mix(int a, int b)\n{\n        return a * 31 + (b ^ a >> 3);\n}\n"
        "static inline int twice(int a)\n{\n        int r = mix(a, 7);\n\n"
        "        return mix(r, a);\n}\n"
        "static __attribute__((noinline)) int walk(const struct item *i)\n{\n"
        "        int sum = 0;\n\n        for (; i; i = i->next)\n"
        "                sum += twice(i->key);\n        return sum;\n}\n"
        "static int compare(const void *a, const void *b)\n{\n"
        "        return mix(*(const int *)a, 1) - mix(*(const int *)b, 1);\n}\n"
        "__attribute__((noinline)) int sorted(int *v, int n)\n{\n"
        "        if (n > 1000)\n                abort();\n"
        "        qsort(v, n, sizeof(*v), compare);\n        return twice(v[0]);\n}\n"
        "int main(int argc, char **argv)\n{\n"
        "        struct item a = { argc, NULL }, b = { 2, &a };\n"
        "        int v[8];\n\n        for (int i = 0; i < 8; i++)\n"
        "                v[i] = mix(i, argc);\n"
        "        sink = walk(&b) + sorted(v, 8) + twice(argc);\n"
        "        printf(\"%d %s\\n\", sink, argv[0]);\n        return 0;\n}\n";

static const char cpp_source[] =
        "namespace shop {\n"
        "template <typename T, int N> struct Ring {\n"
        "        T items[N];\n        int at = 0;\n"
        "        void put(T t) { items[at++ % N] = t; }\n"
        "        __attribute__((noinline)) T sum() const\n        {\n"
        "                T s = 0;\n                for (T t : items)\n"
        "                        s += t;\n                return s;\n        }\n};\n"
        "template <typename F> __attribute__((noinline)) int apply(F f, int n)\n{\n"
        "        int s = 0;\n        for (int i = 0; i < n; i++)\n"
        "                s += f(i);\n        return s;\n}\n}\n"
        "int main(int argc, char **)\n{\n"
        "        shop::Ring<int, 4> ints{};\n        shop::Ring<double, 8> doubles{};\n"
        "        for (int i = 0; i < argc * 9; i++) {\n"
        "                ints.put(i);\n                doubles.put(i * 0.5);\n        }\n"
        "        return shop::apply([&](int i) { return ints.items[i & 3] * argc; }, argc) +\n"
        "               ints.sum() + (int)doubles.sum();\n}\n";

typedef struct Bench {
        Arena *arena;
        char *dir;
} Bench;

static Span run_shell(const Bench *t, const char *command, Span input)
{
        Subprocess done;
        Error err = { 0 };

        assert_ok(subprocess_run(&(SubprocessPlan){ .shell = command,
                                                    .dir = t->dir,
                                                    .input = input,
                                                    .max_output = MiB(16),
                                                    .timeout_ns = 60 * NS_PER_S },
                                 t->arena, &done, &err),
                  err);
        if (done.exit_status != 0)
                fail_msg("%s: %.*s", command, SPAN_ARG(done.error));
        return done.out;
}

static bool can(const Bench *t, const char *command)
{
        Subprocess done;

        return subprocess_run(&(SubprocessPlan){ .shell = command,
                                                 .dir = t->dir,
                                                 .timeout_ns = 60 * NS_PER_S },
                              t->arena, &done, NULL) == 0 &&
               done.exit_status == 0;
}

static void write_text(const Bench *t, const char *name, const char *text)
{
        Error err = { 0 };

        assert_ok(file_write(path_join(t->arena, t->dir, name), span_of(text), &err), err);
}

static Bench bench_new(Arena *arena)
{
        const char *under = getenv("TMPDIR");
        Bench t = { .arena = arena,
                    .dir = arena_printf(arena, "%s/hone-symbols-XXXXXX", under ? under : "/tmp") };

        assert_non_null(mkdtemp(t.dir));
        write_text(&t, "p.c", c_source);
        write_text(&t, "p.cc", cpp_source);
        return t;
}

static void bench_done(Bench *t)
{
        (void)tree_remove(t->dir, NULL);
}

/* Every few bytes of every function of the file. */
static Span addresses_of(const Bench *t, const char *file)
{
        Span functions = run_shell(t,
                                   arena_printf(t->arena,
                                                "nm -S --defined-only %s | grep -i ' t ' | sort -u",
                                                file),
                                   SPAN("")),
             line;
        Buf out = buf_in(t->arena, KiB(64));
        size_t n = 0;

        while (span_next_line(&functions, &line)) {
                Span start_text = span_cut(&line, ' '), size_text = span_cut(&line, ' ');
                uint64_t start, size;

                if (span_to_hex(start_text, &start, NULL) < 0 ||
                    span_to_hex(size_text, &size, NULL) < 0)
                        continue;
                for (uint64_t at = 0; at < size && n < ADDRESSES; at++, n++)
                        buf_printf(&out, "0x%llx\n", (unsigned long long)(start + at));
        }
        assert_true(n > 200);
        return buf_span(&out);
}

static void put_frames(Buf *out, const SymbolIndex *index, uint64_t vaddr)
{
        SourceFrame frames[DEBUG_MAX_INLINES] = { 0 };
        size_t n = symbol_index_find(index, vaddr, frames, COUNT(frames));

        buf_printf(out, "0x%llx\n", (unsigned long long)vaddr);
        for (n = MAX(n, (size_t)1); n-- > 0;)
                buf_printf(out, "%.*s\n%.*s:%u\n",
                           SPAN_ARG(frames[n].function.len ? frames[n].function : SPAN("??")),
                           SPAN_ARG(frames[n].file.len ? frames[n].file : SPAN("??")),
                           frames[n].line);
}

static Span frames_of(const Bench *t, const SymbolIndex *index, Span addresses)
{
        Buf out = buf_in(t->arena, MiB(4));
        Span line;
        uint64_t vaddr;

        while (span_next_line(&addresses, &line))
                if (span_to_hex(line, &vaddr, NULL) == 0)
                        put_frames(&out, index, vaddr);
        return buf_span(&out);
}

static SymbolIndex load(const Bench *t, const char *name, const SymbolsPlan *plan,
                        SymbolsReport *report)
{
        char *path = path_join(t->arena, t->dir, name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ElfImage *image;
        SymbolIndex index;
        Error err = { 0 };

        assert_ok(elf_image_open(fd, path, t->arena, &image, &err), err);
        assert_ok(symbols_load(plan, image, span_of(path), t->arena, &index, report, &err), err);
        return index;
}

#define ADDR2LINE "addr2line -a -f -i -e plain"
#define LLVM "llvm-symbolizer-14 --output-style=GNU -a -f -i --no-demangle --obj=plain"

/* What the other tool says, without what hone does not: discriminators, "?" for no line. */
static Span reference(const Bench *t, const char *tool, Span addresses)
{
        return run_shell(t,
                         arena_printf(t->arena,
                                      "%s | sed 's/ (discriminator [0-9]*)$//; s/:?$/:0/; "
                                      "s/^0x0*/0x/'",
                                      tool),
                         addresses);
}

static void assert_same_text(Span ours, Span theirs, const char *what)
{
        Span a, b, at = { 0 };

        while (span_next_line(&theirs, &b)) {
                assert_true(span_next_line(&ours, &a));
                if (span_starts(b, "0x"))
                        at = b;
                if (!span_eq(a, b))
                        fail_msg("%s, %.*s: '%.*s', addr2line: '%.*s'", what, SPAN_ARG(at),
                                 SPAN_ARG(a), SPAN_ARG(b));
        }
        assert_int_equal(ours.len, 0);
}

/* `make` leaves the program "plain" with its debug information, and "file" in which that is kept in
 * another way; both have the same code. */
static void check_against(const char *tool, const char *needs, const char *make)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Bench t = bench_new(arena);
        SymbolsReport report;
        SymbolIndex index;
        Span addresses;

        if (!can(&t, HAVE("nm") " && " HAVE("gcc")) || !can(&t, needs) ||
            !can(&t, arena_printf(arena, "command -v %.*s",
                                  SPAN_ARG(span_cut(&(Span){ tool, strlen(tool) }, ' '))))) {
                bench_done(&t);
                skip_because("not here: %s, or what compares with it", needs);
        }
        (void)run_shell(&t, make, SPAN(""));
        addresses = addresses_of(&t, "plain");
        index = load(&t, "file", &(SymbolsPlan){ 0 }, &report);
        assert_int_equal(report.missing_units, 0);
        assert_int_equal(report.debug_problem.len, 0);
        assert_true(index.header->sources & SYMBOLS_FROM_DEBUG);
        assert_same_text(frames_of(&t, &index, addresses), reference(&t, tool, addresses), make);
        bench_done(&t);
}

static void check_variant(const char *needs, const char *make)
{
        check_against(ADDR2LINE, needs, make);
}

TEST(lines_and_inlines_of_gcc_are_those_of_addr2line)
{
        check_variant(HAVE("gcc"), "gcc -O2 -g p.c -o plain && cp plain file");
}

TEST(lines_and_inlines_of_older_dwarf_are_those_of_addr2line)
{
        check_variant(HAVE("gcc"), "gcc -O2 -gdwarf-4 p.c -o plain && cp plain file");
}

TEST(lines_and_inlines_of_clang_are_those_of_addr2line)
{
        check_variant(HAVE("clang-14"), "clang-14 -O2 -gdwarf-4 p.c -o plain && cp plain file");
}

TEST(lines_and_inlines_of_clang_are_those_of_llvm)
{
        check_against(LLVM, HAVE("clang-14"), "clang-14 -O2 -g p.c -o plain && cp plain file");
}

TEST(lines_and_inlines_of_templates_are_those_of_addr2line)
{
        check_variant(HAVE("clang-14"), "clang-14 -x c++ -O2 -gdwarf-4 -fno-exceptions p.cc "
                                        "-o plain && cp plain file");
}

TEST(lines_and_inlines_of_templates_are_those_of_llvm)
{
        check_against(LLVM, HAVE("clang-14"),
                      "clang-14 -x c++ -O2 -g -fno-exceptions p.cc -o plain && cp plain file");
}

TEST(split_debug_information_of_gcc_is_followed)
{
        check_variant(HAVE("gcc"), "gcc -O2 -g p.c -o plain && "
                                   "gcc -O2 -g -gsplit-dwarf p.c -c -o p.o && gcc p.o -o file");
}

TEST(split_debug_information_of_clang_is_followed)
{
        check_against(LLVM, HAVE("clang-14"),
                      "clang-14 -O2 -g p.c -o plain && "
                      "clang-14 -O2 -g -gsplit-dwarf p.c -c -o p.o && clang-14 p.o -o file");
}

TEST(debug_information_compressed_with_zlib_is_read)
{
        check_variant(HAVE("gcc"), "gcc -O2 -g p.c -o plain && gcc -O2 -g -gz=zlib p.c -o file");
}

TEST(debug_information_in_the_old_compressed_sections_is_read)
{
        check_variant(HAVE("objcopy"), "gcc -O2 -g p.c -o plain && "
                                       "objcopy --compress-debug-sections=zlib-gnu plain file");
}

TEST(debug_information_compressed_with_zstd_is_read)
{
        check_variant("objcopy --compress-debug-sections=zstd /proc/self/exe /dev/null || "
                      "objcopy --help | grep -q zstd",
                      "gcc -O2 -g p.c -o plain && "
                      "objcopy --compress-debug-sections=zstd plain file");
}

TEST(a_debug_file_beside_the_program_is_found_by_its_link)
{
        check_variant(HAVE("objcopy"),
                      "gcc -O2 -g p.c -o plain && objcopy --only-keep-debug plain file.debug && "
                      "strip -o file plain && objcopy --add-gnu-debuglink=file.debug file");
}

TEST(a_debug_file_is_trusted_by_its_sum_without_a_build_id)
{
        check_variant(HAVE("objcopy"),
                      "mkdir .debug && gcc -O2 -g -Wl,--build-id=none p.c -o plain && "
                      "objcopy --only-keep-debug plain .debug/file.debug && strip -o file plain && "
                      "objcopy --add-gnu-debuglink=.debug/file.debug file");
}

TEST(debug_information_shared_by_dwz_is_read)
{
        check_variant(HAVE("dwz"), "gcc -O2 -g p.c -o plain && cp plain file && cp plain other && "
                                   "dwz -m common.debug file other");
}

TEST(a_debug_file_with_another_sum_is_not_believed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Bench t = bench_new(arena);
        SymbolsReport report;

        if (!can(&t, HAVE("objcopy") " && " HAVE("gcc"))) {
                bench_done(&t);
                skip_because("gcc or objcopy is not installed");
        }
        (void)run_shell(&t,
                        "gcc -O2 -g -Wl,--build-id=none p.c -o plain && "
                        "objcopy --only-keep-debug plain file.debug && strip -o file plain && "
                        "objcopy --add-gnu-debuglink=file.debug file && echo >>file.debug",
                        SPAN(""));
        assert_false(load(&t, "file", &(SymbolsPlan){ 0 }, &report).header->sources &
                     SYMBOLS_FROM_DEBUG);
        bench_done(&t);
}

TEST(split_debug_information_that_is_gone_is_counted)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Bench t = bench_new(arena);
        SymbolsReport report;

        if (!can(&t, HAVE("gcc"))) {
                bench_done(&t);
                skip_because("gcc is not installed");
        }
        (void)run_shell(&t, "gcc -O2 -g -gsplit-dwarf p.c -c -o p.o && gcc p.o -o file && rm *.dwo",
                        SPAN(""));
        (void)load(&t, "file", &(SymbolsPlan){ 0 }, &report);
        assert_int_equal(report.missing_units, 1);
        bench_done(&t);
}

TEST(local_functions_of_stripped_programs_come_from_compressed_symbols)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Bench t = bench_new(arena);
        SymbolsReport report;
        SymbolIndex index;
        uint64_t vaddr;
        Span text;

        if (!can(&t, HAVE("objcopy") " && " HAVE("gcc") " && " HAVE("xz") " && " HAVE("awk"))) {
                bench_done(&t);
                skip_because("gcc, objcopy or xz is not installed");
        }
        text = run_shell(&t,
                         "gcc -O2 -g p.c -o plain && objcopy --only-keep-debug plain d && "
                         "nm plain --format=posix --defined-only | "
                         "awk '$2 == \"T\" || $2 == \"t\" { print $1 }' >keep && "
                         "objcopy -S --keep-symbols=keep d mini && xz mini && "
                         "strip -s -o file plain && "
                         "objcopy --add-section .gnu_debugdata=mini.xz file && "
                         "nm plain | awk '$3 == \"sorted\" { print $1 }'",
                         SPAN(""));
        assert_ok(span_to_hex(span_trim(text), &vaddr, NULL), (Error){ 0 });
        index = load(&t, "file", &(SymbolsPlan){ 0 }, &report);
        assert_true(index.header->sources & SYMBOLS_FROM_MINI);
        assert_false(index.header->sources & SYMBOLS_FROM_DEBUG);
        assert_span(symbol_index_symbol(&index, vaddr + 2), "sorted");
        bench_done(&t);
}

TEST(demangled_names_are_part_of_what_addr2line_prints)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Bench t = bench_new(arena);
        SymbolsReport report;
        SymbolIndex index;
        Span addresses, ours, theirs, a, b;
        size_t templates = 0;

        if (!can(&t, HAVE("addr2line") " && " HAVE("clang-14"))) {
                bench_done(&t);
                skip_because("addr2line or clang-14 is not installed");
        }
        (void)run_shell(&t, "clang-14 -x c++ -O2 -gdwarf-4 -fno-exceptions p.cc -o file", SPAN(""));
        addresses = addresses_of(&t, "file");
        index = load(&t, "file", &(SymbolsPlan){ 0 }, &report);
        ours = frames_of(&t, &index, addresses);
        theirs = run_shell(&t, "addr2line -a -f -i -C -e file", addresses);
        while (span_next_line(&theirs, &b) && span_next_line(&ours, &a)) {
                Span name = demangle(arena, a);

                if (!is_mangled(a))
                        continue;
                if (span_find(b, name) < 0)
                        fail_msg("'%.*s' is not in '%.*s'", SPAN_ARG(name), SPAN_ARG(b));
                templates += span_contains(name, "Ring<int, 4>");
        }
        assert_true(templates > 0);
        bench_done(&t);
}

TEST(an_index_from_the_cache_gives_the_same_frames)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Bench t = bench_new(arena);
        SymbolsReport first, second;
        SymbolIndex fresh, cached;
        SymbolCache *cache;
        Error err = { 0 };
        Span addresses;

        if (!can(&t, HAVE("gcc"))) {
                bench_done(&t);
                skip_because("gcc is not installed");
        }
        (void)run_shell(&t, "gcc -O2 -g p.c -o file", SPAN(""));
        assert_ok(symbol_cache_open(path_join(arena, t.dir, "cache"), MiB(16), arena, &cache, &err),
                  err);
        fresh = load(&t, "file", &(SymbolsPlan){ .cache = cache }, &first);
        cached = load(&t, "file", &(SymbolsPlan){ .cache = cache }, &second);
        assert_false(first.from_cache);
        assert_true(second.from_cache);
        assert_true(span_eq(fresh.bytes, cached.bytes));
        addresses = addresses_of(&t, "file");
        assert_true(span_eq(frames_of(&t, &fresh, addresses), frames_of(&t, &cached, addresses)));
        bench_done(&t);
}

TEST(files_without_a_build_id_are_not_cached)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Bench t = bench_new(arena);
        SymbolsReport report;
        SymbolCache *cache;
        Error err = { 0 };

        if (!can(&t, HAVE("gcc"))) {
                bench_done(&t);
                skip_because("gcc is not installed");
        }
        (void)run_shell(&t, "gcc -O2 -g -Wl,--build-id=none p.c -o file", SPAN(""));
        assert_ok(symbol_cache_open(path_join(arena, t.dir, "cache"), MiB(16), arena, &cache, &err),
                  err);
        for (int i = 0; i < 2; i++) {
                (void)load(&t, "file", &(SymbolsPlan){ .cache = cache }, &report);
                assert_false(report.from_cache);
        }
        assert_int_equal(run_shell(&t, "ls cache", SPAN("")).len, 0);
        bench_done(&t);
}

TEST(an_index_of_a_stripped_file_gives_way_to_debug_information)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Bench t = bench_new(arena);
        SymbolsReport report;
        SymbolCache *cache;
        Error err = { 0 };

        if (!can(&t, HAVE("gcc") " && " HAVE("objcopy"))) {
                bench_done(&t);
                skip_because("gcc or objcopy is not installed");
        }
        (void)run_shell(&t, "gcc -O2 -g p.c -o plain && strip -s -o file plain", SPAN(""));
        assert_ok(symbol_cache_open(path_join(arena, t.dir, "cache"), MiB(16), arena, &cache, &err),
                  err);
        (void)load(&t, "plain", &(SymbolsPlan){ .cache = cache }, &report);
        assert_true(load(&t, "file", &(SymbolsPlan){ .cache = cache }, &report).header->sources &
                    SYMBOLS_FROM_DEBUG); /* the same build-id */
        assert_true(report.from_cache);
        (void)run_shell(&t, "rm cache/*", SPAN(""));
        (void)load(&t, "file", &(SymbolsPlan){ .cache = cache }, &report);
        assert_true(load(&t, "plain", &(SymbolsPlan){ .cache = cache }, &report).header->sources &
                    SYMBOLS_FROM_DEBUG);
        assert_false(report.from_cache);
        bench_done(&t);
}

/* The build-id's parts as servers and folders name them. */
#define MAKE_SERVER                                                  \
        "gcc -O2 -g p.c -o plain && strip -s -o file plain && "      \
        "id=$(readelf -n plain | awk '/Build ID/ { print $3 }') && " \
        "mkdir -p server/buildid/$id && "                            \
        "objcopy --only-keep-debug plain server/buildid/$id/debuginfo && echo $id"

TEST(debug_information_comes_from_a_server_only_when_asked)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Bench t = bench_new(arena);
        SymbolsReport report;

        if (!can(&t, HAVE("gcc") " && " HAVE("objcopy") " && ldconfig -p | "
                                                        "grep -q libdebuginfod.so.1")) {
                bench_done(&t);
                skip_because("gcc, objcopy or libdebuginfod1 is not installed");
        }
        (void)run_shell(&t, MAKE_SERVER, SPAN(""));
        setenv("DEBUGINFOD_URLS", arena_printf(arena, "file://%s/server/", t.dir), 1);
        setenv("DEBUGINFOD_CACHE_PATH", path_join(arena, t.dir, "fetched"), 1);
        assert_false(load(&t, "file", &(SymbolsPlan){ 0 }, &report).header->sources &
                     SYMBOLS_FROM_DEBUG);
        assert_true(
                load(&t, "file", &(SymbolsPlan){ .debuginfod = true }, &report).header->sources &
                SYMBOLS_FROM_DEBUG);
        assert_int_equal(report.debuginfod_problem.len, 0);
        unsetenv("DEBUGINFOD_URLS");
        (void)load(&t, "file", &(SymbolsPlan){ .debuginfod = true }, &report);
        assert_span(report.debuginfod_problem, "DEBUGINFOD_URLS names no server");
        unsetenv("DEBUGINFOD_CACHE_PATH");
        bench_done(&t);
}

TEST(a_damaged_cache_is_named_and_the_index_made_again)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Bench t = bench_new(arena);
        SymbolsReport report;
        SymbolIndex fresh, again;
        SymbolCache *cache;
        Error err = { 0 };

        if (!can(&t, HAVE("gcc"))) {
                bench_done(&t);
                skip_because("gcc is not installed");
        }
        (void)run_shell(&t, "gcc -O2 -g p.c -o file", SPAN(""));
        assert_ok(symbol_cache_open(path_join(arena, t.dir, "cache"), MiB(16), arena, &cache, &err),
                  err);
        fresh = load(&t, "file", &(SymbolsPlan){ .cache = cache }, &report);
        (void)run_shell(&t, "for f in cache/*; do head -c 1000 $f >x && mv x $f; done", SPAN(""));
        again = load(&t, "file", &(SymbolsPlan){ .cache = cache }, &report);
        assert_false(report.from_cache);
        assert_true(span_contains(report.cache_problem, "was damaged"));
        assert_true(span_eq(fresh.bytes, again.bytes));
        (void)load(&t, "file", &(SymbolsPlan){ .cache = cache }, &report);
        assert_true(report.from_cache);
        bench_done(&t);
}
