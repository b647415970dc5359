#pragma once
/* A command that waits at the start line until it is sampled.
 *
 *         Launch launch;
 *         r = launch_prepare(argv, &launch, err);   // forked, waiting in front of exec
 *         ... open events with enable_on_exec on launch.pid ...
 *         r = launch_go(&launch, err);              // fails when the program cannot be started
 *         launch_stop(&launch);                     // ends what still runs, reaps
 *
 * The command leads a process group of its own and dies with us. Its standard input is /dev/null
 * when ours is a terminal, because a background group may not read from one.
 */

#include "base/error.h"

typedef struct Launch {
        int pid;         /* 0: none */
        int go_fd;       /* a byte lets the command start; -1: done */
        int error_fd;    /* brings errno when exec failed; -1: done */
        int exit_status; /* once reaped: 0..255, or 128 + signal */
} Launch;

#define LAUNCH_NONE                         \
        {                                   \
                .go_fd = -1, .error_fd = -1 \
        }

int launch_prepare(const char *const *argv, Launch *ret, Error *err);
int launch_go(Launch *launch, Error *err);
void launch_stop(Launch *launch); /* accepts LAUNCH_NONE and what never went */
