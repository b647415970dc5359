#include "process/serving.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

static int listening(uint16_t *ret_port)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
        *ret_port = ntohs(address.sin_port);
        return fd;
}

TEST(serving_finds_who_listens_and_says_when_nobody_does)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Error err = { 0 };
        Target target;
        uint16_t port;
        Span url, why;
        int fd = listening(&port);

        url = span_of(arena_printf(arena, "http://localhost:%u/x", port));
        assert_ok(serving_target(url, arena, &target, &why, &err), err);
        assert_int_equal(target.pid, 0);
        assert_true(span_contains(why, "nothing listens"));

        assert_int_equal(listen(fd, 1), 0);
        assert_ok(serving_target(url, arena, &target, &why, &err), err);
        assert_int_equal(target.pid, getpid());
        assert_true(target.kind == TARGET_URL && span_eq(target.text, url));
        assert_true(target.name.len > 0 && why.len == 0);
        close(fd);
}

TEST(serving_leaves_other_machines_alone_and_refuses_what_is_no_url)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Error err = { 0 };
        Target target;
        Span why;

        assert_ok(serving_target(SPAN("http://example.com/"), arena, &target, &why, &err), err);
        assert_int_equal(target.pid, 0);
        assert_span(why, "example.com is not this machine");
        assert_fails(serving_target(SPAN("example.com"), arena, &target, &why, &err), err,
                     ERR_INPUT);
}
