#include "model/comparison.h"
#include "model/finding.h"
#include "model/recording.h"
#include "model/run.h"

#include <math.h>

#include "harness.h"

TEST(recording_finds_values_by_metric_and_subject)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Recording *rec = recording_new(arena, "load");
        char subject[] = "GET /api/x";
        MetricValue *item = recording_value(rec, METRIC_LATENCY_P50, span_of(subject), 1e6, 10);

        assert_true(isnan(item->low) && isnan(item->high));
        item->low = 9e5;
        subject[0] = 'P'; /* the recording has its own copy */
        recording_value(rec, METRIC_LATENCY_P50, SPAN(""), 2e6, 20);
        assert_near(recording_get(rec, METRIC_LATENCY_P50, SPAN("GET /api/x")), 1e6, 0);
        assert_near(recording_find(rec, METRIC_LATENCY_P50, SPAN("GET /api/x"))->low, 9e5, 0);
        assert_near(recording_get(rec, METRIC_LATENCY_P50, SPAN("")), 2e6, 0);
        assert_true(isnan(recording_get(rec, METRIC_LATENCY_P99, SPAN(""))));
        assert_null(recording_find(rec, METRIC_LATENCY_P50, SPAN("GET /api/y")));
}

TEST(recording_copies_series_and_finds_distributions)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Recording *rec = recording_new(arena, "load");
        double values[] = { 1, (double)NAN, 3 };
        Hist *hist = hist_new(arena, HIST_LATENCY);

        recording_series(rec, METRIC_CPU, SPAN("42"), 5, 10, values, COUNT(values));
        values[0] = 9;
        recording_distribution(rec, METRIC_LATENCY_P50, "latency", SPAN(""), hist);
        assert_near(recording_find_series(rec, METRIC_CPU, SPAN("42"))->values[0], 1, 0);
        assert_null(recording_find_series(rec, METRIC_CPU, SPAN("")));
        assert_ptr_equal(recording_find_distribution(rec, "latency", SPAN(""))->hist, hist);
        assert_null(recording_find_distribution(rec, "ttfb", SPAN("")));
}

TEST(recording_copies_samples_with_their_blocks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Recording *rec = recording_new(arena, "bench");
        double values[] = { 1, 2, 3 };
        uint32_t blocks[] = { 0, 1, 1 };
        const Samples *found;

        recording_samples(rec, METRIC_TIME, SPAN("sort"), values, blocks, COUNT(values));
        recording_samples(rec, METRIC_TIME, SPAN("copy"), values, NULL, COUNT(values));
        values[0] = 9;
        blocks[0] = 9;
        found = recording_find_samples(rec, METRIC_TIME, SPAN("sort"));
        assert_int_equal(found->len, 3);
        assert_near(found->values[0], 1, 0);
        assert_int_equal(found->blocks[0], 0);
        assert_null(recording_find_samples(rec, METRIC_TIME, SPAN("copy"))->blocks);
        assert_null(recording_find_samples(rec, METRIC_TIME_USER, SPAN("sort")));
}

TEST(recording_that_is_full_says_so_and_stays_usable)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Recording *rec = recording_new(arena, "load");

        for (size_t i = 0; i < 100001; i++)
                recording_value(rec, METRIC_CPU, SPAN(""), 1, 1)->low = 0;
        assert_true(rec->overflowed);
        assert_int_equal(rec->values.len, 100000);
        assert_int_equal(rec->notes.len, 1);
        assert_int_equal(rec->notes.items[0].kind, NOTE_WARNING);
}

TEST(recording_in_a_full_arena_drops_and_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(32));
        Recording *rec = recording_new(arena, "load");
        static const double values[10000];

        recording_series(rec, METRIC_CPU, SPAN(""), 0, 1, values, COUNT(values));
        assert_true(rec->overflowed);
        assert_int_equal(rec->series.len, 0);
        for (size_t i = 0; i < 10000; i++)
                recording_value(rec, METRIC_CPU, SPAN("subject"), 1, 1);
        assert_true(rec->values.len > 0 && rec->values.len < 10000);
}

TEST(recording_notes_are_cut_where_they_are_too_long)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Recording *rec = recording_new(arena, "load");

        recording_note(rec, NOTE_ERROR_KIND, "%s: %d", "connection reset", 12);
        assert_span(rec->notes.items[0].text, "connection reset: 12");
        recording_note(rec, NOTE_WARNING, "%02000d", 1);
        assert_int_equal(rec->notes.items[1].text.len, 1023);
        assert_true(span_ends(rec->notes.items[1].text, "0..."));
}

TEST(change_verdict_knows_the_direction)
{
        assert_int_equal(change_verdict(EFFECT_UP, DIRECTION_LOWER), CHANGE_SLOWER);
        assert_int_equal(change_verdict(EFFECT_DOWN, DIRECTION_LOWER), CHANGE_FASTER);
        assert_int_equal(change_verdict(EFFECT_UP, DIRECTION_HIGHER), CHANGE_FASTER);
        assert_int_equal(change_verdict(EFFECT_DOWN, DIRECTION_HIGHER), CHANGE_SLOWER);
        assert_int_equal(change_verdict(EFFECT_UP, DIRECTION_NEITHER), CHANGE_UNKNOWN);
        assert_int_equal(change_verdict(EFFECT_SAME, DIRECTION_LOWER), CHANGE_SAME);
        assert_int_equal(change_verdict(EFFECT_UNKNOWN, DIRECTION_HIGHER), CHANGE_UNKNOWN);
}

TEST(every_list_has_its_names)
{
        assert_string_equal(change_verdict_name(CHANGE_UNKNOWN), "UNKNOWN");
        assert_string_equal(gate_verdict_name(GATE_INCONCLUSIVE), "INCONCLUSIVE");
        assert_string_equal(priority_name(PRIORITY_P3), "P3");
        assert_string_equal(effort_name(EFFORT_HIGH), "High");
        assert_string_equal(target_kind_name(TARGET_HOST), "host");
        assert_string_equal(noise_verdict_name(NOISE_UNKNOWN), "unknown");
        assert_string_equal(note_kind_name(NOTE_NOT_EXAMINED), "not examined");
}
