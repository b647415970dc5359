#pragma once
/* Numbers and quantities as tools print them for people: "1,234.5", "509.44us", "1m40.5s", "-nan".
 *
 * Each text_take_...() reads from the start of *rest, past white space, and leaves *rest behind
 * what it read; false, with *rest as it was, when there is no such thing. A comma belongs to a
 * number when exactly three digits follow it. What is not finite ("NaN", "inf") is no number.
 */

#include "base/span.h"

bool text_take_number(Span *rest, double *ret);
/* "ms", "ops/sec", "%": up to white space, a comma or a closing bracket; empty when none. */
Span text_take_unit(Span *rest);
/* A number and its unit of time, several of them in a row: "1m40.5s", "3 ms", "24us". */
bool text_take_duration(Span *rest, double *ret_ns);
/* "29.92MB", "15.4 kB", "111 B", "1.5M": what `kilo` (1000 or 1024) is one k; KiB is always 1024.
 */
bool text_take_size(Span *rest, double kilo, double *ret_bytes);
/* The whole text is a number. */
bool text_number(Span text, double *ret);
/* The same, with a comma for the decimal point too: "0,317". */
bool text_number_comma(Span text, double *ret);
/* k, M, G, T, P, E and Ki, Mi ...: what one is in ones; 0 for another text, 1 for the empty. */
double text_multiplier(Span suffix, double kilo);
/* "NaN", "-nan", "inf", "Infinity": a number that is none. */
bool text_is_not_finite(Span text);
