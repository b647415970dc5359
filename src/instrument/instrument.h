#pragma once
/* One const struct per instrument: how it is started, stopped, and what it needs.
 *
 * Life: probe -> start -> (wait) -> stop -> Recording. start() returns at once; the instrument
 * works in threads of its own until stop(). Instruments never see each other nor the store: the
 * layer above runs several over the same window and stores what each recorded.
 *
 *         void *state;
 *         r = system_instrument.start(&target, &plan, arena, &state, err);
 *         ...
 *         r = system_instrument.stop(state, arena, &recording, err);    // always frees state
 */

#include "base/os.h"
#include "model/recording.h"
#include "model/target.h"

/* Things an instrument may need; `hone doctor` lists them. */
#define NEEDS(X)                                                        \
        X(NETWORK, "network", "a TCP connection to the target")         \
        X(PROC, "proc", "/proc of the target")                          \
        X(PERF_EVENT, "perf_event",                                     \
          "perf_event_open: root, CAP_PERFMON or "                      \
          "kernel.perf_event_paranoid <= 2 for processes of one's own") \
        X(PTRACE, "ptrace", "memory maps of the target: the same user, or root")

enum {
#define X(id, name, help) NEED_BIT_##id,
        NEEDS(X)
#undef X
                NEED_COUNT_,
};
enum {
#define X(id, name, help) NEED_##id = 1u << NEED_BIT_##id,
        NEEDS(X)
#undef X
};

typedef struct InstrumentProgress {
        uint64_t elapsed_ns, planned_ns; /* planned 0: until stopped */
        double rate_per_s;               /* requests, samples */
        double error_ratio;
} InstrumentProgress;

typedef struct Instrument {
        const char *name, *summary;
        unsigned needs; /* NEED_* */
        size_t plan_size;
        /* Could it run here? Names the tier it would use; fails with the reason and a hint. */
        int (*probe)(const Target *target, const char **ret_tier, Error *err);
        /* `plan` is the instrument's own plan struct; copied. */
        int (*start)(const Target *target, const void *plan, Arena *arena, void **ret_state,
                     Error *err);
        /* The plan's own end; NULL for instruments that run until stopped. False: still running
         * after timeout_ns. */
        bool (*wait)(void *state, uint64_t timeout_ns);
        void (*progress)(void *state, InstrumentProgress *ret); /* may be NULL */
        /* Ends the window and hands over what was seen, `partial` when before the plan's end. */
        int (*stop)(void *state, Arena *arena, Recording **ret, Error *err);
        /* The plan as JSON, for the run. */
        void (*plan_json)(const void *plan, Buf *out);
} Instrument;

extern const Instrument load_instrument, profile_instrument, system_instrument;
extern const Instrument *const instruments[]; /* all, NULL-terminated */
