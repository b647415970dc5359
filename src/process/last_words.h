#pragma once
/* What a program said last on standard error, for the message that says how it ended.
 *
 *         LastWords words;
 *         r = last_words_open(arena, &words, err);        // closed with the arena
 *         plan.error_path = words.path;                   // written from the beginning each time
 *         ... last_words_of(&words, sample.output, scratch)
 */

#include "base/span.h"

typedef struct LastWords {
        int fd; /* a file in memory */
        const char *path;
} LastWords;

int last_words_open(Arena *arena, LastWords *ret, Error *err);
/* The last line that is not blank, of its errors or else of `output`; cut to fit a message. */
Span last_words_of(const LastWords *words, Span output, Arena *scratch);
