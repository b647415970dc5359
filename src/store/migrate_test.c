#include "store/store_example.h"
#include "store/store_int.h"

#include "base/fs.h"
#include "harness.h"

static Store *connection(Arena *arena, const char *path)
{
        Store *store = new (arena, Store, 1);

        store->path = path;
        store->mode = STORE_WRITE;
        assert_int_equal(sqlite3_open(path, &store->db), SQLITE_OK);
        return store;
}

static int64_t number(Store *store, const char *sql)
{
        int64_t n = 0;
        Error err = { 0 };

        assert_ok(sql_number(store, sql, &n, &err), err);
        return n;
}

static const EmbeddedFile one[] = { { "001.sql", SPAN("CREATE TABLE a (x);") }, { NULL, { 0 } } };
static const EmbeddedFile three[] = {
        { "001.sql", SPAN("CREATE TABLE a (x);") },
        { "002.sql", SPAN("CREATE TABLE b (x); INSERT INTO b SELECT x * 2 FROM a;") },
        { "003.sql", SPAN("ALTER TABLE a ADD COLUMN y;") },
        { NULL, { 0 } },
};
static const EmbeddedFile broken[] = {
        { "001.sql", SPAN("CREATE TABLE a (x);") },
        { "002.sql", SPAN("CREATE TABLE b (x);") },
        { "003.sql", SPAN("CREATE TABLE c (x); INSERT INTO nowhere VALUES (1);") },
        { NULL, { 0 } },
};

TEST(older_schema_is_migrated_with_its_rows)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = connection(arena, path);
        Error err = { 0 };

        assert_ok(migrate_check(store, one, &err), err);
        assert_ok(migrate_up(store, one, &err), err);
        assert_int_equal(number(store, "PRAGMA application_id"), STORE_APPLICATION_ID);
        assert_int_equal(number(store, "PRAGMA user_version"), 1);
        assert_ok(sql_exec(store, "INSERT INTO a VALUES (21)", "write", &err), err);
        assert_ok(migrate_check(store, three, &err), err);
        assert_ok(migrate_up(store, three, &err), err);
        assert_int_equal(number(store, "PRAGMA user_version"), 3);
        assert_int_equal(number(store, "SELECT x FROM b"), 42);
        assert_ok(migrate_up(store, three, &err), err);
        assert_fails(migrate_check(store, one, &err), err, ERR_UNAVAILABLE);
}

TEST(migration_that_fails_leaves_the_old_schema)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = connection(arena, path);
        Error err = { 0 };

        assert_ok(migrate_up(store, one, &err), err);
        assert_true(migrate_up(store, broken, &err) < 0);
        assert_true(span_contains(span_of(err.during), "applying 003.sql"));
        assert_int_equal(number(store, "PRAGMA user_version"), 1);
        assert_int_equal(number(store, "SELECT count(*) FROM sqlite_schema"), 1);
        assert_ok(migrate_up(store, three, &err), err);
}

TEST(reader_does_not_migrate)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = connection(arena, path);
        Error err = { 0 };

        assert_ok(migrate_up(store, one, &err), err);
        store->mode = STORE_READ;
        assert_fails(migrate_check(store, three, &err), err, ERR_UNAVAILABLE);
        assert_true(migrate_up(store, three, &err) < 0);
        assert_int_equal(number(store, "PRAGMA user_version"), 1);
}
