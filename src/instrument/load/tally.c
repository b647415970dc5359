#include "instrument/load/tally.h"

size_t tally_bytes(void)
{
        return MiB(1);
}

Tally *tally_new(Arena *arena, unsigned n)
{
        Tally *tallies = new (arena, Tally, n);

        for (unsigned i = 0; i < n; i++)
                tallies[i] = (Tally){ .latency = hist_new(arena, HIST_LATENCY),
                                      .service = hist_new(arena, HIST_LATENCY),
                                      .ttfb = hist_new(arena, HIST_PHASE),
                                      .transfer = hist_new(arena, HIST_PHASE),
                                      .step = hist_new(arena, HIST_PHASE) };
        return tallies;
}

int tally_try(Arena *arena, Tally *ret, Error *err)
{
        Tally t = { 0 };
        int r = hist_try(arena, HIST_LATENCY, &t.latency, err);

        if (r == 0)
                r = hist_try(arena, HIST_LATENCY, &t.service, err);
        if (r == 0)
                r = hist_try(arena, HIST_PHASE, &t.ttfb, err);
        if (r == 0)
                r = hist_try(arena, HIST_PHASE, &t.transfer, err);
        if (r == 0)
                *ret = t;
        return r;
}

void tally_answer(Tally *t, const AnswerTimes *times, unsigned status, uint64_t body_bytes)
{
        uint64_t latency_ns = times->done_ns - times->due_ns;

        hist_record(t->latency, latency_ns);
        hist_record(t->step, latency_ns);
        hist_record(t->service, times->done_ns - times->sent_ns);
        hist_record(t->ttfb, times->first_ns - times->sent_ns);
        hist_record(t->transfer, times->done_ns - times->first_ns);
        t->answers++;
        t->step_answers++;
        t->classes[status / 100]++;
        t->body_bytes += body_bytes;
        if (UNLIKELY(status >= 400)) {
                t->failed_answers++;
                t->step_failures++;
        }
}

void tally_error(Tally *t, LoadError kind)
{
        t->errors[kind]++;
        t->n_errors++;
        t->step_errors++;
        t->step_failures++;
}

void tally_waited(Tally *t, uint64_t waited_ns)
{
        hist_record(t->latency, waited_ns);
        hist_record(t->step, waited_ns);
}

static int merge_hists(Tally *into, const Tally *from, Error *err)
{
        int r = hist_merge(into->latency, from->latency, err);

        if (r == 0)
                r = hist_merge(into->service, from->service, err);
        if (r == 0)
                r = hist_merge(into->ttfb, from->ttfb, err);
        if (r == 0)
                r = hist_merge(into->transfer, from->transfer, err);
        return r;
}

int tally_merge(Tally *into, const Tally *from, Error *err)
{
        into->answers += from->answers;
        into->body_bytes += from->body_bytes;
        into->bytes_in += from->bytes_in;
        into->bytes_out += from->bytes_out;
        into->failed_answers += from->failed_answers;
        into->n_errors += from->n_errors;
        for (size_t i = 0; i < STATUS_CLASSES; i++)
                into->classes[i] += from->classes[i];
        for (size_t i = 0; i < LOAD_ERROR_COUNT_; i++)
                into->errors[i] += from->errors[i];
        return merge_hists(into, from, err);
}
