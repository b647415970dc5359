#pragma once
/* A Recording as a JSON document, with its bulk kept apart.
 *
 *         JsonWriter w = json_to(&buf, false);
 *         r = recording_write_json(rec, &sink, &w, err);      // put() once per blob
 *         ...
 *         r = recording_read_json(&doc, doc.root, &source, arena, &rec, err);
 *
 * Distributions, long series and the profile are binary: a BlobSink takes each (packed, not yet
 * compressed) and answers its name, which is what the document says; a BlobSource gives it back.
 * A store keeps blobs by the SHA-256 of their content.
 *
 * Without a sink (NULL) the document is for readers: distributions as summaries, series in full,
 * the profile as its quality and costliest functions. Such a document is not read back.
 *
 * Metrics stand under their names with their units. Values that are not finite are left out.
 * Reading a document with a metric that this version does not know, or knows with another unit,
 * keeps the rest and says so in a note. Bytes that are not UTF-8 come back as U+FFFD.
 */

#include "base/digest.h"
#include "base/json.h"
#include "model/recording.h"

typedef struct BlobSink {
        int (*put)(void *state, Span bytes, char ret_name[static DIGEST_SIZE], Error *err);
        void *state;
} BlobSink;

typedef struct BlobSource {
        int (*get)(void *state, Span name, Arena *arena, Span *ret_bytes, Error *err);
        void *state;
} BlobSource;

int recording_write_json(const Recording *rec, const BlobSink *sink, JsonWriter *w, Error *err);
int recording_read_json(const Document *doc, const Value *at, const BlobSource *source,
                        Arena *arena, Recording **ret, Error *err);
