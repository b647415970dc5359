#include "model/recording_int.h"
#include "model/recording_json_int.h"
#include "model/varint.h"

#include <inttypes.h>
#include <math.h>

#define MOST_UNKNOWN 100

static const char *const note_names[] = {
#define X(id, name) name,
        NOTE_KINDS(X)
#undef X
};

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
        ValueDoc row = { .value = (double)NAN, .low = (double)NAN, .high = (double)NAN };
        int r = value_read_fields(in->doc, at, value_rows.rows, value_rows.len, &row, in->err);
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
        int r = value_read_fields(in->doc, at, distribution_rows.rows, distribution_rows.len, &row,
                                  in->err);
        const MetricDef *def = r < 0 ? NULL : read_metric(in, row.metric, row.unit);
        Hist *hist;
        Span packed;

        if (!def)
                return r;
        r = read_blob(in, at, row.blob, &packed);
        if (r == 0)
                r = hist_unpack(packed, in->arena, &hist, in->err);
        if (r == 0)
                recording_distribution_named(in->rec, def->id, row.name, row.subject, hist);
        return r;
}

/* Packed numbers at `reader`; false: the blob is shorter. */
static bool unpack_numbers(VarReader *reader, double *values, size_t len)
{
        for (size_t i = 0; i < len; i++)
                values[i] = varint_next_double(reader);
        return !reader->bad;
}

static int numbers_from_list(Reading *in, const Value *list, double *values)
{
        value_each (child, list) {
                if (child->kind == VALUE_NULL)
                        *values++ = (double)NAN;
                else if (value_to_number(in->doc, child, values++, in->err) < 0)
                        return -in->err->code;
        }
        return 0;
}

/* `len` numbers of a list in the document or at the beginning of a blob; ret_rest is what the blob
 * holds besides them. */
static int read_numbers(Reading *in, const Value *at, const Value *list, Span blob, uint64_t len,
                        double **ret, VarReader *ret_rest)
{
        Span packed = { 0 };
        double *values;
        int r;

        if (list) {
                r = value_expect(in->doc, list, VALUE_LIST, in->err);
                if (r == 0 && list->count != len)
                        r = value_fail(in->err, in->doc, at, "it does not hold 'len' values");
        } else {
                r = read_blob(in, at, blob, &packed);
                if (r == 0 && packed.len / sizeof(double) < len)
                        r = value_fail(in->err, in->doc, at, "its blob is too short");
        }
        if (r < 0)
                return r;
        values = new_try(in->arena, double, len);
        if (!values)
                return fail(in->err, ERR_LIMIT, "%s: it does not fit into memory", in->doc->name);
        *ret_rest = varint_from(packed);
        if (list)
                r = numbers_from_list(in, list, values);
        else if (!unpack_numbers(ret_rest, values, len))
                r = value_fail(in->err, in->doc, at, "its blob is damaged");
        if (r == 0)
                *ret = values;
        return r;
}

static int check_used_up(Reading *in, const Value *at, const VarReader *rest)
{
        if (rest->bad || rest->rest.len)
                return value_fail(in->err, in->doc, at, "its blob does not hold 'len' values");
        return 0;
}

static int read_series(Reading *in, const Value *at)
{
        SeriesDoc row = { 0 };
        int r = value_read_fields(in->doc, at, series_rows.rows, series_rows.len, &row, in->err);
        const MetricDef *def = r < 0 ? NULL : read_metric(in, row.metric, row.unit);
        VarReader rest;
        double *values;

        if (!def)
                return r;
        r = read_numbers(in, at, row.values, row.blob, row.len, &values, &rest);
        if (r == 0)
                r = check_used_up(in, at, &rest);
        if (r == 0)
                recording_series(in->rec, def->id, row.subject, row.start_ns, row.step_ns, values,
                                 row.len);
        return r;
}

static int blocks_from_list(Reading *in, const Value *at, const SamplesDoc *row, uint32_t *blocks)
{
        int r = row->blocks ? value_expect(in->doc, row->blocks, VALUE_LIST, in->err)
                            : value_fail(in->err, in->doc, at, "'blocks' is missing");

        if (r == 0 && row->blocks->count != row->len)
                r = value_fail(in->err, in->doc, at, "it does not hold 'len' blocks");
        value_each (child, r < 0 ? NULL : row->blocks) {
                uint64_t block;

                r = value_to_u64(in->doc, child, &block, in->err);
                if (r == 0 && block > UINT32_MAX)
                        r = value_fail(in->err, in->doc, child, "a block beyond %u", UINT32_MAX);
                if (r < 0)
                        return r;
                *blocks++ = (uint32_t)block;
        }
        return r;
}

static int read_blocks(Reading *in, const Value *at, const SamplesDoc *row, VarReader *rest,
                       uint32_t **ret)
{
        uint32_t *blocks = new_try(in->arena, uint32_t, row->len);

        if (!blocks)
                return fail(in->err, ERR_LIMIT, "%s: it does not fit into memory", in->doc->name);
        *ret = blocks;
        if (row->values)
                return blocks_from_list(in, at, row, blocks);
        for (size_t i = 0; i < row->len; i++)
                blocks[i] = (uint32_t)varint_below(rest, (uint64_t)UINT32_MAX + 1);
        return 0;
}

static int read_samples(Reading *in, const Value *at)
{
        SamplesDoc row = { 0 };
        int r = value_read_fields(in->doc, at, samples_rows.rows, samples_rows.len, &row, in->err);
        const MetricDef *def = r < 0 ? NULL : read_metric(in, row.metric, row.unit);
        uint32_t *blocks = NULL;
        VarReader rest;
        double *values;

        if (!def)
                return r;
        r = read_numbers(in, at, row.values, row.blob, row.len, &values, &rest);
        if (r == 0 && row.interleaved)
                r = read_blocks(in, at, &row, &rest, &blocks);
        else if (r == 0 && row.blocks)
                r = value_fail(in->err, in->doc, at, "it has 'blocks', but is not interleaved");
        if (r == 0)
                r = check_used_up(in, at, &rest);
        if (r == 0)
                recording_samples(in->rec, def->id, row.subject, values, blocks, row.len);
        return r;
}

static int read_note(Reading *in, const Value *at)
{
        NoteDoc row = { 0 };
        size_t kind;
        int r = value_read_fields(in->doc, at, note_rows.rows, note_rows.len, &row, in->err);

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
        int r = value_read_fields(in->doc, at, profile_rows.rows, profile_rows.len, &row, in->err);
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
        if (r == 0 && head->samples)
                r = read_list(in, head->samples, read_samples);
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
        int r = value_read_fields(doc, at, recording_rows.rows, recording_rows.len, &head, in.err);

        if (r == 0 && head.format != RECORDING_FORMAT)
                r = value_fail(in.err, doc, at, "format %" PRIu64 " of recordings is not known",
                               head.format);
        if (r < 0)
                return r;
        in.rec = recording_try(arena, head.instrument);
        if (!in.rec)
                return fail(err, ERR_LIMIT, "%s: it does not fit into memory", doc->name);
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
