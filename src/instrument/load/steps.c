#include "instrument/load/steps.h"

#include <math.h>

static unsigned subjects_of(unsigned n_endpoints)
{
        return n_endpoints > 1 ? n_endpoints + 1 : 1;
}

size_t steps_bytes(unsigned n_endpoints)
{
        /* A closed step keeps four doubles a subject; vectors double as they grow. */
        size_t series = (size_t)STEPS_MAX * 4 * sizeof(double) * 4;

        return MiB(4) + subjects_of(n_endpoints) * (STEPS_OPEN * KiB(64) + series);
}

Steps *steps_new(Arena *arena, uint64_t step_ns, unsigned n_threads, unsigned n_endpoints)
{
        Steps *s = new (arena, Steps, 1);
        size_t n_cells;

        *s = (Steps){ .lock = PTHREAD_MUTEX_INITIALIZER,
                      .arena = arena,
                      .step_ns = step_ns,
                      .n_threads = n_threads,
                      .n_endpoints = n_endpoints,
                      .n_subjects = subjects_of(n_endpoints) };
        n_cells = (size_t)STEPS_OPEN * s->n_subjects;
        s->cells = new (arena, OpenCell, n_cells);
        for (size_t i = 0; i < n_cells; i++)
                s->cells[i].latency = hist_new(arena, HIST_PHASE);
        s->subjects = new (arena, StepSubject, s->n_subjects);
        for (unsigned i = 0; i < s->n_subjects; i++)
                s->subjects[i] = (StepSubject){ .throughput = VEC_INIT(STEPS_MAX),
                                                .p50 = VEC_INIT(STEPS_MAX),
                                                .p99 = VEC_INIT(STEPS_MAX),
                                                .error_rate = VEC_INIT(STEPS_MAX) };
        return s;
}

static OpenCell *cell(Steps *s, uint64_t step, unsigned subject)
{
        return &s->cells[(step % STEPS_OPEN) * s->n_subjects + subject];
}

static void keep(Arena *arena, StepValues *values, double value)
{
        double *slot = vec_add(arena, values);

        if (slot)
                *slot = value;
}

static double cell_quantile(const OpenCell *c, double q)
{
        return c->latency->total ? (double)hist_quantile(c->latency, q) : (double)NAN;
}

static void close_cell(Steps *s, OpenCell *c, StepSubject *to)
{
        uint64_t ended = c->answers + c->errors;
        double seconds = (double)s->step_ns / (double)NS_PER_S;

        keep(s->arena, &to->throughput, (double)c->answers / seconds);
        keep(s->arena, &to->p50, cell_quantile(c, 0.5));
        keep(s->arena, &to->p99, cell_quantile(c, 0.99));
        keep(s->arena, &to->error_rate, ended ? (double)c->failures / (double)ended : (double)NAN);
        hist_clear(c->latency);
        c->answers = c->failures = c->errors = 0;
}

static void close_oldest(Steps *s)
{
        s->cut += s->oldest >= STEPS_MAX;
        for (unsigned i = 0; i < s->n_subjects; i++)
                close_cell(s, cell(s, s->oldest, i), &s->subjects[i]);
        s->arrived[s->oldest % STEPS_OPEN] = 0;
        s->oldest++;
}

static void add_to_cell(OpenCell *c, const Tally *t)
{
        int r = t->step->total ? hist_merge(c->latency, t->step, NULL) : 0;

        BUG_IF(r < 0); /* all have the layout HIST_PHASE */
        c->answers += t->step_answers;
        c->failures += t->step_failures;
        c->errors += t->step_errors;
}

static void clear_step(Tally *t)
{
        if (t->step->total)
                hist_clear(t->step);
        t->step_answers = t->step_failures = t->step_errors = 0;
}

static void add_locked(Steps *s, uint64_t step, const Tally *tallies)
{
        while (step >= s->oldest + STEPS_OPEN)
                close_oldest(s);
        for (unsigned i = 0; i < s->n_endpoints; i++) {
                if (step < s->oldest) {
                        s->late += tallies[i].step_answers;
                        continue;
                }
                add_to_cell(cell(s, step, 0), &tallies[i]);
                if (s->n_subjects > 1)
                        add_to_cell(cell(s, step, i + 1), &tallies[i]);
        }
        if (step >= s->oldest)
                s->arrived[step % STEPS_OPEN]++;
        while (s->arrived[s->oldest % STEPS_OPEN] == s->n_threads)
                close_oldest(s);
}

void steps_add(Steps *s, uint64_t step, Tally *tallies)
{
        pthread_mutex_lock(&s->lock);
        add_locked(s, step, tallies);
        pthread_mutex_unlock(&s->lock);
        for (unsigned i = 0; i < s->n_endpoints; i++)
                clear_step(&tallies[i]);
}

/* Threads that ended early closed too much: what lies past the window's end is no whole step. */
static void cut_values(StepValues *values, uint64_t n)
{
        values->len = MIN(values->len, (size_t)n);
}

void steps_finish(Steps *s, uint64_t window_ns)
{
        uint64_t whole = window_ns / s->step_ns;

        while (s->oldest < whole && s->oldest < STEPS_MAX)
                close_oldest(s);
        for (unsigned i = 0; i < s->n_subjects; i++) {
                cut_values(&s->subjects[i].throughput, whole);
                cut_values(&s->subjects[i].p50, whole);
                cut_values(&s->subjects[i].p99, whole);
                cut_values(&s->subjects[i].error_rate, whole);
        }
}
