#include "model/recording_json.h"
#include "model/run_json.h"

#include <errno.h>
#include <math.h>

#include "harness.h"

/* Blobs in memory, named by their number. */
typedef struct Shelf {
        Arena *arena;
        Span blobs[16];
        size_t len;
        size_t fail_at; /* the put that fails, from 1; 0: none */
} Shelf;

static int shelf_put(void *state, Span bytes, char ret_name[static DIGEST_SIZE], Error *err)
{
        Shelf *shelf = state;

        if (shelf->len + 1 == shelf->fail_at)
                return fail(err, ENOSPC, "no room on the shelf");
        assert_true(shelf->len < COUNT(shelf->blobs));
        snprintf(ret_name, DIGEST_SIZE, "blob%zu", shelf->len);
        shelf->blobs[shelf->len++] = span_copy(shelf->arena, bytes);
        return 0;
}

static int shelf_get(void *state, Span name, Arena *arena UNUSED, Span *ret, Error *err)
{
        const Shelf *shelf = state;

        for (size_t i = 0; i < shelf->len; i++) {
                char text[DIGEST_SIZE];

                snprintf(text, sizeof(text), "blob%zu", i);
                if (span_is(name, text)) {
                        *ret = shelf->blobs[i];
                        return 0;
                }
        }
        return fail(err, ERR_CORRUPT, "there is no blob '%.*s'", SPAN_ARG(name));
}

static Recording *example(Arena *arena)
{
        Recording *rec = recording_new(arena, "load");
        Hist *hist = hist_new(arena, HIST_LATENCY);
        double series[100];
        uint32_t blocks[100];
        uint32_t frame;

        rec->tier = SPAN("epoll");
        rec->wall_ns = UINT64_C(1800000000123456789);
        rec->duration_ns = 60 * NS_PER_S;
        rec->partial = true;
        *recording_value(rec, METRIC_LATENCY_P99, SPAN("GET /\"x\""), 0.1, UINT64_MAX) =
                (MetricValue){ METRIC_LATENCY_P99, SPAN("GET /\"x\""), 0.1, 0.05, 0.3, UINT64_MAX };
        recording_value(rec, METRIC_ERROR_RATE, SPAN(""), (double)NAN, 0);
        for (uint64_t i = 0; i < 1000; i++)
                hist_record(hist, i * i);
        recording_distribution(rec, METRIC_LATENCY_P50, "latency", SPAN("a"), hist);
        for (size_t i = 0; i < COUNT(series); i++)
                series[i] = i % 7 ? 1.0 / (double)(i + 1) : (double)NAN;
        recording_series(rec, METRIC_CPU, SPAN(""), 5, NS_PER_S, series, COUNT(series));
        recording_series(rec, METRIC_MEMORY, SPAN("pid 1"), 0, NS_PER_S, series, 9);
        for (size_t i = 0; i < COUNT(blocks); i++)
                blocks[i] = i ? (uint32_t)(i * 40503) : UINT32_MAX;
        recording_samples(rec, METRIC_TIME, SPAN("few"), series, blocks, 3);
        recording_samples(rec, METRIC_TIME, SPAN("many"), series, blocks, COUNT(blocks));
        recording_samples(rec, METRIC_TIME, SPAN("loose"), series, NULL, 5);
        recording_note(rec, NOTE_NOT_EXAMINED, "TLS: %s", "plain");
        rec->profile = profile_new(arena, 100);
        frame = profile_frame(rec->profile, &(FrameDesc){ .symbol = SPAN("main") });
        profile_add(rec->profile, &frame, 1, 7, 70);
        return rec;
}

static Span to_json(const Recording *rec, const BlobSink *sink, Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));
        JsonWriter w = json_to(&out, true);
        Error err = { 0 };

        assert_ok(recording_write_json(rec, sink, &w, &err), err);
        return buf_span(&out);
}

static int from_json(Span text, Shelf *shelf, Arena *arena, Recording **ret, Error *err)
{
        BlobSource source = { shelf_get, shelf };
        Document doc;
        int r = json_parse_strict(text, "rec.json", arena, &doc, err);

        return r < 0 ? r : recording_read_json(&doc, doc.root, &source, arena, ret, err);
}

static bool same_number(double a, double b)
{
        return a == b || (isnan(a) && isnan(b));
}

static void assert_same_series(const Series *a, const Series *b)
{
        assert_int_equal(a->metric, b->metric);
        assert_true(span_eq(a->subject, b->subject));
        assert_int_equal(a->start_ns, b->start_ns);
        assert_int_equal(a->step_ns, b->step_ns);
        assert_int_equal(a->len, b->len);
        for (size_t i = 0; i < a->len; i++)
                assert_true(same_number(a->values[i], b->values[i]));
}

static void assert_same_samples(const Samples *a, const Samples *b)
{
        assert_int_equal(a->metric, b->metric);
        assert_true(span_eq(a->subject, b->subject));
        assert_int_equal(a->len, b->len);
        assert_int_equal(a->blocks == NULL, b->blocks == NULL);
        for (size_t i = 0; i < a->len; i++) {
                assert_true(same_number(a->values[i], b->values[i]));
                if (a->blocks)
                        assert_int_equal(a->blocks[i], b->blocks[i]);
        }
}

static void assert_same(const Recording *a, const Recording *b)
{
        assert_true(span_eq(a->instrument, b->instrument));
        assert_true(span_eq(a->tier, b->tier));
        assert_int_equal(a->wall_ns, b->wall_ns);
        assert_int_equal(a->duration_ns, b->duration_ns);
        assert_int_equal(a->partial, b->partial);
        assert_int_equal(a->values.len, b->values.len);
        for (size_t i = 0; i < a->values.len; i++) {
                const MetricValue *x = &a->values.items[i], *y = &b->values.items[i];

                assert_int_equal(x->metric, y->metric);
                assert_true(span_eq(x->subject, y->subject) && x->n == y->n);
                assert_true(same_number(x->value, y->value));
                assert_true(same_number(x->low, y->low) && same_number(x->high, y->high));
        }
        assert_int_equal(a->series.len, b->series.len);
        for (size_t i = 0; i < a->series.len; i++)
                assert_same_series(&a->series.items[i], &b->series.items[i]);
        assert_int_equal(a->samples.len, b->samples.len);
        for (size_t i = 0; i < a->samples.len; i++)
                assert_same_samples(&a->samples.items[i], &b->samples.items[i]);
        assert_int_equal(a->notes.len, b->notes.len);
        assert_true(span_eq(a->notes.items[0].text, b->notes.items[0].text));
}

TEST(recording_comes_back_from_json_equal)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Shelf shelf = { .arena = arena };
        Recording *rec = example(arena), *back;
        const Hist *hist;
        Error err = { 0 };

        assert_ok(from_json(to_json(rec, &(BlobSink){ shelf_put, &shelf }, arena), &shelf, arena,
                            &back, &err),
                  err);
        assert_int_equal(shelf.len, 4); /* histogram, the long series, many samples, profile */
        assert_same(rec, back);
        hist = recording_find_distribution(back, "latency", SPAN("a"))->hist;
        assert_int_equal(hist->total, 1000);
        assert_int_equal(hist->max, 999 * 999);
        assert_int_equal(back->profile->total_weight, 70);
}

TEST(recording_for_readers_has_summaries_and_no_blobs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span text = to_json(example(arena), NULL, arena);
        Document doc;
        const Value *distribution, *function;
        Recording *rec;
        Error err = { 0 };

        assert_ok(json_parse_strict(text, "rec.json", arena, &doc, &err), err);
        distribution = value_get(doc.root, "distributions")->first;
        assert_near(value_get(distribution, "count")->number, 1000, 0);
        assert_near(value_get(distribution, "max")->number, 999 * 999, 0);
        assert_int_equal(value_get(value_get(doc.root, "series")->first, "values")->count, 100);
        function = value_get(value_get(doc.root, "profile"), "functions")->first;
        assert_span(value_get(function, "function")->text, "main");
        assert_near(value_get(function, "self_share")->number, 1, 0);
        assert_false(span_contains(text, "blob"));
        assert_fails(from_json(text, &(Shelf){ .arena = arena }, arena, &rec, &err), err,
                     ERR_INPUT);
}

TEST(recording_write_hands_on_the_error_of_its_sink)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

        for (size_t i = 1; i <= 3; i++) {
                Shelf shelf = { .arena = arena, .fail_at = i };
                Buf out = buf_in(arena, MiB(1));
                JsonWriter w = json_to(&out, false);
                Error err = { 0 };

                assert_fails(recording_write_json(example(arena), &(BlobSink){ shelf_put, &shelf },
                                                  &w, &err),
                             err, ENOSPC);
        }
}

TEST(recording_write_says_when_the_document_is_too_large)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Buf out = buf_in(arena, 500);
        JsonWriter w = json_to(&out, false);
        Error err = { 0 };

        assert_fails(recording_write_json(example(arena), NULL, &w, &err), err, ERR_LIMIT);
}

TEST(recording_without_one_of_its_blobs_is_corrupt)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Shelf shelf = { .arena = arena };
        Span text = to_json(example(arena), &(BlobSink){ shelf_put, &shelf }, arena);
        Recording *rec;
        Error err = { 0 };

        for (size_t n = 0; n < 3; n++) {
                shelf.len = n;
                assert_fails(from_json(text, &shelf, arena, &rec, &err), err, ERR_CORRUPT);
        }
}

static Span replaced(Arena *arena, Span text, const char *from, const char *to)
{
        ptrdiff_t at = span_find(text, span_of(from));

        if (at < 0)
                fail_msg("'%s' is not in the document", from);
        return span_of(arena_printf(arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                                    SPAN_ARG(span_from(text, (size_t)at + strlen(from)))));
}

TEST(recording_with_metrics_of_the_future_keeps_the_rest)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Shelf shelf = { .arena = arena };
        Span text = to_json(example(arena), &(BlobSink){ shelf_put, &shelf }, arena);
        Recording *rec;
        Error err = { 0 };

        text = replaced(arena, text, "\"latency_p99\"", "\"wonder\"");
        assert_ok(from_json(text, &shelf, arena, &rec, &err), err);
        assert_int_equal(rec->values.len, 1);
        assert_int_equal(rec->notes.len, 2);
        assert_span(rec->notes.items[0].text,
                    "'wonder' in 'ns' is stored, but not known to this version of hone");
}

TEST(recording_documents_that_lie_are_refused)
{
        static const struct {
                const char *from, *to;
        } rows[] = {
                { "\"format\": 1", "\"format\": 2" },
                { "\"format\": 1,", "" },
                { "\"len\": 9", "\"len\": 10" },
                { "\"len\": 9", "\"len\": 18446744073709551615" },
                { "\"len\": 100", "\"len\": 99" },
                { "\"len\": 100", "\"len\": 101" },
                { "\"interleaved\": true", "\"interleaved\": false" },
                { "\"interleaved\": false", "\"interleaved\": true" },
                { "4294967295", "4294967296" },
                { "4294967295,", "" },
                { "\"not examined\"", "\"forgotten\"" },
                { "\"partial\": true", "\"partial\": 1" },
                { "\"instrument\"", "\"tool\"" },
                { "\"low\": 0.05", "\"low\": \"x\"" },
                { "\"n\": 18446744073709551615", "\"n\": -1" },
                { "\"notes\": [", "\"notes\": 3, \"more\": [" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Shelf shelf = { .arena = arena };
        Span text = to_json(example(arena), &(BlobSink){ shelf_put, &shelf }, arena);

        for (size_t i = 0; i < COUNT(rows); i++) {
                Span bad = replaced(arena, text, rows[i].from, rows[i].to);
                Recording *rec;
                Error err = { 0 };

                if (from_json(bad, &shelf, arena, &rec, &err) >= 0)
                        fail_msg("accepted with %s", rows[i].to);
                assert_int_equal(err.code, ERR_INPUT);
        }
}

static Run *example_run(Arena *arena)
{
        static const char *const argv[] = { "./bench", "--all", "", NULL };
        Run *run = new (arena, Run, 1);

        *run = (Run){ .id = 12,
                      .label = SPAN("before"),
                      .group = SPAN("diagnose-1"),
                      .target = { TARGET_COMMAND, SPAN("./bench --all"), 77, SPAN("bench"), argv },
                      .plan_json = SPAN("{ \"rate\": 1e3, \"seed\": 18446744073709551615 }"),
                      .fingerprint = { .machine_id = SPAN("ab12"),
                                       .kernel = SPAN("6.1"),
                                       .cpus = 2,
                                       .memory_bytes = UINT64_C(1) << 33,
                                       .git_dirty = true,
                                       .hone_version = SPAN("0.1.0") },
                      .noise = { NOISE_NOISY, 0.01, (double)NAN, 0, 0.5, 1.25, SPAN("steal") },
                      .recording = example(arena) };
        return run;
}

TEST(run_comes_back_from_json_equal)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Shelf shelf = { .arena = arena };
        Run *run = example_run(arena), *back;
        Buf out = buf_in(arena, MiB(1));
        JsonWriter w = json_to(&out, false);
        Document doc;
        Error err = { 0 };

        assert_ok(run_write_json(run, &(BlobSink){ shelf_put, &shelf }, &w, &err), err);
        assert_ok(json_parse_strict(buf_span(&out), "run", arena, &doc, &err), err);
        assert_ok(run_read_json(&doc, &(BlobSource){ shelf_get, &shelf }, arena, &back, &err), err);
        assert_span(back->label, "before");
        assert_span(back->group, "diagnose-1");
        assert_true(span_eq(back->plan_json, run->plan_json));
        assert_int_equal(back->target.kind, TARGET_COMMAND);
        assert_int_equal(back->target.pid, 77);
        assert_string_equal(back->target.argv[1], "--all");
        assert_string_equal(back->target.argv[2], "");
        assert_null(back->target.argv[3]);
        assert_int_equal(back->fingerprint.memory_bytes, UINT64_C(1) << 33);
        assert_true(back->fingerprint.git_dirty);
        assert_span(back->fingerprint.git_revision, "");
        assert_int_equal(back->noise.verdict, NOISE_NOISY);
        assert_near(back->noise.other_cpu, 1.25, 0);
        assert_true(isnan(back->noise.runqueue_wait));
        assert_same(run->recording, back->recording);
}

TEST(run_for_readers_shows_its_plan_as_an_object)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *run = example_run(arena);
        Document doc;
        Error err = { 0 };

        for (int i = 0; i < 2; i++) {
                Buf out = buf_in(arena, MiB(1));
                JsonWriter w = json_to(&out, true);
                const Value *plan;

                assert_ok(run_write_json(run, NULL, &w, &err), err);
                assert_ok(json_parse_strict(buf_span(&out), "run", arena, &doc, &err), err);
                plan = value_get(doc.root, "plan");
                assert_near(value_get(doc.root, "id")->number, 12, 0);
                if (i == 0)
                        assert_span(value_get(plan, "seed")->text, "18446744073709551615");
                else
                        assert_span(plan->text, "not json");
                run->plan_json = SPAN("not json");
        }
}

TEST(run_that_does_not_fit_into_memory_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Shelf shelf = { .arena = arena };
        Buf out = buf_in(arena, MiB(1));
        JsonWriter w = json_to(&out, false);
        size_t refused = 0, kib = 0;
        bool fits = false;
        Error err = { 0 };

        assert_ok(run_write_json(example_run(arena), &(BlobSink){ shelf_put, &shelf }, &w, &err),
                  err);
        while (!fits && kib < 4096) {
                AUTO(arena_freep) Arena *small = arena_new(KiB(++kib));
                Document doc;
                Run *run;
                int r = json_parse_strict(buf_span(&out), "run", small, &doc, &err);

                if (r == 0)
                        r = run_read_json(&doc, &(BlobSource){ shelf_get, &shelf }, small, &run,
                                          &err);
                fits = r == 0;
                refused += r == -ERR_LIMIT;
        }
        assert_true(fits);
        assert_int_equal(refused, kib - 1);
}
