#pragma once
/* Files carried inside the program: rules, scripts, migrations; made by tools/embed.py. */

#include "base/span.h"

typedef struct EmbeddedFile {
        const char *name; /* without folders; NULL closes a list */
        Span bytes;       /* followed by a NUL that is not counted */
} EmbeddedFile;
