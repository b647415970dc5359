#include "analysis/history_notes.h"

#include "base/json.h"

#include <inttypes.h>

#define MOST_NOTES 100000
#define LARGEST_NOTES MiB(32)

static const Field note_fields[] = {
        { "metric", FIELD_TEXT, offsetof(HistoryNote, metric), true, NULL },
        { "subject", FIELD_TEXT, offsetof(HistoryNote, subject), true, NULL },
        { "at", FIELD_TEXT, offsetof(HistoryNote, at), true, NULL },
        { "text", FIELD_TEXT, offsetof(HistoryNote, text), true, NULL },
        { "wall_ns", FIELD_COUNT, offsetof(HistoryNote, wall_ns), true, NULL },
};

int history_notes_parse(Span text, Arena *arena, HistoryNotes *ret, Error *err)
{
        HistoryNotes notes = { .arena = arena, .items = VEC_INIT(MOST_NOTES) };
        Document doc;
        int r = json_parse_strict(text, HISTORY_NOTES_DOCUMENT, arena, &doc, err);

        if (r == 0)
                r = value_expect(&doc, doc.root, VALUE_LIST, err);
        if (r < 0)
                return r;
        value_each (at, doc.root) {
                HistoryNote *note = vec_add(arena, &notes.items);

                if (!note)
                        return value_fail(err, &doc, at, "more than %d notes", MOST_NOTES);
                r = value_read_fields(&doc, at, note_fields, COUNT(note_fields), note, err);
                if (r < 0)
                        return r;
        }
        *ret = notes;
        return 0;
}

int history_notes_read(Store *store, Arena *arena, HistoryNotes *ret, Error *err)
{
        Error cause = { 0 };
        Span text;
        int r = store_get_document(store, HISTORY_NOTES_DOCUMENT, arena, &text, &cause);

        if (r < 0 && cause.code == ERR_NOT_FOUND) {
                *ret = (HistoryNotes){ .arena = arena, .items = VEC_INIT(MOST_NOTES) };
                return 0;
        }
        if (r < 0) {
                if (err)
                        *err = cause;
                return r;
        }
        return history_notes_parse(text, arena, ret, err);
}

/* What names a point: its revision, or its run. */
static Span name_of(const HistoryPoint *point, char room[static 32])
{
        if (point->revision.len)
                return point->revision;
        snprintf(room, 32, "run %" PRIu64, point->run_id);
        return span_of(room);
}

static bool is_about(const HistoryNote *note, const History *h)
{
        return span_eq(note->metric, h->name.name) && span_eq(note->subject, h->name.subject);
}

static void apply_to(const HistoryNote *note, History *h, HistoryChange *change)
{
        for (size_t i = change->good + 1; i <= change->bad && i < h->len; i++) {
                char room[32];

                if (span_eq(note->at, name_of(&h->points[i], room)))
                        change->note = note->text;
        }
}

void history_notes_apply(const HistoryNotes *notes, History *history)
{
        for (size_t i = 0; i < notes->items.len; i++)
                for (size_t c = 0;
                     c < history->n_changes && is_about(&notes->items.items[i], history); c++)
                        apply_to(&notes->items.items[i], history, &history->changes[c]);
}

/* The note that is there already, or a new one. */
static HistoryNote *slot_for(HistoryNotes *notes, const History *h, Span at)
{
        for (size_t i = 0; i < notes->items.len; i++) {
                HistoryNote *note = &notes->items.items[i];

                if (is_about(note, h) && span_eq(note->at, at))
                        return note;
        }
        return vec_add(notes->arena, &notes->items);
}

int history_notes_add(HistoryNotes *notes, const History *history, const HistoryChange *change,
                      Span text, uint64_t now_ns, Error *err)
{
        char room[32];
        Span at = name_of(&history->points[change->point.at], room);
        HistoryNote *note;

        text = span_trim(text);
        if (text.len == 0)
                return fail(err, ERR_USAGE, "a note needs words");
        if (text.len > HISTORY_LONGEST_NOTE)
                return fail(err, ERR_USAGE, "a note has at most %d bytes", HISTORY_LONGEST_NOTE);
        note = slot_for(notes, history, at);
        if (!note)
                return fail(err, ERR_LIMIT, "more than %d notes", MOST_NOTES);
        *note = (HistoryNote){ .metric = history->name.name,
                               .subject = history->name.subject,
                               .at = span_copy(notes->arena, at),
                               .text = span_copy(notes->arena, text),
                               .wall_ns = now_ns };
        return 0;
}

int history_notes_write(Store *store, const HistoryNotes *notes, Arena *arena, Error *err)
{
        Buf out = buf_in(arena, LARGEST_NOTES);
        JsonWriter w = json_to(&out, false);
        int r;

        json_open_array(&w);
        for (size_t i = 0; i < notes->items.len; i++) {
                const HistoryNote *note = &notes->items.items[i];

                json_open_object(&w);
                json_key(&w, "metric");
                json_span(&w, note->metric);
                json_key(&w, "subject");
                json_span(&w, note->subject);
                json_key(&w, "at");
                json_span(&w, note->at);
                json_key(&w, "text");
                json_span(&w, note->text);
                json_key(&w, "wall_ns");
                json_u64(&w, note->wall_ns);
                json_close_object(&w);
        }
        json_close_array(&w);
        r = buf_check(&out, err);
        return r < 0 ? r : store_put_document(store, HISTORY_NOTES_DOCUMENT, buf_span(&out), err);
}
