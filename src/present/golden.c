#include "golden.h"

#include "base/embedded.h"
#include "base/fs.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "present/glyph.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

extern const EmbeddedFile golden_files[];

static bool write_golden(Span actual, const char *name)
{
        const char *dir = getenv("HONE_GOLDEN_DIR");
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };

        if (!dir)
                return false;
        assert_ok(file_write(path_join(arena, dir, name), actual, &err), err);
        return true;
}

static void explain(Span actual, Span expected, const char *name)
{
        size_t at = 0, line = 1;

        while (at < actual.len && at < expected.len && actual.ptr[at] == expected.ptr[at])
                line += actual.ptr[at++] == '\n';
        fail_msg("golden/%s differs in line %zu, from '%.*s'; expected '%.*s'", name, line,
                 SPAN_ARG(span_first(span_from(actual, at), 100)),
                 SPAN_ARG(span_first(span_from(expected, at), 100)));
}

void assert_golden(Span actual, const char *name)
{
        if (write_golden(actual, name))
                return;
        for (const EmbeddedFile *f = golden_files; f->name; f++) {
                if (!span_is(span_of(f->name), name))
                        continue;
                if (!span_eq(actual, f->bytes))
                        explain(actual, f->bytes, name);
                return;
        }
        fail_msg("there is no golden/%s", name);
}

void assert_fits(Span text, size_t width)
{
        Span rest = text, line;

        while (span_next_line(&rest, &line)) {
                if (text_columns(line) > width)
                        fail_msg("%zu columns: '%.*s'", text_columns(line), SPAN_ARG(line));
                if (span_ends(line, " "))
                        fail_msg("a blank at the end of '%.*s'", SPAN_ARG(line));
        }
}

typedef struct Checker {
        Span rest;
        Arena *arena;
        VEC(Span) open;
} Checker;

static void complain(const Checker *c, const char *what)
{
        fail_msg("not well-formed, %s at '%.*s'", what, SPAN_ARG(span_first(c->rest, 80)));
}

static bool take(Checker *c, const char *text)
{
        if (!span_starts(c->rest, text))
                return false;
        c->rest = span_from(c->rest, strlen(text));
        return true;
}

static void skip_past(Checker *c, const char *text)
{
        ptrdiff_t at = span_find(c->rest, span_of(text));

        if (at < 0)
                complain(c, "an unfinished construct");
        c->rest = span_from(c->rest, (size_t)at + strlen(text));
}

static Span take_name(Checker *c)
{
        size_t n = 0;

        while (n < c->rest.len &&
               (isalnum((unsigned char)c->rest.ptr[n]) || strchr("-_:", c->rest.ptr[n])))
                n++;
        if (n == 0)
                complain(c, "a name is missing");
        c->rest = span_from(c->rest, n);
        return (Span){ c->rest.ptr - n, n };
}

static void check_reference(Checker *c)
{
        static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

        for (size_t i = 0; i < COUNT(known); i++)
                if (take(c, known[i]))
                        return;
        complain(c, "an unknown reference");
}

static void check_character(Checker *c)
{
        size_t n = utf8_length(c->rest);
        unsigned char byte = (unsigned char)c->rest.ptr[0];

        if (n == 0 || (byte < 0x20 && byte != '\n'))
                complain(c, "a control character or bad UTF-8");
        c->rest = span_from(c->rest, n);
}

static void check_attribute(Checker *c)
{
        take_name(c);
        if (!take(c, "=\""))
                complain(c, "an attribute without a quoted value");
        while (c->rest.len && c->rest.ptr[0] != '"') {
                if (c->rest.ptr[0] == '<')
                        complain(c, "< in an attribute");
                else if (c->rest.ptr[0] == '&')
                        check_reference(c);
                else
                        check_character(c);
        }
        if (!take(c, "\""))
                complain(c, "an unfinished attribute");
}

static void check_close(Checker *c)
{
        Span name = take_name(c);

        if (!take(c, ">") || !c->open.len || !span_eq(c->open.items[c->open.len - 1], name))
                complain(c, "a closing tag that closes nothing");
        c->open.len--;
}

static void check_open(Checker *c)
{
        Span name = take_name(c), *slot;

        while (take(c, " ") || take(c, "\n"))
                if (!span_starts(c->rest, "/") && !span_starts(c->rest, ">"))
                        check_attribute(c);
        if (take(c, "/>"))
                return;
        if (!take(c, ">"))
                complain(c, "a tag that does not end");
        slot = vec_add(c->arena, &c->open);
        if (slot)
                *slot = name;
        else
                complain(c, "too many open tags");
}

static void check_item(Checker *c)
{
        if (take(c, "<![CDATA["))
                skip_past(c, "]]>");
        else if (take(c, "<!--"))
                skip_past(c, "-->");
        else if (take(c, "<!DOCTYPE html>"))
                return;
        else if (take(c, "</"))
                check_close(c);
        else if (take(c, "<"))
                check_open(c);
        else if (c->rest.ptr[0] == '&')
                check_reference(c);
        else
                check_character(c);
}

void assert_well_formed(Span text)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Checker c = { .rest = text, .arena = arena, .open = VEC_INIT(1000) };

        while (c.rest.len)
                check_item(&c);
        if (c.open.len)
                fail_msg("<%.*s> is not closed", SPAN_ARG(c.open.items[c.open.len - 1]));
}
