/* Shell completion, printed from the command tables. */

#include "command/command.h"

#include <string.h>

static void words(Buf *out, const Option *options, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                buf_printf(out, " --%s", options[i].name);
                if (options[i].letter)
                        buf_printf(out, " -%c", options[i].letter);
        }
}

static void bash_completion(Buf *out)
{
        buf_text(out, "_hone() {\n"
                      "        local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
                      "        local commands=\"");
        for (const Command *const *c = commands; *c; c++)
                buf_printf(out, "%s%s", c == commands ? "" : " ", (*c)->name);
        buf_text(out, "\" options=\"");
        words(out, global_options, n_global_options);
        buf_text(out, "\"\n"
                      "        if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                      "                COMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n"
                      "                return\n"
                      "        fi\n"
                      "        case $command in\n");
        for (const Command *const *c = commands; *c; c++) {
                buf_printf(out, "        %s) options+=\"", (*c)->name);
                words(out, (*c)->options, (*c)->n_options);
                buf_text(out, "\" ;;\n");
        }
        buf_text(out, "        esac\n"
                      "        case $word in\n"
                      "        -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
                      "        *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
                      "        esac\n"
                      "}\n"
                      "complete -F _hone hone\n");
}

static void quoted(Buf *out, const char *text)
{
        for (; *text; text++) {
                if (strchr("'\"[]:\\", *text))
                        continue;
                buf_byte(out, *text);
        }
}

static void zsh_options(Buf *out, const Option *options, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                buf_printf(out, " '--%s[", options[i].name);
                quoted(out, options[i].help);
                buf_text(out, options[i].arg ? "]:value:_files'" : "]'");
        }
}

static void zsh_completion(Buf *out)
{
        buf_text(out, "#compdef hone\n_hone() {\n        local -a commands\n        commands=(\n");
        for (const Command *const *c = commands; *c; c++) {
                buf_printf(out, "                '%s:", (*c)->name);
                quoted(out, (*c)->summary);
                buf_text(out, "'\n");
        }
        buf_text(out, "        )\n"
                      "        if (( CURRENT == 2 )); then\n"
                      "                _describe command commands\n"
                      "                return\n"
                      "        fi\n"
                      "        case $words[2] in\n");
        for (const Command *const *c = commands; *c; c++) {
                buf_printf(out, "        %s) _arguments", (*c)->name);
                zsh_options(out, (*c)->options, (*c)->n_options);
                zsh_options(out, global_options, n_global_options);
                buf_text(out, " '*:file:_files' ;;\n");
        }
        buf_text(out, "        esac\n}\n_hone \"$@\"\n");
}

static void fish_option(Buf *out, const char *condition, const Option *option)
{
        buf_printf(out, "complete -c hone -n '%s' -l %s", condition, option->name);
        if (option->letter)
                buf_printf(out, " -s %c", option->letter);
        if (option->arg)
                buf_text(out, " -r");
        buf_text(out, " -d '");
        quoted(out, option->help);
        buf_text(out, "'\n");
}

static void fish_completion(Buf *out)
{
        for (const Command *const *c = commands; *c; c++) {
                buf_printf(out, "complete -c hone -n __fish_use_subcommand -a %s -d '", (*c)->name);
                quoted(out, (*c)->summary);
                buf_text(out, "'\n");
                for (size_t i = 0; i < (*c)->n_options; i++) {
                        Buf condition = buf_in(out->arena, KiB(1));

                        buf_printf(&condition, "__fish_seen_subcommand_from %s", (*c)->name);
                        fish_option(out, condition.ptr, &(*c)->options[i]);
                }
        }
        for (size_t i = 0; i < n_global_options; i++)
                fish_option(out, "true", &global_options[i]);
}

static const struct {
        const char *shell;
        void (*write)(Buf *);
} shells[] = { { "bash", bash_completion },
               { "zsh", zsh_completion },
               { "fish", fish_completion } };

static int completion_run(Context *ctx, const void *opts, const TextList *args, Error *err)
{
        Buf out = buf_in(ctx->arena, MiB(1));

        (void)opts;
        for (size_t i = 0; i < COUNT(shells); i++)
                if (strcmp(args->items[0], shells[i].shell) == 0) {
                        shells[i].write(&out);
                        fwrite(out.ptr, 1, out.len, ctx->out);
                        return buf_check(&out, err);
                }
        return fail(err, ERR_USAGE, "no completion for '%s': bash, zsh or fish", args->items[0]);
}

static const Example examples[] = {
        { "source <(hone completion bash)", "complete in this shell" },
};

const Command completion_command = {
        .name = "completion",
        .group = "help",
        .args = "bash|zsh|fish",
        .summary = "print shell completion",
        .description = "Commands and options come from the same tables as help.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .min_args = 1,
        .max_args = 1,
        .run = completion_run,
};
