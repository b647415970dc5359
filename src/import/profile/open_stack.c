#include "import/profile/open_stack.h"

OpenStack open_stack(Intake *in, Profile *p, uint32_t thread)
{
        return (OpenStack){ .in = in,
                            .p = p,
                            .thread = thread,
                            .timed = p->unit == UNIT_NS,
                            .now = INT64_MIN,
                            .frames = VEC_INIT(INTAKE_DEPTH) };
}

int open_advance(OpenStack *s, int64_t at)
{
        const OpenFrame *top = vec_last(&s->frames);
        int64_t since = s->now;

        if (at < since)
                return 0;
        s->now = at;
        if (!top || at == since)
                return 0;
        if (s->timed)
                return intake_add_at(s->in, s->p, top->node, s->thread, since,
                                     (uint64_t)at - (uint64_t)since);
        return intake_add(s->in, s->p, top->node, 1, (uint64_t)at - (uint64_t)since);
}

int open_push(OpenStack *s, int64_t at, OpenFrame frame)
{
        int r = open_advance(s, at);
        const OpenFrame *top = vec_last(&s->frames);
        uint32_t below = top ? top->node : 0;
        OpenFrame *slot;

        if (r < 0)
                return r;
        slot = vec_add(s->in->scratch, &s->frames);
        if (!slot)
                return intake_fail(s->in, ERR_LIMIT, "a stack has more than %zu frames",
                                   INTAKE_DEPTH);
        *slot = frame;
        slot->node = intake_child(s->in, s->p, below, frame.frame);
        return slot->node == INTAKE_NONE ? intake_failed(s->in) : 0;
}

int open_pop(OpenStack *s, int64_t at)
{
        int r = open_advance(s, at);

        if (r == 0 && s->frames.len)
                s->frames.len--;
        return r;
}
