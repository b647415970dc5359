#pragma once
/* The one mutable global: has the user asked to stop? Set by SIGINT and SIGTERM; a second signal
 * ends the program at once. Waiting code checks it and returns ERR_INTERRUPTED. */

#include "base/error.h"

void interrupt_install(void);
bool interrupted(void);
void interrupt_clear(void); /* for tests */
int fail_interrupted(Error *err);
