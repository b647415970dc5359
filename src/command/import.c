#include "import/import.h"
#include "base/os.h"
#include "command/command.h"
#include "process/measure.h"
#include "stats/quantile.h"

#include <math.h>

#define SHOWN_UNKNOWN 10
#define MOST_JSON GiB(1)

typedef struct ImportOpts {
        const char *format, *unit, *label, *revision;
        bool list_formats, save;
} ImportOpts;

static const Option import_options[] = {
        { "format", 0, OPT_TEXT, FIELD(ImportOpts, format), "NAME", NULL,
          "the files are in this format (default: as they look)" },
        { "list-formats", 0, OPT_FLAG, FIELD(ImportOpts, list_formats), NULL, NULL,
          "print the formats that can be read" },
        { "unit", 0, OPT_TEXT, FIELD(ImportOpts, unit), "UNIT", NULL,
          "of numbers that have none in the file: ns, ms, ops/s ..." },
        { "label", 0, OPT_TEXT, FIELD(ImportOpts, label), "NAME", NULL, "name the runs" },
        { "revision", 0, OPT_TEXT, FIELD(ImportOpts, revision), "REV", NULL,
          "the git revision that was measured (default: what the file says)" },
        { "save", 0, OPT_FLAG, FIELD(ImportOpts, save), NULL, "true",
          "store the runs; --no-save only prints them" },
};

/* One file and what became of it. */
typedef struct File {
        const char *path;
        Imported imported;
        Run *run;
} File;

/* --- the formats --- */

static int list_formats(Context *ctx, Error *err)
{
        static const Column columns[] = { { "name", "Format" },
                                          { "reads", "Reads", .wrap = true } };
        Doc *doc = doc_new(ctx->arena, "formats");
        DocTable *table = doc_table(doc, "formats", columns, COUNT(columns));

        for (const ImportFormat *const *f = import_formats; *f; f++)
                doc_row(table, cell_string((*f)->name), cell_string((*f)->says));
        return command_print(ctx, doc, err);
}

static int find_format(const char *name, const ImportFormat **ret, Error *err)
{
        const char *nearest = NULL;
        size_t best = SIZE_MAX;

        *ret = name ? import_format_find(span_of(name)) : NULL;
        if (!name || *ret)
                return 0;
        for (const ImportFormat *const *f = import_formats; *f; f++) {
                size_t distance = span_distance(span_of(name), span_of((*f)->name));

                if (distance < best)
                        nearest = (*f)->name;
                best = MIN(best, distance);
        }
        fail(err, ERR_USAGE, "there is no format '%s'", name);
        return fail_hint(err, "the nearest is %s; hone import --list-formats lists all", nearest);
}

/* --- the run --- */

static Span plan_json(Context *ctx, const File *file)
{
        Buf out = buf_in(ctx->arena, MiB(1));
        JsonWriter w = json_to(&out, false);

        json_open_object(&w);
        json_key(&w, "file");
        json_text(&w, file->path);
        json_key(&w, "format");
        json_text(&w, file->imported.format->name);
        json_close_object(&w);
        return buf_span(&out);
}

static Run *run_of(Context *ctx, const ImportOpts *opts, const File *file, Span group)
{
        const Imported *imported = &file->imported;
        Recording *rec = imported->recording;
        Run *run = new (ctx->arena, Run, 1);

        if (rec->wall_ns == 0) {
                recording_note(rec, NOTE_NOT_EXAMINED,
                               "when it was measured: the file does not say; the time is of the "
                               "import");
                rec->wall_ns = ctx->os->wall_ns(ctx->os);
        }
        *run = (Run){ .label = span_of(opts->label),
                      .group = group,
                      .target = { .kind = TARGET_COMMAND,
                                  .text = span_of(file->path),
                                  .name = span_of(imported->format->name) },
                      .plan_json = plan_json(ctx, file),
                      .fingerprint = { .machine_id = imported->machine,
                                       .hostname = imported->machine,
                                       .git_revision = opts->revision ? span_of(opts->revision)
                                                                      : imported->revision,
                                       .hone_version = SPAN(HONE_VERSION) },
                      .noise = { .verdict = NOISE_UNKNOWN,
                                 .steal = (double)NAN,
                                 .runqueue_wait = (double)NAN,
                                 .psi_cpu = (double)NAN,
                                 .psi_io = (double)NAN,
                                 .other_cpu = (double)NAN,
                                 .reason = SPAN("measured by another tool") },
                      .recording = rec };
        return run;
}

static int store_runs(Context *ctx, File *files, size_t n, Error *err)
{
        uint64_t *ids = new (ctx->arena, uint64_t, n);
        Run **runs = new (ctx->arena, Run *, n);
        Store *store;
        int r = command_store(ctx, STORE_WRITE, &store, err);

        for (size_t i = 0; i < n; i++)
                runs[i] = files[i].run;
        if (r == 0)
                r = store_put_all(store, runs, n, ids, err);
        if (r < 0)
                return fail_while(err, "storing what was read");
        for (size_t i = 0; i < n; i++)
                runs[i]->id = ids[i];
        return 0;
}

/* --- what is printed --- */

/* The samples of the value: both are in one order, so the search goes on where it was. */
static const Samples *samples_of(const Recording *rec, const MetricValue *value, size_t *next)
{
        const Samples *samples = *next < rec->samples.len ? &rec->samples.items[*next] : NULL;

        if (!samples || samples->metric != value->metric ||
            !span_eq(samples->subject, value->subject))
                return NULL;
        (*next)++;
        return samples;
}

/* Half of the samples lie within this share of the median. */
static double spread_of(const Samples *samples, double median, Arena *arena)
{
        Mark mark = arena_mark(arena);
        double *sorted, spread = (double)NAN;

        if (!samples || samples->len < 4 || !(median > 0))
                return spread;
        sorted = new_try(arena, double, samples->len);
        if (sorted) {
                memcpy(sorted, samples->values, samples->len * sizeof(*sorted));
                sort_doubles(sorted, samples->len);
                spread = (quantile_sorted(sorted, samples->len, 0.75) -
                          quantile_sorted(sorted, samples->len, 0.25)) /
                         median;
        }
        arena_reset(arena, mark);
        return spread;
}

static void put_benchmarks(Doc *doc, const Recording *rec, Arena *arena)
{
        static const Column columns[] = {
                { "name", "Benchmark", .wrap = true },
                { "metric", "Metric" },
                { "n", "n", ALIGN_RIGHT },
                { "value", "Value", ALIGN_RIGHT },
                { "interval", "95 % interval", ALIGN_RIGHT },
                { "spread", "Spread", ALIGN_RIGHT },
        };
        DocTable *table = doc_table(doc, NULL, columns, COUNT(columns));
        size_t next = 0;

        vec_each (const MetricValue, value, &rec->values) {
                const MetricDef *def = metric_def(value->metric);
                const Samples *samples = samples_of(rec, value, &next);

                doc_row(table, value->subject.len ? cell_text(value->subject) : cell_missing(),
                        cell_string(def->name), value->n ? cell_count(value->n) : cell_missing(),
                        cell_unit(def->unit, value->value),
                        cell_range(def->unit, value->low, value->high),
                        cell_unit(UNIT_RATIO, spread_of(samples, value->value, arena)));
        }
}

static void put_unknown(Doc *doc, const Imported *imported)
{
        uint64_t shown = 0;

        if (imported->n_unknown == 0)
                return;
        doc_label(doc, "Not understood: %llu", (unsigned long long)imported->n_unknown);
        vec_each (const UnknownLine, line, &imported->unknown) {
                if (shown++ == SHOWN_UNKNOWN)
                        break;
                doc_item(doc, NULL, "line %llu: %s: %.*s", (unsigned long long)line->line,
                         line->why, SPAN_ARG(line->text));
        }
        if (imported->n_unknown > SHOWN_UNKNOWN)
                doc_paragraph(doc, NULL, "--json lists %zu of them.", imported->unknown.len);
}

static void put_notes(Doc *doc, const Recording *rec)
{
        vec_each (const Note, note, &rec->notes)
                doc_item(doc, NULL, "%s: %.*s", note_kind_name(note->kind), SPAN_ARG(note->text));
}

static void put_benchmarks_json(Doc *doc, const Recording *rec, Arena *arena)
{
        Buf out = buf_in(arena, MOST_JSON);
        JsonWriter w = json_to(&out, false);
        size_t next = 0;

        json_open_array(&w);
        vec_each (const MetricValue, value, &rec->values) {
                const Samples *samples = samples_of(rec, value, &next);

                json_open_object(&w);
                json_key(&w, "name");
                json_span(&w, value->subject);
                json_key(&w, "metric");
                json_text(&w, metric_def(value->metric)->name);
                json_key(&w, "unit");
                json_text(&w, unit_name(metric_def(value->metric)->unit));
                json_key(&w, "n");
                json_u64(&w, value->n);
                json_key(&w, "value");
                json_double(&w, value->value);
                json_key(&w, "low");
                json_double(&w, value->low);
                json_key(&w, "high");
                json_double(&w, value->high);
                json_key(&w, "samples");
                json_open_array(&w);
                for (size_t i = 0; samples && i < samples->len; i++)
                        json_double(&w, samples->values[i]);
                json_close_array(&w);
                json_close_object(&w);
        }
        json_close_array(&w);
        doc_json(doc, "benchmarks", buf_span(&out));
}

static void put_unknown_json(Doc *doc, const Imported *imported, Arena *arena)
{
        Buf out = buf_in(arena, MiB(16)), count = buf_in(arena, KiB(1));
        JsonWriter w = json_to(&out, false);

        json_open_array(&w);
        vec_each (const UnknownLine, line, &imported->unknown) {
                json_open_object(&w);
                json_key(&w, "line");
                json_u64(&w, line->line);
                json_key(&w, "text");
                json_span(&w, line->text);
                json_key(&w, "why");
                json_text(&w, line->why);
                json_close_object(&w);
        }
        json_close_array(&w);
        buf_printf(&count, "%llu", (unsigned long long)imported->n_unknown);
        doc_json(doc, "not_understood", buf_span(&out));
        doc_json(doc, "not_understood_count", buf_span(&count));
}

static void put_notes_json(Doc *doc, const Recording *rec, Arena *arena)
{
        Buf out = buf_in(arena, MiB(16));
        JsonWriter w = json_to(&out, false);

        json_open_array(&w);
        vec_each (const Note, note, &rec->notes) {
                json_open_object(&w);
                json_key(&w, "kind");
                json_text(&w, note_kind_name(note->kind));
                json_key(&w, "text");
                json_span(&w, note->text);
                json_close_object(&w);
        }
        json_close_array(&w);
        doc_json(doc, "notes", buf_span(&out));
}

static void put_file(Doc *doc, const File *file, Arena *arena)
{
        const Imported *imported = &file->imported;
        char when[WALL_TEXT_SIZE];

        os_wall_text(imported->recording->wall_ns, when);
        doc_field(doc, "file", "File", cell_string(file->path));
        doc_field(doc, "format", "Format", cell_string(imported->format->name));
        doc_field(doc, "tool", "Measured by", cell_text(imported->recording->tier));
        doc_field(doc, "time", "Measured", cell_string(when));
        doc_field(doc, "revision", "Revision", cell_text(file->run->fingerprint.git_revision));
        doc_field(doc, "machine", "Machine", cell_text(imported->machine));
        if (file->run->id)
                doc_field(doc, "run", "Run", cell_count(file->run->id));
        put_benchmarks(doc, imported->recording, arena);
        put_unknown(doc, imported);
        put_notes(doc, imported->recording);
        put_benchmarks_json(doc, imported->recording, arena);
        put_unknown_json(doc, imported, arena);
        put_notes_json(doc, imported->recording, arena);
}

/* One file is the document itself; several are objects of it, "1", "2" ... */
static int print_files(Context *ctx, const File *files, size_t n, Error *err)
{
        Doc *doc = doc_new(ctx->arena, "import");

        for (size_t i = 0; i < n; i++) {
                if (n > 1)
                        doc_open(doc, arena_printf(ctx->arena, "%zu", i + 1));
                put_file(doc, &files[i], ctx->arena);
                if (n > 1)
                        doc_close(doc);
        }
        return command_print(ctx, doc, err);
}

static int import_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const ImportOpts *opts = opts_struct;
        Span group = measure_group("import", ctx->os, ctx->arena);
        File *files = new (ctx->arena, File, args->len + 1);
        const ImportFormat *format;
        int r;

        if (opts->list_formats)
                return list_formats(ctx, err);
        if (args->len == 0)
                return fail(err, ERR_USAGE, "hone import needs a file, or - for standard input");
        r = find_format(opts->format, &format, err);
        for (size_t i = 0; r == 0 && i < args->len; i++) {
                files[i].path = args->items[i];
                r = import_file(files[i].path, format, opts->unit, ctx->arena, &files[i].imported,
                                err);
                if (r == 0)
                        files[i].run = run_of(ctx, opts, &files[i], group);
        }
        if (r == 0 && opts->save)
                r = store_runs(ctx, files, args->len, err);
        return r < 0 ? r : print_files(ctx, files, args->len, err);
}

static const Example examples[] = {
        { "hone import bench.json --label base", "the format is detected; the run is named" },
        { "go test -bench . -count 10 | hone import -", "from another program" },
        { "hone import results.json --json --no-save", "every sample, for a program" },
};

const Command import_command = {
        .name = "import",
        .group = "measure",
        .args = "FILE...",
        .summary = "read the results of other benchmark and load tools",
        .description =
                "Each file becomes a run, with every measurement that it holds; compare, gate, "
                "history and report treat it like any other. The format is detected. What is not "
                "understood is named with its line. A damaged file is refused with the place, and "
                "then nothing is stored.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = import_options,
        .n_options = COUNT(import_options),
        .opts_size = sizeof(ImportOpts),
        .max_args = 1000,
        .run = import_run,
};
