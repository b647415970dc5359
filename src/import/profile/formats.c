/* Every format of profiles that is read: a file and a row here. */

#include "import/profile/profile_format.h"

/* clang-format off */
#define FORMATS(X)      \
        X(callgrind)    \
        X(chrome_trace) \
        X(collapsed)    \
        X(cpuprofile)   \
        X(firefox)      \
        X(heapprofile)  \
        X(jfr)          \
        X(perf_script)  \
        X(pprof)        \
        X(pprof_cpu)    \
        X(pprof_heap)   \
        X(pstats)       \
        X(speedscope)   \
        X(v8log)
/* clang-format on */

#define X(name) extern const ProfileFormat name##_profile_format;
FORMATS(X)
#undef X

const ProfileFormat *const profile_formats[] = {
#define X(name) &name##_profile_format,
        FORMATS(X)
#undef X
                NULL,
};

const ProfileFormat *profile_format_find(Span name)
{
        for (const ProfileFormat *const *f = profile_formats; *f; f++)
                if (span_is(name, (*f)->name))
                        return *f;
        return NULL;
}
