#pragma once
/* The lines of `perf script` text, one at a time.
 *
 *         java 24636/25607 [000] 4794564.109216:   1 cycles:u:
 *                     7f0c44a1 JavaCalls::call_helper+0x2a (/usr/lib/libjvm.so)
 *
 * The rules are those of stackcollapse-perf.pl, so that the same text gives the same stacks. They
 * are regular expressions there and plain scanning here; comments quote the expression.
 */

#include "import/profile/profile_format.h"

/* Views into the line; a part that is missing is empty. */
typedef struct PerfEventLine {
        Span comm, pid, tid; /* as perf printed them; pid is empty when there is one number */
        Span who;            /* comm to tid: all that names a thread */
        Span rest;           /* what follows it */
        Span event;          /* empty: the line does not end in "event:" */
        uint64_t period;     /* 1 when none is written */
        bool has_period;
} PerfEventLine;

/* False: the line is none. */
bool perf_event_line(Span line, PerfEventLine *ret);
/* "198792.736893:" among `rest`, in ns; false: there is none. */
bool perf_event_time(Span rest, uint64_t *ret_ns);

typedef struct PerfFrameLine {
        Span pc, function, module;
} PerfFrameLine;

bool perf_frame_line(Span line, PerfFrameLine *ret);

/* A whole sample in one line, as perf prints it without call chains. */
bool perf_sample_line(Span line, PerfEventLine *ret_event, PerfFrameLine *ret_frame);

/* Calls `each` for every frame that the line stands for, outermost first: none for "(name)",
 * several where callees were inlined. False: `each` refused one. */
typedef bool (*PerfFrameEach)(void *context, const FrameDesc *frame);
bool perf_frame_names(const PerfFrameLine *line, const ProfileImportPlan *plan, bool is_java,
                      Arena *scratch, PerfFrameEach each, void *context);
