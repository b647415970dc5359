#pragma once
/* Behind process_on_port(): the same over any /proc, for tests.
 *
 * How: the inodes of sockets that listen on the port (net/tcp, net/tcp6), then the processes that
 * hold one of them (PID/fd). Of several holders the topmost is meant: the master of a group of
 * workers. A service manager that keeps a socket for its service (socket activation) is passed
 * over when somebody else holds it too. When two sockets share the port, the one that a client on
 * this machine reaches first decides: loopback, then any address, then others.
 */

#include "base/span.h"

int process_on_port_in(const char *proc_root, uint16_t port, int *ret_pid, Error *err);
