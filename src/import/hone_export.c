/* What hone bench --export-json writes: every sample, with the block that it was measured in.
 * Values are in the unit of their metric. */

#include "import/json_read.h"

static int detect(Span head, bool whole UNUSED)
{
        return span_is(json_head_text(head, "kind"), "bench") ? 95 : 0;
}

static int put(Import *in, const Value *item, Span name, ImportUnit unit, const Value *value,
               const Value *block, Error *err)
{
        if (!block || block->kind != VALUE_NUMBER || !(block->number >= 0) ||
            block->number > UINT32_MAX)
                return import_sample(in, name, unit, value->number, item->line, err);
        return import_sample_in_block(in, name, unit, value->number, (uint32_t)block->number,
                                      item->line, err);
}

static int read_samples(Import *in, const Document *doc, const Value *item, Error *err)
{
        const MetricDef *metric = metric_find(text_under(item, "metric"));
        const Value *values, *blocks = value_get(item, "blocks");
        const Value *block = value_absent(blocks) ? NULL : blocks->first;
        int r = json_list(doc, item, "values", &values, err);

        if (r == 0 && !metric)
                r = value_fail(err, doc, item, "'metric' is missing or is none of hone's");
        value_each (value, values) {
                if (r == 0)
                        r = value_expect(doc, value, VALUE_NUMBER, err);
                if (r == 0)
                        r = put(in, value, text_under(item, "name"), (ImportUnit){ metric->id, 1 },
                                value, block, err);
                if (r < 0)
                        return r;
                block = block ? block->next : NULL;
        }
        return r;
}

static int read(Import *in, Span text, Error *err)
{
        const Value *samples, *run;
        Span code, revision = { 0 };
        Document doc;
        int r = json_document(in, text, &doc, err);

        if (r == 0)
                r = json_list(&doc, doc.root, "samples", &samples, err);
        if (r < 0)
                return r;
        value_each (item, samples) {
                r = read_samples(in, &doc, item, err);
                if (r < 0)
                        return r;
        }
        run = value_get(doc.root, "run");
        (void)import_date(text_under(run, "time"), &import_recording(in)->wall_ns);
        code = text_under(run, "code"); /* "0123abcd with uncommitted changes" */
        (void)span_next_word(&code, &revision);
        import_revision(in, revision);
        import_machine(in, text_under(run, "machine"));
        import_tool(in, "hone bench");
        return 0;
}

const ImportFormat hone_export_format = {
        .name = "hone",
        .says = "hone bench --export-json",
        .files = "docs/bench.md",
        .detect = detect,
        .read = read,
};
