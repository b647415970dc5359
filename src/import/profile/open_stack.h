#pragma once
/* A stack that opens and closes in time: what evented formats tell (speedscope, Chrome trace).
 *
 *         OpenStack s = open_stack(&in, p, thread);
 *         r = open_push(&s, at_ns, frame);
 *         r = open_pop(&s, at_ns);
 *
 * Every step of time goes to the stack that was open in it, as one sample. Time never steps back:
 * the caller has the events in order.
 */

#include "import/profile/intake.h"

typedef struct OpenFrame {
        uint32_t frame, node;
        uint64_t tag;   /* the caller's: what has to match at the end */
        int64_t end;    /* when it ends by itself; INT64_MAX: by an event */
        const char *at; /* where it was opened, for the caller's messages */
} OpenFrame;

typedef struct OpenStack {
        Intake *in;
        Profile *p;
        uint32_t thread;
        bool timed; /* the axis is time; else any quantity */
        int64_t now;
        VEC(OpenFrame) frames;
} OpenStack;

OpenStack open_stack(Intake *in, Profile *p, uint32_t thread);
/* Gives the time up to `at` to the open stack. */
int open_advance(OpenStack *s, int64_t at);
int open_push(OpenStack *s, int64_t at, OpenFrame frame);
int open_pop(OpenStack *s, int64_t at);
