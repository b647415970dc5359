#include "command/history_edit.h"

#include <string.h>

#include "analysis/exception_write.h"
#include "base/fs.h"
#include "present/plot.h"

#define LARGEST_EXCEPTIONS MiB(4)
#define SHORTEST_PREFIX 4

static bool is_change(const History *h, size_t i, Span word)
{
        Span revision = h->points[h->changes[i].point.at].revision;

        if (word.len == 1 && word.ptr[0] == plot_mark(i))
                return true;
        return word.len >= SHORTEST_PREFIX && span_eq(span_first(revision, word.len), word);
}

int history_pick(const HistoryAsk *ask, const HistorySet *set, const History **ret_history,
                 const HistoryChange **ret_change, Error *err)
{
        Span word = span_of(ask->opts->change);
        const History *h = set->len ? &set->items[0] : NULL;

        if (set->len != 1 || !set->whole) {
                fail(err, ERR_USAGE, "one metric of one subject can be spoken about at a time");
                return fail_hint(err, "name both: hone history METRIC SUBJECT --change COMMIT");
        }
        if (h->n_changes == 0)
                return fail(err, ERR_NOT_FOUND, "%.*s has no change", SPAN_ARG(h->name.name));
        for (size_t i = h->n_changes; i-- > 0;) {
                if (!span_is(word, "last") && !is_change(h, i, word))
                        continue;
                *ret_history = h;
                *ret_change = &h->changes[i];
                return 0;
        }
        fail(err, ERR_NOT_FOUND, "%.*s has no change '%.*s'", SPAN_ARG(h->name.name),
             SPAN_ARG(word));
        return fail_hint(err, "a change is named by its mark (1), its commit, or 'last'");
}

static int check_words(const HistoryOpts *opts, Error *err)
{
        if (!opts->owner || span_trim(span_of(opts->owner)).len == 0)
                return fail(err, ERR_USAGE, "--accept needs --owner: who answers for it");
        if (!opts->reason || span_trim(span_of(opts->reason)).len == 0)
                return fail(err, ERR_USAGE, "--accept needs --reason: why, in a sentence");
        return 0;
}

static int check_acceptable(const History *h, const HistoryChange *change, Error *err)
{
        Span revision = h->points[change->point.at].revision;

        if (!h->name.metric)
                return fail(err, ERR_USAGE, "'%.*s' is in no catalogue, so it has no exceptions",
                            SPAN_ARG(h->name.name));
        if (revision.len < COMMIT_SHORTEST)
                return fail(err, ERR_USAGE, "the change has no commit that could be accepted");
        return 0;
}

static int write_exception(const HistoryAsk *ask, const ExceptionDraft *draft,
                           const char **ret_path, Error *err)
{
        Arena *arena = ask->ctx->arena;
        ExceptionList list;
        Span text = { 0 }, more;
        const char *path;
        int r = exceptions_load(ask->config.dir, arena, &list, err);

        if (r < 0)
                return r;
        path = list.file ? list.file
                         : path_join(arena, ask->config.dir, "performance-exceptions.yaml");
        if (list.file)
                r = file_read(path, LARGEST_EXCEPTIONS, arena, &text, err);
        if (r == 0)
                r = exceptions_extend(text, path, draft, arena, &more, err);
        if (r == 0)
                r = file_write(path, more, err);
        if (r == 0)
                *ret_path = path;
        return r;
}

int history_accept(const HistoryAsk *ask, const HistorySet *set, Span *ret_told, Error *err)
{
        const HistoryChange *change;
        const History *h;
        const char *path;
        int r = check_words(ask->opts, err);

        if (r == 0)
                r = history_pick(ask, set, &h, &change, err);
        if (r == 0)
                r = check_acceptable(h, change, err);
        if (r < 0)
                return r;
        if (change->state == STATE_ACCEPTED) {
                *ret_told =
                        span_of(arena_printf(ask->ctx->arena, "It is accepted already, by %.*s.",
                                             SPAN_ARG(change->exception->owner)));
                return 0;
        }
        r = write_exception(ask,
                            &(ExceptionDraft){ .metric = h->name.metric,
                                               .subject = h->name.subject,
                                               .owner = span_of(ask->opts->owner),
                                               .reason = span_of(ask->opts->reason),
                                               .revision = h->points[change->point.at].revision },
                            &path, err);
        if (r < 0)
                return fail_while(err, "accepting a change");
        *ret_told = span_of(arena_printf(ask->ctx->arena,
                                         "Accepted in %s; have it reviewed and commit it.", path));
        return 0;
}

int history_annotate(const HistoryAsk *ask, const HistorySet *set, Span *ret_told, Error *err)
{
        Context *ctx = ask->ctx;
        const HistoryChange *change;
        const History *h;
        HistoryNotes notes;
        Store *store;
        int r;

        if (!ask->store)
                return fail(err, ERR_USAGE, "notes are kept in the store, and a CSV file has none");
        r = history_pick(ask, set, &h, &change, err);
        if (r == 0)
                r = command_store(ctx, STORE_WRITE, &store, err);
        if (r == 0)
                r = history_notes_read(store, ctx->arena, &notes, err);
        if (r == 0)
                r = history_notes_add(&notes, h, change, span_of(ask->opts->annotate),
                                      ctx->os->wall_ns(ctx->os), err);
        if (r == 0)
                r = history_notes_write(store, &notes, ctx->arena, err);
        if (r < 0)
                return fail_while(err, "keeping a note");
        *ret_told = SPAN("The note is kept in the store.");
        return 0;
}
