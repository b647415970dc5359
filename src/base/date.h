#pragma once
/* Dates that people write, into nanoseconds since 1970 (UTC).
 *
 *         date_parse(SPAN("2027-01-31"), &ns, err);                    // the start of that day
 *         moment_parse(SPAN("2024.01.01 3:00:00 +0100"), &ns, err);    // a day, perhaps a time
 *
 * A day is YEAR-MONTH-DAY, with '-', '.' or '/' twice; a time is HOUR:MINUTE, with or without
 * :SECOND and its fraction, after a 'T' or spaces; a zone is Z, UTC, +HH, +HHMM or +HH:MM, and
 * UTC when it is left out. Years from 1970 to 2500: what does not exist (30 February) is an error.
 */

#include "base/span.h"

#define NS_PER_DAY (UINT64_C(86400) * NS_PER_S)

int date_parse(Span text, uint64_t *ret_ns, Error *err);
int moment_parse(Span text, uint64_t *ret_ns, Error *err);
