#pragma once
/* HTTP load, closed or open model, with latency from the intended send time.
 *
 * Closed model (connections = N, rate = 0): each connection sends its next request when the
 * answer has come. Open model (rate > 0): arrivals are due at start + k / rate whatever the
 * server does; latency counts from when a request was due, so a stalled server cannot hide it;
 * service time (from the real send) is kept beside. Arrivals never sent by the end are `dropped`.
 *
 * Metrics per endpoint (subject = endpoint name) and for all ("") when there are several.
 *
 * Counted are completions inside the window, whenever they were sent. Latency has every answer,
 * whatever its status, from the start of the attempt (a connect it had to wait for included), and
 * time-outs with the time they waited; other failures have none. Requests under way at the end are
 * neither counted nor dropped: a note says how many and how old. `connections` is how many
 * requests can be under way at once; each keeps a connection per host of the mix.
 *
 * Distributions: "latency", "service_time", "ttfb", "transfer" per subject; "connect" (all of the
 * run, warm-up too), "dns" (one sample per host, looked up once at the start) and, in the open
 * model, "send_lag" for "". Series per second (per 100 ms when the window is shorter than 5 s):
 * throughput, median, p99, error rate. Numbers to doubt come with a NOTE_WARNING: a generator that
 * used or waited for its CPU more than 85 % of the time, or sent late by over a millisecond.
 */

#include "instrument/instrument.h"

typedef struct LoadRequest {
        Span name;   /* subject in the results; empty: "METHOD /path" */
        Span method; /* empty: GET */
        Span url;    /* http://host[:port]/path */
        Span body;
        const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
        unsigned weight;            /* share in the mix; 0 counts as 1 */
} LoadRequest;

typedef struct LoadPlan {
        const LoadRequest *requests;
        size_t n_requests;
        unsigned connections;    /* 0: 10 */
        unsigned threads;        /* 0: one per 256 connections, at most the CPUs */
        double rate_per_s;       /* 0: closed model */
        uint64_t duration_ns;    /* measured window, after the warm-up; 0: until max_requests */
        uint64_t warmup_ns;      /* sent, not counted */
        uint64_t max_requests;   /* 0: no limit; counted requests */
        uint64_t timeout_ns;     /* per request; 0: 10 s */
        unsigned max_redirects;  /* 0: do not follow */
        uint64_t max_body_bytes; /* 0: 1 GiB; beyond it is an error kind, the rest is not read */
        bool no_keepalive;       /* a connection per request */
} LoadPlan;

/* Every way a request can fail; each is counted by name. */
/* clang-format off */
#define LOAD_ERRORS(X)                                          \
        X(DNS, "name lookup failed")                            \
        X(CONNECT_REFUSED, "connection refused")                \
        X(CONNECT, "connect failed")                            \
        X(CONNECT_TIMEOUT, "connect timed out")                 \
        X(TIMEOUT, "request timed out")                         \
        X(RESET, "connection reset")                            \
        X(CLOSED, "connection closed before the answer")        \
        X(SHORT_BODY, "connection closed inside the answer")    \
        X(GARBAGE, "answer is not HTTP")                        \
        X(HEADERS, "answer headers are malformed or too large") \
        X(CHUNK, "malformed chunked body")                      \
        X( BODY_LIMIT, "answer larger than the limit")          \
        X(REDIRECTS, "too many redirects or a bad one")         \
        X(IO, "input/output error")
/* clang-format on */

typedef enum LoadError {
#define X(id, name) LOAD_ERROR_##id,
        LOAD_ERRORS(X)
#undef X
                LOAD_ERROR_COUNT_,
} LoadError;
