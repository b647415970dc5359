#include "net/url.h"

typedef struct SchemeRow {
        const char *name;
        uint16_t port;
} SchemeRow;

static const SchemeRow schemes[] = {
        { "http", 80 },
        { "https", 443 },
        { "ws", 80 },
        { "wss", 443 },
};

static const SchemeRow *scheme_row(Span scheme)
{
        for (size_t i = 0; i < COUNT(schemes); i++)
                if (span_is_any_case(scheme, schemes[i].name))
                        return &schemes[i];
        return NULL;
}

/* Messages quote the start of the text only: a URL may be long and may hold a password. */
static int url_fail(Error *err, Span text, const char *why)
{
        Span shown = span_first(text, 80);

        return fail(err, ERR_INPUT, "URL '%.*s%s': %s", SPAN_ARG(shown),
                    shown.len < text.len ? "..." : "", why);
}

static int check_bytes(Span text, Error *err)
{
        if (text.len > URL_MAX)
                return url_fail(err, text, "longer than 16 KiB");
        for (size_t i = 0; i < text.len; i++) {
                unsigned char c = (unsigned char)text.ptr[i];

                if (c > ' ' && c < 0x7f)
                        continue;
                /* The bytes themselves are not shown: they may be terminal escapes. */
                fail(err, ERR_INPUT, "URL: byte 0x%02x at offset %zu is not allowed", c, i);
                return fail_hint(err, "write it percent-encoded: %%%02X", c);
        }
        return 0;
}

static int parse_port(Span text, Span digits, Url *url, Error *err)
{
        uint64_t port;

        if (digits.len == 0) /* "host:" is allowed and means the default */
                return 0;
        if (span_to_u64(digits, &port, NULL) < 0 || port == 0 || port > UINT16_MAX)
                return url_fail(err, text, "the port is not a number from 1 to 65535");
        url->default_port = port == url->port;
        url->port = (uint16_t)port;
        return 0;
}

static bool is_host_byte(char c, bool ipv6)
{
        if (ipv6)
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
                       c == ':' || c == '.';
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '.' || c == '_' || c == '~';
}

static int check_host(Span text, const Url *url, Error *err)
{
        if (url->host.len == 0)
                return url_fail(err, text, "the host is missing");
        if (url->host.len > 255)
                return url_fail(err, text, "the host is longer than 255 bytes");
        for (size_t i = 0; i < url->host.len; i++)
                if (!is_host_byte(url->host.ptr[i], url->ipv6))
                        return url_fail(err, text,
                                        "the host has a character that hosts cannot have");
        return 0;
}

/* [ip6]:port; `authority` starts with the bracket. */
static int parse_ipv6(Span text, Span authority, Url *url, Error *err)
{
        ptrdiff_t close = span_find_byte(authority, ']');
        Span after;

        if (close < 0)
                return url_fail(err, text, "'[' without ']'");
        url->ipv6 = true;
        url->host = span_from(span_first(authority, (size_t)close), 1);
        after = span_from(authority, (size_t)close + 1);
        if (after.len && after.ptr[0] != ':')
                return url_fail(err, text, "unexpected text after ']'");
        return parse_port(text, span_from(after, 1), url, err);
}

static int parse_authority(Span text, Span authority, Url *url, Error *err)
{
        ptrdiff_t at = -1, colon;
        int r = 0;

        for (size_t i = 0; i < authority.len; i++) /* the last '@' ends the user part */
                if (authority.ptr[i] == '@')
                        at = (ptrdiff_t)i;
        if (at >= 0) {
                url->user = span_first(authority, (size_t)at);
                authority = span_from(authority, (size_t)at + 1);
        }
        if (span_starts(authority, "[")) {
                r = parse_ipv6(text, authority, url, err);
        } else {
                colon = span_find_byte(authority, ':');
                url->host = colon < 0 ? authority : span_first(authority, (size_t)colon);
                if (colon >= 0)
                        r = parse_port(text, span_from(authority, (size_t)colon + 1), url, err);
        }
        return r < 0 ? r : check_host(text, url, err);
}

static size_t find_any(Span s, const char *bytes)
{
        size_t i = 0;

        while (i < s.len && !strchr(bytes, s.ptr[i]))
                i++;
        return i;
}

int url_parse(Span text, Url *ret, Error *err)
{
        ptrdiff_t colon = span_find(text, SPAN("://"));
        const SchemeRow *row;
        Url url = { 0 };
        Span rest;
        size_t n;
        int r = check_bytes(text, err);

        if (r < 0)
                return r;
        if (colon <= 0) {
                url_fail(err, text, "no scheme");
                return fail_hint(err, "write it as http://host[:port]/path");
        }
        url.scheme = span_first(text, (size_t)colon);
        row = scheme_row(url.scheme);
        if (!row)
                return url_fail(err, text, "the scheme is none of http, https, ws, wss");
        url.port = row->port;
        url.default_port = true;
        rest = span_from(text, (size_t)colon + 3);
        n = find_any(rest, "/?#");
        r = parse_authority(text, span_first(rest, n), &url, err);
        if (r < 0)
                return r;
        rest = span_from(rest, n);
        rest = span_first(rest, find_any(rest, "#"));
        n = find_any(rest, "?");
        url.path = span_first(rest, n);
        url.query = span_from(rest, n);
        *ret = url;
        return 0;
}

void url_write_target(const Url *url, Buf *out)
{
        buf_add(out, url->path.len ? url->path : SPAN("/"));
        buf_add(out, url->query);
}

void url_write_authority(const Url *url, Buf *out)
{
        buf_printf(out, url->ipv6 ? "[%.*s]" : "%.*s", SPAN_ARG(url->host));
        if (!url->default_port)
                buf_printf(out, ":%u", (unsigned)url->port);
}

/* RFC 3986 5.2.4: "." and ".." segments are taken out; never climbs above the root. */
static void write_without_dots(Span path, Buf *out)
{
        size_t root = out->len;

        while (path.len) {
                size_t n = 1 + find_any(span_from(path, 1), "/");
                Span segment = span_first(path, n);
                bool up = span_is(segment, "/.."), dot = up || span_is(segment, "/.");

                path = span_from(path, n);
                if (!dot)
                        buf_add(out, segment);
                while (up && out->len > root && out->ptr[--out->len] != '/')
                        ;
                if (dot && path.len == 0)
                        buf_byte(out, '/');
        }
}

/* "base directory" + relative path, dots not yet removed. */
static void write_merged(Span base_path, Span path, Buf *out)
{
        size_t dir = base_path.len;

        while (dir > 0 && base_path.ptr[dir - 1] != '/')
                dir--;
        buf_add(out, dir ? span_first(base_path, dir) : SPAN("/"));
        buf_add(out, path);
}

static bool has_scheme(Span reference)
{
        size_t n = find_any(reference, ":/?#");

        return n > 0 && n < reference.len && reference.ptr[n] == ':';
}

static void write_relative(const Url *base, Span reference, Buf *out)
{
        size_t n = find_any(reference, "?");
        Span path = span_first(reference, n), query = span_from(reference, n);
        Buf merged = buf_in(out->arena, 2 * URL_MAX);

        if (path.len == 0) {
                buf_add(out, base->path.len ? base->path : SPAN("/"));
                buf_add(out, query.len ? query : base->query);
                return;
        }
        if (path.ptr[0] == '/')
                buf_add(&merged, path);
        else
                write_merged(base->path, path, &merged);
        write_without_dots(buf_span(&merged), out);
        buf_add(out, query);
}

int url_resolve(const Url *base, Span reference, Buf *out, Error *err)
{
        int r = check_bytes(reference, err);
        Url checked;

        if (r < 0)
                return r;
        reference = span_first(reference, find_any(reference, "#"));
        if (has_scheme(reference)) {
                buf_add(out, reference);
        } else {
                buf_add(out, base->scheme);
                buf_text(out, span_starts(reference, "//") ? ":" : "://");
                if (span_starts(reference, "//")) {
                        buf_add(out, reference);
                } else {
                        url_write_authority(base, out);
                        write_relative(base, reference, out);
                }
        }
        r = buf_check(out, err);
        return r < 0 ? r : url_parse(buf_span(out), &checked, err);
}
