#include "harness.h"

#include "base/fs.h"
#include "base/subprocess.h"
#include "instrument/profile/symbol_cache.h"
#include "instrument/profile/symbol_index_build.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID "00112233445566778899aabbccddeeff00112233"

typedef struct Fixture {
        Arena *arena;
        char *dir;
        SymbolCache *cache;
} Fixture;

static Fixture fixture_new(Arena *arena, uint64_t max_bytes)
{
        const char *under = getenv("TMPDIR");
        Fixture f = { .arena = arena,
                      .dir = arena_printf(arena, "%s/hone-cache-XXXXXX", under ? under : "/tmp") };
        Error err = { 0 };

        assert_non_null(mkdtemp(f.dir));
        assert_ok(symbol_cache_open(f.dir, max_bytes, arena, &f.cache, &err), err);
        return f;
}

static void fixture_done(Fixture *f)
{
        (void)tree_remove(f->dir, NULL);
}

/* f() at 0x1000, in which g() is inlined at 0x1010, in which h() is at 0x1014; k() after it. */
static Span small_index(Arena *arena, const char *id)
{
        IndexBuilder *b = index_builder_new(&(IndexRange){ 0x1000, 0x2000 }, arena);
        uint32_t a_c = index_add_file(b, SPAN("/src/a.c")), b_h = index_add_file(b, SPAN("/b.h"));
        uint32_t f =
                index_add_scope(b, &(IndexScope){ .caller = SYMBOL_INDEX_NONE,
                                                  .name = string_pool_add(&b->texts, SPAN("f")) });
        uint32_t g =
                index_add_scope(b, &(IndexScope){ .caller = f,
                                                  .name = string_pool_add(&b->texts, SPAN("g")),
                                                  .call_file = a_c,
                                                  .call_line = 12 });
        uint32_t h =
                index_add_scope(b, &(IndexScope){ .caller = g,
                                                  .name = string_pool_add(&b->texts, SPAN("h")),
                                                  .call_file = b_h,
                                                  .call_line = 3 });
        SymbolTable symbols;
        Error err = { 0 };
        Span bytes;

        index_add_range(b, (IndexRange){ 0x1014, 0x1018 }, 3, h);
        index_add_range(b, (IndexRange){ 0x1000, 0x1040 }, 1, f);
        index_add_range(b, (IndexRange){ 0x1010, 0x1020 }, 2, g);
        index_add_range(b, (IndexRange){ 0, 0x1020 }, 1, f); /* dropped by the linker */
        index_add_row(b, 0x1000, a_c, 10);
        index_add_row(b, 0x1010, b_h, 2);
        index_add_row(b, 0x1014, b_h, 7);
        index_add_row(b, 0x1014, b_h, 8);
        index_add_row(b, 0x1020, a_c, 13);
        index_end_rows(b, 0x1040);
        symbol_table_init(&symbols);
        symbol_table_add(&symbols, arena,
                         &(Symbol){ .start = 0x1000, .end = 0x1040, .name = SPAN("f") });
        symbol_table_add(&symbols, arena,
                         &(Symbol){ .start = 0x1050, .end = 0x1060, .name = SPAN("k") });
        symbol_table_sort(&symbols);
        assert_ok(index_build(b,
                              &(IndexPlan){ .symbols = &symbols,
                                            .build_id = span_of(id),
                                            .sources = SYMBOLS_FROM_DEBUG },
                              arena, &bytes, &err),
                  err);
        return bytes;
}

static void assert_frame(const SourceFrame *f, const char *function, const char *file,
                         uint32_t line, bool inlined)
{
        assert_span(f->function, function);
        assert_span(f->file, file);
        assert_int_equal(f->line, line);
        assert_int_equal(f->inlined, inlined);
}

TEST(index_gives_the_chain_of_inlined_calls_outermost_first)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        SourceFrame frames[8];
        SymbolIndex index;
        Error err = { 0 };

        assert_ok(symbol_index_open(small_index(arena, ID), &index, &err), err);
        assert_int_equal(symbol_index_find(&index, 0x1015, frames, 8), 3);
        assert_frame(&frames[0], "f", "/src/a.c", 12, false);
        assert_frame(&frames[1], "g", "/b.h", 3, true);
        assert_frame(&frames[2], "h", "/b.h", 8, true);
        assert_int_equal(symbol_index_find(&index, 0x1018, frames, 8), 2);
        assert_frame(&frames[1], "g", "/b.h", 8, true);
        assert_int_equal(symbol_index_find(&index, 0x103f, frames, 8), 1);
        assert_frame(&frames[0], "f", "/src/a.c", 13, false);
}

TEST(index_knows_what_it_does_not_know)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        SourceFrame frames[8];
        SymbolIndex index;
        Error err = { 0 };

        assert_ok(symbol_index_open(small_index(arena, ID), &index, &err), err);
        assert_int_equal(symbol_index_find(&index, 0xfff, frames, 8), 0);
        assert_int_equal(symbol_index_find(&index, 0x1040, frames, 8), 0);
        assert_int_equal(symbol_index_find(&index, UINT64_MAX, frames, 8), 0);
        assert_int_equal(symbol_index_find(&index, 0x1050, frames, 8), 1); /* a symbol only */
        assert_frame(&frames[0], "k", "", 0, false);
        assert_int_equal(symbol_index_symbol(&index, 0x1060).len, 0);
        assert_int_equal(symbol_index_find(&index, 0x1015, frames, 1), 1); /* the outermost stay */
        assert_frame(&frames[0], "f", "/src/a.c", 12, false);
}

TEST(index_of_many_rows_gives_every_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        IndexBuilder *b = index_builder_new(&(IndexRange){ 0x1000, 0x100000 }, arena);
        uint32_t files[3] = { index_add_file(b, SPAN("a")), index_add_file(b, SPAN("b")),
                              index_add_file(b, SPAN("c")) };
        uint32_t f =
                index_add_scope(b, &(IndexScope){ .caller = SYMBOL_INDEX_NONE,
                                                  .name = string_pool_add(&b->texts, SPAN("f")) });
        SymbolTable none = { 0 };
        SourceFrame frame;
        SymbolIndex index;
        Error err = { 0 };
        Span bytes;

        index_add_range(b, (IndexRange){ 0x1000, 0x9000 }, 1, f);
        for (uint32_t i = 0; i < 5000; i++)
                index_add_row(b, 0x1000 + i * 3, files[i * 7 % 3], 1 + i * 2654435761u % 100000);
        index_end_rows(b, 0x1000 + 5000 * 3);
        assert_ok(index_build(b, &(IndexPlan){ .symbols = &none }, arena, &bytes, &err), err);
        assert_ok(symbol_index_open(bytes, &index, &err), err);
        for (uint32_t i = 0; i < 5000 * 3; i++) {
                assert_int_equal(symbol_index_find(&index, 0x1000 + i, &frame, 1), 1);
                assert_int_equal(frame.line, 1 + i / 3 * 2654435761u % 100000);
                assert_int_equal(frame.file.ptr[0], "abc"[i / 3 * 7 % 3]);
        }
}

TEST(an_index_that_is_cut_or_changed_anywhere_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span bytes = small_index(arena, ID);
        char *copy = (char *)new (arena, uint64_t, bytes.len / 8 + 1);
        SymbolIndex index;
        Error err = { 0 };

        for (size_t n = 0; n < bytes.len; n++) {
                memcpy(copy, bytes.ptr, bytes.len);
                assert_fails(symbol_index_open((Span){ copy, n }, &index, &err), err, ERR_CORRUPT);
                copy[n] ^= 1;
                assert_fails(symbol_index_open((Span){ copy, bytes.len }, &index, &err), err,
                             ERR_CORRUPT);
        }
        memcpy(copy, bytes.ptr, bytes.len);
        assert_ok(symbol_index_open((Span){ copy, bytes.len }, &index, &err), err);
}

TEST(a_cache_gives_back_what_it_keeps)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Fixture f = fixture_new(arena, MiB(1));
        Span bytes = small_index(arena, ID);
        SymbolIndex index;
        Error err = { 0 };

        assert_int_equal(symbol_cache_find(f.cache, SPAN(ID), arena, &index, &err), 0);
        assert_ok(symbol_cache_keep(f.cache, SPAN(ID), bytes, &err), err);
        assert_int_equal(symbol_cache_find(f.cache, SPAN(ID), arena, &index, &err), 1);
        assert_true(span_eq(index.bytes, bytes));
        fixture_done(&f);
}

TEST(a_cached_file_torn_at_any_length_is_named_and_made_again)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Fixture f = fixture_new(arena, MiB(1));
        Span bytes = small_index(arena, ID);
        char *path = path_join(arena, f.dir, ID);
        SymbolIndex index;

        for (size_t n = 0; n < bytes.len; n++) {
                Error err = { 0 };

                assert_ok(symbol_cache_keep(f.cache, SPAN(ID), bytes, &err), err);
                assert_int_equal(truncate(path, (off_t)n), 0);
                assert_fails(symbol_cache_find(f.cache, SPAN(ID), arena, &index, &err), err,
                             ERR_CORRUPT);
                assert_true(span_contains(span_of(err.message), path));
                assert_false(path_exists(path));
        }
        fixture_done(&f);
}

TEST(a_cached_index_of_another_file_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Fixture f = fixture_new(arena, MiB(1));
        SymbolIndex index;
        Error err = { 0 };

        assert_ok(
                symbol_cache_keep(f.cache, SPAN(ID), small_index(arena, "ffeeddccbbaa9988"), &err),
                err);
        assert_fails(symbol_cache_find(f.cache, SPAN(ID), arena, &index, &err), err, ERR_CORRUPT);
        fixture_done(&f);
}

TEST(ids_that_are_not_hexadecimal_never_become_paths)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const char *const ids[] = { "", "ab", "../../../../etc/passwd", "0011/2233445566",
                                           "00112233445566GG" };
        Fixture f = fixture_new(arena, MiB(1));
        Span bytes = small_index(arena, ID);
        SymbolIndex index;
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(ids); i++) {
                assert_ok(symbol_cache_keep(f.cache, span_of(ids[i]), bytes, &err), err);
                assert_int_equal(symbol_cache_find(f.cache, span_of(ids[i]), arena, &index, &err),
                                 0);
        }
        assert_int_equal(rmdir(f.dir), 0); /* nothing was written */
}

TEST(what_was_used_longest_ago_leaves_a_full_cache)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span bytes = small_index(arena, ID);
        Fixture f = fixture_new(arena, bytes.len * 3);
        Error err = { 0 };

        for (unsigned i = 0; i < 5; i++) {
                char *id = arena_printf(arena, "%040x", i);
                struct timespec times[2] = { { .tv_sec = 1000 + i }, { .tv_sec = 1000 + i } };

                assert_ok(symbol_cache_keep(f.cache, span_of(id), small_index(arena, id), &err),
                          err);
                assert_int_equal(utimensat(AT_FDCWD, path_join(arena, f.dir, id), times, 0), 0);
        }
        for (unsigned i = 0; i < 5; i++)
                assert_int_equal(
                        path_exists(path_join(arena, f.dir, arena_printf(arena, "%040x", i))),
                        i >= 2);
        fixture_done(&f);
}

TEST(a_cache_that_cannot_be_written_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Fixture f = fixture_new(arena, MiB(1));
        SymbolCache *cache;
        Error err = { 0 };

        assert_ok(file_write(path_join(arena, f.dir, "file"), SPAN("x"), &err), err);
        assert_true(symbol_cache_open(path_join(arena, f.dir, "file/cache"), MiB(1), arena, &cache,
                                      &err) < 0);
        assert_ok(tree_remove(f.dir, &err), err);
        assert_true(symbol_cache_keep(f.cache, SPAN(ID), small_index(arena, ID), &err) < 0);
}
