/* Every format, one file each. A new one: its file and its row here. */

#include "import/import.h"

/* clang-format off */
#define JSON_FORMATS(X)    \
        X(hyperfine)       \
        X(google)          \
        X(jmh)             \
        X(pytest)          \
        X(dotnet)          \
        X(criterion)       \
        X(asv)             \
        X(k6)              \
        X(k6_summary)      \
        X(vegeta_json)     \
        X(vegeta_results)  \
        X(oha_json)        \
        X(autocannon_json) \
        X(lighthouse)      \
        X(hone_bench)      \
        X(hone_export)     \
        X(bmf)             \
        X(go_json)

#define TEXT_FORMATS(X)    \
        X(ab)              \
        X(ab_percentiles)  \
        X(asv_text)        \
        X(autocannon_text) \
        X(benchmark_js)    \
        X(catch2)          \
        X(criterion_text)  \
        X(csv_table)       \
        X(go_bench)        \
        X(google_csv)      \
        X(google_text)     \
        X(h2load)          \
        X(hdr_log)         \
        X(hdrplot)         \
        X(hey)             \
        X(hyperfine_csv)   \
        X(jmh_text)        \
        X(junit_xml)       \
        X(libtest)         \
        X(multitime)       \
        X(oha_text)        \
        X(request_csv)     \
        X(siege)           \
        X(time_text)       \
        X(vegeta_text)     \
        X(wrk)
/* clang-format on */

#define X(name) extern const ImportFormat name##_format;
JSON_FORMATS(X)
TEXT_FORMATS(X)
#undef X

const ImportFormat *const import_formats[] = {
#define X(name) &name##_format,
        JSON_FORMATS(X) TEXT_FORMATS(X)
#undef X
                NULL,
};

const ImportFormat *import_format_find(Span name)
{
        for (const ImportFormat *const *f = import_formats; *f; f++)
                if (span_is(name, (*f)->name))
                        return *f;
        return NULL;
}
