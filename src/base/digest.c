#include "base/digest.h"

#include <nettle/sha2.h>

void digest_hex(Span bytes, char ret[static DIGEST_SIZE])
{
        static const char digits[] = "0123456789abcdef";
        uint8_t hash[SHA256_DIGEST_SIZE];
        struct sha256_ctx ctx;

        sha256_init(&ctx);
        sha256_update(&ctx, bytes.len, (const uint8_t *)bytes.ptr);
        sha256_digest(&ctx, sizeof(hash), hash);
        for (size_t i = 0; i < sizeof(hash); i++) {
                ret[2 * i] = digits[hash[i] >> 4];
                ret[2 * i + 1] = digits[hash[i] & 15];
        }
        ret[DIGEST_SIZE - 1] = '\0';
}
