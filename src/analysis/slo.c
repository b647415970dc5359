#include "analysis/slo.h"

#include <math.h>

#include "analysis/slo_int.h"
#include "base/json.h"
#include "base/units.h"
#include "base/yaml.h"

#define MOST_DOCUMENTS 1000
#define MOST_NOTES 1000

/* Distributions that a load keeps whole, by the names people use. */
static const struct {
        const char *name;
        MetricId metric;
} distributions[] = {
        { "latency", METRIC_LATENCY_P50 },   { "service_time", METRIC_LATENCY_P50 },
        { "ttfb", METRIC_TIME_TTFB },        { "transfer", METRIC_TIME_TRANSFER },
        { "connect", METRIC_TIME_CONNECT },  { "dns", METRIC_TIME_DNS },
        { "send_lag", METRIC_SEND_LAG_P99 },
};

static const struct {
        const char *suffix;
        double scale;
} time_suffixes[] = { { "_ns", 1 },  { "_us", 1e3 },      { "_ms", 1e6 },
                      { "_s", 1e9 }, { "_seconds", 1e9 }, { "", 0 } };

static const MetricId error_metrics[] = { METRIC_ERROR_RATE, METRIC_ERROR_4XX, METRIC_ERROR_5XX,
                                          METRIC_ERROR_NETWORK };

static bool find_distribution(Span name, Slo *ret, double *ret_scale)
{
        for (size_t i = 0; i < COUNT(distributions); i++) {
                Span known = span_of(distributions[i].name);

                for (size_t k = 0; k < COUNT(time_suffixes); k++) {
                        if (name.len < known.len || !span_eq(span_first(name, known.len), known) ||
                            !span_is(span_from(name, known.len), time_suffixes[k].suffix))
                                continue;
                        ret->kind = SLO_BELOW;
                        ret->distribution = known;
                        ret->metric = metric_def(distributions[i].metric);
                        *ret_scale = time_suffixes[k].scale;
                        return true;
                }
        }
        return false;
}

bool slo_metric(Span name, Slo *ret, double *ret_scale)
{
        double scale;
        const MetricDef *def;

        if (find_distribution(name, ret, ret_scale))
                return true;
        def = metric_from_key(name, &scale);
        if (!def)
                return false;
        *ret_scale = metric_find(name) == def ? 0 : scale;
        ret->metric = def;
        ret->kind = SLO_BELOW;
        for (size_t i = 0; i < COUNT(error_metrics); i++)
                if (def->id == error_metrics[i])
                        ret->kind = SLO_NO_ERROR;
        return true;
}

/* Texts with a unit, for metrics that have one of these. */
static int parse_quantity(Span text, Unit unit, double *ret, Error *err)
{
        uint64_t whole;
        int r;

        if (unit != UNIT_NS && unit != UNIT_NS_PER_OP && unit != UNIT_BYTES)
                return span_to_double(text, ret, err);
        r = unit == UNIT_BYTES ? size_parse(text, &whole, err) : duration_parse(text, &whole, err);
        if (r == 0)
                *ret = (double)whole;
        return r;
}

int slo_read_below(const SloReader *rd, const Value *at, double scale, Slo *slo, Error *err)
{
        Error why = { 0 };
        int r = 0;

        if (at->kind == VALUE_NUMBER && scale > 0)
                slo->below = at->number * scale;
        else if (at->kind == VALUE_NUMBER || at->kind == VALUE_TEXT)
                r = parse_quantity(at->text, slo->metric->unit, &slo->below, &why);
        else
                return value_expect(rd->doc, at, VALUE_TEXT, err);
        if (r < 0)
                return value_fail(err, rd->doc, at, "%s", why.message);
        if (!(slo->below >= 0 && isfinite(slo->below)))
                return value_fail(err, rd->doc, at, "a threshold is 0 or above, and finite");
        return 0;
}

int slo_read_objective(const SloReader *rd, const Value *at, double *ret, Error *err)
{
        Error why = { 0 };

        if (percent_parse(at->text, ret, &why) < 0)
                return value_fail(err, rd->doc, at, "%s", why.message);
        if (!(*ret > 0 && *ret < 1))
                return value_fail(err, rd->doc, at,
                                  "an objective is above 0 and below 100%%, such as 99.5%%");
        return 0;
}

int slo_add(SloReader *rd, const Value *at, const Slo *slo, Error *err)
{
        Slo *slot = vec_add(rd->arena, &rd->items);

        if (!slot)
                return value_fail(err, rd->doc, at, "more than %d objectives", MOST_SLOS);
        *slot = *slo;
        slot->line = at->line;
        return 0;
}

typedef struct OwnFields {
        Span name, metric, subject;
        const Value *below, *objective;
        uint64_t window_ns;
} OwnFields;

static const Field own_fields[] = {
        { "name", FIELD_TEXT, offsetof(OwnFields, name), false, "shown in results" },
        { "metric", FIELD_TEXT, offsetof(OwnFields, metric), true, "latency, error_rate ..." },
        { "subject", FIELD_TEXT, offsetof(OwnFields, subject), false, "which requests" },
        { "below", FIELD_VALUE, offsetof(OwnFields, below), false, "what is good: 200ms" },
        { "objective", FIELD_VALUE, offsetof(OwnFields, objective), true, "99.5%" },
        { "window", FIELD_DURATION, offsetof(OwnFields, window_ns), false, "28d" },
};

static int check_kind(const SloReader *rd, const Value *at, const OwnFields *f, const Slo *slo,
                      Error *err)
{
        if (slo->kind == SLO_BELOW && !f->below)
                return value_fail(err, rd->doc, at, "'%.*s' needs 'below': what is good",
                                  SPAN_ARG(f->metric));
        if (slo->kind == SLO_NO_ERROR && f->below)
                return value_fail(err, rd->doc, f->below,
                                  "'%.*s' counts requests that fail: it has no 'below'",
                                  SPAN_ARG(f->metric));
        return 0;
}

static int read_one(SloReader *rd, const Value *at, Error *err)
{
        OwnFields f = { 0 };
        Slo slo = { 0 };
        double scale = 0;
        int r = value_read_fields(rd->doc, at, own_fields, COUNT(own_fields), &f, err);

        if (r == 0 && !slo_metric(f.metric, &slo, &scale))
                r = value_fail(err, rd->doc, value_get(at, "metric"), "hone knows no metric '%.*s'",
                               SPAN_ARG(f.metric));
        if (r == 0)
                r = check_kind(rd, at, &f, &slo, err);
        if (r == 0 && f.below)
                r = slo_read_below(rd, f.below, scale, &slo, err);
        if (r == 0)
                r = slo_read_objective(rd, f.objective, &slo.objective, err);
        if (r < 0)
                return r;
        slo.name = f.name.len ? f.name : f.metric;
        slo.subject = f.subject;
        slo.window_ns = f.window_ns;
        return slo_add(rd, at, &slo, err);
}

typedef struct FileFields {
        const Value *slos, *unused;
} FileFields;

static const Field file_fields[] = {
        { "slos", FIELD_VALUE, offsetof(FileFields, slos), true, "a list" },
        { "version", FIELD_VALUE, offsetof(FileFields, unused), false, "for people" },
        { "description", FIELD_VALUE, offsetof(FileFields, unused), false, "for people" },
        { "$schema", FIELD_VALUE, offsetof(FileFields, unused), false, "for editors" },
};

int slo_read_own(SloReader *rd, Error *err)
{
        FileFields f = { 0 };
        int r = value_read_fields(rd->doc, rd->doc->root, file_fields, COUNT(file_fields), &f, err);

        if (r == 0)
                r = value_expect(rd->doc, f.slos, VALUE_LIST, err);
        if (r < 0)
                return r;
        value_each (at, f.slos) {
                r = read_one(rd, at, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

typedef struct Documents {
        Document items[MOST_DOCUMENTS];
        size_t len;
} Documents;

static bool has_content(Span text)
{
        Span line;

        while (span_next_line(&text, &line)) {
                Span word = span_trim(line);

                if (word.len && word.ptr[0] != '#' && !span_is(word, "..."))
                        return true;
        }
        return false;
}

/* One document of several, with as many empty lines before it as lines went before, so that its
 * errors name their place in the file. */
static int parse_document(Span text, size_t lines_before, const char *name, Arena *arena,
                          Documents *docs, Error *err)
{
        Buf padded = buf_in(arena, YAML_MAX_BYTES);

        if (!has_content(text))
                return 0;
        if (docs->len == MOST_DOCUMENTS)
                return fail(err, ERR_INPUT, "%s:%zu: more than %d documents", name,
                            lines_before + 1, MOST_DOCUMENTS);
        buf_repeat(&padded, '\n', lines_before);
        buf_add(&padded, text);
        if (buf_check(&padded, err) < 0)
                return -err->code;
        docs->len++;
        return yaml_parse(buf_span(&padded), name, arena, &docs->items[docs->len - 1], err);
}

/* Documents of YAML are parted by lines that start with three dashes. */
static int parse_documents(Span text, const char *name, Arena *arena, Documents *docs, Error *err)
{
        Span rest = text, line;
        const char *start = text.ptr;
        size_t lines = 0, start_line = 0;

        while (span_next_line(&rest, &line)) {
                lines++;
                if (!span_is(span_trim(line), "---") || line.ptr[0] != '-')
                        continue;
                if (parse_document((Span){ start, (size_t)(line.ptr - start) }, start_line, name,
                                   arena, docs, err) < 0)
                        return -err->code;
                start = line.ptr + line.len;
                start_line = lines - 1;
        }
        return parse_document((Span){ start, (size_t)(text.ptr + text.len - start) }, start_line,
                              name, arena, docs, err);
}

static bool looks_like_json(Span text)
{
        Span start = span_trim(text);

        return span_starts(start, "{") || span_starts(start, "//") || span_starts(start, "/*");
}

static int read_documents(SloReader *rd, const Documents *docs, Error *err)
{
        if (slo_is_open(&docs->items[0]))
                return slo_read_open(rd, docs->items, docs->len, err);
        rd->doc = &docs->items[0];
        if (docs->len > 1)
                return value_fail(err, rd->doc, docs->items[1].root,
                                  "a second document, which only OpenSLO files have");
        return slo_read_own(rd, err);
}

int slo_parse(Span text, const char *name, Arena *arena, SloList *ret, Error *err)
{
        SloReader rd = { .name = name,
                         .arena = arena,
                         .items = VEC_INIT(MOST_SLOS),
                         .notes = VEC_INIT(MOST_NOTES) };
        Documents *docs = new (arena, Documents, 1);
        int r;

        if (looks_like_json(text)) {
                docs->len = 1;
                r = json_parse(text, name, arena, &docs->items[0], err);
        } else {
                r = parse_documents(text, name, arena, docs, err);
        }
        if (r == 0 && docs->len == 0)
                r = fail(err, ERR_INPUT, "%s: the file is empty", name);
        if (r == 0)
                r = read_documents(&rd, docs, err);
        if (r < 0)
                return r;
        if (rd.items.len == 0)
                return fail(err, ERR_INPUT, "%s: no objective is set", name);
        *ret = (SloList){ .file = name,
                          .items = rd.items.items,
                          .len = rd.items.len,
                          .notes = rd.notes.items,
                          .n_notes = rd.notes.len };
        return 0;
}
