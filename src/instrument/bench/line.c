#include "instrument/bench/line.h"

#include "base/buf.h"

#include <string.h>

#define SPECIALS "{(@*#?-$!"

typedef struct Line {
        Span text;
        size_t at;
        Buf word;
        bool in_word, was_quoted; /* anything of the word so far */
        size_t n_words;
        const char **words;
        Arena *arena;
        Error *err;
} Line;

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static bool is_name_byte(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
}

static bool is_one_of(char c, const char *set)
{
        return c && strchr(set, c);
}

/* NUL behind the end, which is nowhere in the line. */
static char peek(const Line *l, size_t ahead)
{
        return l->at + ahead < l->text.len ? l->text.ptr[l->at + ahead] : '\0';
}

static int fail_acts(const Line *l, const char *what)
{
        fail(l->err, ERR_USAGE, "column %zu of '%.*s': a shell would act on %s", l->at + 1,
             SPAN_ARG(span_first(l->text, 200)), what);
        return fail_hint(l->err, "quote it, or let a shell run the line: --shell");
}

static int fail_character(const Line *l)
{
        char what[] = "'?'";

        what[1] = peek(l, 0);
        return fail_acts(l, what);
}

static int fail_open(const Line *l, size_t opened, const char *what)
{
        return fail(l->err, ERR_USAGE, "column %zu of '%.*s': %s", opened + 1,
                    SPAN_ARG(span_first(l->text, 200)), what);
}

/* A $ is one only before what it could stand for: a name, or one of `specials`. */
static bool expands(const Line *l, const char *specials)
{
        char next = peek(l, 1);

        return peek(l, 0) == '`' ||
               (peek(l, 0) == '$' && (is_name_byte(next) || is_one_of(next, specials)));
}

/* "[a]" stands for file names, "[" is the program of this name. */
static bool is_bracket(const Line *l)
{
        if (peek(l, 0) != '[')
                return false;
        for (size_t i = 1; peek(l, i) && !is_blank(peek(l, i)); i++)
                if (peek(l, i) == ']')
                        return true;
        return false;
}

static bool acts(const Line *l)
{
        char c = peek(l, 0);

        return is_one_of(c, "|&;<>()*?\n") || (!l->in_word && is_one_of(c, "~#")) ||
               expands(l, SPECIALS "'\"") || is_bracket(l);
}

static int end_word(Line *l)
{
        if (!l->in_word)
                return 0;
        if (l->n_words == LINE_WORDS_MAX)
                return fail(l->err, ERR_LIMIT, "a command of more than %d words", LINE_WORDS_MAX);
        l->words[l->n_words++] = arena_text(l->arena, l->word.ptr ? l->word.ptr : "", l->word.len);
        buf_clear(&l->word);
        l->in_word = l->was_quoted = false;
        return 0;
}

static int single_quoted(Line *l)
{
        size_t opened = l->at++;
        ptrdiff_t n = span_find_byte(span_from(l->text, l->at), '\'');

        if (n < 0)
                return fail_open(l, opened, "this quote is never closed");
        buf_bytes(&l->word, l->text.ptr + l->at, (size_t)n);
        l->at += (size_t)n + 1;
        return 0;
}

static int double_quoted(Line *l)
{
        size_t opened = l->at++;

        for (; l->at < l->text.len && peek(l, 0) != '"'; l->at++) {
                if (peek(l, 0) == '\\' && is_one_of(peek(l, 1), "\\\"$`\n")) {
                        l->at++;
                        if (peek(l, 0) == '\n')
                                continue;
                } else if (expands(l, SPECIALS)) {
                        return fail_character(l);
                }
                buf_byte(&l->word, peek(l, 0));
        }
        if (l->at == l->text.len)
                return fail_open(l, opened, "this quote is never closed");
        l->at++;
        return 0;
}

static int escaped(Line *l)
{
        if (l->at + 1 == l->text.len)
                return fail_open(l, l->at, "nothing follows the backslash");
        if (peek(l, 1) != '\n')
                buf_byte(&l->word, peek(l, 1));
        l->at += 2;
        return 0;
}

/* NAME=value before the command would set a variable. */
static bool assigns(const Line *l)
{
        Span word = buf_span(&l->word);

        if (l->n_words || l->was_quoted || !word.len || (word.ptr[0] >= '0' && word.ptr[0] <= '9'))
                return false;
        for (size_t i = 0; i < word.len; i++)
                if (!is_name_byte(word.ptr[i]))
                        return false;
        return true;
}

static int plain(Line *l)
{
        if (acts(l))
                return fail_character(l);
        if (peek(l, 0) == '=' && assigns(l))
                return fail_acts(l, "the variable that is set here");
        l->in_word = true;
        buf_byte(&l->word, peek(l, 0));
        l->at++;
        return 0;
}

static int step(Line *l)
{
        static const struct {
                char opens;
                int (*read)(Line *);
        } quotes[] = { { '\'', single_quoted }, { '"', double_quoted }, { '\\', escaped } };

        if (is_blank(peek(l, 0))) {
                l->at++;
                return end_word(l);
        }
        for (size_t i = 0; i < COUNT(quotes); i++) {
                if (peek(l, 0) != quotes[i].opens)
                        continue;
                if (quotes[i].opens != '\\' || peek(l, 1) != '\n')
                        l->in_word = l->was_quoted = true;
                return quotes[i].read(l);
        }
        return plain(l);
}

int line_split(Span line, Arena *arena, const char *const **ret_argv, Error *err)
{
        Line l = { .text = line, .arena = arena, .err = err };
        int r = 0;

        if (line.len > LINE_BYTES_MAX)
                return fail(err, ERR_LIMIT, "a command of more than %zu bytes", LINE_BYTES_MAX);
        if (span_find_byte(line, '\0') >= 0)
                return fail(err, ERR_USAGE, "a command with a NUL byte in it");
        l.word = buf_in(arena, LINE_BYTES_MAX);
        l.words = new_try(arena, const char *, LINE_WORDS_MAX + 1);
        if (!l.words)
                return fail(err, ERR_LIMIT, "no room for the words of a command");
        while (r == 0 && l.at < l.text.len)
                r = step(&l);
        if (r == 0)
                r = end_word(&l);
        if (r < 0)
                return r;
        if (l.n_words == 0)
                return fail(err, ERR_USAGE, "an empty command");
        l.words[l.n_words] = NULL;
        *ret_argv = l.words;
        return 0;
}
