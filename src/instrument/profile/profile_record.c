#include "instrument/profile/profile_record.h"

#include "instrument/profile/profile_limits.h"
#include "instrument/profile/symboliser.h"

#define MAX_CHAIN_FRAMES 4096 /* with inlined functions */

/* Frames of one location, outermost first. */
typedef struct NamedLocation {
        const uint32_t *frames;
        uint32_t n;
        bool done;
} NamedLocation;

typedef struct Folding {
        const ChainStore *chains;
        Symboliser *symboliser;
        NamedLocation *named; /* by location */
        Profile *profile;
        Arena *arena;
        uint32_t frames[MAX_CHAIN_FRAMES];
} Folding;

static const NamedLocation *named_location(Folding *f, uint32_t number)
{
        NamedLocation *named = &f->named[number];
        uint32_t frames[DEBUG_MAX_INLINES];
        uint32_t *kept;

        if (named->done)
                return named;
        named->done = true;
        named->n = (uint32_t)symboliser_frames(f->symboliser, &f->chains->locations.items[number],
                                               frames, COUNT(frames));
        kept = new (f->arena, uint32_t, named->n);
        for (uint32_t i = 0; i < named->n; i++)
                kept[i] = frames[i];
        named->frames = kept;
        return named;
}

static void push(Folding *f, size_t *n, uint32_t frame)
{
        if (*n < MAX_CHAIN_FRAMES)
                f->frames[(*n)++] = frame;
}

static void fold_chain(Folding *f, const Chain *chain)
{
        size_t n = 0;

        push(f, &n,
             profile_frame(f->profile,
                           &(FrameDesc){ .symbol = chain->key.thread, .kind = FRAME_THREAD }));
        if (chain->key.truncated)
                push(f, &n,
                     profile_frame(f->profile, &(FrameDesc){ .symbol = SPAN("[truncated]"),
                                                             .kind = FRAME_UNKNOWN }));
        for (uint32_t i = chain->n; i-- > 0;) {
                const NamedLocation *named;

                if (chain->locations[i] >= f->chains->locations.len) {
                        push(f, &n, UINT32_MAX); /* past a ceiling: the model counts it */
                        continue;
                }
                named = named_location(f, chain->locations[i]);
                for (uint32_t k = 0; k < named->n; k++)
                        push(f, &n, named->frames[k]);
        }
        profile_add(f->profile, f->frames, n, chain->samples, chain->weight);
}

static void fold(Recording *rec, const ProfileWindow *w, Arena *arena)
{
        AUTO(arena_freep) Arena *scratch = arena_new(PROFILE_ARENA_BYTES);
        const ChainStore *chains = w->sampler->chains;
        Folding *f = new (scratch, Folding, 1);

        rec->profile = profile_new(arena, w->plan->max_nodes);
        *f = (Folding){ .chains = chains, .profile = rec->profile, .arena = scratch };
        f->named = new (scratch, NamedLocation, chains->locations.len);
        f->symboliser =
                symboliser_new(&(SymboliserPlan){ .profile = rec->profile,
                                                  .notes = rec,
                                                  .n_modules = module_count(w->sampler->modules),
                                                  .no_inlines = w->plan->no_inlines,
                                                  .no_cache = w->plan->no_symbol_cache,
                                                  .debuginfod = w->plan->debuginfod },
                               scratch);
        vec_each (Chain, chain, &chains->chains)
                fold_chain(f, chain);
        rec->profile->event = "cpu";
        rec->profile->rate_hz = w->plan->rate_hz;
        rec->profile->duration_ns = w->duration_ns;
}

static void fill_quality(Profile *p, const StackSampler *s)
{
        ProfileQuality *q = &p->quality;

        q->samples += s->chains->dropped;
        q->dropped += s->chains->dropped;
        q->complete = s->counts.ends[UNWIND_COMPLETE];
        q->truncated = s->counts.samples - q->complete;
        q->lost = s->counts.lost;
}

static double share(uint64_t part, uint64_t whole)
{
        return whole ? (double)part / (double)whole : 0;
}

static void add_values(Recording *rec, const ProfileWindow *w)
{
        const ProfileQuality *q = &rec->profile->quality;
        uint64_t n = q->samples;

        recording_value(rec, METRIC_PROFILE_SAMPLES, SPAN(""), (double)n, 0);
        recording_value(rec, METRIC_PROFILE_LOST, SPAN(""), (double)q->lost, 0);
        if (w->duration_ns)
                recording_value(rec, METRIC_PROFILE_CPU, SPAN(""),
                                share(w->reader_cpu_ns, w->duration_ns), 0);
        if (n == 0)
                return;
        recording_value(rec, METRIC_PROFILE_COMPLETE, SPAN(""), share(q->complete, n), n);
        recording_value(rec, METRIC_PROFILE_TRUNCATED, SPAN(""), share(q->truncated, n), n);
        recording_value(rec, METRIC_PROFILE_UNKNOWN, SPAN(""), share(q->unknown_frames, q->frames),
                        q->frames);
}

/* What helps against a kind of early end; "" for most. */
static const char *const end_remedies[UNWIND_END_COUNT_] = {
        [UNWIND_COPY_SHORT] = "; look at more of the stack",
        [UNWIND_NO_RULE] = "; java: -XX:+PreserveFramePointer",
};

static void note_ends(Recording *rec, const StackSampler *s)
{
        for (unsigned end = 0; end < UNWIND_END_COUNT_; end++)
                if (end != UNWIND_COMPLETE && s->counts.ends[end])
                        recording_note(rec, NOTE_WARNING, "%llu of %llu stacks end early: %s%s",
                                       (unsigned long long)s->counts.ends[end],
                                       (unsigned long long)s->counts.samples,
                                       unwind_end_text((UnwindEnd)end),
                                       end_remedies[end] ? end_remedies[end] : "");
}

static void note_losses(Recording *rec, const ProfileWindow *w)
{
        const SampleCounts *c = &w->sampler->counts;
        const ProfileQuality *q = &rec->profile->quality;

        if (c->lost)
                recording_note(rec, NOTE_WARNING, "%llu samples were lost: the ring was full",
                               (unsigned long long)c->lost);
        if (q->dropped)
                recording_note(rec, NOTE_WARNING, "%llu samples did not fit under the ceiling",
                               (unsigned long long)q->dropped);
        if (c->throttled)
                recording_note(rec, NOTE_WARNING, "the kernel throttled sampling %llu times",
                               (unsigned long long)c->throttled);
        if (c->broken)
                recording_note(rec, NOTE_WARNING, "%llu records could not be read",
                               (unsigned long long)c->broken);
}

static void note_window(Recording *rec, const ProfileWindow *w)
{
        const StackSampler *s = w->sampler;

        if (s->counts.samples == 0)
                recording_note(rec, NOTE_WARNING, "no samples: the target did not run on a CPU");
        else
                recording_note(rec, NOTE_EXAMINED,
                               "CPU time of user code%s: %llu samples, %zu distinct stacks, "
                               "%.0f bytes kept a sample (of %.0f that passed)",
                               s->events->with_kernel && !w->plan->no_kernel ? " and the kernel"
                                                                             : "",
                               (unsigned long long)s->counts.samples, s->chains->chains.len,
                               share(s->chains->kept_bytes, s->counts.samples),
                               share(s->counts.read_bytes, s->counts.samples));
        recording_note(rec, NOTE_NOT_EXAMINED, "time spent waiting (off-CPU)");
        if (!s->events->with_kernel)
                recording_note(rec, NOTE_NOT_EXAMINED,
                               "time inside the kernel: it needs CAP_PERFMON, or "
                               "kernel.perf_event_paranoid of 1 or less");
        if (w->target_ended && w->exit_status < 0)
                recording_note(rec, NOTE_WARNING, "the target ended after %.1f s",
                               (double)w->duration_ns / (double)NS_PER_S);
        if (w->exit_status > 0)
                recording_note(rec, NOTE_WARNING, "the command ended with exit status %d",
                               w->exit_status);
}

Recording *profile_record(const ProfileWindow *w, Arena *arena)
{
        Recording *rec = recording_new(arena, "profile");

        rec->tier = SPAN(PROFILE_TIER);
        rec->wall_ns = w->wall_ns;
        rec->duration_ns = w->duration_ns;
        rec->partial = w->partial;
        note_window(rec, w);
        fold(rec, w, arena);
        fill_quality(rec->profile, w->sampler);
        add_values(rec, w);
        note_ends(rec, w->sampler);
        note_losses(rec, w);
        return rec;
}
