#pragma once
/* What a stopped sampler saw, as a Recording: values, series, and notes on all it did not see. */

#include "instrument/system/sampler.h"

Recording *system_record(const Sampler *s, Arena *arena);
