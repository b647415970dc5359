#pragma once
/* A JSON string, for files that are written piece by piece without a JsonWriter: profiles have
 * millions of numbers and few levels. */

#include "base/json.h"

static inline void json_text_put(Buf *out, Span text)
{
        JsonWriter w = json_to(out, false);

        json_span(&w, text);
}
