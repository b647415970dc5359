/* From bytes to a ProfileSet: plain text first, then the format, then its reader. */

#include "import/profile/bytes.h"
#include "import/profile/profile_format.h"

#include "model/profile_rewrite.h"

#define HEAD_BYTES KiB(64)

static int refuse(Span name, const ProfileFormat *best, const ProfileFormat *rival, Error *err)
{
        if (best)
                fail(err, ERR_INPUT, "%.*s: could be %s or %s", SPAN_ARG(name), best->name,
                     rival->name);
        else
                fail(err, ERR_INPUT, "%.*s: in no profile format that is known here",
                     SPAN_ARG(name));
        return fail_hint(err, "say which: --from FORMAT; hone convert --list-formats lists them");
}

static int detect(Span text, Span name, const ProfileFormat **ret, Error *err)
{
        Span head = span_first(text, HEAD_BYTES);
        const ProfileFormat *best = NULL, *rival = NULL;
        int sure = 0;

        for (const ProfileFormat *const *f = profile_formats; *f; f++) {
                int this_sure = (*f)->detect(head, head.len == text.len);

                if (this_sure <= 0 || this_sure < sure)
                        continue;
                rival = this_sure == sure ? best : NULL;
                best = *f;
                sure = this_sure;
        }
        if (!best || rival)
                return refuse(name, best, rival, err);
        *ret = best;
        return 0;
}

/* What the format's reader did not do: marks at the names, by the kinds of their frames. */
static int annotate(ProfileSet *set, const ProfileImportPlan *plan, Arena *arena, Error *err)
{
        ProfileRewrite how = { .kernel = plan->kernel, .jit = plan->jit };
        int r = 0;

        if (plan->format->annotates || (!how.kernel && !how.jit))
                return 0;
        for (size_t i = 0; r == 0 && i < set->items.len; i++)
                r = profile_rewrite(set->items.items[i].profile, &how, arena,
                                    &set->items.items[i].profile, err);
        return r;
}

int profile_import(Span bytes, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret,
                   Error *err)
{
        AUTO(bytes_done) Bytes plain = { 0 };
        ProfileImportPlan with_format = *plan;
        ProfileSet set = profile_set_new();
        Span text = bytes;
        int r = bytes_plain(bytes, plan->name, &plain, err);

        if (plain.ptr)
                text = bytes_span(&plain);
        if (span_starts(text, "\xef\xbb\xbf"))
                text = span_from(text, 3);
        if (r == 0 && text.len == 0)
                return fail(err, ERR_INPUT, "%.*s: it is empty", SPAN_ARG(plan->name));
        if (r == 0 && !plan->format)
                r = detect(text, plan->name, &with_format.format, err);
        if (r == 0)
                r = with_format.format->read(text, &with_format, arena, &set, err);
        if (r == 0 && set.items.len == 0)
                return fail(err, ERR_INPUT, "%.*s: there is no profile in it",
                            SPAN_ARG(plan->name));
        if (r == 0)
                r = annotate(&set, &with_format, arena, err);
        if (r == 0)
                *ret = set;
        return r;
}

int profile_import_file(const char *path, const ProfileImportPlan *plan, Arena *arena,
                        ProfileSet *ret, Error *err)
{
        AUTO(bytes_done) Bytes bytes = { 0 };
        ProfileImportPlan with_name = *plan;
        int r = bytes_load(path, &bytes, err);

        if (r < 0)
                return r;
        if (!plan->name.len)
                with_name.name = strcmp(path, "-") == 0 ? SPAN("standard input") : span_of(path);
        return profile_import(bytes_span(&bytes), &with_name, arena, ret, err);
}
