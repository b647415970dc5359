#include "instrument/system/bounded_series.h"

#include <math.h>

BoundedSeries bounded_series_in(Arena *arena, size_t room)
{
        BUG_IF(room < 2 || room % 2);
        return (BoundedSeries){ .values = new (arena, double, room),
                                .room = room,
                                .ticks_per_point = 1 };
}

static double mean_of_known(double a, double b)
{
        if (isnan(a))
                return b;
        return isnan(b) ? a : (a + b) / 2;
}

static void halve(BoundedSeries *s)
{
        s->len /= 2;
        for (size_t i = 0; i < s->len; i++)
                s->values[i] = mean_of_known(s->values[2 * i], s->values[2 * i + 1]);
        s->ticks_per_point *= 2;
}

static void put_next(BoundedSeries *s, double value)
{
        s->next_tick++;
        s->ticks++;
        if (!isnan(value)) {
                s->sum += value;
                s->known++;
        }
        if (s->ticks < s->ticks_per_point)
                return;
        s->values[s->len++] = s->known ? s->sum / (double)s->known : (double)NAN;
        s->sum = 0;
        s->ticks = s->known = 0;
        if (s->len == s->room)
                halve(s);
}

void bounded_series_put(BoundedSeries *s, uint64_t tick, double value)
{
        while (s->next_tick < tick)
                put_next(s, (double)NAN);
        if (s->next_tick == tick)
                put_next(s, value);
}
