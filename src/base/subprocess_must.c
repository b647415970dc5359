/* A program that has to succeed, and the Error when it did not. The texts have fixed room, because
 * the program's output may just have filled the arena. */

#include "base/subprocess.h"

#include <signal.h>
#include <string.h>

#define QUOTE_SIZE 201
#define COMMAND_SIZE 101

/* Text from another program into a message: no bytes that would command the terminal. */
static void copy_printable(char *to, size_t size, Span from)
{
        size_t n = MIN(from.len, size - 1);

        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char)from.ptr[i];

                to[i] = c < ' ' || c == 0x7f ? '?' : (char)c;
        }
        to[n] = '\0';
        if (n < from.len && size > 3)
                memcpy(to + n - 3, "...", 3);
}

/* The command as a person would write it, cut where it gets long. */
static void command_text(const SubprocessPlan *plan, char text[static COMMAND_SIZE])
{
        const char *const *word = plan->argv;
        size_t used = 0;

        if (plan->shell) {
                copy_printable(text, COMMAND_SIZE, span_of(plan->shell));
                return;
        }
        for (; *word && used + 4 < COMMAND_SIZE; word++) {
                if (used)
                        text[used++] = ' ';
                copy_printable(text + used, COMMAND_SIZE - used, span_of(*word));
                used += strlen(text + used);
        }
        if (*word)
                memcpy(text + used - 3, "...", 3);
}

static int fail_status(const SubprocessPlan *plan, const Subprocess *done, Error *err)
{
        char command[COMMAND_SIZE], said[QUOTE_SIZE];
        int ended_by = done->exit_status - 128;
        const char *signal_text = ended_by > 0 ? sigdescr_np(ended_by) : NULL;
        Span line = span_last_line(done->error);
        const char *colon;

        if (line.len == 0)
                line = span_last_line(done->out);
        copy_printable(said, sizeof(said), line);
        command_text(plan, command);
        colon = said[0] ? ": " : "";
        if (signal_text)
                fail(err, ERR_FAILED, "'%s' was ended by signal %d (%s)%s%s", command, ended_by,
                     signal_text, colon, said);
        else
                fail(err, ERR_FAILED, "'%s' failed with exit status %d%s%s", command,
                     done->exit_status, colon, said);
        if (plan->output_path)
                return fail_hint(err, "its output is in '%s'", plan->output_path);
        return -ERR_FAILED;
}

static int fail_late(const SubprocessPlan *plan, Error *err)
{
        char command[COMMAND_SIZE];

        command_text(plan, command);
        return fail(err, ERR_TIMEOUT, "'%s' did not end within %llu ms", command,
                    (unsigned long long)(plan->timeout_ns / NS_PER_MS));
}

int subprocess_must(const SubprocessPlan *plan, Arena *arena, Subprocess *ret, Error *err)
{
        Subprocess done;
        int r = subprocess_run(plan, arena, &done, err);

        if (r < 0)
                return r;
        if (done.timed_out)
                return fail_late(plan, err);
        if (done.exit_status)
                return fail_status(plan, &done, err);
        *ret = done;
        return 0;
}
