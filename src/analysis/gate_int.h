#pragma once
/* What the sources of the gate share: the result being made. Private to analysis/gate*.c. */

#include "analysis/gate.h"
#include "base/vec.h"

#define GATE_CONFIDENCE 0.95
#define GATE_TOLERANCE 0.05

typedef struct Gate {
        const GateInput *in;
        Arena *arena;
        VEC(GateItem) items;
        VEC(Span) notes;
        signed char *accepted; /* by exception: in the runs and not in the base; 0: not asked yet */
} Gate;

/* An empty item: no value, no interval. NULL with err set when there is no room. */
GateItem *gate_add(Gate *gate, GateSource source, Error *err);
void gate_note(Gate *gate, const char *format, ...) PRINTF(2, 3);
/* One text, made by Buf, as gate_note's format is. */
Span gate_words(Arena *arena, const char *format, ...) PRINTF(2, 3);
/* "[1.20 ms, 1.31 ms]" */
Span range_words(Arena *arena, Unit unit, Interval interval);
/* "[-1.2 %, +3.0 %]" */
Span change_range_words(Arena *arena, Interval change);
/* How much worse: the change itself, or, where more is better, that of the reciprocal. */
Interval gate_worsening(Interval change, Direction direction);
Span quantity_words(Arena *arena, Unit unit, double value);
Span change_words(Arena *arena, double change);

/* Each source adds its items; one that was not asked for adds none. */
#define X(id, name, words) int gate_judge_##name(Gate *gate, Error *err);
GATE_SOURCES(X)
#undef X
/* Exceptions over all items, once they are judged. */
void gate_apply_exceptions(Gate *gate);
