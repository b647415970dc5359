#include "harness.h"

#include "net/http1.h"

/* What came out of one answer; body pieces are put together. */
typedef struct Outcome {
        Http1Event last;
        Http1 answer;
        Span body, rest, headers;
} Outcome;

typedef struct Reading {
        bool head, wants_headers, close;
        size_t piece; /* bytes a feed; 0: all at once */
} Reading;

static Http1Event drain(Http1 *p, Span *in, Buf *body, Buf *headers)
{
        Http1Event event;
        Span piece;

        for (;;) {
                event = http1_next(p, in, &piece);
                if (event == HTTP1_BODY)
                        buf_add(body, piece);
                else if (event == HTTP1_HEADER)
                        buf_printf(headers, "%.*s=%.*s;", SPAN_ARG(p->name), SPAN_ARG(p->value));
                else if (event != HTTP1_HEAD)
                        return event;
        }
}

static Outcome read_answer(Arena *arena, Span text, Reading how)
{
        Buf body = buf_in(arena, MiB(1)), headers = buf_in(arena, MiB(1));
        Http1Event last = HTTP1_MORE;
        Outcome out = { 0 };
        Http1 p;

        http1_init(&p, arena);
        p.wants_headers = how.wants_headers;
        http1_begin(&p, how.head);
        while (text.len && last == HTTP1_MORE) {
                size_t n = how.piece && how.piece < text.len ? how.piece : text.len;
                Span in = span_first(text, n);

                last = drain(&p, &in, &body, &headers);
                if (last == HTTP1_MORE)
                        assert_int_equal(in.len, 0);
                text = span_from(text, n - in.len);
        }
        if (how.close && last == HTTP1_MORE)
                last = http1_end(&p);
        out = (Outcome){ last, p, buf_span(&body), text, buf_span(&headers) };
        return out;
}

TEST(http1_reads_a_body_of_known_length_and_leaves_the_rest)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = SPAN("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1");

        for (size_t piece = 0; piece < 20; piece++) {
                Outcome out = read_answer(arena, text, (Reading){ .piece = piece });

                assert_int_equal(out.last, HTTP1_DONE);
                assert_int_equal(out.answer.status, 200);
                assert_true(out.answer.keep_alive);
                assert_span(out.body, "hello");
                assert_span(out.rest, "HTTP/1.1");
        }
}

TEST(http1_reads_chunks_with_extensions_and_trailers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = SPAN("HTTP/1.1 200\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
                         "4;a=\"b\"\r\nwiki\r\n00A \r\n0123456789\r\n0\r\nDigest: x\r\n\r\nnext");

        for (size_t piece = 0; piece < 20; piece++) {
                Outcome out = read_answer(arena, text, (Reading){ .piece = piece });

                assert_int_equal(out.last, HTTP1_DONE);
                assert_span(out.body, "wiki0123456789");
                assert_int_equal(out.answer.body_bytes, 14);
                assert_span(out.rest, "next");
        }
}

TEST(http1_reads_until_the_peer_closes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span text = SPAN("HTTP/1.0 200 OK\r\n\r\nall of it");
        Outcome out = read_answer(arena, text, (Reading){ .close = true });

        assert_int_equal(out.last, HTTP1_DONE);
        assert_false(out.answer.keep_alive);
        assert_span(out.body, "all of it");
}

typedef struct NoBodyRow {
        Span text;
        bool head;
        bool keep_alive;
} NoBodyRow;

TEST(http1_knows_the_answers_without_a_body)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        static const NoBodyRow rows[] = {
                { { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nX", 39 }, true, true },
                { { "HTTP/1.1 204 No\r\n\r\nX", 20 }, false, true },
                { { "HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\nX", 40 }, false, true },
                { { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nX", 39 }, false, true },
                { { "HTTP/1.1 101 Switch\r\n\r\nX", 24 }, false, false },
                { { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nX", 48 }, true, true },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                Outcome out = read_answer(arena, rows[i].text, (Reading){ .head = rows[i].head });

                assert_int_equal(out.last, HTTP1_DONE);
                assert_span(out.rest, "X");
                assert_int_equal(out.answer.keep_alive, rows[i].keep_alive);
        }
}

TEST(http1_skips_interim_answers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Outcome out = read_answer(arena,
                                  SPAN("HTTP/1.1 100 Continue\r\n\r\n"
                                       "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                                       "HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok"),
                                  (Reading){ 0 });

        assert_int_equal(out.last, HTTP1_DONE);
        assert_int_equal(out.answer.status, 201);
        assert_int_equal(out.answer.interim, 2);
        assert_span(out.body, "ok");
}

TEST(http1_stops_after_too_many_interim_answers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf b = buf_in(arena, KiB(64));
        Outcome out;

        for (int i = 0; i <= HTTP1_MAX_INTERIM; i++)
                buf_text(&b, "HTTP/1.1 100 Continue\r\n\r\n");
        out = read_answer(arena, buf_span(&b), (Reading){ 0 });
        assert_int_equal(out.last, HTTP1_BAD);
        assert_int_equal(out.answer.fault, HTTP1_FAULT_INTERIM);
}

TEST(http1_decides_keep_alive_by_version_and_connection)
{
        static const struct {
                const char *text;
                bool keep_alive;
        } rows[] = {
                { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true },
                { "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", false },
                { "HTTP/1.1 200 OK\r\nConnection: x , close\r\nContent-Length: 0\r\n\r\n", false },
                { "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false },
                { "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true },
                { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "0\r\n\r\n",
                  false },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(rows); i++) {
                Outcome out = read_answer(arena, span_of(rows[i].text), (Reading){ 0 });

                assert_int_equal(out.last, HTTP1_DONE);
                assert_int_equal(out.answer.keep_alive, rows[i].keep_alive);
        }
}

TEST(http1_hands_out_headers_when_asked)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = SPAN("HTTP/1.1 200 OK\nA:1\r\nb-c: \t two words \r\n folded\r\n"
                         "Empty:\r\nContent-Length: 0\r\n\r\n");

        for (size_t piece = 0; piece < 30; piece++) {
                Outcome out = read_answer(arena, text,
                                          (Reading){ .wants_headers = true, .piece = piece });

                assert_int_equal(out.last, HTTP1_DONE);
                assert_span(out.headers, "A=1;b-c=two words;Empty=;Content-Length=0;");
        }
}

typedef struct FaultRow {
        const char *text;
        Http1Fault fault;
} FaultRow;

static const FaultRow faults[] = {
        { "", HTTP1_FAULT_CLOSED },
        { "HTT", HTTP1_FAULT_SHORT },
        { "garbage", HTTP1_FAULT_NOT_HTTP },
        { "\r\nHTTP/1.1 200 OK\r\n", HTTP1_FAULT_NOT_HTTP },
        { "HTTP/2.0 200 OK\r\n\r\n", HTTP1_FAULT_NOT_HTTP },
        { "HTTP/1.1 20 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE },
        { "HTTP/1.1 2000\r\n\r\n", HTTP1_FAULT_STATUS_LINE },
        { "HTTP/1.1\r\n\r\n", HTTP1_FAULT_STATUS_LINE },
        { "HTTP/1.1 099 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE },
        { "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", HTTP1_FAULT_FIELD },
        { "HTTP/1.1 200 OK\r\n: empty\r\n\r\n", HTTP1_FAULT_FIELD },
        { "HTTP/1.1 200 OK\r\nA : space\r\n\r\n", HTTP1_FAULT_FIELD },
        { "HTTP/1.1 200 OK\r\n folded first\r\n\r\n", HTTP1_FAULT_FIELD },
        { "HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\n", HTTP1_FAULT_LENGTH },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 5\r\n\r\n", HTTP1_FAULT_FIELD },
        { "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", HTTP1_FAULT_LENGTH },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", HTTP1_FAULT_LENGTH },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", HTTP1_FAULT_LENGTH },
        { "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", HTTP1_FAULT_LENGTH },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour", HTTP1_FAULT_SHORT },
        { "HTTP/1.1 200 OK\r\nA: b\r\n", HTTP1_FAULT_SHORT },
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        { CHUNKED "x\r\n", HTTP1_FAULT_CHUNK_SIZE },
        { CHUNKED "\r\n", HTTP1_FAULT_CHUNK_SIZE },
        { CHUNKED "0x5\r\n", HTTP1_FAULT_CHUNK_SIZE },
        { CHUNKED " 5\r\n", HTTP1_FAULT_CHUNK_SIZE },
        { CHUNKED "-1\r\n", HTTP1_FAULT_CHUNK_SIZE },
        { CHUNKED "ffffffffffffffff\r\n", HTTP1_FAULT_CHUNK_SIZE },
        { CHUNKED "10000000000000000\r\n", HTTP1_FAULT_CHUNK_SIZE },
        { CHUNKED "2\r\nabc", HTTP1_FAULT_CHUNK_END },
        { CHUNKED "2\r\nab\r\rc", HTTP1_FAULT_CHUNK_END },
        { CHUNKED "2\r\nab\r\n", HTTP1_FAULT_SHORT },
        { CHUNKED "0\r\nno colon\r\n\r\n", HTTP1_FAULT_TRAILER },
        { CHUNKED "0\r\n", HTTP1_FAULT_SHORT },
};

TEST(http1_names_every_fault_whatever_the_pieces)
{
        for (size_t i = 0; i < COUNT(faults); i++)
                for (size_t piece = 0; piece < 8; piece++) {
                        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                        Outcome out = read_answer(arena, span_of(faults[i].text),
                                                  (Reading){ .piece = piece, .close = true });

                        if (out.last == HTTP1_BAD && out.answer.fault == faults[i].fault)
                                continue;
                        if (strlen(faults[i].text) == 0 && http1_end(&out.answer) == HTTP1_BAD)
                                assert_int_equal(out.answer.fault, HTTP1_FAULT_CLOSED);
                        else
                                fail_msg("'%s': %s", faults[i].text,
                                         http1_fault_text((Http1Fault)out.answer.fault));
                }
}

static Http1Fault fault_of(Span text, size_t piece)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Outcome out = read_answer(arena, text, (Reading){ .piece = piece, .close = true });

        assert_int_equal(out.last, HTTP1_BAD);
        return (Http1Fault)out.answer.fault;
}

TEST(http1_has_ceilings_for_heads_fields_and_chunk_lines)
{
        static const size_t pieces[] = { 0, 1, 1000, 5000 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));

        for (size_t i = 0; i < COUNT(pieces); i++) {
                Buf b = buf_in(arena, KiB(256));

                buf_text(&b, "HTTP/1.1 200 OK\r\nA: ");
                buf_repeat(&b, 'x', HTTP1_MAX_HEAD);
                assert_int_equal(fault_of(buf_span(&b), pieces[i]), HTTP1_FAULT_HEAD_SIZE);
                buf_clear(&b);
                buf_text(&b, "HTTP/1.1 200 ");
                buf_repeat(&b, 'x', HTTP1_MAX_HEAD);
                assert_int_equal(fault_of(buf_span(&b), pieces[i]), HTTP1_FAULT_HEAD_SIZE);
                buf_clear(&b);
                buf_text(&b, "HTTP/1.1 200 OK\r\n");
                for (int n = 0; n <= HTTP1_MAX_FIELDS; n++)
                        buf_text(&b, "A: b\r\n");
                assert_int_equal(fault_of(buf_span(&b), pieces[i]), HTTP1_FAULT_FIELD_COUNT);
                buf_clear(&b);
                buf_text(&b, CHUNKED "5;");
                buf_repeat(&b, 'x', HTTP1_MAX_CHUNK_LINE);
                assert_int_equal(fault_of(buf_span(&b), pieces[i]), HTTP1_FAULT_CHUNK_SIZE);
                buf_clear(&b);
                buf_text(&b, CHUNKED "0\r\nA:");
                buf_repeat(&b, 'x', HTTP1_MAX_HEAD);
                assert_int_equal(fault_of(buf_span(&b), pieces[i]), HTTP1_FAULT_TRAILER);
        }
}

TEST(http1_fails_cleanly_when_the_arena_is_full)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(20));
        AUTO(arena_freep) Arena *texts = arena_new(MiB(1));
        Buf b = buf_in(texts, KiB(60));
        Span in, piece;
        Http1 p;

        buf_text(&b, "HTTP/1.1 200 OK\r\nA: ");
        buf_repeat(&b, 'x', KiB(50));
        http1_init(&p, arena);
        in = buf_span(&b);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_BAD);
        assert_int_equal(p.fault, HTTP1_FAULT_HEAD_SIZE);
}

TEST(http1_can_be_used_again_after_a_fault)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span in = SPAN("HTTP/1.1 200 OK\r\npartial"), piece;
        Http1 p;

        http1_init(&p, arena);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_MORE);
        assert_int_equal(http1_end(&p), HTTP1_BAD);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_BAD);
        http1_begin(&p, false);
        in = SPAN("HTTP/1.1 204 No\r\n\r\n");
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_HEAD);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_DONE);
        assert_int_equal(p.status, 204);
}

TEST(http1_lets_a_body_be_skipped)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span in = SPAN("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nab"), piece;
        Http1 p;

        http1_init(&p, arena);
        assert_int_equal(http1_body_left(&p), 0);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_HEAD);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_BODY);
        assert_int_equal(http1_body_left(&p), 999998);
        http1_skip(&p, 999997);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_MORE);
        http1_skip(&p, 1);
        assert_int_equal(http1_next(&p, &in, &piece), HTTP1_DONE);
        assert_int_equal(p.body_bytes, 1000000);
}

TEST(http1_every_fault_has_a_text_and_a_class)
{
        for (int i = 1; i < HTTP1_FAULT_COUNT_; i++) {
                assert_true(strlen(http1_fault_text((Http1Fault)i)) > 10);
                assert_int_not_equal(http1_fault_class((Http1Fault)i), HTTP1_CLASS_NONE);
        }
}
