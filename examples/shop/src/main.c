/* shop: a product catalogue over SQLite with an HTTP API; see README.md. */

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shop.h"

static const char *db_path = "data/shop.db";
static pthread_key_t db_key;

static void db_close(void *db)
{
        sqlite3_close(db);
}

/* One connection a thread, opened when the thread answers its first request. */
static sqlite3 *thread_db(void)
{
        sqlite3 *db = pthread_getspecific(db_key);

        if (!db) {
                db = db_open(db_path);
                pthread_setspecific(db_key, db);
        }
        return db;
}

static int64_t query_number(struct MHD_Connection *c, const char *name, int64_t otherwise)
{
        const char *text = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);

        return text ? strtoll(text, NULL, 10) : otherwise;
}

static bool route_health(struct MHD_Connection *c, const char *rest, Json *out)
{
        (void)c;
        (void)rest;
        json_raw(out, "{\"ok\":true}");
        return true;
}

static bool route_products(struct MHD_Connection *c, const char *rest, Json *out)
{
        (void)rest;
        return products_by_category(thread_db(), query_number(c, "category", 0), out);
}

static bool route_order(struct MHD_Connection *c, const char *rest, Json *out)
{
        (void)c;
        return order_show(thread_db(), strtoll(rest, NULL, 10), out);
}

static bool route_duplicates(struct MHD_Connection *c, const char *rest, Json *out)
{
        (void)rest;
        return duplicates_find(thread_db(), query_number(c, "first", 1),
                               query_number(c, "count", 1500), out);
}

static bool route_catalog(struct MHD_Connection *c, const char *rest, Json *out)
{
        (void)c;
        (void)rest;
        return catalog_show(thread_db(), out);
}

static const struct {
        const char *prefix;
        bool (*answer)(struct MHD_Connection *, const char *rest, Json *);
} routes[] = {
        { "/health", route_health },       { "/api/products", route_products },
        { "/api/orders/", route_order },   { "/api/duplicates", route_duplicates },
        { "/api/catalog", route_catalog },
};

static enum MHD_Result send_json(struct MHD_Connection *c, unsigned status, Json *body)
{
        size_t len;
        char *text = json_take(body, &len);
        struct MHD_Response *response =
                MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
        enum MHD_Result result;

        MHD_add_response_header(response, "Content-Type", "application/json");
        result = MHD_queue_response(c, status, response);
        MHD_destroy_response(response);
        return result;
}

static enum MHD_Result handle_request(void *context, struct MHD_Connection *c, const char *url,
                                      const char *method, const char *version, const char *upload,
                                      size_t *upload_size, void **state)
{
        Json body = { 0 };

        (void)context, (void)method, (void)version, (void)upload, (void)upload_size, (void)state;
        for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
                size_t n = strlen(routes[i].prefix);

                if (strncmp(url, routes[i].prefix, n) == 0 && routes[i].answer(c, url + n, &body))
                        return send_json(c, MHD_HTTP_OK, &body);
        }
        json_raw(&body, "{\"error\":\"not found\"}");
        return send_json(c, MHD_HTTP_NOT_FOUND, &body);
}

static int serve(uint16_t port)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        struct MHD_Daemon *daemon;
        sigset_t signals;
        int signal_number;

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals, NULL);
        daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, port, NULL, NULL, handle_request,
                                  NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE,
                                  4u, MHD_OPTION_END);
        if (!daemon) {
                fprintf(stderr, "shop: cannot listen on 127.0.0.1:%u\n", port);
                return 1;
        }
        printf("shop: listening on http://127.0.0.1:%u\n", port);
        fflush(stdout);
        sigwait(&signals, &signal_number);
        MHD_stop_daemon(daemon);
        return 0;
}

int main(int argc, char **argv)
{
        uint16_t port = 8080;
        bool seed = false;

        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--seed") == 0)
                        seed = true;
                else if (strcmp(argv[i], "--db") == 0 && i + 1 < argc)
                        db_path = argv[++i];
                else if (strcmp(argv[i], "--port") == 0 && i + 1 < argc)
                        port = (uint16_t)strtoul(argv[++i], NULL, 10);
                else {
                        fprintf(stderr, "usage: shop [--db FILE] [--port N] [--seed]\n");
                        return 2;
                }
        }
        pthread_key_create(&db_key, db_close);
        if (seed) {
                sqlite3 *db = db_open(db_path);

                db_seed(db);
                sqlite3_close(db);
                return 0;
        }
        return serve(port);
}
