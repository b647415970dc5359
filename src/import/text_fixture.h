#pragma once
/* What the tests of the readers share: a text in, a value out, and what must hold of any text. */

#include "harness.h"

#include "import/import.h"

/* An example of fuzz/seeds/import, with a NUL behind it. */
const char *read_seed(Arena *arena, const char *file);
/* `format` NULL: detected. Fails the test when it cannot be read. */
Imported read_as(Arena *arena, const char *format, const char *text);
void assert_value(const Imported *got, MetricId metric, const char *subject, double value);
/* value, low, high and n of a summary */
void assert_summary(const Imported *got, MetricId metric, const char *subject,
                    const MetricValue *want);
void assert_samples(const Imported *got, MetricId metric, const char *subject, const double *values,
                    size_t n);
void assert_absent(const Imported *got, MetricId metric, const char *subject);
/* A line that was named as not understood. */
void assert_unknown(const Imported *got, uint64_t line, const char *why);
bool has_note(const Imported *got, const char *part);
/* The error's message holds `message`. */
void assert_refused(const char *format, const char *text, const char *message);
void assert_detected(const char *format, const char *text);
/* Cut at every byte, the text is refused or gives what the whole gives, never a torn number - or,
 * when `may_be_torn`, warns of it; and whatever bytes are changed, nothing is read beyond its ends.
 * `compare` false: names in it depend on what comes later. */
void assert_torn_safely(const char *format, const char *text, bool may_be_torn, bool compare);
/* With CR before every LF, and with colours around every word, it says the same. */
void assert_same_in_any_dress(const char *format, const char *text, bool colours);
