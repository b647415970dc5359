#include "analysis/budget.h"

#include <math.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/units.h"
#include "base/vec.h"
#include "base/yaml.h"

#define MOST_BUDGETS 10000

typedef struct Reader {
        const Document *doc;
        Arena *arena;
        VEC(BudgetRow) rows;
        double tolerance; /* "default" of the tolerances; NaN: none */
        bool has_tolerance[METRIC_COUNT_];
} Reader;

typedef struct BoundFields {
        const Value *min, *max, *tolerance;
} BoundFields;

static const Field bound_fields[] = {
        { "min", FIELD_VALUE, offsetof(BoundFields, min), false, "floor" },
        { "max", FIELD_VALUE, offsetof(BoundFields, max), false, "ceiling" },
        { "tolerance", FIELD_VALUE, offsetof(BoundFields, tolerance), false, "against a base" },
};

/* A bound in the metric's unit; NaN when absent. */
static int read_bound(Reader *rd, const Value *at, double scale, double *ret, Error *err)
{
        double number;
        int r;

        *ret = NAN;
        if (!at)
                return 0;
        r = value_to_number(rd->doc, at, &number, err);
        if (r < 0)
                return r;
        if (number < 0)
                return value_fail(err, rd->doc, at, "a budget cannot be below 0");
        if (!isfinite(number * scale))
                return value_fail(err, rd->doc, at, "no budget is that large");
        *ret = number * scale;
        return 0;
}

/* How much worse than a base is tolerated; NaN when absent. */
static int read_tolerance(const Reader *rd, const Value *at, double *ret, Error *err)
{
        Error why = { 0 };
        double share;

        *ret = NAN;
        if (!at)
                return 0;
        if (percent_parse(at->text, &share, &why) < 0)
                return value_fail(err, rd->doc, at, "%s", why.message);
        if (!(share > 0 && share < 1))
                return value_fail(err, rd->doc, at,
                                  "a tolerance is above 0 and below 100%%, such as 5%%");
        *ret = share;
        return 0;
}

/* One metric, one tolerance: a second one would be judged as well, and which is meant? */
static int claim_tolerance(Reader *rd, const BudgetRow *row, const Value *at, Error *err)
{
        if (isnan(row->tolerance) || !row->metric)
                return 0;
        if (row->metric->direction == DIRECTION_NEITHER)
                return value_fail(err, rd->doc, at,
                                  "neither more nor less of '%.*s' is worse: it has no tolerance",
                                  SPAN_ARG(row->key));
        if (rd->has_tolerance[row->metric->id])
                return value_fail(err, rd->doc, at, "'%s' has a tolerance already",
                                  row->metric->name);
        rd->has_tolerance[row->metric->id] = true;
        return 0;
}

static int add_row(Reader *rd, Span group, const Value *at, BudgetRow **ret, Error *err)
{
        BudgetRow *row = vec_add(rd->arena, &rd->rows);

        if (!row)
                return value_fail(err, rd->doc, at, "more than %d budgets", MOST_BUDGETS);
        *row = (BudgetRow){ .group = group,
                            .key = at->key,
                            .line = at->key_line ? at->key_line : at->line,
                            .scale = 1,
                            .min = NAN,
                            .max = NAN,
                            .tolerance = NAN };
        row->metric = metric_from_key(at->key, &row->scale);
        *ret = row;
        return 0;
}

static int read_bounds(Reader *rd, const Value *at, BudgetRow *row, BoundFields *ret, Error *err)
{
        int r = 0;

        if (at->kind == VALUE_MAP)
                r = value_read_fields(rd->doc, at, bound_fields, COUNT(bound_fields), ret, err);
        else if (row->metric && row->metric->direction == DIRECTION_HIGHER)
                ret->min = at;
        else
                ret->max = at;
        if (r == 0 && !ret->min && !ret->max && !ret->tolerance)
                return value_fail(err, rd->doc, at, "'%.*s' needs 'max', 'min' or 'tolerance'",
                                  SPAN_ARG(at->key));
        return r;
}

static int read_row(Reader *rd, Span group, const Value *at, Error *err)
{
        BoundFields bounds = { 0 };
        BudgetRow *row;
        int r = add_row(rd, group, at, &row, err);

        if (r == 0)
                r = read_bounds(rd, at, row, &bounds, err);
        if (r == 0)
                r = read_bound(rd, bounds.min, row->scale, &row->min, err);
        if (r == 0)
                r = read_bound(rd, bounds.max, row->scale, &row->max, err);
        if (r == 0)
                r = read_tolerance(rd, bounds.tolerance, &row->tolerance, err);
        if (r == 0 && row->min > row->max)
                return value_fail(err, rd->doc, at, "'min' is above 'max'");
        return r < 0 ? r : claim_tolerance(rd, row, at, err);
}

/* "tolerances": the default, and metrics that have no bounds. */
static int read_tolerances(Reader *rd, const Value *map, Error *err)
{
        int r = value_expect(rd->doc, map, VALUE_MAP, err);

        if (r < 0)
                return r;
        value_each (at, map) {
                BudgetRow *row;

                if (span_is(at->key, "default")) {
                        r = read_tolerance(rd, at, &rd->tolerance, err);
                } else {
                        r = add_row(rd, (Span){ 0 }, at, &row, err);
                        if (r == 0)
                                r = read_tolerance(rd, at, &row->tolerance, err);
                        if (r == 0)
                                r = claim_tolerance(rd, row, at, err);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_rows(Reader *rd, Span group, const Value *map, Error *err)
{
        int r = value_expect(rd->doc, map, VALUE_MAP, err);

        if (r < 0)
                return r;
        value_each (at, map) {
                r = read_row(rd, group, at, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_groups(Reader *rd, const Value *groups, Error *err)
{
        int r = value_expect(rd->doc, groups, VALUE_MAP, err);

        if (r < 0)
                return r;
        value_each (group, groups) {
                r = read_rows(rd, group->key, group, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A section that is not known would be a budget that nobody judges, so it is an error. */
typedef struct FileFields {
        const Value *budgets, *metrics, *tolerances, *unused;
} FileFields;

static const Field file_fields[] = {
        { "budgets", FIELD_VALUE, offsetof(FileFields, budgets), false, "groups of budgets" },
        { "metrics", FIELD_VALUE, offsetof(FileFields, metrics), false, "budgets" },
        { "tolerances", FIELD_VALUE, offsetof(FileFields, tolerances), false, "against a base" },
        { "version", FIELD_VALUE, offsetof(FileFields, unused), false, "for people" },
        { "description", FIELD_VALUE, offsetof(FileFields, unused), false, "for people" },
        { "$schema", FIELD_VALUE, offsetof(FileFields, unused), false, "for editors" },
};

/* JSON starts with a brace or a comment; YAML does neither. */
static bool looks_like_json(Span text)
{
        Span start = span_trim(text);

        return span_starts(start, "{") || span_starts(start, "//") || span_starts(start, "/*");
}

int budget_parse(Span text, const char *name, Arena *arena, Budget *ret, Error *err)
{
        FileFields f = { 0 };
        Document doc;
        Reader rd = {
                .doc = &doc, .arena = arena, .rows = VEC_INIT(MOST_BUDGETS), .tolerance = NAN
        };
        int r = looks_like_json(text) ? json_parse(text, name, arena, &doc, err)
                                      : yaml_parse(text, name, arena, &doc, err);

        if (r == 0)
                r = value_read_fields(&doc, doc.root, file_fields, COUNT(file_fields), &f, err);
        if (r < 0)
                return r;
        if (!f.budgets && !f.metrics && !f.tolerances) {
                value_fail(err, &doc, doc.root,
                           "neither 'budgets' nor 'metrics' nor 'tolerances' is here");
                return fail_hint(err, "a budget file looks like {\"metrics\": "
                                      "{\"p95_latency_ms\": {\"max\": 200}}}");
        }
        if (f.budgets)
                r = read_groups(&rd, f.budgets, err);
        if (r == 0 && f.metrics)
                r = read_rows(&rd, (Span){ 0 }, f.metrics, err);
        if (r == 0 && f.tolerances)
                r = read_tolerances(&rd, f.tolerances, err);
        if (r < 0)
                return r;
        if (rd.rows.len == 0 && isnan(rd.tolerance))
                return value_fail(err, &doc, doc.root, "no budget is set");
        *ret = (Budget){
                .file = name, .rows = rd.rows.items, .len = rd.rows.len, .tolerance = rd.tolerance
        };
        return 0;
}

bool budget_row_is_bounded(const BudgetRow *row)
{
        return !isnan(row->min) || !isnan(row->max);
}

double budget_tolerance(const Budget *budget, const BudgetRow *row, double otherwise)
{
        if (!isnan(row->tolerance))
                return row->tolerance;
        return isnan(budget->tolerance) ? otherwise : budget->tolerance;
}

int budget_find(const char *dir, Arena *arena, char **ret_path, Error *err)
{
        static const char *const names[] = { "performance-budget.json",
                                             ".github/performance-budgets.yaml",
                                             ".github/performance-budgets.yml" };

        for (size_t i = 0; i < COUNT(names); i++) {
                char *path = path_join(arena, dir, names[i]);

                if (path_exists(path)) {
                        *ret_path = path;
                        return 0;
                }
        }
        fail(err, ERR_NOT_FOUND, "no budget file: neither %s nor %s is in '%s'", names[0], names[1],
             dir);
        return fail_hint(err, "write one with hone init, or name it with --budget FILE");
}
