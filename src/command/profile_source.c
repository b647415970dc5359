#include "command/profile_source.h"

#include "base/fs.h"
#include "model/profile_rewrite.h"

#include <string.h>

#define MOST_WARNINGS_SHOWN 5

const char *nearest_name(Span name, const char *const *names)
{
        size_t least = MAX(name.len / 3, (size_t)1) + 1;
        const char *best = NULL;

        for (; *names; names++) {
                Span known = span_of(*names);
                bool part = name.len >= 2 && span_contains(known, name.ptr);
                size_t distance = part ? 0 : span_distance(known, name);

                if (distance < least) {
                        least = distance;
                        best = *names;
                }
        }
        return best;
}

static int find_format(const char *name, Arena *arena, const ProfileFormat **ret, Error *err)
{
        size_t n = 0;
        const char **names, *guess;

        *ret = name ? profile_format_find(span_of(name)) : NULL;
        if (*ret || !name)
                return 0;
        while (profile_formats[n])
                n++;
        names = new (arena, const char *, n + 1);
        for (size_t i = 0; i < n; i++)
                names[i] = profile_formats[i]->name;
        guess = nearest_name(span_of(name), names);
        fail(err, ERR_USAGE, "there is no format '%s' to read", name);
        return guess ? fail_hint(err, "did you mean '%s'?", guess)
                     : fail_hint(err, "hone convert --list-formats lists them");
}

static int read_run(Context *ctx, const char *word, ProfileSet *ret, Error *err)
{
        ProfileSetItem *item;
        uint64_t id;
        Store *store;
        Run *run;
        int r = command_store(ctx, STORE_READ, &store, err);

        if (r == 0)
                r = store_resolve(store, span_of(word), &id, err);
        if (r < 0) {
                fail(err, ERR_NOT_FOUND, "'%s' is no file, and no stored run", word);
                return fail_hint(err, "hone runs lists the runs");
        }
        r = store_get(store, id, ctx->arena, &run, err);
        if (r < 0)
                return r;
        if (!run->recording->profile) {
                fail(err, ERR_USAGE, "run %lu holds no profile", (unsigned long)run->id);
                return fail_hint(err, "last:profile is the newest that holds one");
        }
        *ret = profile_set_new();
        ret->producer = SPAN("hone");
        item = vec_add(ctx->arena, &ret->items);
        BUG_IF(!item);
        *item = (ProfileSetItem){ span_of(run->recording->profile->event),
                                  run->recording->profile };
        return 0;
}

static int read_file(Context *ctx, const ProfileSource *source, ProfileSet *ret, Error *err)
{
        const ProfileSourceOpts *opts = source->opts;
        ProfileImportPlan plan = { .pid = opts->pid,
                                   .tid = opts->tid,
                                   .kernel = opts->kernel || opts->all,
                                   .jit = opts->jit || opts->all,
                                   .addrs = opts->addrs,
                                   .inline_frames = source->split_arrows,
                                   .event = opts->event,
                                   .max_samples = source->max_samples,
                                   .lines_in_time = source->lines_in_time };
        int r = find_format(opts->from, ctx->arena, &plan.format, err);

        return r < 0 ? r : profile_import_file(source->word, &plan, ctx->arena, ret, err);
}

/* The one item that --value names becomes all there is. */
static int choose(ProfileSet *set, const char *value, Arena *arena, Error *err)
{
        Profile *chosen = value ? profile_set_find(set, span_of(value)) : NULL;
        Buf names = buf_in(arena, KiB(1));

        for (size_t i = 0; value && i < set->items.len; i++) {
                ProfileSetItem *item = &set->items.items[i];

                buf_printf(&names, "%s%.*s", i ? ", " : "", SPAN_ARG(item->name));
                if (item->profile != chosen)
                        continue;
                set->items.items = item;
                set->items.len = set->items.room = 1;
                set->shown = 0;
                set->kind = PROFILES_VALUES;
                return 0;
        }
        if (!value)
                return 0;
        fail(err, ERR_USAGE, "there is no '%s' among what it holds", value);
        return fail_hint(err, "it holds: %.*s", SPAN_ARG(buf_span(&names)));
}

static int rewrite(ProfileSet *set, ProfileRewrite how, Arena *arena, Error *err)
{
        int r = 0;

        if (!how.samples && !how.kernel && !how.jit)
                return 0;
        for (size_t i = 0; r == 0 && i < set->items.len; i++)
                r = profile_rewrite(set->items.items[i].profile, &how, arena,
                                    &set->items.items[i].profile, err);
        return r;
}

static void show_warnings(Context *ctx, const char *word, const ProfileSet *set)
{
        for (size_t i = 0; !ctx->global.quiet && i < set->warnings.len; i++) {
                Error words = { 0 };

                if (i == MOST_WARNINGS_SHOWN) {
                        fprintf(ctx->err, "hone: %s: %zu more warnings\n", word,
                                set->warnings.len - i);
                        return;
                }
                fail(&words, ERR_INPUT, "%s: %.*s", word, SPAN_ARG(set->warnings.items[i]));
                error_print(&words, ctx->err);
        }
}

int profile_source_read(Context *ctx, const ProfileSource *source, ProfileSet *ret, Error *err)
{
        const char *word = source->word;
        bool is_file = strcmp(word, "-") == 0 || path_exists(word) || strchr(word, '/') ||
                       source->opts->from;
        ProfileRewrite how = { 0 };
        int r = is_file ? read_file(ctx, source, ret, err) : read_run(ctx, word, ret, err);

        if (r < 0)
                return r;
        show_warnings(ctx, strcmp(word, "-") == 0 ? "standard input" : word, ret);
        r = choose(ret, source->opts->value, ctx->arena, err);
        if (r < 0)
                return r;
        how.samples = source->opts->samples;
        if (!is_file) { /* the readers of files mark names themselves */
                how.kernel = source->opts->kernel || source->opts->all;
                how.jit = source->opts->jit || source->opts->all;
        }
        return rewrite(ret, how, ctx->arena, err);
}
