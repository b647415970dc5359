#include "analysis/rule.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fill.h"
#include "base/fs.h"
#include "base/yaml.h"

#define MOST_RULES 1000
#define MOST_FILES 1000
#define RULE_MAX_BYTES MiB(1)
#define TEXT_MAX_BYTES KiB(4)

/* What a reader of a condition needs: the document, where to, and the memory. */
typedef struct Reader {
        const Document *doc;
        Arena *arena;
        Rule *rule;
} Reader;

static const char *const resource_words[] = {
#define X(id, name) name,
        RESOURCES(X)
#undef X
};
static const char *const pattern_words[] = {
#define X(id, name, advice) name,
        PATTERNS(X)
#undef X
};
static const char *const effort_words[] = {
#define X(id, name) name,
        EFFORTS(X)
#undef X
};
static const char *const priority_words[] = {
#define X(id, name) name,
        PRIORITIES(X)
#undef X
};
static const char *const scope_words[] = { "load", "system", "profile" };

/* Index of a name among `n` names, or an error that lists them. */
static int read_word(const Document *doc, const Value *at, const char *const *words, size_t n,
                     size_t *ret, Error *err)
{
        char list[sizeof(err->hint)] = "";
        size_t used = 0;
        Span text;
        int r = value_to_text(doc, at, &text, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++) {
                if (span_is_any_case(text, words[i])) {
                        *ret = i;
                        return 0;
                }
                used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
                                         words[i]);
                used = MIN(used, sizeof(list) - 1);
        }
        value_fail(err, doc, at, "'%.*s' is not known here", SPAN_ARG(text));
        return fail_hint(err, "known: %s", list);
}

/* A share above 0 and up to 100 %; absent leaves *ret as it is. */
static int read_share(const Document *doc, const Value *at, double *ret, Error *err)
{
        Error why = { 0 };
        double share;

        if (!at)
                return 0;
        if (percent_parse(at->text, &share, &why) < 0)
                return value_fail(err, doc, at, "%s", why.message);
        if (!(share > 0 && share <= 1))
                return value_fail(err, doc, at, "a share is above 0 %% and at most 100 %%");
        *ret = share;
        return 0;
}

typedef struct OwnerFields {
        const Value *share, *own_share, *below, *below_share;
        uint64_t below_ns;
} OwnerFields;

static const Field owner_fields[] = {
        { "min_share", FIELD_VALUE, offsetof(OwnerFields, share), true, "of all samples" },
        { "min_own_share", FIELD_VALUE, offsetof(OwnerFields, own_share), false,
          "of all samples, in itself and the libraries that it calls" },
        { "below", FIELD_VALUE, offsetof(OwnerFields, below), false, "functions, names with *" },
        { "min_below_share", FIELD_VALUE, offsetof(OwnerFields, below_share), false,
          "of the owner's cost in or below them" },
        { "min_below_per_request", FIELD_DURATION, offsetof(OwnerFields, below_ns), false,
          "CPU time in or below them" },
};

static int read_owner(const Reader *rd, const Value *at, Error *err)
{
        OwnerFields f = { 0 };
        OwnerCondition *owner = &rd->rule->owner;
        int r = value_read_fields(rd->doc, at, owner_fields, COUNT(owner_fields), &f, err);

        if (r == 0)
                r = read_share(rd->doc, f.share, &owner->min_share, err);
        if (r == 0)
                r = read_share(rd->doc, f.own_share, &owner->min_own_share, err);
        if (r == 0)
                r = read_share(rd->doc, f.below_share, &owner->min_below_share, err);
        if (r < 0)
                return r;
        owner->min_below_ns = (double)f.below_ns;
        if (!f.below != !f.below_share || (f.below_ns && !f.below))
                return value_fail(err, rd->doc, at,
                                  "'below' and 'min_below_share' need each other");
        return f.below ? glob_list_read(rd->doc, f.below, rd->arena, &owner->below, err) : 0;
}

static int read_metric_name(const Document *doc, const Value *at, MetricId *ret, Error *err)
{
        const MetricDef *def = metric_find(at->text);

        if (!def)
                return value_fail(err, doc, at, "there is no metric '%.*s'", SPAN_ARG(at->text));
        *ret = def->id;
        return 0;
}

/* A bare number is in the metric's own unit; "1%" and "50ms" are read where they fit it. */
static int read_quantity(const Document *doc, const Value *at, Unit unit, double *ret, Error *err)
{
        Error why = { 0 };
        uint64_t ns = 0;
        double number;
        int r;

        *ret = NAN;
        if (!at)
                return 0;
        if (at->kind == VALUE_NUMBER) {
                *ret = at->number;
                return 0;
        }
        if (unit == UNIT_NS)
                r = duration_parse(at->text, &ns, &why);
        else if (unit == UNIT_RATIO)
                r = percent_parse(at->text, &number, &why);
        else
                return value_fail(err, doc, at, "expected a number");
        if (r < 0)
                return value_fail(err, doc, at, "%s", why.message);
        *ret = unit == UNIT_NS ? (double)ns : number;
        return 0;
}

typedef struct MetricFields {
        const Value *name, *scope, *to, *above, *below;
} MetricFields;

static const Field metric_fields[] = {
        { "name", FIELD_VALUE, offsetof(MetricFields, name), true, "in the catalogue" },
        { "scope", FIELD_VALUE, offsetof(MetricFields, scope), true, "load, system or profile" },
        { "to", FIELD_VALUE, offsetof(MetricFields, to), false, "the ratio to this metric" },
        { "above", FIELD_VALUE, offsetof(MetricFields, above), false, "speaks from here up" },
        { "below", FIELD_VALUE, offsetof(MetricFields, below), false, "speaks from here down" },
};

static int read_metric(const Reader *rd, const Value *at, Error *err)
{
        MetricFields f = { 0 };
        MetricCondition *m = &rd->rule->metric;
        size_t scope = 0;
        Unit unit;
        int r = value_read_fields(rd->doc, at, metric_fields, COUNT(metric_fields), &f, err);

        m->to = METRIC_COUNT_;
        if (r == 0)
                r = read_metric_name(rd->doc, f.name, &m->metric, err);
        if (r == 0 && f.to)
                r = read_metric_name(rd->doc, f.to, &m->to, err);
        if (r == 0)
                r = read_word(rd->doc, f.scope, scope_words, COUNT(scope_words), &scope, err);
        if (r < 0)
                return r;
        m->scope = (RuleScope)scope;
        unit = metric_def(m->metric)->unit;
        if (f.to && metric_def(m->to)->unit != unit)
                return value_fail(err, rd->doc, f.to, "the two metrics differ in their unit");
        r = read_quantity(rd->doc, f.above, f.to ? UNIT_NONE : unit, &m->above, err);
        if (r == 0)
                r = read_quantity(rd->doc, f.below, f.to ? UNIT_NONE : unit, &m->below, err);
        if (r == 0 && isnan(m->above) == isnan(m->below))
                return value_fail(err, rd->doc, at,
                                  "a condition on a metric needs 'above' or 'below', not both");
        return r;
}

static int read_resource(const Reader *rd, const Value *at, Error *err)
{
        size_t which = 0;
        int r = read_word(rd->doc, at, resource_words, COUNT(resource_words), &which, err);

        rd->rule->resource = (Resource)which;
        return r;
}

typedef struct PatternFields {
        const Value *kind, *share;
} PatternFields;

static const Field pattern_fields[] = {
        { "kind", FIELD_VALUE, offsetof(PatternFields, kind), true, "shape of the flame graph" },
        { "min_share", FIELD_VALUE, offsetof(PatternFields, share), true, "of all samples" },
};

static int read_pattern(const Reader *rd, const Value *at, Error *err)
{
        PatternFields f = { 0 };
        size_t kind = 0;
        int r = value_read_fields(rd->doc, at, pattern_fields, COUNT(pattern_fields), &f, err);

        if (r == 0)
                r = read_word(rd->doc, f.kind, pattern_words, COUNT(pattern_words), &kind, err);
        if (r == 0)
                r = read_share(rd->doc, f.share, &rd->rule->pattern.min_share, err);
        rd->rule->pattern.kind = (PatternKind)kind;
        return r;
}

/* The kinds of conditions: their key under `when`, who reads them, what their texts can say. */
static const struct {
        const char *key;
        int (*read)(const Reader *, const Value *, Error *);
        FillFor texts;
} kinds[RULE_KIND_COUNT_] = {
        [RULE_OWNER] = { "owner", read_owner, FILL_FOR_OWNER },
        [RULE_METRIC] = { "metric", read_metric, FILL_FOR_METRIC },
        [RULE_RESOURCE] = { "resource", read_resource, FILL_FOR_RESOURCE },
        [RULE_PATTERN] = { "pattern", read_pattern, FILL_FOR_PATTERN },
};

static int read_when(const Reader *rd, const Value *at, Error *err)
{
        int r = value_expect(rd->doc, at, VALUE_MAP, err);

        if (r < 0)
                return r;
        if (at->count != 1)
                return value_fail(err, rd->doc, at, "a rule has one condition, not %zu", at->count);
        for (RuleKind kind = 0; kind < RULE_KIND_COUNT_; kind++)
                if (span_is(at->first->key, kinds[kind].key)) {
                        rd->rule->kind = kind;
                        return kinds[kind].read(rd, at->first, err);
                }
        value_fail(err, rd->doc, at->first, "unknown condition '%.*s'", SPAN_ARG(at->first->key));
        return fail_hint(err, "known: owner, metric, resource, pattern");
}

static int read_levels(const Reader *rd, const Value *at, Error *err)
{
        const Value *priority = value_get(at, "priority");
        size_t which = 0;
        int r = read_word(rd->doc, value_get(at, "effort"), effort_words, COUNT(effort_words),
                          &which, err);

        rd->rule->effort = (Effort)which;
        rd->rule->priority = -1;
        if (r < 0 || !priority)
                return r;
        r = read_word(rd->doc, priority, priority_words, COUNT(priority_words), &which, err);
        rd->rule->priority = (int)which;
        return r;
}

static int check_texts(const Reader *rd, const Value *at, Error *err)
{
        static const char *const keys[] = { "title", "advice", "gain" };
        Span bad;

        for (size_t i = 0; i < COUNT(keys); i++) {
                const Value *text = value_get(at, keys[i]);

                if (text->text.len == 0 || text->text.len > TEXT_MAX_BYTES)
                        return value_fail(err, rd->doc, text, "'%s' is empty or too long", keys[i]);
                if (!fill_check(text->text, kinds[rd->rule->kind].texts, &bad))
                        return value_fail(err, rd->doc, text, "'{%.*s}' means nothing here",
                                          SPAN_ARG(bad));
        }
        return 0;
}

typedef struct RuleFields {
        Span id, title, advice, gain, category, specialist, effort, priority;
        const Value *when;
} RuleFields;

static const Field rule_fields[] = {
        { "id", FIELD_TEXT, offsetof(RuleFields, id), true, "name of the rule" },
        { "when", FIELD_VALUE, offsetof(RuleFields, when), true, "its condition" },
        { "title", FIELD_TEXT, offsetof(RuleFields, title), true, "one line" },
        { "advice", FIELD_TEXT, offsetof(RuleFields, advice), true, "what to do" },
        { "gain", FIELD_TEXT, offsetof(RuleFields, gain), true, "what it may bring" },
        { "category", FIELD_TEXT, offsetof(RuleFields, category), true, "Database, ..." },
        { "specialist", FIELD_TEXT, offsetof(RuleFields, specialist), true, "who takes it on" },
        { "effort", FIELD_TEXT, offsetof(RuleFields, effort), true, "Low, Medium, High" },
        { "priority", FIELD_TEXT, offsetof(RuleFields, priority), false, "P0..P3" },
};

static const Rule *rule_named(const RuleSet *set, Span id, size_t from)
{
        for (size_t i = from; i < set->rules.len; i++)
                if (span_eq(set->rules.items[i].id, id))
                        return &set->rules.items[i];
        return NULL;
}

/* Rules before number `before` are of other files: one of the same id stands for this one. */
static int read_rule(const Document *doc, const Value *at, Arena *arena, RuleSet *into,
                     size_t before, Error *err)
{
        RuleFields f = { 0 };
        Rule rule, *slot;
        Reader rd = { .doc = doc, .arena = arena, .rule = &rule };
        int r = value_read_fields(doc, at, rule_fields, COUNT(rule_fields), &f, err);

        if (r < 0)
                return r;
        if (rule_named(into, f.id, before))
                return value_fail(err, doc, value_get(at, "id"), "there are two rules '%.*s'",
                                  SPAN_ARG(f.id));
        rule = (Rule){ .id = f.id,
                       .title = f.title,
                       .advice = f.advice,
                       .gain = f.gain,
                       .category = f.category,
                       .specialist = f.specialist };
        r = read_levels(&rd, at, err);
        if (r == 0)
                r = read_when(&rd, f.when, err);
        if (r == 0)
                r = check_texts(&rd, at, err);
        if (r < 0 || rule_named(into, f.id, 0))
                return r;
        slot = vec_add(arena, &into->rules);
        if (!slot)
                return value_fail(err, doc, at, "more than %d rules", MOST_RULES);
        *slot = rule;
        return 0;
}

int rules_parse(Span text, const char *name, Arena *arena, RuleSet *into, Error *err)
{
        size_t before = into->rules.len;
        Document doc;
        int r = yaml_parse(text, name, arena, &doc, err);

        into->rules.ceiling = MOST_RULES;
        if (r == 0)
                r = value_expect(&doc, doc.root, VALUE_LIST, err);
        if (r < 0)
                return r;
        value_each (at, doc.root) {
                r = read_rule(&doc, at, arena, into, before, err);
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

static int load_file(const char *dir, const char *name, Arena *arena, RuleSet *into, Error *err)
{
        const char *path = path_join(arena, dir, name);
        Span text;
        int r = file_read(path, RULE_MAX_BYTES, arena, &text, err);

        return r < 0 ? r : rules_parse(text, path, arena, into, err);
}

static int load_dir(const char *dir, Arena *arena, RuleSet *into, Error *err)
{
        struct dirent **entries;
        int n = scandir(dir, &entries, is_rule_file, alphasort), r = 0;

        if (n < 0)
                return fail(err, errno, "cannot read the rules in '%s'", dir);
        if (n > MOST_FILES)
                r = fail(err, ERR_LIMIT, "more than %d files of rules in '%s'", MOST_FILES, dir);
        for (int i = 0; i < n; i++) {
                if (r == 0)
                        r = load_file(dir, entries[i]->d_name, arena, into, err);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int rules_load(const char *dir, Arena *arena, RuleSet **ret, Error *err)
{
        RuleSet *set = new (arena, RuleSet, 1);
        int r = 0;

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
