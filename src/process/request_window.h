#pragma once
/* One request of a workload driven alone for one window: what a block of a service is made of. */

#include "process/config.h"

typedef struct RequestWindow {
        double latency_p50_ns;
        uint64_t requests, errors; /* errors: failed, or answered 4xx or 5xx */
} RequestWindow;

/* A window without an answer is repeated and longer: the machine may have stood still, or an
 * answer takes more than a window. ERR_TIMEOUT or ERR_FAILED when none comes at all. */
int request_window(const WorkloadConfig *workload, const LoadRequest *request, Arena *scratch,
                   RequestWindow *ret, Error *err);
/* How it is called in tables: its name, or method and URL. */
Span request_title(const LoadRequest *request, Arena *arena);
