#include "instrument/load/plan_json.h"

#include "base/json.h"

/* Headers and bodies may hold secrets: a stored plan keeps names of headers and sizes of bodies. */
static void write_headers(JsonWriter *w, const LoadRequest *request)
{
        json_key(w, "headers");
        json_open_array(w);
        for (size_t i = 0; request->headers && request->headers[i]; i++) {
                Span rest = span_of(request->headers[i]);

                json_span(w, span_cut(&rest, ':'));
        }
        json_close_array(w);
}

static void write_request(JsonWriter *w, const LoadRequest *request)
{
        json_open_object(w);
        if (request->name.len) {
                json_key(w, "name");
                json_span(w, request->name);
        }
        json_key(w, "method");
        json_span(w, request->method.len ? request->method : SPAN("GET"));
        json_key(w, "url");
        json_span(w, request->url);
        json_key(w, "weight");
        json_u64(w, MAX(request->weight, 1u));
        if (request->headers && request->headers[0])
                write_headers(w, request);
        if (request->body.len) {
                json_key(w, "body_bytes");
                json_u64(w, request->body.len);
        }
        json_close_object(w);
}

typedef struct CountRow {
        const char *key;
        size_t offset;
        bool wide; /* uint64_t, else unsigned */
} CountRow;

static const CountRow count_rows[] = {
        { "connections", offsetof(LoadPlan, connections), false },
        { "threads", offsetof(LoadPlan, threads), false },
        { "duration_ns", offsetof(LoadPlan, duration_ns), true },
        { "warmup_ns", offsetof(LoadPlan, warmup_ns), true },
        { "max_requests", offsetof(LoadPlan, max_requests), true },
        { "timeout_ns", offsetof(LoadPlan, timeout_ns), true },
        { "max_redirects", offsetof(LoadPlan, max_redirects), false },
        { "max_body_bytes", offsetof(LoadPlan, max_body_bytes), true },
};

static void write_counts(JsonWriter *w, const LoadPlan *plan)
{
        for (size_t i = 0; i < COUNT(count_rows); i++) {
                const char *at = (const char *)plan + count_rows[i].offset;
                uint64_t wide;
                unsigned narrow;

                json_key(w, count_rows[i].key);
                if (count_rows[i].wide) {
                        memcpy(&wide, at, sizeof(wide));
                        json_u64(w, wide);
                } else {
                        memcpy(&narrow, at, sizeof(narrow));
                        json_u64(w, narrow);
                }
        }
}

void load_plan_json(const void *plan_struct, Buf *out)
{
        LoadPlan filled = load_plan_filled(plan_struct);
        const LoadPlan *plan = &filled;
        JsonWriter w = json_to(out, false);

        json_open_object(&w);
        json_key(&w, "model");
        json_text(&w, plan->rate_per_s > 0 ? "open" : "closed");
        json_key(&w, "rate_per_s");
        json_double(&w, plan->rate_per_s);
        write_counts(&w, plan);
        json_key(&w, "keepalive");
        json_bool(&w, !plan->no_keepalive);
        json_key(&w, "requests");
        json_open_array(&w);
        for (size_t i = 0; i < plan->n_requests; i++)
                write_request(&w, &plan->requests[i]);
        json_close_array(&w);
        json_close_object(&w);
}
