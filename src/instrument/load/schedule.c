#include "instrument/load/schedule.h"

#include <math.h>

static uint64_t due_of(const Schedule *s, uint64_t k)
{
        return s->start_ns + (uint64_t)((double)k * s->gap_ns);
}

Schedule schedule_from(uint64_t start_ns, double rate_per_s, unsigned first, unsigned stride)
{
        Schedule s = { .start_ns = start_ns,
                       .next = first,
                       .stride = stride,
                       .gap_ns = (double)NS_PER_S / rate_per_s };

        s.due_ns = due_of(&s, s.next);
        return s;
}

uint64_t schedule_take(Schedule *s)
{
        uint64_t k = s->next;

        s->next += s->stride;
        s->due_ns = due_of(s, s->next);
        return k;
}

/* The first of this thread's arrivals, from `next` on, that is due at or after a moment. */
static uint64_t first_at(const Schedule *s, uint64_t at_ns)
{
        double turns;
        uint64_t k;

        if (at_ns <= s->due_ns)
                return s->next;
        turns = floor((double)(at_ns - s->due_ns) / (s->gap_ns * (double)s->stride));
        k = s->next + (uint64_t)turns * s->stride;
        while (due_of(s, k) < at_ns) /* rounding: at most a step or two */
                k += s->stride;
        return k;
}

uint64_t schedule_untaken(const Schedule *s, uint64_t from_ns, uint64_t to_ns)
{
        return from_ns < to_ns ? (first_at(s, to_ns) - first_at(s, from_ns)) / s->stride : 0;
}
