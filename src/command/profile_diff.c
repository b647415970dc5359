#include "command/profile_diff.h"

#include <math.h>

#include "analysis/profile_diff.h"
#include "command/measuring.h"
#include "command/select.h"
#include "present/view.h"

#define DIFF_SEED 20260111 /* of the permutations: the same runs give the same answer */

const char *const profile_diff_bases[] = {
#define X(id, name) name,
        DIFF_BASES(X)
#undef X
                NULL,
};

/* Nanoseconds that both windows share. */
static uint64_t overlap_ns(const Recording *a, const Recording *b)
{
        uint64_t from = MAX(a->wall_ns, b->wall_ns);
        uint64_t to = MIN(a->wall_ns + a->duration_ns, b->wall_ns + b->duration_ns);

        return to > from ? to - from : 0;
}

/* Requests a second of the load run that ran beside this profile; NaN: none of its group did for
 * most of it. */
static int requests_beside(Store *store, const Run *profile, Arena *arena, double *ret, Error *err)
{
        RunQuery query = { .instrument = SPAN("load"), .group = profile->group };
        uint64_t most = profile->recording->duration_ns / 2;
        RunSummary *list;
        size_t n = 0;
        int r = profile->group.len ? store_list(store, &query, arena, &list, &n, err) : 0;

        *ret = NAN;
        for (size_t i = 0; r == 0 && i < n; i++) {
                Run *load;

                r = store_get(store, list[i].id, arena, &load, err);
                if (r == 0 && overlap_ns(load->recording, profile->recording) > most) {
                        most = overlap_ns(load->recording, profile->recording);
                        *ret = recording_get(load->recording, METRIC_REQUESTS, SPAN("")) /
                               ((double)load->recording->duration_ns / (double)NS_PER_S);
                }
        }
        return r;
}

static int side_of(Store *store, const char *words, DiffBasis basis, Arena *arena, DiffSide *ret,
                   Error *err)
{
        RunSet set;
        double *requests;
        int r = select_runs(store, span_of(words), arena, &set, err);

        if (r < 0)
                return r;
        set = select_instrument(&set, SPAN("profile"), arena);
        if (set.len == 0) {
                fail(err, ERR_USAGE, "'%s' names no profile", words);
                return fail_hint(err, "hone runs lists them; hone profile --label NAME makes one");
        }
        requests = new (arena, double, set.len);
        for (size_t i = 0; basis == DIFF_REQUEST && i < set.len; i++) {
                r = requests_beside(store, set.items[i], arena, &requests[i], err);
                if (r < 0)
                        return r;
        }
        *ret = (DiffSide){ .runs = set.items,
                           .len = set.len,
                           .requests_per_s = basis == DIFF_REQUEST ? requests : NULL };
        return 0;
}

static int write_page(Context *ctx, const ProfileDiffOpts *opts, const ProfileDiff *diff,
                      const DiffSide *a, const DiffSide *b, const DiffNames *names, Error *err)
{
        Doc *doc = doc_new(ctx->arena, "profile_diff");
        Buf page = buf_in(ctx->arena, MiB(512));
        const char *title = arena_printf(ctx->arena, "Profile diff of %.*s and %.*s",
                                         SPAN_ARG(names->a), SPAN_ARG(names->b));
        int r;

        doc_heading(doc, 1, "%s", title);
        r = view_profile_diff_flames(doc, diff, a, b, names, err);
        if (r < 0)
                return r;
        view_profile_diff(doc, diff, names);
        r = doc_print(doc, DOC_HTML, &(DocStyle){ .title = title }, &page, err);
        return r < 0 ? r : write_output(ctx, opts->html, buf_span(&page), err);
}

static int exit_status(const ProfileDiffOpts *opts, GateVerdict verdict)
{
        if (!opts->fail)
                return 0;
        return verdict == GATE_FAIL ? 1 : verdict == GATE_INCONCLUSIVE ? 3 : 0;
}

int profile_diff_run(Context *ctx, const ProfileDiffOpts *opts, const TextList *args, Error *err)
{
        DiffPlan plan = { .alpha = opts->alpha,
                          .tolerance = opts->tolerance,
                          .min_share = opts->min_share,
                          .basis = (DiffBasis)opts->basis,
                          .seed = DIFF_SEED };
        Doc *doc = doc_new(ctx->arena, "profile_diff");
        ProfileDiff diff;
        DiffSide a, b;
        DiffNames names;
        Store *store;
        int r;

        if (args->len != 2)
                return fail(err, ERR_USAGE, "--diff compares two sides: hone profile --diff A B");
        names = (DiffNames){ span_of(args->items[0]), span_of(args->items[1]) };
        r = command_store(ctx, STORE_READ, &store, err);
        if (r == 0)
                r = side_of(store, args->items[0], plan.basis, ctx->arena, &a, err);
        if (r == 0)
                r = side_of(store, args->items[1], plan.basis, ctx->arena, &b, err);
        if (r == 0)
                r = profile_diff(&a, &b, &plan, ctx->arena, &diff, err);
        if (r == 0 && opts->html)
                r = write_page(ctx, opts, &diff, &a, &b, &names, err);
        if (r < 0)
                return r;
        if (!is_stdout(opts->html)) {
                view_profile_diff(doc, &diff, &names);
                r = command_print(ctx, doc, err);
        }
        return r < 0 ? r : exit_status(opts, diff.verdict);
}
