#pragma once
/* A checked plan: defaults filled in, texts copied, request bytes built, hosts looked up, the mix
 * laid out. What the workers read while they run; nothing in it changes after load_setup_new().
 *
 *         LoadSetup *setup;
 *         r = load_setup_new(&target, &plan, arena, &setup, err);
 *
 * A host whose name cannot be looked up keeps its error; only when none can be does the plan fail,
 * so that one lost name in a mix is counted (LOAD_ERROR_DNS) and not fatal. */

#include "instrument/load/load.h"
#include "net/url.h"

#include <sys/socket.h>

#define LOAD_MAX_ENDPOINTS 512
#define LOAD_MAX_CONNECTIONS 100000
#define LOAD_MAX_THREADS 256
#define LOAD_MAX_ADDRESSES 8
#define LOAD_MAX_CYCLE 65536
#define LOAD_MAX_RATE 1e7

typedef struct LoadAddress {
        struct sockaddr_storage bytes;
        socklen_t len;
} LoadAddress;

typedef struct LoadHost {
        Span name;
        uint16_t port;
        LoadAddress addresses[LOAD_MAX_ADDRESSES];
        unsigned n_addresses; /* 0: the lookup failed */
        uint64_t dns_ns;      /* what the lookup took */
        const char *dns_fault;
} LoadHost;

typedef struct LoadEndpoint {
        LoadRequest request; /* with its defaults; texts are ours */
        Url url;
        unsigned host; /* which of hosts */
        Span wire;     /* the whole request as it is sent */
        bool head;     /* the method is HEAD */
} LoadEndpoint;

typedef struct LoadSetup {
        LoadPlan plan;
        LoadEndpoint *endpoints;
        unsigned n_endpoints;
        LoadHost *hosts;
        unsigned n_hosts;
        uint16_t *cycle; /* endpoint numbers in the order of the mix, repeated */
        size_t cycle_len;
} LoadSetup;

/* The plan, or when it names no request and the target is a URL, a GET of that. Opens nothing;
 * looks names up. Raises the soft limit of open files when the plan needs it. */
int load_setup_new(const Target *target, const LoadPlan *plan, Arena *arena, LoadSetup **ret,
                   Error *err);
/* The plan with its defaults. */
LoadPlan load_plan_filled(const LoadPlan *plan);
/* ERR_UNAVAILABLE for https, ERR_USAGE for what is no http at all. */
int load_url_check(Span text, Url *ret, Error *err);
/* Which of the setup's hosts serves this URL; -1: none. */
int load_host_find(const LoadSetup *setup, const Url *url);
