#include "model/recording_json_int.h"

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
        { "samples", FIELD_VALUE, offsetof(RecordingDoc, samples), false, NULL },
        { "notes", FIELD_VALUE, offsetof(RecordingDoc, notes), true, NULL },
        { "profile", FIELD_VALUE, offsetof(RecordingDoc, profile), false, NULL },
};

static const Field value_fields[] = {
        { "metric", FIELD_TEXT, offsetof(ValueDoc, metric), true, NULL },
        { "unit", FIELD_TEXT, offsetof(ValueDoc, unit), true, NULL },
        { "subject", FIELD_TEXT, offsetof(ValueDoc, subject), false, NULL },
        { "value", FIELD_NUMBER, offsetof(ValueDoc, value), false, NULL },
        { "low", FIELD_NUMBER, offsetof(ValueDoc, low), false, NULL },
        { "high", FIELD_NUMBER, offsetof(ValueDoc, high), false, NULL },
        { "n", FIELD_COUNT, offsetof(ValueDoc, n), false, NULL },
};

static const Field distribution_fields[] = {
        { "metric", FIELD_TEXT, offsetof(DistributionDoc, metric), true, NULL },
        { "unit", FIELD_TEXT, offsetof(DistributionDoc, unit), true, NULL },
        { "name", FIELD_TEXT, offsetof(DistributionDoc, name), true, NULL },
        { "subject", FIELD_TEXT, offsetof(DistributionDoc, subject), false, NULL },
        { "blob", FIELD_TEXT, offsetof(DistributionDoc, blob), false, NULL },
};

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

static const Field samples_fields[] = {
        { "metric", FIELD_TEXT, offsetof(SamplesDoc, metric), true, NULL },
        { "unit", FIELD_TEXT, offsetof(SamplesDoc, unit), true, NULL },
        { "subject", FIELD_TEXT, offsetof(SamplesDoc, subject), false, NULL },
        { "len", FIELD_COUNT, offsetof(SamplesDoc, len), true, NULL },
        { "interleaved", FIELD_BOOL, offsetof(SamplesDoc, interleaved), true, NULL },
        { "blob", FIELD_TEXT, offsetof(SamplesDoc, blob), false, NULL },
        { "values", FIELD_VALUE, offsetof(SamplesDoc, values), false, NULL },
        { "blocks", FIELD_VALUE, offsetof(SamplesDoc, blocks), false, NULL },
};

static const Field note_fields[] = {
        { "kind", FIELD_TEXT, offsetof(NoteDoc, kind), true, NULL },
        { "text", FIELD_TEXT, offsetof(NoteDoc, text), true, NULL },
};

static const Field profile_fields[] = {
        { "blob", FIELD_TEXT, offsetof(ProfileDoc, blob), true, NULL },
};

const FieldRows recording_rows = { recording_fields, COUNT(recording_fields) };
const FieldRows value_rows = { value_fields, COUNT(value_fields) };
const FieldRows distribution_rows = { distribution_fields, COUNT(distribution_fields) };
const FieldRows series_rows = { series_fields, COUNT(series_fields) };
const FieldRows samples_rows = { samples_fields, COUNT(samples_fields) };
const FieldRows note_rows = { note_fields, COUNT(note_fields) };
const FieldRows profile_rows = { profile_fields, COUNT(profile_fields) };
