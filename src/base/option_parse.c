#include "base/option_int.h"
#include "base/vec.h"

#include <string.h>

typedef struct Match {
        const Option *option; /* NULL: none */
        void *opts;
} Match;

typedef struct Parser {
        const OptionTarget *targets;
        size_t n_targets;
        char *const *argv;
        int argc, at; /* at: the next word */
        Arena *arena;
        VEC(const char *) rest;
        VEC(const TextList *) begun; /* lists whose preset has been replaced */
} Parser;

/* Longest distance that is still taken for a slip of the finger. */
static size_t near(Span name)
{
        return MAX(name.len / 3, (size_t)1);
}

static Match find_name(const Parser *p, Span name)
{
        for (const OptionTarget *t = p->targets; t < p->targets + p->n_targets; t++)
                for (size_t i = 0; i < t->table.len; i++)
                        if (span_is(name, t->table.rows[i].name))
                                return (Match){ &t->table.rows[i], t->opts };
        return (Match){ 0 };
}

static Match find_letter(const Parser *p, char letter)
{
        for (const OptionTarget *t = p->targets; t < p->targets + p->n_targets; t++)
                for (size_t i = 0; i < t->table.len; i++)
                        if (t->table.rows[i].letter == letter)
                                return (Match){ &t->table.rows[i], t->opts };
        return (Match){ 0 };
}

/* The name that a mistyped one most likely stands for; what it is the beginning of comes first. */
static const char *nearest(const Parser *p, Span name)
{
        size_t least = near(name) + 1;
        const char *best = NULL;

        for (const OptionTarget *t = p->targets; t < p->targets + p->n_targets; t++)
                for (size_t i = 0; i < t->table.len; i++) {
                        Span known = span_of(t->table.rows[i].name);
                        bool begins = name.len >= 2 && span_eq(span_first(known, name.len), name);
                        size_t distance = begins ? 0 : span_distance(known, name);

                        if (distance < least) {
                                least = distance;
                                best = known.ptr;
                        }
                }
        return best;
}

static int fail_unknown(const Parser *p, const char *word, Span name, Error *err)
{
        bool off = span_starts(name, "no-");
        const char *known = nearest(p, name);

        fail(err, ERR_USAGE, "unknown option '%s'", word);
        if (known)
                return fail_hint(err, "did you mean --%s?", known);
        known = off ? nearest(p, span_from(name, 3)) : NULL;
        if (known)
                return fail_hint(err, "did you mean --no-%s?", known);
        return fail_hint(err, "--help lists the options; after -- words are taken as they are");
}

static bool contains_list(const Parser *p, const TextList *list)
{
        for (size_t i = 0; i < p->begun.len; i++)
                if (p->begun.items[i] == list)
                        return true;
        return false;
}

/* The first word given for a list replaces its preset, later ones add to it. */
static int assign(Parser *p, Match m, const char *text, Error *err)
{
        const TextList *list = (const void *)((char *)m.opts + m.option->offset);

        if (m.option->kind == OPT_LIST && !contains_list(p, list)) {
                const TextList **slot = vec_add(p->arena, &p->begun);

                if (!slot)
                        return fail(err, ERR_LIMIT, "too many options");
                *slot = list;
                option_set_zero(m.option, m.opts);
        }
        return option_set(m.option, text, p->arena, m.opts, err);
}

/* "--duration --rate 5" forgot the time; "--duration=--rate" would be meant so. */
static bool is_option_word(const Parser *p, const char *word)
{
        Span name = span_of(word);

        if (!span_starts(name, "--"))
                return false;
        name = span_from(name, 2);
        return name.len == 0 || find_name(p, span_cut(&name, '=')).option;
}

/* The words that are still missing of one use: `given` of them came with the name. */
static int assign_words(Parser *p, Match m, size_t given, Error *err)
{
        const char *arg = m.option->arg ? m.option->arg : "VALUE";
        size_t wanted = MAX(m.option->words, (size_t)1);
        int r = 0;

        for (size_t i = given; r == 0 && i < wanted; i++) {
                if (p->at >= p->argc || is_option_word(p, p->argv[p->at]))
                        return fail(err, ERR_USAGE, "--%s needs %s: --%s %s", m.option->name,
                                    wanted > 1 ? "more values" : "a value", m.option->name, arg);
                r = assign(p, m, p->argv[p->at++], err);
        }
        return r;
}

static int assign_given(Parser *p, Match m, const char *value, Error *err)
{
        int r = assign(p, m, value, err);

        return r < 0 ? r : assign_words(p, m, 1, err);
}

/* What "--name" or "-n" stands for by itself; NULL: a value must follow. */
static const char *value_alone(const Option *option)
{
        return option->kind == OPT_FLAG ? "yes" : option->bare;
}

/* --no-NAME; 1 when it is not that. */
static int switch_off(Parser *p, Span name, const char *value, Error *err)
{
        Match m = span_starts(name, "no-") ? find_name(p, span_from(name, 3)) : (Match){ 0 };

        if (!m.option)
                return 1;
        if (m.option->kind != OPT_FLAG)
                return fail(err, ERR_USAGE, "--%s takes %s and cannot be switched off with --no-",
                            m.option->name, m.option->arg ? m.option->arg : "a value");
        if (value)
                return fail(err, ERR_USAGE, "--no-%s takes no value", m.option->name);
        return assign(p, m, "no", err);
}

static int parse_long(Parser *p, const char *word, Error *err)
{
        const char *equals = strchr(word, '=');
        const char *value = equals ? equals + 1 : NULL;
        Span name = { word + 2, (equals ? (size_t)(equals - word) : strlen(word)) - 2 };
        Match m = find_name(p, name);
        int r;

        if (!m.option) {
                r = switch_off(p, name, value, err);
                return r == 1 ? fail_unknown(p, word, name, err) : r;
        }
        if (value)
                return assign_given(p, m, value, err);
        if (value_alone(m.option))
                return assign(p, m, value_alone(m.option), err);
        return assign_words(p, m, 0, err);
}

/* "-kn5": flags may be grouped; the first option that takes a value takes what is left. */
static int parse_letters(Parser *p, const char *word, Error *err)
{
        for (const char *letter = word + 1; *letter; letter++) {
                Match m = find_letter(p, *letter);
                int r;

                if (!m.option)
                        return fail_unknown(p, word, span_from(span_of(word), 1), err);
                if (!value_alone(m.option))
                        return letter[1] ? assign_given(p, m, letter + 1, err)
                                         : assign_words(p, m, 0, err);
                r = assign(p, m, value_alone(m.option), err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int keep_word(Parser *p, const char *word, Error *err)
{
        const char **slot = vec_add(p->arena, &p->rest);

        if (!slot)
                return fail(err, ERR_LIMIT, "too many words");
        *slot = word;
        return 0;
}

static int parse_word(Parser *p, bool *options_ended, Error *err)
{
        const char *word = p->argv[p->at++];

        if (*options_ended || word[0] != '-' || word[1] == '\0')
                return keep_word(p, word, err);
        if (word[1] != '-')
                return parse_letters(p, word, err);
        if (word[2] != '\0')
                return parse_long(p, word, err);
        *options_ended = true;
        return 0;
}

int option_parse(const OptionTarget *targets, size_t n_targets, int argc, char *const *argv,
                 Arena *arena, TextList *ret_rest, Error *err)
{
        Parser p = {
                .targets = targets,
                .n_targets = n_targets,
                .argv = argv,
                .argc = argc,
                .arena = arena,
                .rest = VEC_INIT((size_t)argc),
                .begun = VEC_INIT((size_t)argc),
        };
        bool options_ended = false;

        while (p.at < argc) {
                int r = parse_word(&p, &options_ended, err);

                if (r < 0)
                        return r;
        }
        *ret_rest = (TextList){ p.rest.items, p.rest.len };
        return 0;
}

static void preset_list(const Option *option, Arena *arena, void *opts, Error *err)
{
        Span rest = span_of(option->preset);

        while (rest.ptr && rest.len) {
                char *item = span_text(arena, span_trim(span_cut(&rest, ',')));

                if (option_set(option, item, arena, opts, err) < 0)
                        BUG("preset: %s", err->message);
        }
}

void option_presets(OptionTable table, Arena *arena, void *ret_opts)
{
        for (size_t i = 0; i < table.len; i++) {
                const Option *option = &table.rows[i];
                Error err = { 0 };

                option_set_zero(option, ret_opts);
                if (!option->preset)
                        continue;
                if (option->kind == OPT_LIST)
                        preset_list(option, arena, ret_opts, &err);
                else if (option_set(option, option->preset, arena, ret_opts, &err) < 0)
                        BUG("preset: %s", err.message);
        }
}
