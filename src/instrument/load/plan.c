#include "instrument/load/plan.h"

#include "instrument/load/host.h"
#include "instrument/load/mix.h"
#include "instrument/load/request.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

#define DEFAULT_CONNECTIONS 10
#define DEFAULT_TIMEOUT_NS (10 * NS_PER_S)
#define DEFAULT_BODY_BYTES GiB(1)
#define CONNECTIONS_A_THREAD 256
#define LONGEST_NS (3600 * NS_PER_S * 24 * 365)
#define SPARE_FDS 64

int load_url_check(Span text, Url *ret, Error *err)
{
        int r = url_parse(text, ret, err);

        if (r < 0)
                return r;
        if (span_is_any_case(ret->scheme, "https")) {
                fail(err, ERR_UNAVAILABLE, "cannot send load to https: TLS is not supported yet");
                return fail_hint(err,
                                 "use the http:// address of the service behind the TLS proxy");
        }
        if (!span_is_any_case(ret->scheme, "http"))
                return fail(err, ERR_USAGE, "cannot send load to %.*s: only http",
                            SPAN_ARG(ret->scheme));
        if (ret->user.len) {
                fail(err, ERR_USAGE, "a URL with a name and password is not sent");
                return fail_hint(err, "give an \"Authorization: ...\" header instead");
        }
        return 0;
}

static unsigned usable_cpus(void)
{
        cpu_set_t set;

        return sched_getaffinity(0, sizeof(set), &set) < 0 ? 1 : (unsigned)CPU_COUNT(&set);
}

static unsigned default_threads(const LoadPlan *plan)
{
        unsigned wanted = (plan->connections + CONNECTIONS_A_THREAD - 1) / CONNECTIONS_A_THREAD;

        return MIN(wanted, usable_cpus());
}

static void fill_defaults(LoadPlan *plan)
{
        plan->connections = plan->connections ? plan->connections : DEFAULT_CONNECTIONS;
        plan->threads = plan->threads ? plan->threads : default_threads(plan);
        plan->threads = MIN(plan->threads, plan->connections);
        if (plan->max_requests && plan->max_requests < plan->threads)
                plan->threads = (unsigned)plan->max_requests;
        plan->timeout_ns = plan->timeout_ns ? plan->timeout_ns : DEFAULT_TIMEOUT_NS;
        plan->max_body_bytes = plan->max_body_bytes ? plan->max_body_bytes : DEFAULT_BODY_BYTES;
}

LoadPlan load_plan_filled(const LoadPlan *plan)
{
        LoadPlan filled = *plan;

        fill_defaults(&filled);
        return filled;
}

static int check_numbers(const LoadPlan *plan, Error *err)
{
        if (plan->n_requests > LOAD_MAX_ENDPOINTS)
                return fail(err, ERR_USAGE, "%zu requests in the mix, at most %d", plan->n_requests,
                            LOAD_MAX_ENDPOINTS);
        if (plan->connections > LOAD_MAX_CONNECTIONS)
                return fail(err, ERR_USAGE, "%u connections, at most %d", plan->connections,
                            LOAD_MAX_CONNECTIONS);
        if (plan->threads > LOAD_MAX_THREADS)
                return fail(err, ERR_USAGE, "%u threads, at most %d", plan->threads,
                            LOAD_MAX_THREADS);
        if (!(plan->rate_per_s >= 0) || plan->rate_per_s > LOAD_MAX_RATE)
                return fail(err, ERR_USAGE, "the rate %g/s is not between 0 and %g/s",
                            plan->rate_per_s, LOAD_MAX_RATE);
        if (plan->timeout_ns > HIST_LATENCY.highest)
                return fail(err, ERR_USAGE, "the timeout is longer than one hour");
        if (plan->duration_ns > LONGEST_NS || plan->warmup_ns > LONGEST_NS)
                return fail(err, ERR_USAGE, "the duration or warm-up is longer than a year");
        if (plan->max_redirects > 100)
                return fail(err, ERR_USAGE, "%u redirects, at most 100", plan->max_redirects);
        return 0;
}

static Span default_name(const LoadEndpoint *e, Arena *arena, bool with_host)
{
        Buf name = buf_in(arena, 2 * URL_MAX);

        buf_add(&name, e->request.method);
        buf_byte(&name, ' ');
        if (with_host) {
                buf_text(&name, "http://");
                url_write_authority(&e->url, &name);
        }
        buf_add(&name, e->url.path.len ? e->url.path : SPAN("/"));
        return buf_span(&name);
}

static bool name_taken(const LoadSetup *setup, unsigned before, Span name)
{
        for (unsigned i = 0; i < before; i++)
                if (span_eq(setup->endpoints[i].request.name, name))
                        return true;
        return false;
}

/* Results are told apart by name: one that was given twice is an error, ours are made unique. */
static int name_endpoint(LoadSetup *setup, unsigned at, Arena *arena, Error *err)
{
        LoadEndpoint *e = &setup->endpoints[at];
        Span name;

        if (e->request.name.len) {
                e->request.name = span_copy(arena, e->request.name);
                if (name_taken(setup, at, e->request.name))
                        return fail(err, ERR_USAGE, "two requests are named '%.*s'",
                                    SPAN_ARG(e->request.name));
                return 0;
        }
        name = default_name(e, arena, false);
        if (name_taken(setup, at, name))
                name = default_name(e, arena, true);
        if (name_taken(setup, at, name)) {
                char *numbered = arena_printf(arena, "%.*s #%u", SPAN_ARG(name), at + 1);

                name = span_of(numbered);
        }
        e->request.name = name;
        return 0;
}

static const char *const *copy_headers(const char *const *headers, Arena *arena)
{
        const char **copy;
        size_t n = 0;

        while (headers && headers[n])
                n++;
        copy = new (arena, const char *, n + 1);
        for (size_t i = 0; i < n; i++)
                copy[i] = span_text(arena, span_of(headers[i]));
        return copy;
}

static int read_endpoint(LoadSetup *setup, unsigned at, const LoadRequest *from, Arena *arena,
                         Error *err)
{
        LoadEndpoint *e = &setup->endpoints[at];
        int r;

        e->request = *from;
        e->request.url = span_copy(arena, from->url);
        e->request.method = from->method.len ? span_copy(arena, from->method) : SPAN("GET");
        e->request.body = span_copy(arena, from->body);
        e->request.headers = copy_headers(from->headers, arena);
        e->request.weight = MAX(from->weight, 1u);
        r = load_url_check(e->request.url, &e->url, err);
        if (r < 0)
                return r;
        e->head = span_is(e->request.method, "HEAD");
        r = name_endpoint(setup, at, arena, err);
        if (r < 0)
                return r;
        return request_build(&e->request, &e->url, setup->plan.no_keepalive, arena, &e->wire, err);
}

int load_host_find(const LoadSetup *setup, const Url *url)
{
        for (unsigned i = 0; i < setup->n_hosts; i++) {
                const LoadHost *host = &setup->hosts[i];

                if (host->port == url->port && host->name.len == url->host.len &&
                    strncasecmp(host->name.ptr, url->host.ptr, url->host.len) == 0)
                        return (int)i;
        }
        return -1;
}

static void find_hosts(LoadSetup *setup, Arena *arena)
{
        setup->hosts = new (arena, LoadHost, setup->n_endpoints);
        for (unsigned i = 0; i < setup->n_endpoints; i++) {
                LoadEndpoint *e = &setup->endpoints[i];
                int at = load_host_find(setup, &e->url);

                if (at < 0) {
                        at = (int)setup->n_hosts++;
                        setup->hosts[at].name = e->url.host;
                        setup->hosts[at].port = e->url.port;
                }
                e->host = (unsigned)at;
        }
}

static int look_up_hosts(LoadSetup *setup, Arena *arena, Error *err)
{
        unsigned found = 0;

        for (unsigned i = 0; i < setup->n_hosts; i++)
                found += host_look_up(&setup->hosts[i], arena);
        if (found)
                return 0;
        fail(err, ERR_UNAVAILABLE, "cannot look up '%.*s': %s", SPAN_ARG(setup->hosts[0].name),
             setup->hosts[0].dns_fault);
        return fail_hint(err,
                         "check the host's name; an address such as 127.0.0.1 needs no lookup");
}

/* One socket per connection and host, an epoll per thread, and what the program has open. */
static int check_fds(const LoadSetup *setup, Error *err)
{
        uint64_t need = (uint64_t)setup->plan.connections * setup->n_hosts + setup->plan.threads +
                        SPARE_FDS;
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return fail(err, errno, "cannot read the limit of open files");
        if (limit.rlim_cur >= need)
                return 0;
        if (limit.rlim_max < need) {
                fail(err, ERR_LIMIT,
                     "%u connections to %u hosts need %lu open files, the limit is "
                     "%lu",
                     setup->plan.connections, setup->n_hosts, (unsigned long)need,
                     (unsigned long)limit.rlim_max);
                return fail_hint(err, "raise it with 'ulimit -Hn %lu' or use fewer connections",
                                 (unsigned long)need);
        }
        limit.rlim_cur = need;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
                return fail(err, errno, "cannot raise the limit of open files to %lu",
                            (unsigned long)need);
        return 0;
}

static int read_endpoints(LoadSetup *setup, Arena *arena, Error *err)
{
        const LoadRequest *from = setup->plan.requests;
        LoadRequest *checked;

        setup->n_endpoints = (unsigned)setup->plan.n_requests;
        setup->endpoints = new (arena, LoadEndpoint, setup->n_endpoints);
        for (unsigned i = 0; i < setup->n_endpoints; i++) {
                int r = read_endpoint(setup, i, &from[i], arena, err);

                if (r < 0)
                        return fail_while(err, "reading request %u of the mix", i + 1);
        }
        checked = new (arena, LoadRequest, setup->n_endpoints);
        for (unsigned i = 0; i < setup->n_endpoints; i++)
                checked[i] = setup->endpoints[i].request;
        setup->plan.requests = checked;
        return 0;
}

int load_setup_new(const Target *target, const LoadPlan *plan, Arena *arena, LoadSetup **ret,
                   Error *err)
{
        LoadSetup *setup = new (arena, LoadSetup, 1);
        LoadRequest get = { 0 };
        int r;

        setup->plan = *plan;
        if (!plan->n_requests) {
                if (!target || target->kind != TARGET_URL)
                        return fail(err, ERR_USAGE, "no request to send");
                get.url = target->text;
                setup->plan.requests = &get;
                setup->plan.n_requests = 1;
        }
        fill_defaults(&setup->plan);
        r = check_numbers(&setup->plan, err);
        if (r == 0)
                r = read_endpoints(setup, arena, err);
        if (r < 0)
                return r;
        find_hosts(setup, arena);
        r = mix_build(setup, arena, err);
        if (r == 0)
                r = check_fds(setup, err);
        if (r == 0)
                r = look_up_hosts(setup, arena, err);
        if (r < 0)
                return r;
        *ret = setup;
        return 0;
}
