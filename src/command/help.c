/* hone help: everything that explains the program, printed from the tables that run it. */

#include "command/command.h"

#include <ctype.h>
#include <string.h>

#include "base/fs.h"
#include "command/manual.h"

typedef struct HelpOpts {
        bool man;
        const char *check, *update;
} HelpOpts;

static const Option help_options[] = {
        { "man", 0, OPT_FLAG, FIELD(HelpOpts, man), NULL, NULL, "print the man page (roff)" },
        { "check", 0, OPT_TEXT, FIELD(HelpOpts, check), "DIR", NULL,
          "fail when a page of DIR does not match the commands" },
        { "update", 0, OPT_TEXT, FIELD(HelpOpts, update), "DIR", NULL,
          "bring the generated parts of DIR's pages up to date" },
};

static const struct {
        const char *name, *title;
} groups[] = {
        { "loop", "The main job" }, { "measure", "Measure" }, { "judge", "Judge" },
        { "evidence", "Evidence" }, { "help", "Help" },
};

void command_overview(int width, Buf *out)
{
        (void)width;
        buf_text(out, "hone finds what makes a system slow, proves it, and proves the fix.\n\n"
                      "Usage: hone COMMAND [OPTIONS] [ARGUMENTS]\n");
        for (size_t g = 0; g < COUNT(groups); g++) {
                buf_printf(out, "\n%s\n", groups[g].title);
                for (const Command *const *c = commands; *c; c++)
                        if (strcmp((*c)->group, groups[g].name) == 0)
                                buf_printf(out, "  %-11s %s\n", (*c)->name, (*c)->summary);
        }
        buf_text(out, "\nhone COMMAND --help explains one. Start with: hone diagnose URL\n");
}

/* Paragraphs (separated by "\n\n") broken at the width. */
static void wrap_text(Buf *out, const char *text, int width)
{
        Span rest = span_of(text), word;
        size_t column = 0;

        while (rest.len) {
                if (span_starts(rest, "\n\n")) {
                        buf_text(out, "\n\n");
                        column = 0;
                }
                if (!span_next_word(&rest, &word))
                        break;
                if (column && column + 1 + word.len > (size_t)width) {
                        buf_byte(out, '\n');
                        column = 0;
                }
                buf_printf(out, "%s%.*s", column ? " " : "", SPAN_ARG(word));
                column += word.len + (column ? 1 : 0);
        }
        buf_byte(out, '\n');
}

void command_help(const Command *command, int width, Buf *out)
{
        OptionTable own = { command->options, command->n_options };
        OptionTable global = { global_options, n_global_options };

        buf_printf(out, "hone %s: %s\n\nUsage: hone %s%s%s%s\n\n", command->name, command->summary,
                   command->name, command->n_options ? " [OPTIONS]" : "",
                   command->args[0] ? " " : "", command->args);
        wrap_text(out, command->description, width);
        if (command->n_options) {
                buf_text(out, "\nOptions\n");
                option_help(out, own, width);
        }
        buf_text(out, "\nEverywhere\n");
        option_help(out, global, width);
        if (command->n_examples)
                buf_text(out, "\nExamples\n");
        for (size_t i = 0; i < command->n_examples; i++)
                buf_printf(out, "  %s\n      %s\n", command->examples[i].command,
                           command->examples[i].says);
}

static int print(Context *ctx, const Buf *text, Error *err)
{
        int r = buf_check(text, err);

        if (r == 0 && fwrite(text->ptr, 1, text->len, ctx->out) != text->len)
                return fail(err, ERR_FAILED, "cannot write the output");
        return r;
}

static int help_one(Context *ctx, const char *name, Buf *out, Error *err)
{
        const Command *command = command_find(name);

        if (!command)
                return command_unknown(name, err);
        command_help(command, ctx->width, out);
        return print(ctx, out, err);
}

static int help_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const HelpOpts *opts = opts_struct;
        Buf out = buf_in(ctx->arena, MiB(4));

        if (opts->check)
                return manual_check(opts->check, ctx->arena, err);
        if (opts->update)
                return manual_update(opts->update, ctx->arena, err);
        if (args->len)
                return help_one(ctx, args->items[0], &out, err);
        if (opts->man)
                manual_roff(&out);
        else
                command_overview(ctx->width, &out);
        return print(ctx, &out, err);
}

const Command help_command = {
        .name = "help",
        .group = "help",
        .args = "[COMMAND]",
        .summary = "list the commands, or explain one",
        .description = "Help, man page, completion and the generated parts of the documentation "
                       "come from the same tables.",
        .options = help_options,
        .n_options = COUNT(help_options),
        .opts_size = sizeof(HelpOpts),
        .max_args = 1,
        .run = help_run,
};
