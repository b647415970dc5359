/* The files that hone bench writes for other tools. */

#include "command/bench_options.h"
#include "command/measuring.h"
#include "present/export_bench.h"
#include "present/view.h"

#define MOST_BYTES GiB(1)

/* Every sample with the block it was measured in. */
static void write_samples(const Recording *rec, Buf *out)
{
        JsonWriter w = json_to(out, false);

        json_open_array(&w);
        vec_each (const Samples, s, &rec->samples) {
                json_open_object(&w);
                json_key(&w, "name");
                json_span(&w, s->subject);
                json_key(&w, "metric");
                json_text(&w, metric_def(s->metric)->name);
                json_key(&w, "unit");
                json_text(&w, unit_name(metric_def(s->metric)->unit));
                json_key(&w, "values");
                json_open_array(&w);
                for (size_t i = 0; i < s->len; i++)
                        json_double(&w, s->values[i]);
                json_close_array(&w);
                json_key(&w, "blocks");
                if (s->blocks) {
                        json_open_array(&w);
                        for (size_t i = 0; i < s->len; i++)
                                json_u64(&w, s->blocks[i]);
                        json_close_array(&w);
                } else {
                        json_null(&w);
                }
                json_close_object(&w);
        }
        json_close_array(&w);
}

static int write_json(Context *ctx, const char *path, const Run *run, const BenchReport *report,
                      Error *err)
{
        Doc *doc = doc_new(ctx->arena, "bench");
        Buf samples = buf_in(ctx->arena, MOST_BYTES), out = buf_in(ctx->arena, MOST_BYTES);
        int r;

        write_samples(run->recording, &samples);
        view_run_header(doc, run);
        view_bench(doc, report);
        doc_json(doc, "samples", buf_span(&samples));
        r = buf_check(&samples, err);
        if (r == 0)
                r = doc_print(doc, DOC_JSON, &(DocStyle){ 0 }, &out, err);
        return r < 0 ? r : write_output(ctx, path, buf_span(&out), err);
}

static int write_export(Context *ctx, const char *format, const char *path,
                        const BenchReport *report, Error *err)
{
        Buf out = buf_in(ctx->arena, MOST_BYTES);
        int r;

        bench_export_find(span_of(format))->write(report, &out);
        r = buf_check(&out, err);
        return r < 0 ? r : write_output(ctx, path, buf_span(&out), err);
}

static const struct {
        const char *format;
        size_t path;
} exports[] = {
        { "csv", offsetof(BenchOpts, csv) },
        { "markdown", offsetof(BenchOpts, markdown) },
        { "benchfmt", offsetof(BenchOpts, benchfmt) },
        { "bmf", offsetof(BenchOpts, bmf) },
};

static const char *path_of(const BenchOpts *opts, size_t offset)
{
        return *(const char *const *)(const void *)((const char *)opts + offset);
}

bool bench_exports_to_stdout(const BenchOpts *opts)
{
        bool any = is_stdout(opts->json);

        for (size_t i = 0; i < COUNT(exports); i++)
                any |= is_stdout(path_of(opts, exports[i].path));
        return any;
}

int bench_write_exports(Context *ctx, const BenchOpts *opts, const Run *run,
                        const BenchReport *report, Error *err)
{
        int r = opts->json ? write_json(ctx, opts->json, run, report, err) : 0;

        for (size_t i = 0; r == 0 && i < COUNT(exports); i++) {
                const char *path = path_of(opts, exports[i].path);

                if (path)
                        r = write_export(ctx, exports[i].format, path, report, err);
        }
        return r;
}
