#pragma once
/* JSON: a reader that says where it stumbled, and a writer that cannot produce bad JSON.
 *
 * Reader: RFC 8259 with two allowances that people's budget files need, line and block comments
 * and trailing commas, both refused in strict mode. Depth and size have ceilings. Duplicate keys
 * are errors. Invalid UTF-8 and lone surrogates are errors.
 *
 * Writer:
 *         JsonWriter w = json_to(&buf, true);
 *         json_open_object(&w);
 *         json_key(&w, "p99_ns"); json_u64(&w, 1234);
 *         json_close_object(&w);
 *
 * Strings are escaped; bytes that are not UTF-8 become U+FFFD; NaN and infinity become null.
 * Numbers print with the fewest digits that read back equal. A value without its key, a key in an
 * array or a close without its open is a bug of ours and aborts.
 */

#include "base/buf.h"
#include "base/value.h"

#define JSON_MAX_DEPTH 64
#define JSON_MAX_BYTES GiB(1)

/* The tree refers to `text` for strings without escapes: keep it as long as the document. */
int json_parse(Span text, const char *name, Arena *arena, Document *ret, Error *err);
int json_parse_strict(Span text, const char *name, Arena *arena, Document *ret, Error *err);

typedef struct JsonWriter {
        Buf *out;
        unsigned depth;
        bool pretty; /* two spaces a level; else one line */
        bool after_key;
        uint64_t has_items; /* bit per depth */
        uint64_t is_object; /* bit per depth */
} JsonWriter;

JsonWriter json_to(Buf *out, bool pretty);
void json_open_object(JsonWriter *w);
void json_close_object(JsonWriter *w);
void json_open_array(JsonWriter *w);
void json_close_array(JsonWriter *w);
void json_key(JsonWriter *w, const char *key);
void json_key_span(JsonWriter *w, Span key);
void json_span(JsonWriter *w, Span text);
void json_text(JsonWriter *w, const char *text); /* NULL writes null */
void json_u64(JsonWriter *w, uint64_t n);
void json_i64(JsonWriter *w, int64_t n);
void json_double(JsonWriter *w, double n);
void json_bool(JsonWriter *w, bool b);
void json_null(JsonWriter *w);
