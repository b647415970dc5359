#include "command/manual.h"

#include <string.h>

#include "base/fs.h"
#include "command/command.h"

#define PAGE_MAX_BYTES MiB(1)
#define PAGE_WIDTH 80

static const char begin_mark[] = "<!-- generated -->\n";
static const char end_mark[] = "<!-- end of generated -->\n";

/* roff: a backslash and a leading dot or quote would be commands. */
static void roff_text(Buf *out, const char *text)
{
        bool line_start = true;

        for (; *text; text++) {
                if (line_start && (*text == '.' || *text == '\''))
                        buf_text(out, "\\&");
                if (*text == '\\' || *text == '-')
                        buf_byte(out, '\\');
                buf_byte(out, *text);
                line_start = *text == '\n';
        }
}

static void roff_options(Buf *out, const Option *options, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                buf_text(out, ".TP\n.B ");
                if (options[i].letter)
                        buf_printf(out, "\\-%c, ", options[i].letter);
                buf_text(out, "\\-\\-");
                roff_text(out, options[i].name);
                if (options[i].arg) {
                        buf_text(out, options[i].bare ? "[=" : " ");
                        roff_text(out, options[i].arg);
                        buf_text(out, options[i].bare ? "]" : "");
                }
                buf_byte(out, '\n');
                roff_text(out, options[i].help);
                if (options[i].preset && options[i].kind != OPT_FLAG)
                        buf_printf(out, " (default %s)", options[i].preset);
                buf_byte(out, '\n');
        }
}

static void roff_command(Buf *out, const Command *c)
{
        buf_text(out, ".SS hone ");
        roff_text(out, c->name);
        buf_byte(out, ' ');
        roff_text(out, c->args);
        buf_byte(out, '\n');
        roff_text(out, c->description);
        buf_byte(out, '\n');
        roff_options(out, c->options, c->n_options);
        for (size_t i = 0; i < c->n_examples; i++) {
                buf_text(out, ".PP\n.B ");
                roff_text(out, c->examples[i].command);
                buf_text(out, "\n.br\n");
                roff_text(out, c->examples[i].says);
                buf_byte(out, '\n');
        }
}

static const struct {
        const char *status, *meaning;
} exit_statuses[] = {
        { "0", "done and passed" },
        { "1", "a gate, budget or comparison failed" },
        { "2", "wrong usage, or a file that the user wrote is wrong" },
        { "3", "it could not be measured, or the data cannot tell" },
        { "4", "waiting for approval" },
        { "70", "a bug of hone" },
        { "99", "a load threshold was crossed" },
        { "130", "interrupted; what was measured until then is kept and marked partial" },
};

void manual_roff(Buf *out)
{
        buf_text(out, ".TH HONE 1 \"\" \"hone " HONE_VERSION "\" \"User Commands\"\n.SH NAME\n"
                      "hone \\- find what makes a system slow, prove it, and prove the fix\n"
                      ".SH SYNOPSIS\n.B hone\n.I COMMAND\n[OPTIONS] [ARGUMENTS]\n.SH COMMANDS\n");
        for (const Command *const *c = commands; *c; c++)
                roff_command(out, *c);
        buf_text(out, ".SH GLOBAL OPTIONS\n");
        roff_options(out, global_options, n_global_options);
        buf_text(out, ".SH EXIT STATUS\n");
        for (size_t i = 0; i < COUNT(exit_statuses); i++)
                buf_printf(out, ".TP\n.B %s\n%s\n", exit_statuses[i].status,
                           exit_statuses[i].meaning);
        buf_text(out, ".SH FILES\n.TP\n.B hone.yaml\nwhat to build, start and measure\n"
                      ".TP\n.B .hone/hone.db\nstored runs\n"
                      ".SH ENVIRONMENT\n.TP\n.B HONE_STORE\nwhere runs are kept\n");
}

/* What stands between the marks of a command's page. */
static Span generated_part(const Command *c, Arena *arena)
{
        Buf out = buf_in(arena, PAGE_MAX_BYTES);

        buf_printf(&out, "```\nhone %s%s%s%s\n", c->name, c->n_options ? " [OPTIONS]" : "",
                   c->args[0] ? " " : "", c->args);
        if (c->n_options) {
                buf_byte(&out, '\n');
                option_help(&out, (OptionTable){ c->options, c->n_options }, PAGE_WIDTH);
        }
        buf_text(&out, "```\n");
        return buf_span(&out);
}

typedef struct Page {
        const char *path;
        Span before, part, after; /* with the marks in before and after */
} Page;

static int page_read(const char *dir, const Command *c, Arena *arena, Page *ret, Error *err)
{
        ptrdiff_t from, to;
        Span text;
        int r;

        ret->path = path_join(arena, dir, arena_printf(arena, "%s.md", c->name));
        r = file_read(ret->path, PAGE_MAX_BYTES, arena, &text, err);
        if (r < 0)
                return fail_hint(err, "every command has a page of documentation");
        from = span_find(text, span_of(begin_mark));
        to = span_find(text, span_of(end_mark));
        if (from < 0 || to < from)
                return fail(err, ERR_INPUT, "%s: the lines '%.*s' and '%.*s' are missing",
                            ret->path, (int)strlen(begin_mark) - 1, begin_mark,
                            (int)strlen(end_mark) - 1, end_mark);
        ret->before = span_first(text, (size_t)from + strlen(begin_mark));
        ret->part = span_from(span_first(text, (size_t)to), ret->before.len);
        ret->after = span_from(text, (size_t)to);
        return 0;
}

int manual_check(const char *dir, Arena *arena, Error *err)
{
        for (const Command *const *c = commands; *c; c++) {
                Page page;
                int r = page_read(dir, *c, arena, &page, err);

                if (r < 0)
                        return r;
                if (!span_eq(page.part, generated_part(*c, arena))) {
                        fail(err, ERR_INPUT, "%s does not say what 'hone %s' does", page.path,
                             (*c)->name);
                        return fail_hint(err, "run: hone help --update %s", dir);
                }
        }
        return 0;
}

int manual_update(const char *dir, Arena *arena, Error *err)
{
        for (const Command *const *c = commands; *c; c++) {
                Buf out = buf_in(arena, PAGE_MAX_BYTES);
                Page page;
                int r = page_read(dir, *c, arena, &page, err);

                if (r < 0)
                        return r;
                buf_add(&out, page.before);
                buf_add(&out, generated_part(*c, arena));
                buf_add(&out, page.after);
                r = file_write(page.path, buf_span(&out), err);
                if (r < 0)
                        return r;
        }
        return 0;
}
