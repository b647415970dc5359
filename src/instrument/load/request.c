#include "instrument/load/request.h"

#define MAX_HEADERS KiB(48)

static bool is_token(Span s)
{
        for (size_t i = 0; i < s.len; i++) {
                char c = s.ptr[i];
                bool alnum =
                        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

                if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
                        return false;
        }
        return s.len > 0;
}

static Span header_name(Span header)
{
        ptrdiff_t colon = span_find_byte(header, ':');

        return colon < 0 ? (Span){ 0 } : span_first(header, (size_t)colon);
}

static int check_header(Span header, Error *err)
{
        if (!is_token(header_name(header)))
                return fail(err, ERR_USAGE, "'%.*s' is not a header: \"Name: value\"",
                            SPAN_ARG(span_first(header, 80)));
        for (size_t i = 0; i < header.len; i++) {
                unsigned char c = (unsigned char)header.ptr[i];

                if ((c < ' ' && c != '\t') || c == 0x7f)
                        return fail(err, ERR_USAGE, "header '%.*s' has a control byte",
                                    SPAN_ARG(header_name(header)));
        }
        if (span_is_any_case(header_name(header), "content-length") ||
            span_is_any_case(header_name(header), "transfer-encoding"))
                return fail(err, ERR_USAGE, "header '%.*s' is set by the body and cannot be given",
                            SPAN_ARG(header_name(header)));
        return 0;
}

static int check_request(const LoadRequest *request, Error *err)
{
        size_t total = 0;

        if (!is_token(request->method) || request->method.len > 32)
                return fail(err, ERR_USAGE, "'%.*s' is not a method",
                            SPAN_ARG(span_first(request->method, 40)));
        if (span_is(request->method, "CONNECT"))
                return fail(err, ERR_USAGE, "CONNECT opens a tunnel and cannot be load");
        for (size_t i = 0; request->headers && request->headers[i]; i++) {
                Span header = span_of(request->headers[i]);
                int r = check_header(header, err);

                if (r < 0)
                        return r;
                total += header.len + 2;
        }
        if (total > MAX_HEADERS)
                return fail(err, ERR_USAGE, "the headers of a request are larger than 48 KiB");
        return 0;
}

static bool names_header(const LoadRequest *request, const char *name)
{
        for (size_t i = 0; request->headers && request->headers[i]; i++)
                if (span_is_any_case(header_name(span_of(request->headers[i])), name))
                        return true;
        return false;
}

static bool is_credential(Span name)
{
        return span_is_any_case(name, "authorization") || span_is_any_case(name, "cookie");
}

/* The request's own headers. Its Host belongs to the host of the plan only. */
static void write_headers(const RequestHop *hop, Buf *out)
{
        for (size_t i = 0; hop->request->headers && hop->request->headers[i]; i++) {
                Span header = span_of(hop->request->headers[i]);
                Span name = header_name(header);

                if (hop->other_host && (is_credential(name) || span_is_any_case(name, "host")))
                        continue;
                buf_add(out, header);
                buf_text(out, "\r\n");
        }
}

static bool expects_body(Span method)
{
        return span_is(method, "POST") || span_is(method, "PUT") || span_is(method, "PATCH");
}

void request_write(const RequestHop *hop, Buf *out)
{
        const LoadRequest *request = hop->request;

        buf_add(out, hop->method);
        buf_byte(out, ' ');
        url_write_target(hop->url, out);
        buf_text(out, " HTTP/1.1\r\n");
        if (hop->other_host || !names_header(request, "host")) {
                buf_text(out, "Host: ");
                url_write_authority(hop->url, out);
                buf_text(out, "\r\n");
        }
        if (!names_header(request, "user-agent"))
                buf_text(out, "User-Agent: hone/" HONE_VERSION "\r\n");
        if (!names_header(request, "accept"))
                buf_text(out, "Accept: */*\r\n");
        write_headers(hop, out);
        if (hop->close && !names_header(request, "connection"))
                buf_text(out, "Connection: close\r\n");
        if (hop->body.len || expects_body(hop->method))
                buf_printf(out, "Content-Length: %zu\r\n", hop->body.len);
        buf_text(out, "\r\n");
        buf_add(out, hop->body);
}

int request_build(const LoadRequest *request, const Url *url, bool close, Arena *arena, Span *ret,
                  Error *err)
{
        RequestHop hop = { .request = request,
                           .url = url,
                           .method = request->method,
                           .body = request->body,
                           .close = close };
        Buf out = buf_in(arena, request->body.len + MAX_HEADERS + 2 * URL_MAX);
        int r = check_request(request, err);

        if (r < 0)
                return r;
        request_write(&hop, &out);
        r = buf_check(&out, err);
        if (r == 0)
                *ret = buf_span(&out);
        return r;
}
