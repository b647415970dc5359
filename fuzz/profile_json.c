/* Profiles in JSON: every reader takes it or refuses it with a message. */

#include "profile_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const formats[] = { "cpuprofile", "heapprofile", "speedscope",
                                               "chrome-trace", "firefox" };

        read_with(formats, COUNT(formats), (Span){ (const char *)data, size });
        return 0;
}
