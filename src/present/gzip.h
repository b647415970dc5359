#pragma once
/* Bytes as a gzip file, without a name or a time in it: equal input gives equal output. */

#include "base/buf.h"

int gzip_put(Buf *out, Span bytes, Error *err);
