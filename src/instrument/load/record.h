#pragma once
/* From the threads' counts to a Recording: totals, endpoints, distributions, series, notes. */

#include "instrument/load/worker.h"

typedef struct LoadResult {
        const LoadShared *shared;
        Worker *const *workers;
        unsigned n_workers;
        uint64_t wall_ns; /* the traffic's start since 1970 */
        bool stopped_early;
} LoadResult;

int load_record(const LoadResult *result, Arena *arena, Recording **ret, Error *err);
