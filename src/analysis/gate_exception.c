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

/* Is the revision in the runs and not in the base? Of a base that is not known nobody can say so:
 * what was accepted long ago would excuse what is new. */
static bool lies_between(const GateInput *in, Span revision)
{
        Span base = in->base[in->n_base - 1]->fingerprint.git_revision;
        Span head = in->runs[in->n_runs - 1]->fingerprint.git_revision;

        return in->holds && in->holds(in->context, revision, head) &&
               in->holds(in->context, base, base) && !in->holds(in->context, revision, base);
}

/* Each exception is asked about once: that may take programs. */
static bool is_between(Gate *gate, size_t i)
{
        signed char *known = &gate->accepted[i];

        if (*known == 0)
                *known = lies_between(gate->in, gate->in->exceptions->items[i].revision) ? 1 : -1;
        return *known > 0;
}

/* The accepted level is the base line of runs that hold the revision; a base without it is not.
 * A metric may have been accepted several times. */
static const Exception *accepted_by(Gate *gate, const GateItem *item)
{
        const ExceptionList *list = gate->in->exceptions;

        for (size_t i = 0; item->verdict != GATE_PASS && i < list->len; i++) {
                const Exception *e = &list->items[i];

                if (e->action == EXCEPTION_ACCEPT && !exception_expired(e, gate->in->now_ns) &&
                    exception_covers(e, item->metric->id, item->subject) && is_between(gate, i))
                        return e;
        }
        return NULL;
}

static void apply(Gate *gate, GateItem *item)
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
        e = item->source == GATE_SOURCE_BASE ? accepted_by(gate, item) : NULL;
        if (e)
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
        gate->accepted = new (gate->arena, signed char, gate->in->exceptions->len);
        vec_each (GateItem, item, &gate->items)
                if (item->metric)
                        apply(gate, item);
        tell_expired(gate);
}
