#include "model/recording_json_int.h"
#include "model/varint.h"

#define LONGEST_INLINE_LIST 32
#define LARGEST_BLOB MiB(256)
#define TOP_FUNCTIONS 30

static Span metric_name(MetricId metric)
{
        return span_of(metric_def(metric)->name);
}

static Span metric_unit(MetricId metric)
{
        return span_of(unit_name(metric_def(metric)->unit));
}

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
                fields_write(to->w, value_rows.rows, value_rows.len, &row);
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
        fields_write(to->w, distribution_rows.rows, distribution_rows.len, &row);
        if (to->sink) {
                hist_pack(item->hist, &packed);
                r = write_blob(to, &packed);
        } else {
                write_summary(to->w, item->hist);
        }
        json_close_object(to->w);
        return r;
}

static void write_numbers(Writing *to, const char *key, const double *numbers, size_t len)
{
        json_key(to->w, key);
        json_open_array(to->w);
        for (size_t i = 0; i < len; i++)
                json_double(to->w, numbers[i]);
        json_close_array(to->w);
}

static void pack_numbers(Buf *out, const double *numbers, size_t len)
{
        for (size_t i = 0; i < len; i++)
                varint_put_double(out, numbers[i]);
}

static int write_series_values(Writing *to, const Series *item)
{
        Buf packed = buf_in(to->scratch, LARGEST_BLOB);

        if (to->sink && item->len > LONGEST_INLINE_LIST) {
                pack_numbers(&packed, item->values, item->len);
                return write_blob(to, &packed);
        }
        write_numbers(to, "values", item->values, item->len);
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
        fields_write(to->w, series_rows.rows, series_rows.len, &row);
        r = write_series_values(to, item);
        json_close_object(to->w);
        return r;
}

static int write_samples_values(Writing *to, const Samples *item)
{
        Buf packed = buf_in(to->scratch, LARGEST_BLOB);

        if (to->sink && item->len > LONGEST_INLINE_LIST) {
                pack_numbers(&packed, item->values, item->len);
                for (size_t i = 0; item->blocks && i < item->len; i++)
                        varint_put(&packed, item->blocks[i]);
                return write_blob(to, &packed);
        }
        write_numbers(to, "values", item->values, item->len);
        if (!item->blocks)
                return 0;
        json_key(to->w, "blocks");
        json_open_array(to->w);
        for (size_t i = 0; i < item->len; i++)
                json_u64(to->w, item->blocks[i]);
        json_close_array(to->w);
        return 0;
}

static int write_one_samples(Writing *to, const Samples *item)
{
        SamplesDoc row = { .metric = metric_name(item->metric),
                           .unit = metric_unit(item->metric),
                           .subject = item->subject,
                           .len = item->len,
                           .interleaved = item->blocks != NULL };
        int r;

        json_open_object(to->w);
        fields_write(to->w, samples_rows.rows, samples_rows.len, &row);
        r = write_samples_values(to, item);
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

static int write_samples(Writing *to, const Recording *rec)
{
        int r = 0;

        if (rec->samples.len == 0)
                return 0;
        json_key(to->w, "samples");
        json_open_array(to->w);
        for (size_t i = 0; i < rec->samples.len && r == 0; i++) {
                Mark mark = arena_mark(to->scratch);

                r = write_one_samples(to, &rec->samples.items[i]);
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
                fields_write(to->w, note_rows.rows, note_rows.len, &row);
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
                write_values,  write_distributions, write_series,
                write_samples, write_notes,         write_profile,
        };
        AUTO(arena_freep) Arena *scratch = arena_new(4 * LARGEST_BLOB);
        Writing to = { .w = w, .sink = sink, .scratch = scratch, .err = err };
        RecordingDoc head = { .format = RECORDING_FORMAT,
                              .wall_ns = rec->wall_ns,
                              .duration_ns = rec->duration_ns,
                              .instrument = rec->instrument,
                              .tier = rec->tier,
                              .partial = rec->partial };
        int r = 0;

        json_open_object(w);
        fields_write(w, recording_rows.rows, recording_rows.len, &head);
        for (size_t i = 0; i < COUNT(parts) && r == 0; i++)
                r = parts[i](&to, rec);
        json_close_object(w);
        return r < 0 ? r : buf_check(w->out, err);
}
