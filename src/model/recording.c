#include "model/recording.h"
#include "model/recording_int.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define MOST_VALUES 100000
#define MOST_DISTRIBUTIONS 10000
#define MOST_SERIES 10000
#define MOST_SAMPLES 100000
#define MOST_NOTES 1000
#define LONGEST_NOTE 1024

static const char *const note_names[] = {
#define X(id, name) name,
        NOTE_KINDS(X)
#undef X
};

const char *note_kind_name(NoteKind kind)
{
        BUG_IF((size_t)kind >= COUNT(note_names));
        return note_names[kind];
}

static bool copy_text(Arena *arena, Span from, Span *ret)
{
        char *copy = new_try(arena, char, from.len + 1);

        if (!copy)
                return false;
        if (from.len)
                memcpy(copy, from.ptr, from.len);
        *ret = (Span){ copy, from.len };
        return true;
}

Recording *recording_try(Arena *arena, Span instrument)
{
        Recording *rec = new_try(arena, Recording, 1);

        if (!rec || !copy_text(arena, instrument, &rec->instrument))
                return NULL;
        rec->arena = arena;
        rec->values.ceiling = MOST_VALUES;
        rec->distributions.ceiling = MOST_DISTRIBUTIONS;
        rec->series.ceiling = MOST_SERIES;
        rec->samples.ceiling = MOST_SAMPLES;
        rec->notes.ceiling = MOST_NOTES;
        return rec;
}

Recording *recording_new(Arena *arena, const char *instrument)
{
        Recording *rec = recording_try(arena, span_of(instrument));

        BUG_IF(!rec);
        return rec;
}

/* Said once: what did not fit is not lost in silence. */
static void note_overflow(Recording *rec)
{
        Note *note = NULL;

        if (!rec->overflowed)
                note = vec_add(rec->arena, &rec->notes);
        rec->overflowed = true;
        if (note)
                *note = (Note){ NOTE_WARNING, SPAN("more was measured than a recording can hold; "
                                                   "the rest is missing") };
}

MetricValue *recording_value(Recording *rec, MetricId metric, Span subject, double value,
                             uint64_t n)
{
        MetricValue *item = NULL;
        Span name = SPAN("");

        if (copy_text(rec->arena, subject, &name))
                item = vec_add(rec->arena, &rec->values);
        if (!item) {
                note_overflow(rec);
                item = &rec->overflow_value;
        }
        *item = (MetricValue){ .metric = metric,
                               .subject = name,
                               .value = value,
                               .low = (double)NAN,
                               .high = (double)NAN,
                               .n = n };
        return item;
}

void recording_distribution(Recording *rec, MetricId metric, const char *name, Span subject,
                            Hist *hist)
{
        recording_distribution_named(rec, metric, span_of(name), subject, hist);
}

void recording_distribution_named(Recording *rec, MetricId metric, Span name, Span subject,
                                  Hist *hist)
{
        Distribution item = { .metric = metric, .hist = hist }, *slot = NULL;

        if (copy_text(rec->arena, name, &item.name) &&
            copy_text(rec->arena, subject, &item.subject))
                slot = vec_add(rec->arena, &rec->distributions);
        if (slot)
                *slot = item;
        else
                note_overflow(rec);
}

static double *copy_numbers(Arena *arena, const double *from, size_t len)
{
        double *copy = new_try(arena, double, len);

        if (copy && len)
                memcpy(copy, from, len * sizeof(*copy));
        return copy;
}

void recording_series(Recording *rec, MetricId metric, Span subject, uint64_t start_ns,
                      uint64_t step_ns, const double *values, size_t len)
{
        Series item = { .metric = metric, .start_ns = start_ns, .step_ns = step_ns, .len = len };
        double *copy = copy_numbers(rec->arena, values, len);
        Series *slot = NULL;

        if (copy && copy_text(rec->arena, subject, &item.subject))
                slot = vec_add(rec->arena, &rec->series);
        if (!slot) {
                note_overflow(rec);
                return;
        }
        item.values = copy;
        *slot = item;
}

void recording_samples(Recording *rec, MetricId metric, Span subject, const double *values,
                       const uint32_t *blocks, size_t len)
{
        Samples item = { .metric = metric, .len = len }, *slot = NULL;
        double *copy = copy_numbers(rec->arena, values, len);
        uint32_t *numbers = blocks ? new_try(rec->arena, uint32_t, len) : NULL;

        if (copy && (numbers || !blocks) && copy_text(rec->arena, subject, &item.subject))
                slot = vec_add(rec->arena, &rec->samples);
        if (!slot) {
                note_overflow(rec);
                return;
        }
        if (blocks && len)
                memcpy(numbers, blocks, len * sizeof(*numbers));
        item.values = copy;
        item.blocks = numbers;
        *slot = item;
}

void recording_note(Recording *rec, NoteKind kind, const char *format, ...)
{
        char text[LONGEST_NOTE];
        Note note = { .kind = kind }, *slot = NULL;
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        if (n >= (int)sizeof(text))
                memcpy(text + sizeof(text) - 4, "...", 4);
        if (copy_text(rec->arena, span_of(text), &note.text))
                slot = vec_add(rec->arena, &rec->notes);
        if (slot)
                *slot = note;
        else
                rec->overflowed = true;
}

const MetricValue *recording_find(const Recording *rec, MetricId metric, Span subject)
{
        vec_each (const MetricValue, item, &rec->values)
                if (item->metric == metric && span_eq(item->subject, subject))
                        return item;
        return NULL;
}

double recording_get(const Recording *rec, MetricId metric, Span subject)
{
        const MetricValue *item = recording_find(rec, metric, subject);

        return item ? item->value : (double)NAN;
}

const Distribution *recording_find_distribution(const Recording *rec, const char *name,
                                                Span subject)
{
        vec_each (const Distribution, item, &rec->distributions)
                if (span_is(item->name, name) && span_eq(item->subject, subject))
                        return item;
        return NULL;
}

const Series *recording_find_series(const Recording *rec, MetricId metric, Span subject)
{
        vec_each (const Series, item, &rec->series)
                if (item->metric == metric && span_eq(item->subject, subject))
                        return item;
        return NULL;
}

const Samples *recording_find_samples(const Recording *rec, MetricId metric, Span subject)
{
        vec_each (const Samples, item, &rec->samples)
                if (item->metric == metric && span_eq(item->subject, subject))
                        return item;
        return NULL;
}
