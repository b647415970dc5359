#include "instrument/load/thread_cost.h"

#include "base/span.h"

#include <fcntl.h>
#include <unistd.h>

static uint64_t runqueue_ns(void)
{
        AUTO(closep) int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
        uint64_t waited_ns = 0;
        char text[128];
        Span rest, word;
        ssize_t n;

        if (fd < 0)
                return 0;
        n = read(fd, text, sizeof(text));
        if (n <= 0)
                return 0;
        rest = (Span){ text, (size_t)n };
        if (span_next_word(&rest, &word) && span_next_word(&rest, &word))
                if (span_to_u64(word, &waited_ns, NULL) < 0)
                        return 0;
        return waited_ns;
}

ThreadCost thread_cost(void)
{
        struct timespec t = { 0 };

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (ThreadCost){ .cpu_ns = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec,
                             .runqueue_ns = runqueue_ns() };
}
