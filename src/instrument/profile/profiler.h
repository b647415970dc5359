#pragma once
/* Stack sampling through perf_event_open, unwound in-process without frame pointers.
 *
 * Kernel ring buffers carry registers and a copy of the stack's top; a reader thread unwinds each
 * sample by the modules' .eh_frame as it arrives and keeps only the chain, so no stack bytes are
 * stored. Symbols and lines come from elfutils once per build-id, after the window.
 */

#include "instrument/instrument.h"

typedef struct ProfilePlan {
        double rate_hz;       /* 0: 99 */
        uint64_t duration_ns; /* 0: until stopped, or the command ends */
        unsigned stack_bytes; /* copied per sample; 0: 32 KiB; multiple of 8, <= 65528 */
        unsigned max_nodes;   /* trie ceiling; 0: 1 M */
        bool no_kernel;       /* leave kernel frames out */
        bool no_inlines;      /* do not expand inlined functions */
        bool no_symbol_cache; /* neither read nor write indexes of symbols on disk */
        bool debuginfod;      /* ask the servers of DEBUGINFOD_URLS */
} ProfilePlan;
