#include "instrument/load/wheel.h"

void wheel_init(Wheel *wheel, uint64_t now_ns, uint64_t tick_ns)
{
        wheel->tick_ns = tick_ns;
        wheel->turned = now_ns / tick_ns;
        for (size_t i = 0; i < WHEEL_SLOTS; i++)
                wheel->slots[i].next = wheel->slots[i].prev = &wheel->slots[i];
}

void wheel_disarm(Timer *timer)
{
        if (!timer->next)
                return;
        timer->prev->next = timer->next;
        timer->next->prev = timer->prev;
        timer->next = timer->prev = NULL;
}

void wheel_arm(Wheel *wheel, Timer *timer, uint64_t due_ns)
{
        uint64_t tick = MAX(due_ns / wheel->tick_ns, wheel->turned);
        Timer *head;

        tick = MIN(tick, wheel->turned + WHEEL_SLOTS - 1);
        head = &wheel->slots[tick % WHEEL_SLOTS];
        wheel_disarm(timer);
        timer->due_ns = due_ns;
        timer->prev = head->prev;
        timer->next = head;
        head->prev->next = timer;
        head->prev = timer;
}

/* A timer whose slot has its turn, but which is not due: on to a later slot. */
static void move_on(Wheel *wheel, Timer *timer)
{
        uint64_t due_ns = timer->due_ns;

        wheel_disarm(timer);
        if (due_ns != TIMER_NEVER)
                wheel_arm(wheel, timer, MAX(due_ns, (wheel->turned + 1) * wheel->tick_ns));
        timer->due_ns = due_ns;
}

Timer *wheel_pop(Wheel *wheel, uint64_t now_ns)
{
        /* A tick's slot has its turn when the whole tick is over: all in it are due then. */
        while ((wheel->turned + 1) * wheel->tick_ns <= now_ns) {
                Timer *head = &wheel->slots[wheel->turned % WHEEL_SLOTS];

                while (head->next != head) {
                        Timer *timer = head->next;

                        if (timer->due_ns <= now_ns) {
                                wheel_disarm(timer);
                                return timer;
                        }
                        move_on(wheel, timer);
                }
                wheel->turned++;
        }
        return NULL;
}
