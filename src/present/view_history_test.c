#include "present/view_history.h"

#include "golden.h"

#include <math.h>

#define N 24

static Span print(Arena *arena, const Doc *doc, DocFormat format)
{
        Buf out = buf_in(arena, MiB(64));
        Error err = { 0 };

        assert_ok(doc_print(doc, format, NULL, &out, &err), err);
        return buf_span(&out);
}

static const Commit commits[] = {
        { { "cccccccc01234567", 16 },
          { "Ana\x1b[31m", 8 },
          { "2026-10-16T09:00:00Z", 20 },
          { "sort twice <script>\xe2\x80\xae", 22 } },
        { { "bbbbbbbb01234567", 16 },
          { "Ben", 3 },
          { "2026-10-15T09:00:00Z", 20 },
          { "words", 5 } },
};
static const Blame blame = { .commits = (Commit *)commits, .len = 2, .total = 7 };
static const Exception exception = { .owner = { "ana@example.org", 15 },
                                     .reason = { "on purpose", 10 },
                                     .line = 3 };

/* Two levels, a change for the worse that is accepted, runs that were left out. */
static History example(Arena *arena)
{
        History h = { .name = history_name(metric_def(METRIC_TIME), SPAN("sort")),
                      .instrument = SPAN("bench"),
                      .target = SPAN("./sort"),
                      .machine_id = SPAN("0123456789abcdef"),
                      .points = new (arena, HistoryPoint, N),
                      .len = N,
                      .changes = new (arena, HistoryChange, 1),
                      .n_changes = 1,
                      .plan = { .min_segment = 4 },
                      .by_commit = true,
                      .runs = 30,
                      .other_machine = SPAN("fedcba9876543210"),
                      .autocorrelation = 0.125 };

        for (size_t i = 0; i < N; i++)
                h.points[i] = (HistoryPoint){
                        .revision = span_of(arena_printf(arena, "%02d345678901234567890", (int)i)),
                        .position = i,
                        .wall_ns = (1790000000 + 86400 * i) * NS_PER_S,
                        .run_id = i + 1,
                        .runs = 1,
                        .value = (i < 15 ? 100e6 : 130e6) + (double)(i * 7 % 5) * 1e6,
                        .low = (double)NAN,
                        .high = (double)NAN,
                };
        h.left_out[LEFT_OUT_OTHER_MACHINE] = 5;
        h.left_out[LEFT_OUT_DIRTY] = 1;
        h.changes[0] = (HistoryChange){ .point = { .at = 15,
                                                   .before = 102e6,
                                                   .after = 132e6,
                                                   .change = 0.294,
                                                   .interval = { 0.28, 0.31, 0.95 },
                                                   .where = { 14, 15, 0.95 },
                                                   .p = 0.0001 },
                                        .good = 13,
                                        .bad = 15,
                                        .bounded = true,
                                        .quality = QUALITY_WORSE,
                                        .state = STATE_ACCEPTED,
                                        .exception = &exception,
                                        .blame = &blame,
                                        .note = SPAN("the compiler was updated") };
        return h;
}

TEST(view_history_shows_plot_changes_and_commits)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Doc *doc = doc_new(arena, "history");
        History h = example(arena);
        Error err = { 0 };
        Span text;

        view_history(doc, &h);
        text = print(arena, doc, DOC_TEXT);
        assert_fits(text, 80);
        assert_golden(text, "history.txt");
        doc = doc_new(arena, "history");
        assert_ok(view_histories_json(doc, &h, 1, true, &err), err);
        assert_golden(print(arena, doc, DOC_JSON), "history.json");
}

TEST(view_history_makes_a_whole_page)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Doc *doc = doc_new(arena, "history");
        History h = example(arena);
        Span page;

        view_history(doc, &h);
        page = print(arena, doc, DOC_HTML);
        assert_well_formed(page);
        assert_true(span_contains(page, "<svg"));
        assert_true(span_contains(page, "class=\"mark\""));
        assert_false(span_contains(page, "<script>\xe2"));
}

TEST(view_history_without_commits_says_why)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Doc *doc = doc_new(arena, "history");
        Blame none = { .reason = SPAN("this is not a git repository") };
        History h = example(arena);

        h.changes[0].blame = &none;
        view_history(doc, &h);
        assert_true(span_contains(print(arena, doc, DOC_TEXT), "no commits: this is not"));
}

TEST(view_history_of_nothing_invents_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Doc *doc = doc_new(arena, "history");
        History h = { .name = history_name(metric_def(METRIC_OPS), SPAN("")),
                      .plan = { .min_segment = 4 } };
        Error err = { 0 };
        Span text;

        view_history(doc, &h);
        text = print(arena, doc, DOC_TEXT);
        assert_true(span_contains(text, "too few points"));
        assert_false(span_contains(text, "•"));
        assert_ok(view_histories_json(doc, &h, 1, true, &err), err);
        assert_true(span_contains(print(arena, doc, DOC_JSON), "\"enough_points\":false"));
}

TEST(view_histories_is_a_table_and_counts_the_rest)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Doc *doc = doc_new(arena, "history");
        History items[] = { example(arena), example(arena) };
        uint64_t left_out[LEFT_OUT_COUNT_] = { [LEFT_OUT_UNRELIABLE] = 1 };
        Span text;

        items[1].n_changes = 0;
        items[1].name.subject = SPAN("search");
        items[0].changes[0].blame = NULL;
        view_histories(doc, items, 2, 3, left_out);
        text = print(arena, doc, DOC_TEXT);
        assert_fits(text, 80);
        assert_golden(text, "histories.txt");
        doc = doc_new(arena, "history");
        view_histories(doc, NULL, 0, 3, left_out);
        assert_true(span_starts(print(arena, doc, DOC_TEXT), "Nothing has enough points"));
}
