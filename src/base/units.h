#pragma once
/* Quantities between people and the program: "250ms", "1.5GiB", "500/s", "2%".
 *
 * Parsing takes a number and a unit without a space or with one; the error names the units that
 * are accepted. Formatting picks the unit that leaves one to three digits before the point, with
 * three significant digits, and always prints the unit ("1.25 ms", "64 MiB", "812 req/s").
 */

#include "base/buf.h"

/* ns us ms s m h d, "1m30s", "1.5s"; a bare number is refused, except "0" */
int duration_parse(Span text, uint64_t *ret_ns, Error *err);
/* B kB MB GB TB, KiB MiB GiB TiB; K M G T mean KiB ...; no unit: bytes */
int size_parse(Span text, uint64_t *ret_bytes, Error *err);
int count_parse(Span text, uint64_t *ret, Error *err);    /* whole: "100", "10k", "2M", "1.5k" */
int rate_parse(Span text, double *ret_per_s, Error *err); /* "500", "500/s", "30/m", "2k/s" */
/* "2%" -> 0.02, "0.02" -> 0.02; a bare "5" could mean 5 % or 500 % and is refused */
int percent_parse(Span text, double *ret_ratio, Error *err);

/* What numbers mean: one list gives the enum, the name in JSON and the printer. */
#define UNITS(X)                                       \
        X(NONE, "")                                    \
        X(NS, "ns") /* durations are nanoseconds */    \
        X(BYTES, "bytes")                              \
        X(RATIO, "ratio") /* 0.25 prints as 25 % */    \
        X(COUNT, "count")                              \
        X(PER_S, "per_s")                              \
        X(BYTES_PER_S, "bytes_per_s")                  \
        X(CORES, "cores") /* CPU seconds per second */ \
        X(NS_PER_OP, "ns_per_op")

typedef enum Unit {
#define X(id, name) UNIT_##id,
        UNITS(X)
#undef X
                UNIT_COUNT_,
} Unit;

const char *unit_name(Unit unit);
int unit_from_name(Span name, Unit *ret, Error *err);
/* "1.25 ms", "64.0 MiB", "12.5 %", "812/s"; NaN prints as "-". Never locale dependent. */
void unit_format(Buf *out, Unit unit, double value);
char *unit_text(Arena *arena, Unit unit, double value);
/* Relative change as people read it: "-73 %", "+286 %", "x3.9" is never used. */
void percent_format(Buf *out, double ratio_change);
