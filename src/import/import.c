/* A reading: what the readers report is gathered by benchmark and made a Recording at the end. */

#include "import/import_int.h"

#include "base/os.h"
#include "stats/quantile.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

#define MOST_BENCHMARKS 90000 /* what a Recording holds, with room for its own values */
#define MOST_SAMPLES 20000000 /* of all benchmarks together */
#define MOST_UNKNOWN 1000     /* kept; all are counted */
#define MOST_NOTES 500        /* of what the file says; a Recording holds 1000 */
#define UNKNOWN_TEXT 200      /* bytes kept of each */
#define LONGEST_SUBJECT KiB(4)
/* Of a reading: a JSON document takes about ten times its size. */
#define SCRATCH_CEILING GiB(2)
#define CONFIDENCE 0.95

/* --- which benchmark --- */

static bool is_custom(MetricId metric)
{
        return metric == METRIC_CUSTOM || metric == METRIC_CUSTOM_LOWER ||
               metric == METRIC_CUSTOM_HIGHER;
}

static bool is_of(const Benchmark *b, const ImportUnit *unit)
{
        return b->metric == unit->metric && (!is_custom(b->metric) || span_eq(b->unit, unit->text));
}

/* {NULL, 0} when there is no room. */
static Span copy_try(Arena *arena, Span text)
{
        char *copy = new_try(arena, char, text.len + 1);

        if (copy && text.len)
                memcpy(copy, text.ptr, text.len);
        return copy ? (Span){ copy, text.len } : (Span){ 0 };
}

static Benchmark *new_benchmark(Import *in, MapSlot *slot, Span subject, const ImportUnit *unit)
{
        Benchmark *b = new_try(in->gathered, Benchmark, 1);
        Benchmark **listed = b ? vec_add(in->gathered, &in->benchmarks) : NULL;

        if (!listed)
                return NULL;
        *b = (Benchmark){ .metric = unit->metric,
                          .subject = subject,
                          .unit = copy_try(in->gathered, unit->text),
                          .next = slot->pointer };
        b->values.ceiling = MOST_SAMPLES;
        b->blocks.ceiling = MOST_SAMPLES;
        *listed = b;
        slot->pointer = b;
        return b;
}

static uint64_t line_of_file(const Import *in, uint64_t line)
{
        return line ? line + in->lines_before : 0;
}

static int fail_full(const Import *in, Error *err, uint64_t line)
{
        line = line_of_file(in, line);
        return fail(err, ERR_LIMIT, "%s:%" PRIu64 ": more results than fit", in->plan->name, line);
}

/* Benchmarks of one subject are a chain, one for each metric. */
static int find_benchmark(Import *in, Span subject, const ImportUnit *unit, uint64_t line,
                          Benchmark **ret, Error *err)
{
        Benchmark *b = in->last;
        MapSlot *slot;

        if (b && is_of(b, unit) && span_eq(b->subject, subject)) {
                *ret = b;
                return 0;
        }
        if (subject.len > LONGEST_SUBJECT)
                return import_fail(in, err, line, "the name of a benchmark has %zu bytes",
                                   subject.len);
        slot = map_find(&in->by_subject, subject);
        for (b = slot ? slot->pointer : NULL; b && !is_of(b, unit); b = b->next)
                ;
        if (!b) {
                if (!slot) {
                        subject = copy_try(in->gathered, subject);
                        slot = subject.ptr ? map_add(&in->by_subject, subject) : NULL;
                }
                b = slot ? new_benchmark(in, slot, slot->key, unit) : NULL;
        }
        if (!b)
                return fail_full(in, err, line);
        in->last = *ret = b;
        return 0;
}

/* --- what the readers call --- */

int import_fail(const Import *in, Error *err, uint64_t line, const char *format, ...)
{
        char message[400];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        line = line_of_file(in, line);
        if (line == 0)
                return fail(err, ERR_INPUT, "%s: %s", in->plan->name, message);
        return fail(err, ERR_INPUT, "%s:%" PRIu64 ": %s", in->plan->name, line, message);
}

static int check_value(const Import *in, Span subject, const ImportUnit *unit, double value,
                       uint64_t line, Error *err)
{
        subject = span_first(subject, UNKNOWN_TEXT);
        if (!isfinite(value))
                return import_fail(in, err, line, "'%.*s' is not a finite number",
                                   SPAN_ARG(subject));
        if (value < 0 && !is_custom(unit->metric))
                return import_fail(in, err, line, "%s of '%.*s' is below zero: %g",
                                   metric_def(unit->metric)->name, SPAN_ARG(subject), value);
        return 0;
}

static int add_value(Import *in, Benchmark *b, double value, uint64_t line, Error *err)
{
        double *slot = in->n_samples < MOST_SAMPLES ? vec_add(in->gathered, &b->values) : NULL;

        if (!slot)
                return fail_full(in, err, line);
        *slot = value;
        in->n_samples++;
        return 0;
}

static void keep_unknown(Import *in, uint64_t line, Span text, const char *why)
{
        UnknownLine *slot = vec_add(in->arena, &in->ret.unknown);
        Span reason = copy_try(in->arena, span_of(why));

        in->ret.n_unknown++;
        if (!slot)
                return;
        *slot = (UnknownLine){ .line = line,
                               .text = copy_try(in->arena, span_first(text, UNKNOWN_TEXT)),
                               .why = reason.ptr ? reason.ptr : "" };
}

void import_unknown(Import *in, uint64_t line, Span text, const char *why)
{
        keep_unknown(in, line_of_file(in, line), text, why);
}

void import_at_line(Import *in, uint64_t line)
{
        in->lines_before = line - 1;
}

static int put_sample(Import *in, Span subject, ImportUnit unit, double value, uint64_t line,
                      Benchmark **ret, Error *err)
{
        Benchmark *b;
        int r;

        value *= unit.scale;
        r = check_value(in, subject, &unit, value, line, err);
        if (r == 0)
                r = find_benchmark(in, subject, &unit, line, &b, err);
        if (r < 0)
                return r;
        if (b->summaries && b->values.len) {
                keep_unknown(in, b->line, b->subject, "a summary of what has samples too");
                b->values.len = 0;
        }
        b->summaries = false;
        *ret = b;
        return add_value(in, b, value, line, err);
}

int import_sample(Import *in, Span subject, ImportUnit unit, double value, uint64_t line,
                  Error *err)
{
        Benchmark *b;

        return put_sample(in, subject, unit, value, line, &b, err);
}

int import_sample_in_block(Import *in, Span subject, ImportUnit unit, double value, uint32_t block,
                           uint64_t line, Error *err)
{
        Benchmark *b;
        uint32_t *slot;
        int r = put_sample(in, subject, unit, value, line, &b, err);

        if (r < 0 || b->blocks.len + 1 != b->values.len)
                return r;
        slot = vec_add(in->gathered, &b->blocks);
        if (!slot)
                return fail_full(in, err, line);
        *slot = block;
        return 0;
}

int import_summary(Import *in, Span subject, ImportUnit unit, double value, double low, double high,
                   uint64_t n, uint64_t line, Error *err)
{
        Benchmark *b;
        int r;

        value *= unit.scale;
        r = check_value(in, subject, &unit, value, line, err);
        if (r == 0)
                r = find_benchmark(in, subject, &unit, line, &b, err);
        if (r < 0)
                return r;
        if (b->values.len && !b->summaries) {
                import_unknown(in, line, subject, "a summary of what has samples too");
                return 0;
        }
        if (b->values.len == 0) {
                b->summaries = true;
                b->low = low * unit.scale;
                b->high = high * unit.scale;
                b->n = n;
                b->line = line_of_file(in, line);
        }
        return add_value(in, b, value, line, err);
}

/* A file may say the same a thousand times. */
static bool is_told(const Recording *rec, NoteKind kind, Span text)
{
        for (size_t i = rec->notes.len; i > 0; i--)
                if (rec->notes.items[i - 1].kind == kind &&
                    span_eq(rec->notes.items[i - 1].text, text))
                        return true;
        return false;
}

static void note(Import *in, NoteKind kind, const char *format, va_list args)
{
        Recording *rec = in->ret.recording;
        char text[KiB(1)];

        if (rec->notes.len >= MOST_NOTES)
                return;
        (void)vsnprintf(text, sizeof(text), format, args);
        if (is_told(rec, kind, span_of(text)))
                return;
        if (rec->notes.len == MOST_NOTES - 1) {
                recording_note(rec, NOTE_WARNING, "the file says more than is kept here");
                return;
        }
        recording_note(in->ret.recording, kind, "%s", text);
}

void import_says(Import *in, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        note(in, NOTE_EXAMINED, format, args);
        va_end(args);
}

void import_warns(Import *in, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        note(in, NOTE_WARNING, format, args);
        va_end(args);
}

void import_error_kind(Import *in, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        note(in, NOTE_ERROR_KIND, format, args);
        va_end(args);
}

void import_tool(Import *in, const char *format, ...)
{
        char text[KiB(1)];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        in->ret.recording->tier = copy_try(in->arena, span_of(text));
}

/* "unversioned" and "unknown" are none. */
static bool is_revision(Span text)
{
        for (size_t i = 0; i < text.len; i++)
                if (!strchr("0123456789abcdef", text.ptr[i]) || text.ptr[i] == '\0')
                        return false;
        return text.len >= 7 && text.len <= 64;
}

void import_revision(Import *in, Span revision)
{
        if (is_revision(revision))
                in->ret.revision = copy_try(in->arena, revision);
}

void import_machine(Import *in, Span machine)
{
        in->ret.machine = copy_try(in->arena, span_first(machine, UNKNOWN_TEXT));
}

Recording *import_recording(Import *in)
{
        return in->ret.recording;
}

Arena *import_arena(Import *in)
{
        return in->scratch;
}

const char *import_name(const Import *in)
{
        return in->plan->name;
}

ImportUnit import_bare_unit(const Import *in, const char *unless_asked)
{
        return import_unit(span_of(in->plan->unit ? in->plan->unit : unless_asked));
}

/* --- the recording --- */

static Span shown_subject(Import *in, const Benchmark *b)
{
        Buf out = buf_in(in->gathered, LONGEST_SUBJECT * 2);

        if (!is_custom(b->metric) || b->unit.len == 0)
                return b->subject;
        buf_printf(&out, "%.*s [%.*s]", SPAN_ARG(b->subject), SPAN_ARG(b->unit));
        return buf_span(&out);
}

static int record_benchmark(Import *in, const Benchmark *b, Error *err)
{
        Recording *rec = in->ret.recording;
        Span subject = shown_subject(in, b);
        size_t n = b->values.len;
        double *sorted = new_try(in->gathered, double, n);
        MetricValue *value;
        Interval interval;

        if (!sorted)
                return fail_full(in, err, b->line);
        if (b->summaries && n == 1) {
                value = recording_value(rec, b->metric, subject, b->values.items[0], b->n);
                value->low = b->low;
                value->high = b->high;
                return 0;
        }
        memcpy(sorted, b->values.items, n * sizeof(*sorted));
        sort_doubles(sorted, n);
        interval = quantile_interval(sorted, n, 0.5, CONFIDENCE);
        value = recording_value(rec, b->metric, subject, median_sorted(sorted, n), n);
        value->low = interval.low;
        value->high = interval.high;
        recording_samples(rec, b->metric, subject, b->values.items,
                          b->blocks.len == n ? b->blocks.items : NULL, n);
        return 0;
}

static int finish(Import *in, Error *err)
{
        Recording *rec = in->ret.recording;
        int r = 0;

        for (size_t i = 0; r == 0 && i < in->benchmarks.len; i++) {
                Mark mark = arena_mark(in->gathered);

                r = record_benchmark(in, in->benchmarks.items[i], err);
                arena_reset(in->gathered, mark);
        }
        if (r < 0)
                return r;
        if (rec->overflowed)
                return fail(err, ERR_LIMIT, "%s: more results than a run can hold", in->plan->name);
        in->ret.n_benchmarks = rec->values.len;
        if (in->ret.n_benchmarks == 0)
                return fail(err, ERR_UNAVAILABLE, "'%s' holds no result that %s would write",
                            in->plan->name, in->ret.format->says);
        return 0;
}

/* --- from the beginning --- */

static int read_with(Import *in, Imported *ret, Error *err)
{
        const ImportFormat *format = in->ret.format;
        uint64_t seed = 0;
        int r;

        os_real()->entropy(os_real(), &seed, sizeof(seed));
        in->by_subject = map_in(in->gathered, MOST_BENCHMARKS);
        in->by_subject.seed = seed;
        in->benchmarks.ceiling = MOST_BENCHMARKS;
        in->ret.unknown.ceiling = MOST_UNKNOWN;
        in->ret.recording =
                recording_new(in->arena, format->instrument ? format->instrument : "bench");
        in->ret.recording->tier = span_of(format->name);
        r = format->read(in, in->plan->text, err);
        if (r == 0)
                r = finish(in, err);
        if (r < 0)
                return r;
        *ret = in->ret;
        return 0;
}

int import_text(const ImportPlan *plan, Arena *arena, Imported *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(SCRATCH_CEILING);
        AUTO(arena_freep) Arena *gathered = arena_new(SCRATCH_CEILING);
        Import in = { .plan = plan, .arena = arena, .gathered = gathered, .scratch = scratch };
        int r;

        if (span_trim(plan->text).len == 0) {
                fail(err, ERR_UNAVAILABLE, "'%s' is empty", plan->name);
                return fail_hint(err, "the tool that writes it may have failed: run it again");
        }
        if (!new_try(scratch, char, 1)) /* holds a chunk that a reset for each line does not drop */
                return fail(err, ERR_LIMIT, "%s: no room", plan->name);
        in.ret.format = plan->format;
        r = plan->format ? 0 : import_detect(plan, &in.ret.format, err);
        return r < 0 ? r : read_with(&in, ret, err);
}
