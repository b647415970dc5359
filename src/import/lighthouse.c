#include "import/json_read.h"

static int detect(Span head, bool whole UNUSED)
{
        return json_head_has(head, "lighthouseVersion") ? 95 : 0;
}

static const JsonColumn audits[] = {
        { "first-contentful-paint", METRIC_FCP, 1e6 },
        { "largest-contentful-paint", METRIC_LCP, 1e6 },
        { "interactive", METRIC_TTI, 1e6 },
        { "total-blocking-time", METRIC_TBT, 1e6 },
        { "speed-index", METRIC_SPEED_INDEX, 1e6 },
        { "cumulative-layout-shift", METRIC_CLS, 1 },
        { "server-response-time", METRIC_TIME_TTFB, 1e6 },
};

static Span url_of(const Value *root)
{
        static const char *const keys[] = { "finalDisplayedUrl", "finalUrl", "requestedUrl" };

        for (size_t i = 0; i < COUNT(keys); i++) {
                Span url = text_under(root, keys[i]);

                if (url.len)
                        return url;
        }
        return SPAN("");
}

static int read(Import *in, Span text, Error *err)
{
        static const ImportUnit score = { METRIC_WEB_SCORE, 1 };
        const Value *found, *performance;
        size_t n = 0;
        Document doc;
        int r = json_document(in, text, &doc, err);

        if (r < 0)
                return r;
        found = value_get(doc.root, "audits");
        if (value_absent(found))
                return value_fail(err, &doc, doc.root, "'audits' is missing");
        for (size_t i = 0; r == 0 && i < COUNT(audits); i++) {
                const Value *value = value_get(value_get(found, audits[i].key), "numericValue");

                n += !value_absent(value);
                r = json_sample(in, &doc, value, url_of(doc.root),
                                (ImportUnit){ audits[i].metric, audits[i].scale }, err);
        }
        performance = value_get(value_get(doc.root, "categories"), "performance");
        if (r == 0)
                r = json_sample(in, &doc, value_get(performance, "score"), url_of(doc.root), score,
                                err);
        import_tool(in, "Lighthouse %.*s", SPAN_ARG(text_under(doc.root, "lighthouseVersion")));
        (void)import_date(text_under(doc.root, "fetchTime"), &import_recording(in)->wall_ns);
        if (found->count > n)
                import_says(in, "%zu audits, of which %zu are times", found->count, n);
        return r;
}

const ImportFormat lighthouse_format = {
        .name = "lighthouse",
        .says = "lighthouse --output json",
        .files = "github.com/GoogleChrome/lighthouse: docs/understanding-results.md",
        .detect = detect,
        .read = read,
};
