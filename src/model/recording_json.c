#include "model/recording_json.h"
#include "model/json_fields.h"
#include "model/varint.h"

#include <inttypes.h>
#include <math.h>

#define FORMAT 1
#define LONGEST_INLINE_SERIES 32
#define LARGEST_BLOB MiB(256)
#define TOP_FUNCTIONS 30
#define MOST_UNKNOWN 100

typedef struct RecordingDoc {
        uint64_t format, wall_ns, duration_ns;
        Span instrument, tier;
        bool partial;
        const Value *values, *distributions, *series, *notes, *profile;
} RecordingDoc;

static const Field recording_fields[] = {
        { "format", FIELD_COUNT, offsetof(RecordingDoc, format), true, NULL },
        { "instrument", FIELD_TEXT, offsetof(RecordingDoc, instrument), true, NULL },
        { "tier", FIELD_TEXT, offsetof(RecordingDoc, tier), false, NULL },
        { "wall_ns", FIELD_COUNT, offsetof(RecordingDoc, wall_ns), true, NULL },
        { "duration_ns", FIELD_COUNT, offsetof(RecordingDoc, duration_ns), true, NULL },
        { "partial", FIELD_BOOL, offsetof(RecordingDoc, partial), true, NULL },
        { "values", FIELD_VALUE, offsetof(RecordingDoc, values), true, NULL },
        { "distributions", FIELD_VALUE, offsetof(RecordingDoc, distributions), true, NULL },
        { "series", FIELD_VALUE, offsetof(RecordingDoc, series), true, NULL },
        { "notes", FIELD_VALUE, offsetof(RecordingDoc, notes), true, NULL },
        { "profile", FIELD_VALUE, offsetof(RecordingDoc, profile), false, NULL },
};

typedef struct ValueDoc {
        Span metric, unit, subject;
        double value, low, high;
        uint64_t n;
} ValueDoc;

static const Field value_fields[] = {
        { "metric", FIELD_TEXT, offsetof(ValueDoc, metric), true, NULL },
        { "unit", FIELD_TEXT, offsetof(ValueDoc, unit), true, NULL },
        { "subject", FIELD_TEXT, offsetof(ValueDoc, subject), false, NULL },
        { "value", FIELD_NUMBER, offsetof(ValueDoc, value), false, NULL },
        { "low", FIELD_NUMBER, offsetof(ValueDoc, low), false, NULL },
        { "high", FIELD_NUMBER, offsetof(ValueDoc, high), false, NULL },
        { "n", FIELD_COUNT, offsetof(ValueDoc, n), false, NULL },
};

typedef struct DistributionDoc {
        Span metric, unit, name, subject, blob;
} DistributionDoc;

static const Field distribution_fields[] = {
        { "metric", FIELD_TEXT, offsetof(DistributionDoc, metric), true, NULL },
        { "unit", FIELD_TEXT, offsetof(DistributionDoc, unit), true, NULL },
        { "name", FIELD_TEXT, offsetof(DistributionDoc, name), true, NULL },
        { "subject", FIELD_TEXT, offsetof(DistributionDoc, subject), false, NULL },
        { "blob", FIELD_TEXT, offsetof(DistributionDoc, blob), false, NULL },
};

typedef struct SeriesDoc {
        Span metric, unit, subject, blob;
        uint64_t start_ns, step_ns, len;
        const Value *values;
} SeriesDoc;

static const Field series_fields[] = {
        { "metric", FIELD_TEXT, offsetof(SeriesDoc, metric), true, NULL },
        { "unit", FIELD_TEXT, offsetof(SeriesDoc, unit), true, NULL },
        { "subject", FIELD_TEXT, offsetof(SeriesDoc, subject), false, NULL },
        { "start_ns", FIELD_COUNT, offsetof(SeriesDoc, start_ns), false, NULL },
        { "step_ns", FIELD_COUNT, offsetof(SeriesDoc, step_ns), true, NULL },
        { "len", FIELD_COUNT, offsetof(SeriesDoc, len), true, NULL },
        { "blob", FIELD_TEXT, offsetof(SeriesDoc, blob), false, NULL },
        { "values", FIELD_VALUE, offsetof(SeriesDoc, values), false, NULL },
};

typedef struct NoteDoc {
        Span kind, text;
} NoteDoc;

static const Field note_fields[] = {
        { "kind", FIELD_TEXT, offsetof(NoteDoc, kind), true, NULL },
        { "text", FIELD_TEXT, offsetof(NoteDoc, text), true, NULL },
};

typedef struct ProfileDoc {
        Span blob;
} ProfileDoc;

static const Field profile_fields[] = {
        { "blob", FIELD_TEXT, offsetof(ProfileDoc, blob), true, NULL },
};

static const char *const note_names[] = {
#define X(id, name) name,
        NOTE_KINDS(X)
#undef X
};

static Span metric_name(MetricId metric)
{
        return span_of(metric_def(metric)->name);
}

static Span metric_unit(MetricId metric)
{
        return span_of(unit_name(metric_def(metric)->unit));
}

/* --- writing --- */

typedef struct Writing {
        JsonWriter *w;
        const BlobSink *sink;
        Arena *scratch;
        Error *err;
} Writing;

static int write_blob(Writing *to, const Buf *bytes)
{
        char name[DIGEST_SIZE];
        int r = buf_check(bytes, to->err);

        if (r == 0)
                r = to->sink->put(to->sink->state, buf_span(bytes), name, to->err);
        if (r < 0)
                return r;
        json_key(to->w, "blob");
        json_text(to->w, name);
        return 0;
}

static int write_values(Writing *to, const Recording *rec)
{
        json_key(to->w, "values");
        json_open_array(to->w);
        vec_each (const MetricValue, item, &rec->values) {
                ValueDoc row = { .metric = metric_name(item->metric),
                                 .unit = metric_unit(item->metric),
                                 .subject = item->subject,
                                 .value = item->value,
                                 .low = item->low,
                                 .high = item->high,
                                 .n = item->n };

                json_open_object(to->w);
                fields_write(to->w, value_fields, COUNT(value_fields), &row);
                json_close_object(to->w);
        }
        json_close_array(to->w);
        return 0;
}

static void write_number(JsonWriter *w, const char *key, double number)
{
        json_key(w, key);
        json_double(w, number);
}

static void write_summary(JsonWriter *w, const Hist *h)
{
        static const struct {
                const char *key;
                double q;
        } quantiles[] = { { "p50", 0.5 },  { "p75", 0.75 },   { "p90", 0.9 },     { "p95", 0.95 },
                          { "p99", 0.99 }, { "p999", 0.999 }, { "p9999", 0.9999 } };

        json_key(w, "count");
        json_u64(w, h->total);
        if (h->total == 0)
                return;
        write_number(w, "mean", hist_mean(h));
        write_number(w, "stddev", hist_stddev(h));
        json_key(w, "min");
        json_u64(w, h->min);
        for (size_t i = 0; i < COUNT(quantiles); i++) {
                json_key(w, quantiles[i].key);
                json_u64(w, hist_quantile(h, quantiles[i].q));
        }
        json_key(w, "max");
        json_u64(w, h->max);
        json_key(w, "saturated");
        json_u64(w, h->saturated);
}

static int write_distribution(Writing *to, const Distribution *item)
{
        DistributionDoc row = { .metric = metric_name(item->metric),
                                .unit = metric_unit(item->metric),
                                .name = item->name,
                                .subject = item->subject };
        Buf packed = buf_in(to->scratch, LARGEST_BLOB);
        int r = 0;

        json_open_object(to->w);
        fields_write(to->w, distribution_fields, COUNT(distribution_fields), &row);
        if (to->sink) {
                hist_pack(item->hist, &packed);
                r = write_blob(to, &packed);
        } else {
                write_summary(to->w, item->hist);
        }
        json_close_object(to->w);
        return r;
}

static int write_series_values(Writing *to, const Series *item)
{
        Buf packed = buf_in(to->scratch, LARGEST_BLOB);

        if (to->sink && item->len > LONGEST_INLINE_SERIES) {
                for (size_t i = 0; i < item->len; i++)
                        varint_put_double(&packed, item->values[i]);
                return write_blob(to, &packed);
        }
        json_key(to->w, "values");
        json_open_array(to->w);
        for (size_t i = 0; i < item->len; i++)
                json_double(to->w, item->values[i]);
        json_close_array(to->w);
        return 0;
}

static int write_one_series(Writing *to, const Series *item)
{
        SeriesDoc row = { .metric = metric_name(item->metric),
                          .unit = metric_unit(item->metric),
                          .subject = item->subject,
                          .start_ns = item->start_ns,
                          .step_ns = item->step_ns,
                          .len = item->len };
        int r;

        json_open_object(to->w);
        fields_write(to->w, series_fields, COUNT(series_fields), &row);
        r = write_series_values(to, item);
        json_close_object(to->w);
        return r;
}

static int write_distributions(Writing *to, const Recording *rec)
{
        int r = 0;

        json_key(to->w, "distributions");
        json_open_array(to->w);
        for (size_t i = 0; i < rec->distributions.len && r == 0; i++) {
                Mark mark = arena_mark(to->scratch);

                r = write_distribution(to, &rec->distributions.items[i]);
                arena_reset(to->scratch, mark);
        }
        json_close_array(to->w);
        return r;
}

static int write_series(Writing *to, const Recording *rec)
{
        int r = 0;

        json_key(to->w, "series");
        json_open_array(to->w);
        for (size_t i = 0; i < rec->series.len && r == 0; i++) {
                Mark mark = arena_mark(to->scratch);

                r = write_one_series(to, &rec->series.items[i]);
                arena_reset(to->scratch, mark);
        }
        json_close_array(to->w);
        return r;
}

static int write_notes(Writing *to, const Recording *rec)
{
        json_key(to->w, "notes");
        json_open_array(to->w);
        vec_each (const Note, item, &rec->notes) {
                NoteDoc row = { span_of(note_kind_name(item->kind)), item->text };

                json_open_object(to->w);
                fields_write(to->w, note_fields, COUNT(note_fields), &row);
                json_close_object(to->w);
        }
        json_close_array(to->w);
        return 0;
}

static const Field quality_fields[] = {
        { "samples", FIELD_COUNT, offsetof(ProfileQuality, samples), true, NULL },
        { "complete", FIELD_COUNT, offsetof(ProfileQuality, complete), true, NULL },
        { "truncated", FIELD_COUNT, offsetof(ProfileQuality, truncated), true, NULL },
        { "lost", FIELD_COUNT, offsetof(ProfileQuality, lost), true, NULL },
        { "dropped", FIELD_COUNT, offsetof(ProfileQuality, dropped), true, NULL },
        { "frames", FIELD_COUNT, offsetof(ProfileQuality, frames), true, NULL },
        { "unknown_frames", FIELD_COUNT, offsetof(ProfileQuality, unknown_frames), true, NULL },
};

static void write_function(JsonWriter *w, const Profile *p, const FunctionCost *cost)
{
        double total = (double)p->total_weight;

        json_open_object(w);
        json_key(w, "function");
        json_span(w, profile_symbol(p, cost->frame));
        json_key(w, "module");
        json_span(w, profile_module(p, cost->frame));
        write_number(w, "self_share", (double)cost->self_weight / total);
        write_number(w, "total_share", (double)cost->total_weight / total);
        json_key(w, "samples");
        json_u64(w, cost->samples);
        json_close_object(w);
}

static void write_profile_summary(Writing *to, const Profile *p)
{
        FunctionCost *costs;
        size_t n = profile_functions(p, to->scratch, &costs);

        json_key(to->w, "event");
        json_text(to->w, p->event);
        write_number(to->w, "rate_hz", p->rate_hz);
        fields_write(to->w, quality_fields, COUNT(quality_fields), &p->quality);
        json_key(to->w, "functions_seen");
        json_u64(to->w, n);
        json_key(to->w, "functions");
        json_open_array(to->w);
        for (size_t i = 0; i < MIN(n, (size_t)TOP_FUNCTIONS); i++)
                write_function(to->w, p, &costs[i]);
        json_close_array(to->w);
}

static int write_profile(Writing *to, const Recording *rec)
{
        Buf packed = buf_in(to->scratch, LARGEST_BLOB);
        int r = 0;

        if (!rec->profile)
                return 0;
        json_key(to->w, "profile");
        json_open_object(to->w);
        if (to->sink) {
                profile_pack(rec->profile, &packed);
                r = write_blob(to, &packed);
        } else {
                write_profile_summary(to, rec->profile);
        }
        json_close_object(to->w);
        return r;
}

int recording_write_json(const Recording *rec, const BlobSink *sink, JsonWriter *w, Error *err)
{
        static int (*const parts[])(Writing *, const Recording *) = {
                write_values, write_distributions, write_series, write_notes, write_profile,
        };
        AUTO(arena_freep) Arena *scratch = arena_new(4 * LARGEST_BLOB);
        Writing to = { .w = w, .sink = sink, .scratch = scratch, .err = err };
        RecordingDoc head = { .format = FORMAT,
                              .wall_ns = rec->wall_ns,
                              .duration_ns = rec->duration_ns,
                              .instrument = rec->instrument,
                              .tier = rec->tier,
                              .partial = rec->partial };
        int r = 0;

        json_open_object(w);
        fields_write(w, recording_fields, COUNT(recording_fields), &head);
        for (size_t i = 0; i < COUNT(parts) && r == 0; i++)
                r = parts[i](&to, rec);
        json_close_object(w);
        return r < 0 ? r : buf_check(w->out, err);
}

/* --- reading --- */

typedef struct Reading {
        const Document *doc;
        const BlobSource *source;
        Arena *arena;
        Recording *rec;
        Map unknown_metrics;
        Error *err;
} Reading;

/* NULL for a metric that this version cannot place; one note each says so. */
static const MetricDef *read_metric(Reading *in, Span name, Span unit)
{
        const MetricDef *def = metric_find(name);
        MapSlot *slot;

        if (def && span_is(unit, unit_name(def->unit)))
                return def;
        slot = map_add(&in->unknown_metrics, name);
        if (slot && slot->number++ == 0)
                recording_note(in->rec, NOTE_NOT_EXAMINED,
                               "'%.*s' in '%.*s' is stored, but not known to this version of hone",
                               SPAN_ARG(span_first(name, 100)), SPAN_ARG(span_first(unit, 100)));
        return NULL;
}

static int read_value(Reading *in, const Value *at)
{
        ValueDoc row = { .value = NAN, .low = NAN, .high = NAN };
        int r = value_read_fields(in->doc, at, value_fields, COUNT(value_fields), &row, in->err);
        const MetricDef *def = r < 0 ? NULL : read_metric(in, row.metric, row.unit);
        MetricValue *item;

        if (!def)
                return r;
        item = recording_value(in->rec, def->id, row.subject, row.value, row.n);
        item->low = row.low;
        item->high = row.high;
        return 0;
}

static int read_blob(Reading *in, const Value *at, Span name, Span *ret)
{
        if (name.len == 0)
                return value_fail(in->err, in->doc, at, "the name of its blob is missing");
        return in->source->get(in->source->state, name, in->arena, ret, in->err);
}

static int read_distribution(Reading *in, const Value *at)
{
        DistributionDoc row = { 0 };
        int r = value_read_fields(in->doc, at, distribution_fields, COUNT(distribution_fields),
                                  &row, in->err);
        const MetricDef *def = r < 0 ? NULL : read_metric(in, row.metric, row.unit);
        Hist *hist;
        Span packed;

        if (!def)
                return r;
        r = read_blob(in, at, row.blob, &packed);
        if (r == 0)
                r = hist_unpack(packed, in->arena, &hist, in->err);
        if (r == 0)
                recording_distribution(in->rec, def->id, span_text(in->arena, row.name),
                                       row.subject, hist);
        return r;
}

static int series_from_blob(Reading *in, const Value *at, Span packed, double *values, size_t len)
{
        VarReader reader = varint_from(packed);

        if (packed.len / sizeof(double) != len || packed.len % sizeof(double))
                return value_fail(in->err, in->doc, at, "its blob does not hold %zu values", len);
        for (size_t i = 0; i < len; i++)
                values[i] = varint_next_double(&reader);
        return 0;
}

static int series_from_list(Reading *in, const Value *list, double *values)
{
        value_each (child, list) {
                if (child->kind == VALUE_NULL)
                        *values++ = NAN;
                else if (value_to_number(in->doc, child, values++, in->err) < 0)
                        return -in->err->code;
        }
        return 0;
}

static int read_series_values(Reading *in, const Value *at, const SeriesDoc *row, double **ret)
{
        Span packed = { 0 };
        double *values;
        int r;

        if (row->values) {
                r = value_expect(in->doc, row->values, VALUE_LIST, in->err);
                if (r == 0 && row->values->count != row->len)
                        r = value_fail(in->err, in->doc, at, "it does not hold 'len' values");
        } else {
                r = read_blob(in, at, row->blob, &packed);
                if (r == 0 && packed.len / sizeof(double) < row->len)
                        r = value_fail(in->err, in->doc, at, "its blob is too short");
        }
        if (r < 0)
                return r;
        values = new_try(in->arena, double, row->len);
        if (!values)
                return fail(in->err, ERR_LIMIT, "%s: it does not fit into memory", in->doc->name);
        r = row->values ? series_from_list(in, row->values, values)
                        : series_from_blob(in, at, packed, values, row->len);
        if (r == 0)
                *ret = values;
        return r;
}

static int read_series(Reading *in, const Value *at)
{
        SeriesDoc row = { 0 };
        int r = value_read_fields(in->doc, at, series_fields, COUNT(series_fields), &row, in->err);
        const MetricDef *def = r < 0 ? NULL : read_metric(in, row.metric, row.unit);
        double *values;

        if (!def)
                return r;
        r = read_series_values(in, at, &row, &values);
        if (r == 0)
                recording_series(in->rec, def->id, row.subject, row.start_ns, row.step_ns, values,
                                 row.len);
        return r;
}

static int read_note(Reading *in, const Value *at)
{
        NoteDoc row = { 0 };
        size_t kind;
        int r = value_read_fields(in->doc, at, note_fields, COUNT(note_fields), &row, in->err);

        if (r == 0)
                r = name_index(in->doc, at, row.kind, note_names, COUNT(note_names), &kind,
                               in->err);
        if (r == 0)
                recording_note(in->rec, (NoteKind)kind, "%.*s", SPAN_ARG(row.text));
        return r;
}

static int read_profile(Reading *in, const Value *at)
{
        ProfileDoc row = { 0 };
        int r = value_read_fields(in->doc, at, profile_fields, COUNT(profile_fields), &row,
                                  in->err);
        Span packed;

        if (r == 0)
                r = read_blob(in, at, row.blob, &packed);
        if (r == 0)
                r = profile_unpack(packed, in->arena, &in->rec->profile, in->err);
        return r;
}

static int read_list(Reading *in, const Value *list, int (*read)(Reading *, const Value *))
{
        int r = value_expect(in->doc, list, VALUE_LIST, in->err);

        value_each (child, r < 0 ? NULL : list) {
                r = read(in, child);
                if (r < 0)
                        return r;
        }
        return r;
}

static int read_parts(Reading *in, const RecordingDoc *head)
{
        int r = read_list(in, head->values, read_value);

        if (r == 0)
                r = read_list(in, head->distributions, read_distribution);
        if (r == 0)
                r = read_list(in, head->series, read_series);
        if (r == 0)
                r = read_list(in, head->notes, read_note);
        if (r == 0 && head->profile)
                r = read_profile(in, head->profile);
        return r;
}

int recording_read_json(const Document *doc, const Value *at, const BlobSource *source,
                        Arena *arena, Recording **ret, Error *err)
{
        Error spare = { 0 };
        Reading in = { .doc = doc,
                       .source = source,
                       .arena = arena,
                       .unknown_metrics = map_in(arena, MOST_UNKNOWN),
                       .err = err ? err : &spare };
        RecordingDoc head = { 0 };
        int r = value_read_fields(doc, at, recording_fields, COUNT(recording_fields), &head,
                                  in.err);

        if (r == 0 && head.format != FORMAT)
                r = value_fail(in.err, doc, at, "format %" PRIu64 " of recordings is not known",
                               head.format);
        if (r < 0)
                return r;
        in.rec = recording_new(arena, span_text(arena, head.instrument));
        in.rec->tier = head.tier;
        in.rec->wall_ns = head.wall_ns;
        in.rec->duration_ns = head.duration_ns;
        in.rec->partial = head.partial;
        r = read_parts(&in, &head);
        if (r == 0 && in.rec->overflowed)
                r = fail(err, ERR_LIMIT, "%s: it holds more than a recording can", doc->name);
        if (r == 0)
                *ret = in.rec;
        return r;
}
