/* One execution of a command: what comes before it, the program, its numbers, what comes after. */

#include "process/bench_int.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/subprocess.h"
#include "base/units.h"

#define MOST_PADDING 4096 /* a page: the stack's place within it is what the size changes */
#define MOST_PIPED KiB(4)

/* Where a metric comes from in a sample. */
typedef struct Source {
        MetricId metric;
        size_t offset;
        bool (*known)(const ExecSample *);
} Source;

static bool io_known(const ExecSample *s)
{
        return s->io_known;
}

static bool peak_known(const ExecSample *s)
{
        return !s->rss_is_floor;
}

static bool counted(const ExecSample *s)
{
        return s->instructions > 0;
}

#define FROM(member) offsetof(ExecSample, member)
static const Source sources[] = {
        { METRIC_TIME, FROM(wall_ns), NULL },
        { METRIC_TIME_USER, FROM(user_ns), NULL },
        { METRIC_TIME_SYSTEM, FROM(system_ns), NULL },
        { METRIC_MEMORY, FROM(peak_rss_bytes), peak_known },
        { METRIC_INSTRUCTIONS, FROM(instructions), counted },
        { METRIC_CYCLES, FROM(cycles), counted },
        { METRIC_EXEC_FAULTS_MINOR, FROM(minor_faults), NULL },
        { METRIC_EXEC_FAULTS_MAJOR, FROM(major_faults), NULL },
        { METRIC_EXEC_SWITCHES_VOLUNTARY, FROM(voluntary_switches), NULL },
        { METRIC_EXEC_SWITCHES_FORCED, FROM(forced_switches), NULL },
        { METRIC_EXEC_READ, FROM(read_bytes), io_known },
        { METRIC_EXEC_WRITE, FROM(write_bytes), io_known },
};

int bench_hook(const char *option, const char *line, bool survives_interrupt, Error *err)
{
        AUTO(arena_freep) Arena *scratch = NULL;
        Subprocess done;
        int r;

        if (!line)
                return 0;
        scratch = arena_new(MiB(8));
        r = subprocess_must(
                &(SubprocessPlan){ .shell = line, .survives_interrupt = survives_interrupt },
                scratch, &done, err);
        return r < 0 ? fail_while(err, "running what --%s gives", option) : 0;
}

static bool accepts(const Bench *b, int status)
{
        if (status < 0 || status >= BENCH_EXIT_CODES)
                return false;
        return b->plan->accepts ? b->plan->accepts[status] : status == 0;
}

static int fail_status(const Bench *b, size_t side, int status, Span said, Error *err)
{
        Span name = b->plan->sides[side].name;
        int ended_by = status - 128;
        const char *signal_text = ended_by > 0 ? sigdescr_np(ended_by) : NULL;
        const char *colon = said.len ? ": " : "";

        if (signal_text)
                fail(err, ERR_FAILED, "'%.*s' was ended by signal %d (%s)%s%.*s", SPAN_ARG(name),
                     ended_by, signal_text, colon, SPAN_ARG(said));
        else
                fail(err, ERR_FAILED, "'%.*s' ended with exit status %d%s%.*s", SPAN_ARG(name),
                     status, colon, SPAN_ARG(said));
        if (b->plan->programs)
                return -ERR_FAILED;
        return fail_hint(err,
                         "--ignore-failure measures it all the same, --ignore-failure=%d only "
                         "with this status",
                         status);
}

int bench_check_status(const Bench *b, size_t side, int status, Span output, Arena *scratch,
                       Error *err)
{
        if (interrupted())
                return fail_interrupted(err);
        if (accepts(b, status))
                return 0;
        return fail_status(b, side, status, last_words_of(&b->words, output, scratch), err);
}

static int fail_late(const Bench *b, size_t side, Arena *scratch, Error *err)
{
        fail(err, ERR_TIMEOUT, "'%.*s' did not end within %s", SPAN_ARG(b->plan->sides[side].name),
             unit_text(scratch, UNIT_NS, (double)b->plan->timeout_ns));
        return fail_hint(err, "--timeout gives it more time");
}

ExecPlan bench_exec_plan(Bench *b, size_t side, size_t max_output)
{
        const BenchPlan *plan = b->plan;
        const BenchSide *s = &plan->sides[side];
        bool elsewhere = plan->inherit_output || plan->output_path;

        return (ExecPlan){ .argv = s->argv,
                           .shell = s->shell,
                           .input_path = plan->input_path,
                           .output_path = plan->output_path,
                           .inherit_output = plan->inherit_output,
                           .error_path = elsewhere ? NULL : b->words.path,
                           .max_output = max_output,
                           .env_padding = plan->same_layout ? 0 : rng_below(&b->rng, MOST_PADDING),
                           .timeout_ns = plan->timeout_ns,
                           .counters = plan->counters };
}

static int run_program(Bench *b, size_t side, size_t max_output, Arena *scratch, ExecSample *ret,
                       Error *err)
{
        ExecPlan plan = bench_exec_plan(b, side, max_output);
        int r = launcher_exec(b->launcher, &plan, scratch, ret, err);

        if (r == 0 && ret->timed_out && !interrupted())
                return fail_late(b, side, scratch, err);
        return r < 0 ? r : bench_check_status(b, side, ret->exit_status, ret->output, scratch, err);
}

int bench_execute(Bench *b, size_t side, size_t max_output, Arena *scratch, ExecSample *ret,
                  Error *err)
{
        const BenchSide *s = &b->plan->sides[side];
        int r = bench_hook("prepare", s->prepare, false, err);

        if (r == 0)
                r = run_program(b, side, max_output, scratch, ret, err);
        if (r == 0)
                r = bench_hook("conclude", s->conclude, false, err);
        return r;
}

int bench_measure_command(Bench *b, size_t side, size_t block, Error *err)
{
        Mark mark = arena_mark(b->scratch);
        ExecSample sample;
        size_t max_output = b->plan->pipe_output ? MOST_PIPED : 0;
        int r = bench_execute(b, side, max_output, b->scratch, &sample, err);

        arena_reset(b->scratch, mark);
        if (r == 0 && sample.rss_is_floor) {
                b->n_on_floor++;
                b->floor_bytes = MAX(b->floor_bytes, sample.peak_rss_bytes);
        }
        for (size_t i = 0; r == 0 && i < COUNT(sources); i++) {
                bool known = !sources[i].known || sources[i].known(&sample);
                const char *at = (const char *)&sample + sources[i].offset;
                uint64_t value;

                memcpy(&value, at, sizeof(value));
                r = bench_put(b, side * COUNT(sources) + i, block,
                              known ? (double)value : (double)NAN, err);
        }
        return r;
}

int bench_command_columns(Bench *b, size_t side, Error *err)
{
        ptrdiff_t at = 0;

        for (size_t i = 0; at >= 0 && i < COUNT(sources); i++)
                at = bench_column(b, side, sources[i].metric, b->plan->sides[side].name, err);
        return at < 0 ? (int)at : 0;
}
