#include "instrument/load/host.h"

#include <netdb.h>
#include <netinet/in.h>

static void take_addresses(LoadHost *host, const struct addrinfo *list)
{
        for (; list && host->n_addresses < LOAD_MAX_ADDRESSES; list = list->ai_next) {
                LoadAddress *a = &host->addresses[host->n_addresses];

                if (list->ai_addrlen > sizeof(a->bytes))
                        continue;
                memcpy(&a->bytes, list->ai_addr, list->ai_addrlen);
                a->len = list->ai_addrlen;
                host->n_addresses++;
        }
}

bool host_look_up(LoadHost *host, Arena *arena)
{
        struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                  .ai_socktype = SOCK_STREAM,
                                  .ai_flags = AI_NUMERICSERV };
        const char *name = span_text(arena, host->name);
        const char *port = arena_printf(arena, "%u", (unsigned)host->port);
        uint64_t start_ns = os_now(os_real());
        struct addrinfo *list = NULL;
        int r = getaddrinfo(name, port, &hints, &list);

        host->dns_ns = os_now(os_real()) - start_ns;
        if (r == 0) {
                take_addresses(host, list);
                freeaddrinfo(list);
        }
        if (!host->n_addresses)
                host->dns_fault = r ? gai_strerror(r) : "no address";
        return host->n_addresses > 0;
}
