#pragma once
/* SHA-256 as lower-case hexadecimal: names of blobs, links of the journal, ids of machines. */

#include "base/span.h"

#define DIGEST_SIZE 65 /* with the NUL */
void digest_hex(Span bytes, char ret[static DIGEST_SIZE]);
