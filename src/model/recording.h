#pragma once
/* What one instrument saw in one window: values, distributions, series, a profile, and what it
 * did not see. Everything has a unit from the metric catalogue.
 *
 *         Recording *rec = recording_new(arena, "load");
 *         recording_value(rec, METRIC_LATENCY_P50, SPAN(""), 1.2e6, hist->total);
 *         recording_note(rec, NOTE_NOT_EXAMINED, "TLS handshakes: the target is plain HTTP");
 *
 * `subject` tells apart what one metric is about: "" the target as a whole, an endpoint
 * ("GET /api/x"), a benchmark, a disk, a process. Everything added is copied or owned by the
 * recording's arena. What does not fit under the ceilings (100 000 values and samples, 10 000
 * distributions and series, 1000 notes, the arena's own) sets `overflowed` and leaves a warning
 * among the notes.
 */

#include "model/metric.h"
#include "model/profile.h"
#include "stats/hist.h"

typedef struct MetricValue {
        MetricId metric;
        Span subject;
        double value;
        double low, high; /* interval; NaN: none */
        uint64_t n;       /* samples behind it; 0: not a sample statistic */
} MetricValue;

typedef struct Distribution {
        MetricId metric; /* its unit and meaning, e.g. METRIC_LATENCY_P50 stands for latency */
        Span name;       /* "latency", "service_time", "ttfb", "send_lag" */
        Span subject;
        Hist *hist;
} Distribution;

typedef struct Series {
        MetricId metric;
        Span subject;
        uint64_t start_ns, step_ns; /* from the window's start */
        const double *values;       /* NaN: no value in that step */
        size_t len;
} Series;

/* Repeated measurements of one thing, each as good as a run of its own, in the order they were
 * made: what tests are done on. Values of one block were measured side by side. */
typedef struct Samples {
        MetricId metric;
        Span subject;
        const double *values;
        const uint32_t *blocks; /* the block of each, from 0; NULL: not interleaved */
        size_t len;
} Samples;

#define NOTE_KINDS(X)                                                    \
        X(EXAMINED, "examined")                                          \
        X(NOT_EXAMINED, "not examined") /* and why */                    \
        X(WARNING, "warning")           /* makes the numbers doubtful */ \
        X(ERROR_KIND, "error kind")     /* "connection reset: 12" */

typedef enum NoteKind {
#define X(id, name) NOTE_##id,
        NOTE_KINDS(X)
#undef X
} NoteKind;

typedef struct Note {
        NoteKind kind;
        Span text;
} Note;

typedef struct Recording {
        Arena *arena;
        Span instrument;
        Span tier;                     /* how it was measured: "epoll", "perf_event", "/proc" */
        uint64_t wall_ns, duration_ns; /* start since 1970; length of the measured window */
        bool partial;                  /* interrupted: what was seen until then */
        VEC(MetricValue) values;
        VEC(Distribution) distributions;
        VEC(Series) series;
        VEC(Samples) samples;
        VEC(Note) notes;
        Profile *profile; /* NULL: none */
        bool overflowed;
        MetricValue overflow_value; /* what recording_value() answers when there is no room */
} Recording;

Recording *recording_new(Arena *arena, const char *instrument);
MetricValue *recording_value(Recording *rec, MetricId metric, Span subject, double value,
                             uint64_t n);
void recording_distribution(Recording *rec, MetricId metric, const char *name, Span subject,
                            Hist *hist);
void recording_series(Recording *rec, MetricId metric, Span subject, uint64_t start_ns,
                      uint64_t step_ns, const double *values, size_t len);
/* `blocks` may be NULL. */
void recording_samples(Recording *rec, MetricId metric, Span subject, const double *values,
                       const uint32_t *blocks, size_t len);
void recording_note(Recording *rec, NoteKind kind, const char *format, ...) PRINTF(3, 4);

const char *note_kind_name(NoteKind kind);

const MetricValue *recording_find(const Recording *rec, MetricId metric, Span subject);
double recording_get(const Recording *rec, MetricId metric, Span subject); /* NaN: absent */
const Distribution *recording_find_distribution(const Recording *rec, const char *name,
                                                Span subject);
const Series *recording_find_series(const Recording *rec, MetricId metric, Span subject);
const Samples *recording_find_samples(const Recording *rec, MetricId metric, Span subject);
