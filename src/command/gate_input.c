/* What hone gate judges: budgets, runs, a base, objectives, the history, exceptions. */

#include <string.h>

#include "base/fs.h"
#include "base/subprocess.h"
#include "command/gate_command.h"
#include "command/select.h"
#include "process/config.h"

#define FILE_MAX_BYTES MiB(4)
#define GIT_TIMEOUT_NS (30 * NS_PER_S)

/* A file that somebody named and that is not there is a mistake of the command line. */
static int read_named(Context *ctx, const char *path, const char *what, Span *ret, Error *err)
{
        int r = file_read(path, FILE_MAX_BYTES, ctx->arena, ret, err);

        if (r < 0 && !path_exists(path))
                return fail(err, ERR_NOT_FOUND, "there is no %s '%s'", what, path);
        return r;
}

/* NULL when there is none and something else is judged. */
static int find_budget(Context *ctx, const GateOpts *opts, const Config *config, const char **ret,
                       Error *err)
{
        bool others = opts->base || opts->slos.len || opts->history;
        char *path = NULL;
        int r = 0;

        if (opts->budget)
                path = (char *)opts->budget;
        else if (config->budgets.len)
                path = path_join(ctx->arena, config->dir, span_text(ctx->arena, config->budgets));
        else
                r = budget_find(config->dir, ctx->arena, &path, others ? NULL : err);
        *ret = path;
        return others ? 0 : r;
}

static int read_budget(Context *ctx, const GateOpts *opts, const Config *config, const Budget **ret,
                       Error *err)
{
        Budget *budget = new (ctx->arena, Budget, 1);
        const char *path = NULL;
        Span text;
        int r = find_budget(ctx, opts, config, &path, err);

        if (r < 0 || !path)
                return r;
        r = read_named(ctx, path, "budget file", &text, err);
        if (r == 0)
                r = budget_parse(text, path, ctx->arena, budget, err);
        if (r == 0)
                *ret = budget;
        return r;
}

static int read_slos(Context *ctx, const GateOpts *opts, const SloList **ret, Error *err)
{
        SloList *lists = new (ctx->arena, SloList, opts->slos.len);

        for (size_t i = 0; i < opts->slos.len; i++) {
                Span text;
                int r = read_named(ctx, opts->slos.items[i], "SLO file", &text, err);

                if (r == 0)
                        r = slo_parse(text, opts->slos.items[i], ctx->arena, &lists[i], err);
                if (r < 0)
                        return r;
        }
        *ret = lists;
        return 0;
}

static int read_exceptions(Context *ctx, const GateOpts *opts, const Config *config,
                           const ExceptionList **ret, Error *err)
{
        ExceptionList *list = new (ctx->arena, ExceptionList, 1);
        Span text;
        int r;

        if (opts->exceptions) {
                r = read_named(ctx, opts->exceptions, "exception file", &text, err);
                if (r == 0)
                        r = exceptions_parse(text, opts->exceptions, ctx->arena, list, err);
        } else {
                r = exceptions_load(config->dir, ctx->arena, list, err);
        }
        if (r == 0)
                *ret = list;
        return r;
}

/* Is `revision` the commit or one of its ancestors? What git does not know is not. */
static bool holds(void *context, Span revision, Span commit)
{
        Context *ctx = context;
        const char *argv[] = { "git", "merge-base", "--is-ancestor", NULL, NULL, NULL };
        Subprocess done;

        if (revision.len == 0 || commit.len == 0)
                return false;
        argv[3] = span_text(ctx->arena, revision);
        argv[4] = span_text(ctx->arena, commit);
        if (argv[3][0] == '-' || argv[4][0] == '-')
                return false;
        return subprocess_run(&(SubprocessPlan){ .argv = argv, .timeout_ns = GIT_TIMEOUT_NS },
                              ctx->arena, &done, NULL) == 0 &&
               !done.timed_out && done.exit_status == 0;
}

static int read_runs(Context *ctx, const GateOpts *opts, Span words, GateInput *in, Error *err)
{
        RunSet runs, base = { 0 };
        Store *store;
        int r = command_store(ctx, STORE_READ, &store, err);

        if (r == 0)
                r = select_latest(store, words, ctx->arena, &runs, err);
        if (r == 0 && opts->base)
                r = select_runs(store, span_of(opts->base), ctx->arena, &base, err);
        if (r < 0)
                return r;
        in->runs = runs.items;
        in->n_runs = runs.len;
        in->base = base.items;
        in->n_base = base.len;
        return opts->history ? gate_histories(ctx, store, in, err) : 0;
}

int gate_input(Context *ctx, const GateOpts *opts, Span words, GateInput *ret, Error *err)
{
        GateInput in = { .groups = opts->groups.len ? &opts->groups : NULL,
                         .paired = opts->paired,
                         .tolerance = opts->tolerance,
                         .alpha = opts->alpha,
                         .by_history = opts->history,
                         .n_slos = opts->slos.len,
                         .now_ns = ctx->os->wall_ns(ctx->os),
                         .holds = holds,
                         .context = ctx };
        Config config;
        int r = config_load(NULL, ctx->arena, &config, err);

        if (r == 0)
                r = read_budget(ctx, opts, &config, &in.budget, err);
        if (r == 0)
                r = read_slos(ctx, opts, &in.slos, err);
        if (r == 0)
                r = read_exceptions(ctx, opts, &config, &in.exceptions, err);
        if (r == 0)
                r = read_runs(ctx, opts, words, &in, err);
        if (r == 0)
                *ret = in;
        return r;
}
