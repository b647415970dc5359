/* Tables of load generators: a request a row (ab -g, hey -o csv), or a percentile a row (ab -e).
 *
 * Requests of one run hang together, so they become a distribution and its percentiles, no samples.
 * What of the requests hone's own load instrument has a metric for is kept: the other columns are
 * parts of the time. oha's CSV has other names for the same columns.
 */

#include "import/csv_record.h"
#include "import/load_report.h"

#include <math.h>

#define MS 1e6
#define S 1e9

typedef struct RequestTable {
        const char *header; /* how its first line starts */
        char separator;
        double unit_ns;
        const char *total, *wait, *read, *status; /* columns; NULL: has none */
} RequestTable;

static const RequestTable tables[] = {
        { "starttime\tseconds\tctime\tdtime\tttime\twait", '\t', MS, "ttime", "wait" },
        { "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read", ',', S,
          "response-time", "Response-delay", "Response-read", "status-code" },
        { "request-start,DNS,DNS+dialup,Response-delay,request-duration", ',', S,
          "request-duration", "Response-delay", NULL, "status" },
};

static const RequestTable *table_of(Span text)
{
        for (size_t i = 0; i < COUNT(tables); i++)
                if (span_starts(text, tables[i].header))
                        return &tables[i];
        return NULL;
}

static int detect(Span head, bool whole UNUSED)
{
        return table_of(head) ? 96 : 0;
}

typedef struct Requests {
        const RequestTable *table;
        CsvRecords csv;
        LoadReport report;
        Hist *latency;
        ptrdiff_t total, wait, read, status;
        double wait_sum, read_sum;
} Requests;

static int time_at(Requests *q, ptrdiff_t column, double *ret_ns, Error *err)
{
        int r = csv_number(&q->csv, (size_t)column, ret_ns, err);

        if (r < 0)
                return r;
        if (*ret_ns < 0)
                return csv_fail(&q->csv, (size_t)column, "a time of zero or more", err);
        *ret_ns *= q->table->unit_ns;
        if (*ret_ns > 9e18)
                return csv_fail(&q->csv, (size_t)column, "a time", err);
        return 0;
}

static int read_part(Requests *q, ptrdiff_t column, double *sum, Error *err)
{
        double ns = 0;
        int r = column < 0 ? 0 : time_at(q, column, &ns, err);

        *sum += ns;
        return r;
}

static int read_request(Requests *q, size_t n_columns, Error *err)
{
        int r = csv_check_width(&q->csv, n_columns, err);
        double ns = 0, status = 200;

        if (r == 0)
                r = time_at(q, q->total, &ns, err);
        if (r == 0)
                r = read_part(q, q->wait, &q->wait_sum, err);
        if (r == 0)
                r = read_part(q, q->read, &q->read_sum, err);
        if (r == 0 && q->status >= 0)
                r = csv_number(&q->csv, (size_t)q->status, &status, err);
        if (r < 0)
                return r;
        if (!(status >= 0 && status < 1000))
                return csv_fail(&q->csv, (size_t)q->status, "a status code", err);
        hist_record(q->latency, (uint64_t)llround(ns));
        if (q->status >= 0)
                load_status(&q->report, (unsigned)status, 1);
        return 0;
}

static ptrdiff_t column(const CsvRecords *csv, const char *name)
{
        return name ? csv_column(csv, name) : -1;
}

static int end_table(Requests *q, Error *err)
{
        double n = (double)q->latency->total;
        int r = 0;

        if (n == 0)
                return 0;
        q->report.latency = q->latency;
        q->report.requests = n;
        if (q->wait >= 0)
                r = load_value(&q->report, METRIC_TIME_TTFB, q->wait_sum / n, 1, err);
        if (r == 0 && q->read >= 0)
                r = load_value(&q->report, METRIC_TIME_TRANSFER, q->read_sum / n, 1, err);
        if (r == 0)
                r = load_end(&q->report, err);
        load_finish(&q->report);
        return r;
}

static int read_requests(Import *in, Span text, Error *err)
{
        const RequestTable *table = table_of(text);
        Requests q = { .table = table, .report = load_report(in, text, NULL) };
        size_t n_columns;
        int r;

        if (!table)
                return import_fail(in, err, 1, "the header is of no such table");
        q.csv = csv_records(in, text, table->separator);
        q.latency = hist_new(import_arena(in), HIST_LATENCY);
        load_begin(&q.report, (Span){ 0 }, 1);
        r = csv_record_next(&q.csv, err);
        if (r < 0)
                return r;
        n_columns = q.csv.n_fields;
        q.total = column(&q.csv, table->total);
        q.wait = column(&q.csv, table->wait);
        q.read = column(&q.csv, table->read);
        q.status = column(&q.csv, table->status);
        if (q.total < 0)
                return import_fail(in, err, 1, "column '%s' is missing", table->total);
        while (r >= 0 && (r = csv_record_next(&q.csv, err)) > 0)
                r = read_request(&q, n_columns, err);
        return r < 0 ? r : end_table(&q, err);
}

const ImportFormat request_csv_format = {
        .name = "requests",
        .says = "ab -g, hey -o csv, oha CSV: a request a row",
        .files = "https://httpd.apache.org/docs/2.4/programs/ab.html",
        .detect = detect,
        .read = read_requests,
        .instrument = "load",
};

/* --- ab -e --- */

#define PERCENTILES "Percentage served,Time in ms"

static int detect_percentiles(Span head, bool whole UNUSED)
{
        return span_starts(head, PERCENTILES) ? 97 : 0;
}

/* Those that have a metric of their own; the others are percentiles as good as theirs. */
static bool is_kept(double percent)
{
        static const double kept[] = { 50, 90, 95, 99 };

        for (size_t i = 0; i < COUNT(kept); i++)
                if (percent >= kept[i] && percent <= kept[i])
                        return true;
        return false;
}

static int read_percentiles(Import *in, Span text, Error *err)
{
        CsvRecords csv = csv_records(in, text, ',');
        LoadReport report = load_report(in, text, NULL);
        double percent, ms;
        int r = csv_record_next(&csv, err);

        load_begin(&report, (Span){ 0 }, 1);
        while (r >= 0 && (r = csv_record_next(&csv, err)) > 0) {
                r = csv_check_width(&csv, 2, err);
                if (r == 0)
                        r = csv_number(&csv, 0, &percent, err);
                if (r == 0)
                        r = csv_number(&csv, 1, &ms, err);
                if (r == 0 && is_kept(percent))
                        r = load_percentile(&report, percent, ms * MS, csv.line, err);
        }
        import_says(in, "of ab's hundred percentiles the 50th, 90th, 95th and 99th are kept");
        return r < 0 ? r : load_end(&report, err);
}

const ImportFormat ab_percentiles_format = {
        .name = "ab-percentiles",
        .says = "ab -e",
        .files = "https://httpd.apache.org/docs/2.4/programs/ab.html",
        .detect = detect_percentiles,
        .read = read_percentiles,
        .instrument = "load",
};
