#include "text_fixture.h"

#include "base/fs.h"
#include "stats/rng.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096
#define NAME "t.txt"

static int import_as(Arena *arena, const char *format, Span text, Imported *ret, Error *err)
{
        ImportPlan plan = { .name = NAME, .text = text };

        if (format) {
                plan.format = import_format_find(span_of(format));
                assert_non_null(plan.format);
        }
        return import_text(&plan, arena, ret, err);
}

const char *read_seed(Arena *arena, const char *file)
{
        const char *root = getenv("HONE_SOURCE_ROOT");
        const char *roots[] = { root ? root : ".", ".", ".." };
        Error err = { 0 };
        Span text;

        for (size_t i = 0; i < COUNT(roots); i++) {
                char *path = path_join(arena, roots[i], "fuzz/seeds/import");

                path = path_join(arena, path, file);
                if (path_exists(path)) {
                        assert_ok(file_read(path, MiB(1), arena, &text, &err), err);
                        return span_text(arena, text);
                }
        }
        fail_msg("no example '%s'; run this in the source's folder", file);
        return NULL;
}

Imported read_as(Arena *arena, const char *format, const char *text)
{
        Imported imported;
        Error err = { 0 };

        assert_ok(import_as(arena, format, span_of(text), &imported, &err), err);
        return imported;
}

static const MetricValue *find(const Imported *got, MetricId metric, const char *subject)
{
        return recording_find(got->recording, metric, span_of(subject));
}

static void assert_close(double got, double want, const char *what)
{
        if (isnan(want) && isnan(got))
                return;
        if (!(fabs(got - want) <= fabs(want) * 1e-9))
                fail_msg("%s is %.17g, not %.17g", what, got, want);
}

void assert_value(const Imported *got, MetricId metric, const char *subject, double value)
{
        const MetricValue *v = find(got, metric, subject);

        if (!v)
                fail_msg("no %s of '%s'", metric_def(metric)->name, subject);
        assert_close(v->value, value, subject);
}

void assert_summary(const Imported *got, MetricId metric, const char *subject,
                    const MetricValue *want)
{
        const MetricValue *v = find(got, metric, subject);

        assert_value(got, metric, subject, want->value);
        assert_close(v->low, want->low, "the low end");
        assert_close(v->high, want->high, "the high end");
        assert_int_equal(v->n, want->n);
}

void assert_samples(const Imported *got, MetricId metric, const char *subject, const double *values,
                    size_t n)
{
        const Samples *s = recording_find_samples(got->recording, metric, span_of(subject));

        if (!s)
                fail_msg("no samples of '%s'", subject);
        assert_int_equal(s->len, n);
        for (size_t i = 0; i < n; i++)
                assert_close(s->values[i], values[i], subject);
}

void assert_absent(const Imported *got, MetricId metric, const char *subject)
{
        if (find(got, metric, subject))
                fail_msg("there is %s of '%s'", metric_def(metric)->name, subject);
}

void assert_unknown(const Imported *got, uint64_t line, const char *why)
{
        vec_each (UnknownLine, u, &got->unknown)
                if (u->line == line && strstr(u->why, why))
                        return;
        fail_msg("line %zu is not among the unknown with '%s'", (size_t)line, why);
}

bool has_note(const Imported *got, const char *part)
{
        vec_each (Note, note, &got->recording->notes)
                if (span_contains(note->text, part))
                        return true;
        return false;
}

void assert_refused(const char *format, const char *text, const char *message)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Imported imported;
        Error err = { 0 };

        if (import_as(arena, format, span_of(text), &imported, &err) >= 0)
                fail_msg("it was read, not refused for '%s'", message);
        if (!strstr(err.message, message))
                fail_msg("'%s' does not say '%s'", err.message, message);
}

void assert_detected(const char *format, const char *text)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Imported imported = read_as(arena, NULL, text);

        assert_string_equal(imported.format->name, format);
}

/* --- torn texts --- */

/* A copy that ends where memory does. */
typedef struct Guarded {
        char *pages;
        size_t room; /* a multiple of PAGE; behind it is a page that nobody may read */
} Guarded;

static Guarded guarded_new(size_t n)
{
        Guarded g = { .room = (n + PAGE - 1) / PAGE * PAGE };

        g.pages = mmap(NULL, g.room + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                       0);
        assert_true(g.pages != MAP_FAILED);
        assert_int_equal(mprotect(g.pages + g.room, PAGE, PROT_NONE), 0);
        return g;
}

static Span guarded_put(const Guarded *g, Span text)
{
        char *at = g->pages + g->room - text.len;

        memcpy(at, text.ptr, text.len);
        return (Span){ at, text.len };
}

static void guarded_free(const Guarded *g)
{
        munmap(g->pages, g->room + PAGE);
}

/* What a torn text gave is a beginning of what the whole gives. */
static void assert_part_of(const Imported *part, const Imported *whole, size_t cut)
{
        vec_each (Samples, s, &part->recording->samples) {
                const Samples *w = recording_find_samples(whole->recording, s->metric, s->subject);

                if (!w || w->len < s->len)
                        fail_msg("cut at %zu, there are samples of '%.*s'", cut,
                                 SPAN_ARG(s->subject));
                for (size_t i = 0; i < s->len; i++)
                        if (fabs(s->values[i] - w->values[i]) > 0)
                                fail_msg("cut at %zu, sample %zu of '%.*s' is %g, not %g", cut, i,
                                         SPAN_ARG(s->subject), s->values[i], w->values[i]);
        }
        vec_each (MetricValue, v, &part->recording->values) {
                const MetricValue *w = recording_find(whole->recording, v->metric, v->subject);

                if (recording_find_samples(part->recording, v->metric, v->subject) ||
                    recording_find_distribution(part->recording, "latency", v->subject))
                        continue;
                if (!w || (fabs(v->value - w->value) > 0 &&
                           !recording_find_samples(whole->recording, v->metric, v->subject)))
                        fail_msg("cut at %zu, %s of '%.*s' is %g", cut, metric_def(v->metric)->name,
                                 SPAN_ARG(v->subject), v->value);
        }
}

static void try_prefixes(const Guarded *g, const char *format, const char *text,
                         const Imported *whole, bool may_be_torn, bool compare)
{
        Span all = span_of(text);

        for (size_t cut = 0; cut < all.len; cut++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                Imported got;
                Error err = { 0 };

                if (import_as(arena, format, guarded_put(g, span_first(all, cut)), &got, &err) < 0)
                        assert_true(err.message[0]);
                else if (may_be_torn && text[cut - 1] != '\n')
                        assert_true(has_note(&got, "may be torn"));
                else if (compare)
                        assert_part_of(&got, whole, cut);
        }
}

/* A byte here and there is another one, or a few are missing. */
static void try_damaged(const Guarded *g, const char *format, const char *text)
{
        static const char evil[] = "\n\r\t \"<>&,;:-.%=/()[]0aN\x1b\x80\xff";
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(64));
        Rng rng = rng_from_seed(7);

        for (int round = 0; round < 300; round++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                Span copy = span_copy(scratch, span_of(text));
                char *bytes = (char *)(uintptr_t)copy.ptr;
                Imported got;
                Error err = { 0 };

                for (int i = 0; i < 4; i++)
                        bytes[rng_below(&rng, copy.len)] = evil[rng_below(&rng, sizeof(evil))];
                (void)import_as(arena, format, guarded_put(g, copy), &got, &err);
        }
}

void assert_torn_safely(const char *format, const char *text, bool may_be_torn, bool compare)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Imported whole = read_as(arena, format, text);
        Guarded g = guarded_new(strlen(text));

        try_prefixes(&g, format, text, &whole, may_be_torn, compare);
        try_damaged(&g, format, text);
        guarded_free(&g);
}

static void assert_same(const Imported *a, const Imported *b)
{
        assert_int_equal(a->recording->values.len, b->recording->values.len);
        for (size_t i = 0; i < a->recording->values.len; i++) {
                const MetricValue *v = &a->recording->values.items[i];
                const MetricValue *w = &b->recording->values.items[i];

                assert_true(span_eq(v->subject, w->subject));
                assert_int_equal(v->metric, w->metric);
                assert_close(v->value, w->value, "the value");
        }
        assert_int_equal(a->n_unknown, b->n_unknown);
}

void assert_same_in_any_dress(const char *format, const char *text, bool colours)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Imported plain = read_as(arena, format, text), other;
        Buf crlf = buf_in(arena, MiB(1)), colour = buf_in(arena, MiB(1));

        for (const char *p = text; *p; p++) {
                if (*p == '\n')
                        buf_byte(&crlf, '\r');
                buf_byte(&crlf, *p);
                buf_text(&colour, *p == ' ' ? "\x1b[0m" : "");
                buf_byte(&colour, *p);
                buf_text(&colour, *p == ' ' || *p == '\n' ? "\x1b[1;32m" : "");
        }
        other = read_as(arena, format, crlf.ptr);
        assert_same(&plain, &other);
        if (!colours)
                return;
        other = read_as(arena, format, colour.ptr);
        assert_same(&plain, &other);
}
