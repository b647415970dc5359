#pragma once
/* What the files that read Chrome's trace events share: events first, stacks afterwards, since
 * events of several threads come mixed and in no order. */

#include "import/profile/json_pull.h"
#include "import/profile/open_stack.h"

#define TRACE_PROCESS UINT64_MAX /* the tid under which a process keeps its name */

typedef struct TraceEvent {
        int64_t at_ns, lasts_ns;
        uint32_t name, thread, order;
        char phase;
        bool has_name;
} TraceEvent;

typedef struct TraceThread {
        uint64_t pid, tid;
        Span name;
} TraceThread;

/* What was said about one JavaScript profile, in order. */
typedef struct TraceChunk {
        uint64_t pid, tid;
        Span id;        /* raw text: together with the pid it names the profile */
        VEC(Span) data; /* args.data or args, raw */
} TraceChunk;

typedef struct Trace {
        Intake *in;
        VEC(Span) names;
        Map name_ids;
        VEC(TraceEvent) events;
        VEC(TraceThread) threads;
        Map thread_ids;
        VEC(TraceChunk) chunks;
        Map chunk_ids;
        const char *start; /* of the text, for places */
        Span weights;      /* what time stands for in traces that hone wrote */
        Unit unit;
        double scale;
        bool has_events, ended_early;
        uint64_t untimed, other, unmatched, unclosed, overlapping;
} Trace;

/* "process thread", as far as they are named. */
Span trace_thread_name(const Trace *t, uint64_t pid, uint64_t tid);
void trace_keep_chunk(Trace *t, JsonPull *pull, Span args, Span id, uint64_t pid, uint64_t tid);
/* One profile per thread that has spans. */
int trace_add_threads(Trace *t);
/* One profile per JavaScript profile. */
int trace_add_chunks(Trace *t);
