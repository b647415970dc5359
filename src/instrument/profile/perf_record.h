#pragma once
/* Records of the kernel's perf ring buffers, as our events ask for them: bytes in, fields out.
 *
 * The layout follows from PERF_SAMPLE_FORMAT and PERF_USER_REGISTERS below, which the events are
 * opened with (see perf_event_open(2) and <linux/perf_event.h>). Spans point into the record.
 * A record that is torn, cut or lies about its lengths is an error, never a read outside of it.
 */

#include "instrument/profile/dwarf_expr.h"

#include <linux/perf_event.h>

#define PERF_SAMPLE_FORMAT                                                       \
        (PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | \
         PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER |    \
         PERF_SAMPLE_STACK_USER)

/* ax bx cx dx si di bp sp ip, r8..r15: <asm/perf_regs.h> of x86 */
#define PERF_USER_REGISTERS UINT64_C(0xff01ff)
#define PERF_RECORD_MAX 65536

typedef struct PerfSample {
        uint64_t ip, period;
        uint32_t pid, tid, cpu;
        Span callchain; /* 64-bit addresses of the kernel, innermost first, with context marks */
        bool has_user;  /* registers of a 64-bit program are there */
        Registers regs;
        StackCopy stack;
} PerfSample;

typedef struct PerfMmap {
        uint32_t pid, tid;
        uint64_t start, length, file_offset;
        uint32_t dev_major, dev_minor;
        uint64_t inode;
        bool executable;
        Span path;
} PerfMmap;

typedef struct PerfComm {
        uint32_t pid, tid;
        bool exec; /* a new program was started: its old mappings are gone */
        Span name;
} PerfComm;

typedef struct PerfTask {
        uint32_t pid, parent_pid, tid, parent_tid;
} PerfTask;

typedef struct PerfRecord {
        uint32_t type; /* PERF_RECORD_*; types not named here have a time only */
        uint64_t time_ns;
        union {
                PerfSample sample; /* PERF_RECORD_SAMPLE */
                PerfMmap mmap;     /* PERF_RECORD_MMAP2 */
                PerfComm comm;     /* PERF_RECORD_COMM */
                PerfTask task;     /* PERF_RECORD_FORK, PERF_RECORD_EXIT */
                uint64_t lost;     /* PERF_RECORD_LOST, PERF_RECORD_LOST_SAMPLES */
        };
} PerfRecord;

/* `bytes` is one whole record, header first. */
int perf_record_parse(Span bytes, PerfRecord *ret, Error *err);
/* When it was written; 0 when it is too short to tell. Cheap: for ordering. */
uint64_t perf_record_time(Span bytes);
