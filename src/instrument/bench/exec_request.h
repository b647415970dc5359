#pragma once
/* From a plan to what the launcher is sent: the program found in PATH, the environment laid out. */

#include "base/buf.h"
#include "instrument/bench/exec.h"
#include "instrument/bench/launcher_protocol.h"

typedef struct ExecMessage {
        ExecRequest head;
        Span body;
        const char *const *words;
        const char *program; /* as the user named it, for messages */
        const char *path;    /* where it was found */
} ExecMessage;

#define ENV_PADDING_MAX KiB(64)

/* A name with a slash is a path; ERR_NOT_FOUND when it or every folder of PATH lacks the program.
 */
int exec_find_program(const ExecPlan *plan, const char *name, Arena *arena, const char **ret,
                      Error *err);
/* The message lives in the arena, its body in `body`, which is overwritten. ERR_LIMIT when the
 * words and the environment are more than any program can be given. */
int exec_message(const ExecPlan *plan, Arena *arena, Buf *body, ExecMessage *ret, Error *err);
/* What the launcher reported instead of running it, in words. */
int exec_fail(const ExecPlan *plan, const ExecMessage *message, ExecStage stage, int failure,
              Error *err);
