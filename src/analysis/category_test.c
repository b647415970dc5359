#include "harness.h"

#include "analysis/advice.h"
#include "analysis/pattern.h"
#include "base/buf.h"

TEST(categories_of_functions_by_name_and_module)
{
        static const struct {
                const char *function, *module, *category;
        } cases[] = {
                { "sqlite3_step", "/srv/app", "Database" },
                { "whatever", "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0.8.6", "Database" },
                { "PQexec", "", "Database" },
                { "__pthread_mutex_lock", "/usr/lib/libc.so.6", "Locking" },
                { "_int_malloc", "/usr/lib/libc.so.6", "Memory" },
                { "__memcpy_avx_unaligned", "", "Memory" },
                { "json_text", "/srv/app", "Serialization" },
                { "__vfprintf_internal", "", "Serialization" },
                { "syslog", "", "Logging" },
                { "tcp_sendmsg", "[kernel]", "Network" },
                { "MHD_run", "/usr/lib/libmicrohttpd.so.12", "Network" },
                { "__strcmp_avx2", "", "Computation" },
                { "vfs_read", "[kernel]", "I/O" },
                { "do_syscall_64", "[kernel]", "Kernel" },
                { "some_kernel_function", "[kernel]", "Kernel" },
                { "names_count_duplicates", "/srv/app", "Computation" },
                { "", "", "Computation" },
        };

        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        CategoryTable *table;
        Error err = { 0 };

        assert_ok(category_table(arena, &table, &err), err);
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_span(
                        category_of(table, span_of(cases[i].function), span_of(cases[i].module)),
                        cases[i].category);
}

TEST(glob_stars_stand_for_any_run)
{
        static const struct {
                const char *pattern, *text;
                bool matches;
        } cases[] = {
                { "abc", "abc", true },     { "abc", "abcd", false },
                { "abc", "ab", false },     { "*", "", true },
                { "*", "anything", true },  { "a*", "abc", true },
                { "*c", "abc", true },      { "*b*", "abc", true },
                { "a*c", "abcbc", true },   { "a*bc", "abcbc", true },
                { "a*b", "abcbc", false },  { "**a**", "xay", true },
                { "", "", true },           { "", "a", false },
                { "a*b*c", "a1b2c", true }, { "a*b*c", "a1c2b", false },
        };

        for (size_t i = 0; i < COUNT(cases); i++)
                if (glob_match(cases[i].pattern, span_of(cases[i].text)) != cases[i].matches)
                        fail_msg("'%s' against '%s'", cases[i].pattern, cases[i].text);
}

/* The pattern ends with a NUL; a text may hold one and go on. */
TEST(glob_does_not_walk_past_its_pattern_with_the_text)
{
        assert_false(glob_match("a", (Span){ "a\0a", 3 }));
        assert_true(glob_match("a*", (Span){ "a\0a", 3 }));
        assert_true(glob_match("a*b", (Span){ "a\0b", 3 }));
}

TEST(glob_takes_no_exponential_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Buf text = buf_in(arena, MiB(1));

        buf_repeat(&text, 'a', 100000);
        assert_false(glob_match("*a*a*a*a*a*a*a*a*a*a*b", buf_span(&text)));
}
