#pragma once
/* Adding an exception to a file that people review: their words and comments stay as they are.
 *
 *         ExceptionDraft draft = { .metric = def, .subject = subject, .revision = hash,
 *                                  .owner = owner, .reason = reason };
 *         exceptions_extend(text, "performance-exceptions.yaml", &draft, arena, &more, err);
 *
 * The item goes behind the last one of the list, as far indented as that. The result is read back
 * before it is returned: it holds what was there and the new item, or it is refused, with a word
 * on what to write by hand.
 */

#include "analysis/exception.h"

typedef struct ExceptionDraft {
        const MetricDef *metric;
        Span subject; /* empty: all; taken letter by letter, but for a star in it */
        Span owner, reason;
        Span revision; /* a level that is accepted */
} ExceptionDraft;

/* `text` may be empty: a new file. */
int exceptions_extend(Span text, const char *name, const ExceptionDraft *draft, Arena *arena,
                      Span *ret, Error *err);
