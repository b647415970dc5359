/* Sides that are commands: two command lines, or one command in the worktrees of two revisions. */

#include <string.h>

#include "instrument/bench/exec.h"
#include "instrument/bench/line.h"
#include "process/ab_int.h"
#include "process/ab_revision.h"
#include "process/last_words.h"
#include "stats/rng.h"

#define MOST_OUTPUT MiB(16)
#define MOST_PADDING 4096

typedef struct CommandRig {
        Launcher *launcher;
        ExecPlan plans[AB_SIDES];
        const char *names[AB_SIDES]; /* for messages */
        const ImportFormat *format;  /* of what they print; NULL: nothing that is read */
        bool output_seen;            /* the first output decided about `format` */
        LastWords words;
        Rng padding;
} CommandRig;

/* What one execution used, and where in ExecSample it is, a uint64_t. */
typedef struct UseRow {
        MetricId metric;
        size_t offset;
} UseRow;

static const UseRow use_rows[] = {
        { METRIC_TIME, offsetof(ExecSample, wall_ns) },
        { METRIC_TIME_USER, offsetof(ExecSample, user_ns) },
        { METRIC_TIME_SYSTEM, offsetof(ExecSample, system_ns) },
        { METRIC_MEMORY, offsetof(ExecSample, peak_rss_bytes) },
        { METRIC_EXEC_FAULTS_MINOR, offsetof(ExecSample, minor_faults) },
        { METRIC_EXEC_FAULTS_MAJOR, offsetof(ExecSample, major_faults) },
        { METRIC_EXEC_SWITCHES_VOLUNTARY, offsetof(ExecSample, voluntary_switches) },
        { METRIC_EXEC_SWITCHES_FORCED, offsetof(ExecSample, forced_switches) },
};

/* Judged when the caller does not choose. */
static const MetricId default_metrics[] = { METRIC_TIME, METRIC_MEMORY, METRIC_LATENCY_P50,
                                            METRIC_ERROR_RATE };

bool ab_is_judged(const Ab *ab, MetricId metric)
{
        const MetricId *list = ab->plan->metrics ? ab->plan->metrics : default_metrics;
        size_t n = ab->plan->metrics ? ab->plan->n_metrics : COUNT(default_metrics);

        for (size_t i = 0; i < n; i++)
                if (list[i] == metric)
                        return true;
        return false;
}

static int put_uses(Ab *ab, size_t side, size_t block, const ExecSample *sample, Error *err)
{
        bool own = ab->commands->format == NULL;

        for (size_t i = 0; i < COUNT(use_rows); i++) {
                MetricId metric = use_rows[i].metric;
                uint64_t value;
                int r;

                memcpy(&value, (const char *)sample + use_rows[i].offset, sizeof(value));
                r = ab_table_put(&ab->table, side, block, metric, SPAN(""),
                                 own && ab_is_judged(ab, metric), (double)value, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The median of what one execution printed of each benchmark: the process is the unit that is
 * repeated. */
static int put_results(Ab *ab, size_t side, size_t block, const Imported *imported, Error *err)
{
        const Recording *rec = imported->recording;

        vec_each (const MetricValue, v, &rec->values) {
                bool judged = !ab->plan->metrics || ab_is_judged(ab, v->metric);
                int r = ab_table_put(&ab->table, side, block, v->metric, v->subject, judged,
                                     v->value, err);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Output that holds results decides at its first sight; later outputs must be alike. */
static int read_output(Ab *ab, size_t side, size_t block, const ExecSample *sample, Arena *scratch,
                       Error *err)
{
        CommandRig *rig = ab->commands;
        ImportPlan plan = { .name = rig->names[side],
                            .text = sample->output,
                            .format = rig->format };
        Imported imported;
        int r;

        if (rig->output_seen && !rig->format)
                return 0;
        if (sample->output_truncated && rig->format)
                return fail(err, ERR_LIMIT, "'%s' printed more than %zu MiB", rig->names[side],
                            MOST_OUTPUT >> 20);
        if (sample->output_truncated) { /* so much is not results, and half of it would mislead */
                rig->output_seen = true;
                return 0;
        }
        r = import_text(&plan, scratch, &imported, rig->format ? err : NULL);
        if (r == 0 && imported.recording->values.len == 0 && !rig->format)
                r = -ERR_INPUT;
        rig->output_seen = true;
        if (r < 0)
                return rig->format ? r : 0;
        rig->format = imported.format;
        ab->result->experiment.format = imported.format->name;
        return put_results(ab, side, block, &imported, err);
}

static int fail_exit(const CommandRig *rig, size_t side, const ExecSample *sample, Arena *scratch,
                     Error *err)
{
        Span said = last_words_of(&rig->words, sample->output, scratch);

        if (sample->timed_out)
                fail(err, ERR_TIMEOUT, "'%s' did not end in time", rig->names[side]);
        else
                fail(err, ERR_FAILED, "'%s' ended with exit status %d%s%.*s", rig->names[side],
                     sample->exit_status, said.len ? ": " : "", SPAN_ARG(said));
        return sample->timed_out ? fail_hint(err, "give it more with --timeout")
                                 : fail_hint(err, "if that is as it should be: --ignore-failure");
}

static int measure(Ab *ab, size_t side, size_t block, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        CommandRig *rig = ab->commands;
        ExecPlan plan = rig->plans[side];
        ExecSample sample;
        int r;

        plan.env_padding = rng_below(&rig->padding, MOST_PADDING);
        r = launcher_exec(rig->launcher, &plan, scratch, &sample, err);
        if (r < 0)
                return r;
        if (sample.timed_out || (sample.exit_status != 0 && !ab->plan->ignore_failure))
                return fail_exit(rig, side, &sample, scratch, err);
        if (ab->plan->own_results)
                r = read_output(ab, side, block, &sample, scratch, err);
        return r < 0 ? r : put_uses(ab, side, block, &sample, err);
}

static int open_launcher(Ab *ab, Error *err)
{
        const AbPlan *plan = ab->plan;
        CommandRig *rig = new (ab->arena, CommandRig, 1);
        int r;

        ab->commands = rig;
        rig->format = plan->own_results ? plan->format : NULL;
        rig->padding = rng_from_seed(plan->seed);
        r = last_words_open(ab->arena, &rig->words, err);
        if (r < 0)
                return r;
        for (size_t side = 0; side < AB_SIDES; side++) {
                rig->names[side] = plan->sides[side];
                rig->plans[side] = (ExecPlan){ .timeout_ns = plan->timeout_ns,
                                               .error_path = rig->words.path,
                                               .max_output = plan->own_results ? MOST_OUTPUT : 0 };
        }
        return launcher_start(ab->arena, &rig->launcher, err);
}

static const Launcher *launcher_of(const Ab *ab)
{
        return ab->commands->launcher;
}

static void close_launcher(Ab *ab)
{
        if (ab->commands)
                launcher_stop(ab->commands->launcher);
}

static int command_open(Ab *ab, Error *err)
{
        int r = open_launcher(ab, err);

        for (size_t side = 0; r == 0 && side < AB_SIDES; side++) {
                ExecPlan *plan = &ab->commands->plans[side];

                if (ab->plan->shell)
                        plan->shell = ab->plan->sides[side];
                else
                        r = line_split(span_of(ab->plan->sides[side]), ab->arena, &plan->argv, err);
        }
        return r;
}

const AbRig ab_command_rig = {
        .open = command_open, .measure = measure, .launcher = launcher_of, .close = close_launcher
};

/* The words after --, as one line for the shell. */
static const char *line_of(const char *const *argv, Arena *arena)
{
        const char *line = argv[0];

        for (size_t i = 1; line && argv[i]; i++)
                line = arena_printf(arena, "%s %s", line, argv[i]);
        return line;
}

static int revision_open(Ab *ab, Error *err)
{
        const char *line = ab->plan->shell ? line_of(ab->plan->argv, ab->arena) : NULL;
        int r = open_launcher(ab, err);

        if (r == 0)
                r = ab_revisions_open(ab, err);
        for (size_t side = 0; r == 0 && side < AB_SIDES; side++) {
                ab->commands->plans[side].argv = line ? NULL : ab->plan->argv;
                ab->commands->plans[side].shell = line;
                ab->commands->plans[side].dir = ab->revisions->dirs[side];
        }
        return r;
}

static void revision_close(Ab *ab)
{
        close_launcher(ab);
        ab_revisions_close(ab);
}

const AbRig ab_revision_command_rig = {
        .open = revision_open, .measure = measure, .launcher = launcher_of, .close = revision_close
};
