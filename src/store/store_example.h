#pragma once
/* For tests: a folder of one's own, and runs that tell apart whole from half. */

#include "store/store.h"

/* A new folder under TMPDIR, or in memory where syncing costs nothing; removed with all in it when
 * the arena goes. */
char *example_folder(Arena *arena);
/* Everything a run can hold, derived from `seed`; equal seeds give equal runs. */
Run *example_run(Arena *arena, uint64_t seed);
/* Fails the test unless `run` is what example_run(seed) makes. */
void assert_example(const Run *run, uint64_t seed);
