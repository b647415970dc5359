/* What an ab measured, as two runs: medians with their intervals, and every value with its block.
 */

#include "base/json.h"
#include "process/ab_int.h"
#include "process/measure.h"

/* Also what only one side printed. */
static Span incomplete_of(const Ab *ab)
{
        const AbRow *first;
        size_t n = ab_table_incomplete(&ab->table, ab->result->blocks.n_blocks, &first);

        if (n == 0)
                return (Span){ 0 };
        return span_of(arena_printf(ab->arena,
                                    "%zu result%s that not every execution had, such as %s%s%.*s",
                                    n, n == 1 ? "" : "s", metric_def(first->metric)->name,
                                    first->subject.len ? " of " : "", SPAN_ARG(first->subject)));
}

static void put_values(const Ab *ab, size_t side, Recording *rec, const uint32_t *numbers)
{
        size_t n = ab->result->blocks.n_blocks;
        double *sorted = new (ab->arena, double, n);
        BlockRow *rows = new (ab->arena, BlockRow, ab->table.rows.len + 1);
        size_t n_rows = ab_table_rows(&ab->table, n, false, rows);

        for (size_t i = 0; i < n_rows; i++) {
                const double *values = side == AB_SIDE_A ? rows[i].a : rows[i].b;
                MetricValue *item;
                Interval interval;

                for (size_t k = 0; k < n; k++)
                        sorted[k] = values[k];
                sort_doubles(sorted, n);
                interval = quantile_interval(sorted, n, 0.5, 0.95);
                item = recording_value(rec, rows[i].metric, rows[i].subject,
                                       median_sorted(sorted, n), n);
                item->low = interval.low;
                item->high = interval.high;
                recording_samples(rec, rows[i].metric, rows[i].subject, values, numbers, n);
        }
}

static Recording *recording_of(const Ab *ab, size_t side, uint64_t wall_ns)
{
        size_t n = ab->result->blocks.n_blocks;
        uint32_t *numbers = new (ab->arena, uint32_t, n);
        Recording *rec = recording_new(ab->arena, "bench");

        for (size_t i = 0; i < n; i++)
                numbers[i] = (uint32_t)i;
        rec->tier = span_of(ab_kind_name(ab->plan->kind));
        rec->wall_ns = wall_ns;
        rec->duration_ns = ab->result->blocks.elapsed_ns;
        rec->partial = ab->result->blocks.stop == BLOCKS_INTERRUPTED;
        put_values(ab, side, rec, numbers);
        recording_note(rec, NOTE_EXAMINED, "%s, in %zu blocks interleaved with %s",
                       ab->plan->sides[side], n, ab->plan->sides[!side]);
        if (ab->result->experiment.left_out.len)
                recording_note(rec, NOTE_NOT_EXAMINED, "%.*s",
                               SPAN_ARG(ab->result->experiment.left_out));
        return rec;
}

static Span plan_json(const AbPlan *plan, Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));
        JsonWriter w = json_to(&out, false);
        const struct {
                const char *key, *text;
        } texts[] = { { "kind", ab_kind_name(plan->kind) },
                      { "a", plan->sides[AB_SIDE_A] },
                      { "b", plan->sides[AB_SIDE_B] },
                      { "setup", plan->setup } };

        json_open_object(&w);
        for (size_t i = 0; i < COUNT(texts); i++)
                if (texts[i].text) {
                        json_key(&w, texts[i].key);
                        json_text(&w, texts[i].text);
                }
        if (plan->argv) {
                json_key(&w, "command");
                json_open_array(&w);
                for (const char *const *word = plan->argv; *word; word++)
                        json_text(&w, *word);
                json_close_array(&w);
        }
        json_key(&w, "alpha");
        json_double(&w, ab_alpha(plan));
        json_key(&w, "tolerance");
        json_double(&w, plan->tolerance);
        json_key(&w, "seed");
        json_u64(&w, plan->seed);
        json_close_object(&w);
        return buf_span(&out);
}

void ab_record(Ab *ab, uint64_t wall_ns)
{
        AbResult *result = ab->result;
        Span group = measure_group("ab", ab->plan->os, ab->arena);

        result->experiment.left_out = incomplete_of(ab);
        for (size_t side = 0; side < AB_SIDES; side++) {
                Run *run = new (ab->arena, Run, 1);
                Span text = span_of(ab->plan->sides[side]);

                *run = (Run){ .label = side == AB_SIDE_A ? SPAN("a") : SPAN("b"),
                              .group = group,
                              .target = { .kind = ab->plan->kind == AB_SERVICES ? TARGET_URL
                                                                                : TARGET_COMMAND,
                                          .text = text },
                              .plan_json = plan_json(ab->plan, ab->arena),
                              .fingerprint = ab->fingerprint,
                              .noise = result->experiment.noise,
                              .recording = recording_of(ab, side, wall_ns) };
                if (result->experiment.revisions[side].len) {
                        run->fingerprint.git_revision = result->experiment.revisions[side];
                        run->fingerprint.git_dirty = false;
                }
                result->runs[side] = run;
        }
}
