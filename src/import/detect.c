/* Which format a text is in, from its first 64 KiB; and what surely is none. */

#include "import/import_int.h"

#define HEAD_BYTES KiB(64)

static const struct {
        const char *magic;
        size_t len;
        const char *kind, *program;
} packed[] = {
        { "\x1f\x8b", 2, "gzip", "zcat" },
        { "\x28\xb5\x2f\xfd", 4, "zstd", "zstdcat" },
        { "\xfd"
          "7zXZ",
          5, "xz", "xzcat" },
        { "BZh", 3, "bzip2", "bzcat" },
};

static int refuse_packed(const ImportPlan *plan, Error *err)
{
        for (size_t i = 0; i < COUNT(packed); i++) {
                Span magic = { packed[i].magic, packed[i].len };

                if (!span_eq(span_first(plan->text, magic.len), magic))
                        continue;
                fail(err, ERR_UNAVAILABLE, "'%s' is compressed with %s", plan->name,
                     packed[i].kind);
                return fail_hint(err, "unpack it first: %s '%s' | hone import -", packed[i].program,
                                 plan->name);
        }
        return 0;
}

static int refuse(const ImportPlan *plan, const ImportFormat *best, const ImportFormat *rival,
                  Error *err)
{
        if (best)
                fail(err, ERR_UNAVAILABLE, "'%s' could be %s or %s", plan->name, best->name,
                     rival->name);
        else
                fail(err, ERR_UNAVAILABLE, "'%s' is in no format that is known here", plan->name);
        return fail_hint(err, "say which: --format NAME; hone import --list-formats lists them");
}

int import_detect(const ImportPlan *plan, const ImportFormat **ret, Error *err)
{
        Span head = span_first(plan->text, HEAD_BYTES);
        const ImportFormat *best = NULL, *rival = NULL;
        int sure = 0, r = refuse_packed(plan, err);

        if (r < 0)
                return r;
        for (const ImportFormat *const *f = import_formats; *f; f++) {
                int this_sure = (*f)->detect(head, head.len == plan->text.len);

                if (this_sure <= 0 || this_sure < sure)
                        continue;
                rival = this_sure == sure ? best : NULL;
                best = *f;
                sure = this_sure;
        }
        if (!best || rival)
                return refuse(plan, best, rival, err);
        *ret = best;
        return 0;
}
