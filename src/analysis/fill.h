#pragma once
/* Placeholders in the texts of rules: "{function} burns {share} of CPU time".
 *
 * Which ones mean something depends on what the rule is about, so that a rule is checked when it
 * is read, not when it first speaks:
 *
 *         Span bad;
 *         if (!fill_check(text, FILL_FOR_METRIC, &bad))
 *                 ... "{bad}" is not known there
 *         title = fill_text(text, &(Fill){ .value = 3, .value_unit = UNIT_COUNT }, arena);
 */

#include "analysis/owner.h"
#include "analysis/pattern.h"
#include "base/units.h"

#define FILL_MAX_NAME 120 /* characters of a function's name; longer ones are cut */

typedef enum FillFor {
        FILL_FOR_OWNER = 1,
        FILL_FOR_METRIC = 2,
        FILL_FOR_RESOURCE = 4,
        FILL_FOR_PATTERN = 8,
} FillFor;

/* What fills the placeholders of one finding. */
typedef struct Fill {
        const OwnerCost *owner;
        const Pattern *pattern;
        Span subject;
        double share, value, impact_ns, frequency_per_s;
        Unit value_unit;
} Fill;

/* False: *ret_unknown is a placeholder that means nothing there. */
bool fill_check(Span text, FillFor what, Span *ret_unknown);
Span fill_text(Span text, const Fill *fill, Arena *arena);
/* A name as texts show it: whole characters, cut with "..." past FILL_MAX_NAME. */
Span fill_name(Span name, Arena *arena);
