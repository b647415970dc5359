#pragma once
/* A lane is one of the plan's connections: it works on one request at a time, over a kept-alive
 * connection per host.
 *
 *         idle --lane_begin--> busy: [connecting] -> sending -> answering --+--> counted, idle
 *                                         |              |         |        |
 *                                         +-- failed: counted, resting -----+  (back-off)
 *
 * Steady state: lane_event() reads the answer, counts it, asks the worker for the next request and
 * sends it in the same call. Nothing recurses deeper than that: whatever fails at once rests.
 *
 * Back-off: after a connect failure, and after the second failure in a row of any other kind, the
 * lane rests 10 ms, then twice as long each time up to a second, so that a server which is down or
 * drops everybody is not hammered.
 */

#include "instrument/load/conn.h"
#include "instrument/load/wheel.h"
#include "net/http1.h"

typedef struct Worker Worker;
typedef struct Redirect Redirect;

typedef enum LanePhase {
        LANE_IDLE,
        LANE_BUSY,
        LANE_RESTING,
} LanePhase;

struct Lane {
        Timer timer; /* deadline of the request, or the end of the rest; first: timers are lanes */
        Conn *conn;  /* carries the request at hand; NULL: none */
        Conn *conns; /* one per host */
        Span left;   /* of the request, to be sent */
        Span wire;   /* the whole request */
        uint64_t due_ns, started_ns, sent_ns, first_ns, free_ns;
        uint32_t endpoint, number;
        uint16_t failures; /* in a row */
        uint8_t phase;
        uint8_t hops;       /* redirects followed */
        bool head;          /* the request at hand is a HEAD */
        Redirect *redirect; /* NULL until the first one */
        Http1 answer;
};

void lane_init(Lane *lane, Worker *w, uint32_t number, Conn *conns);
/* Works on a request of this endpoint whose latency counts from due_ns; the lane must be idle. */
void lane_begin(Worker *w, Lane *lane, uint32_t endpoint, uint64_t due_ns);
/* Opens the connection to the first host ahead of the first request. */
void lane_preconnect(Worker *w, Lane *lane);
void lane_event(Worker *w, Conn *c, uint32_t events);
void lane_expired(Worker *w, Lane *lane); /* its timer is due */
void lane_close(Lane *lane, unsigned n_hosts);

/* For redirect.c: sends `wire` to another host (or the same) as the next step of the request. */
void lane_go_on(Worker *w, Lane *lane, unsigned host, Span wire, bool head);
