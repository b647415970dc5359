#pragma once
/* What one thread counted about one endpoint, in memory that does not grow with the work.
 *
 *         Tally *t = tally_new(arena, n_endpoints);       // one per endpoint
 *         tally_answer(&t[endpoint], &(Answer){ ... });
 *         ... at the end ...
 *         tally_merge(&all, &t[endpoint], err);
 *
 * Counted are completions inside the measured window, whenever their request was sent: so a slow
 * request that is cut off by the end of the window is made up for by one that reaches into its
 * start, and neither throughput nor the latency of a steady service is biased.
 *
 * `latency` holds answers of every status, and time-outs with the time they had waited: leaving
 * those out would make a stalled service look fast. Other failures have no latency.
 */

#include "instrument/load/load.h"

/* Phases and seconds need no third digit: 36 KB a histogram instead of 270 KB. */
#define HIST_PHASE ((HistLayout){ .lowest = 64, .highest = UINT64_C(3600000000000), .digits = 2 })

#define STATUS_COUNT 1000
#define STATUS_CLASSES 10

/* When an answer's parts happened, on the monotonic clock. */
typedef struct AnswerTimes {
        uint64_t due_ns; /* where latency starts: open model, the arrival; closed, the start */
        uint64_t sent_ns, first_ns, done_ns;
} AnswerTimes;

typedef struct Tally {
        Hist *latency, *service, *ttfb, *transfer;
        Hist *step; /* latency since the last step of the series */
        uint64_t answers, body_bytes;
        uint64_t bytes_in, bytes_out;
        uint64_t failed_answers; /* of class 4xx, 5xx and above */
        uint64_t classes[STATUS_CLASSES];
        uint64_t errors[LOAD_ERROR_COUNT_];
        uint64_t n_errors;
        uint64_t step_answers, step_failures, step_errors;
} Tally;

size_t tally_bytes(void); /* at most, with its histograms: for an arena's ceiling */
Tally *tally_new(Arena *arena, unsigned n);
int tally_try(Arena *arena, Tally *ret, Error *err); /* one, without `step` */
void tally_answer(Tally *t, const AnswerTimes *times, unsigned status, uint64_t body_bytes);
void tally_error(Tally *t, LoadError kind);
void tally_waited(Tally *t, uint64_t waited_ns); /* a time-out's share of the latency */
int tally_merge(Tally *into, const Tally *from, Error *err);
