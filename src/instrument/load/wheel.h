#pragma once
/* Time-outs of many requests at no cost per request: a timing wheel with lazy deadlines.
 *
 *         wheel_init(&wheel, now_ns, tick_ns);
 *         wheel_arm(&wheel, &timer, now_ns + timeout_ns);
 *         wheel_postpone(&wheel, &timer, later_ns);      // a store; the slot is left as it is
 *         while ((t = wheel_pop(&wheel, now_ns))) ...    // due ones, each at most one tick late
 *
 * A timer is linked in the slot of some moment not after its due time. When that slot's turn comes
 * and the timer is due later, it moves on; so a connection is touched once per time-out period,
 * not once per request. Due times past the wheel's reach wait in the farthest slot. Timers are
 * embedded in their owners; TIMER_NEVER takes one out when its slot's turn comes.
 * After: Varghese & Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 6.
 */

#include "base/macros.h"

#define WHEEL_SLOTS 1024
#define TIMER_NEVER UINT64_MAX

typedef struct Timer Timer;
struct Timer {
        Timer *next, *prev; /* NULL: not linked */
        uint64_t due_ns;
};

typedef struct Wheel {
        Timer slots[WHEEL_SLOTS]; /* heads of rings */
        uint64_t tick_ns;
        uint64_t turned; /* number of the next tick to look at */
} Wheel;

void wheel_init(Wheel *wheel, uint64_t now_ns, uint64_t tick_ns);
void wheel_arm(Wheel *wheel, Timer *timer, uint64_t due_ns); /* also earlier than before */
void wheel_disarm(Timer *timer);                             /* accepts one that is not linked */
Timer *wheel_pop(Wheel *wheel, uint64_t now_ns);

/* When the wheel wants to be looked at again. */
static inline uint64_t wheel_next_ns(const Wheel *wheel)
{
        return (wheel->turned + 1) * wheel->tick_ns;
}

/* For due times that only move forward. */
static inline void wheel_postpone(Wheel *wheel, Timer *timer, uint64_t due_ns)
{
        if (LIKELY(timer->next && timer->due_ns <= due_ns))
                timer->due_ns = due_ns;
        else
                wheel_arm(wheel, timer, due_ns);
}
