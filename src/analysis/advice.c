#include "analysis/advice.h"

#include <string.h>

#define GLOB_MAX_BYTES 200

Span advice_file(const char *name)
{
        for (const EmbeddedFile *f = advice_files; f->name; f++)
                if (strcmp(f->name, name) == 0)
                        return f->bytes;
        return (Span){ 0 };
}

int glob_list_read(const Document *doc, const Value *list, Arena *arena, GlobList *ret, Error *err)
{
        GlobList globs = { 0 };
        int r = value_expect(doc, list, VALUE_LIST, err);

        if (r < 0)
                return r;
        if (list->count == 0)
                return value_fail(err, doc, list, "the list of names is empty");
        globs.items = new_try(arena, const char *, list->count);
        if (!globs.items)
                return value_fail(err, doc, list, "too many names");
        value_each (item, list) {
                Span text;

                r = value_to_text(doc, item, &text, err);
                if (r == 0 && (text.len == 0 || text.len > GLOB_MAX_BYTES))
                        r = value_fail(err, doc, item, "a name has 1 to %d characters",
                                       GLOB_MAX_BYTES);
                if (r < 0)
                        return r;
                globs.items[globs.len++] = span_text(arena, text);
        }
        *ret = globs;
        return 0;
}

/* Greedy with one place to return to: at most the product of the lengths, never exponential. The
 * text may hold any bytes, also the NUL that ends the pattern. */
bool glob_match(const char *pattern, Span text)
{
        const char *star = NULL;
        size_t at = 0, star_at = 0;

        while (at < text.len) {
                if (*pattern == '*') {
                        star = ++pattern;
                        star_at = at;
                } else if (*pattern && *pattern == text.ptr[at]) {
                        pattern++;
                        at++;
                } else if (star) {
                        pattern = star;
                        at = ++star_at;
                } else {
                        return false;
                }
        }
        while (*pattern == '*')
                pattern++;
        return *pattern == '\0';
}

bool glob_list_match(const GlobList *globs, Span text)
{
        for (size_t i = 0; i < globs->len; i++)
                if (glob_match(globs->items[i], text))
                        return true;
        return false;
}
