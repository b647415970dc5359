#pragma once
/* Try, measure, keep or revert: the loop over candidates.
 *
 * For each candidate: a worktree of the best so far, the change applied and committed, protected
 * paths checked, built, tested, measured against the best in interleaved blocks, and when it is
 * FASTER and nothing is SLOWER, measured again with fresh randomisation (and once more if that
 * could not tell). Only a confirmed gain is kept: the branch hone/loop/ID moves to it. Rejected
 * ones stay under refs/hone/rejected/ID/N. Each step is a journal record; a killed loop resumes at
 * the step it had reached.
 */

#include "base/json.h"
#include "model/run.h"
#include "process/trial.h"
#include "process/worktree.h"
#include "store/journal.h"

/* clang-format off */
#define LOOP_OUTCOMES(X)                                           \
        X(KEPT, "kept")                                            \
        X(NO_CHANGE, "rejected: no change that could be measured") \
        X(SLOWER, "rejected: slower")                              \
        X(NOT_CONFIRMED, "rejected: not confirmed")                \
        X(DOES_NOT_APPLY, "rejected: does not apply")              \
        X(EMPTY, "rejected: changes nothing")                      \
        X(PROTECTED, "rejected: touches protected files")          \
        X(BUILD_FAILED, "rejected: does not build")                \
        X(TESTS_FAILED, "rejected: tests fail")                    \
        X(ERRORS, "rejected: answers with errors")                 \
        X(NOT_MEASURED, "rejected: could not be measured")
/* clang-format on */

typedef enum LoopOutcome {
#define X(id, name) LOOP_##id,
        LOOP_OUTCOMES(X)
#undef X
                LOOP_OUTCOME_COUNT_,
} LoopOutcome;

typedef struct Candidate {
        const char *name;    /* shown: the patch's file name or the command */
        const char *patch;   /* path of a patch file, or NULL */
        const char *command; /* shell command run in the worktree, or NULL */
} Candidate;

/* One metric's answer, as it is kept in the journal and shown. */
typedef struct LoopChange {
        Span metric, subject;
        double a, b, change, low, high, p, mde;
        Span verdict;
} LoopChange;

typedef struct Iteration {
        size_t number; /* from 1 */
        Span name;
        LoopOutcome outcome;
        Span detail;         /* one line: what failed, or the headline numbers */
        LoopChange *changes; /* of the last trial: confirmation if there was one */
        size_t n_changes;
        const LoopChange *headline; /* the largest change that decided; NULL: not measured */
        Span commit;                /* of the candidate; empty when it never became one */
} Iteration;

typedef struct LoopResult LoopResult;

typedef struct LoopPlan {
        const Config *config;
        const Candidate *candidates;
        size_t n_candidates;
        const char *journal_dir; /* .hone/loop */
        bool fresh;              /* do not resume */
        const Os *os;
        Progress *progress;
        void (*on_iteration)(void *context, const Iteration *iteration); /* as each ends */
        /* Stores the result before the journal is put away; may be NULL. When it fails, or
         * hone is killed in it, the loop is unfinished, and only the result is measured again. */
        int (*on_result)(void *context, LoopResult *result, Error *err);
        void *context; /* of both */
} LoopPlan;

struct LoopResult {
        Span id, branch, base, head; /* hashes; head == base when nothing was kept */
        Iteration *iterations;
        size_t n_iterations, n_kept;
        bool resumed;
        Trial total; /* base against head, measured at the end; n_blocks 0: nothing kept */
        Run **before, **after; /* load, profile and system of base and head */
        size_t n_before, n_after;
};

/* "changes": [...], as the journal keeps them and --json prints them. */
void loop_write_changes(JsonWriter *w, const LoopChange *changes, size_t n);
int loop_run(const LoopPlan *plan, Arena *arena, LoopResult *ret, Error *err);
const char *loop_outcome_name(LoopOutcome outcome);
