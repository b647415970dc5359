/* Binary profiles, and the texts that have lines of their own. */

#include "profile_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const formats[] = { "pprof", "pprof-cpu", "pprof-text", "pstats",
                                               "jfr",   "callgrind", "v8log" };

        read_with(formats, COUNT(formats), (Span){ (const char *)data, size });
        return 0;
}
