/* hone: find the command, read its options, run it, print the one error there may be. */

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "command/command.h"

#define ARENA_CEILING GiB(4)
#define DEFAULT_WIDTH 80

static int check_args(const Command *command, const TextList *args, Error *err)
{
        if (args->len >= command->min_args && args->len <= command->max_args)
                return 0;
        fail(err, ERR_USAGE,
             args->len < command->min_args ? "hone %s needs %s" : "hone %s takes only %s",
             command->name, command->args[0] ? command->args : "options");
        return fail_hint(err, "hone %s --help explains it", command->name);
}

static void finish_context(Context *ctx)
{
        bool terminal = isatty(STDOUT_FILENO);
        struct winsize size;

        if (ctx->global.color == COLOR_AUTO)
                ctx->global.color = terminal && !getenv("NO_COLOR") ? COLOR_ALWAYS : COLOR_NEVER;
        ctx->width = DEFAULT_WIDTH;
        if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
                ctx->width = size.ws_col;
        ctx->progress = progress_to(ctx->err, ctx->os, ctx->global.quiet || ctx->global.json);
}

static int print_help(Context *ctx, const Command *command)
{
        Buf out = buf_in(ctx->arena, MiB(1));

        if (command)
                command_help(command, ctx->width, &out);
        else
                command_overview(ctx->width, &out);
        fwrite(out.ptr, 1, out.len, ctx->out);
        return 0;
}

static int print_version(Context *ctx)
{
        fputs("hone " HONE_VERSION "\n", ctx->out);
        return 0;
}

/* Does this word name a global option whose value is the next word? */
static bool takes_next_word(const char *word)
{
        for (size_t i = 0; i < n_global_options; i++)
                if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, global_options[i].name) == 0)
                        return global_options[i].kind != OPT_FLAG;
        return false;
}

static int command_at(int argc, char *const *argv)
{
        int at = 1;

        while (at < argc && argv[at][0] == '-')
                at += takes_next_word(argv[at]) ? 2 : 1;
        return MIN(at, argc);
}

/* Options before the command are the global ones; after it, both. */
static int run(Context *ctx, int argc, char *const *argv, Error *err)
{
        OptionTarget targets[2] = { { { global_options, n_global_options }, &ctx->global } };
        const Command *command = NULL;
        TextList args;
        int at = command_at(argc, argv), r;

        option_presets(targets[0].table, ctx->arena, &ctx->global);
        r = option_parse(targets, 1, at - 1, argv + 1, ctx->arena, &args, err);
        if (r < 0)
                return r;
        finish_context(ctx);
        if (ctx->global.version)
                return print_version(ctx);
        if (at >= argc)
                return print_help(ctx, NULL);
        command = command_find(argv[at]);
        if (!command)
                return command_unknown(argv[at], err);
        targets[1] = (OptionTarget){ { command->options, command->n_options },
                                     new (ctx->arena, max_align_t,
                                          command->opts_size / sizeof(max_align_t) + 1) };
        option_presets(targets[1].table, ctx->arena, targets[1].opts);
        r = option_parse(targets, 2, argc - at - 1, argv + at + 1, ctx->arena, &args, err);
        if (r < 0)
                return r;
        finish_context(ctx);
        if (ctx->global.help)
                return print_help(ctx, command);
        r = check_args(command, &args, err);
        return r < 0 ? r : command->run(ctx, targets[1].opts, &args, err);
}

int main(int argc, char **argv)
{
        Context ctx = { .out = stdout, .err = stderr, .os = os_real() };
        Error err = { 0 };
        int status;

        ctx.arena = arena_new(ARENA_CEILING);
        interrupt_install();
        status = run(&ctx, argc, argv, &err);
        progress_clear(&ctx.progress);
        if (status < 0) {
                error_print(&err, stderr);
                status = error_exit_status(err.code);
        }
        arena_free(ctx.arena);
        if (fflush(stdout) != 0 && status == 0)
                status = 3;
        return status;
}
