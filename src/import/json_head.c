/* A walk over the tokens with a stack of what is open; the path of a key is the keys of the stack.
 * How many parts of the wanted path the open brackets match is kept for each depth. */

#include "import/json_head.h"

#define MOST_DEPTH 64

typedef struct Level {
        bool is_list;
        size_t matched; /* bytes of the wanted path that what is open here matches; or NONE */
} Level;

#define NONE SIZE_MAX

typedef struct Walk {
        Span rest, path;
        Level levels[MOST_DEPTH];
        size_t depth;
        size_t next; /* bytes matched by the value that comes next */
        bool found, broken;
} Walk;

/* Up to the closing quote, after the opening one; escapes are passed over. */
static bool take_string(Walk *w, Span *ret)
{
        size_t n = 0;

        while (n < w->rest.len && w->rest.ptr[n] != '"')
                n += w->rest.ptr[n] == '\\' ? 2 : 1;
        if (n >= w->rest.len)
                return false;
        *ret = span_first(w->rest, n);
        w->rest = span_from(w->rest, n + 1);
        return true;
}

/* Where the path goes on after `part`, which follows the `matched` bytes; or NONE. */
static size_t match(const Walk *w, size_t matched, Span part)
{
        Span left;

        if (matched == NONE)
                return NONE;
        left = span_from(w->path, matched);
        if (left.len && *left.ptr == '.')
                left = span_from(left, 1);
        if (left.len && *left.ptr == '*' && !span_is(part, "[]"))
                left = span_from(left, 1);
        else if (span_eq(span_first(left, part.len), part))
                left = span_from(left, part.len);
        else
                return NONE;
        if (left.len && *left.ptr != '.' && *left.ptr != '[')
                return NONE;
        return w->path.len - left.len;
}

static bool at_goal(const Walk *w, size_t matched)
{
        return matched == w->path.len;
}

static void enter(Walk *w, bool is_list)
{
        size_t matched = w->next;

        if (w->depth == MOST_DEPTH) {
                w->broken = true;
                return;
        }
        w->levels[w->depth++] = (Level){ is_list, matched };
        w->next = is_list ? match(w, matched, SPAN("[]")) : NONE;
}

/* After a value: what the next one of the same list matches. */
static void after_value(Walk *w)
{
        const Level *top = w->depth ? &w->levels[w->depth - 1] : NULL;

        w->next = !top ? 0 : top->is_list ? match(w, top->matched, SPAN("[]")) : NONE;
}

static void leave(Walk *w)
{
        if (w->depth == 0)
                w->broken = true;
        else
                w->depth--;
        after_value(w);
}

static void string(Walk *w)
{
        const Level *top = w->depth ? &w->levels[w->depth - 1] : NULL;
        Span text, rest;

        if (!take_string(w, &text)) {
                w->broken = true;
                return;
        }
        rest = span_trim(w->rest);
        if (top && !top->is_list && rest.len && *rest.ptr == ':') {
                w->next = match(w, top->matched, text);
                w->found = w->next != NONE && at_goal(w, w->next);
                w->rest = span_from(rest, 1);
                return;
        }
        after_value(w);
}

static void step(Walk *w)
{
        char c = *w->rest.ptr;

        w->rest = span_from(w->rest, 1);
        if (c == '{' || c == '[')
                enter(w, c == '[');
        else if (c == '}' || c == ']')
                leave(w);
        else if (c == '"')
                string(w);
        else if (c == ',')
                after_value(w);
        else if (!strchr(" \t\r\n:-+.eE0123456789truefalsn", c) || c == '\0')
                w->broken = true;
}

static bool walk(Span head, const char *path, Walk *ret)
{
        Walk w = { .rest = head, .path = span_of(path) };

        while (w.rest.len && !w.found && !w.broken)
                step(&w);
        *ret = w;
        return w.found;
}

bool json_head_has(Span head, const char *path)
{
        Walk w;

        return walk(head, path, &w);
}

bool json_head_has_all(Span head, const char *const *paths)
{
        for (; *paths; paths++)
                if (!json_head_has(head, *paths))
                        return false;
        return true;
}

Span json_head_text(Span head, const char *path)
{
        Span text = { 0 };
        Walk w;

        if (!walk(head, path, &w))
                return text;
        w.rest = span_trim(w.rest);
        if (w.rest.len == 0 || *w.rest.ptr != '"')
                return text;
        w.rest = span_from(w.rest, 1);
        (void)take_string(&w, &text);
        return text;
}
