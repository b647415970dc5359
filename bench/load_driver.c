/* The load instrument without the rest of hone: for bench/load.sh and for looking at one number.
 *
 *         load_driver URL SECONDS CONNECTIONS [RATE_PER_S [THREADS [WARMUP_S]]]
 *
 * Prints "requests N" and "key value" lines; the caller measures the CPU of the whole process.
 */
#include "base/buf.h"
#include "instrument/load/load.h"

static const MetricId shown[] = {
        METRIC_REQUESTS,    METRIC_THROUGHPUT,   METRIC_LATENCY_P50, METRIC_LATENCY_P99,
        METRIC_LATENCY_MAX, METRIC_ERROR_RATE,   METRIC_DROPPED,     METRIC_SEND_LAG_P99,
        METRIC_LOAD_CPU,    METRIC_TIME_CONNECT, METRIC_TIME_TTFB,
};

static void print_recording(const Recording *rec)
{
        for (size_t i = 0; i < COUNT(shown); i++) {
                const MetricValue *v = recording_find(rec, shown[i], SPAN(""));

                if (v)
                        printf("%s %.6g\n", metric_def(shown[i])->name, v->value);
        }
        vec_each (Note, note, &rec->notes)
                printf("note %.*s\n", SPAN_ARG(note->text));
}

static double number(const char *text)
{
        double value = 0;

        if (span_to_double(span_of(text), &value, NULL) < 0)
                fprintf(stderr, "'%s' is not a number\n", text);
        return value;
}

int main(int argc, char **argv)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Target target = { .kind = TARGET_URL, .text = span_of(argc > 1 ? argv[1] : NULL) };
        LoadPlan plan = { 0 };
        Recording *rec;
        Error err = { 0 };
        void *state;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: %s URL SECONDS CONNECTIONS [RATE [THREADS [WARMUP_S]]]\n",
                        argv[0]);
                return 2;
        }
        plan.duration_ns = (uint64_t)(number(argv[2]) * 1e9);
        plan.connections = (unsigned)number(argv[3]);
        plan.rate_per_s = argc > 4 ? number(argv[4]) : 0;
        plan.threads = argc > 5 ? (unsigned)number(argv[5]) : 0;
        plan.warmup_ns = argc > 6 ? (uint64_t)(number(argv[6]) * 1e9) : 0;
        r = load_instrument.start(&target, &plan, arena, &state, &err);
        if (r == 0) {
                while (!load_instrument.wait(state, NS_PER_S))
                        ;
                r = load_instrument.stop(state, arena, &rec, &err);
        }
        if (r < 0) {
                error_print(&err, stderr);
                return error_exit_status(err.code);
        }
        print_recording(rec);
        return 0;
}
