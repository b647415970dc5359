/* Every format that profiles are written in: a file and a row here. */

#include "present/profile_export.h"

/* clang-format off */
#define WRITERS(X)      \
        X(callgrind)    \
        X(chrome_trace) \
        X(collapsed)    \
        X(firefox)      \
        X(pprof)        \
        X(speedscope)   \
        X(svg)
/* clang-format on */

#define X(name) extern const ProfileWriter name##_profile_writer;
WRITERS(X)
#undef X

const ProfileWriter *const profile_writers[] = {
#define X(name) &name##_profile_writer,
        WRITERS(X)
#undef X
                NULL,
};

const ProfileWriter *profile_writer_find(Span name)
{
        for (const ProfileWriter *const *w = profile_writers; *w; w++)
                if (span_is(name, (*w)->name))
                        return *w;
        return NULL;
}
