#pragma once
/* A thread of the generator: its share of the connections, one epoll, its own counts.
 *
 *         Worker *w;
 *         r = worker_new(&run, number, &w, err);       // in the caller's thread: can fail
 *         worker_start(w, err);
 *         ... shared->stop = true ends it within 20 ms ...
 *         worker_join(w); ... read its counts ...; worker_free(w);
 *
 * Threads share nothing on the way of a request. Per step of the series (a second, or 100 ms) they
 * meet at the lock of Steps. What they publish for progress are plain stores.
 *
 * Open model: an arrival goes to the connection that has been free the longest. Waits end
 * in a busy loop as long as timers are late on this machine (5 to 50 us), so that sending is late
 * by microseconds; that share of the CPU is kept apart (spin_ns).
 */

#include "instrument/load/lane.h"
#include "instrument/load/schedule.h"
#include "instrument/load/steps.h"

#define WORKER_INPUT KiB(64)

/* What all workers of a run share. */
typedef struct LoadShared {
        const LoadSetup *setup;
        Steps *steps;
        uint64_t start_ns; /* traffic starts */
        uint64_t begin_ns; /* counting starts */
        uint64_t end_ns;   /* counting ends; UINT64_MAX: not by time */
        int stop;          /* atomic: end now */
        pthread_mutex_t lock;
        pthread_cond_t ended; /* `running` changed */
        unsigned running;
} LoadShared;

struct Worker {
        /* the way of a request */
        const LoadSetup *setup;
        uint64_t now_ns;    /* the last reading of the clock */
        uint64_t edge_ns;   /* when counting, the step or the window changes next */
        Tally *tallies;     /* one per endpoint */
        char *input;        /* WORKER_INPUT bytes that all its connections read into */
        uint64_t allowance; /* requests that may still be begun */
        uint64_t share;     /* counted ones after which it ends; UINT64_MAX: no limit */
        uint64_t counted;
        unsigned in_flight;
        int epoll_fd;
        bool counting, over, open_model;
        size_t mix_at;
        Wheel wheel;
        Schedule schedule;

        Lane *lanes, **free_lanes; /* the second: a ring, longest free first */
        unsigned n_lanes, n_begun; /* lanes brought into play so far */
        unsigned free_head, n_free;
        uint8_t *preferred; /* per host, the address that worked last */
        size_t longest_wire;

        /* counts beside the tallies */
        uint64_t *statuses; /* [STATUS_COUNT] */
        Hist *connect, *lag;
        uint64_t no_ports, extra_answers, interim, not_followed;
        uint64_t spin_ns;      /* spent in busy loops before arrivals */
        uint64_t late_ns;      /* how late timers fire here, smoothed */
        uint64_t spin_from_ns; /* so long before an arrival the busy loop starts */

        /* for the result */
        uint64_t step;     /* number of the step that is being counted */
        uint64_t ended_ns; /* where its window ended */
        uint64_t unsent;   /* open model: arrivals due in the window that were not begun */
        uint64_t censored, oldest_ns; /* requests in flight at the end; age of the oldest */
        uint64_t cpu_ns, runqueue_ns; /* used and waited for in the window */
        uint64_t shown_answers, shown_failures; /* atomic: for progress */

        bool no_pwait2;
        unsigned number;
        LoadShared *shared;
        Arena *arena;
        pthread_t thread;
        bool started;
};

int worker_new(LoadShared *shared, unsigned number, Worker **ret, Error *err);
int worker_start(Worker *w, Error *err);
void worker_join(Worker *w);
void worker_free(Worker *w); /* accepts NULL; joined before */

/* For lanes. */
void worker_next(Worker *w, Lane *lane); /* the lane is idle: gives it work or keeps it free */
void worker_connected(Worker *w, const Conn *c);
void worker_answered(Worker *w, Lane *lane);
void worker_failed(Worker *w, Lane *lane, LoadError kind);
void worker_edge(Worker *w);

static inline uint64_t load_now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static inline void worker_received(Worker *w, const Lane *lane, size_t n)
{
        if (w->counting)
                w->tallies[lane->endpoint].bytes_in += n;
}

static inline void worker_sent(Worker *w, const Lane *lane, size_t n)
{
        if (w->counting)
                w->tallies[lane->endpoint].bytes_out += n;
}
