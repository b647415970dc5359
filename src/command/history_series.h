#pragma once
/* The histories a user asked for, from the store or from a CSV file. */

#include "analysis/history_notes.h"
#include "command/command.h"
#include "process/config.h"

typedef struct HistoryOpts {
        const char *metric, *subject; /* options; words without a name win */
        const char *label, *instrument, *target, *since, *machine, *csv, *html;
        uint64_t limit;
        unsigned method, better;
        double alpha, min_change;
        const char *change, *owner, *reason, *annotate;
        bool accept, fails;
} HistoryOpts;

typedef struct HistorySet {
        History *items; /* those with enough points, the worst first; all when few */
        size_t len;
        size_t n_short;                     /* further ones with too few points */
        uint64_t left_out[LEFT_OUT_COUNT_]; /* values, over all series */
        bool whole;                         /* the points are there, not only their number */
        Span order_reason; /* why commits could not be put in order; empty: they were */
} HistorySet;

typedef struct HistoryAsk {
        Context *ctx;
        const HistoryOpts *opts;
        Span metric, subject; /* empty: all */
        Config config;
        Store *store; /* NULL: a CSV file */
} HistoryAsk;

int history_gather(const HistoryAsk *ask, HistorySet *ret, Error *err);
