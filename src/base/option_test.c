#include "base/option.h"
#include "harness.h"

#include <string.h>

typedef struct Opts {
        bool keep, color;
        const char *name;
        uint64_t runs, duration_ns, memory_bytes;
        double factor, rate, share;
        unsigned format;
        TextList tags, scans;
        const char *shell;
} Opts;

typedef struct CommonOpts {
        bool quiet;
} CommonOpts;

static const char *const formats[] = { "text", "json", "html", NULL };
static const Option rows[] = {
        { "keep", 'k', OPT_FLAG, FIELD(Opts, keep), NULL, NULL, "keep the files" },
        { "color", 'c', OPT_FLAG, FIELD(Opts, color), NULL, "yes", "use colors" },
        { "name", 0, OPT_TEXT, FIELD(Opts, name), "NAME", "main", "name of the run" },
        { "runs", 'n', OPT_COUNT, FIELD(Opts, runs), "N", "5", "repeat N times", .min = 1,
          .max = 65535 },
        { "duration", 'd', OPT_DURATION, FIELD(Opts, duration_ns), "TIME", "10s",
          "measure for TIME", .min = 0.1e9, .max = 3600e9 },
        { "memory", 0, OPT_SIZE, FIELD(Opts, memory_bytes), "SIZE", NULL, "use at most SIZE" },
        { "factor", 0, OPT_NUMBER, FIELD(Opts, factor), "X", NULL, "multiply by X" },
        { "rate", 'r', OPT_RATE, FIELD(Opts, rate), "N/s", NULL, "open model" },
        { "share", 0, OPT_PERCENT, FIELD(Opts, share), "PERCENT", "5%", "tolerate PERCENT",
          .max = 0.5 },
        { "format", 'f', OPT_CHOICE, FIELD(Opts, format), "FORMAT", "json", "print as FORMAT",
          .choices = formats },
        { "tag", 't', OPT_LIST, FIELD(Opts, tags), "TAG", "a, b", "attach TAG" },
        { "scan", 'P', OPT_LIST, FIELD(Opts, scans), "VAR MIN MAX", NULL, "scan VAR", .words = 3 },
        { "shell", 's', OPT_TEXT, FIELD(Opts, shell), "SHELL", NULL, "use a shell",
          .bare = "/bin/sh" },
};
static const Option common_rows[] = {
        { "quiet", 'q', OPT_FLAG, FIELD(CommonOpts, quiet), NULL, NULL, "say less" },
};
#define TABLE(r) ((OptionTable){ (r), COUNT(r) })

typedef struct Parsed {
        Opts opts;
        CommonOpts common;
        TextList rest;
        Error err;
} Parsed;

/* The words, separated by single spaces, parsed over the presets. */
static int parse(Arena *arena, const char *line, Parsed *ret)
{
        OptionTarget targets[] = { { TABLE(rows), &ret->opts },
                                   { TABLE(common_rows), &ret->common } };
        char **argv = new (arena, char *, strlen(line) + 1);
        Span rest = span_of(line);
        int argc = 0;

        *ret = (Parsed){ 0 };
        option_presets(TABLE(rows), arena, &ret->opts);
        option_presets(TABLE(common_rows), arena, &ret->common);
        while (rest.ptr && line[0])
                argv[argc++] = span_text(arena, span_cut(&rest, ' '));
        return option_parse(targets, COUNT(targets), argc, argv, arena, &ret->rest, &ret->err);
}

#define PARSE_OK(line)                                      \
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4)); \
        Parsed p;                                           \
        assert_ok(parse(arena, (line), &p), p.err)

TEST(option_presets_fill_every_field)
{
        PARSE_OK("");

        assert_false(p.opts.keep);
        assert_true(p.opts.color);
        assert_string_equal(p.opts.name, "main");
        assert_int_equal(p.opts.runs, 5);
        assert_int_equal(p.opts.duration_ns, 10 * NS_PER_S);
        assert_int_equal(p.opts.memory_bytes, 0);
        assert_near(p.opts.rate, 0, 0);
        assert_near(p.opts.share, 0.05, 0);
        assert_int_equal(p.opts.format, 1);
        assert_int_equal(p.opts.tags.len, 2);
        assert_string_equal(p.opts.tags.items[1], "b");
        assert_int_equal(p.rest.len, 0);
}

TEST(option_parse_takes_long_forms)
{
        PARSE_OK("--keep --no-color --name=x=y --runs 10k --duration=1m30s --memory 64MiB "
                 "--factor -2.5 --rate 500/s --share 2% --format html --quiet");

        assert_true(p.opts.keep);
        assert_false(p.opts.color);
        assert_string_equal(p.opts.name, "x=y");
        assert_int_equal(p.opts.runs, 10000);
        assert_int_equal(p.opts.duration_ns, 90 * NS_PER_S);
        assert_int_equal(p.opts.memory_bytes, MiB(64));
        assert_near(p.opts.factor, -2.5, 0);
        assert_near(p.opts.rate, 500, 0);
        assert_near(p.opts.share, 0.02, 0);
        assert_int_equal(p.opts.format, 2);
        assert_true(p.common.quiet);
}

TEST(option_parse_takes_short_forms_and_groups)
{
        PARSE_OK("-kqn7 -d 2s -r30/m -fjson");

        assert_true(p.opts.keep);
        assert_true(p.common.quiet);
        assert_int_equal(p.opts.runs, 7);
        assert_int_equal(p.opts.duration_ns, 2 * NS_PER_S);
        assert_near(p.opts.rate, 0.5, 0);
}

TEST(option_parse_keeps_words_in_order_and_stops_at_two_dashes)
{
        PARSE_OK("one -k two - -n 3 -- --keep -- -x");

        assert_int_equal(p.rest.len, 6);
        assert_string_equal(p.rest.items[0], "one");
        assert_string_equal(p.rest.items[1], "two");
        assert_string_equal(p.rest.items[2], "-");
        assert_string_equal(p.rest.items[3], "--keep");
        assert_string_equal(p.rest.items[4], "--");
        assert_string_equal(p.rest.items[5], "-x");
        assert_int_equal(p.opts.runs, 3);
}

TEST(option_parse_takes_several_words_for_one_use)
{
        static const char *const lines[] = { "--scan x 1 -5 word", "-P x 1 -5 word",
                                             "-Px 1 -5 word", "--scan=x 1 -5 word" };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Parsed p;

        for (size_t i = 0; i < COUNT(lines); i++) {
                assert_ok(parse(arena, lines[i], &p), p.err);
                assert_int_equal(p.opts.scans.len, 3);
                assert_string_equal(p.opts.scans.items[0], "x");
                assert_string_equal(p.opts.scans.items[2], "-5");
                assert_int_equal(p.rest.len, 1);
        }
        assert_ok(parse(arena, "-P x 1 2 -P y 3 4", &p), p.err);
        assert_int_equal(p.opts.scans.len, 6);
        assert_fails(parse(arena, "-P x 1", &p), p.err, ERR_USAGE);
        assert_string_equal(p.err.message, "--scan needs more values: --scan VAR MIN MAX");
        assert_fails(parse(arena, "-P x 1 --keep", &p), p.err, ERR_USAGE);
}

TEST(option_parse_gives_a_bare_name_its_own_value)
{
        static const struct {
                const char *line, *shell;
                size_t words;
        } cases[] = {
                { "word", NULL, 1 },          { "--shell word", "/bin/sh", 1 },
                { "-s word", "/bin/sh", 1 },  { "--shell=zsh word", "zsh", 1 },
                { "-sk word", "/bin/sh", 1 }, { "--shell", "/bin/sh", 0 },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(cases); i++) {
                Parsed p;

                assert_ok(parse(arena, cases[i].line, &p), p.err);
                assert_int_equal(p.rest.len, cases[i].words);
                if (cases[i].shell)
                        assert_string_equal(p.opts.shell, cases[i].shell);
                else
                        assert_null(p.opts.shell);
        }
}

TEST(option_help_shows_a_value_that_may_be_left_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(64));

        option_help(&out, TABLE(rows), 80);
        assert_true(span_contains(buf_span(&out), "--shell[=SHELL]"));
        assert_true(span_contains(buf_span(&out), "--scan VAR MIN MAX"));
}

TEST(option_parse_lets_the_last_one_win_and_flags_be_spelled)
{
        PARSE_OK("--runs 3 --runs 4 --keep --keep=no --color=ON --name=");

        assert_int_equal(p.opts.runs, 4);
        assert_false(p.opts.keep);
        assert_true(p.opts.color);
        assert_string_equal(p.opts.name, "");
}

TEST(option_parse_collects_lists_instead_of_their_preset)
{
        PARSE_OK("-t 1 --tag 2 --tag=3 -t4 -t 5");

        assert_int_equal(p.opts.tags.len, 5);
        for (size_t i = 0; i < 5; i++)
                assert_int_equal(p.opts.tags.items[i][0], '1' + (int)i);
}

typedef struct Refusal {
        const char *line, *message, *hint;
} Refusal;

static const Refusal refusals[] = {
        { "--duratoin 5s", "unknown option '--duratoin'", "did you mean --duration?" },
        { "--dur=5s", "unknown option '--dur=5s'", "did you mean --duration?" },
        { "--no-kep", "unknown option '--no-kep'", "did you mean --no-keep?" },
        { "--frobnicate", "unknown option '--frobnicate'", "--help" },
        { "-x", "unknown option '-x'", "--help" },
        { "-kx", "unknown option '-kx'", "--help" },
        { "-5", "unknown option '-5'", "after --" },
        { "--duration", "--duration needs a value: --duration TIME", "" },
        { "-d", "--duration needs a value: --duration TIME", "" },
        { "--duration --rate 5", "--duration needs a value", "" },
        { "--duration -- x", "--duration needs a value", "" },
        { "--duration 10", "--duration TIME: '10' has no unit", "" },
        { "--duration 50ms", "--duration TIME: '50ms' is too small; the least is 100 ms", "" },
        { "--duration 2h", "--duration TIME: '2h' is too large; the most is 1.00 h", "" },
        { "--no-duration", "--duration takes TIME and cannot be switched off", "" },
        { "--no-keep=yes", "--no-keep takes no value", "" },
        { "--keep=maybe", "--keep: 'maybe' is neither yes nor no", "" },
        { "--runs 0", "--runs N: '0' is too small; the least is 1", "" },
        { "--runs 65536", "--runs N: '65536' is too large; the most is 65535", "" },
        { "--runs 1.5", "--runs N: '1.5' is not whole", "" },
        { "--runs=", "--runs N: expected a whole number", "" },
        { "--memory 5parsec", "--memory SIZE: '5parsec' has the unknown unit 'parsec'", "" },
        { "--factor x", "--factor X: expected a number, found 'x'", "" },
        { "--rate fast", "--rate N/s: 'fast' is not a rate", "" },
        { "--share -1%", "--share PERCENT: '-1%' is too small; the least is 0 %", "" },
        { "--share 60%", "--share PERCENT: '60%' is too large; the most is 50.0 %", "" },
        { "--format xml", "--format FORMAT: 'xml' is not one of text, json, html", "" },
        { "--format jsno", "'jsno' is not one of", "did you mean json?" },
        { "--=5", "unknown option '--=5'", "" },
};

TEST(option_parse_names_the_option_and_what_it_takes)
{
        for (size_t i = 0; i < COUNT(refusals); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
                const Refusal *refusal = &refusals[i];
                Parsed p;
                int r = parse(arena, refusal->line, &p);

                if (r >= 0)
                        fail_msg("'%s' was accepted", refusal->line);
                assert_int_equal(p.err.code, ERR_USAGE);
                if (!strstr(p.err.message, refusal->message) || !strstr(p.err.hint, refusal->hint))
                        fail_msg("'%s' says '%s', hint '%s'", refusal->line, p.err.message,
                                 p.err.hint);
        }
}

TEST(option_help_aligns_wraps_and_shows_presets)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        static const Option few[] = {
                { "duration", 'd', OPT_DURATION, 0, "TIME", "10s",
                  "measure for TIME, then wait for what is still under way" },
                { "format", 0, OPT_CHOICE, 0, "FORMAT", "text", "print as FORMAT",
                  .choices = formats },
                { "tag", 't', OPT_LIST, 0, "TAG", NULL, "attach TAG" },
                { "a-name-that-is-longer-than-all-others", 0, OPT_FLAG, 0, NULL, "yes", "do it" },
                { "keep", 0, OPT_FLAG, 0, NULL, "no", "keep it" },
        };
        Buf out = buf_in(arena, KiB(64));

        option_help(&out, TABLE(few), 60);
        assert_span(buf_span(&out), "  -d, --duration TIME  measure for TIME, then wait for what\n"
                                    "                       is still under way (default 10s)\n"
                                    "      --format FORMAT  print as FORMAT (text, json, html;\n"
                                    "                       default text)\n"
                                    "  -t, --tag TAG        attach TAG (may be repeated)\n"
                                    "      --a-name-that-is-longer-than-all-others\n"
                                    "                       do it (default on)\n"
                                    "      --keep           keep it\n");
}

TEST(option_help_keeps_within_the_width)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));

        for (int width = -1; width < 200; width += 7) {
                Buf out = buf_in(arena, KiB(64));
                Error err;
                Span rest, line;

                option_help(&out, TABLE(rows), width);
                assert_ok(buf_check(&out, &err), err);
                rest = buf_span(&out);
                while (span_next_line(&rest, &line))
                        assert_true(line.len <= (size_t)MAX(width, 40));
        }
}
