#include "harness.h"

#include "analysis/history_notes.h"
#include "base/fs.h"

#include <stdlib.h>

static HistoryPoint points[20];
static HistoryChange changes[2];

static History example(void)
{
        for (size_t i = 0; i < COUNT(points); i++)
                points[i] = (HistoryPoint){ .run_id = i + 1 };
        points[5].revision = SPAN("5555555555");
        points[6].revision = SPAN("6666666666");
        changes[0] = (HistoryChange){ .point = { .at = 6 }, .good = 4, .bad = 7 };
        changes[1] = (HistoryChange){ .point = { .at = 15 }, .good = 14, .bad = 15 };
        return (History){ .name = history_name(metric_def(METRIC_TIME), SPAN("sort")),
                          .points = points,
                          .len = COUNT(points),
                          .changes = changes,
                          .n_changes = COUNT(changes) };
}

static Store *open_store(Arena *arena, const char *path)
{
        Store *store = NULL;
        Error err = { 0 };

        assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
        return store;
}

TEST(notes_are_kept_and_come_back_to_their_change)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        char dir[] = "/tmp/hone-notes-XXXXXX";
        AUTO(store_closep) Store *store = NULL;
        HistoryNotes notes;
        History h = example();
        Error err = { 0 };

        assert_non_null(mkdtemp(dir));
        store = open_store(arena, path_join(arena, dir, "hone.db"));
        assert_ok(history_notes_read(store, arena, &notes, &err), err);
        assert_int_equal(notes.items.len, 0);
        assert_ok(history_notes_add(&notes, &h, &changes[0], SPAN("first"), 1, &err), err);
        assert_ok(history_notes_add(&notes, &h, &changes[0], SPAN(" gcc \"13\"\n "), 2, &err), err);
        assert_ok(history_notes_add(&notes, &h, &changes[1], SPAN("no commit"), 3, &err), err);
        assert_int_equal(notes.items.len, 2); /* the second took the place of the first */
        assert_ok(history_notes_write(store, &notes, arena, &err), err);
        assert_ok(history_notes_read(store, arena, &notes, &err), err);
        history_notes_apply(&notes, &h);
        assert_span(changes[0].note, "gcc \"13\"");
        assert_span(changes[1].note, "no commit");
        assert_span(notes.items.items[1].at, "run 16");
        assert_int_equal(notes.items.items[0].wall_ns, 2);
        assert_ok(tree_remove(dir, &err), err);
}

TEST(note_stays_with_its_change_when_that_moves_a_little)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        HistoryNotes notes;
        History h = example();
        Error err = { 0 };

        assert_ok(history_notes_parse(SPAN("[]"), arena, &notes, &err), err);
        assert_ok(history_notes_add(&notes, &h, &changes[0], SPAN("here"), 1, &err), err);
        h = example();
        changes[0].point.at = 5; /* the interval still holds the commit */
        history_notes_apply(&notes, &h);
        assert_span(changes[0].note, "here");
        assert_int_equal(changes[1].note.len, 0);
        h = example();
        changes[0].good = 6; /* and now it does not */
        history_notes_apply(&notes, &h);
        assert_int_equal(changes[0].note.len, 0);
        h = example();
        h.name.subject = SPAN("search");
        history_notes_apply(&notes, &h);
        assert_int_equal(changes[0].note.len, 0);
}

TEST(notes_that_say_nothing_or_too_much_are_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *text = new (arena, char, HISTORY_LONGEST_NOTE + 1);
        HistoryNotes notes;
        History h = example();
        Error err = { 0 };

        memset(text, 'x', HISTORY_LONGEST_NOTE + 1);
        assert_ok(history_notes_parse(SPAN("[]"), arena, &notes, &err), err);
        assert_fails(history_notes_add(&notes, &h, &changes[0], SPAN(" \n"), 1, &err), err,
                     ERR_USAGE);
        assert_fails(history_notes_add(&notes, &h, &changes[0],
                                       (Span){ text, HISTORY_LONGEST_NOTE + 1 }, 1, &err),
                     err, ERR_USAGE);
        assert_int_equal(notes.items.len, 0);
}

TEST(notes_that_are_damaged_are_an_error_with_a_place)
{
        static const char *const texts[] = { "", "{}", "[3]", "[{\"metric\": \"time\"}]", "[" };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        for (size_t i = 0; i < COUNT(texts); i++) {
                HistoryNotes notes;
                Error err = { 0 };

                assert_fails(history_notes_parse(span_of(texts[i]), arena, &notes, &err), err,
                             ERR_INPUT);
                assert_true(span_starts(span_of(err.message), HISTORY_NOTES_DOCUMENT));
        }
}
