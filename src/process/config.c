#include "process/config.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/units.h"
#include "base/yaml.h"

#define CONFIG_MAX_BYTES MiB(1)
#define MAX_REQUESTS 1000

typedef struct TopFields {
        Span project, budgets;
        const Value *service, *workload, *loop;
} TopFields;

static const Field top_fields[] = {
        { "project", FIELD_TEXT, offsetof(TopFields, project), false, "name in reports" },
        { "budgets", FIELD_TEXT, offsetof(TopFields, budgets), false, "budget file" },
        { "service", FIELD_VALUE, offsetof(TopFields, service), false, "how to build and run it" },
        { "workload", FIELD_VALUE, offsetof(TopFields, workload), false, "what to send" },
        { "loop", FIELD_VALUE, offsetof(TopFields, loop), false, "how to compare" },
};

static const Field service_fields[] = {
        { "build", FIELD_TEXT, offsetof(ServiceConfig, build), false, "shell command" },
        { "test", FIELD_TEXT, offsetof(ServiceConfig, test), false, "shell command" },
        { "start", FIELD_TEXT, offsetof(ServiceConfig, start), true, "shell command with {port}" },
        { "ready", FIELD_TEXT, offsetof(ServiceConfig, ready), false, "path asked until 2xx" },
        { "ready_timeout", FIELD_DURATION, offsetof(ServiceConfig, ready_timeout_ns), false, "" },
        { "test_timeout", FIELD_DURATION, offsetof(ServiceConfig, test_timeout_ns), false, "" },
        { "build_timeout", FIELD_DURATION, offsetof(ServiceConfig, build_timeout_ns), false, "" },
};

typedef struct WorkloadFields {
        WorkloadConfig config;
        const Value *requests;
} WorkloadFields;

static const Field workload_fields[] = {
        { "connections", FIELD_COUNT, offsetof(WorkloadFields, config.connections), false, "" },
        { "window", FIELD_DURATION, offsetof(WorkloadFields, config.window_ns), false, "" },
        { "warmup", FIELD_DURATION, offsetof(WorkloadFields, config.warmup_ns), false, "" },
        { "timeout", FIELD_DURATION, offsetof(WorkloadFields, config.timeout_ns), false, "" },
        { "requests", FIELD_VALUE, offsetof(WorkloadFields, requests), true, "what to ask" },
};

typedef struct RequestFields {
        Span name, method, url, body;
        const Value *headers;
        uint64_t weight;
} RequestFields;

static const Field request_fields[] = {
        { "name", FIELD_TEXT, offsetof(RequestFields, name), false, "shown in results" },
        { "method", FIELD_TEXT, offsetof(RequestFields, method), false, "GET" },
        { "url", FIELD_TEXT, offsetof(RequestFields, url), true, "path or whole URL" },
        { "body", FIELD_TEXT, offsetof(RequestFields, body), false, "" },
        { "headers", FIELD_VALUE, offsetof(RequestFields, headers), false, "map" },
        { "weight", FIELD_COUNT, offsetof(RequestFields, weight), false, "share in a mix" },
};

typedef struct LoopFields {
        LoopConfig config;
        const Value *min_effect, *tolerance, *memory_tolerance, *protect;
} LoopFields;

static const Field loop_fields[] = {
        { "pairs", FIELD_COUNT, offsetof(LoopFields, config.pairs), false, "blocks a trial" },
        { "seed", FIELD_COUNT, offsetof(LoopFields, config.seed), false, "of the block order" },
        { "alpha", FIELD_NUMBER, offsetof(LoopFields, config.alpha), false, "level of the tests" },
        { "min_effect", FIELD_VALUE, offsetof(LoopFields, min_effect), false, "5%" },
        { "tolerance", FIELD_VALUE, offsetof(LoopFields, tolerance), false, "5%" },
        { "memory_tolerance", FIELD_VALUE, offsetof(LoopFields, memory_tolerance), false, "10%" },
        { "protect", FIELD_VALUE, offsetof(LoopFields, protect), false, "paths left alone" },
};

static Config defaults(void)
{
        return (Config){
                .service = { .ready = SPAN("/"),
                             .ready_timeout_ns = 30 * NS_PER_S,
                             .test_timeout_ns = 600 * NS_PER_S,
                             .build_timeout_ns = 1800 * NS_PER_S },
                .workload = { .connections = 2,
                              .window_ns = 500 * NS_PER_MS,
                              .warmup_ns = 100 * NS_PER_MS,
                              .timeout_ns = 10 * NS_PER_S },
                .loop = { .pairs = 10,
                          .alpha = 0.05,
                          .min_effect = 0.02,
                          .tolerance = 0.05,
                          .memory_tolerance = 0.10 },
        };
}

/* A list of text as a NULL-terminated array. */
static int read_texts(const Document *doc, const Value *list, Arena *arena, const char *const **ret,
                      Error *err)
{
        const char **texts;
        size_t n = 0;
        int r = value_expect(doc, list, VALUE_LIST, err);

        if (r < 0)
                return r;
        texts = new (arena, const char *, list->count + 1);
        value_each (item, list) {
                Span text;

                r = value_to_text(doc, item, &text, err);
                if (r < 0)
                        return r;
                texts[n++] = span_text(arena, text);
        }
        *ret = texts;
        return 0;
}

static int read_headers(const Document *doc, const Value *map, Arena *arena, LoadRequest *ret,
                        Error *err)
{
        const char **lines;
        size_t n = 0;
        int r = value_expect(doc, map, VALUE_MAP, err);

        if (r < 0)
                return r;
        lines = new (arena, const char *, map->count + 1);
        value_each (item, map) {
                Span text;

                r = value_to_text(doc, item, &text, err);
                if (r < 0)
                        return r;
                if (span_contains(text, "\n") || span_contains(text, "\r"))
                        return value_fail(err, doc, item, "a header cannot hold a line break");
                lines[n++] = arena_printf(arena, "%.*s: %.*s", SPAN_ARG(item->key), SPAN_ARG(text));
        }
        ret->headers = lines;
        return 0;
}

static int read_request(const Document *doc, const Value *at, Arena *arena, LoadRequest *ret,
                        Error *err)
{
        RequestFields f = { .weight = 1 };
        int r = value_read_fields(doc, at, request_fields, COUNT(request_fields), &f, err);

        if (r < 0)
                return r;
        if (f.weight == 0 || f.weight > 1000)
                return value_fail(err, doc, value_get(at, "weight"), "a weight is 1 to 1000");
        *ret = (LoadRequest){ .name = f.name,
                              .method = f.method,
                              .url = f.url,
                              .body = f.body,
                              .weight = (unsigned)f.weight };
        return f.headers ? read_headers(doc, f.headers, arena, ret, err) : 0;
}

static int read_workload(const Document *doc, const Value *at, Arena *arena, WorkloadConfig *ret,
                         Error *err)
{
        WorkloadFields f = { .config = *ret };
        int r = value_read_fields(doc, at, workload_fields, COUNT(workload_fields), &f, err);

        if (r < 0)
                return r;
        r = value_expect(doc, f.requests, VALUE_LIST, err);
        if (r < 0)
                return r;
        if (f.requests->count == 0 || f.requests->count > MAX_REQUESTS)
                return value_fail(err, doc, f.requests, "1 to %d requests, not %zu", MAX_REQUESTS,
                                  f.requests->count);
        if (f.config.connections == 0 || f.config.window_ns == 0)
                return value_fail(err, doc, at, "connections and window must be above 0");
        f.config.requests = new (arena, LoadRequest, f.requests->count);
        value_each (item, f.requests) {
                r = read_request(doc, item, arena, &f.config.requests[f.config.n_requests], err);
                if (r < 0)
                        return r;
                f.config.n_requests++;
        }
        *ret = f.config;
        return 0;
}

/* "5%" or 0.05; above 0 and below 1. */
static int read_share(const Document *doc, const Value *at, double *ret, Error *err)
{
        Error why = { 0 };
        double share;

        if (!at)
                return 0;
        if (percent_parse(at->text, &share, &why) < 0)
                return value_fail(err, doc, at, "%s", why.message);
        if (!(share >= 0 && share < 1))
                return value_fail(err, doc, at, "expected a share such as 5%%, below 100%%");
        *ret = share;
        return 0;
}

static int read_loop(const Document *doc, const Value *at, Arena *arena, LoopConfig *ret,
                     Error *err)
{
        LoopFields f = { .config = *ret };
        int r = value_read_fields(doc, at, loop_fields, COUNT(loop_fields), &f, err);

        if (r < 0)
                return r;
        r = read_share(doc, f.min_effect, &f.config.min_effect, err);
        if (r == 0)
                r = read_share(doc, f.tolerance, &f.config.tolerance, err);
        if (r == 0)
                r = read_share(doc, f.memory_tolerance, &f.config.memory_tolerance, err);
        if (r == 0 && f.protect)
                r = read_texts(doc, f.protect, arena, &f.config.protect, err);
        if (r < 0)
                return r;
        if (f.config.pairs < 6 || f.config.pairs > 1000)
                return value_fail(err, doc, at,
                                  "pairs: 6 to 1000 blocks; with fewer no result "
                                  "could be significant");
        if (!(f.config.alpha > 0 && f.config.alpha < 0.5))
                return value_fail(err, doc, at, "alpha: above 0 and below 0.5");
        *ret = f.config;
        return 0;
}

int config_parse(Span text, const char *name, Arena *arena, Config *ret, Error *err)
{
        Config config = defaults();
        TopFields top = { 0 };
        char digest[DIGEST_SIZE];
        Document doc;
        int r;

        r = yaml_parse(text, name, arena, &doc, err);
        if (r == 0)
                r = value_read_fields(&doc, doc.root, top_fields, COUNT(top_fields), &top, err);
        if (r == 0 && top.service)
                r = value_read_fields(&doc, top.service, service_fields, COUNT(service_fields),
                                      &config.service, err);
        if (r == 0 && top.workload)
                r = read_workload(&doc, top.workload, arena, &config.workload, err);
        if (r == 0 && top.loop)
                r = read_loop(&doc, top.loop, arena, &config.loop, err);
        if (r < 0)
                return r;
        digest_hex(text, digest);
        config.digest = span_copy(arena, span_of(digest));
        config.project = top.project;
        config.budgets = top.budgets;
        *ret = config;
        return 0;
}

int config_load(const char *from, Arena *arena, Config *ret, Error *err)
{
        Config config = defaults();
        char *dir, *path;
        Error none = { 0 };
        Span text;
        int r;

        if (path_find_up(from, "hone.yaml", arena, &dir, &none) < 0) {
                config.dir = from ? from : ".";
                *ret = config;
                return 0;
        }
        path = path_join(arena, dir, "hone.yaml");
        r = file_read(path, CONFIG_MAX_BYTES, arena, &text, err);
        if (r == 0)
                r = config_parse(text, path, arena, &config, err);
        if (r < 0)
                return r;
        config.dir = dir;
        config.path = path;
        *ret = config;
        return 0;
}

int config_need_service(const Config *config, const char *purpose, Error *err)
{
        if (!config->path) {
                fail(err, ERR_USAGE, "no hone.yaml here or above, and %s needs one", purpose);
                return fail_hint(err, "write one with: hone init");
        }
        if (config->service.start.len == 0)
                return fail(err, ERR_USAGE,
                            "%s: 'service' with 'start' is missing, and %s needs it", config->path,
                            purpose);
        if (config->workload.n_requests == 0)
                return fail(err, ERR_USAGE,
                            "%s: 'workload' with 'requests' is missing, and %s needs it",
                            config->path, purpose);
        return 0;
}

int config_need_pairs(const Config *config, Error *err)
{
        const LoopConfig *loop = &config->loop;
        double rows = (double)config->workload.n_requests + 1;
        double needed = ceil(1 + log2(rows / loop->alpha));

        if ((double)loop->pairs >= needed)
                return 0;
        fail(err, ERR_USAGE,
             "%s: with %zu requests and alpha %g, %lu pairs could not show any change",
             config->path, config->workload.n_requests, loop->alpha, (unsigned long)loop->pairs);
        return fail_hint(err, "under 'loop', set pairs: %.0f or more", needed);
}
