#pragma once
/* How busy the rest of the machine was during a block of executions: a watch that costs
 * microseconds, because it reads two files and no list of processes.
 *
 *         NoiseBlock *watch = noise_block_new(&(NoiseBlockSetup){ .launcher = launcher }, arena);
 *         noise_block_begin(watch);
 *         ... launcher_exec(launcher, ...) ...
 *         noise = noise_block_end(watch, arena);
 *
 * Work of others is what the CPUs were not idle for, less what was stolen, hone's own work and that
 * of the programs. Idle time is counted to the nanosecond but shown in steps of 10 ms, so a block
 * shorter than NOISE_SHORTEST_WINDOW_S has no verdict (NOISE_UNKNOWN): put the shares of several
 * together, or measure more in a block. The programs' own waiting for a CPU counts in their time.
 * The verdict's limits are those of model/noise_judge.h. Sources: proc_stat(5), proc_pressure(5),
 * proc_pid_schedstat(5), times(2).
 */

#include "base/os.h"
#include "instrument/bench/exec.h"
#include "model/run.h"

typedef struct NoiseBlockSetup {
        const Launcher *launcher; /* whose programs are measured; NULL: children of hone */
        const char *proc_root;    /* NULL: /proc */
        const Os *os;             /* NULL: the real clock */
} NoiseBlockSetup;

typedef struct NoiseBlock NoiseBlock;

/* Its files are closed with the arena. What cannot be read is NaN in the result. */
NoiseBlock *noise_block_new(const NoiseBlockSetup *setup, Arena *arena);
void noise_block_begin(NoiseBlock *watch);
/* Since the last begin; may be asked again, later. The reason lives in the arena. */
Noise noise_block_end(NoiseBlock *watch, Arena *arena);
