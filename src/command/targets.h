#pragma once
/* The project's budgets as the targets of a report: what each metric was, is, and should be. */

#include "command/command.h"
#include "present/report.h"
#include "process/config.h"

/* From the budgets that hone.yaml names, or a file that hone gate would find; none is no error.
 * Reads and completes `in`, whose runs are there already. */
int report_targets(Context *ctx, const Config *config, ReportInput *in, Error *err);
