#include "store/store_int.h"

#include <inttypes.h>

#define MOST_NAMES 10000 /* looked through for "did you mean" */

/* A reference taken apart: "last", "last:load", "last~2", "last:load~2". */
typedef struct LastReference {
        Span instrument; /* empty: any */
        uint64_t back;   /* how many before the last */
} LastReference;

static bool parse_last(Span text, LastReference *ret)
{
        ptrdiff_t tilde = span_find_byte(text, '~');

        *ret = (LastReference){ 0 };
        if (tilde >= 0 && span_to_u64(span_from(text, (size_t)tilde + 1), &ret->back, NULL) < 0)
                return false;
        if (tilde >= 0)
                text = span_first(text, (size_t)tilde);
        if (span_is(text, "last"))
                return true;
        ret->instrument = span_from(text, sizeof("last:") - 1);
        return span_starts(text, "last:") && ret->instrument.len;
}

/* 1: found, 0: there is none. */
static int first_id(Store *store, sqlite3_stmt *statement, uint64_t *ret_id, Error *err)
{
        int r = sql_step(store, statement, "read", err);

        if (r > 0)
                *ret_id = (uint64_t)sqlite3_column_int64(statement, 0);
        return r;
}

static int find_last(Store *store, const LastReference *last, uint64_t *ret_id, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store,
                            "SELECT id FROM runs WHERE ?1 = '' OR instrument = ?1"
                            " ORDER BY id DESC LIMIT 1 OFFSET ?2",
                            &statement, err);

        if (r < 0)
                return r;
        sql_bind_span(statement, 1, last->instrument);
        sqlite3_bind_int64(statement, 2, number_column(last->back));
        return first_id(store, statement, ret_id, err);
}

static int find_label(Store *store, Span label, uint64_t *ret_id, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, "SELECT max(id) FROM runs WHERE label = ?1 HAVING count(*) > 0",
                            &statement, err);

        if (r < 0)
                return r;
        sql_bind_span(statement, 1, label);
        return first_id(store, statement, ret_id, err);
}

static int find_id(Store *store, uint64_t id, uint64_t *ret_id, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, "SELECT id FROM runs WHERE id = ?1", &statement, err);

        if (r < 0)
                return r;
        sqlite3_bind_int64(statement, 1, number_column(id));
        return first_id(store, statement, ret_id, err);
}

/* A hint with the stored name that is fewest edits away; none when all are far. */
static void hint_nearest(Store *store, const char *sql, const char *prefix, Span name, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        size_t best = name.len / 2 + 1;

        if (sql_prepare(store, sql, &statement, NULL) < 0)
                return;
        for (size_t i = 0; i < MOST_NAMES && sql_step(store, statement, "read", NULL) > 0; i++) {
                Span other = sql_column(statement, 0);
                size_t distance = span_distance(name, other);

                if (distance > best || (distance == best && err && err->hint[0]))
                        continue;
                best = distance;
                fail_hint(err, "did you mean '%s%.*s'?", prefix, SPAN_ARG(other));
        }
}

static int no_such_id(Store *store, uint64_t id, Error *err)
{
        int64_t nearest = 0;
        char sql[128];
        int r = fail(err, ERR_NOT_FOUND, "there is no run %" PRIu64 " in '%s'", id, store->path);

        snprintf(sql, sizeof(sql), "SELECT id FROM runs ORDER BY abs(id - %" PRId64 ") LIMIT 1",
                 number_column(id));
        if (sql_number(store, sql, &nearest, NULL) == 0)
                fail_hint(err, "the nearest is run %" PRId64, nearest);
        return r;
}

static int no_such_last(Store *store, const LastReference *last, Span reference, Error *err)
{
        uint64_t id;
        int r = fail(err, ERR_NOT_FOUND, "there is no run '%.*s' in '%s'", SPAN_ARG(reference),
                     store->path);

        if (last->back &&
            find_last(store, &(LastReference){ .instrument = last->instrument }, &id, NULL) > 0)
                fail_hint(err, "it does not go back that far; the newest is run %" PRIu64, id);
        else if (last->instrument.len)
                hint_nearest(store, "SELECT DISTINCT instrument FROM runs",
                             "last:", last->instrument, err);
        return r;
}

static int no_such_label(Store *store, Span label, Error *err)
{
        int r = fail(err, ERR_NOT_FOUND, "there is no run labelled '%.*s' in '%s'", SPAN_ARG(label),
                     store->path);

        hint_nearest(store, "SELECT DISTINCT label FROM runs WHERE label <> ''", "", label, err);
        return r;
}

int store_resolve(Store *store, Span reference, uint64_t *ret_id, Error *err)
{
        Span digits = span_starts(reference, "#") ? span_from(reference, 1) : reference;
        LastReference last;
        uint64_t id;
        int r;

        if (reference.len == 0)
                return fail(err, ERR_USAGE, "the name of a run is empty");
        if (span_to_u64(digits, &id, NULL) == 0)
                r = find_id(store, id, ret_id, err);
        else if (parse_last(reference, &last))
                r = find_last(store, &last, ret_id, err);
        else
                r = 0;
        if (r == 0) /* a label may look like anything */
                r = find_label(store, reference, ret_id, err);
        if (r != 0)
                return r < 0 ? r : 0;
        if (span_to_u64(digits, &id, NULL) == 0)
                return no_such_id(store, id, err);
        if (parse_last(reference, &last))
                return no_such_last(store, &last, reference, err);
        return no_such_label(store, reference, err);
}
