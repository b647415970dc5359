#include "instrument/load/lane.h"

#include "instrument/load/redirect.h"
#include "instrument/load/worker.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define FIRST_REST_NS (10 * NS_PER_MS)
#define LONGEST_REST_NS NS_PER_S
/* A body of known length with more than this to come is dropped in the kernel, not copied. */
#define SKIP_BYTES KiB(64)

static const LoadError errors_of_classes[HTTP1_CLASS_COUNT_] = {
        [HTTP1_CLASS_NONE] = LOAD_ERROR_IO,         [HTTP1_CLASS_GARBAGE] = LOAD_ERROR_GARBAGE,
        [HTTP1_CLASS_HEADERS] = LOAD_ERROR_HEADERS, [HTTP1_CLASS_CHUNK] = LOAD_ERROR_CHUNK,
        [HTTP1_CLASS_CLOSED] = LOAD_ERROR_CLOSED,   [HTTP1_CLASS_SHORT] = LOAD_ERROR_SHORT_BODY,
};

static LoadError error_of_fault(const Http1 *answer)
{
        return errors_of_classes[http1_fault_class((Http1Fault)answer->fault)];
}

void lane_init(Lane *lane, Worker *w, uint32_t number, Conn *conns)
{
        lane->number = number;
        lane->conns = conns;
        for (unsigned i = 0; i < w->setup->n_hosts; i++)
                conns[i] = (Conn){ .lane = lane, .fd = -1, .host = (uint16_t)i };
        http1_init(&lane->answer, w->arena);
        lane->answer.wants_headers = w->setup->plan.max_redirects > 0;
}

void lane_close(Lane *lane, unsigned n_hosts)
{
        for (unsigned i = 0; i < n_hosts; i++)
                conn_close(&lane->conns[i]);
}

/* Spreads lanes that failed together by up to a quarter, the same way in every run. */
static uint64_t rest_ns(const Lane *lane, unsigned doublings)
{
        uint64_t ns = FIRST_REST_NS << MIN(doublings, 7u);
        uint32_t spread = lane->number * UINT32_C(2654435761);

        ns = MIN(ns, LONGEST_REST_NS);
        return ns + ns / 4 * (spread >> 24) / 256;
}

static void lane_next_or_rest(Worker *w, Lane *lane, bool connect_failed)
{
        unsigned free_failures = connect_failed ? 0 : 1;

        if (lane->failures <= free_failures) {
                worker_next(w, lane);
                return;
        }
        lane->phase = LANE_RESTING;
        wheel_arm(&w->wheel, &lane->timer,
                  w->now_ns + rest_ns(lane, lane->failures - free_failures - 1));
}

static void lane_done(Worker *w, Lane *lane)
{
        lane->conn = NULL;
        lane->phase = LANE_IDLE;
        w->in_flight--;
}

static void lane_failed(Worker *w, Lane *lane, LoadError kind, bool connect_failed)
{
        worker_failed(w, lane, kind);
        lane_done(w, lane);
        if (lane->failures < UINT16_MAX)
                lane->failures++;
        lane_next_or_rest(w, lane, connect_failed);
}

static void lane_fail(Worker *w, Lane *lane, LoadError kind)
{
        bool connect_failed = lane->conn->state != CONN_OPEN;

        conn_close(lane->conn);
        lane_failed(w, lane, kind, connect_failed);
}

/* Sends what is left of the request. A broken connection is left for the read to find: an answer
 * may have come before it broke. */
static void lane_write(Worker *w, Lane *lane)
{
        Conn *c = lane->conn;
        ssize_t n = send(c->fd, lane->left.ptr, lane->left.len, MSG_NOSIGNAL);

        if (UNLIKELY(n < 0)) {
                if (errno != EAGAIN && errno != EINTR)
                        lane->left = (Span){ 0 };
                n = 0;
        }
        worker_sent(w, lane, (size_t)n);
        lane->left = span_from(lane->left, (size_t)n);
        conn_watch_writing(c, w->epoll_fd, lane->left.len > 0);
}

static void lane_send(Worker *w, Lane *lane)
{
        http1_begin(&lane->answer, lane->head);
        lane->first_ns = 0;
        if (!lane->hops)
                lane->sent_ns = w->now_ns;
        lane->left = lane->wire;
        lane_write(w, lane);
}

/* -- connecting -- */

typedef struct ConnectFault {
        int number;
        LoadError kind;
} ConnectFault;

static const ConnectFault connect_faults[] = {
        { ECONNREFUSED, LOAD_ERROR_CONNECT_REFUSED },
        { ETIMEDOUT, LOAD_ERROR_CONNECT_TIMEOUT },
};

static LoadError connect_error(int number)
{
        for (size_t i = 0; i < COUNT(connect_faults); i++)
                if (connect_faults[i].number == number)
                        return connect_faults[i].kind;
        return LOAD_ERROR_CONNECT;
}

static void lane_connected(Worker *w, Lane *lane, Conn *c)
{
        w->preferred[c->host] = c->address;
        worker_connected(w, c);
        if (lane->conn == c)
                lane_send(w, lane);
}

/* Tries the host's addresses in turn, from c->address on, until one is open or under way. */
static void lane_dial(Worker *w, Lane *lane, Conn *c, int fault)
{
        const LoadHost *host = &w->setup->hosts[c->host];

        while (c->tried < host->n_addresses) {
                int r = conn_open(c, w->epoll_fd, host);

                if (r == 0 && c->state == CONN_OPEN)
                        lane_connected(w, lane, c);
                if (r == 0)
                        return;
                fault = -r;
                c->tried++;
                c->address = (uint8_t)((c->address + 1u) % host->n_addresses);
        }
        w->no_ports += fault == EADDRNOTAVAIL;
        if (lane->conn == c)
                lane_fail(w, lane, host->n_addresses ? connect_error(fault) : LOAD_ERROR_DNS);
}

static void lane_connect(Worker *w, Lane *lane, Conn *c)
{
        c->tried = 0;
        c->address = w->preferred[c->host];
        c->opened_ns = w->now_ns;
        lane_dial(w, lane, c, 0);
}

static void lane_connect_event(Worker *w, Lane *lane, Conn *c)
{
        int r = conn_opened(c, w->epoll_fd);

        if (r == 0) {
                lane_connected(w, lane, c);
                return;
        }
        conn_close(c);
        c->tried++;
        c->address = (uint8_t)((c->address + 1u) % w->setup->hosts[c->host].n_addresses);
        lane_dial(w, lane, c, -r);
}

void lane_preconnect(Worker *w, Lane *lane)
{
        wheel_arm(&w->wheel, &lane->timer, w->now_ns + w->setup->plan.timeout_ns);
        lane_connect(w, lane, &lane->conns[0]);
}

void lane_go_on(Worker *w, Lane *lane, unsigned host, Span wire, bool head)
{
        Conn *c = &lane->conns[host];

        lane->conn = c;
        lane->wire = wire;
        lane->head = head;
        if (LIKELY(c->state == CONN_OPEN))
                lane_send(w, lane);
        else if (c->state == CONN_CLOSED)
                lane_connect(w, lane, c);
}

void lane_begin(Worker *w, Lane *lane, uint32_t endpoint, uint64_t due_ns)
{
        const LoadEndpoint *e = &w->setup->endpoints[endpoint];

        lane->phase = LANE_BUSY;
        lane->endpoint = endpoint;
        lane->due_ns = due_ns;
        lane->started_ns = lane->sent_ns = w->now_ns;
        lane->hops = 0;
        w->in_flight++;
        wheel_postpone(&w->wheel, &lane->timer, w->now_ns + w->setup->plan.timeout_ns);
        lane_go_on(w, lane, e->host, e->wire, e->head);
}

/* -- answers -- */

/* The answer is whole; `extra` bytes that nobody asked for came behind it. */
static void lane_answered(Worker *w, Lane *lane, size_t extra)
{
        Conn *c = lane->conn;
        bool keep = lane->answer.keep_alive && !extra && !lane->left.len &&
                    !w->setup->plan.no_keepalive;
        RedirectStep step = REDIRECT_NONE;

        w->extra_answers += extra > 0;
        w->interim += lane->answer.interim;
        if (UNLIKELY(!keep))
                conn_close(c);
        if (UNLIKELY(lane->answer.wants_headers))
                step = redirect_follow(w, lane);
        if (step == REDIRECT_FOLLOWED)
                return;
        if (step == REDIRECT_BAD) {
                lane_failed(w, lane, LOAD_ERROR_REDIRECTS, false);
                return;
        }
        lane->failures = 0;
        worker_answered(w, lane);
        lane_done(w, lane);
        worker_next(w, lane);
}

static bool body_too_large(const Worker *w, const Http1 *answer)
{
        return answer->body_bytes + http1_body_left(answer) > w->setup->plan.max_body_bytes;
}

static void lane_feed(Worker *w, Lane *lane, Span in)
{
        Http1 *answer = &lane->answer;
        Span piece;

        for (;;)
                switch (http1_next(answer, &in, &piece)) {
                case HTTP1_MORE:
                        return;
                case HTTP1_HEADER:
                        redirect_header(w, lane);
                        break;
                case HTTP1_HEAD:
                case HTTP1_BODY:
                        if (UNLIKELY(body_too_large(w, answer))) {
                                lane_fail(w, lane, LOAD_ERROR_BODY_LIMIT);
                                return;
                        }
                        break;
                case HTTP1_DONE:
                        lane_answered(w, lane, in.len);
                        return;
                case HTTP1_BAD:
                        lane_fail(w, lane, error_of_fault(answer));
                        return;
                }
}

static LoadError read_error(int number)
{
        if (number == ECONNRESET || number == EPIPE)
                return LOAD_ERROR_RESET;
        return number == ETIMEDOUT ? LOAD_ERROR_TIMEOUT : LOAD_ERROR_IO;
}

static void lane_read_end(Worker *w, Lane *lane, ssize_t n, int number)
{
        if (n < 0 && (number == EAGAIN || number == EINTR))
                return;
        if (n < 0)
                lane_fail(w, lane, read_error(number));
        else if (http1_end(&lane->answer) == HTTP1_DONE)
                lane_answered(w, lane, 0);
        else
                lane_fail(w, lane, error_of_fault(&lane->answer));
}

static void lane_read(Worker *w, Lane *lane, Conn *c)
{
        uint64_t left = lane->conn == c ? http1_body_left(&lane->answer) : 0;
        bool skip = left > SKIP_BYTES;
        ssize_t n = skip ? conn_drop(c, left) : recv(c->fd, w->input, WORKER_INPUT, 0);
        int number = errno;

        w->now_ns = load_now_ns();
        if (UNLIKELY(lane->conn != c)) {
                /* Nothing was asked: closed while idle, or speaks out of turn. */
                conn_close(c);
                return;
        }
        if (UNLIKELY(n <= 0)) {
                lane_read_end(w, lane, n, number);
                return;
        }
        worker_received(w, lane, (size_t)n);
        if (skip)
                http1_skip(&lane->answer, (uint64_t)n);
        if (!lane->first_ns)
                lane->first_ns = w->now_ns;
        lane_feed(w, lane, skip ? (Span){ w->input, 0 } : (Span){ w->input, (size_t)n });
}

void lane_event(Worker *w, Conn *c, uint32_t events)
{
        Lane *lane = c->lane;

        if (UNLIKELY(c->state != CONN_OPEN)) {
                w->now_ns = load_now_ns();
                if (c->state == CONN_CONNECTING)
                        lane_connect_event(w, lane, c);
                return;
        }
        if (LIKELY(events & ~(uint32_t)EPOLLOUT))
                lane_read(w, lane, c);
        if (UNLIKELY(events & EPOLLOUT) && lane->conn == c && c->state == CONN_OPEN) {
                if (lane->left.len)
                        lane_write(w, lane);
                else
                        conn_watch_writing(c, w->epoll_fd, false);
        }
}

void lane_expired(Worker *w, Lane *lane)
{
        if (lane->phase == LANE_RESTING) {
                lane->phase = LANE_IDLE;
                worker_next(w, lane);
        } else if (lane->phase == LANE_BUSY) {
                lane_fail(w, lane,
                          lane->conn->state == CONN_OPEN ? LOAD_ERROR_TIMEOUT
                                                         : LOAD_ERROR_CONNECT_TIMEOUT);
        } else {
                for (unsigned i = 0; i < w->setup->n_hosts; i++)
                        if (lane->conns[i].state == CONN_CONNECTING)
                                conn_close(&lane->conns[i]);
        }
}
