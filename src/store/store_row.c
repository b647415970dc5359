#include "store/store_int.h"

#include <inttypes.h>

int64_t number_column(uint64_t number)
{
        return (int64_t)MIN(number, (uint64_t)INT64_MAX);
}

RunRow row_of_run(const Run *run, Span document)
{
        const Recording *rec = run->recording;

        return (RunRow){ .wall_ns = number_column(rec->wall_ns),
                         .duration_ns = number_column(rec->duration_ns),
                         .partial = rec->partial,
                         .git_dirty = run->fingerprint.git_dirty,
                         .noise = span_of(noise_verdict_name(run->noise.verdict)),
                         .instrument = rec->instrument,
                         .target = run->target.text,
                         .label = run->label,
                         .group = run->group,
                         .git_revision = run->fingerprint.git_revision,
                         .document = document };
}

void row_bind(const RunRow *row, sqlite3_stmt *statement, int first)
{
        const int64_t numbers[] = { row->wall_ns, row->duration_ns, row->partial, row->git_dirty };
        const Span texts[] = { row->noise, row->instrument,   row->target,  row->label,
                               row->group, row->git_revision, row->document };

        for (size_t i = 0; i < COUNT(numbers); i++)
                sqlite3_bind_int64(statement, first++, numbers[i]);
        for (size_t i = 0; i < COUNT(texts); i++)
                sql_bind_span(statement, first++, texts[i]);
}

RunRow row_from(sqlite3_stmt *statement, int first)
{
        RunRow row = { 0 };
        int64_t *numbers[] = { &row.wall_ns, &row.duration_ns, &row.partial, &row.git_dirty };
        Span *texts[] = { &row.noise, &row.instrument,   &row.target,  &row.label,
                          &row.group, &row.git_revision, &row.document };

        for (size_t i = 0; i < COUNT(numbers); i++)
                *numbers[i] = sqlite3_column_int64(statement, first++);
        for (size_t i = 0; i < COUNT(texts); i++)
                *texts[i] = sql_column(statement, first++);
        return row;
}

/* SHA-256 over all columns; lengths in front of texts, so that no text can pass for two. */
int row_digest(const RunRow *row, char ret[static DIGEST_SIZE], Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(4 * LARGEST_DOCUMENT);
        const Span texts[] = { row->noise, row->instrument,   row->target,  row->label,
                               row->group, row->git_revision, row->document };
        Buf all = buf_in(scratch, LARGEST_DOCUMENT + MiB(4));
        int r;

        buf_printf(&all, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, row->wall_ns,
                   row->duration_ns, row->partial, row->git_dirty);
        for (size_t i = 0; i < COUNT(texts); i++) {
                buf_printf(&all, " %zu:", texts[i].len);
                buf_add(&all, texts[i]);
        }
        r = buf_check(&all, err);
        if (r == 0)
                digest_hex(buf_span(&all), ret);
        return r;
}
