#pragma once
/* One TCP connection to one host, non-blocking, watched by a thread's epoll.
 *
 * Level-triggered and always watched for reading: a request costs one send and one recv, and no
 * epoll_ctl. Only connecting, and a request that the socket would not take whole, watch for
 * writing. Closing the socket takes it out of the epoll.
 */

#include "instrument/load/plan.h"

typedef enum ConnState {
        CONN_CLOSED,
        CONN_CONNECTING,
        CONN_OPEN,
} ConnState;

typedef struct Lane Lane;

typedef struct Conn {
        Lane *lane;
        int fd;
        uint8_t state;   /* ConnState */
        bool writing;    /* watched for writing, too */
        uint8_t address; /* which of the host's */
        uint8_t tried;   /* addresses that failed in this attempt */
        uint16_t host;
        uint64_t opened_ns;
} Conn;

/* Starts connecting to c->address; the state says whether it is open at once. Negative errno. */
int conn_open(Conn *c, int epoll_fd, const LoadHost *host);
/* After the first event of a connecting one: open now, or negative errno. */
int conn_opened(Conn *c, int epoll_fd);
void conn_watch_writing(Conn *c, int epoll_fd, bool writing);
/* Receives and forgets up to n bytes (tcp(7), MSG_TRUNC: they are not copied). As recv(). */
ssize_t conn_drop(Conn *c, uint64_t n);
void conn_close(Conn *c); /* accepts a closed one */
