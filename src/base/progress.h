#pragma once
/* One line of progress for long work: redrawn on a terminal, silent in a pipe.
 *
 *         Progress p = progress_to(stderr, os, quiet);
 *         progress_show(&p, "load %u/%u s  %s/s", at, total, rate);
 *         progress_clear(&p);        // before anything else is printed
 */

#include "base/os.h"

typedef struct Progress {
        FILE *out; /* NULL: silent */
        const Os *os;
        uint64_t last_ns;
        bool shown;
        int width; /* columns */
} Progress;

Progress progress_to(FILE *out, const Os *os, bool quiet);
void progress_show(Progress *p, const char *format, ...) PRINTF(2, 3); /* at most 10 a second */
void progress_clear(Progress *p);
