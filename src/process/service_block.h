#pragma once
/* One block of one version of a service: started anew (so that memory layout varies), warmed up,
 * each request of the workload driven alone for a window, stopped. */

#include "process/config.h"

typedef struct ServiceBlockPlan {
        const Config *config;
        const char *dir; /* of the built version */
        const char *log_path;
} ServiceBlockPlan;

typedef struct ServiceBlock {
        double *latency_p50_ns; /* of each request; the caller's, n_requests long */
        double peak_rss_bytes;
        uint64_t requests, errors; /* over all requests */
} ServiceBlock;

/* Fails when the version does not start, ends while it is measured, or does not answer. */
int service_block(const ServiceBlockPlan *plan, ServiceBlock *block, Error *err);
