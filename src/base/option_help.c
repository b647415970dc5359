#include "base/option.h"

#include <string.h>

#define NARROWEST 40
#define LEFT_AT_MOST 32 /* columns for names; a longer one gets a line of its own */
#define GAP 2
#define MOST_TEXT KiB(16)

/* Columns of UTF-8 text: bytes that begin a character. */
static size_t columns(Span s)
{
        size_t n = 0;

        for (size_t i = 0; i < s.len; i++)
                n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
        return n;
}

static void put_names(Buf *out, const Option *option)
{
        if (option->letter)
                buf_printf(out, "  -%c, --%s", option->letter, option->name);
        else
                buf_printf(out, "      --%s", option->name);
        if (option->arg)
                buf_printf(out, option->bare ? "[=%s]" : " %s", option->arg);
}

static void put_choices(Buf *out, const Option *option)
{
        for (const char *const *choice = option->choices; *choice; choice++)
                buf_printf(out, "%s%s", choice == option->choices ? "" : ", ", *choice);
}

/* "measure for TIME (default 10s)" */
static void put_description(Buf *out, const Option *option)
{
        const char *preset = option->preset && option->preset[0] ? option->preset : NULL;
        const char *before = " (";

        if (option->kind == OPT_FLAG && preset)
                preset = strchr("ytoY1", preset[0]) && strcmp(preset, "off") ? "on" : NULL;
        buf_text(out, option->help);
        if (option->choices) {
                buf_text(out, before);
                put_choices(out, option);
                before = "; ";
        }
        if (option->kind == OPT_LIST) {
                buf_printf(out, "%smay be repeated", before);
                before = "; ";
        }
        if (preset) {
                buf_printf(out, "%sdefault %s", before, preset);
                before = "; ";
        }
        if (strcmp(before, " (") != 0)
                buf_byte(out, ')');
}

/* Words from column `at` on; lines that follow start at `indent`. A long word is never broken. */
static void put_wrapped(Buf *out, Span text, size_t at, size_t indent, size_t width)
{
        bool line_begins = true;
        Span word;

        while (span_next_word(&text, &word)) {
                if (!line_begins && at + 1 + columns(word) > width) {
                        buf_byte(out, '\n');
                        buf_repeat(out, ' ', indent);
                        at = indent;
                        line_begins = true;
                }
                if (!line_begins)
                        buf_byte(out, ' ');
                at += columns(word) + !line_begins;
                buf_add(out, word);
                line_begins = false;
        }
        buf_byte(out, '\n');
}

static size_t names_width(OptionTable table, Arena *arena)
{
        Buf names = buf_in(arena, MOST_TEXT);
        size_t widest = 0;

        for (size_t i = 0; i < table.len; i++) {
                size_t n;

                buf_clear(&names);
                put_names(&names, &table.rows[i]);
                n = columns(buf_span(&names));
                if (n <= LEFT_AT_MOST)
                        widest = MAX(widest, n);
        }
        return widest;
}

void option_help(Buf *out, OptionTable table, int width)
{
        size_t across = (size_t)MAX(width, NARROWEST);
        size_t left = MIN(names_width(table, out->arena) + GAP, across / 2);
        Buf text = buf_in(out->arena, MOST_TEXT);

        for (size_t i = 0; i < table.len; i++) {
                size_t used;

                buf_clear(&text);
                put_names(&text, &table.rows[i]);
                used = columns(buf_span(&text));
                buf_add(out, buf_span(&text));
                if (used + GAP > left) {
                        buf_byte(out, '\n');
                        used = 0;
                }
                buf_repeat(out, ' ', left - used);
                buf_clear(&text);
                put_description(&text, &table.rows[i]);
                put_wrapped(out, buf_span(&text), left, left, across);
        }
}
