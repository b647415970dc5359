/* Reviewed exceptions over what was judged. A suppression takes an item out of the verdict until it
 * expires; an acceptance takes a comparison out of it whose base is older than the accepted
 * revision. What has expired does nothing, and is told. */

#include "analysis/gate_int.h"
#include "base/os.h"

static Span day_words(Arena *arena, uint64_t wall_ns)
{
        char text[WALL_TEXT_SIZE];

        os_wall_text(wall_ns, text);
        return span_copy(arena, span_first(span_of(text), sizeof("2026-11-21") - 1));
}

static void suppress(GateItem *item, const Exception *e, Span how, Arena *arena)
{
        item->exception = e;
        item->reason = gate_words(arena, "%.*s by %.*s: %.*s. Without that: %s, %.*s",
                                  SPAN_ARG(how), SPAN_ARG(e->owner), SPAN_ARG(e->reason),
                                  gate_verdict_name(item->verdict), SPAN_ARG(item->reason));
        item->verdict = GATE_SUPPRESSED;
}

/* The accepted level is the base line of runs that hold the revision; a base without it is not. */
static bool is_accepted(const Gate *gate, const GateItem *item, const Exception *e)
{
        const GateInput *in = gate->in;
        Span base = in->base[in->n_base - 1]->fingerprint.git_revision;
        Span head = in->runs[in->n_runs - 1]->fingerprint.git_revision;

        if (item->verdict == GATE_PASS || !in->holds)
                return false;
        return in->holds(in->context, e->revision, head) &&
               !in->holds(in->context, e->revision, base);
}

static void apply(const Gate *gate, GateItem *item)
{
        const GateInput *in = gate->in;
        const Exception *e = exception_for(in->exceptions, EXCEPTION_SUPPRESS, item->metric->id,
                                           item->subject, in->now_ns);

        if (e) {
                Span day = day_words(gate->arena, e->expires_ns);

                suppress(item, e, gate_words(gate->arena, "suppressed until %.*s", SPAN_ARG(day)),
                         gate->arena);
                return;
        }
        e = exception_for(in->exceptions, EXCEPTION_ACCEPT, item->metric->id, item->subject,
                          in->now_ns);
        if (e && item->source == GATE_SOURCE_BASE && is_accepted(gate, item, e))
                suppress(item, e,
                         gate_words(gate->arena, "accepted from %.*s on", SPAN_ARG(e->revision)),
                         gate->arena);
}

static void tell_expired(Gate *gate)
{
        const ExceptionList *list = gate->in->exceptions;

        for (size_t i = 0; i < list->len; i++) {
                const Exception *e = &list->items[i];

                if (exception_expired(e, gate->in->now_ns))
                        gate_note(gate,
                                  "%s:%u: the exception of %.*s for %s expired on %.*s and "
                                  "does nothing",
                                  list->file, e->line, SPAN_ARG(e->owner), e->metric->name,
                                  SPAN_ARG(day_words(gate->arena, e->expires_ns)));
        }
}

void gate_apply_exceptions(Gate *gate)
{
        if (!gate->in->exceptions || !gate->in->exceptions->len)
                return;
        vec_each (GateItem, item, &gate->items)
                if (item->metric)
                        apply(gate, item);
        tell_expired(gate);
}
