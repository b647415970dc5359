#include "process/measure.h"

#include "base/interrupt.h"
#include "instrument/system/system.h"

#define MAX_PARTS 8
#define TICK_NS (100 * NS_PER_MS)

/* One window in progress. */
typedef struct Window {
        const MeasurePlan *plan;
        unsigned optional;
        Arena *arena;
        void *states[MAX_PARTS];
        bool started[MAX_PARTS];
        Error skipped[MAX_PARTS]; /* why an optional part did not run */
        uint64_t begin_ns;
} Window;

static bool is_optional(const Window *w, size_t i)
{
        return w->optional & (1u << i);
}

static int start_part(Window *w, size_t i, Error *err)
{
        const MeasurePart *part = &w->plan->parts[i];
        Error why = { 0 };
        int r = part->instrument->start(w->plan->target, part->plan, w->arena, &w->states[i], &why);

        if (r == 0) {
                w->started[i] = true;
                return 0;
        }
        if (is_optional(w, i)) {
                w->skipped[i] = why;
                return 0;
        }
        if (err)
                *err = why;
        return fail_while(err, "starting the %s instrument", part->instrument->name);
}

/* Those that run until stopped first, so that they see the whole window of those with an end. */
static int start_all(Window *w, Error *err)
{
        for (int with_end = 0; with_end < 2; with_end++)
                for (size_t i = 0; i < w->plan->n_parts; i++) {
                        int r;

                        if (w->plan->parts[i].ends != with_end)
                                continue;
                        r = start_part(w, i, err);
                        if (r < 0)
                                return r;
                }
        w->begin_ns = os_now(w->plan->os);
        return 0;
}

static void show_progress(Window *w)
{
        uint64_t elapsed = os_now(w->plan->os) - w->begin_ns;

        for (size_t i = 0; i < w->plan->n_parts; i++) {
                const Instrument *in = w->plan->parts[i].instrument;
                InstrumentProgress p = { 0 };

                if (!w->started[i] || !w->plan->parts[i].ends || !in->progress)
                        continue;
                in->progress(w->states[i], &p);
                progress_show(w->plan->progress, "%s: %.1f/%.1f s  %.0f/s%s", w->plan->what,
                              (double)p.elapsed_ns / 1e9, (double)p.planned_ns / 1e9, p.rate_per_s,
                              p.error_ratio > 0 ? "  with errors" : "");
                return;
        }
        progress_show(w->plan->progress, "%s: %.1f/%.1f s", w->plan->what, (double)elapsed / 1e9,
                      (double)w->plan->duration_ns / 1e9);
}

/* True when the window is over: every part with an end has reached it, or the time is up. */
static bool window_over(Window *w)
{
        bool waited = false, over = true;

        for (size_t i = 0; i < w->plan->n_parts; i++) {
                const Instrument *in = w->plan->parts[i].instrument;

                if (!w->started[i] || !w->plan->parts[i].ends)
                        continue;
                waited = true;
                over &= in->wait(w->states[i], TICK_NS);
        }
        if (waited)
                return over;
        w->plan->os->sleep_ns(w->plan->os, TICK_NS);
        return os_now(w->plan->os) - w->begin_ns >= w->plan->duration_ns;
}

static Run *run_of(Window *w, size_t i, Recording *rec, const Fingerprint *fingerprint,
                   const Noise *noise)
{
        const MeasurePart *part = &w->plan->parts[i];
        Buf plan_json = buf_in(w->arena, MiB(1));
        Run *run = new (w->arena, Run, 1);

        part->instrument->plan_json(part->plan, &plan_json);
        for (size_t k = 0; k < w->plan->n_parts; k++)
                if (w->skipped[k].code)
                        recording_note(rec, NOTE_NOT_EXAMINED, "%s: %s",
                                       w->plan->parts[k].instrument->name, w->skipped[k].message);
        *run = (Run){ .label = w->plan->label,
                      .group = w->plan->group,
                      .target = *w->plan->target,
                      .plan_json = buf_span(&plan_json),
                      .fingerprint = *fingerprint,
                      .noise = *noise,
                      .recording = rec };
        return run;
}

/* Stops every part that was started, whatever happens; recordings[i] NULL where it failed. */
static int stop_all(Window *w, Recording **recordings, Error *err)
{
        int result = 0;

        for (size_t i = w->plan->n_parts; i-- > 0;) {
                const Instrument *in = w->plan->parts[i].instrument;
                Error why = { 0 };

                recordings[i] = NULL;
                if (!w->started[i])
                        continue;
                if (in->stop(w->states[i], w->arena, &recordings[i], &why) == 0)
                        continue;
                if (is_optional(w, i)) {
                        w->skipped[i] = why;
                } else if (result == 0) {
                        result = -why.code;
                        if (err)
                                *err = why;
                }
        }
        return result;
}

int measure(const MeasurePlan *plan, unsigned optional, Arena *arena, Run **ret_runs, Error *err)
{
        Window w = { .plan = plan, .optional = optional, .arena = arena };
        Recording *recordings[MAX_PARTS];
        Fingerprint fingerprint;
        NoiseWatch *watch;
        Noise noise;
        int r, stopped;

        BUG_IF(plan->n_parts > MAX_PARTS);
        r = fingerprint_take(plan->dir, arena, &fingerprint, err);
        if (r < 0)
                return r;
        watch = noise_begin(plan->target->pid, arena);
        r = start_all(&w, err);
        while (r == 0 && !interrupted() && !window_over(&w))
                show_progress(&w);
        progress_clear(plan->progress);
        stopped = stop_all(&w, recordings, r < 0 ? NULL : err);
        noise = noise_end(watch, arena);
        if (r < 0 || stopped < 0)
                return r < 0 ? r : stopped;
        for (size_t i = 0; i < plan->n_parts; i++)
                ret_runs[i] =
                        recordings[i] ? run_of(&w, i, recordings[i], &fingerprint, &noise) : NULL;
        return 0;
}

Span measure_group(const char *command, const Os *os, Arena *arena)
{
        char when[WALL_TEXT_SIZE];
        uint16_t salt;

        os->entropy(os, &salt, sizeof(salt));
        os_wall_text(os->wall_ns(os), when);
        return span_of(arena_printf(arena, "%s-%.4s%.2s%.2s-%.2s%.2s%.2s-%04x", command, when,
                                    when + 5, when + 8, when + 11, when + 14, when + 17, salt));
}
