/* The histories that hone gate --history judges: of every metric and subject of the runs that base
 * and history are judged by, over the commits of this branch. */

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "command/gate_command.h"
#include "process/blame.h"
#include "process/config.h"

#define MOST_SERIES 10000
#define ALPHA 0.05

typedef struct Wanted {
        const MetricDef *metric;
        Span subject, instrument, target;
} Wanted;

typedef struct Reader {
        Arena *arena;
        bool compares[METRIC_COUNT_]; /* gate_compares() of each */
        VEC(Wanted) wanted;
        Map seen; /* keys of what is wanted */
        VEC(History) histories;
} Reader;

/* What makes a series one: texts of any bytes, so their lengths stand before them. */
static Span key_of(const Wanted *w, Arena *arena)
{
        Buf out = buf_in(arena, KiB(256));

        buf_printf(&out, "%d %zu %zu ", (int)w->metric->id, w->subject.len, w->instrument.len);
        buf_add(&out, w->subject);
        buf_add(&out, w->instrument);
        buf_add(&out, w->target);
        return buf_span(&out);
}

static bool is_wanted_already(Reader *rd, const Wanted *one)
{
        Mark mark = arena_mark(rd->arena);
        Span key = key_of(one, rd->arena);

        if (map_find(&rd->seen, key)) {
                arena_reset(rd->arena, mark);
                return true;
        }
        map_add(&rd->seen, key);
        return false;
}

static int want_run(Reader *rd, const Run *run, Error *err)
{
        vec_each (MetricValue, v, &run->recording->values) {
                Wanted one = { metric_def(v->metric), v->subject, run->recording->instrument,
                               run->target.text };
                Wanted *slot;

                if (!rd->compares[v->metric] || is_wanted_already(rd, &one))
                        continue;
                slot = vec_add(rd->arena, &rd->wanted);
                if (!slot)
                        return fail(err, ERR_LIMIT, "more than %d series to judge", MOST_SERIES);
                *slot = one;
        }
        return 0;
}

/* The history of one series, measured the way the run was; none when the store has none. */
static int read_one(Reader *rd, Store *store, const Wanted *w, const HistoryPlan *shared,
                    const GateInput *in, Error *err)
{
        HistoryPlan plan = *shared;
        MetricQuery query = { .metric = w->metric->id,
                              .subject = w->subject,
                              .instrument = w->instrument,
                              .target = w->target };
        HistoryName name = history_name(w->metric, w->subject);
        MetricPoint *points;
        HistoryPart *parts;
        History *slot;
        size_t n, n_parts;
        int r = store_values(store, &query, rd->arena, &points, &n, err);

        if (r == 0)
                r = history_split(points, n, rd->arena, &parts, &n_parts, err);
        if (r < 0 || n_parts == 0)
                return r;
        slot = vec_add(rd->arena, &rd->histories);
        if (!slot)
                return fail(err, ERR_LIMIT, "more than %d series to judge", MOST_SERIES);
        plan.change.min_change = gate_tolerance(in, w->metric->id);
        return history_build(&parts[0], &name, &plan, (Span){ 0 }, rd->arena, slot, err);
}

/* Every series is one more chance to be wrong: they share the level (Bonferroni). */
static HistoryPlan plan_of(const Reader *rd, const GateInput *in, const CommitOrder *order)
{
        double alpha = in->alpha > 0 ? in->alpha : ALPHA;

        return (HistoryPlan){
                .change = { .alpha = alpha / (double)(rd->wanted.len ? rd->wanted.len : 1) },
                .order = order->len ? order : NULL,
                .exceptions = in->exceptions,
                .now_ns = in->now_ns,
        };
}

int gate_histories(Context *ctx, Store *store, GateInput *in, Error *err)
{
        Reader rd = { .arena = ctx->arena,
                      .wanted = VEC_INIT(MOST_SERIES),
                      .seen = map_in(ctx->arena, MOST_SERIES + 1),
                      .histories = VEC_INIT(MOST_SERIES) };
        CommitOrder order = { 0 };
        HistoryPlan plan;
        Span why;
        int r = commit_order_read(".", ctx->arena, &order, &why, err);

        for (MetricId id = 0; id < METRIC_COUNT_; id++)
                rd.compares[id] = gate_compares(in, id);
        for (size_t i = 0; r == 0 && i < in->n_runs; i++)
                r = want_run(&rd, in->runs[i], err);
        plan = plan_of(&rd, in, &order);
        for (size_t i = 0; r == 0 && i < rd.wanted.len; i++)
                r = read_one(&rd, store, &rd.wanted.items[i], &plan, in, err);
        in->histories = rd.histories.items;
        in->n_histories = rd.histories.len;
        return r;
}
