#pragma once
/* Programs for the tests to profile: the test program itself, started again with
 * HONE_PROFILE_TARGET=NAME in its environment, becomes one of them (see profile_targets.c). They
 * end by themselves after 20 s. */

#include "base/span.h"

#define TARGET_VARIABLE "HONE_PROFILE_TARGET"
#define TARGET_CHAIN_LENGTH 20

/* Starts a target as a child; returns its pid once it says that it runs. */
int target_start(const char *name);
void target_stop(int pid); /* kills and reaps; checks that it had not crashed */
