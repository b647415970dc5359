#include "process/examine.h"

#include <limits.h>
#include <unistd.h>

#include "analysis/rule.h"
#include "instrument/profile/profiler.h"
#include "instrument/system/system.h"
#include "process/lock.h"
#include "process/serving.h"

#define SYSTEM_STEP_NS (500 * NS_PER_MS)
enum { PART_SYSTEM, PART_PROFILE, PART_LOAD, N_PARTS };

/* An examination in progress. */
typedef struct Exam {
        const ExaminePlan *plan;
        Arena *arena;
        Examination *result;
        LoadRequest *requests;
        size_t n_requests;
        Span group;
} Exam;

PRINTF(2, 3) static void not_examined(Exam *e, const char *format, ...)
{
        Span *slot = vec_add(e->arena, &e->result->not_examined);
        Buf text = buf_in(e->arena, KiB(64));
        va_list args;

        if (!slot)
                return;
        va_start(args, format);
        buf_vprintf(&text, format, args);
        va_end(args);
        *slot = buf_span(&text);
}

static void take_requests(Exam *e)
{
        const ExaminePlan *plan = e->plan;

        e->n_requests = plan->n_urls + plan->n_requests;
        e->requests = new (e->arena, LoadRequest, e->n_requests);
        for (size_t i = 0; i < plan->n_urls; i++)
                e->requests[i] = (LoadRequest){ .url = span_of(plan->urls[i]) };
        for (size_t i = 0; i < plan->n_requests; i++)
                e->requests[plan->n_urls + i] = plan->requests[i];
}

/* The process behind the URL; without one there is still the client's view. */
static int find_target(Exam *e, Error *err)
{
        Target *target = &e->result->target;
        Span why;
        int r = serving_target(e->requests[0].url, e->arena, target, &why, err);

        if (r < 0)
                return r;
        if (e->plan->pid) {
                target->pid = e->plan->pid;
                target->name = process_name(target->pid, e->arena);
        } else if (!target->pid) {
                not_examined(e, "the server's processes: %.*s", SPAN_ARG(why));
        }
        return 0;
}

static void find_executable(Exam *e)
{
        const char *link = arena_printf(e->arena, "/proc/%d/exe", e->result->target.pid);
        char path[PATH_MAX];
        ssize_t n = e->result->target.pid ? readlink(link, path, sizeof(path)) : -1;

        if (n > 0)
                e->result->executable = arena_text(e->arena, path, (size_t)n);
}

static LoadPlan load_plan(const Exam *e, bool alone)
{
        return (LoadPlan){ .requests = e->requests,
                           .n_requests = e->n_requests,
                           .connections = alone ? 1 : e->plan->connections,
                           .rate_per_s = alone ? 0 : e->plan->rate_per_s,
                           .duration_ns = alone ? e->plan->alone_ns : e->plan->duration_ns,
                           .warmup_ns = e->plan->warmup_ns };
}

static void keep_run(Exam *e, Run *run, Run **slot)
{
        *slot = run;
        if (run)
                e->result->runs[e->result->n_runs++] = run;
}

static int measure_alone(Exam *e, Error *err)
{
        LoadPlan plan = load_plan(e, true);
        Run *run;
        int r;

        if (!e->plan->alone_ns)
                return 0;
        r = measure(
                &(MeasurePlan){ .target = &e->result->target,
                                .parts = &(MeasurePart){ &load_instrument, &plan, .ends = true },
                                .n_parts = 1,
                                .label = SPAN("alone"),
                                .group = e->group,
                                .what = "alone, one connection",
                                .os = e->plan->os,
                                .progress = e->plan->progress },
                0, e->arena, &run, err);
        if (r == 0)
                keep_run(e, run, &e->result->alone);
        return r;
}

static int measure_loaded(Exam *e, Error *err)
{
        LoadPlan load = load_plan(e, false);
        ProfilePlan profile = { 0 };
        SystemPlan sys = { .interval_ns = SYSTEM_STEP_NS };
        MeasurePart parts[N_PARTS] = { [PART_SYSTEM] = { &system_instrument, &sys } };
        bool with_profile = e->result->target.pid && !e->plan->no_profile;
        size_t n = PART_PROFILE, load_at;
        Run *runs[N_PARTS] = { 0 };
        int r;

        if (with_profile)
                parts[n++] = (MeasurePart){ &profile_instrument, &profile };
        load_at = n;
        parts[n++] = (MeasurePart){ &load_instrument, &load, .ends = true };
        r = measure(&(MeasurePlan){ .target = &e->result->target,
                                    .parts = parts,
                                    .n_parts = n,
                                    .label = e->plan->label,
                                    .group = e->group,
                                    .what = "under load",
                                    .os = e->plan->os,
                                    .progress = e->plan->progress },
                    ~(1u << load_at), e->arena, runs, err);
        if (r < 0)
                return r;
        keep_run(e, runs[load_at], &e->result->load);
        keep_run(e, with_profile ? runs[PART_PROFILE] : NULL, &e->result->profile);
        keep_run(e, runs[PART_SYSTEM], &e->result->system);
        return 0;
}

static const Recording *recording_of(const Run *run)
{
        return run ? run->recording : NULL;
}

/* "rule: reason" cut in two; the reason is left. */
static Span cut_rule(Span *gap)
{
        Span rule = span_cut(gap, ':');

        *gap = span_trim(*gap);
        return rule;
}

/* Rules that lack the same evidence on one line: "no stack samples (rules a, b, c)". */
static void collect_rule_gaps(Exam *e)
{
        const Diagnosis *d = &e->result->diagnosis;
        bool *told = new (e->arena, bool, d->not_examined.len);

        for (size_t i = 0; i < d->not_examined.len; i++) {
                Buf rules = buf_in(e->arena, KiB(64));
                Span reason = d->not_examined.items[i];

                cut_rule(&reason);
                for (size_t k = i; k < d->not_examined.len; k++) {
                        Span other = d->not_examined.items[k], rule = cut_rule(&other);

                        if (told[k] || !span_eq(other, reason))
                                continue;
                        told[k] = true;
                        buf_printf(&rules, "%s%.*s", rules.len ? ", " : "", SPAN_ARG(rule));
                }
                if (rules.len)
                        not_examined(e, "%.*s (not tried: %.*s)", SPAN_ARG(reason),
                                     SPAN_ARG(buf_span(&rules)));
        }
}

static void collect_gaps(Exam *e)
{
        Examination *x = e->result;

        for (size_t i = 0; i < x->n_runs; i++)
                vec_each (Note, note, &x->runs[i]->recording->notes)
                        if (note->kind == NOTE_NOT_EXAMINED)
                                not_examined(e, "%.*s", SPAN_ARG(note->text));
        collect_rule_gaps(e);
}

static int judge(Exam *e, Error *err)
{
        Examination *x = e->result;
        Evidence evidence = { .alone = recording_of(x->alone),
                              .load = recording_of(x->load),
                              .profile = recording_of(x->profile),
                              .system = recording_of(x->system),
                              .executable = x->executable };
        RuleSet *rules;
        int r = rules_load(e->plan->advice_dir, e->arena, &rules, err);

        if (r == 0)
                r = diagnose(&evidence, rules, e->arena, &x->diagnosis, err);
        if (r == 0)
                collect_gaps(e);
        return r;
}

int examine(const ExaminePlan *plan, Arena *arena, Examination *ret, Error *err)
{
        Examination result = { .not_examined = VEC_INIT(1000) };
        Exam e = { .plan = plan, .arena = arena, .result = &result };
        MeasureLock lock = { 0 };
        int r;

        take_requests(&e);
        e.group = measure_group("diagnose", plan->os, arena);
        r = find_target(&e, err);
        if (r == 0)
                r = measure_lock(plan->os, MEASURE_LOCK_WAIT_NS, &lock, err);
        if (r < 0)
                return r;
        find_executable(&e);
        r = measure_alone(&e, err);
        if (r == 0)
                r = measure_loaded(&e, err);
        measure_unlock(&lock);
        if (r == 0)
                r = judge(&e, err);
        if (r == 0)
                *ret = result;
        return r;
}
