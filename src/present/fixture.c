#include "fixture.h"

#include <math.h>

/* SPAN() is a compound literal, which cannot stand in a static table. */
#define TEXT(literal)                        \
        {                                    \
                literal, sizeof(literal) - 1 \
        }

static uint32_t frame(Profile *p, const char *symbol, const char *module, FrameKind kind)
{
        return profile_frame(
                p,
                &(FrameDesc){ .symbol = span_of(symbol), .module = span_of(module), .kind = kind });
}

Profile *fixture_profile(Arena *arena)
{
        Profile *p = profile_new(arena, 1000);
        uint32_t thread = frame(p, "shop", "", FRAME_THREAD);
        uint32_t main_ = frame(p, "main", "/usr/bin/shop", FRAME_NATIVE);
        uint32_t handle = frame(p, "handleRequest", "/usr/bin/shop", FRAME_NATIVE);
        uint32_t process = frame(p, "processData", "/usr/bin/shop", FRAME_NATIVE);
        uint32_t parse = frame(p, "parseJSON", "/usr/lib/libjson.so", FRAME_NATIVE);
        uint32_t check = frame(p, "validate", "/usr/bin/shop", FRAME_INLINED);
        uint32_t query = frame(p, "query", "[kernel]", FRAME_KERNEL);
        uint32_t transform = frame(p, "transform", "/usr/bin/shop", FRAME_JIT);

        profile_add(p, (uint32_t[]){ thread, main_, handle, parse }, 4, 250, 250);
        profile_add(p, (uint32_t[]){ thread, main_, handle, check }, 4, 150, 150);
        profile_add(p, (uint32_t[]){ thread, main_, process, query }, 4, 450, 450);
        profile_add(p, (uint32_t[]){ thread, main_, process, transform }, 4, 150, 150);
        p->event = "cpu";
        p->rate_hz = 100;
        p->duration_ns = 10 * NS_PER_S;
        p->quality.complete = 990;
        p->quality.truncated = 10;
        return p;
}

static Run *run_with(Arena *arena, Recording *rec)
{
        Run *run = new (arena, Run, 1);

        rec->wall_ns = UINT64_C(1795242612) * NS_PER_S;
        rec->duration_ns = 30 * NS_PER_S;
        run->target = (Target){ .kind = TARGET_URL,
                                .text = SPAN("http://127.0.0.1:8080/"),
                                .pid = 4242,
                                .name = SPAN("shop") };
        run->fingerprint = (Fingerprint){ .hostname = SPAN("db1"),
                                          .kernel = SPAN("6.1.0"),
                                          .cpus = 4,
                                          .memory_bytes = GiB(8),
                                          .git_revision = SPAN("0123456789abcdef"),
                                          .git_dirty = true,
                                          .hone_version = SPAN("0.1.0") };
        run->noise = (Noise){ .verdict = NOISE_QUIET };
        run->recording = rec;
        return run;
}

static void endpoint(Recording *rec, const char *name, double scale, double share)
{
        static const struct {
                MetricId metric;
                double ms;
        } rows[] = { { METRIC_LATENCY_P50, 45 },
                     { METRIC_LATENCY_P95, 120 },
                     { METRIC_LATENCY_P99, 250 } };
        Span subject = span_of(name);
        uint64_t n = (uint64_t)(6600 * share / scale);

        for (size_t i = 0; i < COUNT(rows); i++) {
                double ns = rows[i].ms * scale * 1e6;
                MetricValue *v = recording_value(rec, rows[i].metric, subject, ns, n);

                v->low = ns * 0.97;
                v->high = ns * 1.04;
        }
        recording_value(rec, METRIC_THROUGHPUT, subject, 220 * share / scale, n);
        recording_value(rec, METRIC_REQUESTS, subject, (double)n, 0);
        recording_value(rec, METRIC_ERROR_RATE, subject, 0.004, n);
}

static void add_series(Recording *rec, Arena *arena, double scale)
{
        double *rate = new (arena, double, 30);

        for (size_t i = 0; i < 30; i++)
                rate[i] = (200 + 20 * sin((double)i)) / scale;
        rate[7] = (double)NAN;
        recording_series(rec, METRIC_THROUGHPUT, SPAN(""), 0, NS_PER_S, rate, 30);
}

Run *fixture_load(Arena *arena, double scale)
{
        Recording *rec = recording_new(arena, "load");
        Hist *h = hist_new(arena, HIST_LATENCY);
        Run *run;

        rec->tier = SPAN("epoll");
        endpoint(rec, "", scale, 1);
        endpoint(rec, "GET /api/users/:id", scale, 0.5);
        endpoint(rec, "GET /api/orders?status=open&sort=created_at", scale * 1.25, 0.5);
        recording_value(rec, METRIC_TIME_CONNECT, SPAN(""), 81e3, 10);
        recording_value(rec, METRIC_TIME_TTFB, SPAN(""), 44e6 * scale, 6600);
        recording_value(rec, METRIC_ERROR_5XX, SPAN(""), 0.004, 6600);
        recording_value(rec, METRIC_LOAD_CPU, SPAN(""), 0.12, 0);
        recording_note(rec, NOTE_ERROR_KIND, "request timed out: 26");
        recording_note(rec, NOTE_EXAMINED, "answers of every status");
        recording_note(rec, NOTE_NOT_EXAMINED, "TLS handshakes: the target is plain HTTP");
        for (uint64_t i = 1; i <= 6600; i++)
                hist_record(h, (uint64_t)(scale * 1e6 * (30 + 250 * pow((double)i / 6600, 12))));
        recording_distribution(rec, METRIC_LATENCY_P50, "latency", SPAN(""), h);
        add_series(rec, arena, scale);
        run = run_with(arena, rec);
        run->id = scale < 1 ? 15 : 12;
        run->label = scale < 1 ? SPAN("after") : SPAN("before");
        run->plan_json = SPAN("{\"connections\":100,\"duration_ns\":30000000000,\"requests\":["
                              "{\"url\":\"http://127.0.0.1:8080/api/users/1\"},"
                              "{\"url\":\"http://127.0.0.1:8080/api/orders?q='x'\"}]}");
        return run;
}

Run *fixture_system(Arena *arena)
{
        Recording *rec = recording_new(arena, "system");
        static const double memory[] = { 100e6, 110e6, 120e6, 130e6 };
        MetricValue *growth;

        rec->tier = SPAN("/proc");
        recording_value(rec, METRIC_CPU, SPAN(""), 1.9, 30);
        recording_value(rec, METRIC_MEMORY, SPAN(""), 450.0 * 1048576, 30);
        growth = recording_value(rec, METRIC_MEMORY_GROWTH, SPAN(""), 340e3, 30);
        growth->low = 120e3;
        growth->high = 560e3;
        recording_value(rec, METRIC_HOST_CPU, SPAN(""), 0.93, 30);
        recording_value(rec, METRIC_HOST_DISK_BUSY, SPAN("sda"), 0.02, 30);
        recording_series(rec, METRIC_MEMORY, SPAN(""), 0, NS_PER_S, memory, COUNT(memory));
        recording_note(rec, NOTE_WARNING, "the target ended 2 s into the window");
        return run_with(arena, rec);
}

Run *fixture_profile_run(Arena *arena)
{
        Recording *rec = recording_new(arena, "profile");

        rec->tier = SPAN("perf_event");
        rec->profile = fixture_profile(arena);
        recording_note(rec, NOTE_NOT_EXAMINED, "time spent waiting (off-CPU)");
        return run_with(arena, rec);
}

static void add_evidence(Arena *arena, Finding *f, const char *line)
{
        Span *slot;

        f->evidence.ceiling = 10;
        slot = vec_add(arena, &f->evidence);
        if (slot)
                *slot = span_of(line);
}

FindingList *fixture_findings(Arena *arena)
{
        FindingList *list = new (arena, FindingList, 1);
        Finding *f = new (arena, Finding, 2);

        f[0] = (Finding){ .rule = SPAN("full-scan"),
                          .title = SPAN("query scans a whole table for every request"),
                          .where = SPAN("processData"),
                          .source = SPAN("shop.c:120"),
                          .category = SPAN("Database"),
                          .specialist = SPAN("database-architect"),
                          .advice = SPAN("Add an index: `CREATE INDEX i ON orders(status)`"),
                          .expected_gain = SPAN("up to 45 % of CPU per request"),
                          .impact_ns = 450e6,
                          .frequency_per_s = 110,
                          .share = 0.45,
                          .priority = PRIORITY_P1,
                          .stars = 4,
                          .effort = EFFORT_LOW };
        add_evidence(arena, &f[0], "45 % of samples are below sqlite3_step");
        add_evidence(arena, &f[0], "p50 is 45.0 ms, alone 40.1 ms");
        f[1] = (Finding){ .rule = SPAN("hot-function"),
                          .title = SPAN("parseJSON takes 25 % of CPU itself"),
                          .where = SPAN("handleRequest"),
                          .category = SPAN("Serialization"),
                          .specialist = SPAN("code-reviewer"),
                          .advice = SPAN("Parse once per request"),
                          .impact_ns = 11e6,
                          .frequency_per_s = (double)NAN,
                          .share = 0.25,
                          .priority = PRIORITY_P3,
                          .stars = 2,
                          .effort = EFFORT_MEDIUM };
        add_evidence(arena, &f[1], "25 % of samples are in parseJSON");
        *list = (FindingList){ f, 2 };
        return list;
}

Comparison *fixture_comparison(Arena *arena)
{
        static const struct {
                MetricId metric;
                double a, b, low, high, mde;
                ChangeVerdict verdict;
        } rows[] = {
                { METRIC_LATENCY_P50, 45e6, 12e6, -0.75, -0.7, 0.04, CHANGE_FASTER },
                { METRIC_LATENCY_P95, 120e6, 35e6, -0.74, -0.66, 0.08, CHANGE_FASTER },
                { METRIC_THROUGHPUT, 220, 850, 2.5, 3.1, 0.05, CHANGE_FASTER },
                { METRIC_ERROR_RATE, 0.004, 0.004, -0.4, 0.5, (double)INFINITY, CHANGE_UNKNOWN },
        };
        Comparison *c = new (arena, Comparison, 1);

        *c = (Comparison){ .name_a = SPAN("before"),
                           .name_b = SPAN("after"),
                           .items = new (arena, MetricChange, COUNT(rows)),
                           .len = COUNT(rows),
                           .paired = true,
                           .n_a = 8,
                           .n_b = 8,
                           .verdict = CHANGE_FASTER,
                           .caveat = SPAN("one machine, one hour") };
        for (size_t i = 0; i < COUNT(rows); i++)
                c->items[i] = (MetricChange){
                        .metric = rows[i].metric,
                        .a = rows[i].a,
                        .b = rows[i].b,
                        .effect = { .change = rows[i].b / rows[i].a - 1,
                                    .interval = { rows[i].low, rows[i].high, 0.95 },
                                    .mde = rows[i].mde },
                        .adjusted_p = i < 3 ? 0.0078 : 0.9,
                        .verdict = rows[i].verdict,
                };
        return c;
}

static Run **three_runs(Arena *arena, double scale)
{
        Run **runs = new (arena, Run *, 3);

        runs[0] = fixture_load(arena, scale);
        runs[1] = fixture_system(arena);
        runs[2] = fixture_profile_run(arena);
        return runs;
}

ReportInput fixture_report(Arena *arena)
{
        static const IterationRow iterations[] = {
                { .bottleneck = TEXT("processData"),
                  .change = TEXT("add-index.patch"),
                  .before = 45e6,
                  .after = 12e6,
                  .metric = METRIC_LATENCY_P50,
                  .interval = { -0.75, -0.7, 0.95 },
                  .outcome = TEXT("kept"),
                  .kept = true },
                { .bottleneck = TEXT("latency_p50"),
                  .change = TEXT("cache-everything.patch"),
                  .before = 12e6,
                  .after = 12.1e6,
                  .metric = METRIC_LATENCY_P50,
                  .interval = { -0.03, 0.04, 0.95 },
                  .outcome = TEXT("rejected: tests fail"),
                  .detail = TEXT("test_orders: stale answer") },
        };
        static const TargetRow targets[] = {
                { METRIC_LATENCY_P95, TEXT(""), 120e6, 35e6, 100e6, true },
                { METRIC_THROUGHPUT, TEXT(""), 220, 850, 1000, false },
                { METRIC_MEMORY, TEXT(""), 450.0 * 1048576, 450.0 * 1048576, 512.0 * 1048576,
                  true },
        };

        return (ReportInput){ .project = SPAN("shop"),
                              .date = SPAN("2026-11-21"),
                              .before = three_runs(arena, 1),
                              .n_before = 3,
                              .after = three_runs(arena, 0.27),
                              .n_after = 3,
                              .comparison = fixture_comparison(arena),
                              .findings = fixture_findings(arena),
                              .iterations = iterations,
                              .n_iterations = COUNT(iterations),
                              .targets = targets,
                              .n_targets = COUNT(targets),
                              .executable = "/usr/bin/shop" };
}

static void make_hostile(Arena *arena, Run *run)
{
        Recording *rec = run->recording;
        uint32_t bad;

        run->label = run->target.text = run->target.name = SPAN(HOSTILE);
        run->fingerprint.hostname = run->noise.reason = SPAN(HOSTILE);
        rec->tier = SPAN(HOSTILE);
        vec_each (MetricValue, value, &rec->values)
                if (value->subject.len)
                        value->subject = SPAN(HOSTILE "1");
        recording_note(rec, NOTE_ERROR_KIND, "%s", HOSTILE);
        recording_note(rec, NOTE_WARNING, "%s", HOSTILE);
        if (!rec->profile)
                return;
        rec->profile = profile_new(arena, 100);
        bad = profile_frame(rec->profile, &(FrameDesc){ .symbol = SPAN(HOSTILE),
                                                        .module = SPAN(HOSTILE),
                                                        .file = SPAN(HOSTILE) });
        profile_add(rec->profile, &bad, 1, 5, 5);
        rec->profile->event = HOSTILE;
}

ReportInput fixture_hostile(Arena *arena)
{
        ReportInput in = fixture_report(arena);
        IterationRow *row = new (arena, IterationRow, 1);
        FindingList *findings = fixture_findings(arena);
        Comparison *comparison = fixture_comparison(arena);

        for (size_t i = 0; i < 3; i++) {
                make_hostile(arena, in.before[i]);
                make_hostile(arena, in.after[i]);
        }
        for (size_t i = 0; i < findings->len; i++) {
                Finding *f = &findings->items[i];

                f->title = f->where = f->source = f->advice = f->expected_gain = SPAN(HOSTILE);
                f->evidence.items[0] = f->category = f->specialist = SPAN(HOSTILE);
        }
        *row = in.iterations[0];
        row->change = row->bottleneck = row->outcome = row->detail = SPAN(HOSTILE);
        comparison->name_a = comparison->name_b = comparison->caveat = SPAN(HOSTILE);
        comparison->items[0].subject = SPAN(HOSTILE);
        in.project = SPAN(HOSTILE);
        in.iterations = row;
        in.n_iterations = 1;
        in.findings = findings;
        in.comparison = comparison;
        return in;
}
