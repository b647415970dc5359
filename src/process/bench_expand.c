#include "process/bench_expand.h"

#include <math.h>
#include <string.h>

#include "base/vec.h"
#include "instrument/bench/line.h"

#define MOST_VALUES 1000
#define MOST_LINE MiB(1)

/* One combination of values, the first parameter turning slowest. */
typedef struct Combination {
        const BenchRequest *request;
        const size_t *at; /* of each parameter's values */
} Combination;

static Span value_of(const Combination *c, size_t parameter)
{
        return c->request->parameters[parameter].values[c->at[parameter]];
}

/* The parameter whose "{NAME}" the text begins with; n_parameters: none. */
static size_t placeholder_at(const BenchRequest *request, Span text)
{
        size_t i = 0;

        for (; i < request->n_parameters; i++) {
                Span name = request->parameters[i].name;

                if (text.len >= name.len + 2 && text.ptr[0] == '{' &&
                    span_eq(span_first(span_from(text, 1), name.len), name) &&
                    text.ptr[name.len + 1] == '}')
                        break;
        }
        return i;
}

static int fill(const Combination *c, const char *text, Arena *arena, const char **ret, Error *err)
{
        Buf out = buf_in(arena, MOST_LINE);
        Span rest = span_of(text);

        *ret = text;
        if (!text || c->request->n_parameters == 0)
                return 0;
        while (rest.len) {
                size_t i = placeholder_at(c->request, rest);
                bool found = i < c->request->n_parameters;

                buf_add(&out, found ? value_of(c, i) : span_first(rest, 1));
                rest = span_from(rest, found ? c->request->parameters[i].name.len + 2 : 1);
        }
        *ret = span_text(arena, buf_span(&out));
        return buf_check(&out, err);
}

static int fill_all(const Combination *c, Arena *arena, BenchSide *side, const char **command,
                    Error *err)
{
        const char **texts[] = { command, &side->setup, &side->prepare, &side->conclude,
                                 &side->cleanup };
        int r = 0;

        for (size_t i = 0; r == 0 && i < COUNT(texts); i++)
                r = fill(c, *texts[i], arena, texts[i], err);
        return r;
}

static const char *const *with_arguments(const char *const *argv, const char *const *arguments,
                                         Arena *arena)
{
        size_t n = 0, n_more = 0;
        const char **all;

        while (argv[n])
                n++;
        while (arguments && arguments[n_more])
                n_more++;
        if (n_more == 0)
                return argv;
        all = new (arena, const char *, n + n_more + 1);
        memcpy(all, argv, n * sizeof(*all));
        memcpy(all + n, arguments, n_more * sizeof(*all));
        return all;
}

/* /bin/sh is the launcher's own; another shell is a program like any other. */
static int set_program(const BenchRequest *request, const char *command, Arena *arena,
                       BenchSide *side, Error *err)
{
        const char *const *words;
        const char **argv;
        int r;

        if (span_trim(span_of(command)).len == 0)
                return fail(err, ERR_USAGE, "a command is empty");
        if (!request->shell) {
                r = line_split(span_of(command), arena, &words, err);
                if (r == 0)
                        side->argv = with_arguments(words, request->arguments, arena);
                return r;
        }
        if (strcmp(request->shell, "/bin/sh") == 0) {
                side->shell = command;
                return 0;
        }
        argv = new (arena, const char *, 4);
        argv[0] = request->shell;
        argv[1] = "-c";
        argv[2] = command;
        side->argv = argv;
        return 0;
}

static bool is_taken(const BenchSide *sides, size_t n, Span name)
{
        for (size_t i = 0; i < n; i++)
                if (span_eq(sides[i].name, name))
                        return true;
        return false;
}

static Span name_of(const Combination *c, size_t command, const BenchSide *sides, size_t n,
                    Arena *arena)
{
        const BenchRequest *request = c->request;
        Buf out = buf_in(arena, MOST_LINE);
        Span name;

        buf_text(&out,
                 command < request->n_names ? request->names[command] : request->commands[command]);
        for (size_t i = 0; i < request->n_parameters; i++)
                buf_printf(&out, "/%.*s=%.*s", SPAN_ARG(request->parameters[i].name),
                           SPAN_ARG(value_of(c, i)));
        name = buf_span(&out);
        for (size_t k = 2; is_taken(sides, n, name); k++)
                name = span_of(arena_printf(arena, "%.*s (%zu)", SPAN_ARG(buf_span(&out)), k));
        return name;
}

static int make_side(const Combination *c, size_t command, BenchSide *sides, size_t n, Arena *arena,
                     Error *err)
{
        const BenchRequest *request = c->request;
        const char *text = request->commands[command];
        BenchSide *side = &sides[n];
        int r;

        *side = (BenchSide){ .setup = request->setup,
                             .conclude = request->conclude,
                             .cleanup = request->cleanup };
        if (request->n_prepares)
                side->prepare = request->prepares[request->n_prepares > 1 ? command : 0];
        r = fill_all(c, arena, side, &text, err);
        if (r == 0)
                r = set_program(request, text, arena, side, err);
        side->name = name_of(c, command, sides, n, arena);
        return r;
}

/* To the next combination; false after the last. */
static bool turn(const BenchRequest *request, size_t *at)
{
        for (size_t i = request->n_parameters; i-- > 0;) {
                if (++at[i] < request->parameters[i].n_values)
                        return true;
                at[i] = 0;
        }
        return false;
}

static int check_request(const BenchRequest *request, size_t *ret_n, Error *err)
{
        size_t n = request->n_commands;

        if (request->n_prepares > 1 && request->n_prepares != request->n_commands)
                return fail(err, ERR_USAGE,
                            "--prepare is given %zu times for %zu commands: give one for all, or "
                            "one for each",
                            request->n_prepares, request->n_commands);
        if (request->n_names > request->n_commands)
                return fail(err, ERR_USAGE, "%zu names for %zu commands", request->n_names,
                            request->n_commands);
        for (size_t i = 0; i < request->n_parameters; i++) {
                for (size_t k = 0; k < i; k++)
                        if (span_eq(request->parameters[i].name, request->parameters[k].name))
                                return fail(err, ERR_USAGE, "the parameter '%.*s' is given twice",
                                            SPAN_ARG(request->parameters[i].name));
                if (n <= BENCH_MAX_SIDES)
                        n *= request->parameters[i].n_values;
        }
        if (n > BENCH_MAX_SIDES)
                return fail(err, ERR_LIMIT, "more than %d commands to measure", BENCH_MAX_SIDES);
        *ret_n = n;
        return 0;
}

int bench_expand(const BenchRequest *request, Arena *arena, BenchSide **ret, size_t *ret_n,
                 Error *err)
{
        size_t n, done = 0, *at = new (arena, size_t, request->n_parameters + 1);
        int r = check_request(request, &n, err);
        BenchSide *sides;

        if (r < 0)
                return r;
        sides = new (arena, BenchSide, n);
        for (size_t i = 0; i < request->n_commands; i++)
                do {
                        r = make_side(&(Combination){ request, at }, i, sides, done++, arena, err);
                        if (r < 0)
                                return r;
                } while (turn(request, at));
        *ret = sides;
        *ret_n = n;
        return 0;
}

/* Letters, digits and _: what a subject can carry. */
static int check_name(Span name, Error *err)
{
        for (size_t i = 0; i < name.len; i++) {
                char c = name.ptr[i];

                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-'))
                        return fail(err, ERR_USAGE, "'%.*s' is no name for a parameter",
                                    SPAN_ARG(name));
        }
        return name.len ? 0 : fail(err, ERR_USAGE, "a parameter has no name");
}

static unsigned decimals(Span number)
{
        ptrdiff_t point = span_find_byte(number, '.');

        return point < 0 ? 0 : (unsigned)MIN(number.len - (size_t)point - 1, (size_t)9);
}

int bench_parameter_scan(Span name, Span min, Span max, Span step, Arena *arena,
                         BenchParameter *ret, Error *err)
{
        unsigned places = MAX(decimals(min), MAX(decimals(max), decimals(step)));
        double from, to, by;
        Span *values;
        size_t n;
        int r = check_name(name, err);

        if (r == 0)
                r = span_to_double(min, &from, err);
        if (r == 0)
                r = span_to_double(max, &to, err);
        if (r == 0)
                r = span_to_double(step, &by, err);
        if (r < 0)
                return fail_while(err, "reading the scan of '%.*s'", SPAN_ARG(name));
        if (!(by > 0) || to < from)
                return fail(err, ERR_USAGE, "the scan of '%.*s' from %.*s to %.*s by %.*s is empty",
                            SPAN_ARG(name), SPAN_ARG(min), SPAN_ARG(max), SPAN_ARG(step));
        if ((to - from) / by >= MOST_VALUES)
                return fail(err, ERR_LIMIT, "the scan of '%.*s' has more than %d values",
                            SPAN_ARG(name), MOST_VALUES);
        n = (size_t)floor((to - from) / by + 1e-9) + 1;
        values = new (arena, Span, n);
        for (size_t i = 0; i < n; i++)
                values[i] =
                        span_of(arena_printf(arena, "%.*f", (int)places, from + (double)i * by));
        *ret = (BenchParameter){ name, values, n };
        return 0;
}

int bench_parameter_list(Span name, Span list, Arena *arena, BenchParameter *ret, Error *err)
{
        VEC(Span) values = VEC_INIT(MOST_VALUES);
        Buf value = buf_in(arena, MOST_LINE);
        int r = check_name(name, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i <= list.len; i++) {
                bool ends = i == list.len || list.ptr[i] == ',';
                Span *slot;

                if (!ends) {
                        if (list.ptr[i] == '\\' && i + 1 < list.len && list.ptr[i + 1] == ',')
                                i++;
                        buf_byte(&value, list.ptr[i]);
                        continue;
                }
                slot = vec_add(arena, &values);
                if (!slot)
                        return fail(err, ERR_LIMIT, "the list of '%.*s' has more than %d values",
                                    SPAN_ARG(name), MOST_VALUES);
                *slot = span_copy(arena, buf_span(&value));
                buf_clear(&value);
        }
        *ret = (BenchParameter){ name, values.items, values.len };
        return buf_check(&value, err);
}
