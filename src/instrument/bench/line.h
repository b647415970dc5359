#pragma once
/* Splitting a command line into words as a shell quotes, without a shell.
 *
 *         r = line_split(span_of("grep -c 'two words' \"my file\""), arena, &argv, err);
 *
 * 'Single quotes' keep everything, "double quotes" everything but a backslash before \ " $ ` or the
 * end of the line, and a backslash outside quotes keeps the character after it. Nothing is
 * expanded: what a shell would act on there ($NAME ` | & ; < > ( ) * ? [a] ~ # and NAME=value
 * before the command) is an error that names the place and tells to use --shell. Grammar: POSIX
 * Shell Command Language, 2.2 (quoting), 2.3 (words), 2.6 (what would be expanded).
 */

#include "base/span.h"

#define LINE_WORDS_MAX 4096
#define LINE_BYTES_MAX MiB(1)

/* At least one word, NULL-terminated, in the arena. ERR_USAGE otherwise. */
int line_split(Span line, Arena *arena, const char *const **ret_argv, Error *err);
