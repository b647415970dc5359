#include "instrument/load/record_notes.h"

#include "stats/quantile.h"

#include <inttypes.h>

#define BUSY_SHARE 0.85
#define LATE_NS NS_PER_MS

static const char *const error_names[] = {
#define X(id, name) name,
        LOAD_ERRORS(X)
#undef X
};

static void note_errors(const LoadResult *result, const Tally *total, Recording *rec)
{
        for (unsigned status = 400; status < STATUS_COUNT; status++) {
                uint64_t n = 0;

                for (unsigned i = 0; i < result->n_workers; i++)
                        n += result->workers[i]->statuses[status];
                if (n)
                        recording_note(rec, NOTE_ERROR_KIND, "HTTP %u: %" PRIu64, status, n);
        }
        for (unsigned i = 0; i < LOAD_ERROR_COUNT_; i++)
                if (total->errors[i])
                        recording_note(rec, NOTE_ERROR_KIND, "%s: %" PRIu64, error_names[i],
                                       total->errors[i]);
}

static void note_classes(const LoadResult *result, const Tally *total, Recording *rec)
{
        Buf text = buf_in(rec->arena, KiB(4));
        uint64_t interim = 0;

        for (unsigned i = 0; i < result->n_workers; i++)
                interim += result->workers[i]->interim;
        for (unsigned i = 1; i < STATUS_CLASSES; i++)
                if (total->classes[i])
                        buf_printf(&text, "%s%uxx %" PRIu64, text.len ? ", " : "", i,
                                   total->classes[i]);
        if (interim)
                buf_printf(&text, "%sinterim 1xx %" PRIu64, text.len ? ", " : "", interim);
        if (text.len)
                recording_note(rec, NOTE_EXAMINED, "answers by class: %s", text.ptr);
}

static void note_in_flight(const LoadResult *result, Recording *rec)
{
        uint64_t n = 0, oldest_ns = 0;

        for (unsigned i = 0; i < result->n_workers; i++) {
                n += result->workers[i]->censored;
                oldest_ns = MAX(oldest_ns, result->workers[i]->oldest_ns);
        }
        if (n)
                recording_note(rec, NOTE_NOT_EXAMINED,
                               "%" PRIu64 " in flight at the end: not counted; the oldest had "
                               "waited %s, so its latency is at least that",
                               n, unit_text(rec->arena, UNIT_NS, (double)oldest_ns));
}

/* Sums of a counter of the workers. */
typedef struct CounterNote {
        size_t offset;
        NoteKind kind;
        const char *format;
} CounterNote;

static const CounterNote counter_notes[] = {
        { offsetof(Worker, no_ports), NOTE_WARNING,
          "%" PRIu64 " connects found no free local port: fewer new connections a second, or "
          "keep-alive, would avoid it" },
        { offsetof(Worker, extra_answers), NOTE_WARNING,
          "%" PRIu64 " answers were followed by bytes that nobody asked for; their connections "
          "were closed" },
        { offsetof(Worker, not_followed), NOTE_NOT_EXAMINED,
          "%" PRIu64 " redirects to hosts outside the plan or to https: counted as 3xx" },
};

static uint64_t sum_of(const LoadResult *result, size_t offset)
{
        uint64_t sum = 0;

        for (unsigned i = 0; i < result->n_workers; i++) {
                uint64_t n;

                memcpy(&n, (const char *)result->workers[i] + offset, sizeof(n));
                sum += n;
        }
        return sum;
}

static void note_counters(const LoadResult *result, Recording *rec)
{
        for (size_t i = 0; i < COUNT(counter_notes); i++) {
                uint64_t n = sum_of(result, counter_notes[i].offset);

                if (n)
                        recording_note(rec, counter_notes[i].kind, counter_notes[i].format, n);
        }
}

/* A generator that has no time to spare measures itself. What it spends on waiting for the next
 * arrival in a busy loop is time to spare. */
static void note_bottleneck(const LoadResult *result, Recording *rec)
{
        double worst = 0, waited = 0;

        for (unsigned i = 0; i < result->n_workers; i++) {
                const Worker *w = result->workers[i];
                uint64_t elapsed_ns = w->ended_ns - MIN(w->ended_ns, w->shared->begin_ns);
                uint64_t busy_ns = w->cpu_ns - MIN(w->cpu_ns, w->spin_ns);

                if (!w->counting || elapsed_ns < 10 * NS_PER_MS)
                        continue;
                if ((double)(busy_ns + w->runqueue_ns) / (double)elapsed_ns > worst) {
                        worst = (double)(busy_ns + w->runqueue_ns) / (double)elapsed_ns;
                        waited = (double)w->runqueue_ns / (double)elapsed_ns;
                }
        }
        if (worst > BUSY_SHARE)
                recording_note(
                        rec, NOTE_WARNING,
                        "the generator was the bottleneck: a thread of it used or waited "
                        "for its CPU %.0f %% of the time (%.0f %% waiting); use more threads "
                        "or another machine",
                        worst * 100, waited * 100);
}

static void note_lag(Recording *rec)
{
        const MetricValue *lag = recording_find(rec, METRIC_SEND_LAG_P99, SPAN(""));

        if (lag && lag->value > (double)LATE_NS)
                recording_note(rec, NOTE_WARNING,
                               "the generator sent late: p99 of its own delay is %s; latencies "
                               "include it",
                               unit_text(rec->arena, UNIT_NS, lag->value));
}

static void note_few(const Tally *total, Recording *rec)
{
        uint64_t n = total->latency->total;
        size_t need = quantile_min_n(0.99, 0.95);

        if (!n && !total->n_errors)
                recording_note(rec, NOTE_WARNING, "no request ended in the window");
        else if (!total->answers)
                recording_note(rec, NOTE_WARNING, "no request was answered");
        else if (n < need)
                recording_note(rec, NOTE_WARNING,
                               "%" PRIu64
                               " requests are too few for p99: %zu are needed to bound it",
                               n, need);
}

static void note_hosts(const LoadSetup *setup, Recording *rec)
{
        for (unsigned i = 0; i < setup->n_hosts; i++)
                if (setup->hosts[i].dns_fault)
                        recording_note(rec, NOTE_WARNING, "cannot look up '%.*s': %s",
                                       SPAN_ARG(setup->hosts[i].name), setup->hosts[i].dns_fault);
}

static void note_series(const Steps *steps, Recording *rec)
{
        if (steps->late)
                recording_note(rec, NOTE_WARNING,
                               "%" PRIu64 " answers are missing from the series (not from the "
                               "totals): a thread of the generator got no CPU for seconds",
                               steps->late);
        if (steps->cut)
                recording_note(rec, NOTE_NOT_EXAMINED, "the series end after %d steps", STEPS_MAX);
}

void load_record_notes(const LoadResult *result, const Tally *total, Recording *rec)
{
        const LoadSetup *setup = result->shared->setup;

        note_classes(result, total, rec);
        note_errors(result, total, rec);
        note_in_flight(result, rec);
        note_counters(result, rec);
        note_hosts(setup, rec);
        note_few(total, rec);
        note_bottleneck(result, rec);
        note_lag(rec);
        note_series(result->shared->steps, rec);
        if (result->stopped_early && !rec->duration_ns)
                recording_note(rec, NOTE_WARNING,
                               "stopped during the warm-up: nothing was counted");
}
