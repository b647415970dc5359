#pragma once
/* What the two readers of SLO files share. Private to analysis/slo*.c. */

#include "analysis/slo.h"
#include "base/vec.h"

#define MOST_SLOS 10000

typedef struct SloReader {
        const char *name;
        const Document *doc; /* the one being read */
        Arena *arena;
        VEC(Slo) items;
        VEC(Span) notes;
} SloReader;

/* The number behind a word of the file: "latency", "error_rate", "latency_ms". What one unit of
 * the name is goes to *ret_scale; 0 when the name says no unit. false: there is none such. */
bool slo_metric(Span name, Slo *ret, double *ret_scale);
/* "200ms", "1.5MiB", or a bare number in the unit that the metric's name says. */
int slo_read_below(const SloReader *rd, const Value *at, double scale, Slo *slo, Error *err);
/* "99.5%" or 0.995; above 0 and below 1. */
int slo_read_objective(const SloReader *rd, const Value *at, double *ret, Error *err);
int slo_add(SloReader *rd, const Value *at, const Slo *slo, Error *err);

/* Both add to rd->items. */
int slo_read_own(SloReader *rd, Error *err);
bool slo_is_open(const Document *doc);
int slo_read_open(SloReader *rd, const Document *docs, size_t n, Error *err);
