#include "analysis/advice.h"

#include <string.h>

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
        globs.items = new (arena, const char *, list->count);
        value_each (item, list) {
                Span text;

                r = value_to_text(doc, item, &text, err);
                if (r < 0)
                        return r;
                globs.items[globs.len++] = span_text(arena, text);
        }
        *ret = globs;
        return 0;
}

/* Greedy with one place to return to: linear in practice, never exponential. */
bool glob_match(const char *pattern, Span text)
{
        const char *star = NULL;
        size_t at = 0, star_at = 0;

        while (at < text.len) {
                if (*pattern == '*') {
                        star = ++pattern;
                        star_at = at;
                } else if (*pattern == text.ptr[at]) {
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
