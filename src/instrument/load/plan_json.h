#pragma once
/* The plan as JSON, with the defaults that were filled in; what a stored run repeats it from. */

#include "instrument/load/plan.h"

void load_plan_json(const void *plan, Buf *out);
