/* A URL that parses writes itself back to one that parses to the same; a reference that resolves
 * gives a URL that parses. The input is "URL\nreference". */
#include "net/url.h"

static void check_round_trip(const Url *url, Arena *arena)
{
        Buf out = buf_in(arena, 2 * URL_MAX);
        Url again;

        buf_add(&out, url->scheme);
        buf_text(&out, "://");
        url_write_authority(url, &out);
        url_write_target(url, &out);
        if (out.len > URL_MAX) /* "/" was added to the longest one */
                return;
        BUG_IF(url_parse(buf_span(&out), &again, NULL) < 0);
        BUG_IF(!span_eq(url->host, again.host) || url->port != again.port);
        BUG_IF(url->ipv6 != again.ipv6 || !span_eq(url->query, again.query));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span rest = { (const char *)data, size };
        Span text = span_cut(&rest, '\n');
        Buf out = buf_in(arena, URL_MAX);
        Error err = { 0 };
        Url url, resolved;

        if (url_parse(text, &url, &err) < 0) {
                BUG_IF(err.code != ERR_INPUT);
                return 0;
        }
        check_round_trip(&url, arena);
        if (url_resolve(&url, rest, &out, &err) < 0)
                return 0;
        BUG_IF(url_parse(buf_span(&out), &resolved, &err) < 0);
        check_round_trip(&resolved, arena);
        return 0;
}
