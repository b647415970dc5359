#include "model/run.h"

static const char *const noise_names[] = {
#define X(id, name) name,
        NOISE_VERDICTS(X)
#undef X
};

const char *noise_verdict_name(NoiseVerdict verdict)
{
        BUG_IF((size_t)verdict >= COUNT(noise_names));
        return noise_names[verdict];
}
