#include "process/bench_expand.h"

#include "harness.h"

typedef struct Fixture {
        Arena *arena;
        BenchParameter parameters[4];
        BenchSide *sides;
        size_t n;
        Error err;
} Fixture;

static void fixture_begin(Fixture *f)
{
        *f = (Fixture){ .arena = arena_new(MiB(64)) };
}

static void fixture_end(Fixture *f)
{
        f->arena = arena_free(f->arena);
}

static void list(Fixture *f, size_t at, const char *name, const char *values)
{
        assert_ok(bench_parameter_list(span_of(name), span_of(values), f->arena, &f->parameters[at],
                                       &f->err),
                  f->err);
}

static int expand(Fixture *f, BenchRequest request)
{
        if (!request.parameters)
                request.parameters = f->parameters;
        return bench_expand(&request, f->arena, &f->sides, &f->n, &f->err);
}

TEST(bench_expand_splits_commands_into_words)
{
        const char *const commands[] = { "sort -u 'a b'", "true" };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        assert_ok(expand(&f, (BenchRequest){ .commands = commands, .n_commands = 2 }), f.err);
        assert_int_equal(f.n, 2);
        assert_span(f.sides[0].name, "sort -u 'a b'");
        assert_string_equal(f.sides[0].argv[2], "a b");
        assert_null(f.sides[0].argv[3]);
        assert_null(f.sides[0].shell);
        assert_null(f.sides[0].prepare);
}

TEST(bench_expand_takes_every_combination_of_parameters)
{
        const char *const commands[] = { "cc -O{o} {f}.c" }, *const prepares[] = { "rm {f}.o" };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        list(&f, 0, "o", "1,2");
        list(&f, 1, "f", "x,y,z");
        assert_ok(expand(&f, (BenchRequest){ .commands = commands,
                                             .n_commands = 1,
                                             .n_parameters = 2,
                                             .prepares = prepares,
                                             .n_prepares = 1,
                                             .setup = "echo {o}" }),
                  f.err);
        assert_int_equal(f.n, 6);
        assert_span(f.sides[0].name, "cc -O{o} {f}.c/o=1/f=x");
        assert_string_equal(f.sides[1].argv[1], "-O1");
        assert_string_equal(f.sides[1].argv[2], "y.c");
        assert_string_equal(f.sides[5].argv[1], "-O2");
        assert_string_equal(f.sides[5].prepare, "rm z.o");
        assert_string_equal(f.sides[5].setup, "echo 2");
}

TEST(bench_expand_tells_commands_of_one_name_apart)
{
        const char *const commands[] = { "true", "true", "true (2)" }, *const names[] = { "a" };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        assert_ok(expand(&f, (BenchRequest){ .commands = commands, .n_commands = 2 }), f.err);
        assert_span(f.sides[0].name, "true");
        assert_span(f.sides[1].name, "true (2)");
        assert_ok(expand(&f, (BenchRequest){ .commands = commands,
                                             .n_commands = 2,
                                             .names = names,
                                             .n_names = 1 }),
                  f.err);
        assert_span(f.sides[0].name, "a");
        assert_span(f.sides[1].name, "true");
}

TEST(bench_expand_gives_the_line_to_a_shell_when_asked)
{
        const char *const commands[] = { "a | b > c" };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        assert_ok(
                expand(&f,
                       (BenchRequest){ .commands = commands, .n_commands = 1, .shell = "/bin/sh" }),
                f.err);
        assert_string_equal(f.sides[0].shell, "a | b > c");
        assert_null(f.sides[0].argv);
        assert_ok(
                expand(&f, (BenchRequest){ .commands = commands, .n_commands = 1, .shell = "zsh" }),
                f.err);
        assert_string_equal(f.sides[0].argv[0], "zsh");
        assert_string_equal(f.sides[0].argv[2], "a | b > c");
        assert_fails(expand(&f, (BenchRequest){ .commands = commands, .n_commands = 1 }), f.err,
                     ERR_USAGE);
}

TEST(bench_expand_adds_arguments_at_the_end)
{
        const char *const commands[] = { "./prog x" }, *const more[] = { "--json", "y", NULL };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        assert_ok(
                expand(&f,
                       (BenchRequest){ .commands = commands, .n_commands = 1, .arguments = more }),
                f.err);
        assert_string_equal(f.sides[0].argv[1], "x");
        assert_string_equal(f.sides[0].argv[3], "y");
        assert_null(f.sides[0].argv[4]);
}

TEST(bench_expand_refuses_what_does_not_fit_together)
{
        const char *const commands[] = { "a", "b", "c" }, *const prepares[] = { "1", "2" };
        const char *const empty[] = { " " };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        assert_fails(expand(&f, (BenchRequest){ .commands = commands,
                                                .n_commands = 3,
                                                .prepares = prepares,
                                                .n_prepares = 2 }),
                     f.err, ERR_USAGE);
        assert_fails(expand(&f, (BenchRequest){ .commands = commands,
                                                .n_commands = 1,
                                                .names = prepares,
                                                .n_names = 2 }),
                     f.err, ERR_USAGE);
        assert_fails(expand(&f, (BenchRequest){ .commands = empty, .n_commands = 1 }), f.err,
                     ERR_USAGE);
        list(&f, 0, "x", "1");
        list(&f, 1, "x", "2");
        assert_fails(
                expand(&f,
                       (BenchRequest){ .commands = commands, .n_commands = 1, .n_parameters = 2 }),
                f.err, ERR_USAGE);
}

TEST(bench_expand_has_a_ceiling)
{
        const char *const commands[] = { "{a} {b}" };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        assert_ok(bench_parameter_scan(SPAN("a"), SPAN("1"), SPAN("900"), SPAN("1"), f.arena,
                                       &f.parameters[0], &f.err),
                  f.err);
        list(&f, 1, "b", "1,2");
        assert_fails(
                expand(&f,
                       (BenchRequest){ .commands = commands, .n_commands = 1, .n_parameters = 2 }),
                f.err, ERR_LIMIT);
}

TEST(bench_parameter_scan_goes_from_least_to_most)
{
        static const struct {
                const char *min, *max, *step, *last;
                size_t n;
        } cases[] = {
                { "1", "10", "3", "10", 4 },       { "1", "11", "3", "10", 4 },
                { "0.1", "0.5", "0.1", "0.5", 5 }, { "0", "1", "0.25", "1.00", 5 },
                { "-2", "2", "2", "2", 3 },        { "7", "7", "1", "7", 1 },
        };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        for (size_t i = 0; i < COUNT(cases); i++) {
                BenchParameter *p = &f.parameters[0];

                assert_ok(bench_parameter_scan(SPAN("x"), span_of(cases[i].min),
                                               span_of(cases[i].max), span_of(cases[i].step),
                                               f.arena, p, &f.err),
                          f.err);
                assert_int_equal(p->n_values, cases[i].n);
                assert_span(p->values[p->n_values - 1], cases[i].last);
        }
}

TEST(bench_parameter_scan_refuses_what_is_no_range)
{
        static const struct {
                const char *name, *min, *max, *step;
                int code;
        } cases[] = {
                { "x", "2", "1", "1", ERR_USAGE },   { "x", "1", "2", "0", ERR_USAGE },
                { "x", "1", "2", "-1", ERR_USAGE },  { "x", "a", "2", "1", ERR_INPUT },
                { "x", "1", "1e9", "1", ERR_LIMIT }, { "x/y", "1", "2", "1", ERR_USAGE },
                { "", "1", "2", "1", ERR_USAGE },
        };
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        for (size_t i = 0; i < COUNT(cases); i++) {
                int r = bench_parameter_scan(span_of(cases[i].name), span_of(cases[i].min),
                                             span_of(cases[i].max), span_of(cases[i].step), f.arena,
                                             &f.parameters[0], &f.err);

                assert_true(r < 0);
                assert_true(f.err.code == cases[i].code || f.err.code == ERR_USAGE);
        }
}

TEST(bench_parameter_list_cuts_at_commas)
{
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        list(&f, 0, "x", "a,,b\\,c,\\d");
        assert_int_equal(f.parameters[0].n_values, 4);
        assert_span(f.parameters[0].values[1], "");
        assert_span(f.parameters[0].values[2], "b,c");
        assert_span(f.parameters[0].values[3], "\\d");
}
