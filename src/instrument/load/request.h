#pragma once
/* The bytes of a request: built once per endpoint, and anew only for redirects.
 *
 * Host, User-Agent, Accept and the body's length are written unless the request's own headers
 * name them. Headers are checked, so that a plan cannot smuggle a second request.
 */

#include "instrument/load/load.h"
#include "net/url.h"

int request_build(const LoadRequest *request, const Url *url, bool close, Arena *arena, Span *ret,
                  Error *err);

/* A step of a redirect: `method` and `body` as they have become. Credentials (Authorization,
 * Cookie) stay behind when the host changes. `out` is appended to; check it. */
typedef struct RequestHop {
        const LoadRequest *request;
        const Url *url;
        Span method, body;
        bool close, other_host;
} RequestHop;
void request_write(const RequestHop *hop, Buf *out);
