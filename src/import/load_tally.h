#pragma once
/* Requests of a load test, one by one, into what hone's own load instrument records: latency with
 * its distribution, throughput, errors, a row for each endpoint, and both over time.
 *
 *         LoadTally *tally = load_tally_new(in);
 *         r = load_tally_request(tally, &(LoadRequestSeen){ .endpoint = SPAN("GET /x"),
 *                                                           .at_ns = ..., .latency_ns = ... },
 * err); r = load_tally_record(tally, err);
 *
 * Memory: a histogram for each of at most 50 endpoints, 8 bytes a request for the series.
 */

#include "import/import.h"

typedef struct LoadTally LoadTally;

typedef struct LoadRequestSeen {
        Span endpoint;     /* empty: not told apart */
        uint64_t at_ns;    /* since 1970; 0: not known */
        double latency_ns; /* finite, not negative */
        unsigned status;   /* 0: no answer, or not known */
        bool failed;
        uint64_t line;
} LoadRequestSeen;

int load_tally_new(Import *in, LoadTally **ret, Error *err);
int load_tally_request(LoadTally *tally, const LoadRequestSeen *seen, Error *err);
void load_tally_bytes(LoadTally *tally, double in_bytes, double out_bytes);
/* Times of anything else in the file, so that the window is known. */
void load_tally_time(LoadTally *tally, uint64_t at_ns);
/* Nothing when there was no request. */
int load_tally_record(LoadTally *tally, Error *err);
