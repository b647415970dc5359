#include "present/view.h"

#include "fixture.h"
#include "golden.h"

#include <math.h>

static Span print(Arena *arena, const Doc *doc, DocFormat format)
{
        Buf out = buf_in(arena, MiB(64));
        Error err = { 0 };

        assert_ok(doc_print(doc, format, NULL, &out, &err), err);
        return buf_span(&out);
}

static void check(Arena *arena, const Doc *doc, const char *text_name, const char *json_name)
{
        Span text = print(arena, doc, DOC_TEXT);

        assert_fits(text, 80);
        assert_golden(text, text_name);
        if (json_name)
                assert_golden(print(arena, doc, DOC_JSON), json_name);
}

TEST(view_load_shows_the_results_summary)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "load");
        Run *run = fixture_load(arena, 1);

        view_run_header(doc, run);
        view_load_run(doc, run);
        view_coverage(doc, &run, 1);
        check(arena, doc, "load.txt", "load.json");
}

TEST(view_load_of_an_empty_recording_invents_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "load");

        view_load(doc, recording_new(arena, "load"));
        check(arena, doc, "load_empty.txt", "load_empty.json");
}

TEST(view_system_shows_values_with_their_course)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "system");
        Recording *rec = fixture_system(arena)->recording;
        UseTable use = { .bottleneck = RESOURCE_CPU };

        for (size_t i = 0; i < RESOURCE_COUNT_; i++)
                use.rows[i] = (UseRow){ .resource = (Resource)i,
                                        .utilisation = (double)NAN,
                                        .saturation = (double)NAN,
                                        .errors = (double)NAN };
        use.rows[RESOURCE_CPU].utilisation = 0.93;
        use.rows[RESOURCE_CPU].saturated = true;
        use.rows[RESOURCE_CPU].saturation = 0.4;
        use.rows[RESOURCE_CPU].saturation_text = SPAN("waited 40 % of the time (run queue)");
        view_system(doc, rec);
        view_use(doc, &use);
        check(arena, doc, "system.txt", "system.json");
}

TEST(view_profile_shows_quality_consumers_and_graphs)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "profile");

        view_profile(doc, fixture_profile_run(arena)->recording, "/usr/bin/shop");
        check(arena, doc, "profile.txt", "profile.json");
}

TEST(view_profile_without_samples_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "profile");
        Recording *rec = recording_new(arena, "profile");

        view_profile(doc, rec, NULL);
        rec->profile = profile_new(arena, 10);
        doc_open(doc, "empty");
        view_profile(doc, rec, NULL);
        doc_close(doc);
        assert_true(
                span_contains(print(arena, doc, DOC_TEXT), "not measured: there are no samples"));
}

TEST(view_findings_has_the_impact_matrix)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "findings");

        view_findings(doc, fixture_findings(arena));
        check(arena, doc, "findings.txt", "findings.json");
}

TEST(view_comparison_shows_intervals_verdicts_and_what_could_be_seen)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "compare");

        view_comparison(doc, fixture_comparison(arena));
        check(arena, doc, "compare.txt", "compare.json");
}

TEST(view_gate_shows_limits_values_and_reasons)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Doc *doc = doc_new(arena, "gate");

        view_gate(doc, fixture_gate(arena));
        check(arena, doc, "gate.txt", "gate.json");
}
