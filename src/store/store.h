#pragma once
/* Runs on disk: written whole or not at all, never changed afterwards.
 *
 *         Store *store;
 *         r = store_open(".hone/hone.db", STORE_WRITE, arena, &store, err);
 *         r = store_put(store, run, &id, err);
 *         r = store_get(store, id, arena, &run, err);
 *         store = store_close(store);
 *
 * A run is one SQLite transaction (WAL): its row, its metric values, its references to blobs.
 * Histograms, series and profiles are blobs named by the SHA-256 of their content, compressed
 * with zstd, stored once. Opening migrates an older schema in one transaction and refuses a newer
 * one; a damaged file is named, never repaired in silence.
 */

#include "model/comparison.h"
#include "model/finding.h"
#include "model/run.h"

typedef struct Store Store;
typedef enum StoreMode { STORE_READ, STORE_WRITE } StoreMode;

/* STORE_WRITE makes the file and its folder; STORE_READ of a missing file is ERR_NOT_FOUND. */
int store_open(const char *path, StoreMode mode, Arena *arena, Store **ret, Error *err);
Store *store_close(Store *store); /* accepts NULL, returns NULL */
void store_closep(Store **store);

int store_put(Store *store, const Run *run, uint64_t *ret_id, Error *err);
/* Several runs in one transaction: all or none. */
int store_put_all(Store *store, Run *const *runs, size_t n, uint64_t *ret_ids, Error *err);
int store_get(Store *store, uint64_t id, Arena *arena, Run **ret, Error *err);

typedef struct RunSummary {
        uint64_t id, wall_ns, duration_ns;
        Span instrument, target, label, group, git_revision;
        bool git_dirty, partial;
        NoiseVerdict noise;
} RunSummary;

typedef struct RunQuery {
        Span instrument, label, group, target; /* empty: any */
        uint64_t before_id;                    /* 0: newest */
        size_t limit;                          /* 0: 50 */
} RunQuery;

/* Newest first. */
int store_list(Store *store, const RunQuery *query, Arena *arena, RunSummary **ret, size_t *ret_n,
               Error *err);
/* "12", "last", "last~2", "last:load" or a label (newest with it); ERR_NOT_FOUND names the nearest.
 */
int store_resolve(Store *store, Span reference, uint64_t *ret_id, Error *err);
/* --- one metric over many runs, without loading them (store_history.c) --- */

/* Texts of equal content are one, so that points are compared by pointer and stay small. */
typedef struct MetricPoint {
        uint64_t run_id, wall_ns, n;
        double value, low, high; /* NaN: none */
        const Span *instrument, *target, *label, *git_revision, *machine_id;
        NoiseVerdict noise;
        bool git_dirty, partial;
} MetricPoint;

typedef struct MetricQuery {
        MetricId metric;
        Span subject;
        Span label, instrument, target; /* empty: any */
        uint64_t since_ns;              /* of the wall clock; 0: any */
        size_t limit;                   /* the newest so many; 0: all, up to 2^22 */
} MetricQuery;

/* The points of one metric and subject by run, oldest first. */
int store_values(Store *store, const MetricQuery *query, Arena *arena, MetricPoint **ret,
                 size_t *ret_n, Error *err);

typedef struct MetricSubject {
        const MetricDef *metric;
        Span subject;
        uint64_t values;
} MetricSubject;

/* Every metric and subject there is, by name; `metric` NULL: all. Metrics that this version does
 * not know are left out. */
int store_subjects(Store *store, const MetricDef *metric, Arena *arena, MetricSubject **ret,
                   size_t *ret_n, Error *err);

/* Checks every blob against its name and every run against its blobs. */
int store_verify(Store *store, uint64_t *ret_runs, Error *err);
/* Named documents that belong to no run (a loop's report, a baseline pointer): whole or absent. */
int store_put_document(Store *store, const char *name, Span bytes, Error *err);
typedef struct NamedDocument {
        const char *name;
        Span bytes;
} NamedDocument;
/* Several in one transaction: all or none. */
int store_put_documents(Store *store, const NamedDocument *documents, size_t n, Error *err);
int store_get_document(Store *store, const char *name, Arena *arena, Span *ret, Error *err);
