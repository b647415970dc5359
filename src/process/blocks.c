#include "process/blocks.h"

#include <errno.h>

#include "base/interrupt.h"
#include "base/vec.h"
#include "stats/rng.h"

#define MAX_SIDES 1000

/* One run of blocks in progress. */
typedef struct Blocks {
        const BlockPlan *plan;
        Arena *arena;
        Rng rng;
        size_t *order; /* of the sides, for the pair at hand */
        uint64_t begin_ns;
        size_t n_repeats, n_noisy;
        VEC(NoiseVerdict) noise; /* of the whole blocks */
} Blocks;

static bool is_noisy(NoiseVerdict verdict)
{
        return verdict == NOISE_NOISY || verdict == NOISE_UNRELIABLE;
}

static uint64_t elapsed(const Blocks *b)
{
        return os_now(b->plan->os) - b->begin_ns;
}

static int measure_sides(Blocks *b, size_t block, bool backwards, Error *err)
{
        size_t n = b->plan->n_sides;

        for (size_t i = 0; i < n; i++) {
                size_t side = b->order[backwards ? n - 1 - i : i];
                int r = interrupted() ? fail_interrupted(err)
                                      : b->plan->measure(b->plan->context, side, block, err);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Every side once, and what the machine did meanwhile. */
static int attempt(Blocks *b, size_t block, bool backwards, NoiseVerdict *ret, Error *err)
{
        const BlockPlan *plan = b->plan;
        int r;

        if (plan->noise_begin)
                plan->noise_begin(plan->context);
        r = measure_sides(b, block, backwards, err);
        if (r == 0)
                *ret = plan->noise_end ? plan->noise_end(plan->context) : NOISE_UNKNOWN;
        return r;
}

/* One block, again while the machine was too busy and the plan allows. */
static int run_block(Blocks *b, bool backwards, Error *err)
{
        size_t block = b->noise.len;
        NoiseVerdict verdict = NOISE_UNKNOWN, *kept;
        int r = attempt(b, block, backwards, &verdict, err);

        while (r == 0 && is_noisy(verdict) && b->n_repeats < b->plan->max_repeats &&
               !(b->plan->max_time_ns && elapsed(b) >= b->plan->max_time_ns)) {
                b->n_repeats++;
                r = attempt(b, block, backwards, &verdict, err);
        }
        if (r < 0)
                return r;
        kept = vec_add(b->arena, &b->noise);
        if (!kept)
                return fail(err, ERR_LIMIT, "%zu blocks are more than fit in memory", block);
        *kept = verdict;
        b->n_noisy += is_noisy(verdict);
        if (b->plan->progress)
                b->plan->progress(b->plan->context, b->noise.len, elapsed(b));
        return 0;
}

/* A drawn order, then the same backwards. */
static int run_pair(Blocks *b, Error *err)
{
        int r = 0;

        rng_shuffle(&b->rng, b->order, b->plan->n_sides, sizeof(*b->order));
        for (int second = 0; r == 0 && second < 2; second++)
                if (b->noise.len < b->plan->max_blocks)
                        r = run_block(b, second, err);
        return r;
}

static bool is_over(Blocks *b, BlockStop *ret)
{
        const BlockPlan *plan = b->plan;

        if (interrupted())
                *ret = BLOCKS_INTERRUPTED;
        else if (b->noise.len >= plan->min_blocks && plan->enough &&
                 plan->enough(plan->context, b->noise.len))
                *ret = BLOCKS_ENOUGH;
        else if (b->noise.len >= plan->max_blocks)
                *ret = BLOCKS_MAX_BLOCKS;
        else if (plan->max_time_ns && elapsed(b) >= plan->max_time_ns)
                *ret = BLOCKS_MAX_TIME;
        else
                return false;
        return true;
}

static int run_all(Blocks *b, BlockStop *ret, Error *err)
{
        int r;

        do
                r = run_pair(b, err);
        while (r == 0 && !is_over(b, ret));
        if (r == 0)
                return 0;
        if (interrupted()) { /* the block it fell into is not whole, those before it are */
                error_clear(err);
                *ret = BLOCKS_INTERRUPTED;
                return 0;
        }
        return fail_while(err, "measuring block %zu", b->noise.len + 1);
}

int blocks_run(const BlockPlan *plan, Arena *arena, BlockResult *ret, Error *err)
{
        Blocks b = { .plan = plan,
                     .arena = arena,
                     .rng = rng_from_seed(plan->seed),
                     .begin_ns = os_now(plan->os),
                     .noise = VEC_INIT(plan->max_blocks) };
        BlockStop stop;
        int r;

        BUG_IF(plan->max_blocks == 0 || plan->n_sides == 0);
        if (plan->n_sides > MAX_SIDES)
                return fail(err, ERR_LIMIT, "%zu sides to measure are more than %d", plan->n_sides,
                            MAX_SIDES);
        b.order = new (arena, size_t, plan->n_sides);
        for (size_t i = 0; i < plan->n_sides; i++)
                b.order[i] = i;
        r = run_all(&b, &stop, err);
        if (r < 0)
                return r;
        *ret = (BlockResult){ .n_blocks = b.noise.len,
                              .n_repeats = b.n_repeats,
                              .n_noisy = b.n_noisy,
                              .noise = b.noise.items,
                              .stop = stop,
                              .elapsed_ns = elapsed(&b) };
        return 0;
}

const char *block_stop_name(BlockStop stop)
{
        static const char *const names[] = {
#define X(id, name) [BLOCKS_##id] = name,
                BLOCK_STOPS(X)
#undef X
        };

        return (size_t)stop < COUNT(names) ? names[stop] : "unknown";
}
