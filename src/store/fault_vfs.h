#pragma once
/* For tests: SQLite over a file system that fails, or ends the program, at the n-th operation.
 *
 *         fault_vfs_install();                            // becomes the default file system
 *         fault_vfs_plan((FaultPlan){ .at = 17, .action = FAULT_EXIT });
 *         ... store_put(...) ...
 *
 * Counted are writes, syncs, truncations and deletions of any file of the database, in order,
 * from 1 after each plan. FAULT_EXIT writes half of what the operation was to write (a torn
 * write) and ends the process at once, as kill -9 does. FAULT_POWER does the same and undoes all
 * writes since each file's last sync first, as a power failure may.
 */

#include "base/macros.h"

typedef enum FaultAction {
        FAULT_NONE,
        FAULT_EXIT,
        FAULT_POWER,
        FAULT_FULL,
        FAULT_IOERR
} FaultAction;

#define FAULT_EXIT_STATUS 42

typedef struct FaultPlan {
        uint64_t at; /* 0: never */
        FaultAction action;
        bool stays; /* every later operation fails, too */
} FaultPlan;

void fault_vfs_install(void);
void fault_vfs_remove(void);
void fault_vfs_plan(FaultPlan plan);
uint64_t fault_vfs_count(void); /* operations since the plan was given */
