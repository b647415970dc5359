#include "process/service.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "harness.h"

static Config config_with(const char *start)
{
        return (Config){ .service = { .start = span_of(start),
                                      .ready = SPAN("/"),
                                      .ready_timeout_ns = 20 * NS_PER_S } };
}

typedef struct Place {
        Arena *arena;
        char dir[64];
        const char *log;
} Place;

static void place_begin(Place *p)
{
        p->arena = arena_new(MiB(64));
        snprintf(p->dir, sizeof(p->dir), "/tmp/hone-service-XXXXXX");
        assert_non_null(mkdtemp(p->dir));
        p->log = path_join(p->arena, p->dir, "service.log");
}

static void place_end(Place *p)
{
        assert_int_equal(tree_remove(p->dir, NULL), 0);
        p->arena = arena_free(p->arena);
}

TEST(service_starts_on_a_free_port_and_leaves_nothing)
{
        Config config = config_with("python3 -m http.server --bind 127.0.0.1 {port}");
        Service service;
        Error err = { 0 };
        Place p;
        int pid;

        place_begin(&p);
        assert_ok(service_start(&config, p.dir, p.log, p.arena, &service, &err), err);
        assert_true(service.port > 0);
        assert_true(service_peak_rss(&service) > MiB(1));
        pid = service.child.pid;
        service_stop(&service);
        service_stop(&service);
        assert_int_not_equal(kill(pid, 0), 0);
        place_end(&p);
}

TEST(service_that_ends_at_once_is_quoted)
{
        Config config = config_with("echo port {port} is cursed; exit 3");
        Service service;
        Error err = { 0 };
        Place p;

        place_begin(&p);
        assert_fails(service_start(&config, p.dir, p.log, p.arena, &service, &err), err,
                     ERR_FAILED);
        assert_non_null(strstr(err.message, "is cursed"));
        place_end(&p);
}

TEST(service_that_never_answers_is_given_up_and_stopped)
{
        Config config = config_with("sleep 1000");
        Service service;
        Error err = { 0 };
        Place p;

        config.service.ready_timeout_ns = 300 * NS_PER_MS;
        place_begin(&p);
        assert_fails(service_start(&config, p.dir, p.log, p.arena, &service, &err), err,
                     ERR_TIMEOUT);
        place_end(&p);
}

TEST(service_step_that_fails_is_quoted)
{
        Error err = { 0 };
        Place p;

        place_begin(&p);
        assert_ok(
                service_run_step("build", SPAN("true"), p.dir, NS_PER_S * 20, p.log, p.arena, &err),
                err);
        assert_fails(service_run_step("build", SPAN("echo no rule; exit 2"), p.dir, NS_PER_S * 20,
                                      p.log, p.arena, &err),
                     err, ERR_FAILED);
        assert_non_null(strstr(err.message, "no rule"));
        assert_fails(service_run_step("test", SPAN("sleep 1000"), p.dir, NS_PER_MS * 200, p.log,
                                      p.arena, &err),
                     err, ERR_TIMEOUT);
        place_end(&p);
}

TEST(service_requests_get_whole_urls)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        LoadRequest requests[] = { { .url = SPAN("/a") }, { .url = SPAN("http://h:1/b") } };
        Config config = { .workload = { .requests = requests, .n_requests = 2 } };
        LoadRequest *whole = service_requests(&config, 8123, arena);

        assert_span(whole[0].url, "http://127.0.0.1:8123/a");
        assert_span(whole[1].url, "http://h:1/b");
}

/* Starts a service whose work is done by a grandchild, tells its number, and waits to be killed. */
static void hold_service(const Place *p, int tell)
{
        Config config = config_with("python3 -m http.server --bind 127.0.0.1 {port}; true");
        Service service;
        Error err = { 0 };
        char byte;

        alarm(120);
        byte = service_start(&config, p->dir, p->log, p->arena, &service, &err) == 0;

        if (write(tell, &service.port, sizeof(service.port)) == (ssize_t)sizeof(service.port) &&
            byte)
                pause();
        _exit(1);
}

static bool port_answers(uint16_t port)
{
        AUTO(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

TEST(service_ends_with_a_hone_that_is_killed)
{
        uint16_t port = 0;
        int tell[2];
        pid_t child;
        Place p;

        place_begin(&p);
        assert_int_equal(pipe(tell), 0);
        child = fork();
        if (child == 0)
                hold_service(&p, tell[1]);
        assert_int_equal(read(tell[0], &port, sizeof(port)), sizeof(port));
        assert_true(port_answers(port));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        for (int i = 0; i < 1000 && port_answers(port); i++)
                usleep(10000);
        assert_false(port_answers(port));
        close(tell[0]);
        close(tell[1]);
        place_end(&p);
}
