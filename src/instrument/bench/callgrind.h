#pragma once
/* Instructions of one execution, counted by valgrind's callgrind where no PMU counts them.
 *
 *         r = callgrind_count(launcher, &plan, arena, &count, err);
 *
 * The program runs some 50 times slower, on a processor that valgrind simulates: the count is of
 * user instructions (Ir), repeats nearly exactly, and is never a time. Processes that the program
 * starts are followed and added; what a process executed before it replaced itself by exec is lost.
 * Threads take turns. The plan is that of launcher_exec(); its output goes where the plan says.
 * Format: "Callgrind Format Specification" of the Valgrind manual ("events:", "totals:").
 */

#include "instrument/bench/exec.h"

typedef struct CallgrindCount {
        uint64_t instructions;
        size_t n_processes;
        int exit_status; /* of the program */
} CallgrindCount;

/* ERR_UNAVAILABLE without valgrind; ERR_NOT_FOUND without the program; ERR_TIMEOUT past the plan's
 * time limit. */
int callgrind_count(Launcher *launcher, const ExecPlan *plan, Arena *arena, CallgrindCount *ret,
                    Error *err);
/* The total of one output file, from its beginning and its end, which may overlap. ERR_CORRUPT when
 * it is not whole. */
int callgrind_parse(Span head, Span tail, uint64_t *ret_instructions, Error *err);
