/* Runs into a series: which count, in which order, one value a revision. */

#include "analysis/history_int.h"

#include "base/map.h"

#include <math.h>
#include <stdlib.h>

/* A run that counts. */
typedef struct Usable {
        const MetricPoint *point;
        uint64_t order; /* position of its commit, or time at which its revision was first seen */
        uint64_t group; /* revision, by its first appearance */
} Usable;

typedef struct Selection {
        const HistoryPlan *plan;
        Arena *arena;
        History *h;
        Usable *usable;
        size_t len;
        Span machine;
        bool revisions; /* some run has one */
} Selection;

static bool is_whole(const MetricPoint *p)
{
        return !p->partial && p->noise != NOISE_UNRELIABLE && isfinite(p->value);
}

/* The machine that counts: the one asked for, or that of the newest run that is whole. */
static int choose_machine(Selection *s, const HistoryPart *part, Error *err)
{
        const Span *chosen = NULL;

        for (size_t i = part->len; i-- > 0 && !chosen;) {
                const MetricPoint *p = &part->points[i];

                if (s->plan->machine.len ? span_eq(span_first(*p->machine_id, s->plan->machine.len),
                                                   s->plan->machine)
                                         : is_whole(p))
                        chosen = p->machine_id;
        }
        if (!chosen && s->plan->machine.len)
                return fail(err, ERR_NOT_FOUND, "no run of machine '%.*s' has %.*s",
                            SPAN_ARG(s->plan->machine), SPAN_ARG(s->h->name.name));
        s->machine = chosen      ? *chosen
                     : part->len ? *part->points[part->len - 1].machine_id
                                 : (Span){ 0 };
        return 0;
}

/* The other machine with most runs, to be named; few machines are looked at. */
static void find_other_machine(Selection *s, const HistoryPart *part)
{
        Map count = map_in(s->arena, 10000);
        uint64_t most = 0;

        for (size_t i = 0; i < part->len; i++) {
                const Span *id = part->points[i].machine_id;
                MapSlot *slot = span_eq(*id, s->machine) ? NULL : map_add(&count, *id);

                if (slot && ++slot->number > most) {
                        most = slot->number;
                        s->h->other_machine = *id;
                }
        }
}

/* Why a run does not count; LEFT_OUT_COUNT_: it does. */
static LeftOut reason_against(const Selection *s, const MetricPoint *p)
{
        const struct {
                bool holds;
                LeftOut reason;
        } tests[] = {
                { !span_eq(*p->machine_id, s->machine), LEFT_OUT_OTHER_MACHINE },
                { p->partial, LEFT_OUT_PARTIAL },
                { p->noise == NOISE_UNRELIABLE, LEFT_OUT_UNRELIABLE },
                { p->git_dirty, LEFT_OUT_DIRTY },
                { !isfinite(p->value), LEFT_OUT_NO_VALUE },
                { s->revisions && p->git_revision->len == 0, LEFT_OUT_NO_REVISION },
        };

        for (size_t i = 0; i < COUNT(tests); i++)
                if (tests[i].holds)
                        return tests[i].reason;
        return LEFT_OUT_COUNT_;
}

static bool have_revisions(const Selection *s, const HistoryPart *part)
{
        for (size_t i = 0; i < part->len; i++) {
                const MetricPoint *p = &part->points[i];

                if (p->git_revision->len && !p->git_dirty && span_eq(*p->machine_id, s->machine))
                        return true;
        }
        return false;
}

static int choose_usable(Selection *s, const HistoryPart *part, Error *err)
{
        s->usable = new_try(s->arena, Usable, part->len);
        if (!s->usable)
                return fail(err, ERR_LIMIT, "%zu values do not fit into memory", part->len);
        for (size_t i = 0; i < part->len; i++) {
                LeftOut reason = reason_against(s, &part->points[i]);

                if (reason == LEFT_OUT_COUNT_)
                        s->usable[s->len++] = (Usable){ .point = &part->points[i] };
                else
                        s->h->left_out[reason]++;
        }
        return 0;
}

/* Runs of a revision that the order does not hold are left out; false: it holds none of them. */
static bool order_by_commit(Selection *s)
{
        size_t kept = 0;
        Map seen = map_in(s->arena, s->len + 1);

        for (size_t i = 0; i < s->len; i++) {
                const Span *revision = s->usable[i].point->git_revision;
                MapSlot *slot = map_add_u64(&seen, (uintptr_t)revision);
                size_t at;

                if (slot && slot->number == 0) /* position + 2; 1: there is none */
                        slot->number =
                                commit_order_find(s->plan->order, *revision, &at) ? at + 2 : 1;
                if (!slot || slot->number == 1)
                        continue;
                s->usable[i].order = s->usable[i].group = slot->number - 2;
                s->usable[kept++] = s->usable[i];
        }
        if (kept == 0)
                return false;
        s->h->left_out[LEFT_OUT_OTHER_BRANCH] = s->len - kept;
        s->len = kept;
        return true;
}

/* By the time at which each revision was first measured; without revisions each run is its own. */
static void order_by_time(Selection *s)
{
        Map first = map_in(s->arena, s->len + 1);

        for (size_t i = 0; i < s->len; i++) {
                Usable *u = &s->usable[i];
                MapSlot *slot = s->revisions ? map_add(&first, *u->point->git_revision) : NULL;

                if (slot && slot->number == 0)
                        slot->number = i + 1;
                u->group = slot ? slot->number - 1 : i;
                s->usable[u->group].order =
                        u->group == i ? u->point->wall_ns
                                      : MIN(s->usable[u->group].order, u->point->wall_ns);
        }
        for (size_t i = 0; i < s->len; i++)
                s->usable[i].order = s->usable[s->usable[i].group].order;
}

#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

static int by_order(const void *a, const void *b)
{
        const Usable *x = a, *y = b;

        if (x->order != y->order)
                return COMPARE(x->order, y->order);
        if (x->group != y->group)
                return COMPARE(x->group, y->group);
        return COMPARE(x->point->run_id, y->point->run_id);
}

/* The runs of one revision as one point; `values` is scratch for as many. */
static HistoryPoint merge(const Selection *s, const Usable *runs, size_t n, double *values)
{
        const MetricPoint *newest = runs[n - 1].point;

        for (size_t i = 0; i < n; i++)
                values[i] = runs[i].point->value;
        sort_doubles(values, n);
        return (HistoryPoint){
                .revision = *newest->git_revision,
                .position = s->h->by_commit ? (size_t)runs[0].order : 0,
                .wall_ns = newest->wall_ns,
                .run_id = newest->run_id,
                .runs = n,
                .value = median_sorted(values, n),
                .low = n > 1 ? values[0] : newest->low,
                .high = n > 1 ? values[n - 1] : newest->high,
        };
}

static int merge_revisions(Selection *s, Error *err)
{
        double *values = new_try(s->arena, double, s->len);
        HistoryPoint *points = new_try(s->arena, HistoryPoint, s->len);

        if (!values || !points)
                return fail(err, ERR_LIMIT, "%zu values do not fit into memory", s->len);
        for (size_t from = 0, to; from < s->len; from = to) {
                for (to = from + 1; to < s->len && s->usable[to].group == s->usable[from].group;)
                        to++;
                points[s->h->len] = merge(s, s->usable + from, to - from, values);
                if (!s->h->by_commit)
                        points[s->h->len].position = s->h->len;
                s->h->len++;
        }
        s->h->points = points;
        return 0;
}

int history_series(const HistoryPart *part, const HistoryPlan *plan, Arena *arena, History *h,
                   Error *err)
{
        Selection s = { .plan = plan, .arena = arena, .h = h };
        int r = choose_machine(&s, part, err);

        if (r < 0)
                return r;
        s.revisions = have_revisions(&s, part);
        r = choose_usable(&s, part, err);
        if (r < 0)
                return r;
        if (h->left_out[LEFT_OUT_OTHER_MACHINE])
                find_other_machine(&s, part);
        h->by_commit = s.revisions && plan->order && order_by_commit(&s);
        if (!h->by_commit)
                order_by_time(&s);
        if (s.len)
                qsort(s.usable, s.len, sizeof(*s.usable), by_order);
        h->machine_id = s.machine;
        h->runs = part->len;
        return merge_revisions(&s, err);
}
