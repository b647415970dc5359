#include "process/service_block.h"

#include "base/interrupt.h"
#include "process/request_window.h"
#include "process/service.h"

/* Every request alone; that the service ended is told before what the requests made of it. */
static int drive_all(const ServiceBlockPlan *plan, Service *service, Arena *scratch,
                     ServiceBlock *block, Error *err)
{
        const WorkloadConfig *w = &plan->config->workload;
        LoadRequest *requests = service_requests(plan->config, service->port, scratch);
        int r = 0, ended;

        for (size_t i = 0; r == 0 && i < w->n_requests; i++) {
                RequestWindow window = { 0 };

                r = request_window(w, &requests[i], scratch, &window, err);
                block->latency_p50_ns[i] = window.latency_p50_ns;
                block->requests += window.requests;
                block->errors += window.errors;
        }
        if (interrupted())
                return fail_interrupted(err);
        block->peak_rss_bytes = (double)service_peak_rss(service);
        ended = service_check(service, scratch, err);
        return ended < 0 ? ended : r;
}

int service_block(const ServiceBlockPlan *plan, ServiceBlock *block, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        Service service;
        int r;

        r = service_start(plan->config, plan->dir, plan->log_path, scratch, &service, err);
        if (r < 0)
                return r;
        r = drive_all(plan, &service, scratch, block, err);
        service_stop(&service);
        return r;
}
