#include "analysis/planted_diff.h"

#include <math.h>

enum { ARRIVED = DRAWN_LEAVES, LEAVES, GROUPS = 8 };
#define NEW_SHARE 0.02
#define WINDOW_NS (10 * NS_PER_S)

double drawn_share(size_t leaf)
{
        double sum = 0;

        for (size_t i = 0; i < DRAWN_LEAVES; i++)
                sum += 1 / (double)(i + 2);
        return leaf < DRAWN_LEAVES ? 1 / (double)(leaf + 2) / sum : 0;
}

/* Shares of this run, each the sum of those before it and its own. */
static void draw_shares(const DrawPlan *plan, Rng *rng, double *sums)
{
        double whole = 0;

        for (size_t i = 0; i < LEAVES; i++) {
                double share = drawn_share(i);

                share += i == DRAWN_MIDDLE ? plan->grown : 0;
                share = i == 3 && plan->without_third ? 0 : share;
                share = i == ARRIVED && plan->with_new ? NEW_SHARE : share;
                whole += share * exp(plan->wander * rng_normal(rng));
                sums[i] = whole;
        }
        for (size_t i = 0; i < LEAVES; i++)
                sums[i] /= whole;
}

static size_t draw_leaf(const double *sums, Rng *rng)
{
        double at = rng_unit(rng);
        size_t leaf = 0;

        while (leaf + 1 < LEAVES && sums[leaf] <= at)
                leaf++;
        return leaf;
}

static uint32_t frame_named(Profile *p, const char *format, size_t number)
{
        Span name = span_of(arena_printf(p->arena, "%s%zu", format, number));

        return profile_frame(p, &(FrameDesc){ .symbol = name, .module = SPAN("/srv/app/server") });
}

static void add_sample(Profile *p, const uint32_t frames[3], uint64_t time_ns, bool timed)
{
        uint64_t weight = WINDOW_NS / 1000;

        if (timed)
                profile_add_at(p, frames, 3, profile_thread(p, SPAN("w"), 1, 1), time_ns, weight);
        else
                profile_add(p, frames, 3, 1, weight);
        p->quality.complete++;
}

Run *draw_run(const DrawPlan *plan, Rng *rng, Arena *arena)
{
        size_t n = (size_t)((double)plan->samples * (plan->load > 0 ? plan->load : 1));
        Run *run = new (arena, Run, 1);
        Profile *p = profile_new(arena, 1 << 12);
        double sums[LEAVES];
        size_t leaf = 0;

        profile_keep_samples(p, plan->timed ? n : 0);
        draw_shares(plan, rng, sums);
        for (size_t i = 0; i < n; i++) {
                uint32_t frames[3] = { frame_named(p, "main", 0) };

                if (i % MAX(plan->clump, (size_t)1) == 0)
                        leaf = draw_leaf(sums, rng);
                frames[1] = frame_named(p, "group_", leaf % GROUPS);
                frames[2] = frame_named(p, leaf == ARRIVED ? "arrived_" : "work_", leaf);
                add_sample(p, frames, WINDOW_NS * i / n, plan->timed);
        }
        p->event = "cpu";
        p->duration_ns = WINDOW_NS;
        run->recording = recording_new(arena, "profile");
        run->recording->profile = p;
        return run;
}
