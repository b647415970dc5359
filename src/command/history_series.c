#include "command/history_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/series_csv.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/units.h"
#include "process/blame.h"

#define SERIES_MEMORY GiB(3) /* of one metric and subject */
#define MOST_HISTORIES 100000
#define LARGEST_CSV MiB(512)
#define KNOWN_FROM 200 /* values; what is known of less is not looked for */
#define MOST_NAMES 8   /* in a hint */

typedef struct Gatherer {
        const HistoryAsk *ask;
        Arena *arena; /* what stays */
        HistoryPlan plan;
        MetricQuery query;
        CommitOrder order;
        ExceptionList exceptions;
        HistoryNotes notes;
        VEC(History) items;
        VEC(NamedDocument) known;
        size_t n_short;
        uint64_t left_out[LEFT_OUT_COUNT_];
        bool whole;
} Gatherer;

/* --- what is asked --- */

static int read_since(const Gatherer *g, uint64_t *ret_ns, Error *err)
{
        Span text = span_of(g->ask->opts->since);
        uint64_t now_ns = g->ask->ctx->os->wall_ns(g->ask->ctx->os), ago_ns;

        *ret_ns = 0;
        if (text.len == 0 || moment_parse(text, ret_ns, NULL) == 0)
                return 0;
        if (duration_parse(text, &ago_ns, NULL) == 0) {
                *ret_ns = now_ns > ago_ns ? now_ns - ago_ns : 0;
                return 0;
        }
        fail(err, ERR_USAGE, "--since: '%.*s' is neither a date nor a length of time",
             SPAN_ARG(text));
        return fail_hint(err, "write 2027-01-31, or 30d for the last thirty days");
}

static int plan_of(Gatherer *g, HistorySet *set, Error *err)
{
        const HistoryAsk *ask = g->ask;
        const HistoryOpts *opts = ask->opts;
        int r = exceptions_load(ask->config.dir, g->arena, &g->exceptions, err);

        if (r == 0)
                r = commit_order_read(ask->config.dir, g->arena, &g->order, &set->order_reason,
                                      err);
        if (r < 0)
                return r;
        g->plan = (HistoryPlan){ .change = { .method = (ChangeMethod)opts->method,
                                             .alpha = opts->alpha,
                                             .min_change = opts->min_change },
                                 .order = set->order_reason.len ? NULL : &g->order,
                                 .machine = span_of(opts->machine),
                                 .exceptions = &g->exceptions,
                                 .now_ns = ask->ctx->os->wall_ns(ask->ctx->os) };
        g->query = (MetricQuery){ .label = span_of(opts->label),
                                  .instrument = span_of(opts->instrument),
                                  .target = span_of(opts->target),
                                  .limit = opts->limit };
        return read_since(g, &g->query.since_ns, err);
}

/* --- what was known --- */

/* The name of what is known about one series; NULL: a part of it, which is not worth keeping. */
static const char *known_name(const Gatherer *g, const HistoryPart *part, const HistoryName *name)
{
        const Span words[] = { name->name,
                               name->subject,
                               *part->points[0].instrument,
                               *part->points[0].target,
                               g->query.label,
                               g->query.instrument,
                               g->query.target,
                               g->plan.machine };
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(16));
        Buf all = buf_in(scratch, MiB(8));
        char digest[DIGEST_SIZE];

        if (!g->ask->store || g->query.since_ns || g->query.limit || part->len < KNOWN_FROM)
                return NULL;
        for (size_t i = 0; i < COUNT(words); i++) {
                buf_printf(&all, "%zu:", words[i].len);
                buf_add(&all, words[i]);
        }
        if (all.overflowed)
                return NULL;
        digest_hex(buf_span(&all), digest);
        return arena_printf(g->arena, "history/%s", digest);
}

static void remember(Gatherer *g, const char *name, const History *h)
{
        NamedDocument *document = name && h->known.len ? vec_add(g->arena, &g->known) : NULL;

        if (document)
                *document = (NamedDocument){ name, h->known };
}

/* What cannot be kept is found again the next time: a store that only can be read is no error. */
static void keep_known(Gatherer *g)
{
        Context *ctx = g->ask->ctx;
        Store *store;

        if (g->known.len == 0 ||
            store_open(command_store_path(ctx), STORE_WRITE, ctx->arena, &store, NULL) < 0)
                return;
        store_put_documents(store, g->known.items, g->known.len, NULL);
        store_close(store);
}

/* --- series --- */

static int add_history(Gatherer *g, const HistoryPart *part, const HistoryName *name,
                       Arena *scratch, Error *err)
{
        const char *document = known_name(g, part, name);
        Span known = { 0 };
        History h, *slot;
        int r;

        if (document && store_get_document(g->ask->store, document, scratch, &known, NULL) < 0)
                known = (Span){ 0 };
        r = history_build(part, name, &g->plan, known, scratch, &h, err);
        if (r < 0)
                return r;
        history_notes_apply(&g->notes, &h);
        for (LeftOut i = 0; i < LEFT_OUT_COUNT_; i++)
                g->left_out[i] += h.left_out[i];
        if (history_too_short(&h) && !g->whole) {
                g->n_short++;
                return 0;
        }
        slot = vec_add(g->arena, &g->items);
        if (!slot)
                return fail(err, ERR_LIMIT, "more than %d histories at once", MOST_HISTORIES);
        r = history_keep(&h, g->whole, g->arena, slot, err);
        if (r == 0)
                remember(g, document, slot);
        return r;
}

/* All series of one metric and subject. A machine that some of them lack is no error. */
static int add_subject(Gatherer *g, const MetricSubject *subject, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(SERIES_MEMORY);
        HistoryName name = history_name(subject->metric, subject->subject);
        MetricQuery query = g->query;
        MetricPoint *points;
        HistoryPart *parts;
        size_t n, n_parts;
        int r;

        query.metric = subject->metric->id;
        query.subject = subject->subject;
        r = store_values(g->ask->store, &query, scratch, &points, &n, err);
        if (r == 0)
                r = history_split(points, n, scratch, &parts, &n_parts, err);
        for (size_t i = 0; r == 0 && i < n_parts; i++) {
                Error cause = { 0 };

                r = add_history(g, &parts[i], &name, scratch, &cause);
                if (r < 0 && cause.code == ERR_NOT_FOUND)
                        r = 0;
                else if (r < 0)
                        *err = cause;
        }
        return r;
}

/* "a, b, c ..." */
static Span list_names(const MetricSubject *list, size_t n, bool subjects, Arena *arena)
{
        Buf out = buf_in(arena, KiB(4));
        size_t shown = 0;
        Span last = { 0 };

        for (size_t i = 0; i < n; i++) {
                Span name = subjects ? list[i].subject : span_of(list[i].metric->name);

                if (name.len == 0 || span_eq(name, last))
                        continue;
                if (shown == MOST_NAMES) {
                        buf_text(&out, " ...");
                        break;
                }
                buf_printf(&out, "%s%.*s", shown++ ? ", " : "", SPAN_ARG(span_first(name, 60)));
                last = name;
        }
        return buf_span(&out);
}

static int fail_metric(const Gatherer *g, Error *err)
{
        const MetricDef *nearest = metric_nearest(g->ask->metric);
        MetricSubject *list;
        Span names;
        size_t n;

        fail(err, ERR_NOT_FOUND, "there is no metric '%.*s'", SPAN_ARG(g->ask->metric));
        if (nearest)
                return fail_hint(err, "did you mean '%s'?", nearest->name);
        if (store_subjects(g->ask->store, NULL, g->arena, &list, &n, NULL) < 0 || n == 0)
                return -err->code;
        names = list_names(list, n, false, g->arena);
        return fail_hint(err, "the store has %.*s", SPAN_ARG(names));
}

static int fail_subject(const Gatherer *g, const MetricSubject *list, size_t n, Error *err)
{
        size_t best = SIZE_MAX, limit = g->ask->subject.len / 3 + 2;
        Span nearest = { 0 };

        fail(err, ERR_NOT_FOUND, "no run has %.*s of '%.*s'", SPAN_ARG(g->ask->metric),
             SPAN_ARG(g->ask->subject));
        for (size_t i = 0; i < n; i++) {
                size_t distance = span_distance(list[i].subject, g->ask->subject);

                if (distance < best && distance < limit) {
                        best = distance;
                        nearest = list[i].subject;
                }
        }
        if (nearest.len)
                return fail_hint(err, "did you mean '%.*s'?", SPAN_ARG(nearest));
        return fail_hint(err, "it is known of: %.*s",
                         SPAN_ARG(list_names(list, n, true, g->arena)));
}

static int fail_empty(const Gatherer *g, Error *err)
{
        MetricSubject *list;
        size_t n;
        int r = store_subjects(g->ask->store, NULL, g->arena, &list, &n, err);

        if (r < 0)
                return r;
        if (n == 0) {
                fail(err, ERR_NOT_FOUND, "the store holds no values yet");
                return fail_hint(err, "measure something first, for example: "
                                      "hone load http://127.0.0.1:8080/");
        }
        fail(err, ERR_NOT_FOUND, "no run has %.*s", SPAN_ARG(g->ask->metric));
        return fail_hint(err, "the store has %.*s", SPAN_ARG(list_names(list, n, false, g->arena)));
}

static int gather_store(Gatherer *g, Error *err)
{
        const MetricDef *metric = NULL;
        MetricSubject *list;
        double scale;
        size_t n, found = 0;
        int r;

        if (g->ask->metric.len) {
                metric = metric_from_key(g->ask->metric, &scale);
                if (!metric)
                        return fail_metric(g, err);
        }
        r = history_notes_read(g->ask->store, g->arena, &g->notes, err);
        if (r == 0)
                r = store_subjects(g->ask->store, metric, g->arena, &list, &n, err);
        if (r < 0)
                return r;
        if (n == 0)
                return fail_empty(g, err);
        for (size_t i = 0; i < n && r == 0; i++) {
                if (g->ask->subject.len && !span_eq(g->ask->subject, list[i].subject))
                        continue;
                found++;
                r = add_subject(g, &list[i], err);
        }
        if (r == 0 && found == 0)
                return fail_subject(g, list, n, err);
        if (r == 0)
                keep_known(g);
        return r;
}

/* --- a CSV file --- */

static HistoryName column_name(const Gatherer *g, Span column, double *ret_scale)
{
        static const Direction better[] = { DIRECTION_NEITHER, DIRECTION_LOWER, DIRECTION_HIGHER };
        const MetricDef *metric = metric_from_key(column, ret_scale);
        HistoryName name = { .name = column, .direction = DIRECTION_NEITHER };

        if (metric) {
                name = history_name(metric, (Span){ 0 });
                name.name = column;
        } else {
                *ret_scale = 1;
        }
        if (g->ask->opts->better)
                name.direction = better[g->ask->opts->better];
        return name;
}

static int add_column(Gatherer *g, const SeriesCsv *csv, size_t column, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(SERIES_MEMORY);
        double scale = 1;
        HistoryName name = column_name(g, csv->columns[column].name, &scale);
        MetricPoint *points;
        size_t n;
        int r = series_csv_points(csv, column, scale, scratch, &points, &n, err);

        if (r < 0)
                return r;
        return add_history(g, &(HistoryPart){ points, n }, &name, scratch, err);
}

static int gather_csv(Gatherer *g, Error *err)
{
        const char *path = g->ask->opts->csv;
        SeriesCsv csv;
        size_t column = 0;
        Span text;
        int r = file_read(path, LARGEST_CSV, g->arena, &text, err);

        if (r == 0)
                r = series_csv_parse(text, path, g->arena, &csv, err);
        if (r == 0 && g->ask->metric.len) {
                r = series_csv_find(&csv, g->ask->metric, &column, err);
                return r < 0 ? r : add_column(g, &csv, column, err);
        }
        for (; r == 0 && column < csv.len; column++)
                r = add_column(g, &csv, column, err);
        return r;
}

/* --- the set --- */

/* Failing ones first, then other changes by their size, then what has not changed. */
static int by_weight(const void *a, const void *b)
{
        const History *x = a, *y = b;
        const HistoryChange *p = history_newest(x), *q = history_newest(y);
        double size_x = p ? fabs(p->point.change) : -1, size_y = q ? fabs(q->point.change) : -1;

        if (history_fails(x) != history_fails(y))
                return history_fails(x) ? -1 : 1;
        if (isnan(size_x) || isnan(size_y) || !(fabs(size_x - size_y) > 0))
                return span_compare(x->name.name, y->name.name);
        return size_x > size_y ? -1 : 1;
}

int history_gather(const HistoryAsk *ask, HistorySet *ret, Error *err)
{
        Gatherer g = { .ask = ask,
                       .arena = ask->ctx->arena,
                       .items = VEC_INIT(MOST_HISTORIES),
                       .known = VEC_INIT(MOST_HISTORIES),
                       .whole = ask->metric.len > 0 };
        HistorySet set = { .whole = g.whole };
        int r = plan_of(&g, &set, err);

        if (r == 0)
                r = ask->store ? gather_store(&g, err) : gather_csv(&g, err);
        if (r < 0)
                return r;
        if (g.items.len)
                qsort(g.items.items, g.items.len, sizeof(History), by_weight);
        set.items = g.items.items;
        set.len = g.items.len;
        set.n_short = g.n_short;
        memcpy(set.left_out, g.left_out, sizeof(set.left_out));
        *ret = set;
        return 0;
}
