#pragma once
/* The shape of a recording's document, shared by its reader and its writer: one struct and one
 * table of fields per kind of item. */

#include "model/json_fields.h"
#include "model/recording_json.h"

#define RECORDING_FORMAT 1

typedef struct RecordingDoc {
        uint64_t format, wall_ns, duration_ns;
        Span instrument, tier;
        bool partial;
        const Value *values, *distributions, *series, *samples, *notes, *profile;
} RecordingDoc;

typedef struct ValueDoc {
        Span metric, unit, subject;
        double value, low, high;
        uint64_t n;
} ValueDoc;

typedef struct DistributionDoc {
        Span metric, unit, name, subject, blob;
} DistributionDoc;

typedef struct SeriesDoc {
        Span metric, unit, subject, blob;
        uint64_t start_ns, step_ns, len;
        const Value *values;
} SeriesDoc;

typedef struct SamplesDoc {
        Span metric, unit, subject, blob; /* the values, then the blocks when there are any */
        uint64_t len;
        bool interleaved;
        const Value *values, *blocks;
} SamplesDoc;

typedef struct NoteDoc {
        Span kind, text;
} NoteDoc;

typedef struct ProfileDoc {
        Span blob;
} ProfileDoc;

typedef struct FieldRows {
        const Field *rows;
        size_t len;
} FieldRows;

extern const FieldRows recording_rows, value_rows, distribution_rows, series_rows, samples_rows,
        note_rows, profile_rows;
