#pragma once
/* One chunk of a Java Flight Recording: its types, its constants, and the events between them.
 *
 *         JfrChunk c;
 *         r = jfr_chunk(&in, file, offset, &c);
 *         JfrCursor at = jfr_events(&c);
 *         JfrEvent e;
 *         while (jfr_next_event(&c, &at, &e))
 *                 if (e.type == wanted)
 *                         r = jfr_fields(&c, type, &e.fields, values, COUNT(values));
 *
 * A chunk describes itself: a metadata event lists the types with their fields, checkpoint events
 * hold the constants (threads, methods, stacks) that fields point at by number. Numbers are LEB128
 * of at most nine bytes, or fixed and big-endian when the chunk says so. Format: the JDK's
 * jdk.jfr.internal.consumer, versions 1 and 2.
 */

#include "import/profile/intake.h"

#define JFR_HEADER_BYTES 68
#define JFR_FIELDS 64 /* of one type */

typedef struct JfrCursor {
        const char *at, *end;
        bool bad;
} JfrCursor;

typedef struct JfrField {
        Span name;
        uint64_t type;
        bool pooled, array;
} JfrField;

typedef struct JfrType {
        uint64_t id;
        Span name;
        uint32_t first_field, n_fields;
        Map pool; /* offset in the chunk by key, plus 1 */
} JfrType;

typedef struct JfrChunk {
        Intake *in;
        Span bytes;
        uint64_t offset; /* in the file */
        bool compressed, cut;
        uint64_t start_ns, duration_ns, start_ticks, ticks_per_s;
        VEC(Span) strings; /* of the metadata */
        VEC(JfrType) types;
        VEC(JfrField) fields;
        Map type_ids;
} JfrChunk;

typedef struct JfrEvent {
        uint64_t type;
        JfrCursor fields;
} JfrEvent;

typedef struct JfrValue {
        uint64_t number; /* or the key of a constant, or the count of an array */
        Span text;
        const char *at; /* of a struct or array */
} JfrValue;

/* Reads types and constants. ret->bytes.len leads to the next chunk. */
int jfr_chunk(Intake *in, Span file, uint64_t offset, JfrChunk *ret);
int jfr_fail(const JfrChunk *c, const char *at, const char *what);
JfrCursor jfr_events(const JfrChunk *c);
bool jfr_next_event(const JfrChunk *c, JfrCursor *at, JfrEvent *ret);

const JfrType *jfr_type(const JfrChunk *c, uint64_t id); /* NULL: there is none */
const JfrType *jfr_type_named(const JfrChunk *c, const char *name);
/* INTAKE_NONE: there is none. */
uint32_t jfr_field(const JfrChunk *c, const JfrType *type, const char *name);
/* All fields of a type; those past JFR_FIELDS are passed over. */
int jfr_fields(const JfrChunk *c, const JfrType *type, JfrCursor *at,
               JfrValue values[static JFR_FIELDS]);
/* The same for a constant; 1 when there is none. */
int jfr_constant(const JfrChunk *c, const JfrType *type, uint64_t key,
                 JfrValue values[static JFR_FIELDS]);
bool jfr_number(const JfrChunk *c, JfrCursor *at, unsigned fixed_bytes, uint64_t *ret);
