#pragma once
/* What processes used up between two tables, with nothing lost or counted twice when they end.
 *
 *         ledger_settle(&before, &now);                          // once for each pair of tables
 *         ledger_sum(&now, GROUP_TARGET, uses);                  // adds to uses[USE_*]
 *
 * A living process brings the growth of its own numbers; one that was born meanwhile brings all
 * of them. A child that ended is gone from /proc, but the parent that waited for it inherits its
 * lifetime sum (cutime and its kin), so the parent's growth of inherited use, less what had been
 * counted while the child lived, is the child's last stretch. What is owed that way passes to the
 * nearest ancestor that is alive, and expires after two tables: by then it was inherited, or the
 * parent never waits (SIGCHLD ignored) and only the last stretch is lost.
 */

#include "instrument/system/process_table.h"

/* Writes `recent` of every row of `now`; both tables are grouped. */
void ledger_settle(const ProcessTable *before, ProcessTable *now);
void ledger_sum(const ProcessTable *now, Group group, uint64_t uses[static USE_COUNT_]);
/* What an ended process used after `before`, when its parent waited for it and for no other
 * child meanwhile; false: that cannot be told. */
bool ledger_last_stretch(const ProcessTable *before, const ProcessTable *now,
                         const ProcessRow *ended, uint64_t ret_uses[static USE_COUNT_]);
