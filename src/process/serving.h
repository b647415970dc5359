#pragma once
/* Who serves a URL: the process that listens on its port, when that is on this machine.
 *
 *         r = serving_target(SPAN("http://127.0.0.1:8080/"), arena, &target, &why, err);
 *         ... target.pid, or when it is 0, why not is in `why`
 */

#include "base/error.h"
#include "model/target.h"

/* Negative only when the URL is none. */
int serving_target(Span url, Arena *arena, Target *ret, Span *ret_why, Error *err);
