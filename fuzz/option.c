/* Any words at all are parsed or refused with ERR_USAGE, and what is accepted is within the rows'
 * bounds. The input is one word per line. */
#include "base/option.h"

#include <math.h>

#define MOST_WORDS 64

typedef struct Opts {
        bool keep;
        const char *name;
        uint64_t runs, duration_ns, memory_bytes;
        double factor, rate, share;
        unsigned format;
        TextList tags;
} Opts;

static const char *const formats[] = { "text", "json", "html", NULL };
static const Option rows[] = {
        { "keep", 'k', OPT_FLAG, FIELD(Opts, keep), NULL, "yes", "keep" },
        { "name", 'm', OPT_TEXT, FIELD(Opts, name), "NAME", "main", "name" },
        { "runs", 'n', OPT_COUNT, FIELD(Opts, runs), "N", "5", "runs", .min = 1, .max = 65535 },
        { "duration", 'd', OPT_DURATION, FIELD(Opts, duration_ns), "TIME", "10s", "time" },
        { "memory", 's', OPT_SIZE, FIELD(Opts, memory_bytes), "SIZE", NULL, "size" },
        { "factor", 'x', OPT_NUMBER, FIELD(Opts, factor), "X", NULL, "factor" },
        { "rate", 'r', OPT_RATE, FIELD(Opts, rate), "N/s", NULL, "rate" },
        { "share", 'p', OPT_PERCENT, FIELD(Opts, share), "PERCENT", "5%", "share", .max = 0.5 },
        { "format", 'f', OPT_CHOICE, FIELD(Opts, format), "FORMAT", "json", "format",
          .choices = formats },
        { "tag", 't', OPT_LIST, FIELD(Opts, tags), "TAG", "a, b", "tag" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        OptionTable table = { rows, COUNT(rows) };
        Opts opts;
        OptionTarget target = { table, &opts };
        Span rest = { (const char *)data, MIN(size, KiB(16)) };
        char *argv[MOST_WORDS];
        Error err = { 0 };
        TextList words;
        int argc = 0;

        while (argc < MOST_WORDS && rest.ptr)
                argv[argc++] = span_text(arena, span_cut(&rest, '\n'));
        option_presets(table, arena, &opts);
        if (option_parse(&target, 1, argc, argv, arena, &words, &err) < 0) {
                BUG_IF(err.code != ERR_USAGE || !err.message[0]);
                return 0;
        }
        BUG_IF(words.len > (size_t)argc || opts.tags.len > MOST_WORDS || !opts.name);
        BUG_IF(opts.runs < 1 || opts.runs > 65535 || opts.format > 2);
        BUG_IF(!(opts.share >= 0 && opts.share <= 0.5) || !(opts.rate >= 0));
        BUG_IF(!isfinite(opts.factor) || !isfinite(opts.rate));
        return 0;
}
