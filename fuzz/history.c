/* Whatever a store says was known of a series, its history is found, and its changes are in order
 * and inside of it. The same bytes as notes are refused or belong to nothing. */
#include "analysis/history_notes.h"

#include <math.h>

#define N 220

static const Span words = { "x", 1 };

static MetricPoint *series(Arena *arena)
{
        MetricPoint *points = new (arena, MetricPoint, N);
        Span *revisions = new (arena, Span, N);

        for (size_t i = 0; i < N; i++) {
                revisions[i] = span_of(arena_printf(arena, "%040d", (int)i));
                points[i] = (MetricPoint){ .run_id = i + 1,
                                           .wall_ns = i,
                                           .value = 100 + (double)(i % 7) + (i > 100 ? 20 : 0),
                                           .instrument = &words,
                                           .target = &words,
                                           .label = &words,
                                           .git_revision = &revisions[i],
                                           .machine_id = &words };
        }
        return points;
}

static History check_known(const MetricPoint *points, Span known, Arena *arena)
{
        HistoryName name = history_name(metric_def(METRIC_TIME), (Span){ 0 });
        History h;

        BUG_IF(history_build(&(HistoryPart){ points, N }, &name, &(HistoryPlan){ 0 }, known, arena,
                             &h, NULL) < 0);
        BUG_IF(h.len != N);
        for (size_t i = 0; i < h.n_changes; i++) {
                const HistoryChange *c = &h.changes[i];

                BUG_IF(c->point.at >= N || c->good > c->bad || c->bad >= N);
                BUG_IF(i && c->point.at <= h.changes[i - 1].point.at);
        }
        return h;
}

/* What was really known with some of its bytes changed: two for the place, one to stand there. */
static Span damage(Span known, Span by, Arena *arena)
{
        char *bytes = span_text(arena, known);

        for (size_t i = 0; i + 3 <= by.len && known.len; i += 3) {
                size_t at = (size_t)(unsigned char)by.ptr[i] << 8 | (unsigned char)by.ptr[i + 1];

                bytes[at % known.len] = by.ptr[i + 2];
        }
        return (Span){ bytes, known.len };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Span text = { (const char *)data, size };
        const MetricPoint *points;
        HistoryNotes notes;
        Span known;
        Error err = { 0 };

        points = series(arena);
        known = check_known(points, text, arena).known;
        check_known(points, damage(known, text, arena), arena);
        if (history_notes_parse(text, arena, &notes, &err) < 0)
                BUG_IF(!err.code || !err.message[0]);
        return 0;
}
