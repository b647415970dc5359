/* What was known of a series before, so that a run more costs little.
 *
 * The document names the plan and holds the change points of up to two prefixes of the series: all
 * values but the last, and all. A prefix counts only when the SHA-256 of its values is the same,
 * so runs that were added in the middle, left out, or measured again make what was known useless
 * and nothing worse; runs of the newest revision change the last value only. Exceptions are
 * applied afterwards and are no part of it. */

#include "analysis/history_int.h"
#include "base/digest.h"
#include "base/json.h"

#include <math.h>

#define FORMAT 2      /* another one whenever change_points() would answer differently */
#define KEEP_FROM 200 /* shorter series are looked at as fast as read */
#define LARGEST MiB(16)
#define MOST_STATES 2

/* The change points of the first n values. */
typedef struct State {
        size_t n;
        char digest[DIGEST_SIZE];
        ChangePoints points;
} State;

typedef struct Finder {
        Arena *arena;
        History *h;
        double *values;
} Finder;

static void digest_values(const Finder *f, size_t n, char ret[static DIGEST_SIZE])
{
        digest_hex((Span){ (const char *)f->values, n * sizeof(*f->values) }, ret);
}

/* --- writing --- */

static const struct PointField {
        const char *key;
        size_t offset;
} point_fields[] = {
        { "before", offsetof(ChangePoint, before) },
        { "after", offsetof(ChangePoint, after) },
        { "change", offsetof(ChangePoint, change) },
        { "low", offsetof(ChangePoint, interval.low) },
        { "high", offsetof(ChangePoint, interval.high) },
        { "confidence", offsetof(ChangePoint, interval.confidence) },
        { "where_low", offsetof(ChangePoint, where.low) },
        { "where_high", offsetof(ChangePoint, where.high) },
        { "where_confidence", offsetof(ChangePoint, where.confidence) },
        { "p", offsetof(ChangePoint, p) },
};

static double number_at(const ChangePoint *point, size_t field)
{
        return *(const double *)(const void *)((const char *)point + point_fields[field].offset);
}

static void write_state(JsonWriter *w, const State *state)
{
        json_open_object(w);
        json_key(w, "values");
        json_u64(w, state->n);
        json_key(w, "sha256");
        json_text(w, state->digest);
        json_key(w, "autocorrelation");
        json_double(w, state->points.autocorrelation);
        json_key(w, "changes");
        json_open_array(w);
        for (size_t i = 0; i < state->points.len; i++) {
                const ChangePoint *point = &state->points.items[i];

                json_open_object(w);
                json_key(w, "at");
                json_u64(w, point->at);
                for (size_t k = 0; k < COUNT(point_fields); k++) {
                        json_key(w, point_fields[k].key);
                        json_double(w, number_at(point, k));
                }
                json_close_object(w);
        }
        json_close_array(w);
        json_close_object(w);
}

/* What has to be equal for anything to count. */
static Span plan_words(const ChangePlan *plan, Arena *arena)
{
        return span_of(arena_printf(arena, "%d " HONE_VERSION " %d %a %zu %a", FORMAT,
                                    (int)plan->method, plan->alpha, plan->min_segment,
                                    plan->min_change));
}

static Span write_states(const Finder *f, const State *states, size_t n)
{
        Buf out = buf_in(f->arena, LARGEST);
        JsonWriter w = json_to(&out, false);

        json_open_object(&w);
        json_key(&w, "plan");
        json_span(&w, plan_words(&f->h->plan, f->arena));
        json_key(&w, "states");
        json_open_array(&w);
        for (size_t i = 0; i < n; i++)
                write_state(&w, &states[i]);
        json_close_array(&w);
        json_close_object(&w);
        return out.overflowed ? (Span){ 0 } : buf_span(&out);
}

/* --- reading: anything that is not as written makes the whole unknown --- */

static bool read_number(const Value *map, const char *key, double *ret)
{
        const Value *at = value_get(map, key);

        if (!at || (at->kind != VALUE_NUMBER && at->kind != VALUE_NULL))
                return false;
        *ret = at->kind == VALUE_NUMBER ? at->number : (double)NAN;
        return true;
}

static bool read_index(const Value *map, const char *key, size_t below, size_t *ret)
{
        const Value *at = value_get(map, key);
        uint64_t number;

        if (!at || at->kind != VALUE_NUMBER || span_to_u64(at->text, &number, NULL) < 0 ||
            number >= below)
                return false;
        *ret = number;
        return true;
}

static bool read_point(const Value *map, size_t n, ChangePoint *ret)
{
        if (!read_index(map, "at", n, &ret->at))
                return false;
        for (size_t k = 0; k < COUNT(point_fields); k++)
                if (!read_number(map, point_fields[k].key,
                                 (double *)(void *)((char *)ret + point_fields[k].offset)))
                        return false;
        return true;
}

static bool read_points(const Finder *f, const Value *map, State *state)
{
        const Value *list = value_get(map, "changes");
        size_t at = 0;

        if (!list || list->kind != VALUE_LIST)
                return false;
        state->points.items = new_try(f->arena, ChangePoint, list->count);
        if (!state->points.items ||
            !read_number(map, "autocorrelation", &state->points.autocorrelation))
                return false;
        value_each (item, list) {
                if (!read_point(item, state->n, &state->points.items[at]))
                        return false;
                if (at && state->points.items[at].at <= state->points.items[at - 1].at)
                        return false;
                at++;
        }
        state->points.len = at;
        return true;
}

/* A state of a prefix of these very values. */
static bool read_state(const Finder *f, const Value *map, State *ret)
{
        const Value *digest = value_get(map, "sha256");
        State state = { 0 };

        if (!digest || digest->kind != VALUE_TEXT ||
            !read_index(map, "values", f->h->len + 1, &state.n))
                return false;
        digest_values(f, state.n, state.digest);
        if (!span_is(digest->text, state.digest) || !read_points(f, map, &state))
                return false;
        *ret = state;
        return true;
}

/* The longest prefix that is known; n 0: none. */
static State read_longest(const Finder *f, Span known)
{
        const Value *plan;
        State longest = { 0 }, state;
        Document doc;

        if (known.len == 0 || json_parse_strict(known, "history", f->arena, &doc, NULL) < 0)
                return longest;
        plan = value_get(doc.root, "plan");
        if (!plan || plan->kind != VALUE_TEXT ||
            !span_eq(plan->text, plan_words(&f->h->plan, f->arena)))
                return longest;
        value_each (item, value_get(doc.root, "states"))
                if (read_state(f, item, &state) && state.n > longest.n)
                        longest = state;
        return longest;
}

/* --- finding --- */

/* The state of the first n values from a shorter one; n 0: from nothing. */
static int extend(const Finder *f, const State *from, size_t n, State *ret, Error *err)
{
        State state = { .n = n };
        int r = from->n ? change_points_append(f->values, n, from->n, &from->points, &f->h->plan,
                                               f->arena, &state.points, err)
                        : change_points(f->values, n, &f->h->plan, f->arena, &state.points, err);

        if (r < 0)
                return r;
        digest_values(f, n, state.digest);
        *ret = state;
        return 0;
}

static int find_long(const Finder *f, Span known, ChangePoints *ret, Error *err)
{
        size_t n = f->h->len;
        State states[MOST_STATES];
        int r = 0;

        states[0] = read_longest(f, known);
        f->h->looked_at = n - states[0].n;
        if (states[0].n == n) {
                *ret = states[0].points;
                return 0;
        }
        if (states[0].n < n - 1)
                r = extend(f, &states[0], n - 1, &states[0], err);
        if (r == 0)
                r = extend(f, &states[0], n, &states[1], err);
        if (r < 0)
                return r;
        f->h->known = write_states(f, states, 2);
        *ret = states[1].points;
        return 0;
}

int history_find(Span known, Arena *arena, History *h, ChangePoints *ret, Error *err)
{
        Finder f = { arena, h, new_try(arena, double, h->len) };

        if (!f.values)
                return fail(err, ERR_LIMIT, "%zu values do not fit into memory", h->len);
        for (size_t i = 0; i < h->len; i++)
                f.values[i] = h->points[i].value;
        if (h->len >= KEEP_FROM)
                return find_long(&f, known, ret, err);
        h->looked_at = h->len;
        return change_points(f.values, h->len, &h->plan, arena, ret, err);
}
