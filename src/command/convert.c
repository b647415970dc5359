#include "present/profile_export.h"

#include "command/measuring.h"
#include "command/profile_source.h"

#include <unistd.h>

#define OUTPUT_BYTES GiB(2)
#define SAMPLES_IN_TIME ((size_t)5000000)

typedef struct ConvertOpts {
        ProfileSourceOpts source;
        const char *to, *output;
        bool list_formats;
} ConvertOpts;

static const Option convert_options[] = {
        { "from", 0, OPT_TEXT, FIELD(ConvertOpts, source.from), "FORMAT", NULL,
          "the file's format (default: known by its content)" },
        { "to", 't', OPT_TEXT, FIELD(ConvertOpts, to), "FORMAT", "collapsed", "write this format" },
        { "output", 'o', OPT_TEXT, FIELD(ConvertOpts, output), "FILE", "-",
          "write to FILE; - is standard output" },
        { "pid", 0, OPT_FLAG, FIELD(ConvertOpts, source.pid), NULL, NULL,
          "process ids in the name at the bottom of a stack (perf)" },
        { "tid", 0, OPT_FLAG, FIELD(ConvertOpts, source.tid), NULL, NULL,
          "process and thread ids there (perf)" },
        { "kernel", 0, OPT_FLAG, FIELD(ConvertOpts, source.kernel), NULL, NULL,
          "mark kernel functions with _[k]" },
        { "jit", 0, OPT_FLAG, FIELD(ConvertOpts, source.jit), NULL, NULL,
          "mark functions that were compiled at run time with _[j]" },
        { "all", 0, OPT_FLAG, FIELD(ConvertOpts, source.all), NULL, NULL, "--kernel and --jit" },
        { "addrs", 0, OPT_FLAG, FIELD(ConvertOpts, source.addrs), NULL, NULL,
          "addresses beside functions without a name (perf)" },
        { "event-filter", 0, OPT_TEXT, FIELD(ConvertOpts, source.event), "EVENT", NULL,
          "only samples of EVENT (perf; default: of the first that is seen)" },
        { "value", 0, OPT_TEXT, FIELD(ConvertOpts, source.value), "NAME", NULL,
          "of several values or threads, only this one, by name or number" },
        { "samples", 0, OPT_FLAG, FIELD(ConvertOpts, source.samples), NULL, NULL,
          "count samples, not their weights (periods, time, bytes)" },
        { "list-formats", 0, OPT_FLAG, FIELD(ConvertOpts, list_formats), NULL, NULL,
          "list what is read and written" },
};

static int list_formats(Context *ctx, Error *err)
{
        static const Column columns[] = { { "name", "Format" },
                                          { "says", "What it is", .wrap = true } };
        Doc *doc = doc_new(ctx->arena, "formats");
        DocTable *table;

        doc_label(doc, "Read (--from)");
        table = doc_table(doc, "read", columns, COUNT(columns));
        for (const ProfileFormat *const *f = profile_formats; *f; f++)
                doc_row(table, cell_string((*f)->name), cell_string((*f)->says));
        doc_label(doc, "Written (--to)");
        table = doc_table(doc, "written", columns, COUNT(columns));
        for (const ProfileWriter *const *w = profile_writers; *w; w++)
                doc_row(table, cell_string((*w)->name), cell_string((*w)->says));
        return command_print(ctx, doc, err);
}

static int find_writer(const char *name, Arena *arena, const ProfileWriter **ret, Error *err)
{
        const ProfileWriter *writer = profile_writer_find(span_of(name));
        const char **names, *guess;
        size_t n = 0;

        if (writer) {
                *ret = writer;
                return 0;
        }
        while (profile_writers[n])
                n++;
        names = new (arena, const char *, n + 1);
        for (size_t i = 0; i < n; i++)
                names[i] = profile_writers[i]->name;
        guess = nearest_name(span_of(name), names);
        fail(err, ERR_USAGE, "there is no format '%s' to write", name);
        return guess ? fail_hint(err, "did you mean '%s'?", guess)
                     : fail_hint(err, "hone convert --list-formats lists them");
}

static int refuse_terminal(const ConvertOpts *opts, const ProfileWriter *writer, Error *err)
{
        if (!writer->binary || !is_stdout(opts->output) || !isatty(STDOUT_FILENO))
                return 0;
        fail(err, ERR_USAGE, "%s is not for terminals", writer->name);
        return fail_hint(err, "give it a file: -o profile%s", writer->extension);
}

static int convert_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const ConvertOpts *opts = opts_struct;
        AUTO(arena_freep) Arena *arena = arena_new(OUTPUT_BYTES * 2);
        Buf out = buf_in(arena, OUTPUT_BYTES);
        ProfileSource source = { .opts = &opts->source };
        const ProfileWriter *writer;
        ProfileSet set;
        int r;

        if (opts->list_formats)
                return list_formats(ctx, err);
        if (args->len == 0)
                return fail(err, ERR_USAGE, "which profile? Name a file, a run, or - for input");
        r = find_writer(opts->to, ctx->arena, &writer, err);
        if (r == 0)
                r = refuse_terminal(opts, writer, err);
        if (r < 0)
                return r;
        source.word = args->items[0];
        source.split_arrows = writer == profile_writer_find(SPAN("collapsed"));
        source.max_samples = writer->timeless ? 0 : SAMPLES_IN_TIME;
        r = profile_source_read(ctx, &source, &set, err);
        if (r == 0)
                r = writer->write(&set, args->items[0], &out, err);
        return r < 0 ? r : write_output(ctx, opts->output, buf_span(&out), err);
}

static const Example examples[] = {
        { "perf script | hone convert - >out.folded",
          "collapsed stacks, as stackcollapse-perf.pl" },
        { "hone convert --to svg -o flame.svg perf.txt.gz", "a flame graph" },
        { "hone convert --list-formats", "what is read and written" },
};

const Command convert_command = {
        .name = "convert",
        .group = "evidence",
        .args = "FILE | RUN | -",
        .summary = "turn a profile of any tool into another format",
        .description =
                "Reads a profile in the format that its content shows (gzip and UTF-16 are fine), "
                "or a stored run, and writes it in another. Text of perf script collapses to the "
                "bytes that stackcollapse-perf.pl gives. What was not understood is said on the "
                "error output; a damaged file is an error that names the place.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = convert_options,
        .n_options = COUNT(convert_options),
        .opts_size = sizeof(ConvertOpts),
        .min_args = 0,
        .max_args = 1,
        .run = convert_run,
};
