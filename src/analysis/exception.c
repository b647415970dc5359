#include "analysis/exception.h"

#include <ctype.h>
#include <string.h>

#include "base/date.h"
#include "base/fs.h"
#include "base/vec.h"
#include "base/yaml.h"

#define MOST_EXCEPTIONS 10000
#define LONGEST_TEXT_BYTES 2000
#define SHORTEST_REVISION 7
#define LONGEST_REVISION 64
#define LARGEST_FILE MiB(4)

static const char *const action_names[] = {
#define X(id, name) name,
        EXCEPTION_ACTIONS(X)
#undef X
};

typedef struct Reader {
        const Document *doc;
        Arena *arena;
        VEC(Exception) items;
} Reader;

typedef struct ExceptionFields {
        const Value *metric, *subject, *action, *owner, *reason, *at, *expires;
} ExceptionFields;

static const Field exception_fields[] = {
        { "metric", FIELD_VALUE, offsetof(ExceptionFields, metric), true, "which metric" },
        { "subject", FIELD_VALUE, offsetof(ExceptionFields, subject), false, "of what" },
        { "action", FIELD_VALUE, offsetof(ExceptionFields, action), true, "suppress or accept" },
        { "owner", FIELD_VALUE, offsetof(ExceptionFields, owner), true, "who answers for it" },
        { "reason", FIELD_VALUE, offsetof(ExceptionFields, reason), true, "why, in a sentence" },
        { "at", FIELD_VALUE, offsetof(ExceptionFields, at), false, "accept: the commit" },
        { "expires", FIELD_VALUE, offsetof(ExceptionFields, expires), false, "YEAR-MONTH-DAY" },
};

static int read_metric(const Reader *rd, const Value *at, const MetricDef **ret, Error *err)
{
        const MetricDef *nearest;
        double scale;
        Span name;
        int r = value_to_text(rd->doc, at, &name, err);

        if (r < 0)
                return r;
        *ret = metric_from_key(name, &scale);
        if (*ret)
                return 0;
        value_fail(err, rd->doc, at, "'%.*s' is no metric", SPAN_ARG(name));
        nearest = metric_nearest(name);
        if (nearest)
                fail_hint(err, "did you mean '%s'?", nearest->name);
        return -ERR_INPUT;
}

static int read_action(const Reader *rd, const Value *at, ExceptionAction *ret, Error *err)
{
        Span name;
        int r = value_to_text(rd->doc, at, &name, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < COUNT(action_names); i++) {
                if (!span_is(name, action_names[i]))
                        continue;
                *ret = (ExceptionAction)i;
                return 0;
        }
        return value_fail(err, rd->doc, at, "'%.*s' is no action: suppress or accept",
                          SPAN_ARG(name));
}

/* A text that says something. */
static int read_words(const Reader *rd, const Value *at, Span *ret, Error *err)
{
        Span text;
        int r = value_to_text(rd->doc, at, &text, err);

        if (r < 0)
                return r;
        text = span_trim(text);
        if (text.len == 0)
                return value_fail(err, rd->doc, at, "'%.*s' is empty", SPAN_ARG(at->key));
        if (text.len > LONGEST_TEXT_BYTES)
                return value_fail(err, rd->doc, at, "'%.*s' is longer than %d bytes",
                                  SPAN_ARG(at->key), LONGEST_TEXT_BYTES);
        *ret = text;
        return 0;
}

/* A prefix of a commit's hash, in small letters. Digits alone are a number to YAML. */
static int read_revision(const Reader *rd, const Value *at, Span *ret, Error *err)
{
        char *revision;

        if (at->kind != VALUE_TEXT && at->kind != VALUE_NUMBER)
                return value_expect(rd->doc, at, VALUE_TEXT, err);
        if (at->text.len < SHORTEST_REVISION || at->text.len > LONGEST_REVISION)
                return value_fail(err, rd->doc, at,
                                  "'at' takes %d to %d digits of a commit's hash, found '%.*s'",
                                  SHORTEST_REVISION, LONGEST_REVISION,
                                  SPAN_ARG(span_first(at->text, LONGEST_REVISION)));
        revision = span_text(rd->arena, at->text);
        for (char *c = revision; *c; c++) {
                if (!isxdigit((unsigned char)*c))
                        return value_fail(err, rd->doc, at, "'%.*s' is no hash of a commit",
                                          SPAN_ARG(at->text));
                *c = (char)tolower((unsigned char)*c);
        }
        if (strlen(revision) != at->text.len)
                return value_fail(err, rd->doc, at, "a hash of a commit has no NUL");
        *ret = span_of(revision);
        return 0;
}

static int read_expiry(const Reader *rd, const Value *at, uint64_t *ret_ns, Error *err)
{
        Error cause = { 0 };
        uint64_t start_ns;
        Span day;
        int r = value_to_text(rd->doc, at, &day, err);

        if (r < 0)
                return r;
        if (date_parse(span_trim(day), &start_ns, &cause) < 0) {
                value_fail(err, rd->doc, at, "%s", cause.message);
                return fail_hint(err, "%s", cause.hint);
        }
        *ret_ns = start_ns + NS_PER_DAY - 1;
        return 0;
}

/* What each action needs besides the fields that all need. */
static int check_action(const Reader *rd, const Value *map, const Exception *item, Error *err)
{
        bool accepts = item->action == EXCEPTION_ACCEPT;

        if (accepts && item->revision.len == 0)
                return value_fail(err, rd->doc, map,
                                  "what is accepted needs 'at', the commit "
                                  "from which the level is the base line");
        if (!accepts && item->revision.len)
                return value_fail(err, rd->doc, map,
                                  "'at' belongs to what is accepted, not to a "
                                  "suppression");
        if (!accepts && item->expires_ns == 0)
                return value_fail(err, rd->doc, map,
                                  "a suppression needs 'expires', the last day on which it holds");
        return 0;
}

static int read_fields(const Reader *rd, const ExceptionFields *f, Exception *item, Error *err)
{
        int r = read_metric(rd, f->metric, &item->metric, err);

        if (r == 0)
                r = read_action(rd, f->action, &item->action, err);
        if (r == 0)
                r = read_words(rd, f->owner, &item->owner, err);
        if (r == 0)
                r = read_words(rd, f->reason, &item->reason, err);
        if (r == 0 && f->subject)
                r = read_words(rd, f->subject, &item->subject, err);
        if (r == 0 && f->at)
                r = read_revision(rd, f->at, &item->revision, err);
        if (r == 0 && f->expires)
                r = read_expiry(rd, f->expires, &item->expires_ns, err);
        return r;
}

static int read_item(Reader *rd, const Value *map, Error *err)
{
        Exception *item = vec_add(rd->arena, &rd->items);
        ExceptionFields f = { 0 };
        int r;

        if (!item)
                return value_fail(err, rd->doc, map, "more than %d exceptions", MOST_EXCEPTIONS);
        *item = (Exception){ .line = map->line };
        r = value_read_fields(rd->doc, map, exception_fields, COUNT(exception_fields), &f, err);
        if (r == 0)
                r = read_fields(rd, &f, item, err);
        if (r == 0)
                r = check_action(rd, map, item, err);
        return r;
}

typedef struct FileFields {
        const Value *exceptions;
} FileFields;

static const Field file_fields[] = {
        { "exceptions", FIELD_VALUE, offsetof(FileFields, exceptions), true, "a list" },
};

int exceptions_parse(Span text, const char *name, Arena *arena, ExceptionList *ret, Error *err)
{
        FileFields f = { 0 };
        Document doc;
        Reader rd = { .doc = &doc, .arena = arena, .items = VEC_INIT(MOST_EXCEPTIONS) };
        int r = yaml_parse(text, name, arena, &doc, err);

        if (r == 0)
                r = value_read_fields(&doc, doc.root, file_fields, COUNT(file_fields), &f, err);
        if (r == 0 && f.exceptions->kind != VALUE_NULL)
                r = value_expect(&doc, f.exceptions, VALUE_LIST, err);
        if (r < 0)
                return r;
        value_each (item, f.exceptions) {
                r = read_item(&rd, item, err);
                if (r < 0)
                        return r;
        }
        *ret = (ExceptionList){ .file = name, .items = rd.items.items, .len = rd.items.len };
        return 0;
}

int exceptions_load(const char *dir, Arena *arena, ExceptionList *ret, Error *err)
{
        static const char *const names[] = { "performance-exceptions.yaml",
                                             ".github/performance-exceptions.yaml" };

        for (size_t i = 0; i < COUNT(names); i++) {
                char *path = path_join(arena, dir, names[i]);
                Span text;
                int r;

                if (!path_exists(path))
                        continue;
                r = file_read(path, LARGEST_FILE, arena, &text, err);
                return r < 0 ? r : exceptions_parse(text, path, arena, ret, err);
        }
        *ret = (ExceptionList){ 0 };
        return 0;
}

/* '*' matches any text. The last star is the only one whose reach has to be tried again. */
static bool matches(Span pattern, Span text)
{
        size_t p = 0, t = 0, star = SIZE_MAX, after_star = 0;

        while (t < text.len) {
                if (p < pattern.len && pattern.ptr[p] == '*') {
                        star = p++;
                        after_star = t;
                } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
                        p++;
                        t++;
                } else if (star != SIZE_MAX) {
                        p = star + 1;
                        t = ++after_star;
                } else {
                        return false;
                }
        }
        while (p < pattern.len && pattern.ptr[p] == '*')
                p++;
        return p == pattern.len;
}

bool exception_expired(const Exception *exception, uint64_t now_ns)
{
        return exception->expires_ns && now_ns > exception->expires_ns;
}

bool exception_covers(const Exception *exception, MetricId metric, Span subject)
{
        return exception->metric->id == metric &&
               (exception->subject.len == 0 || matches(exception->subject, subject));
}

const Exception *exception_for(const ExceptionList *list, ExceptionAction action, MetricId metric,
                               Span subject, uint64_t now_ns)
{
        for (size_t i = 0; i < list->len; i++) {
                const Exception *item = &list->items[i];

                if (item->action == action && !exception_expired(item, now_ns) &&
                    exception_covers(item, metric, subject))
                        return item;
        }
        return NULL;
}
