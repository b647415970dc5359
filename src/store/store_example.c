#include "store/store_example.h"

#include <math.h>

#include "base/fs.h"
#include "harness.h"

static void remove_folder(void *path)
{
        tree_remove(path, NULL);
}

char *example_folder(Arena *arena)
{
        const char *memory = path_exists("/dev/shm") ? "/dev/shm" : "/tmp";
        const char *under = getenv("TMPDIR");
        char *path = arena_printf(arena, "%s/hone-test-XXXXXX", under ? under : memory);

        assert_non_null(mkdtemp(path));
        arena_defer(arena, remove_folder, path);
        return path;
}

static Profile *example_profile(Arena *arena, uint64_t seed)
{
        Profile *p = profile_new(arena, 1000);

        for (uint64_t i = 0; i < 20; i++) {
                char name[32];
                uint32_t frames[2];

                snprintf(name, sizeof(name), "function_%d", (int)((seed + i) % 7));
                frames[0] = profile_frame(p, &(FrameDesc){ .symbol = SPAN("main") });
                frames[1] = profile_frame(p, &(FrameDesc){ .symbol = span_of(name) });
                profile_add(p, frames, 2, 1 + i, 100 * (1 + i));
        }
        return p;
}

static Recording *example_recording(Arena *arena, uint64_t seed)
{
        Recording *rec = recording_new(arena, seed % 2 ? "load" : "system");
        Hist *hist = hist_new(arena, HIST_LATENCY);
        double series[100];

        rec->tier = SPAN("epoll");
        rec->wall_ns = UINT64_C(1800000000000000000) + seed;
        rec->duration_ns = 10 * NS_PER_S + seed;
        for (uint64_t i = 0; i < 500; i++)
                hist_record(hist, (i * 7919 + seed) % 1000003);
        for (size_t i = 0; i < COUNT(series); i++)
                series[i] = (double)(i * seed % 101) / 3;
        recording_value(rec, METRIC_LATENCY_P99, SPAN(""), (double)hist_quantile(hist, 0.99),
                        hist->total);
        recording_value(rec, METRIC_CPU, SPAN("worker"), 1.0 / (double)(seed + 1), 0)->low = 0.25;
        recording_value(rec, METRIC_ERROR_RATE, SPAN(""), (double)NAN, 0);
        recording_distribution(rec, METRIC_LATENCY_P50, "latency", SPAN(""), hist);
        recording_series(rec, METRIC_CPU, SPAN(""), 0, NS_PER_S, series, COUNT(series));
        recording_note(rec, NOTE_EXAMINED, "run number %d", (int)seed);
        rec->profile = example_profile(arena, seed);
        return rec;
}

Run *example_run(Arena *arena, uint64_t seed)
{
        static const char *const argv[] = { "./server", "--port=8080", NULL };
        Run *run = new (arena, Run, 1);

        run->label = span_of(arena_printf(arena, "label-%d", (int)seed));
        run->group = SPAN("a group");
        run->target = (Target){ .kind = TARGET_URL,
                                .text = SPAN("http://127.0.0.1:8080/"),
                                .pid = 1234,
                                .name = SPAN("server"),
                                .argv = argv };
        run->plan_json = SPAN("{\"duration_ns\":10000000000}");
        run->fingerprint = (Fingerprint){ .machine_id = SPAN("0123abcd"),
                                          .cpus = 2,
                                          .git_revision = SPAN("deadbeef"),
                                          .git_dirty = seed % 3 == 0,
                                          .hone_version = SPAN("0.1.0") };
        run->noise = (Noise){ .verdict = NOISE_QUIET, .steal = 0.001, .psi_cpu = (double)NAN };
        run->recording = example_recording(arena, seed);
        return run;
}

void assert_example(const Run *run, uint64_t seed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        const Recording *rec = run->recording, *expected = example_recording(arena, seed);
        Buf ours = buf_in(arena, MiB(4)), theirs = buf_in(arena, MiB(4));

        assert_span(run->label, arena_printf(arena, "label-%d", (int)seed));
        assert_span(run->target.text, "http://127.0.0.1:8080/");
        assert_string_equal(run->target.argv[1], "--port=8080");
        assert_true(rec->wall_ns == expected->wall_ns && rec->duration_ns == expected->duration_ns);
        assert_int_equal(rec->values.len, 3);
        for (size_t i = 0; i < 2; i++)
                assert_true(rec->values.items[i].value == expected->values.items[i].value);
        assert_true(isnan(rec->values.items[2].value));
        assert_int_equal(rec->series.items[0].len, 100);
        assert_memory_equal(rec->series.items[0].values, expected->series.items[0].values,
                            100 * sizeof(double));
        hist_pack(rec->distributions.items[0].hist, &ours);
        hist_pack(expected->distributions.items[0].hist, &theirs);
        profile_pack(rec->profile, &ours);
        profile_pack(expected->profile, &theirs);
        assert_true(ours.len > 100 && span_eq(buf_span(&ours), buf_span(&theirs)));
        assert_span(rec->notes.items[0].text, arena_printf(arena, "run number %d", (int)seed));
}
