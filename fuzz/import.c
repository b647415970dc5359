/* Any bytes, in the format that they look like and in one that the first byte chooses: a Recording
 * whose numbers are finite and have a place in the catalogue, or an error that says why. */

#include "import/import.h"
#include "import/k6_point.h"
#include "stats/hist.h"

#include <math.h>

static void check_values(const Recording *rec)
{
        vec_each (const MetricValue, value, &rec->values) {
                bool custom = metric_def(value->metric)->unit == UNIT_NONE;

                BUG_IF(!isfinite(value->value));
                BUG_IF(!custom && value->value < 0);
        }
        vec_each (const Samples, samples, &rec->samples) {
                BUG_IF(samples->len == 0);
                for (size_t i = 0; i < samples->len; i++)
                        BUG_IF(!isfinite(samples->values[i]));
        }
        vec_each (const Distribution, d, &rec->distributions)
                BUG_IF(d->hist->total && d->hist->min > d->hist->max);
}

static void check(Span text, const ImportFormat *format)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        ImportPlan plan = { .name = "target/criterion/a/new/x.json",
                            .text = text,
                            .format = format };
        Imported got = { 0 };
        Error err = { 0 };

        if (import_text(&plan, arena, &got, &err) < 0) {
                BUG_IF(!err.code || !err.message[0]);
                BUG_IF(got.recording);
                return;
        }
        BUG_IF(got.n_benchmarks == 0 || got.n_benchmarks != got.recording->values.len);
        BUG_IF(got.unknown.len > got.n_unknown);
        check_values(got.recording);
}

/* What the scan of a k6 line reads, the parser reads as well, and the same. Only that a key is
 * there twice may be seen by the parser alone. */
static void check_k6_line(Span line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        K6Point scanned, said;
        Error err = { 0 };
        Document doc;

        if (!k6_point_scan(line, &scanned))
                return;
        if (json_parse_strict(line, "x", arena, &doc, &err) < 0) {
                BUG_IF(!span_contains(span_of(err.message), "is here twice"));
                return;
        }
        BUG_IF(k6_point_of(&doc, &said, &err) < 0);
        BUG_IF(!span_eq(scanned.metric, said.metric) || !span_eq(scanned.time, said.time));
        BUG_IF(!span_eq(scanned.name, said.name) || !span_eq(scanned.method, said.method));
        BUG_IF(!span_eq(scanned.status, said.status) || !span_eq(scanned.expected, said.expected));
        BUG_IF(scanned.value != said.value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Span text = { (const char *)data, size };
        size_t n = 0;

        while (import_formats[n])
                n++;
        check(text, NULL);
        for (Span rest = text, line; span_next_line(&rest, &line);)
                check_k6_line(line);
        if (size)
                check(span_from(text, 1), import_formats[data[0] % n]);
        return 0;
}
