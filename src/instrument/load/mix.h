#pragma once
/* The weighted mix as a cycle of endpoint numbers, in an order that repeats exactly.
 *
 * Smooth weighted round robin (as nginx balances): each turn every endpoint gains its weight, the
 * richest is sent and pays the sum. Weights 5:1:1 give A A B A C A A, never five in a row. The
 * weights' common divisor is taken out; the cycle has one entry per remaining unit of weight.
 */

#include "instrument/load/plan.h"

int mix_build(LoadSetup *setup, Arena *arena, Error *err);
