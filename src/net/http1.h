#pragma once
/* Answers of HTTP/1.x, read as they arrive: bytes in, events out, nothing copied.
 *
 *         Http1 answer;
 *         http1_init(&answer, arena);
 *         http1_begin(&answer, false);                  // before each answer; true after HEAD
 *         ...
 *         Span in = { bytes, n };                       // what recv() gave
 *         for (;;)
 *                 switch (http1_next(&answer, &in, &piece)) {
 *                 case HTTP1_MORE:   return;            // all of it was used: read on
 *                 case HTTP1_HEADER: ... answer.name, answer.value; only with wants_headers
 *                 case HTTP1_HEAD:   ... answer.status; break;
 *                 case HTTP1_BODY:   ... piece; break;
 *                 case HTTP1_DONE:   ... `in` holds what follows the answer; return;
 *                 case HTTP1_BAD:    ... answer.fault; return;
 *                 }
 *         ... when the peer closed: http1_end() gives HTTP1_DONE or HTTP1_BAD
 *
 * Invariants: the events do not depend on how the bytes were cut into pieces (body pieces may be
 * cut differently). `piece`, `name` and `value` point into the input or into the answer's own
 * line buffer and are valid until the next call. Only a line that was cut by the end of the input
 * is kept, at most HTTP1_MAX_HEAD bytes. Interim answers (100..199 but 101) are counted and
 * skipped. After HTTP1_DONE and HTTP1_BAD every call repeats the event until http1_begin().
 *
 * Source: RFC 9112; body framing by its section 6.3. A bare LF ends a line (2.2); white space
 * before a colon (5.1), continued framing fields (5.2) and contradicting lengths are faults.
 */

#include "base/buf.h"

#define HTTP1_MAX_HEAD KiB(64)      /* all header lines together; and all trailer lines */
#define HTTP1_MAX_FIELDS 1000       /* header lines of one answer */
#define HTTP1_MAX_CHUNK_LINE KiB(4) /* a chunk's size with its extensions */
#define HTTP1_MAX_INTERIM 100       /* answers of class 1xx before the real one */

typedef enum Http1Event {
        HTTP1_MORE,
        HTTP1_HEADER,
        HTTP1_HEAD,
        HTTP1_BODY,
        HTTP1_DONE,
        HTTP1_BAD,
} Http1Event;

#define HTTP1_FAULT_CLASSES(X) X(NONE) X(GARBAGE) X(HEADERS) X(CHUNK) X(CLOSED) X(SHORT)

typedef enum Http1FaultClass {
#define X(id) HTTP1_CLASS_##id,
        HTTP1_FAULT_CLASSES(X)
#undef X
                HTTP1_CLASS_COUNT_,
} Http1FaultClass;

#define HTTP1_FAULTS(X)                                                              \
        X(NONE, NONE, "no fault")                                                    \
        X(NOT_HTTP, GARBAGE, "the answer does not start with 'HTTP/1.'")             \
        X(STATUS_LINE, GARBAGE, "the status line is malformed")                      \
        X(INTERIM, GARBAGE, "more than 100 interim answers")                         \
        X(HEAD_SIZE, HEADERS, "the headers are larger than 64 KiB")                  \
        X(FIELD_COUNT, HEADERS, "more than 1000 header lines")                       \
        X(FIELD, HEADERS, "a header line is malformed")                              \
        X(LENGTH, HEADERS, "Content-Length is not a number or contradicts itself")   \
        X(CHUNK_SIZE, CHUNK, "a chunk's size is malformed")                          \
        X(CHUNK_END, CHUNK, "a chunk is longer than its size")                       \
        X(TRAILER, CHUNK, "the trailer of a chunked body is malformed or too large") \
        X(CLOSED, CLOSED, "the connection was closed before the answer")             \
        X(SHORT, SHORT, "the connection was closed inside the answer")

typedef enum Http1Fault {
#define X(id, fault_class, text) HTTP1_FAULT_##id,
        HTTP1_FAULTS(X)
#undef X
                HTTP1_FAULT_COUNT_,
} Http1Fault;

typedef struct Http1 {
        /* what was read */
        uint16_t status;
        uint8_t minor_version;
        bool keep_alive;    /* the connection may carry another request after this answer */
        bool wants_headers; /* set by the caller: give HTTP1_HEADER for each header line */
        bool has_length;    /* the head named the body's length: content_length */
        uint8_t fault;      /* Http1Fault, after HTTP1_BAD */
        unsigned interim;   /* interim answers skipped */
        uint64_t content_length;
        uint64_t body_bytes; /* of the body so far, without chunk framing */
        Span name, value;    /* of HTTP1_HEADER */

        /* private */
        uint8_t state, last_field;
        bool started, head_request, chunked, has_coding, saw_cr;
        unsigned fields;
        size_t budget; /* bytes that lines may still take */
        uint64_t left; /* of the body or of the chunk */
        Buf line;      /* the start of a line whose end has not come */
} Http1;

void http1_init(Http1 *p, Arena *arena);
void http1_begin(Http1 *p, bool head_request);
Http1Event http1_next(Http1 *p, Span *in, Span *ret_piece);
Http1Event http1_end(Http1 *p);

/* Body bytes of known length that are still to come: they may be dropped unread (recv with
 * MSG_TRUNC) and told with http1_skip(). 0 in every other state. */
uint64_t http1_body_left(const Http1 *p);
void http1_skip(Http1 *p, uint64_t n);

const char *http1_fault_text(Http1Fault fault);
Http1FaultClass http1_fault_class(Http1Fault fault);
