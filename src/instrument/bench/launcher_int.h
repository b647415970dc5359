#pragma once
/* What only tests ask of a launcher. */

#include "instrument/bench/counters.h"
#include "instrument/bench/exec.h"

/* Other events than instructions and cycles, in their place; `events` outlives the launcher. */
void launcher_count(Launcher *launcher, const CounterEvent events[static COUNTERS]);
