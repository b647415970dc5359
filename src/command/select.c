#include "command/select.h"

#define MOST_RUNS 1000

static int load_all(Store *store, const RunSummary *list, size_t n, Arena *arena, RunSet *set,
                    Error *err)
{
        for (size_t i = n; i-- > 0;) { /* oldest first */
                int r = store_get(store, list[i].id, arena, &set->items[set->len], err);

                if (r < 0)
                        return r;
                set->len++;
        }
        return 0;
}

/* All runs with this label, or, when there is none, of this group. */
static int add_named(Store *store, Span word, Arena *arena, RunSet *set, Error *err)
{
        RunQuery by_label = { .label = word, .limit = MOST_RUNS };
        RunQuery by_group = { .group = word, .limit = MOST_RUNS };
        RunSummary *list;
        size_t n;
        int r = store_list(store, &by_label, arena, &list, &n, err);

        if (r == 0 && n == 0)
                r = store_list(store, &by_group, arena, &list, &n, err);
        if (r < 0)
                return r;
        if (set->len + n > MOST_RUNS)
                return fail(err, ERR_LIMIT, "more than %d runs at once", MOST_RUNS);
        return load_all(store, list, n, arena, set, err);
}

static int add_word(Store *store, Span word, Arena *arena, RunSet *set, Error *err)
{
        size_t before = set->len;
        uint64_t id;
        int r = add_named(store, word, arena, set, err);

        if (r < 0 || set->len > before)
                return r;
        r = store_resolve(store, word, &id, err);
        if (r < 0)
                return r;
        if (set->len >= MOST_RUNS)
                return fail(err, ERR_LIMIT, "more than %d runs at once", MOST_RUNS);
        r = store_get(store, id, arena, &set->items[set->len], err);
        set->len += r == 0;
        return r;
}

int select_runs(Store *store, Span words, Arena *arena, RunSet *ret, Error *err)
{
        RunSet set = { .items = new (arena, Run *, MOST_RUNS) };

        if (words.len == 0)
                return fail(err, ERR_USAGE, "which run? Give an id, 'last', a label or a group");
        while (words.ptr) {
                int r = add_word(store, span_trim(span_cut(&words, ',')), arena, &set, err);

                if (r < 0)
                        return r;
        }
        *ret = set;
        return 0;
}

int select_latest(Store *store, Span words, Arena *arena, RunSet *ret, Error *err)
{
        RunSummary *list;
        size_t n;
        int r;

        if (words.len)
                return select_runs(store, words, arena, ret, err);
        r = store_list(store, &(RunQuery){ .limit = 1 }, arena, &list, &n, err);
        if (r < 0)
                return r;
        if (n == 0) {
                fail(err, ERR_NOT_FOUND, "the store holds no runs yet");
                return fail_hint(err, "measure something first: hone diagnose URL");
        }
        return select_runs(store, list[0].group, arena, ret, err);
}

RunSet select_instrument(const RunSet *set, Span instrument, Arena *arena)
{
        RunSet some = { .items = new (arena, Run *, set->len) };

        for (size_t i = 0; i < set->len; i++)
                if (span_eq(set->items[i]->recording->instrument, instrument))
                        some.items[some.len++] = set->items[i];
        return some;
}
