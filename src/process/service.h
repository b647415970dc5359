#pragma once
/* A service under test: started from hone.yaml in some folder, on a free port, until stopped. */

#include "base/subprocess.h"
#include "process/config.h"

typedef struct Service {
        Child child;
        uint16_t port;
        const char *log_path;
} Service;

/* Returns once `ready` answered 2xx; otherwise fails with the end of the service's own output. The
 * log is begun anew, that of service_run_step() too, so that only its own last words are quoted. */
int service_start(const Config *config, const char *dir, const char *log_path, Arena *arena,
                  Service *ret, Error *err);
/* ERR_FAILED with the end of its output when it has ended by itself. */
int service_check(Service *service, Arena *arena, Error *err);
void service_stop(Service *service); /* ends the whole group; harmless twice */
/* Highest resident memory so far, 0 when it cannot be read. */
uint64_t service_peak_rss(const Service *service);
/* Runs `command` in dir with the output in log_path; fails quoting its end. */
int service_run_step(const char *what, Span command, const char *dir, uint64_t timeout_ns,
                     const char *log_path, Arena *arena, Error *err);
int port_free(uint16_t *ret, Error *err);
/* The workload's requests with whole URLs on this port. */
LoadRequest *service_requests(const Config *config, uint16_t port, Arena *arena);
