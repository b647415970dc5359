/* Objectives against full histograms. The share of good requests gets its exact binomial interval
 * (stats/share.h); a bin that holds the threshold counts as bad for its low end and as good for its
 * high end, so bins never decide. Requests that got no answer are good of nothing. */

#include <math.h>

#include "analysis/evidence.h"
#include "analysis/gate_int.h"
#include "stats/share.h"

/* What was counted over all runs of one target. */
typedef struct Tally {
        uint64_t good;  /* surely */
        uint64_t maybe; /* in the bin of the threshold */
        uint64_t all;
        size_t n_runs;
        const Run *newest;
        bool partial;
} Tally;

static const Distribution *distribution_of(const Recording *rec, Span name, Span subject)
{
        vec_each (Distribution, d, &rec->distributions)
                if (span_eq(d->name, name) && span_eq(d->subject, subject))
                        return d;
        return NULL;
}

/* Of the subject; where none stands for the whole, of the only subject there is. */
static const Distribution *find_distribution(const Recording *rec, const Slo *slo)
{
        const Distribution *exact = distribution_of(rec, slo->distribution, slo->subject);
        const Distribution *only = NULL;

        if (exact || slo->subject.len)
                return exact;
        vec_each (Distribution, d, &rec->distributions) {
                if (!span_eq(d->name, slo->distribution))
                        continue;
                if (only)
                        return NULL;
                only = d;
        }
        return only;
}

static void count_bins(const Hist *h, double below, Tally *t)
{
        for (HistBin bin = { 0 }; hist_next(h, &bin);) {
                if ((double)bin.high <= below)
                        t->good += bin.count;
                else if ((double)bin.low <= below)
                        t->maybe += bin.count;
        }
}

/* Answers are counted in the histogram; so are requests that timed out, by how long they waited. */
static bool count_distribution(const Run *run, const Slo *slo, Tally *t)
{
        const Recording *rec = run->recording;
        const Distribution *d = find_distribution(rec, slo);
        const MetricValue *lost, *answers;
        Tally one = { 0 };
        uint64_t most;

        if (!d || !d->hist || !d->hist->total)
                return false;
        count_bins(d->hist, slo->below, &one);
        lost = recording_find(rec, METRIC_ERROR_NETWORK, d->subject);
        answers = recording_find(rec, METRIC_REQUESTS, d->subject);
        most = answers && answers->value >= 0 ? (uint64_t)answers->value : d->hist->total;
        one.good = MIN(one.good, most);
        t->good += one.good;
        t->maybe += MIN(one.maybe, most - one.good);
        t->all += lost ? MAX(lost->n, d->hist->total) : d->hist->total;
        return true;
}

static bool count_samples(const Run *run, const Slo *slo, Tally *t)
{
        const Samples *samples =
                recording_find_samples(run->recording, slo->metric->id, slo->subject);

        if (!samples || !samples->len)
                return false;
        for (size_t i = 0; i < samples->len; i++)
                t->good += samples->values[i] <= slo->below;
        t->all += samples->len;
        return true;
}

static bool count_errors(const Run *run, const Slo *slo, Tally *t)
{
        const MetricValue *v = value_of_subject(run->recording, slo->metric->id, slo->subject);
        uint64_t bad;

        if (!v || !(v->value >= 0 && v->value <= 1) || v->n == 0)
                return false;
        bad = (uint64_t)llround(v->value * (double)v->n);
        t->good += v->n - MIN(bad, v->n);
        t->all += v->n;
        return true;
}

static bool count_run(const Run *run, const Slo *slo, Tally *t)
{
        if (slo->kind == SLO_NO_ERROR)
                return count_errors(run, slo, t);
        return slo->distribution.len ? count_distribution(run, slo, t) : count_samples(run, slo, t);
}

static Tally tally_of(const GateInput *in, const Slo *slo)
{
        Tally t = { 0 };

        for (size_t i = in->n_runs; i-- > 0;) {
                const Run *run = in->runs[i];

                if (!run_is_evidence(run) ||
                    (t.newest && !span_eq(run->target.text, t.newest->target.text)) ||
                    !count_run(run, slo, &t))
                        continue;
                t.newest = t.newest ? t.newest : run;
                t.partial |= run->recording->partial;
                t.n_runs++;
        }
        return t;
}

/* As many digits as the objective has nines, and two more. */
static Span share_words(Arena *arena, double share, double objective)
{
        double digits = ceil(-log10((1 - objective) * 100)) + 2;

        return gate_words(arena, "%.*f %%", (int)fmin(fmax(digits, 1), 9), share * 100);
}

static Span limit_words(const Slo *slo, Arena *arena)
{
        Span objective = gate_words(arena, "%.10g %%", slo->objective * 100);

        if (slo->kind == SLO_BELOW)
                return gate_words(arena, "%.*s within %.*s", SPAN_ARG(objective),
                                  SPAN_ARG(quantity_words(arena, slo->metric->unit, slo->below)));
        return gate_words(arena, "%.*s good", SPAN_ARG(objective));
}

/* The error budget is the share that may be bad; the burn rate is how much of it is. */
static void say_budget(const Slo *slo, double share, Buf *out)
{
        double burn = (1 - share) / (1 - slo->objective);

        if (burn <= 1)
                buf_printf(out, "; error budget left: %.3g %%", (1 - burn) * 100);
        else
                buf_printf(out, "; error budget spent %.3g times over", burn);
        if (slo->window_ns && burn > 1) {
                buf_text(out, ", in this way that of ");
                unit_format(out, UNIT_NS, (double)slo->window_ns);
                buf_text(out, " would last ");
                unit_format(out, UNIT_NS, (double)slo->window_ns / burn);
        }
}

static void say_settle(const Slo *slo, const GateItem *item, Buf *out)
{
        double distance = fabs(item->value - slo->objective);
        double reach = item->value > slo->objective ? item->value - item->interval.low
                                                    : item->interval.high - item->value;
        double n = (double)item->n * pow(reach / distance, 2);
        size_t least = share_min_n(slo->objective, GATE_CONFIDENCE);

        if (item->value == 1)
                n = 0; /* without a bad one the interval shrinks with their number */
        if (!(n < 1e9))
                buf_text(out, "; too near to the objective for more requests to tell");
        else
                buf_printf(out, "; about %.0f requests would tell", fmax(n, (double)least));
}

static Span say_share(const Slo *slo, const GateItem *item, const Tally *t, Arena *arena)
{
        Buf out = buf_in(arena, KiB(4));

        buf_printf(&out, "%.*s of %lu were good [%.*s, %.*s]",
                   SPAN_ARG(share_words(arena, item->value, slo->objective)), (unsigned long)t->all,
                   SPAN_ARG(share_words(arena, item->interval.low, slo->objective)),
                   SPAN_ARG(share_words(arena, item->interval.high, slo->objective)));
        say_budget(slo, item->value, &out);
        if (item->verdict == GATE_INCONCLUSIVE)
                say_settle(slo, item, &out);
        return buf_span(&out);
}

static void judge_tally(GateItem *item, const Slo *slo, const Tally *t, Arena *arena)
{
        item->run_id = t->newest->id;
        item->n = t->all;
        item->value = (double)t->good / (double)t->all;
        item->interval = (Interval){
                share_interval(t->good, t->all, GATE_CONFIDENCE).low,
                share_interval(t->good + t->maybe, t->all, GATE_CONFIDENCE).high,
                GATE_CONFIDENCE,
        };
        item->verdict = item->interval.low >= slo->objective   ? GATE_PASS
                        : item->interval.high < slo->objective ? GATE_FAIL
                                                               : GATE_INCONCLUSIVE;
        item->reason = say_share(slo, item, t, arena);
        if (t->partial) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason =
                        gate_words(arena, "a run was interrupted: %.*s", SPAN_ARG(item->reason));
        }
}

static int judge_slo(Gate *gate, const SloList *file, const Slo *slo, Error *err)
{
        GateItem *item = gate_add(gate, GATE_SOURCE_SLO, err);
        Tally t;

        if (!item)
                return -err->code;
        item->name = slo->name;
        item->subject = slo->subject;
        item->metric = slo->metric;
        item->file = file->file;
        item->line = slo->line;
        item->unit = UNIT_RATIO;
        item->limit = limit_words(slo, gate->arena);
        item->verdict = GATE_INCONCLUSIVE;
        item->reason = slo->why;
        if (slo->kind == SLO_UNMAPPED)
                return 0;
        t = tally_of(gate->in, slo);
        item->verdict = GATE_FAIL;
        item->reason = SPAN("no run has measured it");
        if (t.n_runs)
                judge_tally(item, slo, &t, gate->arena);
        return 0;
}

int gate_judge_slo(Gate *gate, Error *err)
{
        for (size_t f = 0; f < gate->in->n_slos; f++) {
                const SloList *file = &gate->in->slos[f];

                for (size_t i = 0; i < file->n_notes; i++)
                        gate_note(gate, "%.*s", SPAN_ARG(file->notes[i]));
                for (size_t i = 0; i < file->len; i++) {
                        int r = judge_slo(gate, file, &file->items[i], err);

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}
