#include "store/store_example.h"
#include "store/store_int.h"

#include "base/fs.h"
#include "harness.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

static Store *open_store(Arena *arena, const char *path, StoreMode mode)
{
        Store *store = NULL;
        Error err = { 0 };

        assert_ok(store_open(path, mode, arena, &store, &err), err);
        return store;
}

static Store *new_store(Arena *arena)
{
        return open_store(arena, path_join(arena, example_folder(arena), "hone.db"), STORE_WRITE);
}

/* A run with one value of latency_p99 for each of two subjects. */
static void put_run(Store *store, Arena *arena, uint64_t i, const char *label)
{
        Run *run = example_run(arena, 2 * i);
        Recording *rec = recording_new(arena, "load");
        Error err = { 0 };
        uint64_t id;

        rec->wall_ns = i * NS_PER_S;
        recording_value(rec, METRIC_LATENCY_P99, SPAN("a"), (double)i, 10 + i)->low = 0.5;
        recording_value(rec, METRIC_LATENCY_P99, SPAN("b"), (double)NAN, 1);
        rec->partial = i % 5 == 0;
        run->recording = rec;
        run->label = span_of(label);
        run->fingerprint.git_revision = span_of(arena_printf(arena, "%040d", (int)i));
        assert_ok(store_put(store, run, &id, &err), err);
}

static size_t values_of(Store *store, Arena *arena, MetricQuery query, MetricPoint **ret)
{
        Error err = { 0 };
        size_t n = 0;

        assert_ok(store_values(store, &query, arena, ret, &n, &err), err);
        return n;
}

TEST(history_reads_values_oldest_first_with_their_facts)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        AUTO(store_closep) Store *store = new_store(arena);
        MetricQuery query = { .metric = METRIC_LATENCY_P99, .subject = SPAN("a") };
        MetricPoint *points;

        for (uint64_t i = 1; i <= 12; i++)
                put_run(store, arena, i, i % 2 ? "odd" : "even");
        assert_int_equal(values_of(store, arena, query, &points), 12);
        for (size_t i = 0; i < 12; i++) {
                const MetricPoint *p = &points[i];

                assert_int_equal(p->run_id, i + 1);
                assert_int_equal(p->wall_ns, (i + 1) * NS_PER_S);
                assert_int_equal(p->n, 11 + i);
                assert_near(p->value, (double)(i + 1), 0);
                assert_near(p->low, 0.5, 0);
                assert_true(isnan(p->high));
                assert_span(*p->machine_id, "0123abcd");
                assert_span(*p->target, "http://127.0.0.1:8080/");
                assert_span(*p->instrument, "load");
                assert_span(*p->label, i % 2 ? "even" : "odd");
                assert_int_equal(p->git_revision->len, 40);
                assert_int_equal(p->partial, (i + 1) % 5 == 0);
                assert_int_equal(p->noise, NOISE_QUIET);
                assert_ptr_equal(p->machine_id, points[0].machine_id); /* one text for all */
        }
        query.subject = SPAN("b");
        assert_int_equal(values_of(store, arena, query, &points), 12);
        assert_true(isnan(points[0].value));
}

TEST(history_filters_and_keeps_the_newest)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        AUTO(store_closep) Store *store = new_store(arena);
        MetricQuery query = { .metric = METRIC_LATENCY_P99, .subject = SPAN("a") };
        MetricPoint *points;

        for (uint64_t i = 1; i <= 12; i++)
                put_run(store, arena, i, i % 2 ? "odd" : "even");
        query.limit = 3;
        assert_int_equal(values_of(store, arena, query, &points), 3);
        assert_int_equal(points[0].run_id, 10);
        query.label = SPAN("odd");
        assert_int_equal(values_of(store, arena, query, &points), 3);
        assert_int_equal(points[0].run_id, 7);
        query = (MetricQuery){ .metric = METRIC_LATENCY_P99,
                               .subject = SPAN("a"),
                               .since_ns = 11 * NS_PER_S };
        assert_int_equal(values_of(store, arena, query, &points), 2);
        query.instrument = SPAN("system");
        assert_int_equal(values_of(store, arena, query, &points), 0);
        query.instrument = SPAN("load");
        query.target = SPAN("' OR 1=1 --");
        assert_int_equal(values_of(store, arena, query, &points), 0);
        query = (MetricQuery){ .metric = METRIC_CPU };
        assert_int_equal(values_of(store, arena, query, &points), 0);
}

TEST(history_lists_metrics_and_subjects)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        AUTO(store_closep) Store *store = new_store(arena);
        MetricSubject *list;
        Error err = { 0 };
        size_t n;

        assert_ok(store_subjects(store, NULL, arena, &list, &n, &err), err);
        assert_int_equal(n, 0);
        put_run(store, arena, 1, "x");
        put_run(store, arena, 2, "x");
        assert_ok(
                sql_exec(store,
                         "INSERT INTO metric_values SELECT 1, 99, 'of_the_future', '', 1, 1, 1, 1",
                         "write", &err),
                err);
        assert_ok(store_subjects(store, NULL, arena, &list, &n, &err), err);
        assert_int_equal(n, 2);
        assert_int_equal(list[0].metric->id, METRIC_LATENCY_P99);
        assert_span(list[0].subject, "a");
        assert_span(list[1].subject, "b");
        assert_int_equal(list[1].values, 2);
        assert_ok(store_subjects(store, metric_def(METRIC_CPU), arena, &list, &n, &err), err);
        assert_int_equal(n, 0);
        assert_ok(store_subjects(store, metric_def(METRIC_LATENCY_P99), arena, &list, &n, &err),
                  err);
        assert_int_equal(n, 2);
}

/* The plan of the question, as SQLite tells it. */
static Span plan_of(Store *store, Arena *arena, const char *sql)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        Buf out = buf_in(arena, KiB(64));
        Error err = { 0 };

        assert_ok(sql_prepare(store, sql, &statement, &err), err);
        while (sqlite3_step(statement) == SQLITE_ROW) {
                buf_add(&out, sql_column(statement, 3));
                buf_byte(&out, '\n');
        }
        return buf_span(&out);
}

TEST(history_touches_no_table_but_the_facts)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        AUTO(store_closep) Store *store = new_store(arena);
        Span plan = plan_of(store, arena,
                            "EXPLAIN QUERY PLAN SELECT v.run_id, v.value, v.low, v.high, v.n,"
                            " f.machine_id FROM metric_values AS v INDEXED BY"
                            " metric_values_by_subject CROSS JOIN run_facts AS f"
                            " ON f.run_id = v.run_id WHERE v.metric = 'a' AND v.subject = 'b'"
                            " ORDER BY v.run_id DESC LIMIT 5");

        assert_true(span_contains(plan, "COVERING INDEX metric_values_by_subject (metric=? AND "
                                        "subject=?)"));
        assert_true(span_contains(plan, "f USING INTEGER PRIMARY KEY"));
        assert_false(span_contains(plan, "TEMP B-TREE"));
        assert_false(span_contains(plan, "runs"));
}

/* As the first version of the schema left it: without facts. */
static void make_older(Store *store)
{
        Error err = { 0 };

        assert_ok(sql_exec(store,
                           "DROP TABLE run_facts; DROP INDEX metric_values_by_subject;"
                           "CREATE INDEX metric_values_by_metric ON metric_values (metric, run_id);"
                           "PRAGMA user_version = 1",
                           "change", &err),
                  err);
}

TEST(store_of_an_older_hone_is_updated_with_its_runs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        Store *store = open_store(arena, path, STORE_WRITE);
        MetricQuery query = { .metric = METRIC_LATENCY_P99, .subject = SPAN("a") };
        MetricPoint *points;
        uint64_t runs;
        Error err = { 0 };

        for (uint64_t i = 1; i <= 3; i++)
                put_run(store, arena, i, "x");
        make_older(store);
        store_close(store);
        store = open_store(arena, path, STORE_READ);
        assert_int_equal(values_of(store, arena, query, &points), 3);
        assert_span(*points[2].machine_id, "0123abcd");
        assert_ok(store_verify(store, &runs, &err), err);
        assert_int_equal(runs, 3);
        store_close(store);
}

TEST(store_of_an_older_hone_that_cannot_be_written_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *folder = example_folder(arena);
        char *path = path_join(arena, folder, "hone.db");
        Store *store;
        Error err = { 0 };

        if (geteuid() == 0)
                skip_because("root writes everywhere");
        store = open_store(arena, path, STORE_WRITE);
        put_run(store, arena, 1, "x");
        make_older(store);
        store_close(store);
        assert_int_equal(chmod(path, 0400), 0);
        assert_fails(store_open(path, STORE_READ, arena, &store, &err), err, ERR_UNAVAILABLE);
        assert_true(span_contains(span_of(err.message), "older schema"));
}

TEST(facts_that_differ_from_the_run_are_found)
{
        static const char *const damages[] = {
                "UPDATE run_facts SET machine_id = 'x' WHERE run_id = 2",
                "UPDATE run_facts SET git_dirty = 1 - git_dirty WHERE run_id = 2",
                "DELETE FROM run_facts WHERE run_id = 2",
        };

        for (size_t i = 0; i < COUNT(damages); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                AUTO(store_closep) Store *store = new_store(arena);
                uint64_t runs;
                Error err = { 0 };

                put_run(store, arena, 1, "x");
                put_run(store, arena, 2, "x");
                assert_true(sql_exec(store, damages[i], "change", &err) < 0);
                assert_ok(sql_exec(store,
                                   "DROP TRIGGER run_facts_stay; DROP TRIGGER run_facts_last",
                                   "change", &err),
                          err);
                assert_ok(sql_exec(store, damages[i], "change", &err), err);
                assert_fails(store_verify(store, &runs, &err), err, ERR_CORRUPT);
                assert_true(span_contains(span_of(err.message), "run 2"));
        }
}

TEST(documents_of_one_call_are_all_there_or_none)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        AUTO(store_closep) Store *store = new_store(arena);
        NamedDocument documents[] = { { "one", SPAN("1") }, { "two", SPAN("2") } };
        Span text;
        Error err = { 0 };

        assert_ok(store_put_documents(store, documents, 2, &err), err);
        assert_ok(store_get_document(store, "two", arena, &text, &err), err);
        assert_span(text, "2");
        documents[0].bytes = SPAN("3");
        documents[1].bytes = (Span){ new (arena, char, LARGEST_BLOB + 1), LARGEST_BLOB + 1 };
        assert_true(store_put_documents(store, documents, 2, &err) < 0);
        assert_ok(store_get_document(store, "one", arena, &text, &err), err);
        assert_span(text, "1");
}
