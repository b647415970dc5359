#pragma once
/* Benchmarks in the formats of other tools.
 *
 *         const BenchExport *export = bench_export_find(SPAN("csv"));
 *         export->write(&report, &out);
 *
 * csv        hyperfine --export-csv: seconds, then columns of our own
 * markdown   a table for people
 * benchfmt   golang.org/design/14313-benchmark-format: a line a run, which benchstat compares
 * bmf        bencher.dev, Bencher Metric Format: medians with their intervals
 */

#include "analysis/bench.h"
#include "base/buf.h"

typedef struct BenchExport {
        const char *name;
        void (*write)(const BenchReport *report, Buf *out);
} BenchExport;

extern const BenchExport bench_exports[];
extern const size_t n_bench_exports;
const BenchExport *bench_export_find(Span name); /* NULL: there is none */
