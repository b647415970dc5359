#pragma once
/* What the numbers of a load cannot say: kinds of errors, what was not seen, why to doubt it. */

#include "instrument/load/record.h"

void load_record_notes(const LoadResult *result, const Tally *total, Recording *rec);
