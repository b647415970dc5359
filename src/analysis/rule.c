#include "analysis/rule.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/yaml.h"

#define MOST_RULES 1000
#define MOST_FILES 1000
#define RULE_MAX_BYTES MiB(1)

typedef struct RuleFields {
        Span id, title, advice, gain, category, specialist, effort, priority;
        const Value *when;
} RuleFields;

static const Field rule_fields[] = {
        { "id", FIELD_TEXT, offsetof(RuleFields, id), true, "name of the rule" },
        { "when", FIELD_VALUE, offsetof(RuleFields, when), true, "conditions" },
        { "title", FIELD_TEXT, offsetof(RuleFields, title), true, "one line" },
        { "advice", FIELD_TEXT, offsetof(RuleFields, advice), true, "what to do" },
        { "gain", FIELD_TEXT, offsetof(RuleFields, gain), true, "what it may bring" },
        { "category", FIELD_TEXT, offsetof(RuleFields, category), true, "Database, ..." },
        { "specialist", FIELD_TEXT, offsetof(RuleFields, specialist), true, "who takes it on" },
        { "effort", FIELD_TEXT, offsetof(RuleFields, effort), true, "Low, Medium, High" },
        { "priority", FIELD_TEXT, offsetof(RuleFields, priority), false, "P0..P3" },
};

typedef struct WhenFields {
        const Value *owner, *metric, *resource, *pattern;
} WhenFields;

static const Field when_fields[] = {
        { "owner", FIELD_VALUE, offsetof(WhenFields, owner), false, "an owner of cost" },
        { "metric", FIELD_VALUE, offsetof(WhenFields, metric), false, "a metric" },
        { "resource", FIELD_VALUE, offsetof(WhenFields, resource), false, "a saturated resource" },
        { "pattern", FIELD_VALUE, offsetof(WhenFields, pattern), false, "a flame graph's shape" },
};

/* Index of a name among `n` names, or an error that lists them. */
static int read_name(const Document *doc, const Value *at, const char *const *names, size_t n,
                     size_t *ret, Error *err)
{
        Span text;
        int r = value_to_text(doc, at, &text, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                if (span_is_any_case(text, names[i])) {
                        *ret = i;
                        return 0;
                }
        return value_fail(err, doc, at, "'%.*s' is not one of the names known here",
                          SPAN_ARG(text));
}

static int read_percent(const Document *doc, const Value *at, double *ret, Error *err)
{
        Error why = { 0 };

        if (!at)
                return 0;
        if (percent_parse(at->text, ret, &why) < 0)
                return value_fail(err, doc, at, "%s", why.message);
        return 0;
}

typedef struct OwnerFields {
        const Value *share, *below, *below_share;
} OwnerFields;

static const Field owner_fields[] = {
        { "min_share", FIELD_VALUE, offsetof(OwnerFields, share), true, "" },
        { "below", FIELD_VALUE, offsetof(OwnerFields, below), false, "" },
        { "min_below_share", FIELD_VALUE, offsetof(OwnerFields, below_share), false, "" },
};

static int read_owner(const Document *doc, const Value *at, Arena *arena, Rule *rule, Error *err)
{
        OwnerFields f = { 0 };
        int r = value_read_fields(doc, at, owner_fields, COUNT(owner_fields), &f, err);

        if (r == 0)
                r = read_percent(doc, f.share, &rule->owner.min_share, err);
        if (r == 0)
                r = read_percent(doc, f.below_share, &rule->owner.min_below_share, err);
        if (r == 0 && f.below)
                r = glob_list_read(doc, f.below, arena, &rule->owner.below, err);
        rule->owner.given = r == 0;
        return r;
}

static int read_metric_name(const Document *doc, const Value *at, MetricId *ret, Error *err)
{
        const MetricDef *def = metric_find(at->text);

        if (!def)
                return value_fail(err, doc, at, "there is no metric '%.*s'", SPAN_ARG(at->text));
        *ret = def->id;
        return 0;
}

/* A bare number is in the metric's unit; "1%" and "50ms" are understood. */
static int read_quantity(const Document *doc, const Value *at, double *ret, Error *err)
{
        Error why = { 0 };
        uint64_t ns;

        *ret = NAN;
        if (!at)
                return 0;
        if (at->kind == VALUE_NUMBER) {
                *ret = at->number;
                return 0;
        }
        if (span_ends(at->text, "%"))
                return read_percent(doc, at, ret, err);
        if (duration_parse(at->text, &ns, &why) < 0)
                return value_fail(err, doc, at, "expected a number, a percentage or a duration");
        *ret = (double)ns;
        return 0;
}

typedef struct MetricFields {
        const Value *name, *scope, *to, *above, *below;
} MetricFields;

static const Field metric_fields[] = {
        { "name", FIELD_VALUE, offsetof(MetricFields, name), true, "" },
        { "scope", FIELD_VALUE, offsetof(MetricFields, scope), true, "" },
        { "to", FIELD_VALUE, offsetof(MetricFields, to), false, "" },
        { "above", FIELD_VALUE, offsetof(MetricFields, above), false, "" },
        { "below", FIELD_VALUE, offsetof(MetricFields, below), false, "" },
};

static int read_metric(const Document *doc, const Value *at, Arena *arena, Rule *rule, Error *err)
{
        static const char *const scopes[] = { "load", "system", "profile" };
        MetricFields f = { 0 };
        MetricCondition *m = &rule->metric;
        size_t scope = 0;
        int r = value_read_fields(doc, at, metric_fields, COUNT(metric_fields), &f, err);

        (void)arena;
        m->to = METRIC_COUNT_;
        if (r == 0)
                r = read_metric_name(doc, f.name, &m->metric, err);
        if (r == 0 && f.to)
                r = read_metric_name(doc, f.to, &m->to, err);
        if (r == 0)
                r = read_name(doc, f.scope, scopes, COUNT(scopes), &scope, err);
        if (r == 0)
                r = read_quantity(doc, f.above, &m->above, err);
        if (r == 0)
                r = read_quantity(doc, f.below, &m->below, err);
        if (r == 0 && isnan(m->above) && isnan(m->below))
                return value_fail(err, doc, at, "a metric condition needs 'above' or 'below'");
        m->scope = (RuleScope)scope;
        m->given = r == 0;
        return r;
}

static int read_resource(const Document *doc, const Value *at, Arena *arena, Rule *rule, Error *err)
{
        static const char *const names[] = {
#define X(id, name) name,
                RESOURCES(X)
#undef X
        };
        size_t which = 0;
        int r = read_name(doc, at, names, COUNT(names), &which, err);

        (void)arena;
        rule->resource = (ResourceCondition){ r == 0, (Resource)which };
        return r;
}

typedef struct PatternFields {
        const Value *kind, *share;
} PatternFields;

static const Field pattern_fields[] = {
        { "kind", FIELD_VALUE, offsetof(PatternFields, kind), true, "" },
        { "min_share", FIELD_VALUE, offsetof(PatternFields, share), true, "" },
};

static int read_pattern(const Document *doc, const Value *at, Arena *arena, Rule *rule, Error *err)
{
        static const char *const names[] = {
#define X(id, name, advice) name,
                PATTERNS(X)
#undef X
        };
        PatternFields f = { 0 };
        size_t kind = 0;
        int r = value_read_fields(doc, at, pattern_fields, COUNT(pattern_fields), &f, err);

        (void)arena;
        if (r == 0)
                r = read_name(doc, f.kind, names, COUNT(names), &kind, err);
        if (r == 0)
                r = read_percent(doc, f.share, &rule->pattern.min_share, err);
        rule->pattern.kind = (PatternKind)kind;
        rule->pattern.given = r == 0;
        return r;
}

static int read_when(const Document *doc, const Value *at, Arena *arena, Rule *rule, Error *err)
{
        WhenFields f = { 0 };
        const struct {
                const Value **at;
                int (*read)(const Document *, const Value *, Arena *, Rule *, Error *);
        } kinds[] = { { &f.owner, read_owner },
                      { &f.metric, read_metric },
                      { &f.resource, read_resource },
                      { &f.pattern, read_pattern } };
        int r = value_read_fields(doc, at, when_fields, COUNT(when_fields), &f, err);

        if (r == 0 && !f.owner && !f.metric && !f.resource && !f.pattern)
                return value_fail(err, doc, at, "a rule needs a condition");
        for (size_t i = 0; r == 0 && i < COUNT(kinds); i++)
                if (*kinds[i].at)
                        r = kinds[i].read(doc, *kinds[i].at, arena, rule, err);
        return r;
}

static int read_levels(const Document *doc, const Value *at, Rule *rule, Error *err)
{
        static const char *const efforts[] = {
#define X(id, name) name,
                EFFORTS(X)
#undef X
        };
        static const char *const priorities[] = {
#define X(id, name) name,
                PRIORITIES(X)
#undef X
        };
        const Value *priority = value_get(at, "priority");
        size_t which = 0;
        int r = read_name(doc, value_get(at, "effort"), efforts, COUNT(efforts), &which, err);

        rule->effort = (Effort)which;
        rule->priority = -1;
        if (r == 0 && priority) {
                r = read_name(doc, priority, priorities, COUNT(priorities), &which, err);
                rule->priority = (int)which;
        }
        return r;
}

static int read_rule(const Document *doc, const Value *at, Arena *arena, RuleSet *into, Error *err)
{
        RuleFields f = { 0 };
        Rule *rule;
        int r = value_read_fields(doc, at, rule_fields, COUNT(rule_fields), &f, err);

        if (r < 0)
                return r;
        rule = vec_add(arena, &into->rules);
        if (!rule)
                return value_fail(err, doc, at, "more than %d rules", MOST_RULES);
        *rule = (Rule){ .id = f.id,
                        .title = f.title,
                        .advice = f.advice,
                        .gain = f.gain,
                        .category = f.category,
                        .specialist = f.specialist };
        r = read_levels(doc, at, rule, err);
        return r < 0 ? r : read_when(doc, f.when, arena, rule, err);
}

int rules_parse(Span text, const char *name, Arena *arena, RuleSet *into, Error *err)
{
        Document doc;
        int r = yaml_parse(text, name, arena, &doc, err);

        if (r == 0)
                r = value_expect(&doc, doc.root, VALUE_LIST, err);
        if (r < 0)
                return r;
        value_each (at, doc.root) {
                r = read_rule(&doc, at, arena, into, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int is_rule_file(const struct dirent *entry)
{
        return span_ends(span_of(entry->d_name), ".yaml") &&
               strcmp(entry->d_name, "categories.yaml") != 0;
}

static int load_dir(const char *dir, Arena *arena, RuleSet *into, Error *err)
{
        struct dirent **entries;
        int n = scandir(dir, &entries, is_rule_file, alphasort), r = 0;

        if (n < 0)
                return fail(err, errno, "cannot read the rules in '%s'", dir);
        for (int i = 0; i < n; i++) {
                const char *path = path_join(arena, dir, entries[i]->d_name);
                Span text;

                if (r == 0 && i < MOST_FILES)
                        r = file_read(path, RULE_MAX_BYTES, arena, &text, err);
                if (r == 0 && i < MOST_FILES)
                        r = rules_parse(text, path, arena, into, err);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int rules_load(const char *dir, Arena *arena, RuleSet **ret, Error *err)
{
        RuleSet *set = new (arena, RuleSet, 1);
        int r = 0;

        set->rules.ceiling = MOST_RULES;
        if (dir)
                r = load_dir(dir, arena, set, err);
        for (const EmbeddedFile *f = advice_files; r == 0 && f->name; f++)
                if (strcmp(f->name, "categories.yaml") != 0)
                        r = rules_parse(f->bytes, arena_printf(arena, "advice/%s", f->name), arena,
                                        set, err);
        if (r < 0)
                return fail_while(err, "reading the rules");
        *ret = set;
        return 0;
}

size_t rules_count(const RuleSet *rules)
{
        return rules->rules.len;
}
