#include "analysis/exception_write.h"

#include <string.h>

#include "base/json.h"
#include "base/yaml.h"

#define LARGEST_FILE MiB(4)

static const char new_file[] =
        "# Reviewed exceptions to what gates and histories say: hone help history\n"
        "exceptions:\n";

/* A JSON string is a YAML string in double quotes. */
static void put_quoted(Buf *out, Span text)
{
        JsonWriter w = json_to(out, false);

        json_span(&w, text);
}

static void put_field(Buf *out, size_t indent, const char *key, Span text)
{
        if (text.len == 0)
                return;
        buf_repeat(out, ' ', indent);
        buf_printf(out, "%s: ", key);
        put_quoted(out, text);
        buf_byte(out, '\n');
}

static void put_item(Buf *out, size_t indent, const ExceptionDraft *draft)
{
        buf_repeat(out, ' ', indent);
        buf_printf(out, "- metric: %s\n", draft->metric->name);
        put_field(out, indent + 2, "subject", draft->subject);
        buf_repeat(out, ' ', indent + 2);
        buf_text(out, "action: accept\n");
        put_field(out, indent + 2, "at", draft->revision);
        put_field(out, indent + 2, "owner", draft->owner);
        put_field(out, indent + 2, "reason", draft->reason);
}

/* Where the items of the list begin; 2 when there is none yet. An item's dash stands two columns
 * before its first key. */
static size_t indent_of(Span text, const char *name, Arena *arena)
{
        const Value *list;
        Document doc;

        if (yaml_parse(text, name, arena, &doc, NULL) < 0)
                return 2;
        list = value_get(doc.root, "exceptions");
        if (!list || !list->first || list->first->column < 3)
                return 2;
        return list->first->column - 3;
}

static bool same(const Exception *a, const Exception *b)
{
        return a->action == b->action && a->metric == b->metric &&
               span_eq(a->subject, b->subject) && span_eq(a->owner, b->owner) &&
               span_eq(a->reason, b->reason) && span_eq(a->revision, b->revision) &&
               a->expires_ns == b->expires_ns;
}

/* Does `after` hold all of `before` and one item more, which is the draft? */
static bool holds(const ExceptionList *before, const ExceptionList *after,
                  const ExceptionDraft *draft)
{
        const Exception *last;

        if (after->len != before->len + 1)
                return false;
        for (size_t i = 0; i < before->len; i++)
                if (!same(&before->items[i], &after->items[i]))
                        return false;
        last = &after->items[after->len - 1];
        return last->action == EXCEPTION_ACCEPT && last->metric == draft->metric &&
               span_eq(last->subject, span_trim(draft->subject)) &&
               span_eq(last->owner, span_trim(draft->owner)) &&
               span_eq(last->revision, draft->revision);
}

static int fail_shape(Error *err, const char *name, const ExceptionDraft *draft)
{
        fail(err, ERR_INPUT, "%s: nothing can be added behind its last line", name);
        return fail_hint(err,
                         "make 'exceptions:' a list with a line for each item, or add by hand: "
                         "metric: %s, action: accept, at: %.*s",
                         draft->metric->name, SPAN_ARG(draft->revision));
}

int exceptions_extend(Span text, const char *name, const ExceptionDraft *draft, Arena *arena,
                      Span *ret, Error *err)
{
        ExceptionList before = { 0 }, after;
        Buf out = buf_in(arena, LARGEST_FILE);
        Error cause = { 0 };
        int r = 0;

        if (span_trim(text).len == 0)
                text = span_of(new_file);
        r = exceptions_parse(text, name, arena, &before, err);
        if (r < 0)
                return r;
        buf_add(&out, text);
        if (!span_ends(text, "\n"))
                buf_byte(&out, '\n');
        put_item(&out, indent_of(text, name, arena), draft);
        r = buf_check(&out, err);
        if (r < 0)
                return r;
        if (exceptions_parse(buf_span(&out), name, arena, &after, &cause) < 0 ||
            !holds(&before, &after, draft))
                return fail_shape(err, name, draft);
        *ret = buf_span(&out);
        return 0;
}
