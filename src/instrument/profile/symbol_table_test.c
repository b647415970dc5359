#include "instrument/profile/symbol_table.h"

#include "instrument/profile/demangle.h"
#include "instrument/profile/elf_image.h"
#include "instrument/profile/kallsyms.h"

#include "base/buf.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>

static void add(SymbolTable *t, Arena *arena, uint64_t start, uint64_t size, uint8_t rank,
                const char *name)
{
        symbol_table_add(
                t, arena,
                &(Symbol){
                        .start = start, .end = start + size, .rank = rank, .name = span_of(name) });
}

static void assert_symbol(const SymbolTable *t, uint64_t address, const char *name)
{
        const Symbol *s = symbol_table_find(t, address);

        if (!s)
                fail_msg("0x%llx has no symbol", (unsigned long long)address);
        assert_span(s->name, name);
}

TEST(symbols_are_found_by_range)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        SymbolTable t;

        symbol_table_init(&t);
        symbol_table_sort(&t);
        assert_null(symbol_table_find(&t, 1));
        add(&t, arena, 0x2000, 0x10, 1, "b");
        add(&t, arena, 0x1000, 0x100, 1, "a");
        add(&t, arena, 0x1010, 0x10, 1, "inner");
        add(&t, arena, 0x3000, 0, 1, "open");
        add(&t, arena, 0x4000, 0x10, 1, "after");
        symbol_table_sort(&t);
        assert_symbol(&t, 0x1000, "a");
        assert_symbol(&t, 0x1018, "inner");
        assert_symbol(&t, 0x1020, "a");
        assert_null(symbol_table_find(&t, 0x1100));
        assert_symbol(&t, 0x200f, "b");
        assert_symbol(&t, 0x3fff, "open");
        assert_null(symbol_table_find(&t, 0xfff));
        assert_null(symbol_table_find(&t, UINT64_MAX));
}

TEST(of_several_names_the_public_one_is_kept)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        SymbolTable t;

        symbol_table_init(&t);
        add(&t, arena, 0x1000, 0x10, 1, "__libc_malloc");
        add(&t, arena, 0x1000, 0x10, 1, "malloc");
        add(&t, arena, 0x1000, 0x10, 3, "a_local_name");
        add(&t, arena, 0x1000, 0, 1, "label");
        symbol_table_sort(&t);
        assert_int_equal(t.symbols.len, 1);
        assert_symbol(&t, 0x1008, "malloc");
}

TEST(symbols_of_this_program_are_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ElfImage *image;
        SymbolTable t;
        Error err = { 0 };
        bool found = false;

        assert_ok(elf_image_open(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "self", arena,
                                 &image, &err),
                  err);
        symbol_table_init(&t);
        elf_symbols(image->elf, arena, &t);
        symbol_table_sort(&t);
        vec_each (Symbol, s, &t.symbols)
                found |= span_is(s->name, "symbol_table_find") && s->end > s->start;
        assert_true(found);
}

TEST(kernel_symbols_are_code_only)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        SymbolTable t = { 0 };
        Error err = { 0 };

        assert_ok(kallsyms_parse(SPAN("ffffffff81000000 T _text\n"
                                      "ffffffff81000100 t do_work\n"
                                      "ffffffff81000180 D some_data\n"
                                      "broken line\nzz T bad\n"
                                      "ffffffff81000200 t last\t[module]\n"),
                                 arena, &t, &err),
                  err);
        assert_int_equal(t.symbols.len, 3);
        assert_symbol(&t, 0xffffffff81000190, "do_work");
        assert_symbol(&t, 0xffffffff81000200, "last");
}

TEST(hidden_kernel_addresses_say_what_to_do)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        SymbolTable t;
        Error err = { 0 };

        assert_fails(kallsyms_parse(SPAN("0000000000000000 T _text\n"), arena, &t, &err), err,
                     ERR_UNAVAILABLE);
        assert_non_null(strstr(err.hint, "kptr_restrict"));
        error_clear(&err);
        assert_fails(kallsyms_parse(SPAN(""), arena, &t, &err), err, ERR_UNAVAILABLE);
        assert_fails(kallsyms_load("/nonexistent", arena, &t, &err), err, ENOENT);
}

TEST(names_are_demangled_short)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        static const char *const rows[][2] = {
                { "main", "main" },
                { "_ZN4shop5Cache4findERKSs", "shop::Cache::find" },
                { "_ZNSt6vectorIiSaIiEE9push_backERKi",
                  "std::vector<int, std::allocator<int> >::push_back" },
                { "_ZN12_GLOBAL__N_14workEv", "(anonymous namespace)::work" },
                { "_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place" },
                { "_RNvC5hello4main", "hello::main" },
                { "_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar" },
                { "work.isra.0", "work" },
                { "work.constprop.0.cold", "work" },
                { "_ZN4shop5Cache4findERKSs.cold", "shop::Cache::find" },
                { "memcpy@@GLIBC_2.14", "memcpy" },
                { "_Znot_a_name", "_Znot_a_name" },
                { "_R", "_R" },
                { "", "" },
                { ".hidden", ".hidden" },
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                assert_span(demangle(arena, span_of(rows[i][0])), rows[i][1]);
}

/* Each substitution doubles the printed type: "_Z1f" and pairs of pairs. */
TEST(name_bombs_stay_mangled_and_are_cut)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf bomb = buf_in(arena, KiB(8));
        Span out;

        buf_text(&bomb, "_Z1fI1PIii");
        for (int i = 0; i < 30; i++)
                buf_printf(&bomb, "ES_IS%c_S%c_", i < 10 ? '0' + i : 'A' + i - 10,
                           i < 10 ? '0' + i : 'A' + i - 10);
        buf_text(&bomb, "EEvv");
        out = demangle(arena, buf_span(&bomb));
        assert_true(out.len <= KiB(1) + 3);
        buf_clear(&bomb);
        buf_text(&bomb, "_Z");
        buf_repeat(&bomb, '9', 5000);
        out = demangle(arena, buf_span(&bomb));
        assert_int_equal(out.len, KiB(1) + 3);
        assert_true(span_starts(out, "_Z9999") && span_ends(out, "99..."));
}
