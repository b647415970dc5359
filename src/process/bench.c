#include "process/bench.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/bench.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/units.h"
#include "instrument/system/system.h"
#include "process/bench_int.h"
#include "process/measure.h"

#define MOST_COLUMNS 100000
#define SCRATCH_BYTES MiB(64)
#define MOST_NAMES KiB(1)

static void write_plan(const BenchPlan *plan, Buf *out)
{
        JsonWriter w = json_to(out, false);

        json_open_object(&w);
        json_key(&w, "commands");
        json_open_array(&w);
        for (size_t i = 0; i < plan->n_sides; i++)
                json_span(&w, plan->sides[i].name);
        json_close_array(&w);
        json_key(&w, "warmup");
        json_u64(&w, plan->warmup);
        json_key(&w, "min_runs");
        json_u64(&w, plan->min_runs);
        json_key(&w, "max_runs");
        json_u64(&w, plan->max_runs);
        json_key(&w, "max_time_ns");
        json_u64(&w, plan->max_time_ns);
        json_key(&w, "precision");
        json_double(&w, plan->precision);
        json_key(&w, "interleaved");
        json_bool(&w, !plan->sequential);
        json_key(&w, "layout_randomised");
        json_bool(&w, !plan->same_layout);
        json_key(&w, "in_process");
        json_bool(&w, plan->programs);
        json_key(&w, "seed");
        json_u64(&w, plan->seed);
        json_key(&w, "reference");
        json_span(&w, plan->reference);
        json_key(&w, "tolerance");
        json_double(&w, plan->tolerance);
        json_close_object(&w);
}

/* The sides that are measured by turns. */
static const BenchSide *group_side(const Bench *b, size_t i)
{
        return &b->plan->sides[b->first_side + i];
}

static int set_up(const Bench *b, Error *err)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < b->n_sides; i++)
                r = bench_hook("setup", group_side(b, i)->setup, false, err);
        return r;
}

/* Commands often share one line: it runs once. */
static int clean_up(const Bench *b, Error *err)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < b->n_sides; i++) {
                const char *line = group_side(b, i)->cleanup;
                bool done = false;

                for (size_t k = 0; line && k < i; k++)
                        done |= strcmp(line, group_side(b, k)->cleanup) == 0;
                if (!done)
                        r = bench_hook("cleanup", line, true, err);
        }
        return r;
}

static int measure_one(void *context, size_t side, size_t block, Error *err)
{
        Bench *b = context;

        side += b->first_side;
        return b->plan->programs ? bench_measure_program(b, side, block, err)
                                 : bench_measure_command(b, side, block, err);
}

/* Uncounted: what they put into block 0 is overwritten by the first that counts. */
static int warm_up(Bench *b, Error *err)
{
        for (size_t run = 0; run < b->plan->warmup; run++)
                for (size_t i = 0; i < b->n_sides; i++) {
                        int r = interrupted() ? fail_interrupted(err) : measure_one(b, i, 0, err);

                        if (r < 0)
                                return r;
                }
        return 0;
}

static int run_blocks(Bench *b, uint64_t max_time_ns, BlockResult *ret, Error *err)
{
        const BenchPlan *plan = b->plan;
        int r = warm_up(b, err);

        if (r < 0)
                return r;
        b->begin_ns = os_now(plan->os);
        b->looked_at = b->next_look = 0;
        b->centre = (double)NAN;
        r = blocks_run(&(BlockPlan){ .n_sides = b->n_sides,
                                     .min_blocks = plan->min_runs,
                                     .max_blocks = plan->max_runs,
                                     .max_time_ns = max_time_ns,
                                     .max_repeats = plan->max_repeats,
                                     .seed = plan->seed,
                                     .os = plan->os,
                                     .measure = measure_one,
                                     .enough = bench_enough,
                                     .progress = bench_progress,
                                     .launcher = b->launcher,
                                     .context = b },
                       b->arena, ret, err);
        progress_clear(plan->progress);
        for (size_t i = 0; r == 0 && i < b->n_sides; i++)
                b->n_blocks[b->first_side + i] = ret->n_blocks;
        return r;
}

/* The sides from first_side on, by turns; cleaned up whatever came of them. */
static int measure_turns(Bench *b, uint64_t max_time_ns, BlockResult *ret, Error *err)
{
        Error late = { 0 };
        int r = set_up(b, err), cleaned;

        if (r == 0)
                r = run_blocks(b, max_time_ns, ret, err);
        cleaned = clean_up(b, &late);
        if (r == 0 && cleaned < 0 && err)
                *err = late;
        return r < 0 ? r : cleaned;
}

static void note_stop(const Bench *b, const BlockResult *blocks, Recording *rec)
{
        if (blocks->n_repeats)
                recording_note(rec, NOTE_EXAMINED,
                               "%zu blocks were measured again because the machine was busy",
                               blocks->n_repeats);
        if (blocks->n_noisy)
                recording_note(rec, NOTE_WARNING,
                               "the machine was busy during %zu of %zu blocks, which stay",
                               blocks->n_noisy, blocks->n_blocks);
        if (blocks->stop == BLOCKS_MAX_TIME && b->plan->precision > 0)
                recording_note(rec, NOTE_WARNING,
                               "time was up before every median was known within ±%.3g %%: "
                               "--max-time gives it more",
                               b->plan->precision * 100);
        if (blocks->stop == BLOCKS_INTERRUPTED)
                recording_note(rec, NOTE_WARNING, "interrupted after %zu whole blocks",
                               blocks->n_blocks);
        rec->partial |= blocks->stop == BLOCKS_INTERRUPTED;
}

/* One setup may undo another's work when all of them come first. */
static bool setups_differ(const BenchPlan *plan)
{
        for (size_t i = 1; !plan->sequential && i < plan->n_sides; i++)
                if (plan->sides[i].setup && plan->sides[0].setup &&
                    strcmp(plan->sides[i].setup, plan->sides[0].setup) != 0)
                        return true;
        return false;
}

static void note_design(const Bench *b, size_t n_runs, Recording *rec)
{
        const BenchPlan *plan = b->plan;
        const char *order = plan->sequential    ? "one after the other"
                            : plan->n_sides > 1 ? "in randomised interleaved blocks"
                                                : "in one series";

        recording_note(rec, NOTE_EXAMINED, "%zu run%s of each %s %s, seed %llu%s", n_runs,
                       n_runs == 1 ? "" : "s", plan->programs ? "program" : "command", order,
                       (unsigned long long)plan->seed,
                       plan->same_layout ? "" : ", an environment of another size for each");
        if (plan->sequential && plan->n_sides > 1)
                recording_note(rec, NOTE_WARNING,
                               "not interleaved: what the machine did during one command and not "
                               "during the other counts as a difference between them");
        if (setups_differ(plan))
                recording_note(rec, NOTE_WARNING,
                               "the setups of all commands ran before the first run: when they "
                               "build in one place, use --prepare or --sequential");
        if (b->n_warnings)
                recording_note(rec, NOTE_WARNING, "the programs warned %zu times, first: %.*s",
                               b->n_warnings, SPAN_ARG(b->warning));
        if (b->n_unknown)
                recording_note(rec, NOTE_NOT_EXAMINED,
                               "%zu lines of the programs' output that are no results, first: %.*s",
                               b->n_unknown, SPAN_ARG(b->unknown));
        if (b->n_on_floor)
                recording_note(rec, NOTE_NOT_EXAMINED,
                               "peak memory of programs that use less than the %s that can be told",
                               unit_text(rec->arena, UNIT_BYTES, (double)b->floor_bytes));
}

static int measure_all(Bench *b, Recording *rec, Error *err)
{
        const BenchPlan *plan = b->plan;
        size_t n_groups = plan->sequential ? plan->n_sides : 1, n_runs = 0;
        BlockResult blocks;
        int r = 0;

        b->n_sides = plan->n_sides / n_groups;
        for (size_t i = 0; r == 0 && i < n_groups && !rec->partial; i++) {
                b->first_side = i * b->n_sides;
                r = measure_turns(b, plan->max_time_ns / n_groups, &blocks, err);
                if (r < 0)
                        return r;
                n_runs = MAX(n_runs, blocks.n_blocks);
                note_stop(b, &blocks, rec);
        }
        if (n_runs == 0)
                return fail_interrupted(err);
        if (!rec->partial)
                r = bench_simulate(b, err);
        if (r < 0 && interrupted()) { /* the blocks are whole all the same */
                error_clear(err);
                recording_note(rec, NOTE_WARNING, "interrupted while counting instructions");
                rec->partial = true;
                r = 0;
        }
        note_design(b, n_runs, rec);
        return r;
}

static int begin(Bench *b, Error *err)
{
        int r = launcher_start(b->arena, &b->launcher, err);

        b->scratch = arena_new(SCRATCH_BYTES);
        b->n_blocks = new (b->arena, size_t, b->plan->n_sides);
        if (r == 0)
                r = last_words_open(b->arena, &b->words, err);
        for (size_t i = 0; r == 0 && !b->plan->programs && i < b->plan->n_sides; i++)
                r = bench_command_columns(b, i, err);
        return r;
}

static Span names_of(const BenchPlan *plan, Arena *arena)
{
        Buf out = buf_in(arena, KiB(64));

        for (size_t i = 0; i < plan->n_sides && out.len < MOST_NAMES; i++)
                buf_printf(&out, "%s%.*s", i ? ", " : "",
                           SPAN_ARG(bench_title(plan->sides[i].name, arena)));
        return buf_span(&out);
}

static Run *run_of(Bench *b, const Fingerprint *fingerprint, Noise noise, Recording *rec)
{
        const BenchPlan *plan = b->plan;
        Buf plan_json = buf_in(b->arena, MiB(4));
        Run *run = new (b->arena, Run, 1);

        write_plan(plan, &plan_json);
        *run = (Run){ .label = plan->label,
                      .group = measure_group("bench", plan->os, b->arena),
                      .target = { .kind = TARGET_COMMAND,
                                  .text = names_of(plan, b->arena),
                                  .name = plan->sides[0].name },
                      .plan_json = buf_span(&plan_json),
                      .fingerprint = *fingerprint,
                      .noise = noise,
                      .recording = rec };
        return run;
}

int bench_measure(const BenchPlan *plan, Arena *arena, Run **ret, Error *err)
{
        Bench b = { .plan = plan,
                    .arena = arena,
                    .rng = rng_from_seed(~plan->seed),
                    .columns = VEC_INIT(MOST_COLUMNS) };
        Recording *rec = recording_new(arena, "bench");
        Fingerprint fingerprint;
        uint64_t begin_ns = os_now(plan->os);
        NoiseWatch *watch;
        Noise noise;
        int r;

        BUG_IF(plan->n_sides == 0 || plan->max_runs == 0 || plan->max_runs > BENCH_MAX_RUNS);
        rec->wall_ns = plan->os->wall_ns(plan->os);
        rec->tier = plan->programs ? SPAN("hone_bench.h") : SPAN("launcher");
        r = begin(&b, err);
        if (r == 0)
                r = fingerprint_take(NULL, arena, &fingerprint, err);
        if (r == 0) {
                watch = noise_begin(0, arena);
                r = measure_all(&b, rec, err);
                noise = noise_end(watch, arena);
        }
        launcher_stop(b.launcher);
        rec->duration_ns = os_now(plan->os) - begin_ns;
        if (r == 0) {
                bench_record(&b, rec);
                *ret = run_of(&b, &fingerprint, noise, rec);
        }
        b.scratch = arena_free(b.scratch);
        return r;
}
