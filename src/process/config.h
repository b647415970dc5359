#pragma once
/* hone.yaml: what to build, start, test and measure, and against which budgets.
 *
 *         project: shop
 *         service:
 *           build: make -s
 *           test: ./test.sh                       # must pass before anything is measured
 *           start: ./shop --port {port}           # {port} becomes a free one
 *           ready: /health                        # asked until it answers 2xx
 *         workload:
 *           connections: 2
 *           window: 250ms                         # per request and block
 *           warmup: 50ms
 *           requests:
 *             - { name: browse, url: "/api/products?category=7" }
 *         budgets: performance-budget.json
 *         loop: { pairs: 10, alpha: 0.01, min_effect: 5% }
 *
 * Every key has a row in a field table; an unknown key is an error with its line.
 */

#include "base/value.h"
#include "instrument/load/load.h"

typedef struct ServiceConfig {
        Span build, test, start, ready; /* shell commands; ready: path of a URL */
        uint64_t ready_timeout_ns, test_timeout_ns, build_timeout_ns;
} ServiceConfig;

typedef struct WorkloadConfig {
        uint64_t connections, window_ns, warmup_ns, timeout_ns;
        LoadRequest *requests; /* url: path only, or a whole URL */
        size_t n_requests;
} WorkloadConfig;

typedef struct LoopConfig {
        uint64_t pairs, seed;
        double alpha, min_effect, tolerance, memory_tolerance;
        const char *const *protect; /* paths that a candidate may not touch, NULL-terminated */
} LoopConfig;

typedef struct Config {
        const char *dir;  /* of hone.yaml; commands run there */
        const char *path; /* of the file itself; NULL: none was found, all defaults */
        Span project, budgets;
        Span digest; /* SHA-256 of the file */
        ServiceConfig service;
        WorkloadConfig workload;
        LoopConfig loop;
} Config;

/* The nearest hone.yaml from `from` upwards (NULL: the working directory). Without one, defaults
 * and ret->path NULL. */
int config_load(const char *from, Arena *arena, Config *ret, Error *err);
int config_parse(Span text, const char *name, Arena *arena, Config *ret, Error *err);
/* ERR_USAGE naming what hone.yaml lacks for `purpose`. */
int config_need_service(const Config *config, const char *purpose, Error *err);
/* ERR_USAGE when so few pairs could not show any change at this alpha: n blocks that all agree
 * have p = 2^(1-n), and Holm multiplies it by the rows judged, one a request and one for memory. */
int config_need_pairs(const Config *config, Error *err);
