#pragma once
/* Small profiles of every format, made by hand, for the tests: what they hold is written beside
 * them in profile_samples.c. */

#include "base/span.h"

typedef struct FormatSample {
        const char *format; /* of formats.c */
        Span (*make)(Arena *arena);
        const char *collapsed; /* the shown profile, weights as counts */
} FormatSample;

extern const FormatSample format_samples[];
extern const size_t n_format_samples;

Span format_sample(const char *format, Arena *arena);
