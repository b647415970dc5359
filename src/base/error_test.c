#include "base/error.h"

#include "harness.h"

#include <errno.h>
#include <string.h>

static void assert_printed(const Error *err, const char *wanted)
{
        char text[2048] = "";
        FILE *out = fmemopen(text, sizeof(text), "w");

        assert_non_null(out);
        error_print(err, out);
        fclose(out);
        assert_string_equal(text, wanted);
}

TEST(error_says_what_failed_while_what_and_what_to_do)
{
        Error err = { 0 };

        assert_int_equal(fail(&err, ENOENT, "cannot open '%s'", "x"), -ENOENT);
        assert_int_equal(fail_while(&err, "loading the baseline"), -ENOENT);
        assert_int_equal(fail_while(&err, "comparing run %d", 7), -ENOENT);
        assert_int_equal(fail_hint(&err, "run hone %s first", "measure"), -ENOENT);
        assert_printed(&err, "hone: cannot open 'x': No such file or directory (while loading the "
                             "baseline, while comparing run 7)\n  hint: run hone measure first\n");
}

TEST(error_without_the_rest_prints_one_line)
{
        Error err = { 0 };

        assert_int_equal(fail(&err, ERR_LIMIT, "too much"), -ERR_LIMIT);
        assert_printed(&err, "hone: too much\n");
}

TEST(error_cuts_long_texts_and_shows_it)
{
        Error err = { 0 };
        char text[2000];

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        fail(&err, ENOENT, "%s", text);
        for (int i = 0; i < 3; i++)
                fail_while(&err, "%.200s", text);
        fail_hint(&err, "%s", text);
        assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
        assert_string_equal(err.message + sizeof(err.message) - 6, "xx...");
        assert_string_equal(err.during + sizeof(err.during) - 6, "xx...");
        assert_string_equal(err.hint + sizeof(err.hint) - 6, "xx...");
}

TEST(error_does_not_cut_inside_of_a_character)
{
        Error err = { 0 };
        char text[1200];

        for (size_t i = 0; i + 1 < sizeof(text); i++)
                text[i] = "\xE2\x82\xAC"[i % 3];
        text[sizeof(text) - 1] = '\0';
        for (int shift = 0; shift < 3; shift++) {
                Span message;

                fail(&err, ERR_INPUT, "%.*s%s", shift, "ab", text);
                message = span_of(err.message);
                assert_true(span_ends(message, "..."));
                assert_int_equal((message.len - 3 - (size_t)shift) % 3, 0);
        }
}

TEST(error_may_quote_its_own_texts)
{
        Error err = { 0 };

        fail(&err, ERR_INPUT, "no number");
        fail_hint(&err, "write one");
        fail_hint(&err, "please %s", err.hint);
        assert_string_equal(err.hint, "please write one");
        fail(&err, ERR_CORRUPT, "line 3: %s", err.message);
        assert_string_equal(err.message, "line 3: no number");
        assert_int_equal(err.code, ERR_CORRUPT);
        assert_string_equal(err.hint, "");
}

TEST(error_of_nobody_still_returns_its_code)
{
        assert_int_equal(fail(NULL, ERR_INPUT, "x"), -ERR_INPUT);
        assert_true(fail_while(NULL, "x") < 0);
        assert_true(fail_hint(NULL, "x") < 0);
        error_clear(NULL);
}

TEST(error_forgets_the_failure_before)
{
        Error err = { 0 };

        fail(&err, ERR_INPUT, "first");
        fail_while(&err, "there");
        fail_hint(&err, "hint");
        fail(&err, ERR_LIMIT, "second");
        assert_printed(&err, "hone: second\n");
        error_clear(&err);
        assert_int_equal(err.code, 0);
        assert_string_equal(err.message, "");
}

TEST(error_keeps_control_bytes_from_the_terminal)
{
        Error err = { 0 };

        fail(&err, ERR_INPUT, "key '\x1b[2J\x7f\xC3\xA9'");
        fail_while(&err, "a\rb");
        fail_hint(&err, "c\ad");
        assert_printed(&err, "hone: key '\\x1b[2J\\x7f\xC3\xA9' (while a\\x0db)\n"
                             "  hint: c\\x07d\n");
}

TEST(error_codes_have_names_and_exit_statuses)
{
        for (int code = ERR_BASE_ + 1; code < ERR_END_; code++) {
                assert_true(error_code_name(code)[0] != '\0');
                assert_string_not_equal(error_code_name(code), "system");
                assert_true(error_exit_status(code) > 0);
        }
        assert_string_equal(error_code_name(ERR_USAGE), "usage");
        assert_int_equal(error_exit_status(ERR_USAGE), 2);
        assert_int_equal(error_exit_status(ERR_INTERRUPTED), 130);
        assert_string_equal(error_code_name(ENOENT), "system");
        assert_int_equal(error_exit_status(ENOENT), 3);
        assert_string_equal(error_code_name(ERR_BASE_), "system");
        assert_string_equal(error_code_name(ERR_END_), "system");
}
