#include "instrument/bench/line.h"

#include "base/buf.h"
#include "base/subprocess.h"
#include "harness.h"

#include <string.h>

/* The words, each in <>. */
static Span shown(Arena *arena, const char *const *argv)
{
        Buf out = buf_in(arena, KiB(64));

        for (; *argv; argv++)
                buf_printf(&out, "<%s>", *argv);
        return buf_span(&out);
}

static const struct {
        const char *line, *words;
} splits[] = {
        { "true", "<true>" },
        { "  a\tb  c ", "<a><b><c>" },
        { "'a b' \"c d\"", "<a b><c d>" },
        { "a'b'\"c\"d", "<abcd>" },
        { "'' \"\"", "<><>" },
        { "a\\ b \\'", "<a b><'>" },
        { "a\\ ", "<a >" },
        { "'\\n' \"\\n\" \\n", "<\\n><\\n><n>" },
        { "\"\\\" \\\\ \\$ \\`\"", "<\" \\ $ `>" },
        { "\"a\\\nb\" c\\\nd \\\n e", "<ab><cd><e>" },
        { "\"\\\\\\\nx\"", "<\\x>" },
        { "'$HOME * | >' \"* ; ~ | <\"", "<$HOME * | >><* ; ~ | <>" },
        { "a~b x#y 5$ \"5$\" \"$ \" 100%", "<a~b><x#y><5$><5$><$ ><100%>" },
        { "\"a$'b'\"", "<a$'b'>" },
        { "[ -f x ]", "<[><-f><x><]>" },
        { "env A=b --opt=c 'd'=e", "<env><A=b><--opt=c><d=e>" },
        { "'A'=b ./a=b 1=2 =x", "<A=b><./a=b><1=2><=x>" },
        { "printf \xc3\xa9\xff", "<printf><\xc3\xa9\xff>" },
};

TEST(line_splits_as_a_shell_quotes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const char *const *argv;
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(splits); i++) {
                assert_ok(line_split(span_of(splits[i].line), arena, &argv, &err), err);
                assert_span(shown(arena, argv), splits[i].words);
        }
}

TEST(line_refuses_what_a_shell_would_act_on)
{
        static const char *const lines[] = {
                "a|b",   "a | b",   "a;b",     "a &",  "a<b",      "a >b",   "a 2>&1",
                "$HOME", "a$b",     "a ${b}",  "$(a)", "\"$(a)\"", "\"$a\"", "\"${a}\"",
                "`a`",   "\"`a`\"", "\"`'\"",  "a *",  "a?",       "[ab]",   "x[0-9]",
                "~/a",   "a ~",     "# a",     "a #b", "(a)",      "A=b c",  "_x=",
                "a\nb",  "$'a'",    "a$\"b\"", "$?",   "\"$@\"",   "$1",
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const char *const *argv;

        for (size_t i = 0; i < COUNT(lines); i++) {
                Error err = { 0 };

                if (line_split(span_of(lines[i]), arena, &argv, &err) == 0)
                        fail_msg("'%s' was split", lines[i]);
                assert_int_equal(err.code, ERR_USAGE);
                assert_non_null(strstr(err.message, "a shell would act on"));
                assert_non_null(strstr(err.hint, "--shell"));
        }
}

TEST(line_names_the_place)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const char *const *argv;
        Error err = { 0 };

        assert_fails(line_split(span_of("wc -l <x"), arena, &argv, &err), err, ERR_USAGE);
        assert_string_equal(err.message, "column 7 of 'wc -l <x': a shell would act on '<'");
        assert_fails(line_split(span_of("a 'b"), arena, &argv, &err), err, ERR_USAGE);
        assert_string_equal(err.message, "column 3 of 'a 'b': this quote is never closed");
        assert_fails(line_split(span_of("a \"b\\\""), arena, &argv, &err), err, ERR_USAGE);
        assert_string_equal(err.message, "column 3 of 'a \"b\\\"': this quote is never closed");
        assert_fails(line_split(span_of("a\\"), arena, &argv, &err), err, ERR_USAGE);
        assert_string_equal(err.message, "column 2 of 'a\\': nothing follows the backslash");
        assert_fails(line_split(span_of(" \t"), arena, &argv, &err), err, ERR_USAGE);
        assert_string_equal(err.message, "an empty command");
        assert_fails(line_split((Span){ "a\0b", 3 }, arena, &argv, &err), err, ERR_USAGE);
}

TEST(line_has_ceilings)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(arena_freep) Arena *small = arena_new(KiB(4));
        Buf many = buf_in(arena, MiB(2));
        const char *const *argv;
        Error err = { 0 };

        for (int i = 0; i < LINE_WORDS_MAX; i++)
                buf_text(&many, "a ");
        assert_ok(line_split(buf_span(&many), arena, &argv, &err), err);
        buf_text(&many, "a");
        assert_fails(line_split(buf_span(&many), arena, &argv, &err), err, ERR_LIMIT);
        buf_repeat(&many, 'x', LINE_BYTES_MAX);
        assert_fails(line_split(buf_span(&many), arena, &argv, &err), err, ERR_LIMIT);
        assert_fails(line_split(SPAN("a"), small, &argv, &err), err, ERR_LIMIT);
}

/* A line of bytes that matter, drawn by a number. */
static const char *random_line(Arena *arena, uint64_t *state)
{
        static const char bytes[] = "ab =\"'\\ $~#*[]\t5";
        Buf line = buf_in(arena, 64);

        for (int i = 0; i < 12; i++) {
                *state = *state * 6364136223846793005u + 1442695040888963407u;
                buf_byte(&line, bytes[(*state >> 40) % (sizeof(bytes) - 1)]);
        }
        return span_text(arena, buf_span(&line));
}

/* What is split without complaint, a shell splits the same way. */
TEST(line_agrees_with_the_shell)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Buf script = buf_in(arena, MiB(1)), expected = buf_in(arena, MiB(1));
        uint64_t drawn = 1;
        Subprocess done;
        Error err = { 0 };
        const char *const sh[] = { "/bin/sh", NULL };
        int n = 0;

        while (n < 800) {
                const char *line = random_line(arena, &drawn);
                const char *const *argv;

                if (line_split(span_of(line), arena, &argv, NULL) < 0)
                        continue;
                buf_printf(&script, "printf '<%%s>' x %s\necho\n", line);
                buf_printf(&expected, "<x>%.*s\n", SPAN_ARG(shown(arena, argv)));
                n++;
        }
        assert_ok(subprocess_run(&(SubprocessPlan){ .argv = sh,
                                                    .dir = "/proc/self/fdinfo",
                                                    .input = buf_span(&script) },
                                 arena, &done, &err),
                  err);
        assert_span(done.error, "");
        assert_int_equal(done.out.len, expected.len);
        assert_span(done.out, buf_span(&expected).ptr);
}
