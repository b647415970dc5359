#pragma once
/* The payload of one log line: base64 of a V2 compressed histogram, both ways, streamed. */

#include "stats/hdrlog.h"

#define HDR_COOKIE_PLAIN UINT32_C(0x1c849303)
#define HDR_COOKIE_ZLIB UINT32_C(0x1c849304)
#define HDR_COOKIE_WORD_SIZE UINT32_C(0x10) /* set when written, ignored when read */
#define HDR_COOKIE_WORD_MASK UINT32_C(0xf0)
#define HDR_WRAPPER_SIZE 8 /* cookie, compressed length */
#define HDR_HEADER_SIZE 40

int hdrlog_encode(const Hist *h, Buf *out, Error *err);
