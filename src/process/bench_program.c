/* Programs of hone_bench.h: one execution gives a value for each of its benchmarks. */

#include "process/bench_int.h"

#include <math.h>
#include <string.h>

#include "import/import.h"
#include "stats/quantile.h"

#define RESULT_MARK "{\"hone_bench\":" /* what a line of results begins with */
#define MOST_OUTPUT MiB(64)
#define MOST_SCRATCH MiB(512)

/* With several programs a benchmark is known by both names. */
static Span subject_of(const Bench *b, size_t side, Span benchmark, Arena *arena)
{
        if (b->plan->n_sides == 1)
                return benchmark;
        return span_of(arena_printf(arena, "%.*s: %.*s", SPAN_ARG(b->plan->sides[side].name),
                                    SPAN_ARG(benchmark)));
}

static int put_samples(Bench *b, size_t side, size_t block, const Samples *samples, Arena *scratch,
                       Error *err)
{
        double *sorted = new_try(scratch, double, samples->len);
        ptrdiff_t column;

        if (!sorted)
                return fail(err, ERR_LIMIT, "%zu samples are more than fit in memory",
                            samples->len);
        memcpy(sorted, samples->values, samples->len * sizeof(*sorted));
        sort_doubles(sorted, samples->len);
        column = bench_column(b, side, samples->metric,
                              subject_of(b, side, samples->subject, scratch), err);
        if (column < 0)
                return (int)column;
        return bench_put(b, (size_t)column, block, median_sorted(sorted, samples->len), err);
}

static int fail_silent(const Bench *b, size_t side, Error *err)
{
        Span name = b->plan->sides[side].name;

        if (b->plan->filter)
                return fail(err, ERR_FAILED, "'%.*s' has no benchmark that matches '%s'",
                            SPAN_ARG(name), b->plan->filter);
        fail(err, ERR_FAILED, "'%.*s' printed no benchmark", SPAN_ARG(name));
        return fail_hint(err, "--c takes programs that use hone_bench.h; without it hone bench "
                              "measures any command");
}

/* What is there in one block and not in another is no benchmark that could be compared. */
static int check_whole(const Bench *b, size_t side, size_t block, Error *err)
{
        for (size_t i = 0; i < b->columns.len; i++) {
                const BenchColumn *c = &b->columns.items[i];

                if (c->side == side && (c->len <= block || isnan(c->values[0])))
                        return fail(err, ERR_FAILED,
                                    "'%.*s' did not print the benchmark '%.*s' in every execution",
                                    SPAN_ARG(b->plan->sides[side].name), SPAN_ARG(c->subject));
        }
        return 0;
}

/* What a program says about its own numbers must not get lost, nor fill the report. */
static void keep_warnings(Bench *b, const Imported *imported)
{
        vec_each (const Note, note, &imported->recording->notes) {
                if (note->kind != NOTE_WARNING)
                        continue;
                if (b->n_warnings++ == 0)
                        b->warning = span_copy(b->arena, note->text);
        }
        if (imported->n_unknown && b->n_unknown == 0 && imported->unknown.len)
                b->unknown = span_copy(b->arena, imported->unknown.items[0].text);
        b->n_unknown += imported->n_unknown;
}

/* Half a result is told by the reader with its line. */
static bool ends_in_a_mark(Span output)
{
        Span line, last = { 0 };

        while (span_next_line(&output, &line))
                last = line;
        return last.len && span_eq(last, span_first(span_of(RESULT_MARK), last.len));
}

static int read_output(Bench *b, size_t side, size_t block, const ExecSample *sample,
                       Arena *scratch, Error *err)
{
        Span name = b->plan->sides[side].name;
        Imported imported;
        int r;

        if (sample->output_truncated)
                return fail(err, ERR_LIMIT, "'%.*s' printed more than %zu MiB", SPAN_ARG(name),
                            MOST_OUTPUT >> 20);
        if (!span_contains(sample->output, RESULT_MARK) && !ends_in_a_mark(sample->output))
                return fail_silent(b, side, err);
        r = import_text(&(ImportPlan){ .name = span_text(scratch, name),
                                       .text = sample->output,
                                       .format = import_format_find(SPAN("hone_bench")) },
                        scratch, &imported, err);
        if (r < 0)
                return fail_while(err, "reading what '%.*s' printed", SPAN_ARG(name));
        if (imported.recording->samples.len == 0)
                return fail_silent(b, side, err);
        keep_warnings(b, &imported);
        for (size_t i = 0; r == 0 && i < imported.recording->samples.len; i++)
                r = put_samples(b, side, block, &imported.recording->samples.items[i], scratch,
                                err);
        return r < 0 ? r : check_whole(b, side, block, err);
}

int bench_measure_program(Bench *b, size_t side, size_t block, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MOST_SCRATCH);
        ExecSample sample;
        int r = bench_execute(b, side, MOST_OUTPUT, scratch, &sample, err);

        return r < 0 ? r : read_output(b, side, block, &sample, scratch, err);
}
