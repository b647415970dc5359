/* Sides that answer HTTP: services that run already, and revisions built from a repository whose
 * hone.yaml says how to start them. */

#include "base/fs.h"
#include "process/ab_int.h"
#include "process/ab_revision.h"
#include "process/request_window.h"
#include "process/service_block.h"

static int put(Ab *ab, size_t side, size_t block, MetricId metric, Span subject, double value,
               Error *err)
{
        return ab_table_put(&ab->table, side, block, metric, subject, ab_is_judged(ab, metric),
                            value, err);
}

/* --- two URLs --- */

static int url_open(Ab *ab, Error *err)
{
        (void)ab;
        (void)err;
        return 0;
}

static int url_measure(Ab *ab, size_t side, size_t block, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        LoadRequest request = { .url = span_of(ab->plan->sides[side]) };
        RequestWindow window;
        int r = request_window(&ab->plan->config->workload, &request, scratch, &window, err);

        if (r == 0)
                r = put(ab, side, block, METRIC_LATENCY_P50, SPAN(""), window.latency_p50_ns, err);
        if (r == 0 && window.requests)
                r = put(ab, side, block, METRIC_ERROR_RATE, SPAN(""),
                        (double)window.errors / (double)window.requests, err);
        return r;
}

const AbRig ab_service_rig = { .open = url_open, .measure = url_measure };

/* --- two revisions of a service --- */

static int revision_open(Ab *ab, Error *err)
{
        int r = config_need_service(ab->plan->config, "comparing revisions without a command", err);

        return r < 0 ? r : ab_revisions_open(ab, err);
}

static int put_block(Ab *ab, size_t side, size_t block, const ServiceBlock *measured, Error *err)
{
        const WorkloadConfig *w = &ab->plan->config->workload;
        int r = 0;

        for (size_t i = 0; r == 0 && i < w->n_requests; i++)
                r = put(ab, side, block, METRIC_LATENCY_P50,
                        request_title(&w->requests[i], ab->arena), measured->latency_p50_ns[i],
                        err);
        if (r == 0)
                r = put(ab, side, block, METRIC_MEMORY, SPAN(""), measured->peak_rss_bytes, err);
        return r;
}

static int revision_measure(Ab *ab, size_t side, size_t block, Error *err)
{
        const Config *config = ab->plan->config;
        const AbRevisions *revisions = ab->revisions;
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(4));
        ServiceBlock measured = { .latency_p50_ns =
                                          new (scratch, double, config->workload.n_requests) };
        int r = service_block(&(ServiceBlockPlan){ .config = config,
                                                   .dir = revisions->dirs[side],
                                                   .log_path = revisions->logs[side] },
                              &measured, err);

        return r < 0 ? r : put_block(ab, side, block, &measured, err);
}

const AbRig ab_revision_service_rig = { .open = revision_open,
                                        .measure = revision_measure,
                                        .close = ab_revisions_close };
