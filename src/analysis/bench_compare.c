/* Each benchmark against its reference, block by block where there are blocks. */

#include "analysis/bench_int.h"

#include <math.h>
#include <string.h>

#include "analysis/compare.h"
#include "base/vec.h"

#define DEFAULT_ALPHA 0.05
#define MEMORY_TOLERANCE 0.10 /* it comes in pages, and moves more than time */
#define DEFAULT_TOLERANCE 0.02
#define MOST_CHANGES 100000

/* Beside the row's own metric: what a change may have traded its time for. Few, so that Holm's
 * correction leaves power. */
static const MetricId further_metrics[] = { METRIC_MEMORY, METRIC_INSTRUCTIONS, METRIC_ALLOCATIONS,
                                            METRIC_ALLOCATED };

/* "old: sort": the program; empty when it is none of those asked about. */
static Span program_of(const BenchQuestion *question, Span subject)
{
        for (size_t i = 0; i < question->n_programs; i++) {
                Span program = question->programs[i];

                if (subject.len > program.len + 2 &&
                    span_eq(span_first(subject, program.len), program) &&
                    span_starts(span_from(subject, program.len), ": "))
                        return program;
        }
        return (Span){ 0 };
}

static int fail_reference(const BenchReport *report, Span reference, Error *err)
{
        fail(err, ERR_NOT_FOUND, "there is no benchmark '%.*s' to compare with",
             SPAN_ARG(reference));
        return fail_hint(err, "the first one measured is '%.*s'", SPAN_ARG(report->rows[0].title));
}

/* All against one row. */
static int refer_to_row(BenchReport *report, const BenchQuestion *question, Error *err)
{
        size_t at = 0;

        if (question->reference.len == 0 && question->alone)
                return 0;
        if (question->reference.len) {
                while (at < report->len &&
                       !span_eq(report->rows[at].subject, question->reference) &&
                       !span_eq(report->rows[at].title, question->reference))
                        at++;
                if (at == report->len)
                        return fail_reference(report, question->reference, err);
        }
        for (size_t i = 0; i < report->len; i++)
                if (report->rows[i].metric == report->rows[at].metric)
                        report->rows[i].reference = at;
        return 0;
}

/* Each against the benchmark of the same name in another program. */
static int refer_to_program(BenchReport *report, const BenchQuestion *question, Error *err)
{
        Span reference = question->reference.len ? question->reference : question->programs[0];
        bool found = false;

        for (size_t i = 0; i < report->len; i++) {
                Span program = program_of(question, report->rows[i].subject);
                Span name = span_from(report->rows[i].subject, program.len);

                found |= span_eq(program, reference);
                for (size_t k = 0; program.len && k < report->len; k++)
                        if (span_eq(program_of(question, report->rows[k].subject), reference) &&
                            span_eq(span_from(report->rows[k].subject, reference.len), name) &&
                            report->rows[k].metric == report->rows[i].metric)
                                report->rows[i].reference = k;
        }
        return found ? 0 : fail_reference(report, reference, err);
}

/* Measured side by side, in the same blocks? */
static bool shares_blocks(const Samples *a, const Samples *b)
{
        return a->blocks && b->blocks && a->len == b->len &&
               memcmp(a->blocks, b->blocks, a->len * sizeof(*a->blocks)) == 0;
}

typedef VEC(SetRow) SetRows;

static int add_row(SetRows *rows, const Samples *a, const Samples *b, Arena *arena, Error *err)
{
        bool paired = shares_blocks(a, b), is_count = b->metric == METRIC_INSTRUCTIONS;
        SetRow *row = vec_add(arena, rows);

        if (!row)
                return fail(err, ERR_LIMIT, "more than %d comparisons", MOST_CHANGES);
        *row = (SetRow){ .metric = b->metric,
                         .subject = b->subject,
                         .a = a->values,
                         .b = b->values,
                         .n_a = a->len,
                         .n_b = b->len,
                         .paired = paired,
                         .min_effect = paired || is_count ? 0 : BENCH_APART_FLOOR,
                         .tolerance = b->metric == METRIC_MEMORY ? MEMORY_TOLERANCE : 0 };
        return 0;
}

/* Its own metric, then the further ones that both have. */
static int add_rows_of(SetRows *rows, const BenchReport *report, const BenchRow *row, Arena *arena,
                       Error *err)
{
        const BenchRow *reference = &report->rows[row->reference];
        int r = add_row(rows, reference->samples, row->samples, arena, err);

        for (size_t i = 0; r == 0 && i < COUNT(further_metrics); i++) {
                const Samples *a = recording_find_samples(report->recording, further_metrics[i],
                                                          reference->subject);
                const Samples *b =
                        recording_find_samples(report->recording, further_metrics[i], row->subject);

                if (a && b && a->len && b->len && row->metric != further_metrics[i])
                        r = add_row(rows, a, b, arena, err);
        }
        return r;
}

int bench_compare(BenchReport *report, const BenchQuestion *question, Arena *arena, Error *err)
{
        ComparePlan plan = {
                .alpha = question->alpha > 0 ? question->alpha : DEFAULT_ALPHA,
                .tolerance = question->tolerance > 0 ? question->tolerance : DEFAULT_TOLERANCE,
        };
        SetRows rows = VEC_INIT(MOST_CHANGES);
        int r = 0;

        if (report->len == 0)
                return 0;
        if (question->n_programs > 1)
                r = refer_to_program(report, question, err);
        else
                r = refer_to_row(report, question, err);
        for (size_t i = 0; r == 0 && i < report->len; i++)
                if (report->rows[i].reference != i)
                        r = add_rows_of(&rows, report, &report->rows[i], arena, err);
        return r < 0 ? r
                     : compare_sets(rows.items, rows.len, &plan, arena, &report->comparison, err);
}
