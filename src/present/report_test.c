#include "present/report.h"

#include "base/json.h"

#include "fixture.h"
#include "golden.h"

typedef struct Format {
        const char *name; /* of the golden file, without its ending */
        void (*write)(Doc *, const ReportInput *);
} Format;

static const Format formats[] = {
        { "benchmark", report_benchmark },
        { "profiling", report_profiling },
        { "recommendations", report_recommendations },
        { "assessment", report_assessment },
        { "iterations", report_iterations },
        { "optimization", report_optimization },
        { "checklist", report_checklist },
};

static Span print(Arena *arena, void (*write)(Doc *, const ReportInput *), const ReportInput *in,
                  DocFormat format)
{
        Doc *doc = doc_new(arena, "report");
        Buf out = buf_in(arena, MiB(64));
        Error err = { 0 };

        write(doc, in);
        assert_ok(doc_print(doc, format, &(DocStyle){ .title = HOSTILE }, &out, &err), err);
        return buf_span(&out);
}

TEST(report_formats_match_the_founding_documents)
{
        for (size_t i = 0; i < COUNT(formats); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
                ReportInput in = fixture_report(arena);

                assert_golden(print(arena, formats[i].write, &in, DOC_MARKDOWN),
                              arena_printf(arena, "report_%s.md", formats[i].name));
        }
}

TEST(report_of_nothing_claims_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        ReportInput none = { .project = SPAN("shop"), .date = SPAN("2026-11-21") };
        Span text = print(arena, report_full, &none, DOC_MARKDOWN);

        assert_golden(text, "report_none.md");
        assert_false(span_contains(text, "[x]"));
        assert_false(span_contains(text, "✅"));
}

TEST(report_text_fits_the_terminal)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        ReportInput in = fixture_report(arena);

        assert_fits(print(arena, report_full, &in, DOC_TEXT), 80);
}

TEST(report_json_is_valid_in_every_case)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        ReportInput inputs[] = { fixture_report(arena),
                                 fixture_hostile(arena),
                                 { .project = SPAN("") } };
        Document parsed;
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(inputs); i++)
                assert_ok(json_parse_strict(print(arena, report_full, &inputs[i], DOC_JSON),
                                            "report", arena, &parsed, &err),
                          err);
}

TEST(report_page_is_well_formed_and_fetches_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        ReportInput in = fixture_report(arena);
        Span page = print(arena, report_full, &in, DOC_HTML);

        assert_well_formed(page);
        assert_false(span_contains(page, "src="));
        assert_false(span_contains(page, "@import"));
        assert_false(span_contains(page, "url("));
        assert_true(span_contains(page, "prefers-color-scheme"));
}

TEST(report_escapes_hostile_names_in_every_format)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        ReportInput in = fixture_hostile(arena);
        Span page = print(arena, report_full, &in, DOC_HTML);
        Span markdown = print(arena, report_full, &in, DOC_MARKDOWN);
        Span text = print(arena, report_full, &in, DOC_TEXT);
        Span json = print(arena, report_full, &in, DOC_JSON);

        assert_well_formed(page);
        assert_false(span_contains(page, "<script>alert"));
        assert_true(span_contains(page, "&lt;script&gt;alert(&#39;x&#39;)"));
        assert_false(span_contains(page, "\x1b"));
        assert_false(span_contains(markdown, "\x1b"));
        assert_false(span_contains(markdown, "\xff"));
        assert_false(span_contains(text, "\x1b"));
        assert_false(span_contains(text, "\xe2\x80\xae"));
        assert_true(span_contains(text, "\\x1b[31mred"));
        assert_false(span_contains(json, "\x1b"));
}
