#pragma once
/* An HTTP server for tests that misbehaves on demand, on a free port of loopback.
 *
 *         TestServer *s = test_server(&(ServerPlan){ .reply = OK_REPLY });
 *         ... test_server_url(s, arena, "/path") ...
 *         test_server_stop(s);
 *
 * One thread per connection, blocking; everything ends with test_server_stop().
 */

#include "base/span.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

typedef struct TestServer TestServer;

typedef struct ServerPlan {
        const char *reply; /* to every request; NULL: none */
        /* Instead of reply: writes the answer; false closes the connection. */
        bool (*answer)(TestServer *s, int fd, Span head);
        unsigned delay_ms;        /* before an answer */
        unsigned piece, piece_ms; /* bytes at a time, with a pause; 0: all at once */
        bool close_on_accept, reset_on_accept;
        bool close_after, reset_after; /* an answer */
        bool half_close;               /* shuts down writing after an answer, reads on */
        unsigned idle_close_ms;        /* closes a connection that asks nothing for so long */
        bool ipv6;
        uint16_t port; /* 0: a free one */
} ServerPlan;

TestServer *test_server(const ServerPlan *plan); /* NULL: no such address here */
void test_server_stop(TestServer *s);
uint16_t test_server_port(const TestServer *s);
char *test_server_url(const TestServer *s, Arena *arena, const char *path);
void test_server_write(int fd, const char *text);

/* What it saw. */
unsigned test_server_accepted(const TestServer *s);
unsigned test_server_requests(const TestServer *s);
unsigned test_server_count(const TestServer *s, const char *path); /* requests of one path */
/* A copy of the newest request's head. */
Span test_server_last(TestServer *s, Arena *arena);
uint16_t test_free_port(void);
