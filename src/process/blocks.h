#pragma once
/* Sides measured side by side in randomised interleaved blocks, until enough is known.
 *
 * A block measures every side once. Blocks come in pairs: an order drawn at random, then the same
 * backwards (ABBA or BAAB for two), so that whatever drifts evenly over the pair cancels, and no
 * side has a favourite place. An odd max_blocks ends with half a pair. Design: randomised complete
 * blocks; the same seed gives the same orders.
 *
 * Blocks in which the machine was too busy are measured again, at most twice, all together as many
 * as the plan says and not beyond half of its time; then they stay and are told. Short blocks are
 * judged together, as soon as they are long enough for a verdict, and are then measured again
 * together.
 *
 *         BlockPlan plan = { .n_sides = 2, .min_blocks = 6, .max_blocks = 60, .seed = seed,
 *                            .measure = measure_side, .enough = is_decided, .context = &ab };
 *         r = blocks_run(&plan, arena, &result, err);
 */

#include "base/os.h"
#include "instrument/bench/exec.h"
#include "model/run.h"

typedef struct BlockPlan {
        size_t n_sides;
        size_t min_blocks, max_blocks; /* max_blocks > 0; even numbers are reached by pairs */
        uint64_t max_time_ns;          /* 0: none; a pair that was begun is finished */
        size_t max_repeats;            /* of noisy blocks, over the whole run */
        uint64_t seed;
        const Os *os;
        /* Measures one side; its numbers go where `block` says, over what an earlier attempt at
         * the same block left there. */
        int (*measure)(void *context, size_t side, size_t block, Error *err);
        /* After every pair from min_blocks on: do `n_blocks` say enough? NULL: max_blocks do. */
        bool (*enough)(void *context, size_t n_blocks);
        void (*progress)(void *context, size_t block, uint64_t elapsed_ns); /* may be NULL */
        const Launcher *launcher; /* whose programs are no noise; NULL: hone's children */
        /* Instead of looking into /proc: begins to watch; since then, NOISE_UNKNOWN: too short to
         * say, ask again after the next block. */
        void (*noise_begin)(void *context);
        NoiseVerdict (*noise_end)(void *context);
        void *context;
} BlockPlan;

#define BLOCK_STOPS(X)               \
        X(ENOUGH, "enough is known") \
        X(MAX_BLOCKS, "most blocks") \
        X(MAX_TIME, "time is up")    \
        X(INTERRUPTED, "interrupted")

typedef enum BlockStop {
#define X(id, name) BLOCKS_##id,
        BLOCK_STOPS(X)
#undef X
} BlockStop;

typedef struct BlockResult {
        size_t n_blocks;     /* whole ones */
        size_t n_repeats;    /* blocks measured again because of noise */
        size_t n_noisy;      /* that stayed noisy */
        NoiseVerdict *noise; /* of each block */
        BlockStop stop;
        uint64_t elapsed_ns;
} BlockResult;

/* An error of measure() ends it; interruption does not: the whole blocks until then stay. */
int blocks_run(const BlockPlan *plan, Arena *arena, BlockResult *ret, Error *err);
const char *block_stop_name(BlockStop stop);
