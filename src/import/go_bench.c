/* Go benchmarks: what `go test -bench` prints, and benchfmt, its extension.
 *
 *         pkg: example.com/json                      // configuration of what follows
 *         Unit widgets/op better=higher
 *         BenchmarkEncode/format=json-8   1000   24.17 ns/op   2648.35 MB/s   64 B/op
 *
 * A line is one sample of each of its units; lines of one name (-count) are samples of one
 * benchmark, named as it is without "Benchmark", with its -8. Configuration whose value changes
 * within the text tells benchmarks apart, as benchstat's columns do: "Encode-8 note=before".
 * Format: https://pkg.go.dev/golang.org/x/perf/benchfmt.
 */

#include "base/map.h"
#include "base/vec.h"
#include "import/text_lines.h"
#include "import/text_number.h"

#define PREFIX "Benchmark"
#define MOST_KEYS 1000
#define MOST_UNITS 1000
#define RECENT 16
#define LONGEST_CONFIG KiB(2) /* a longer line is none */

typedef struct Key {
        Span key, first; /* the first value of the text; both in scratch */
        Buf value;       /* empty: not set */
        bool varies;
} Key;

typedef struct UnitBetter {
        Span unit;
        MetricId metric;
} UnitBetter;

typedef struct Recent {
        Span text; /* in scratch */
        ImportUnit unit;
} Recent;

typedef struct GoBench {
        Import *in;
        TextLines lines;
        VEC(Key) keys;
        Map by_key; /* to 1 + the index of a Key */
        VEC(UnitBetter) units;
        Recent recent[RECENT];
        size_t n_found;
} GoBench;

static bool is_result(Span line)
{
        size_t n = strlen(PREFIX);

        return span_starts(line, PREFIX) &&
               (line.len == n || !(line.ptr[n] >= 'a' && line.ptr[n] <= 'z'));
}

static int detect(Span head, bool whole UNUSED)
{
        Span line, word;
        uint64_t n;
        double value;

        while (span_next_line(&head, &line)) {
                if (!is_result(line))
                        continue;
                (void)span_next_word(&line, &word);
                if (span_next_word(&line, &word) && span_to_u64(word, &n, NULL) == 0 &&
                    span_next_word(&line, &word) &&
                    (text_number(word, &value) || text_is_not_finite(word)) && span_trim(line).len)
                        return 90;
        }
        return 0;
}

/* "key: value": a key starts with a small letter and has no space or capital in it. */
static bool is_config(Span line, Span *ret_key, Span *ret_value)
{
        ptrdiff_t colon = span_find_byte(line, ':');

        if (colon <= 0 || line.len > LONGEST_CONFIG || !(line.ptr[0] >= 'a' && line.ptr[0] <= 'z'))
                return false;
        for (ptrdiff_t i = 0; i < colon; i++)
                if (line.ptr[i] == ' ' || line.ptr[i] == '\t' ||
                    (line.ptr[i] >= 'A' && line.ptr[i] <= 'Z'))
                        return false;
        if ((size_t)colon + 1 < line.len && !strchr(" \t", line.ptr[colon + 1]))
                return false;
        *ret_key = span_first(line, (size_t)colon);
        *ret_value = span_trim(span_from(line, (size_t)colon + 1));
        return true;
}

static Key *find_key(GoBench *go, Span key)
{
        MapSlot *slot = map_find(&go->by_key, key);

        return slot ? &go->keys.items[slot->number - 1] : NULL;
}

/* --- the first walk: what varies, and which way is better --- */

static int note_config(GoBench *go, Span key, Span value, Error *err)
{
        Arena *arena = import_arena(go->in);
        Key *k = find_key(go, key);
        MapSlot *slot;

        if (k) {
                k->varies |= !span_eq(k->first, value);
                return 0;
        }
        k = vec_add(arena, &go->keys);
        slot = k ? map_add(&go->by_key, span_copy(arena, key)) : NULL;
        if (!slot)
                return fail(err, ERR_LIMIT, "%s: more than %d configuration keys",
                            import_name(go->in), MOST_KEYS);
        slot->number = go->keys.len;
        *k = (Key){ .key = slot->key,
                    .first = span_copy(arena, value),
                    .value = buf_in(arena, LONGEST_CONFIG) };
        return 0;
}

/* "Unit ns/op better=lower assume=exact" */
static int note_unit(GoBench *go, Span line, Error *err)
{
        Span unit, word;
        UnitBetter *slot;
        MetricId metric;

        if (!span_next_word(&line, &word) || !span_next_word(&line, &unit))
                return 0;
        while (span_next_word(&line, &word)) {
                if (span_is(word, "better=higher"))
                        metric = METRIC_CUSTOM_HIGHER;
                else if (span_is(word, "better=lower"))
                        metric = METRIC_CUSTOM_LOWER;
                else
                        continue;
                slot = unit.len <= LONGEST_CONFIG ? vec_add(import_arena(go->in), &go->units)
                                                  : NULL;
                if (!slot)
                        return fail(err, ERR_LIMIT, "%s: more than %d units", import_name(go->in),
                                    MOST_UNITS);
                *slot = (UnitBetter){ span_copy(import_arena(go->in), unit), metric };
        }
        return 0;
}

static int look_ahead(GoBench *go, Span text, Error *err)
{
        TextLines lines = text_lines(go->in, text);
        Span line, key, value;
        int r = 0;

        while (r == 0 && text_next(&lines, &line)) {
                if (line.len == 0 || line.ptr[0] == 'B')
                        continue;
                if (span_starts(line, "Unit "))
                        r = note_unit(go, line, err);
                else if (is_config(line, &key, &value))
                        r = note_config(go, key, value, err);
        }
        return r;
}

/* --- the second: results --- */

static void set_config(GoBench *go, Span key, Span value)
{
        Key *k = find_key(go, key);

        if (!k)
                return;
        if (!k->varies && k->value.len == 0)
                import_says(go->in, "%.*s: %.*s", SPAN_ARG(key), SPAN_ARG(value));
        if (span_is(key, "cpu") && !k->varies)
                import_machine(go->in, value);
        buf_clear(&k->value);
        buf_add(&k->value, value);
}

static Span subject_of(GoBench *go, Span name, Buf *out)
{
        size_t n = strlen(PREFIX);

        name = name.len > n ? span_from(name, n) : name;
        buf_clear(out);
        buf_add(out, name);
        vec_each (Key, k, &go->keys)
                if (k->varies && k->value.len)
                        buf_printf(out, " %.*s=%.*s", SPAN_ARG(k->key),
                                   SPAN_ARG(buf_span(&k->value)));
        return buf_span(out);
}

/* benchfmt compares units as it writes them tidied: ns/op is sec/op, MB/s is B/s. */
static bool is_unit(Span declared, Span unit)
{
        return span_eq(declared, unit) || (span_is(unit, "ns/op") && span_is(declared, "sec/op")) ||
               (span_is(unit, "MB/s") && span_is(declared, "B/s"));
}

static ImportUnit find_unit(const GoBench *go, Span text)
{
        ImportUnit unit = import_unit(text);

        if (unit.metric == METRIC_CUSTOM)
                vec_each (const UnitBetter, u, &go->units)
                        if (is_unit(u->unit, text))
                                unit.metric = u->metric;
        return unit;
}

/* The same few units stand in every line. */
static ImportUnit unit_of(GoBench *go, Span text)
{
        Recent *slot;

        for (size_t i = 0; i < RECENT; i++)
                if (go->recent[i].text.len && span_eq(go->recent[i].text, text))
                        return go->recent[i].unit;
        if (go->n_found++ >= MOST_UNITS) /* a unit of its own for every line: nothing to keep */
                return find_unit(go, text);
        slot = &go->recent[go->n_found % RECENT];
        slot->text = span_copy(import_arena(go->in), span_first(text, KiB(1)));
        slot->unit = find_unit(go, slot->text);
        return slot->unit;
}

/* 1: taken; 0: this is no value and a unit. */
static int read_pair(GoBench *go, Span subject, Span *rest, Error *err)
{
        Span number, unit;
        double value;
        int r;

        (void)span_next_word(rest, &number);
        if (text_is_not_finite(number))
                return text_fail(&go->lines, number, "a finite number", err);
        if (!span_next_word(rest, &unit))
                return go->lines.cut ? text_fail_early(&go->lines, "a unit", err)
                                     : text_fail(&go->lines, number, "a value and its unit", err);
        if (!text_number(number, &value))
                return 0;
        if (go->lines.cut && rest->len == 0 && !span_ends(unit, "/op") && !span_ends(unit, "/s"))
                return text_fail_early(&go->lines, "the end of the line", err);
        r = import_sample(go->in, subject, unit_of(go, unit), value, go->lines.line, err);
        return r < 0 ? r : 1;
}

static int read_result(GoBench *go, Span line, Buf *subject, Error *err)
{
        Span rest = line, name, word;
        uint64_t iterations;
        int r = 1;

        (void)span_next_word(&rest, &name);
        if (!span_next_word(&rest, &word))
                return 1; /* -v names a benchmark before it runs */
        if (span_to_u64(word, &iterations, NULL) < 0 || span_trim(rest).len == 0) {
                if (go->lines.cut)
                        return text_fail_early(&go->lines, "a value and its unit", err);
                return 0;
        }
        name = subject_of(go, name, subject);
        while (r == 1 && span_trim(rest).len)
                r = read_pair(go, name, &rest, err);
        return r;
}

static const char *const noise[] = {
        "PASS",     "ok  ",     "? ",        "#",     "=== ",        "--- BENCH",
        "--- SKIP", "--- PASS", "coverage:", "Unit ", "exit status",
};

static const char *const failures[] = { "FAIL", "--- FAIL", "panic:" };

static int read_line(GoBench *go, Span line, Buf *subject, Error *err)
{
        Span key, value;

        if (is_result(line))
                return read_result(go, line, subject, err);
        if (span_trim(line).len == 0 || text_starts_any(line, noise, COUNT(noise)))
                return 1;
        if (text_starts_any(line, failures, COUNT(failures))) {
                import_warns(go->in, "line %zu: %.*s", (size_t)go->lines.line,
                             SPAN_ARG(span_first(line, 200)));
                return 1;
        }
        if (!is_config(line, &key, &value))
                return 0;
        set_config(go, key, value);
        return 1;
}

static int read_text(Import *in, Span text, Error *err)
{
        GoBench go = { .in = in,
                       .lines = text_lines(in, text),
                       .keys = VEC_INIT(MOST_KEYS),
                       .by_key = map_in(import_arena(in), MOST_KEYS),
                       .units = VEC_INIT(MOST_UNITS) };
        Buf subject = buf_in(import_arena(in), KiB(64));
        Span line;
        int r = look_ahead(&go, text, err);

        while (r >= 0 && text_next(&go.lines, &line)) {
                r = read_line(&go, line, &subject, err);
                if (r == 0)
                        import_unknown(in, go.lines.line, line, "no line of benchfmt");
        }
        return r < 0 ? r : 0;
}

const ImportFormat go_bench_format = {
        .name = "go",
        .says = "go test -bench (benchfmt)",
        .files = "https://pkg.go.dev/golang.org/x/perf/benchfmt",
        .detect = detect,
        .read = read_text,
};
