#include "process/ab.h"

#include <math.h>

#include "base/interrupt.h"
#include "instrument/system/system.h"
#include "process/ab_int.h"
#include "process/worktree.h"

#define DEFAULT_ALPHA 0.01

double ab_alpha(const AbPlan *plan)
{
        return plan->alpha > 0 ? plan->alpha : DEFAULT_ALPHA;
}

static int fail_nothing(const Ab *ab, Error *err)
{
        fail(err, ERR_FAILED, "the two sides gave no result in common to compare");
        if (!ab->plan->metrics || ab->table.rows.len == 0)
                return -ERR_FAILED;
        return fail_hint(err, "--metric chooses among what is measured here, such as %s",
                         metric_def(ab->table.rows.items[0].metric)->name);
}

static int judge(Ab *ab, size_t n_blocks, Comparison *ret, Error *err)
{
        ComparePlan plan = { .alpha = ab->level,
                             .tolerance = ab->plan->tolerance,
                             .min_effect = ab->plan->min_effect,
                             .paired = true };
        BlockRow *rows = new (ab->arena, BlockRow, ab->table.rows.len + 1);
        size_t n = ab_table_rows(&ab->table, n_blocks, true, rows);

        for (size_t i = 0; i < n; i++)
                if (rows[i].metric == METRIC_MEMORY)
                        rows[i].tolerance = fmax(ab->plan->memory_tolerance, ab->plan->tolerance);
        if (n == 0)
                return fail_nothing(ab, err);
        return compare_blocks(rows, n, n_blocks, &plan, ab->arena, ret, err);
}

static bool all_answered(const Comparison *c)
{
        for (size_t i = 0; i < c->len; i++)
                if (c->items[i].verdict == CHANGE_UNKNOWN)
                        return false;
        return c->len > 0;
}

/* One look: spends half of what is left of alpha. */
static int look(Ab *ab, size_t n_blocks, Error *err)
{
        int r;

        ab->n_looks++;
        ab->level = ab_alpha(ab->plan) * pow(0.5, (double)ab->n_looks);
        ab->looked_at = n_blocks;
        ab->measured_since = false;
        ab->next_look = n_blocks * 2;
        r = judge(ab, n_blocks, &ab->result->comparison, err);
        return r < 0 ? r : 0;
}

static bool enough(void *context, size_t n_blocks)
{
        Ab *ab = context;

        if (n_blocks < ab->next_look)
                return false;
        return look(ab, n_blocks, NULL) < 0 || all_answered(&ab->result->comparison);
}

static int measure_side(void *context, size_t side, size_t block, Error *err)
{
        Ab *ab = context;
        int r;

        ab->measured_since = true;
        ab_table_clear(&ab->table, side, block);
        r = ab->rig->measure(ab, side, block, err);
        return r < 0 ? fail_while(err, "measuring %s", ab->plan->sides[side]) : 0;
}

static void show(void *context, size_t block, uint64_t elapsed_ns)
{
        Ab *ab = context;
        const AbPlan *plan = ab->plan;

        progress_show(plan->progress,
                      "%s: block %zu of at most %zu, %.0f of %.0f s, next look at %zu",
                      plan->what ? plan->what : "ab", block, plan->max_blocks,
                      (double)elapsed_ns / 1e9, (double)plan->max_time_ns / 1e9, ab->next_look);
}

static int run_blocks(Ab *ab, Error *err)
{
        const AbPlan *plan = ab->plan;
        BlockPlan blocks = { .n_sides = AB_SIDES,
                             .min_blocks = plan->min_blocks,
                             .max_blocks = plan->max_blocks,
                             .max_time_ns = plan->max_time_ns,
                             .max_repeats = plan->max_repeats,
                             .seed = plan->seed,
                             .os = plan->os,
                             .launcher = ab->rig->launcher ? ab->rig->launcher(ab) : NULL,
                             .measure = measure_side,
                             .enough = enough,
                             .progress = show,
                             .context = ab };
        int r = blocks_run(&blocks, ab->arena, &ab->result->blocks, err);

        progress_clear(plan->progress);
        if (r < 0)
                return r;
        if (ab->result->blocks.n_blocks == 0)
                return fail_interrupted(err);
        /* What came after the last look deserves one more; so do blocks that were measured again
         * since, though there are as many. */
        return ab->measured_since ? look(ab, ab->result->blocks.n_blocks, err)
                                  : judge(ab, ab->looked_at, &ab->result->comparison, err);
}

static int warm_up(Ab *ab, Error *err)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < ab->plan->warmup * AB_SIDES && !interrupted(); i++) {
                progress_show(ab->plan->progress, "warming up: %zu of %zu", i / AB_SIDES + 1,
                              ab->plan->warmup);
                r = measure_side(ab, i % AB_SIDES, 0, err);
        }
        return r;
}

static const AbRig *rig_of(const AbPlan *plan)
{
        if (plan->kind == AB_COMMANDS)
                return &ab_command_rig;
        if (plan->kind == AB_SERVICES)
                return &ab_service_rig;
        return plan->argv ? &ab_revision_command_rig : &ab_revision_service_rig;
}

static int measure_all(Ab *ab, Error *err)
{
        uint64_t wall_ns = ab->plan->os->wall_ns(ab->plan->os);
        NoiseWatch *watch;
        int r = warm_up(ab, err);

        if (r < 0)
                return r;
        watch = noise_begin(0, ab->arena);
        r = run_blocks(ab, err);
        ab->result->experiment.noise = noise_end(watch, ab->arena);
        if (r == 0)
                ab_record(ab, wall_ns);
        return r;
}

static void describe(Ab *ab)
{
        const AbPlan *plan = ab->plan;
        const BlockResult *blocks = &ab->result->blocks;
        Experiment *e = &ab->result->experiment;

        e->kind = ab_kind_name(plan->kind);
        e->n_blocks = blocks->n_blocks;
        e->n_repeats = blocks->n_repeats;
        e->n_noisy = blocks->n_noisy;
        e->n_looks = ab->n_looks;
        e->alpha = ab_alpha(plan);
        e->level = ab->level;
        e->tolerance = plan->tolerance;
        e->memory_tolerance = fmax(plan->memory_tolerance, plan->tolerance);
        e->stop = block_stop_name(blocks->stop);
        e->elapsed_ns = blocks->elapsed_ns;
        e->partial = blocks->stop == BLOCKS_INTERRUPTED;
        for (size_t side = 0; side < AB_SIDES; side++)
                e->sides[side] = plan->sides[side];
        ab->result->comparison.name_a = span_of(plan->sides[AB_SIDE_A]);
        ab->result->comparison.name_b = span_of(plan->sides[AB_SIDE_B]);
}

int ab_run(const AbPlan *plan, Arena *arena, AbResult *ret, Error *err)
{
        AbResult result = { 0 };
        Ab ab = { .plan = plan,
                  .rig = rig_of(plan),
                  .arena = arena,
                  .table = ab_table_new(arena, plan->max_blocks),
                  .result = &result,
                  .next_look = plan->min_blocks };
        int r = fingerprint_take(NULL, arena, &ab.fingerprint, err);

        if (r == 0)
                r = ab.rig->open(&ab, err);
        if (r == 0)
                r = measure_all(&ab, err);
        if (ab.rig->close)
                ab.rig->close(&ab);
        if (r < 0)
                return r;
        describe(&ab);
        *ret = result;
        return 0;
}

const char *ab_kind_name(AbKind kind)
{
        static const char *const names[] = {
#define X(id, name) [AB_##id] = name,
                AB_KINDS(X)
#undef X
        };

        BUG_IF((size_t)kind >= COUNT(names));
        return names[kind];
}

static bool is_url(const char *text)
{
        return span_starts(span_of(text), "http://") || span_starts(span_of(text), "https://");
}

AbKind ab_kind_of(const char *a, const char *b, bool has_command, const Config *config,
                  Arena *arena)
{
        Repository repo;
        Span hash;

        if (is_url(a) && is_url(b))
                return AB_SERVICES;
        if (has_command)
                return AB_REVISIONS;
        if (!config->path || !config->service.start.len ||
            repository_find(".", arena, &repo, NULL) < 0)
                return AB_COMMANDS;
        return repository_resolve(&repo, a, arena, &hash, NULL) == 0 &&
                               repository_resolve(&repo, b, arena, &hash, NULL) == 0
                       ? AB_REVISIONS
                       : AB_COMMANDS;
}
