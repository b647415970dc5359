#pragma once
/* A Run as a JSON document: target, plan, fingerprint, noise and the recording.
 *
 * With a sink the document can be read back and equals the run (its id apart, which only a store
 * gives); without one it is for readers and carries the plan as an object and the id. See
 * recording_json.h.
 */

#include "model/recording_json.h"
#include "model/run.h"

int run_write_json(const Run *run, const BlobSink *sink, JsonWriter *w, Error *err);
int run_read_json(const Document *doc, const BlobSource *source, Arena *arena, Run **ret,
                  Error *err);
