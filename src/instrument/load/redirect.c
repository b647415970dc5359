#include "instrument/load/redirect.h"

#include "instrument/load/request.h"
#include "instrument/load/worker.h"

struct Redirect {
        Buf location; /* of the answer at hand; empty: none */
        Buf texts[2]; /* the URL that was asked last, and the next one, in turn */
        Buf wire;
        Url url; /* of the step at hand, in one of the texts */
        Span method, body;
};

static Redirect *redirect_of(Worker *w, Lane *lane)
{
        Redirect *r = lane->redirect;

        if (r)
                return r;
        r = new_try(w->arena, Redirect, 1);
        if (!r)
                return NULL;
        r->location = buf_in(w->arena, URL_MAX);
        r->texts[0] = buf_in(w->arena, URL_MAX);
        r->texts[1] = buf_in(w->arena, URL_MAX);
        r->wire = buf_in(w->arena, w->longest_wire + 4 * URL_MAX);
        lane->redirect = r;
        return r;
}

static bool is_followed(unsigned status)
{
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void redirect_header(Worker *w, Lane *lane)
{
        Redirect *r;

        if (!is_followed(lane->answer.status) || !span_is_any_case(lane->answer.name, "location"))
                return;
        r = redirect_of(w, lane);
        if (!r)
                return;
        buf_clear(&r->location);
        buf_add(&r->location, lane->answer.value);
}

/* What the step turns the request into. */
static void turn_method(Redirect *r, unsigned status)
{
        bool see_other = status == 303 && !span_is(r->method, "HEAD");
        bool post_moved = (status == 301 || status == 302) && span_is(r->method, "POST");

        if (see_other || post_moved) {
                r->method = SPAN("GET");
                r->body = (Span){ 0 };
        }
}

static RedirectStep send_step(Worker *w, Lane *lane, const LoadEndpoint *e, int host)
{
        Redirect *r = lane->redirect;

        buf_clear(&r->wire);
        request_write(&(RequestHop){ .request = &e->request,
                                     .url = &r->url,
                                     .method = r->method,
                                     .body = r->body,
                                     .close = w->setup->plan.no_keepalive,
                                     .other_host = (unsigned)host != e->host },
                      &r->wire);
        if (buf_check(&r->wire, NULL) < 0)
                return REDIRECT_BAD;
        lane->hops++;
        lane_go_on(w, lane, (unsigned)host, buf_span(&r->wire), span_is(r->method, "HEAD"));
        return REDIRECT_FOLLOWED;
}

static RedirectStep follow(Worker *w, Lane *lane, Redirect *r)
{
        const LoadEndpoint *e = &w->setup->endpoints[lane->endpoint];
        const Url *base = lane->hops ? &r->url : &e->url;
        Buf *text = &r->texts[lane->hops % 2];
        Url next;
        int host;

        if (lane->hops >= w->setup->plan.max_redirects)
                return REDIRECT_BAD;
        buf_clear(text);
        if (url_resolve(base, buf_span(&r->location), text, NULL) < 0 ||
            url_parse(buf_span(text), &next, NULL) < 0)
                return REDIRECT_BAD;
        host = span_is_any_case(next.scheme, "http") ? load_host_find(w->setup, &next) : -1;
        if (host < 0) {
                w->not_followed++;
                return REDIRECT_NONE;
        }
        if (!lane->hops) {
                r->method = e->request.method;
                r->body = e->request.body;
        }
        r->url = next;
        turn_method(r, lane->answer.status);
        return send_step(w, lane, e, host);
}

RedirectStep redirect_follow(Worker *w, Lane *lane)
{
        Redirect *r = lane->redirect;
        RedirectStep step;

        if (!r || !r->location.len || !is_followed(lane->answer.status))
                return REDIRECT_NONE;
        step = r->location.overflowed ? REDIRECT_BAD : follow(w, lane, r);
        buf_clear(&r->location);
        return step;
}
