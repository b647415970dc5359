/* OpenSLO v1. The objects of a file are its documents, or the items of a list. What the format
 * leaves to data sources is hone's own: metricSource.type hone, spec { metric, subject, below }.
 * Keys that say nothing about what is judged (labels, owners, alert policies) are passed over;
 * objects of other kinds are noted. */

#include <math.h>

#include "analysis/slo_int.h"
#include "base/units.h"

#define MOST_OBJECTS 10000

typedef struct Object {
        const Document *doc;
        const Value *map;
        Span kind, name;
} Object;

typedef struct OpenReader {
        SloReader *rd;
        VEC(Object) objects;
} OpenReader;

/* The text at a path of keys; empty when it is not there or is no scalar. */
static Span text_at(const Value *map, const char *key)
{
        const Value *at = value_get(map, key);

        return at && (at->kind == VALUE_TEXT || at->kind == VALUE_NUMBER) ? at->text : (Span){ 0 };
}

static bool is_object(const Value *at)
{
        return at && at->kind == VALUE_MAP && span_starts(text_at(at, "apiVersion"), "openslo/");
}

bool slo_is_open(const Document *doc)
{
        const Value *root = doc->root;

        return is_object(root) || (root && root->kind == VALUE_LIST && is_object(root->first));
}

static int add_object(OpenReader *o, const Document *doc, const Value *map, Error *err)
{
        Object *slot;

        if (!is_object(map))
                return value_fail(err, doc, map, "no OpenSLO object: 'apiVersion' is missing");
        if (!span_is(text_at(map, "apiVersion"), "openslo/v1"))
                return value_fail(err, doc, value_get(map, "apiVersion"),
                                  "hone reads openslo/v1, not '%.*s'",
                                  SPAN_ARG(text_at(map, "apiVersion")));
        slot = vec_add(o->rd->arena, &o->objects);
        if (!slot)
                return value_fail(err, doc, map, "more than %d objects", MOST_OBJECTS);
        *slot = (Object){ .doc = doc,
                          .map = map,
                          .kind = text_at(map, "kind"),
                          .name = text_at(value_get(map, "metadata"), "name") };
        if (slot->kind.len == 0)
                return value_fail(err, doc, map, "'kind' is missing");
        return 0;
}

static int list_objects(OpenReader *o, const Document *docs, size_t n, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++) {
                const Value *root = docs[i].root;

                if (!root || root->kind != VALUE_LIST) {
                        r = add_object(o, &docs[i], root, err);
                        continue;
                }
                for (const Value *at = root->first; at && r == 0; at = at->next)
                        r = add_object(o, &docs[i], at, err);
        }
        return r;
}

/* The spec of the indicator: within the SLO, or of the SLI that it refers to. */
static int find_indicator(const OpenReader *o, const Object *slo, const Value **ret, Error *err)
{
        const Value *spec = value_get(slo->map, "spec");
        const Value *inside = value_get(spec, "indicator");
        Span reference = text_at(spec, "indicatorRef");

        if (inside) {
                *ret = value_get(inside, "spec");
                return *ret ? 0 : value_fail(err, slo->doc, inside, "'spec' is missing");
        }
        if (reference.len == 0)
                return value_fail(err, slo->doc, spec, "neither 'indicator' nor 'indicatorRef'");
        vec_each (const Object, object, &o->objects) {
                if (!span_is(object->kind, "SLI") || !span_eq(object->name, reference))
                        continue;
                *ret = value_get(object->map, "spec");
                return *ret ? 0 : value_fail(err, object->doc, object->map, "'spec' is missing");
        }
        return value_fail(err, slo->doc, value_get(spec, "indicatorRef"),
                          "no SLI '%.*s' is in this file", SPAN_ARG(reference));
}

typedef struct SourceFields {
        Span metric, subject;
        const Value *below;
} SourceFields;

static const Field source_fields[] = {
        { "metric", FIELD_TEXT, offsetof(SourceFields, metric), true, "latency_ms, error_rate" },
        { "subject", FIELD_TEXT, offsetof(SourceFields, subject), false, "which requests" },
        { "below", FIELD_VALUE, offsetof(SourceFields, below), false, "what is good: 200ms" },
};

static void unmapped(Slo *slo, const char *why)
{
        slo->kind = SLO_UNMAPPED;
        slo->metric = NULL;
        slo->why = span_of(why);
}

/* One metricSource into the objective's metric; *ret_scale as slo_metric() says. */
static int read_source(const SloReader *rd, const Value *holder, Slo *slo, double *ret_scale,
                       Error *err)
{
        const Value *source = value_get(holder, "metricSource");
        const Value *spec = value_get(source, "spec");
        SourceFields f = { 0 };
        int r;

        if (!source)
                return value_fail(err, rd->doc, holder, "'metricSource' is missing");
        if (!span_is_any_case(text_at(source, "type"), "hone")) {
                unmapped(slo, "its metric source is another system, which hone does not ask");
                return 0;
        }
        if (!spec)
                return value_fail(err, rd->doc, source, "'spec' is missing");
        r = value_read_fields(rd->doc, spec, source_fields, COUNT(source_fields), &f, err);
        if (r < 0)
                return r;
        if (!slo_metric(f.metric, slo, ret_scale))
                return value_fail(err, rd->doc, value_get(spec, "metric"),
                                  "hone knows no metric '%.*s'", SPAN_ARG(f.metric));
        slo->subject = f.subject;
        slo->below = NAN;
        return f.below ? slo_read_below(rd, f.below, *ret_scale, slo, err) : 0;
}

static int read_threshold(const SloReader *rd, const Value *holder, const Value *objective,
                          Slo *slo, Error *err)
{
        const Value *value = value_get(objective, "value");
        Span op = text_at(objective, "op");
        double scale = 0;
        int r = read_source(rd, holder, slo, &scale, err);

        if (r < 0 || slo->kind == SLO_UNMAPPED)
                return r;
        if (slo->kind != SLO_BELOW || (!span_is(op, "lte") && !span_is(op, "lt"))) {
                unmapped(slo, "only thresholds from above (op lte or lt) of times and sizes are "
                              "judged");
                return 0;
        }
        if (!value)
                return value_fail(err, rd->doc, objective, "'value' is missing");
        if (value->kind == VALUE_NUMBER && scale == 0 && slo->metric->unit == UNIT_NS)
                return value_fail(err, rd->doc, value,
                                  "in which unit? Say it in the metric's name: latency_ms");
        return slo_read_below(rd, value, scale, slo, err);
}

static int read_ratio(const SloReader *rd, const Value *ratio, Slo *slo, Error *err)
{
        const Value *bad = value_get(ratio, "bad"), *good = value_get(ratio, "good");
        double scale = 0;
        int r;

        if (!bad && !good)
                return value_fail(err, rd->doc, ratio, "neither 'good' nor 'bad' is here");
        r = read_source(rd, bad ? bad : good, slo, &scale, err);
        if (r < 0 || slo->kind == SLO_UNMAPPED)
                return r;
        if (bad && slo->kind != SLO_NO_ERROR)
                unmapped(slo, "bad requests are counted by an error rate");
        else if (!bad && (slo->kind != SLO_BELOW || isnan(slo->below)))
                unmapped(slo, "good requests are counted by a metric and 'below'");
        return 0;
}

static int read_target(const SloReader *rd, const Value *objective, double *ret, Error *err)
{
        const Value *target = value_get(objective, "target");
        const Value *percent = value_get(objective, "targetPercent");
        double number;
        int r;

        if (target)
                return slo_read_objective(rd, target, ret, err);
        if (!percent)
                return value_fail(err, rd->doc, objective, "'target' is missing");
        r = value_to_number(rd->doc, percent, &number, err);
        if (r == 0 && !(number > 0 && number < 100))
                r = value_fail(err, rd->doc, percent, "a target is above 0 and below 100 percent");
        if (r == 0)
                *ret = number / 100;
        return r;
}

/* "28d", "1w", "1M", "1Q", "1Y": months and longer as so many days. 0 when there is none. */
static int read_window(const SloReader *rd, const Value *spec, uint64_t *ret_ns, Error *err)
{
        static const struct {
                const char *unit;
                uint64_t days;
        } units[] = { { "d", 1 }, { "w", 7 }, { "M", 30 }, { "Q", 91 }, { "Y", 365 } };
        const Value *windows = value_get(spec, "timeWindow");
        const Value *at = value_get(windows ? windows->first : NULL, "duration");
        Error why = { 0 };
        uint64_t n;

        *ret_ns = 0;
        if (!at)
                return 0;
        for (size_t i = 0; i < COUNT(units); i++)
                if (span_ends(at->text, units[i].unit) &&
                    span_to_u64(span_first(at->text, at->text.len - 1), &n, NULL) == 0 &&
                    n <= 100000) {
                        *ret_ns = n * units[i].days * 86400 * NS_PER_S;
                        return 0;
                }
        if (duration_parse(at->text, ret_ns, &why) < 0)
                return value_fail(err, rd->doc, at, "%s", why.message);
        return 0;
}

static Span name_of(const SloReader *rd, const Object *object, const Value *objective)
{
        Span shown = text_at(objective, "displayName");
        Span name = object->name.len ? object->name : SPAN("SLO");

        if (shown.len == 0)
                return name;
        return span_of(arena_printf(rd->arena, "%.*s/%.*s", SPAN_ARG(name), SPAN_ARG(shown)));
}

static int read_objective(OpenReader *o, const Object *object, const Value *indicator,
                          const Value *at, Error *err)
{
        SloReader *rd = o->rd;
        const Value *spec = value_get(object->map, "spec");
        const Value *threshold = value_get(indicator, "thresholdMetric");
        const Value *ratio = value_get(indicator, "ratioMetric");
        Span method = text_at(spec, "budgetingMethod");
        Slo slo = { .name = name_of(rd, object, at) };
        int r = read_target(rd, at, &slo.objective, err);

        if (r == 0)
                r = read_window(rd, spec, &slo.window_ns, err);
        if (r < 0)
                return r;
        if (method.len && !span_is(method, "Occurrences"))
                unmapped(&slo, "only budgeting by Occurrences is judged");
        else if (threshold)
                r = read_threshold(rd, threshold, at, &slo, err);
        else if (ratio)
                r = read_ratio(rd, ratio, &slo, err);
        else
                r = value_fail(err, rd->doc, indicator,
                               "neither 'thresholdMetric' nor 'ratioMetric' is here");
        return r < 0 ? r : slo_add(rd, at, &slo, err);
}

static int read_slo(OpenReader *o, const Object *object, Error *err)
{
        const Value *spec = value_get(object->map, "spec");
        const Value *objectives = value_get(spec, "objectives"), *indicator;
        int r;

        o->rd->doc = object->doc;
        if (!spec || spec->kind != VALUE_MAP)
                return value_fail(err, object->doc, object->map, "'spec' is missing");
        if (!objectives)
                return value_fail(err, object->doc, spec, "'objectives' is missing");
        r = value_expect(object->doc, objectives, VALUE_LIST, err);
        if (r == 0)
                r = find_indicator(o, object, &indicator, err);
        for (const Value *at = objectives->first; r == 0 && at; at = at->next)
                r = read_objective(o, object, indicator, at, err);
        return r;
}

static void note_object(const OpenReader *o, const Object *object)
{
        Span *slot = vec_add(o->rd->arena, &o->rd->notes);

        if (slot)
                *slot = span_of(arena_printf(o->rd->arena, "%s:%u: kind %.*s is not judged",
                                             o->rd->name, object->map->line,
                                             SPAN_ARG(object->kind)));
}

int slo_read_open(SloReader *rd, const Document *docs, size_t n, Error *err)
{
        OpenReader o = { .rd = rd, .objects = VEC_INIT(MOST_OBJECTS) };
        int r = list_objects(&o, docs, n, err);

        for (size_t i = 0; r == 0 && i < o.objects.len; i++) {
                const Object *object = &o.objects.items[i];

                if (span_is(object->kind, "SLO"))
                        r = read_slo(&o, object, err);
                else if (!span_is(object->kind, "SLI") && !span_is(object->kind, "Service"))
                        note_object(&o, object);
        }
        return r;
}
