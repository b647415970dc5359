/* Which format a text is in, from its first 64 KiB; and what surely is none, or two. */

#include "import/import_int.h"

#define HEAD_BYTES KiB(64)
/* From here on a format has seen what no other tool writes; below, only a shape (any table). */
#define CERTAIN 80

static const struct {
        const char *magic;
        size_t len;
        const char *is, *program; /* that makes text of it */
} packed[] = {
        { "\x1f\x8b", 2, "is compressed with gzip", "zcat" },
        { "\x28\xb5\x2f\xfd", 4, "is compressed with zstd", "zstdcat" },
        { "\xfd"
          "7zXZ",
          5, "is compressed with xz", "xzcat" },
        { "BZh", 3, "is compressed with bzip2", "bzcat" },
        { "PK\x03\x04", 4, "is compressed with zip", "unzip -p" },
        { "\xff\xfe", 2, "is text in UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8" },
        { "\xfe\xff", 2, "is text in UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8" },
};

static int refuse_packed(const ImportPlan *plan, Error *err)
{
        for (size_t i = 0; i < COUNT(packed); i++) {
                Span magic = { packed[i].magic, packed[i].len };

                if (!span_eq(span_first(plan->text, magic.len), magic))
                        continue;
                fail(err, ERR_UNAVAILABLE, "'%s' %s", plan->name, packed[i].is);
                return fail_hint(err, "make plain text of it: %s '%s' | hone import -",
                                 packed[i].program, plan->name);
        }
        return 0;
}

static int refuse_unknown(const ImportPlan *plan, Span head, Error *err)
{
        if (span_find_byte(head, '\0') >= 0) {
                fail(err, ERR_UNAVAILABLE, "'%s' is no text, and what is read here is", plan->name);
                return fail_hint(err, "let the tool write text, JSON, CSV or XML; "
                                      "hone import --list-formats lists what is read");
        }
        fail(err, ERR_UNAVAILABLE, "'%s' is in no format that is known here", plan->name);
        return fail_hint(err, "say which: --format NAME; hone import --list-formats lists them");
}

static int refuse_both(const ImportPlan *plan, const ImportFormat *best, const ImportFormat *rival,
                       bool mixed, Error *err)
{
        fail(err, ERR_UNAVAILABLE, mixed ? "'%s' holds both %s and %s" : "'%s' could be %s or %s",
             plan->name, best->name, rival->name);
        return mixed ? fail_hint(err, "part the file, or read only what one wrote: --format %s",
                                 best->name)
                     : fail_hint(err, "say which: --format NAME; hone import --list-formats lists "
                                      "them");
}

int import_detect(const ImportPlan *plan, const ImportFormat **ret, Error *err)
{
        Span head = span_first(plan->text, HEAD_BYTES);
        const ImportFormat *best = NULL, *rival = NULL;
        int sure = 0, rival_sure = 0, r = refuse_packed(plan, err);

        if (r < 0)
                return r;
        for (const ImportFormat *const *f = import_formats; *f; f++) {
                int this_sure = (*f)->detect(head, head.len == plan->text.len);

                if (this_sure > 0 && this_sure >= sure) {
                        rival = best;
                        rival_sure = sure;
                        best = *f;
                        sure = this_sure;
                } else if (this_sure > rival_sure) {
                        rival = *f;
                        rival_sure = this_sure;
                }
        }
        if (!best)
                return refuse_unknown(plan, head, err);
        if (rival && (rival_sure >= CERTAIN || rival_sure == sure))
                return refuse_both(plan, best, rival, rival_sure >= CERTAIN, err);
        *ret = best;
        return 0;
}
