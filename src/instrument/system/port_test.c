#include "harness.h"

#include "instrument/system/fake_proc.h"
#include "instrument/system/port.h"
#include "instrument/system/system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void close_socket(const int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

/* A listening socket on a free port of the loopback address; -1: no such family here. */
static int listen_on(int family, uint16_t *ret_port)
{
        struct sockaddr_in v4 = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
        struct sockaddr *address =
                family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
        socklen_t len = family == AF_INET ? sizeof(v4) : sizeof(v6);
        int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || bind(fd, address, len) < 0 || listen(fd, 4) < 0 ||
            getsockname(fd, address, &len) < 0) {
                close_socket(&fd);
                return -1;
        }
        *ret_port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
        return fd;
}

static int fork_sleeper(void)
{
        int pid = fork();

        if (pid == 0) {
                pause();
                _exit(0);
        }
        assert_true(pid > 0);
        return pid;
}

static void end(int pid)
{
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
}

TEST(port_finds_the_listener_on_ipv4)
{
        uint16_t port = 0;
        AUTO(close_socket) int fd = listen_on(AF_INET, &port);
        int pid = 0;
        Error err = { 0 };

        assert_true(fd >= 0);
        assert_ok(process_on_port(port, &pid, &err), err);
        assert_int_equal(pid, getpid());
}

TEST(port_finds_the_listener_on_ipv6)
{
        uint16_t port = 0;
        AUTO(close_socket) int fd = listen_on(AF_INET6, &port);
        int pid = 0;
        Error err = { 0 };

        if (fd < 0)
                skip_because("no IPv6 loopback here");
        assert_ok(process_on_port(port, &pid, &err), err);
        assert_int_equal(pid, getpid());
}

TEST(port_gives_the_topmost_of_those_who_share_it)
{
        uint16_t port = 0;
        AUTO(close_socket) int fd = listen_on(AF_INET, &port);
        int child, pid = 0, r;
        Error err = { 0 };

        assert_true(fd >= 0);
        child = fork_sleeper();
        r = process_on_port(port, &pid, &err);
        if (r == 0 && pid == getpid()) {
                close(fd);
                fd = -1;
                r = process_on_port(port, &pid, &err);
                end(child);
                assert_ok(r, err);
                assert_int_equal(pid, child);
                return;
        }
        end(child);
        assert_ok(r, err);
        assert_int_equal(pid, getpid());
}

TEST(port_without_a_listener_is_not_found)
{
        uint16_t port = 0;
        int fd = listen_on(AF_INET, &port), pid = -5;
        Error err = { 0 };

        assert_true(fd >= 0);
        close(fd);
        assert_fails(process_on_port(port, &pid, &err), err, ERR_NOT_FOUND);
        assert_non_null(strstr(err.message, "nothing listens"));
        assert_true(strlen(err.hint) > 0);
        assert_int_equal(pid, -5);
}

TEST(port_of_another_user_says_so)
{
        uint16_t port = 0;
        AUTO(close_socket) int fd = listen_on(AF_INET, &port);
        int child, status = 0;

        assert_true(fd >= 0);
        if (getuid() != 0)
                skip_because("needs root, to become another user");
        child = fork();
        if (child == 0) {
                Error err = { 0 };
                int pid, r;

                close(fd);
                if (setuid(65534) < 0)
                        _exit(9);
                r = process_on_port(port, &pid, &err);
                _exit(r == -ERR_NOT_FOUND && strstr(err.message, "closed to this user") ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

static void fake_listener(const FakeProc *fake, const char *path)
{
        fake_write(fake, path,
                   "  sl  local_address rem_address   st\n"
                   "   0: 00000000:1F90 0:0 0A 0:0 0:0 0 0 0 77 1\n"
                   "   1: %08X:1F91 0:0 0A 0:0 0:0 0 0 0 78 1\n"
                   "   2: 00000000:1F91 0:0 0A 0:0 0:0 0 0 0 79 1\n",
                   inet_addr("127.0.0.1"));
}

static void holder(const FakeProc *fake, int pid, int ppid, const char *name, unsigned inode)
{
        fake_process(fake, &(FakeProcess){ .pid = pid, .ppid = ppid, .name = name });
        fake_link(fake, arena_printf(fake->arena, "%d/fd/3", pid),
                  arena_printf(fake->arena, "socket:[%u]", inode));
}

static int port_owner(const FakeProc *fake, uint16_t port)
{
        int pid = 0;
        Error err = { 0 };

        assert_ok(process_on_port_in(fake->root, port, &pid, &err), err);
        return pid;
}

TEST(port_passes_over_service_managers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);

        fake_listener(&fake, "net/tcp");
        holder(&fake, 1, 0, "systemd", 77);
        assert_int_equal(port_owner(&fake, 8080), 1); /* not started yet: it is the holder */
        holder(&fake, 400, 1, "nginx", 77);
        holder(&fake, 401, 400, "nginx", 77);
        assert_int_equal(port_owner(&fake, 8080), 400);
}

TEST(port_prefers_the_loopback_socket)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);

        fake_listener(&fake, "net/tcp");
        holder(&fake, 300, 1, "wide", 79);
        holder(&fake, 301, 1, "local", 78);
        assert_int_equal(port_owner(&fake, 8081), 301);
}

TEST(port_in_another_namespace_is_a_hint)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);
        int pid;
        Error err = { 0 };

        fake_link(&fake, "self/ns/net", "net:[1]");
        fake_process(&fake, &(FakeProcess){ .pid = 5 });
        fake_link(&fake, "5/ns/net", "net:[1]");
        holder(&fake, 600, 5, "redis", 77);
        fake_link(&fake, "600/ns/net", "net:[2]");
        fake_listener(&fake, "600/net/tcp");
        assert_fails(process_on_port_in(fake.root, 8080, &pid, &err), err, ERR_NOT_FOUND);
        assert_non_null(strstr(err.message, "process 600 (redis)"));
        assert_non_null(strstr(err.hint, "600"));
}

TEST(port_that_nobody_here_holds_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FakeProc fake = fake_proc_in(arena);
        int pid;
        Error err = { 0 };

        fake_listener(&fake, "net/tcp");
        fake_process(&fake, &(FakeProcess){ .pid = 5 });
        assert_fails(process_on_port_in(fake.root, 8080, &pid, &err), err, ERR_NOT_FOUND);
        assert_non_null(strstr(err.message, "no process here holds it"));
}

TEST(tree_lists_the_process_and_all_below)
{
        int child = fork_sleeper(), pids[64], found = 0;
        size_t n = process_tree(getpid(), pids, COUNT(pids)), one;

        for (size_t i = 0; i < n; i++)
                found |= pids[i] == child;
        one = process_tree(getpid(), pids, 1);
        end(child);
        assert_true(n >= 2);
        assert_true(found);
        assert_int_equal(one, 1);
        assert_int_equal(pids[0], getpid());
        assert_int_equal(process_tree(child, pids, COUNT(pids)), 0);
}

TEST(name_is_the_executable)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        int child = fork_sleeper();
        Span name = process_name(child, arena);

        end(child);
        assert_span(name, program_invocation_short_name);
        assert_span(process_name(child, arena), "");
}
