#pragma once
/* What the advice files share: finding one that is embedded, and lists of names with stars. */

#include "base/embedded.h"
#include "base/value.h"

extern const EmbeddedFile advice_files[]; /* made from advice/ by the build */

Span advice_file(const char *name); /* empty when there is none */

typedef struct GlobList {
        const char **items; /* "*" stands for any run of characters */
        size_t len;
} GlobList;

int glob_list_read(const Document *doc, const Value *list, Arena *arena, GlobList *ret, Error *err);
bool glob_match(const char *pattern, Span text);
bool glob_list_match(const GlobList *globs, Span text);
