#include "process/blocks.h"

#include <errno.h>

#include "base/interrupt.h"
#include "base/vec.h"
#include "instrument/bench/noise_block.h"
#include "model/noise_judge.h"
#include "stats/rng.h"

#define MAX_SIDES 1000
#define REPEATS_OF_A_BLOCK 2
#define SCRATCH_BYTES MiB(4)

/* One run of blocks in progress. */
typedef struct Blocks {
        const BlockPlan *plan;
        Arena *arena;
        size_t *order; /* of the sides */
        uint64_t begin_ns;
        size_t n_repeats, n_noisy;
        size_t n_given_up;       /* how often those that are being watched were */
        VEC(NoiseVerdict) noise; /* of the whole blocks */
        size_t judged;           /* so many have their verdict; the others are being watched */
        NoiseBlock *watch;
        uint64_t watched_ns; /* since */
        Arena *scratch;
} Blocks;

static bool is_noisy(NoiseVerdict verdict)
{
        return verdict == NOISE_NOISY || verdict == NOISE_UNRELIABLE;
}

static uint64_t elapsed(const Blocks *b)
{
        return os_now(b->plan->os) - b->begin_ns;
}

static bool time_is_up(const Blocks *b)
{
        return b->plan->max_time_ns && elapsed(b) >= b->plan->max_time_ns;
}

/* From here on a machine that stays busy must not keep us from measuring at all. */
static bool half_time_is_up(const Blocks *b)
{
        return b->plan->max_time_ns && elapsed(b) >= b->plan->max_time_ns / 2;
}

/* An order of its own for each pair, that a block which is measured again gets again. */
static void draw_order(Blocks *b, size_t pair)
{
        Rng rng = rng_from_seed(b->plan->seed + pair * UINT64_C(0x9e3779b97f4a7c15));

        for (size_t i = 0; i < b->plan->n_sides; i++)
                b->order[i] = i;
        rng_shuffle(&rng, b->order, b->plan->n_sides, sizeof(*b->order));
}

/* The even block of a pair as drawn, the odd one backwards. */
static int measure_sides(Blocks *b, size_t block, Error *err)
{
        size_t n = b->plan->n_sides;

        draw_order(b, block / 2);
        for (size_t i = 0; i < n; i++) {
                size_t side = b->order[block % 2 ? n - 1 - i : i];
                int r = interrupted() ? fail_interrupted(err)
                                      : b->plan->measure(b->plan->context, side, block, err);

                if (r < 0)
                        return r;
        }
        return 0;
}

static void watch_begin(Blocks *b)
{
        b->watched_ns = os_now(b->plan->os);
        if (b->plan->noise_begin)
                b->plan->noise_begin(b->plan->context);
        else
                noise_block_begin(b->watch);
}

/* Its files need not be read while no verdict can come of them. */
static bool is_too_short(const Blocks *b)
{
        uint64_t shortest_ns = (uint64_t)(NOISE_SHORTEST_WINDOW_S * (double)NS_PER_S);

        return !b->plan->noise_end && os_now(b->plan->os) - b->watched_ns < shortest_ns;
}

static NoiseVerdict watch_end(Blocks *b)
{
        Mark mark = arena_mark(b->scratch);
        NoiseVerdict verdict = b->plan->noise_end ? b->plan->noise_end(b->plan->context)
                                                  : noise_block_end(b->watch, b->scratch).verdict;

        arena_reset(b->scratch, mark);
        return verdict;
}

/* The blocks that were watched get their verdict, or are given up to be measured again. */
static void judge_noise(Blocks *b)
{
        NoiseVerdict verdict = is_too_short(b) ? NOISE_UNKNOWN : watch_end(b);
        size_t n = b->noise.len - b->judged;

        if (verdict == NOISE_UNKNOWN)
                return;
        if (is_noisy(verdict) && b->n_given_up < REPEATS_OF_A_BLOCK &&
            b->n_repeats + n <= b->plan->max_repeats && !half_time_is_up(b)) {
                b->n_given_up++;
                b->n_repeats += n;
                b->noise.len = b->judged;
                return;
        }
        b->n_given_up = 0;
        for (; b->judged < b->noise.len; b->judged++)
                b->noise.items[b->judged] = verdict;
        b->n_noisy += is_noisy(verdict) ? n : 0;
}

static int run_block(Blocks *b, Error *err)
{
        size_t block = b->noise.len;
        NoiseVerdict *verdict;
        int r;

        if (b->judged == block)
                watch_begin(b);
        r = measure_sides(b, block, err);
        if (r < 0)
                return r;
        verdict = vec_add(b->arena, &b->noise);
        if (!verdict)
                return fail(err, ERR_LIMIT, "%zu blocks are more than fit in memory", block);
        *verdict = NOISE_UNKNOWN;
        judge_noise(b);
        if (b->plan->progress)
                b->plan->progress(b->plan->context, b->noise.len, elapsed(b));
        return 0;
}

static bool is_over(Blocks *b, BlockStop *ret)
{
        const BlockPlan *plan = b->plan;
        size_t n = b->noise.len;

        if (interrupted())
                *ret = BLOCKS_INTERRUPTED;
        else if (n % 2 && n < plan->max_blocks) /* a pair that was begun */
                return false;
        else if (n >= plan->min_blocks && plan->enough && plan->enough(plan->context, n))
                *ret = BLOCKS_ENOUGH;
        else if (n >= plan->max_blocks)
                *ret = BLOCKS_MAX_BLOCKS;
        else if (time_is_up(b))
                *ret = BLOCKS_MAX_TIME;
        else
                return false;
        return true;
}

static int run_all(Blocks *b, BlockStop *ret, Error *err)
{
        int r;

        do
                r = run_block(b, err);
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
        AUTO(arena_freep) Arena *scratch = arena_new(SCRATCH_BYTES);
        Blocks b = { .plan = plan,
                     .arena = arena,
                     .scratch = scratch,
                     .begin_ns = os_now(plan->os),
                     .noise = VEC_INIT(plan->max_blocks) };
        BlockStop stop;
        int r;

        BUG_IF(plan->max_blocks == 0 || plan->n_sides == 0);
        if (plan->n_sides > MAX_SIDES)
                return fail(err, ERR_LIMIT, "%zu sides to measure are more than %d", plan->n_sides,
                            MAX_SIDES);
        b.order = new (arena, size_t, plan->n_sides);
        b.watch = noise_block_new(&(NoiseBlockSetup){ .launcher = plan->launcher, .os = plan->os },
                                  scratch);
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
