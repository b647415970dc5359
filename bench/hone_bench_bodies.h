/* What hone_bench.h and its peers measure, the very same machine code: it is compiled once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { BODY_BYTES = 4096 };
extern unsigned char body_data[BODY_BYTES], body_target[BODY_BYTES];

uint64_t body_mix(uint64_t x); /* about a nanosecond */
uint64_t body_hash(void);      /* some microseconds */
void body_copy(void);          /* some tens of nanoseconds */
#ifdef __cplusplus
}
#endif
