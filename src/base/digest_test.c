#include "base/digest.h"

#include "harness.h"

/* The examples of FIPS 180-4 and the empty message. */
TEST(digest_agrees_with_the_published_examples)
{
        char hex[DIGEST_SIZE];

        digest_hex((Span){ 0 }, hex);
        assert_string_equal(hex,
                            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        digest_hex(SPAN("abc"), hex);
        assert_string_equal(hex,
                            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        digest_hex(SPAN("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
        assert_string_equal(hex,
                            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(digest_of_a_million_letters)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(2));
        char *text = new (arena, char, 1000000), hex[DIGEST_SIZE];

        for (size_t i = 0; i < 1000000; i++)
                text[i] = 'a';
        digest_hex((Span){ text, 1000000 }, hex);
        assert_string_equal(hex,
                            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
