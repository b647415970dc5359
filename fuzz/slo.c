/* An SLO file of any bytes is refused with a place, or every objective of it can be judged: against
 * nothing none of them passes, and against a run the share lies within its interval. */
#include "analysis/gate.h"

#include <math.h>

static void check_slo(const Slo *slo)
{
        BUG_IF(!(slo->objective > 0 && slo->objective < 1));
        BUG_IF(slo->line == 0);
        if (slo->kind == SLO_UNMAPPED) {
                BUG_IF(slo->metric || slo->why.len == 0);
                return;
        }
        BUG_IF(!slo->metric || slo->metric != metric_def(slo->metric->id));
        BUG_IF(slo->kind == SLO_BELOW && !(slo->below >= 0 && isfinite(slo->below)));
}

static void check_gate(const SloList *list, Run *const *runs, size_t n_runs, Arena *arena)
{
        GateInput in = { .slos = list, .n_slos = 1, .runs = runs, .n_runs = n_runs };
        GateResult result;

        BUG_IF(gate_judge(&in, arena, &result, NULL) < 0);
        BUG_IF(result.len != list->len);
        for (size_t i = 0; i < result.len; i++) {
                const GateItem *item = &result.items[i];

                BUG_IF(item->reason.len == 0);
                BUG_IF(n_runs == 0 && item->verdict == GATE_PASS);
                BUG_IF(!isnan(item->value) && !(item->interval.low <= item->value + 1e-12 &&
                                                item->value <= item->interval.high + 1e-12));
        }
}

static Run *run_with_latencies(Arena *arena, size_t n)
{
        static const char *const names[] = { "latency", "service_time", "ttfb" };
        Run *run = new (arena, Run, 1);

        run->recording = recording_new(arena, "load");
        for (size_t i = 0; i < COUNT(names); i++) {
                Hist *h = hist_new(arena, HIST_LATENCY);

                hist_record_n(h, 200000000, n);
                hist_record_n(h, 1000000, 2 * n + 1);
                recording_distribution(run->recording, METRIC_LATENCY_P50, names[i], SPAN(""), h);
        }
        recording_value(run->recording, METRIC_ERROR_RATE, SPAN(""), 0.25, n);
        return run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Span text = { (const char *)data, size };
        Error err = { 0 };
        SloList list;
        Run *run;

        if (slo_parse(text, "slo", arena, &list, &err) < 0) {
                BUG_IF(!err.code || !err.message[0]);
                return 0;
        }
        BUG_IF(list.len == 0);
        for (size_t i = 0; i < list.len; i++)
                check_slo(&list.items[i]);
        check_gate(&list, NULL, 0, arena);
        run = run_with_latencies(arena, size % 1000);
        check_gate(&list, &run, 1, arena);
        return 0;
}
