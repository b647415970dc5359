/* The answer reader must say the same however the bytes are cut: each input is read whole and in
 * pieces whose sizes come from its first bytes, and both readings are compared. */
#include "net/http1.h"

typedef struct Reading {
        Http1Event last;
        Http1FaultClass fault_class;
        uint64_t body_bytes, headers;
        unsigned status, interim;
        size_t used;
        uint64_t body_hash;
} Reading;

static uint64_t hash_bytes(uint64_t h, Span s)
{
        for (size_t i = 0; i < s.len; i++)
                h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
        return h;
}

static Http1Event drain(Http1 *p, Span *in, Reading *r)
{
        Span piece;

        for (;;) {
                Http1Event event = http1_next(p, in, &piece);

                if (event == HTTP1_BODY)
                        r->body_hash = hash_bytes(r->body_hash, piece);
                else if (event == HTTP1_HEADER)
                        r->headers = hash_bytes(hash_bytes(r->headers, p->name), p->value);
                else if (event != HTTP1_HEAD)
                        return event;
        }
}

static Reading read_answer(Span text, bool head, Span sizes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Reading r = { .last = HTTP1_MORE };
        size_t at = 0, turn = 0;
        Http1 p;

        http1_init(&p, arena);
        p.wants_headers = true;
        http1_begin(&p, head);
        while (at < text.len && r.last == HTTP1_MORE) {
                size_t n = sizes.len ? (unsigned char)sizes.ptr[turn++ % sizes.len] + 1 : text.len;
                Span in = span_first(span_from(text, at), n);
                size_t given = in.len;

                r.last = drain(&p, &in, &r);
                BUG_IF(r.last == HTTP1_MORE && in.len != 0);
                at += given - in.len;
        }
        if (r.last == HTTP1_MORE)
                r.last = http1_end(&p);
        r.fault_class = http1_fault_class((Http1Fault)p.fault);
        r.body_bytes = p.body_bytes;
        r.status = p.status;
        r.interim = p.interim;
        r.used = r.last == HTTP1_DONE ? at : 0;
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Span all = { (const char *)data, size };
        Span sizes = span_first(all, 4), text = span_from(all, 4);
        bool head = size > 0 && (data[0] & 0x80);
        Reading whole = read_answer(text, head, (Span){ 0 });
        Reading cut = read_answer(text, head, sizes);

        BUG_IF(whole.last != cut.last || whole.fault_class != cut.fault_class);
        BUG_IF(whole.status != cut.status || whole.interim != cut.interim);
        BUG_IF(whole.body_bytes != cut.body_bytes || whole.body_hash != cut.body_hash);
        BUG_IF(whole.headers != cut.headers || whole.used != cut.used);
        return 0;
}
