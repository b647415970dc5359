#include "harness.h"

#include "net/url.h"

static Url parsed(const char *text)
{
        Error err = { 0 };
        Url url;

        assert_ok(url_parse(span_of(text), &url, &err), err);
        return url;
}

TEST(url_cuts_every_part)
{
        Url url = parsed("http://me:pw@example.com:8080/a/b?c=d&e=?f#g");

        assert_span(url.scheme, "http");
        assert_span(url.user, "me:pw");
        assert_span(url.host, "example.com");
        assert_int_equal(url.port, 8080);
        assert_false(url.default_port);
        assert_span(url.path, "/a/b");
        assert_span(url.query, "?c=d&e=?f");
}

TEST(url_fills_in_the_port_of_the_scheme)
{
        assert_int_equal(parsed("http://h").port, 80);
        assert_int_equal(parsed("HTTPS://h/").port, 443);
        assert_int_equal(parsed("wss://h:/").port, 443);
        assert_true(parsed("http://h:80/").default_port);
}

TEST(url_reads_ipv6_in_brackets)
{
        Url url = parsed("http://[::1]:99/x");

        assert_span(url.host, "::1");
        assert_true(url.ipv6);
        assert_int_equal(url.port, 99);
}

TEST(url_writes_what_a_request_needs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf b = buf_in(arena, KiB(64));
        Url url = parsed("http://[::1]:99?q");

        url_write_authority(&url, &b);
        buf_byte(&b, ' ');
        url_write_target(&url, &b);
        assert_span(buf_span(&b), "[::1]:99 /?q");
        buf_clear(&b);
        url = parsed("http://h:80");
        url_write_authority(&url, &b);
        url_write_target(&url, &b);
        assert_span(buf_span(&b), "h/");
}

TEST(url_refuses_what_is_not_one)
{
        static const char *const bad[] = {
                "",
                "/path",
                "example.com",
                "://h",
                "ftp://h/",
                "http://",
                "http:///x",
                "http://:80",
                "http://h:0/",
                "http://h:65536/",
                "http://h:x",
                "http://[::1",
                "http://[]/",
                "http://[::1]x",
                "http://h/a b",
                "http://h\t",
                "http://h/\x01",
                "http://h/\xc3\xa4",
                "http://a,b/",
                "http://[g]/",
                "http://h:-1/",
                "http://h:+80/",
        };

        for (size_t i = 0; i < COUNT(bad); i++) {
                Error err = { 0 };
                Url url;

                if (url_parse(span_of(bad[i]), &url, &err) >= 0)
                        fail_msg("'%s' was taken", bad[i]);
                assert_int_equal(err.code, ERR_INPUT);
        }
}

TEST(url_refuses_more_than_its_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf b = buf_in(arena, KiB(64));
        Error err = { 0 };
        Url url;

        buf_text(&b, "http://h/");
        buf_repeat(&b, 'a', URL_MAX);
        assert_fails(url_parse(buf_span(&b), &url, &err), err, ERR_INPUT);
}

TEST(url_error_does_not_print_control_bytes)
{
        Error err = { 0 };
        Url url;

        assert_fails(url_parse(SPAN("http://h/\x1b[31m"), &url, &err), err, ERR_INPUT);
        assert_null(strchr(err.message, '\x1b'));
        assert_non_null(strstr(err.message, "0x1b at offset 9"));
}

/* The examples of RFC 3986 5.4 that an http client can meet. */
TEST(url_resolves_references_as_the_rfc_says)
{
        static const char *const rows[][2] = {
                { "g", "http://a/b/c/g" },
                { "./g", "http://a/b/c/g" },
                { "g/", "http://a/b/c/g/" },
                { "/g", "http://a/g" },
                { "//g", "http://g" },
                { "?y", "http://a/b/c/d;p?y" },
                { "g?y", "http://a/b/c/g?y" },
                { "#s", "http://a/b/c/d;p?q" },
                { "g#s", "http://a/b/c/g" },
                { "", "http://a/b/c/d;p?q" },
                { ".", "http://a/b/c/" },
                { "./", "http://a/b/c/" },
                { "..", "http://a/b/" },
                { "../g", "http://a/b/g" },
                { "../..", "http://a/" },
                { "../../g", "http://a/g" },
                { "../../../g", "http://a/g" },
                { "/./g", "http://a/g" },
                { "/../g", "http://a/g" },
                { "g.", "http://a/b/c/g." },
                { "..g", "http://a/b/c/..g" },
                { "./g/.", "http://a/b/c/g/" },
                { "g/../h", "http://a/b/c/h" },
                { "g;x=1/../y", "http://a/b/c/y" },
                { "g?y/../x", "http://a/b/c/g?y/../x" },
                { "https://z:1/q", "https://z:1/q" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Url base = parsed("http://a/b/c/d;p?q");

        for (size_t i = 0; i < COUNT(rows); i++) {
                Buf out = buf_in(arena, URL_MAX);
                Error err = { 0 };

                assert_ok(url_resolve(&base, span_of(rows[i][0]), &out, &err), err);
                assert_span(buf_span(&out), rows[i][1]);
        }
}

TEST(url_resolve_keeps_the_port_and_refuses_bad_references)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Url base = parsed("http://[::1]:8080");
        Buf out = buf_in(arena, URL_MAX);
        Error err = { 0 };

        assert_ok(url_resolve(&base, SPAN("x"), &out, &err), err);
        assert_span(buf_span(&out), "http://[::1]:8080/x");
        buf_clear(&out);
        assert_fails(url_resolve(&base, SPAN("mailto:x"), &out, &err), err, ERR_INPUT);
        buf_clear(&out);
        assert_fails(url_resolve(&base, SPAN("/a b"), &out, &err), err, ERR_INPUT);
        buf_clear(&out);
        assert_fails(url_resolve(&base, SPAN("//"), &out, &err), err, ERR_INPUT);
}

TEST(url_resolve_stops_at_the_buffers_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Url base = parsed("http://host/dir/");
        Buf out = buf_in(arena, 12);
        Error err = { 0 };

        assert_fails(url_resolve(&base, SPAN("longer-than-that"), &out, &err), err, ERR_LIMIT);
}
