#include "instrument/load/load.h"
#include "command/measuring.h"
#include "present/view.h"
#include "process/serving.h"

typedef struct LoadOpts {
        uint64_t connections, duration_ns, warmup_ns, timeout_ns, requests, redirects, threads;
        double rate;
        const char *method, *body, *label;
        TextList headers;
        bool keepalive, save;
} LoadOpts;

static const Option load_options[] = {
        { "connections", 'c', OPT_COUNT, FIELD(LoadOpts, connections), "N", "10",
          "keep N connections busy (closed model)", .min = 1, .max = 100000 },
        { "rate", 'r', OPT_RATE, FIELD(LoadOpts, rate), "N/s", NULL,
          "send N requests a second whatever the server does (open model)" },
        { "duration", 'd', OPT_DURATION, FIELD(LoadOpts, duration_ns), "TIME", "10s",
          "measure for TIME after the warm-up" },
        { "warmup", 'w', OPT_DURATION, FIELD(LoadOpts, warmup_ns), "TIME", "1s",
          "send for TIME first, without counting" },
        { "requests", 'n', OPT_COUNT, FIELD(LoadOpts, requests), "N", NULL,
          "stop after N counted requests" },
        { "timeout", 't', OPT_DURATION, FIELD(LoadOpts, timeout_ns), "TIME", "10s",
          "give a request up after TIME" },
        { "method", 'X', OPT_TEXT, FIELD(LoadOpts, method), "NAME", "GET", "request method" },
        { "header", 'H', OPT_LIST, FIELD(LoadOpts, headers), "\"NAME: VALUE\"", NULL,
          "send this header" },
        { "body", 0, OPT_TEXT, FIELD(LoadOpts, body), "TEXT", NULL, "send this body" },
        { "redirects", 0, OPT_COUNT, FIELD(LoadOpts, redirects), "N", "0",
          "follow at most N redirects", .max = 50 },
        { "threads", 0, OPT_COUNT, FIELD(LoadOpts, threads), "N", NULL,
          "generator threads (default: one per 256 connections)", .max = 1024 },
        { "keepalive", 0, OPT_FLAG, FIELD(LoadOpts, keepalive), NULL, "true",
          "reuse connections; --no-keepalive opens one a request" },
        { "label", 0, OPT_TEXT, FIELD(LoadOpts, label), "NAME", NULL, "name the run" },
        { "save", 0, OPT_FLAG, FIELD(LoadOpts, save), NULL, "true",
          "store the run; --no-save only prints it" },
};

static LoadRequest *requests_of(Context *ctx, const LoadOpts *opts, const TextList *urls)
{
        LoadRequest *requests = new (ctx->arena, LoadRequest, urls->len);
        const char **headers = new (ctx->arena, const char *, opts->headers.len + 1);

        for (size_t i = 0; i < opts->headers.len; i++)
                headers[i] = opts->headers.items[i];
        for (size_t i = 0; i < urls->len; i++)
                requests[i] = (LoadRequest){ .url = span_of(urls->items[i]),
                                             .method = span_of(opts->method),
                                             .body = span_of(opts->body),
                                             .headers = headers };
        return requests;
}

static int load_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const LoadOpts *opts = opts_struct;
        LoadPlan plan = { .requests = requests_of(ctx, opts, args),
                          .n_requests = args->len,
                          .connections = (unsigned)opts->connections,
                          .threads = (unsigned)opts->threads,
                          .rate_per_s = opts->rate,
                          .duration_ns = opts->duration_ns,
                          .warmup_ns = opts->warmup_ns,
                          .max_requests = opts->requests,
                          .timeout_ns = opts->timeout_ns,
                          .max_redirects = (unsigned)opts->redirects,
                          .no_keepalive = !opts->keepalive };
        Target target;
        Span why; /* its process is not known; then it counts as noise */
        int r = serving_target(span_of(args->items[0]), ctx->arena, &target, &why, err);

        if (r < 0)
                return r;
        return measuring_run(ctx,
                             &(Measuring){ .instrument = &load_instrument,
                                           .plan = &plan,
                                           .target = &target,
                                           .ends = true,
                                           .label = opts->label,
                                           .no_store = !opts->save,
                                           .view = view_load_run },
                             NULL, err);
}

static const Example examples[] = {
        { "hone load http://127.0.0.1:8080/", "10 connections for 10 seconds" },
        { "hone load --rate 500/s -d 30s URL", "500 requests a second, latency from the time each "
                                               "was due" },
        { "hone load URL1 URL2 URL3", "a mix of several, with a row for each" },
};

const Command load_command = {
        .name = "load",
        .group = "measure",
        .args = "URL...",
        .summary = "send HTTP requests and measure latency and throughput",
        .description =
                "Closed model: each connection sends its next request when the answer is there. "
                "With --rate the model is open: requests are due at fixed times, and latency "
                "counts from when a request was due, so that a stalled server cannot hide.\n\n"
                "Several URLs are asked in turn and reported one by one and together.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = load_options,
        .n_options = COUNT(load_options),
        .opts_size = sizeof(LoadOpts),
        .min_args = 1,
        .max_args = 1000,
        .run = load_run,
};
