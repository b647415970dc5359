#include "harness.h"

#include "instrument/system/proc_socket.h"

#include <arpa/inet.h>

/* As the kernel prints it: a word of the address in memory order. */
static char *line_for(Arena *arena, uint32_t address, unsigned port, unsigned state)
{
        return arena_printf(arena,
                            "   0: %08X:%04X 00000000:0000 %02X 00000000:00000000 00:00000000 "
                            "00000000     0        0 1665 1 00000000f329c444 100 0 0 10 0",
                            address, port, state);
}

TEST(listeners_are_told_from_connections)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        ListenRow row;
        Error err = { 0 };

        assert_ok(proc_listen_parse(span_of(line_for(arena, 0, 2024, 0x0A)), &row, &err), err);
        assert_int_equal(row.port, 2024);
        assert_int_equal(row.inode, 1665);
        assert_int_equal(row.scope, LISTEN_ANY);
        assert_fails(proc_listen_parse(span_of(line_for(arena, 0, 2024, 0x01)), &row, &err), err,
                     ERR_NOT_FOUND);
}

TEST(scopes_of_addresses)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        ListenRow row;
        Error err = { 0 };

        assert_ok(proc_listen_parse(span_of(line_for(arena, inet_addr("127.0.0.1"), 80, 10)), &row,
                                    &err),
                  err);
        assert_int_equal(row.scope, LISTEN_LOOPBACK);
        assert_ok(proc_listen_parse(span_of(line_for(arena, inet_addr("10.0.0.127"), 80, 10)), &row,
                                    &err),
                  err);
        assert_int_equal(row.scope, LISTEN_OTHER);
}

TEST(scopes_of_ipv6_addresses)
{
        static const struct {
                const char *address;
                ListenScope scope;
        } rows[] = { { "::1", LISTEN_LOOPBACK },
                     { "::", LISTEN_ANY },
                     { "::ffff:127.0.0.1", LISTEN_LOOPBACK },
                     { "::ffff:10.0.0.1", LISTEN_OTHER },
                     { "2001:db8::1", LISTEN_OTHER } };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
                uint32_t words[4];
                ListenRow row;
                Error err = { 0 };

                assert_int_equal(inet_pton(AF_INET6, rows[i].address, words), 1);
                assert_ok(proc_listen_parse(
                                  span_of(arena_printf(arena,
                                                       "1: %08X%08X%08X%08X:1F90 0:0 0A 0:0 00:0 0 "
                                                       "0 0 77",
                                                       words[0], words[1], words[2], words[3])),
                                  &row, &err),
                          err);
                assert_int_equal(row.port, 8080);
                assert_int_equal(row.scope, rows[i].scope);
                assert_int_equal(row.inode, 77);
        }
}

TEST(socket_lines_that_are_torn_are_refused)
{
        static const char *const bad[] = {
                "",
                "0: 00000000:07E8",
                "0: 00000000 0:0 0A 0:0 0:0 0 0 0 1",
                "0: 000000:07E8 0:0 0A 0:0 0:0 0 0 0 1",
                "0: 00000000:FFFFF 0:0 0A 0:0 0:0 0 0 0 1",
                "0: 0000000G:07E8 0:0 0A 0:0 0:0 0 0 0 1",
                "0: 00000000:07E8 0:0 0A 0:0 0:0 0 0 0 inode",
        };

        for (size_t i = 0; i < COUNT(bad); i++) {
                ListenRow row;
                Error err = { 0 };

                assert_fails(proc_listen_parse(span_of(bad[i]), &row, &err), err, ERR_INPUT);
        }
        assert_fails(proc_listen_parse(SPAN("  sl  local_address rem_address   st tx_queue "
                                            "rx_queue tr tm->when retrnsmt uid timeout inode"),
                                       &(ListenRow){ 0 }, &(Error){ 0 }),
                     ((Error){ .code = ERR_NOT_FOUND }), ERR_NOT_FOUND);
}

TEST(socket_links_hold_an_inode)
{
        uint64_t inode = 0;

        assert_true(proc_socket_inode(SPAN("socket:[1665]"), &inode));
        assert_int_equal(inode, 1665);
        assert_false(proc_socket_inode(SPAN("socket:["), &inode));
        assert_false(proc_socket_inode(SPAN("socket:[]"), &inode));
        assert_false(proc_socket_inode(SPAN("socket:[12"), &inode));
        assert_false(proc_socket_inode(SPAN("pipe:[12]"), &inode));
        assert_false(proc_socket_inode(SPAN("/tmp/socket:[1]"), &inode));
}
