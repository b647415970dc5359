/* Every command, in the order in which help shows them. A new one: its file and its row here. */

#include "command/command.h"

/* clang-format off */
#define COMMANDS(X)   \
        X(diagnose)   \
        X(load)       \
        X(profile)    \
        X(system)     \
        X(ab)         \
        X(bench)      \
        X(import)     \
        X(compare)    \
        X(gate)       \
        X(history)    \
        X(loop)       \
        X(report)     \
        X(runs)       \
        X(show)       \
        X(flame)      \
        X(convert)    \
        X(doctor)     \
        X(init)       \
        X(help)       \
        X(completion)
/* clang-format on */

#define X(name) extern const Command name##_command;
COMMANDS(X)
#undef X

const Command *const commands[] = {
#define X(name) &name##_command,
        COMMANDS(X)
#undef X
                NULL,
};
