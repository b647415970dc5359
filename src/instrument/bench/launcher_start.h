#pragma once
/* The launcher's process: from the image that hone carries to a socket to talk through. */

#include "base/error.h"

#include <sys/types.h>

/* Started by vfork, in a session of its own; `ret_socket` is the caller's to close, which ends it.
 */
int launcher_process_start(pid_t *ret_pid, int *ret_socket, Error *err);
