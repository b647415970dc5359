#pragma once
/* Hardware counters of one execution: which, and whether this machine has them.
 *
 * The launcher opens the events on the program while it waits in front of exec, disabled, inherited
 * by what it starts and enabled on exec, and reads them when the program has ended. (Events on the
 * launcher itself that its programs inherit would be simpler. But the kernel may exchange the
 * contexts of a parent and its clone when it switches between them, and then what exec has enabled
 * is the parent's event, which is never enabled again.) Where the kernel's part is not permitted
 * only the user's is counted. Source: perf_event_open(2), kernel/events/core.c.
 */

#include "base/error.h"
#include "instrument/bench/launcher_protocol.h"

/* Instructions and cycles. */
extern const CounterEvent counter_events[COUNTERS];

typedef struct CounterUse {
        bool counts, user_only;
        const char *reason, *hint; /* why it does not count */
} CounterUse;

/* Asks the kernel, with a counter of our own that is closed again. */
CounterUse counters_probe(const CounterEvent events[static COUNTERS]);
