#include "process/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "base/os.h"
#include "instrument/system/system.h"

#define LOG_MAX_BYTES MiB(16)
#define LOG_TAIL_LINES 4
#define PORT_ATTEMPTS 3
#define READY_POLL_NS (10 * NS_PER_MS)

int port_free(uint16_t *ret, Error *err)
{
        AUTO(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET };
        socklen_t size = sizeof(address);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 ||
            getsockname(fd, (struct sockaddr *)&address, &size) < 0)
                return fail(err, errno, "cannot find a free port");
        *ret = ntohs(address.sin_port);
        return 0;
}

/* The command with every {port} replaced. */
static char *fill_port(Span command, uint16_t port, Arena *arena)
{
        Buf out = buf_in(arena, KiB(64));
        ptrdiff_t at;

        while ((at = span_find(command, SPAN("{port}"))) >= 0) {
                buf_add(&out, span_first(command, (size_t)at));
                buf_printf(&out, "%u", port);
                command = span_from(command, (size_t)at + 6);
        }
        buf_add(&out, command);
        return span_text(arena, buf_span(&out));
}

/* The last lines of a log on one line, for an error message. */
static Span log_tail(const char *log_path, Arena *arena)
{
        Span text, tail = { 0 };
        Error none = { 0 };
        int lines = 0;

        if (file_read(log_path, LOG_MAX_BYTES, arena, &text, &none) < 0)
                return SPAN("(no output)");
        text = span_trim(text);
        for (size_t at = text.len; at > 0 && lines < LOG_TAIL_LINES; at--) {
                lines += text.ptr[at - 1] == '\n';
                if (lines < LOG_TAIL_LINES)
                        tail = span_from(text, at - 1);
        }
        return tail.len ? span_trim(tail) : SPAN("(no output)");
}

/* One GET; true when it answered 2xx. Small on purpose: readiness only. */
static bool answers(uint16_t port, Span path, Arena *scratch)
{
        AUTO(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        struct timeval limit = { .tv_sec = 2 };
        char head[16] = { 0 };
        const char *request;

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0)
                return false;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return false;
        request = arena_printf(scratch,
                               "GET %.*s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                               "Connection: close\r\n\r\n",
                               SPAN_ARG(path), port);
        if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0 ||
            recv(fd, head, sizeof(head) - 1, MSG_WAITALL) < 12)
                return false;
        return memcmp(head, "HTTP/1.", 7) == 0 && head[9] == '2';
}

int service_check(Service *service, Arena *arena, Error *err)
{
        if (child_alive(&service->child))
                return 0;
        return fail(err, ERR_FAILED, "the service ended: %.*s",
                    SPAN_ARG(log_tail(service->log_path, arena)));
}

static int wait_ready(const Config *config, Service *service, Arena *arena, Error *err)
{
        const Os *os = os_real();
        uint64_t until = os_now(os) + config->service.ready_timeout_ns;
        Mark mark = arena_mark(arena);

        while (!answers(service->port, config->service.ready, arena)) {
                arena_reset(arena, mark);
                if (interrupted())
                        return fail_interrupted(err);
                if (service_check(service, arena, err) < 0)
                        return fail_while(err, "waiting for it to be ready");
                if (os_now(os) >= until)
                        return fail(err, ERR_TIMEOUT,
                                    "the service did not answer %.*s on port %u in time",
                                    SPAN_ARG(config->service.ready), service->port);
                os->sleep_ns(os, READY_POLL_NS);
        }
        arena_reset(arena, mark);
        return 0;
}

static int start_on_port(const Config *config, uint16_t port, const char *dir, const char *log_path,
                         Arena *arena, Service *ret, Error *err)
{
        Service service = { .port = port, .log_path = log_path };
        int r;

        unlink(log_path);
        r = subprocess_start(
                &(SubprocessPlan){ .shell = fill_port(config->service.start, service.port, arena),
                                   .dir = dir,
                                   .output_path = log_path },
                arena, &service.child, err);
        if (r < 0)
                return fail_while(err, "starting the service");
        r = wait_ready(config, &service, arena, err);
        if (r < 0) {
                service_stop(&service);
                return fail_while(err, "starting the service in %s", dir);
        }
        *ret = service;
        return 0;
}

/* Between our finding a port free and the service's binding it, anybody may have taken it. */
static bool port_is_taken(uint16_t port)
{
        AUTO(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        int on = 1;

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno == EADDRINUSE;
}

int service_start(const Config *config, const char *dir, const char *log_path, Arena *arena,
                  Service *ret, Error *err)
{
        int r = -1;

        for (int i = 0; r < 0 && i < PORT_ATTEMPTS; i++) {
                uint16_t port = 0;

                r = port_free(&port, err);
                if (r < 0)
                        return r;
                r = start_on_port(config, port, dir, log_path, arena, ret, err);
                if (r < 0 && !port_is_taken(port))
                        return r;
        }
        return r;
}

void service_stop(Service *service)
{
        child_stop(&service->child);
        service->child.pid = 0;
}

static uint64_t peak_rss_of(int pid, Arena *scratch)
{
        const char *path = arena_printf(scratch, "/proc/%d/status", pid);
        Error none = { 0 };
        Span text, line, word;
        uint64_t kib = 0;

        if (file_read(path, KiB(64), scratch, &text, &none) < 0)
                return 0;
        while (span_next_line(&text, &line))
                if (span_starts(line, "VmHWM:")) {
                        line = span_from(line, 6);
                        if (span_next_word(&line, &word) && span_to_u64(word, &kib, NULL) == 0)
                                return kib * 1024;
                }
        return 0;
}

uint64_t service_peak_rss(const Service *service)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(1));
        int pids[256];
        size_t n = process_tree(service->child.pid, pids, COUNT(pids));
        uint64_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += peak_rss_of(pids[i], scratch);
        return sum;
}

int service_run_step(const char *what, Span command, const char *dir, uint64_t timeout_ns,
                     const char *log_path, Arena *arena, Error *err)
{
        Subprocess done;
        Span tail;
        int r;

        if (command.len == 0)
                return 0;
        unlink(log_path);
        r = subprocess_run(&(SubprocessPlan){ .shell = span_text(arena, command),
                                              .dir = dir,
                                              .timeout_ns = timeout_ns,
                                              .output_path = log_path },
                           arena, &done, err);
        if (r < 0)
                return fail_while(err, "running '%s'", what);
        if (done.exit_status == 0 && !done.timed_out)
                return 0;
        tail = log_tail(log_path, arena);
        if (done.timed_out)
                return fail(err, ERR_TIMEOUT, "%s did not end in its time: %.*s", what,
                            SPAN_ARG(tail));
        return fail(err, ERR_FAILED, "%s failed (exit status %d): %.*s", what, done.exit_status,
                    SPAN_ARG(tail));
}

LoadRequest *service_requests(const Config *config, uint16_t port, Arena *arena)
{
        const WorkloadConfig *w = &config->workload;
        LoadRequest *requests = new (arena, LoadRequest, w->n_requests);

        for (size_t i = 0; i < w->n_requests; i++) {
                requests[i] = w->requests[i];
                if (!span_contains(requests[i].url, "://"))
                        requests[i].url = span_of(arena_printf(arena, "http://127.0.0.1:%u%.*s",
                                                               port, SPAN_ARG(w->requests[i].url)));
        }
        return requests;
}
