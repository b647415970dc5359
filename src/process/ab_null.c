#include "process/ab_null.h"

#include <inttypes.h>
#include <math.h>

#include "base/digest.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "stats/share.h"

#define MOST_ROWS 10000
#define FORMAT 1
#define DEFAULT_TOLERANCE 0.02

static NullRow *row_of(NullTrials *null, const MetricChange *change, Arena *arena)
{
        NullRow *row;

        vec_each (NullRow, known, &null->rows)
                if (known->metric == change->metric && span_eq(known->subject, change->subject))
                        return known;
        row = vec_add(arena, &null->rows);
        if (row)
                *row = (NullRow){ .metric = change->metric,
                                  .subject = span_of(span_text(arena, change->subject)) };
        return row;
}

static int add_trial(NullTrials *null, const Comparison *c, Arena *arena, Error *err)
{
        bool any = false;

        for (size_t i = 0; i < c->len; i++) {
                const MetricChange *change = &c->items[i];
                NullRow *row = row_of(null, change, arena);
                bool is_false =
                        change->verdict == CHANGE_FASTER || change->verdict == CHANGE_SLOWER;

                if (!row)
                        return fail(err, ERR_LIMIT, "more than %d results", MOST_ROWS);
                row->n++;
                row->n_false += is_false;
                row->floor = fmax(row->floor, expm1(fabs(log1p(change->effect.change))));
                any |= is_false;
        }
        null->n_trials++;
        null->n_false += any;
        return 0;
}

/* One comparison of the side with itself, at the plan's first look and no further. */
static int run_trial(const AbPlan *plan, size_t number, NullTrials *null, Arena *arena, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(512));
        AbPlan trial = *plan;
        AbResult result;
        int r;

        trial.sides[AB_SIDE_B] = plan->sides[AB_SIDE_A];
        trial.max_blocks = plan->min_blocks;
        trial.seed = plan->seed + number;
        trial.what = arena_printf(scratch, "itself, trial %zu", number + 1);
        r = ab_run(&trial, scratch, &result, err);
        if (r < 0 || result.blocks.stop == BLOCKS_INTERRUPTED)
                return r < 0 ? r : fail_interrupted(err);
        null->level = result.experiment.level;
        null->n_blocks = MIN(null->n_blocks, result.blocks.n_blocks); /* fewer: time was up */
        null->machine_id =
                span_of(span_text(arena, result.runs[AB_SIDE_A]->fingerprint.machine_id));
        return add_trial(null, &result.comparison, arena, err);
}

int ab_null(const AbPlan *plan, size_t n_trials, Arena *arena, NullTrials *ret, Error *err)
{
        NullTrials null = { .side = plan->sides[AB_SIDE_A],
                            .argv = plan->argv,
                            .wall_ns = plan->os->wall_ns(plan->os),
                            .n_blocks = plan->min_blocks,
                            .rows = VEC_INIT(MOST_ROWS) };

        for (size_t i = 0; i < n_trials; i++) {
                int r = run_trial(plan, i, &null, arena, err);

                if (r < 0)
                        return r;
        }
        null.false_rate = share_interval(null.n_false, null.n_trials, 0.95);
        *ret = null;
        return 0;
}

/* --- kept in the store, by machine and by what was measured --- */

/* A revision is measured by a command, of which the floor is too. */
static const char *document_name(Span machine_id, const char *side, const char *const *argv,
                                 Arena *arena)
{
        char digest[DIGEST_SIZE];
        const char *what = side;

        for (; argv && *argv; argv++)
                what = arena_printf(arena, "%s\n%s", what, *argv);
        digest_hex(span_of(what), digest);
        return arena_printf(arena, "null/%.*s/%s", SPAN_ARG(machine_id), digest);
}

static void write_row(JsonWriter *w, const NullRow *row)
{
        json_open_object(w);
        json_key(w, "metric");
        json_text(w, metric_def(row->metric)->name);
        json_key(w, "subject");
        json_span(w, row->subject);
        json_key(w, "floor");
        json_double(w, row->floor);
        json_close_object(w);
}

int ab_null_store(Store *store, const NullTrials *null, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(16));
        Buf out = buf_in(scratch, MiB(8));
        JsonWriter w = json_to(&out, false);
        const struct {
                const char *key;
                uint64_t number;
        } numbers[] = { { "format", FORMAT },
                        { "wall_ns", null->wall_ns },
                        { "trials", null->n_trials },
                        { "blocks", null->n_blocks } };
        int r;

        json_open_object(&w);
        for (size_t i = 0; i < COUNT(numbers); i++) {
                json_key(&w, numbers[i].key);
                json_u64(&w, numbers[i].number);
        }
        json_key(&w, "rows");
        json_open_array(&w);
        vec_each (const NullRow, row, &null->rows)
                write_row(&w, row);
        json_close_array(&w);
        json_close_object(&w);
        r = buf_check(&out, err);
        return r < 0 ? r
                     : store_put_document(
                               store,
                               document_name(null->machine_id, null->side, null->argv, scratch),
                               buf_span(&out), err);
}

typedef struct NullDoc {
        uint64_t format, wall_ns, trials, blocks;
        const Value *rows;
} NullDoc;

static const Field null_fields[] = {
        { "format", FIELD_COUNT, offsetof(NullDoc, format), true, NULL },
        { "wall_ns", FIELD_COUNT, offsetof(NullDoc, wall_ns), true, NULL },
        { "trials", FIELD_COUNT, offsetof(NullDoc, trials), true, NULL },
        { "blocks", FIELD_COUNT, offsetof(NullDoc, blocks), true, NULL },
        { "rows", FIELD_VALUE, offsetof(NullDoc, rows), true, NULL },
};

typedef struct RowDoc {
        Span metric, subject;
        double floor;
} RowDoc;

static const Field row_fields[] = {
        { "metric", FIELD_TEXT, offsetof(RowDoc, metric), true, NULL },
        { "subject", FIELD_TEXT, offsetof(RowDoc, subject), true, NULL },
        { "floor", FIELD_NUMBER, offsetof(RowDoc, floor), true, NULL },
};

/* The largest floor that is known of a judged row, and where it is from. */
typedef struct Floor {
        const char *side;
        Span metric;
        double floor; /* at as many blocks as the plan may take */
        uint64_t wall_ns, trials, blocks;
} Floor;

/* Memory has a tolerance of its own. */
static bool is_judged(const AbPlan *plan, Span metric)
{
        if (!plan->metrics)
                return !span_is(metric, metric_def(METRIC_MEMORY)->name);
        for (size_t i = 0; i < plan->n_metrics; i++)
                if (span_is(metric, metric_def(plan->metrics[i])->name))
                        return true;
        return false;
}

static int read_rows(const Document *doc, const NullDoc *null, const AbPlan *plan, const char *side,
                     Floor *floor, Error *err)
{
        double blocks = fmax((double)plan->max_blocks, (double)null->blocks);
        double shrink = sqrt((double)null->blocks / blocks);

        value_each (child, null->rows) {
                RowDoc row = { 0 };
                int r = value_read_fields(doc, child, row_fields, COUNT(row_fields), &row, err);

                if (r < 0)
                        return r;
                if (is_judged(plan, row.metric) && row.floor * shrink > floor->floor)
                        *floor = (Floor){ side,          row.metric,   row.floor * shrink,
                                          null->wall_ns, null->trials, null->blocks };
        }
        return 0;
}

static int read_side(Store *store, Span machine_id, const AbPlan *plan, const char *side,
                     Floor *floor, Arena *arena, Error *err)
{
        const char *name = document_name(machine_id, side, plan->argv, arena);
        NullDoc null = { 0 };
        Document doc;
        Span text;
        int r;

        if (!store || store_get_document(store, name, arena, &text, NULL) < 0)
                return 0;
        r = json_parse_strict(text, name, arena, &doc, err);
        if (r == 0)
                r = value_read_fields(&doc, doc.root, null_fields, COUNT(null_fields), &null, err);
        return r < 0 ? r : read_rows(&doc, &null, plan, side, floor, err);
}

static int refuse(const AbPlan *plan, const Floor *floor, Error *err)
{
        char date[WALL_TEXT_SIZE];

        os_wall_text(floor->wall_ns, date);
        fail(err, ERR_USAGE,
             "a tolerance of %.2g %% is below what this machine can tell: %.*s of '%s' against "
             "itself lay up to %.2g %% apart, for %zu blocks (%" PRIu64 " trials of %" PRIu64
             " blocks, %.10s)",
             plan->tolerance * 100, SPAN_ARG(floor->metric), floor->side, floor->floor * 100,
             plan->max_blocks, floor->trials, floor->blocks, date);
        return fail_hint(err,
                         "ask for %.4g %% or more; or for more blocks (--max-blocks), or measure "
                         "again on a quieter machine: hone ab --null",
                         ceil(floor->floor * 1000) / 10);
}

int ab_null_tolerance(Store *store, Span machine_id, AbPlan *plan, Arena *arena, Error *err)
{
        Floor floor = { 0 };

        for (size_t side = 0; side < AB_SIDES; side++) {
                int r = read_side(store, machine_id, plan, plan->sides[side], &floor, arena, err);

                if (r < 0)
                        return r;
        }
        if (plan->tolerance > 0 && plan->tolerance < floor.floor)
                return refuse(plan, &floor, err);
        if (plan->tolerance == 0)
                plan->tolerance = fmax(DEFAULT_TOLERANCE, floor.floor);
        return 0;
}
