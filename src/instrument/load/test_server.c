#include "test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 4096
#define MAX_PATHS 16
#define HEAD_ROOM KiB(80)

typedef struct Served {
        TestServer *server;
        pthread_t thread;
        int fd;
} Served;

typedef struct PathCount {
        char path[64];
        unsigned n;
} PathCount;

struct TestServer {
        Arena *arena;
        ServerPlan plan;
        int fd;
        uint16_t port;
        pthread_t thread;
        pthread_mutex_t lock;
        int stop;
        unsigned accepted, requests;
        PathCount paths[MAX_PATHS];
        char *last;
        size_t last_len;
        Served served[MAX_CONNECTIONS];
};

static bool stopped(TestServer *s)
{
        return __atomic_load_n(&s->stop, __ATOMIC_RELAXED);
}

static void pause_ms(unsigned ms)
{
        struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

        if (ms)
                nanosleep(&t, NULL);
}

void test_server_write(int fd, const char *text)
{
        size_t left = strlen(text);

        while (left) {
                ssize_t n = send(fd, text, left, MSG_NOSIGNAL);

                if (n <= 0)
                        return;
                text += n;
                left -= (size_t)n;
        }
}

static void write_pieces(TestServer *s, int fd)
{
        Span left = span_of(s->plan.reply);

        while (left.len && !stopped(s)) {
                Span piece = span_first(left, s->plan.piece ? s->plan.piece : left.len);

                if (send(fd, piece.ptr, piece.len, MSG_NOSIGNAL) != (ssize_t)piece.len)
                        return;
                left = span_from(left, piece.len);
                pause_ms(s->plan.piece_ms);
        }
}

static void close_with_reset(int fd)
{
        struct linger now = { .l_onoff = 1 };

        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        close(fd);
}

static void count_path(TestServer *s, Span head)
{
        Span word, path;

        if (!span_next_word(&head, &word) || !span_next_word(&head, &path))
                return;
        for (unsigned i = 0; i < MAX_PATHS; i++) {
                PathCount *p = &s->paths[i];

                if (!p->path[0])
                        memcpy(p->path, path.ptr, MIN(path.len, sizeof(p->path) - 1));
                if (span_is(span_first(path, sizeof(p->path) - 1), p->path)) {
                        p->n++;
                        return;
                }
        }
}

static void count_request(TestServer *s, Span head)
{
        pthread_mutex_lock(&s->lock);
        s->requests++;
        count_path(s, head);
        s->last_len = MIN(head.len, HEAD_ROOM);
        memcpy(s->last, head.ptr, s->last_len);
        pthread_mutex_unlock(&s->lock);
}

/* False: the connection ends. */
static bool give_answer(TestServer *s, int fd, Span head)
{
        const ServerPlan *plan = &s->plan;

        count_request(s, head);
        pause_ms(plan->delay_ms);
        if (plan->answer && !plan->answer(s, fd, head))
                return false;
        if (!plan->answer && plan->reply)
                write_pieces(s, fd);
        if (plan->half_close)
                shutdown(fd, SHUT_WR);
        return !plan->close_after && !plan->reset_after;
}

static size_t body_length(Span head)
{
        Span line;
        uint64_t n = 0;

        while (span_next_line(&head, &line)) {
                Span name = span_cut(&line, ':');

                if (span_is_any_case(name, "content-length"))
                        (void)!span_to_u64(span_trim(line), &n, NULL);
        }
        return n;
}

/* Waits for bytes in short turns, so that stopping is quick; false: closed, idle or stopped. */
static bool wait_readable(TestServer *s, int fd)
{
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        unsigned waited_ms = 0;

        while (!stopped(s)) {
                if (poll(&ready, 1, 10) > 0)
                        return true;
                waited_ms += 10;
                if (s->plan.idle_close_ms && waited_ms >= s->plan.idle_close_ms)
                        return false;
        }
        return false;
}

static void serve(TestServer *s, int fd, char *bytes)
{
        size_t len = 0;

        while (wait_readable(s, fd)) {
                ssize_t n = recv(fd, bytes + len, HEAD_ROOM - len, 0);
                ptrdiff_t end;

                if (n <= 0)
                        return;
                len += (size_t)n;
                while ((end = span_find((Span){ bytes, len }, SPAN("\r\n\r\n"))) >= 0) {
                        size_t whole = (size_t)end + 4;

                        whole += body_length((Span){ bytes, whole });
                        if (len < whole)
                                break;
                        if (!give_answer(s, fd, (Span){ bytes, whole }))
                                return;
                        memmove(bytes, bytes + whole, len - whole);
                        len -= whole;
                }
                if (len == HEAD_ROOM) /* a body that does not fit: only its end matters */
                        len = 0;
        }
}

static void *serve_main(void *arg)
{
        Served *c = arg;
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        char *bytes = new (arena, char, HEAD_ROOM);

        serve(c->server, c->fd, bytes);
        if (c->server->plan.reset_after)
                close_with_reset(c->fd);
        else
                close(c->fd);
        return NULL;
}

static void accept_one(TestServer *s)
{
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC), on = 1;
        unsigned at = s->accepted;

        if (fd < 0)
                return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        if (s->plan.close_on_accept || s->plan.reset_on_accept || at >= MAX_CONNECTIONS) {
                if (s->plan.reset_on_accept)
                        close_with_reset(fd);
                else
                        close(fd);
                __atomic_fetch_add(&s->accepted, 1, __ATOMIC_RELAXED);
                return;
        }
        s->served[at] = (Served){ .server = s, .fd = fd };
        if (pthread_create(&s->served[at].thread, NULL, serve_main, &s->served[at])) {
                s->served[at].server = NULL;
                close(fd);
        }
        __atomic_fetch_add(&s->accepted, 1, __ATOMIC_RELAXED);
}

static void *server_main(void *arg)
{
        TestServer *s = arg;
        struct pollfd ready = { .fd = s->fd, .events = POLLIN };

        while (!stopped(s))
                if (poll(&ready, 1, 10) > 0)
                        accept_one(s);
        return NULL;
}

static int listen_on(const ServerPlan *plan, uint16_t *ret_port)
{
        struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT,
                                   .sin6_port = htons(plan->port) };
        struct sockaddr_in a4 = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(plan->port) };
        struct sockaddr *a = plan->ipv6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4;
        socklen_t len = plan->ipv6 ? sizeof(a6) : sizeof(a4);
        AUTO(closep)
        int fd = socket(plan->ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int on = 1;

        if (fd < 0)
                return -1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (bind(fd, a, len) < 0 || listen(fd, 512) < 0 || getsockname(fd, a, &len) < 0)
                return -1;
        *ret_port = ntohs(plan->ipv6 ? a6.sin6_port : a4.sin_port);
        return TAKE_FD(fd);
}

uint16_t test_free_port(void)
{
        AUTO(closep) int fd = -1;
        uint16_t port = 0;

        fd = listen_on(&(ServerPlan){ 0 }, &port);
        return port;
}

TestServer *test_server(const ServerPlan *plan)
{
        uint16_t port = 0;
        int fd = listen_on(plan, &port);
        Arena *arena;
        TestServer *s;

        if (fd < 0)
                return NULL;
        arena = arena_new(MiB(2));
        s = new (arena, TestServer, 1);
        s->arena = arena;
        s->plan = *plan;
        s->fd = fd;
        s->port = port;
        s->last = new (arena, char, HEAD_ROOM);
        pthread_mutex_init(&s->lock, NULL);
        if (pthread_create(&s->thread, NULL, server_main, s))
                BUG("cannot start the test server");
        return s;
}

void test_server_stop(TestServer *s)
{
        __atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
        pthread_join(s->thread, NULL);
        for (unsigned i = 0; i < MIN(s->accepted, MAX_CONNECTIONS + 0u); i++)
                if (s->served[i].server)
                        pthread_join(s->served[i].thread, NULL);
        close(s->fd);
        pthread_mutex_destroy(&s->lock);
        arena_free(s->arena);
}

uint16_t test_server_port(const TestServer *s)
{
        return s->port;
}

char *test_server_url(const TestServer *s, Arena *arena, const char *path)
{
        return arena_printf(arena, s->plan.ipv6 ? "http://[::1]:%u%s" : "http://127.0.0.1:%u%s",
                            (unsigned)s->port, path);
}

unsigned test_server_accepted(const TestServer *s)
{
        return __atomic_load_n(&s->accepted, __ATOMIC_RELAXED);
}

unsigned test_server_requests(const TestServer *s)
{
        TestServer *own = (TestServer *)s;
        unsigned n;

        pthread_mutex_lock(&own->lock);
        n = own->requests;
        pthread_mutex_unlock(&own->lock);
        return n;
}

unsigned test_server_count(const TestServer *s, const char *path)
{
        TestServer *own = (TestServer *)s;
        unsigned n = 0;

        pthread_mutex_lock(&own->lock);
        for (unsigned i = 0; i < MAX_PATHS; i++)
                if (strcmp(own->paths[i].path, path) == 0)
                        n = own->paths[i].n;
        pthread_mutex_unlock(&own->lock);
        return n;
}

Span test_server_last(TestServer *s, Arena *arena)
{
        Span copy;

        pthread_mutex_lock(&s->lock);
        copy = span_copy(arena, (Span){ s->last, s->last_len });
        pthread_mutex_unlock(&s->lock);
        return copy;
}
