#pragma once
/* Priority and order of findings: impact x frequency.
 *
 * Priority, from what one operation loses (founding table): P0 above 1 s, P1 from 200 ms, P2 from
 * 50 ms, P3 below or unknown; an operation that makes up less than RARE_SHARE of the traffic is
 * one lower. Stars, from what is lost per second of wall time (impact x frequency): 1 below 10 ms
 * or unknown, 2 from 10 ms, 3 from 50 ms, 4 from 250 ms, 5 from 1 s (a whole CPU).
 */

#include "model/finding.h"

#define RARE_SHARE 0.01

Priority priority_of(double impact_ns, double share_of_traffic); /* NaN: not known */
unsigned stars_of(double impact_ns, double frequency_per_s);
/* Most urgent first: priority; then causes before shapes before symptoms (FindingKind); then the
 * share of the resource, the impact, and the order they came in. */
void findings_rank(Finding *items, size_t n);
