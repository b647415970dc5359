#include "present/doc.h"

#include "golden.h"

#include <math.h>
#include <string.h>

#define HOSTILE "<script>x</script> ]]> \"q\" 'a' | \x1b[31mred\x1b[0m & `*_ \xff\xe2\x80\xae"

static const Column columns[] = {
        { "name", "Name", .wrap = true },
        { "value", "Median value", ALIGN_RIGHT },
        { "change", "Change", ALIGN_RIGHT },
        { "interval", "Interval", ALIGN_RIGHT, .wide_only = true },
        { "verdict", "Verdict" },
};

static Doc *sample_doc(Arena *arena)
{
        Doc *doc = doc_new(arena, "sample");
        DocTable *t;

        doc_heading(doc, 1, "Report on %s", "a|b");
        doc_paragraph(doc, "summary",
                      "A sentence that is long enough to be broken over two lines of a terminal "
                      "with 60 columns, and `code_here`.");
        doc_field(doc, "target", "Target", cell_string("http://localhost:8080/"));
        doc_field(doc, "p99", "Latency p99", cell_unit(UNIT_NS, 1.25e6));
        doc_field(doc, NULL, "Missing", cell_unit(UNIT_NS, (double)NAN));
        doc_heading(doc, 2, "Numbers");
        t = doc_table(doc, "rows", columns, COUNT(columns));
        doc_row(t, cell_string("GET /api/products/search?query=everything"),
                cell_unit(UNIT_NS, 4.5e7), cell_change(-0.73),
                cell_interval((Interval){ -0.8, -0.6, 0.95 }), cell_verdict("FASTER"));
        doc_row(t, cell_string("p99_x"), cell_unit(UNIT_RATIO, 0.25), cell_missing(),
                cell_missing(), cell_verdict("UNKNOWN"));
        doc_item(doc, "notes", "first *note*");
        doc_item(doc, "notes", "second");
        doc_numbered(doc, "steps", "Add an index");
        doc_strong(doc);
        doc_subitem(doc, NULL, "Expected impact: 70 %%");
        doc_numbered(doc, "steps", "Measure");
        doc_check(doc, "boxes", true, "done");
        doc_check(doc, "boxes", false, "open");
        doc_open(doc, "inner");
        doc_code(doc, "ddl", "sql", SPAN("CREATE INDEX i\n  ON t(x);"));
        doc_close(doc);
        doc_open(doc, NULL);
        doc_field(doc, "p99", "Requests", cell_count(30000));
        doc_close(doc);
        doc_json(doc, "raw", SPAN("{\"a\":[1]}"));
        return doc;
}

static Span print(Arena *arena, const Doc *doc, DocFormat format, DocStyle style)
{
        Buf out = buf_in(arena, MiB(4));
        Error err = { 0 };

        assert_ok(doc_print(doc, format, &style, &out, &err), err);
        return buf_span(&out);
}

TEST(doc_text_wraps_aligns_and_leaves_out_wide_columns)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = print(arena, sample_doc(arena), DOC_TEXT, (DocStyle){ .width = 60 });

        assert_golden(text, "doc.txt");
}

TEST(doc_markdown_escapes_only_what_markdown_would_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = print(arena, sample_doc(arena), DOC_MARKDOWN, (DocStyle){ 0 });

        assert_golden(text, "doc.md");
}

TEST(doc_json_is_one_object_with_units)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = print(arena, sample_doc(arena), DOC_JSON, (DocStyle){ 0 });

        assert_golden(text, "doc.json");
}
