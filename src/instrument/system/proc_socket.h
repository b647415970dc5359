#pragma once
/* Listening TCP sockets in the text of /proc/net/tcp and /proc/net/tcp6.
 *
 * Format: Documentation/networking/proc_net_tcp.rst. Addresses are groups of eight hexadecimal
 * digits, each a 32-bit word as it lies in memory; the port is in host order; state 0A is LISTEN.
 * Listeners come first in the file, so its first part is enough.
 */

#include "base/span.h"

/* Which address a socket listens on, best first for a client on this machine. */
typedef enum ListenScope { LISTEN_LOOPBACK, LISTEN_ANY, LISTEN_OTHER } ListenScope;

typedef struct ListenRow {
        uint16_t port;
        ListenScope scope;
        uint64_t inode;
} ListenRow;

/* ERR_NOT_FOUND for lines that are no listener (titles, connections). */
int proc_listen_parse(Span line, ListenRow *ret, Error *err);
/* "socket:[1234]", the text of a link in PID/fd; false: another kind of file. */
bool proc_socket_inode(Span link, uint64_t *ret);
