#include "harness.h"

#include "stats/base64.h"

static Span encoded(Arena *arena, const char *text, size_t piece)
{
        Buf out = buf_in(arena, KiB(1));
        Base64Writer writer = { .out = &out };
        Span rest = span_of(text);

        while (rest.len) {
                base64_put(&writer, rest.ptr, MIN(piece, rest.len));
                rest = span_from(rest, piece);
        }
        base64_end(&writer);
        return buf_span(&out);
}

/* The test vectors of RFC 4648. */
static const char *const vectors[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
};

TEST(base64_writes_the_vectors_of_its_rfc)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));

        for (size_t i = 0; i < COUNT(vectors); i++)
                for (size_t piece = 1; piece <= 7; piece++)
                        assert_span(encoded(arena, vectors[i][0], piece), vectors[i][1]);
}

TEST(base64_reads_the_vectors_of_its_rfc)
{
        Error err = { 0 };

        for (size_t i = 1; i < COUNT(vectors); i++) {
                Span rest = span_of(vectors[i][1]);
                unsigned char bytes[16] = { 0 };
                size_t size;

                assert_ok(base64_size(rest, &size, &err), err);
                assert_int_equal(size, span_of(vectors[i][0]).len);
                assert_int_equal(base64_take(&rest, bytes, sizeof(bytes), &err), size);
                assert_memory_equal(bytes, vectors[i][0], size);
                assert_int_equal(rest.len, 0);
        }
}

TEST(base64_reads_in_pieces)
{
        Span rest = SPAN("Zm9vYmFy");
        unsigned char bytes[4];
        Error err = { 0 };

        assert_int_equal(base64_take(&rest, bytes, 4, &err), 3);
        assert_memory_equal(bytes, "foo", 3);
        assert_int_equal(base64_take(&rest, bytes, 2, &err), 0);
        assert_int_equal(base64_take(&rest, bytes, 3, &err), 3);
        assert_memory_equal(bytes, "bar", 3);
        assert_int_equal(base64_take(&rest, bytes, 3, &err), 0);
}

TEST(base64_refuses_what_is_not)
{
        static const char *const bad[] = {
                "Zm9*", "Zg==Zg==", "Z===", "====", "Zm=v", "Zm9v\n123"
        };
        unsigned char bytes[16];
        Error err = { 0 };
        size_t size;

        for (size_t i = 0; i < COUNT(bad); i++) {
                Span rest = span_of(bad[i]);

                assert_fails((int)base64_take(&rest, bytes, sizeof(bytes), &err), err, ERR_INPUT);
        }
        assert_fails(base64_size(SPAN("Zm9"), &size, &err), err, ERR_INPUT);
        assert_fails(base64_size(SPAN(""), &size, &err), err, ERR_INPUT);
}
