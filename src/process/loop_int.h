#pragma once
/* Private to the loop: its state, its journal records, the decision. */

#include "base/json.h"
#include "process/loop.h"

/* The answers of one trial, as they are decided upon, journalled and shown. */
typedef struct TrialAnswers {
        LoopChange *changes;
        size_t n;
        bool errors;      /* B answers with errors that A does not give */
        bool memory_over; /* B needs more memory than hone.yaml tolerates */
} TrialAnswers;

typedef struct Loop {
        const LoopPlan *plan;
        Arena *arena;
        Journal *journal;
        Repository repo;
        Span id, base, head;
        uint64_t seed;
        const char *dir_best, *dir_candidate; /* worktrees; swapped when a candidate is kept */
        const char *log_dir;
        bool best_is_built;
        Iteration *iterations; /* room for all candidates */
        size_t n_ended, n_kept;
        TrialAnswers first; /* of the candidate under way, when a killed loop had measured it */
        bool has_first;
        bool finished;
        bool resumed;
} Loop;

/* loop_journal.c: one function per record; replaying restores the state they describe. */
int loop_journal_open(Loop *loop, Error *err);
int loop_journal_measured(Loop *loop, size_t number, const TrialAnswers *answers, Error *err);
int loop_journal_ended(Loop *loop, const Iteration *iteration, Error *err);
int loop_journal_finished(Loop *loop, Error *err);
const LoopChange *loop_headline(const LoopChange *changes, size_t n);

/* loop_candidate.c: one candidate from its patch to its outcome. */
int loop_candidate(Loop *loop, size_t index, Iteration *ret, Error *err);
TrialAnswers loop_answers(const Loop *loop, const Trial *trial);

/* loop_final.c: base against head, and a full measurement of each. */
int loop_final(Loop *loop, LoopResult *result, Error *err);
int loop_build(Loop *loop, const char *dir, Error *err);
int loop_build_best(Loop *loop, Error *err); /* once; kept candidates are built already */
const char *loop_service_dir(const Loop *loop, const char *worktree);
