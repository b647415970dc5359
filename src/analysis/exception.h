#pragma once
/* Reviewed exceptions to what gates and history say: a file in the repository, with owners.
 *
 *         # performance-exceptions.yaml
 *         exceptions:
 *           - metric: latency_p99           # a name of the catalogue, or a budget key
 *             subject: "GET /api/search"    # all subjects when it is left out; * matches any text
 *             action: suppress              # not judged until it expires
 *             owner: ana@example.org
 *             reason: the index is being rebuilt, see issue 41
 *             expires: 2027-01-31
 *           - metric: memory_peak
 *             action: accept                # the level from this revision on is the base line
 *             at: 3f2a91c
 *             owner: ben@example.org
 *             reason: the cache was doubled on purpose
 *
 * Without an owner or a reason an exception is refused, and without `expires` a suppression. One
 * that has expired does nothing and is told.
 */

#include "base/span.h"
#include "model/metric.h"

#define EXCEPTION_ACTIONS(X) X(SUPPRESS, "suppress") X(ACCEPT, "accept")

typedef enum ExceptionAction {
#define X(id, name) EXCEPTION_##id,
        EXCEPTION_ACTIONS(X)
#undef X
} ExceptionAction;

typedef struct Exception {
        ExceptionAction action;
        const MetricDef *metric;
        Span subject; /* pattern; empty: all */
        Span owner, reason;
        Span revision;       /* accept: a prefix of the commit's hash, at least seven characters */
        uint64_t expires_ns; /* end of that day (UTC) since 1970; 0: never */
        uint32_t line;
} Exception;

typedef struct ExceptionList {
        const char *file; /* NULL: there is none */
        Exception *items;
        size_t len;
} ExceptionList;

int exceptions_parse(Span text, const char *name, Arena *arena, ExceptionList *ret, Error *err);
/* performance-exceptions.yaml or .github/performance-exceptions.yaml under dir; none is no error.
 */
int exceptions_load(const char *dir, Arena *arena, ExceptionList *ret, Error *err);
bool exception_expired(const Exception *exception, uint64_t now_ns);
/* Whether it speaks about this metric of this subject, expired or not. */
bool exception_covers(const Exception *exception, MetricId metric, Span subject);
/* The first that speaks about it and has not expired; NULL: none. */
const Exception *exception_for(const ExceptionList *list, ExceptionAction action, MetricId metric,
                               Span subject, uint64_t now_ns);
