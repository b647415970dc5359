/* Any text as a stored run. The document ends at the first NUL; what follows is the one blob that
 * every name stands for. What is read must survive being written and read again. */
#include "model/run_json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int one_blob(void *state, Span name, Arena *arena, Span *ret, Error *err)
{
        (void)name, (void)arena, (void)err;
        *ret = *(const Span *)state;
        return 0;
}

/* Blobs under the number of their place. */
typedef struct Shelf {
        Arena *arena;
        Span blobs[1000];
        size_t len;
} Shelf;

static int shelf_put(void *state, Span bytes, char ret_name[static DIGEST_SIZE], Error *err)
{
        Shelf *shelf = state;

        if (shelf->len == COUNT(shelf->blobs))
                return fail(err, ERR_LIMIT, "the shelf is full");
        snprintf(ret_name, DIGEST_SIZE, "%zu", shelf->len);
        shelf->blobs[shelf->len++] = span_copy(shelf->arena, bytes);
        return 0;
}

static int shelf_get(void *state, Span name, Arena *arena, Span *ret, Error *err)
{
        const Shelf *shelf = state;
        uint64_t at;

        (void)arena;
        BUG_IF(span_to_u64(name, &at, err) < 0 || at >= shelf->len);
        *ret = shelf->blobs[at];
        return 0;
}

static void rewrite(const Run *run)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Shelf *shelf = new (arena, Shelf, 1);
        Buf out = buf_in(arena, MiB(16)), readers = buf_in(arena, MiB(64));
        JsonWriter w = json_to(&out, false), pretty = json_to(&readers, true);
        Document doc;
        Run *back;
        Error err = { 0 };

        shelf->arena = arena;
        if (run_write_json(run, &(BlobSink){ shelf_put, shelf }, &w, &err) < 0) {
                BUG_IF(err.code != ERR_LIMIT);
                return;
        }
        BUG_IF(json_parse_strict(buf_span(&out), "written", arena, &doc, &err) < 0);
        BUG_IF(run_read_json(&doc, &(BlobSource){ shelf_get, shelf }, arena, &back, &err) < 0);
        BUG_IF(back->recording->values.len != run->recording->values.len);
        BUG_IF(back->recording->series.len != run->recording->series.len);
        BUG_IF(!span_eq(back->plan_json, run->plan_json));
        BUG_IF(run_write_json(run, NULL, &pretty, &err) < 0);
        BUG_IF(json_parse_strict(buf_span(&readers), "readers", arena, &doc, &err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
        size_t len = nul ? (size_t)(nul - data) : size;
        Span blob = nul ? (Span){ (const char *)nul + 1, size - len - 1 } : (Span){ 0 };
        Document doc;
        Error err = { 0 };
        Run *run;
        int r = json_parse_strict((Span){ (const char *)data, len }, "fuzz", arena, &doc, &err);

        if (r == 0)
                r = run_read_json(&doc, &(BlobSource){ one_blob, &blob }, arena, &run, &err);
        if (r == 0)
                rewrite(run);
        else
                BUG_IF(!err.message[0]);
        return 0;
}
