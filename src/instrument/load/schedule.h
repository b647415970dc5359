#pragma once
/* Arrivals of the open model: number k is due at start + k / rate, whatever the server does.
 *
 *         Schedule s = schedule_from(start_ns, rate_per_s, thread, n_threads);
 *         while (s.due_ns <= now_ns)
 *                 k = schedule_take(&s);          // k = thread, thread + n_threads, ...
 *
 * Threads share one row of arrivals, so together they keep the exact rate. Due times come from k
 * and not from adding up gaps: no drift.
 */

#include "base/macros.h"

typedef struct Schedule {
        uint64_t start_ns, next, stride;
        double gap_ns;
        uint64_t due_ns; /* of arrival `next` */
} Schedule;

Schedule schedule_from(uint64_t start_ns, double rate_per_s, unsigned first, unsigned stride);
/* The number of the arrival that was due; goes on to the next. */
uint64_t schedule_take(Schedule *s);
/* Arrivals not taken that were due in [from, to). */
uint64_t schedule_untaken(const Schedule *s, uint64_t from_ns, uint64_t to_ns);
