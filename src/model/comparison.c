#include "model/comparison.h"

static const char *const change_names[] = {
#define X(id, name) name,
        CHANGE_VERDICTS(X)
#undef X
};

static const char *const gate_names[] = {
#define X(id, name) name,
        GATE_VERDICTS(X)
#undef X
};

/* A change of a metric that has no better side is neither faster nor slower. */
static const ChangeVerdict verdicts[][3] = {
        [EFFECT_UP] = { [DIRECTION_LOWER] = CHANGE_SLOWER,
                        [DIRECTION_HIGHER] = CHANGE_FASTER,
                        [DIRECTION_NEITHER] = CHANGE_UNKNOWN },
        [EFFECT_DOWN] = { [DIRECTION_LOWER] = CHANGE_FASTER,
                          [DIRECTION_HIGHER] = CHANGE_SLOWER,
                          [DIRECTION_NEITHER] = CHANGE_UNKNOWN },
        [EFFECT_SAME] = { CHANGE_SAME, CHANGE_SAME, CHANGE_SAME },
        [EFFECT_UNKNOWN] = { CHANGE_UNKNOWN, CHANGE_UNKNOWN, CHANGE_UNKNOWN },
};

const char *change_verdict_name(ChangeVerdict verdict)
{
        BUG_IF((size_t)verdict >= COUNT(change_names));
        return change_names[verdict];
}

const char *gate_verdict_name(GateVerdict verdict)
{
        BUG_IF((size_t)verdict >= COUNT(gate_names));
        return gate_names[verdict];
}

ChangeVerdict change_verdict(EffectAnswer answer, Direction direction)
{
        BUG_IF((size_t)answer >= COUNT(verdicts) || (size_t)direction >= COUNT(verdicts[0]));
        return verdicts[answer][direction];
}
