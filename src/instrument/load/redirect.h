#pragma once
/* Redirects: the next step of a request, when its answer names one and the plan follows them.
 *
 * Followed are 301, 302, 303, 307 and 308 with a Location, over http, to hosts of the plan (their
 * names are looked up; a lookup in mid-flight would stall the thread). Others count as what they
 * are, a 3xx answer. As browsers do, 303 and a POST under 301 or 302 go on as GET without a body.
 */

#include "instrument/load/lane.h"

typedef enum RedirectStep {
        REDIRECT_NONE,     /* the answer stands */
        REDIRECT_FOLLOWED, /* the next request is on its way */
        REDIRECT_BAD,      /* one too many, or its Location is no URL */
} RedirectStep;

void redirect_header(Worker *w, Lane *lane); /* a header line of an answer: keeps its Location */
RedirectStep redirect_follow(Worker *w, Lane *lane);
