#include "analysis/gate_int.h"

#include <math.h>

#define MOST_ITEMS 100000
#define MOST_NOTES 1000

static const struct {
        const char *name, *words;
        int (*judge)(Gate *gate, Error *err);
} sources[] = {
#define X(id, name, words) { #name, words, gate_judge_##name },
        GATE_SOURCES(X)
#undef X
};

const char *gate_source_name(GateSource source)
{
        BUG_IF((size_t)source >= COUNT(sources));
        return sources[source].name;
}

const char *gate_source_words(GateSource source)
{
        BUG_IF((size_t)source >= COUNT(sources));
        return sources[source].words;
}

GateItem *gate_add(Gate *gate, GateSource source, Error *err)
{
        GateItem *item = vec_add(gate->arena, &gate->items);

        if (!item) {
                fail(err, ERR_LIMIT, "more than %d things to judge", MOST_ITEMS);
                return NULL;
        }
        *item = (GateItem){ .source = source,
                            .value = NAN,
                            .before = NAN,
                            .interval = INTERVAL_NONE,
                            .change = NAN,
                            .change_interval = INTERVAL_NONE,
                            .mde = NAN };
        return item;
}

Span gate_words(Arena *arena, const char *format, ...)
{
        Buf out = buf_in(arena, KiB(64));
        va_list args;

        va_start(args, format);
        buf_vprintf(&out, format, args);
        va_end(args);
        return buf_span(&out);
}

void gate_note(Gate *gate, const char *format, ...)
{
        Span *slot = vec_add(gate->arena, &gate->notes);
        Buf out = buf_in(gate->arena, KiB(64));
        va_list args;

        if (!slot)
                return;
        va_start(args, format);
        buf_vprintf(&out, format, args);
        va_end(args);
        *slot = buf_span(&out);
}

Interval gate_worsening(Interval change, Direction direction)
{
        if (direction == DIRECTION_LOWER)
                return change;
        return (Interval){ 1 / (1 + change.high) - 1, 1 / (1 + change.low) - 1, change.confidence };
}

Span quantity_words(Arena *arena, Unit unit, double value)
{
        Buf out = buf_in(arena, KiB(1));

        unit_format(&out, unit, value);
        return buf_span(&out);
}

Span change_words(Arena *arena, double change)
{
        Buf out = buf_in(arena, KiB(1));

        percent_format(&out, change);
        return buf_span(&out);
}

Span range_words(Arena *arena, Unit unit, Interval interval)
{
        return gate_words(arena, "[%.*s, %.*s]",
                          SPAN_ARG(quantity_words(arena, unit, interval.low)),
                          SPAN_ARG(quantity_words(arena, unit, interval.high)));
}

Span change_range_words(Arena *arena, Interval change)
{
        return gate_words(arena, "[%.*s, %.*s]", SPAN_ARG(change_words(arena, change.low)),
                          SPAN_ARG(change_words(arena, change.high)));
}

Span gate_item_words(const GateItem *item, Arena *arena)
{
        Buf out = buf_in(arena, KiB(64));

        if (item->group.len)
                buf_printf(&out, "%.*s.", SPAN_ARG(item->group));
        buf_add(&out, item->name);
        if (item->subject.len)
                buf_printf(&out, " of %.*s", SPAN_ARG(item->subject));
        return buf_span(&out);
}

static void conclude(const Gate *gate, GateResult *ret)
{
        *ret = (GateResult){ .items = gate->items.items,
                             .len = gate->items.len,
                             .notes = gate->notes.items,
                             .n_notes = gate->notes.len,
                             .budget_file = gate->in->budget ? gate->in->budget->file : NULL };
        for (size_t i = 0; i < ret->len; i++)
                ret->counts[ret->items[i].verdict]++;
        ret->verdict = ret->counts[GATE_FAIL]           ? GATE_FAIL
                       : ret->counts[GATE_INCONCLUSIVE] ? GATE_INCONCLUSIVE
                                                        : GATE_PASS;
}

static int fail_empty(const GateInput *in, Error *err)
{
        if (in->budget) {
                fail(err, ERR_USAGE, "%s has only tolerances, and there is no base",
                     in->budget->file);
                return fail_hint(err, "name the runs to judge against with --base RUNS");
        }
        fail(err, ERR_USAGE, "there is nothing to judge by");
        return fail_hint(err, "name budgets, a base, SLOs or the history: --budget FILE, "
                              "--base RUNS, --slo FILE, --history");
}

int gate_judge(const GateInput *in, Arena *arena, GateResult *ret, Error *err)
{
        Gate gate = { .in = in,
                      .arena = arena,
                      .items = VEC_INIT(MOST_ITEMS),
                      .notes = VEC_INIT(MOST_NOTES) };

        for (size_t i = 0; i < COUNT(sources); i++) {
                int r = sources[i].judge(&gate, err);

                if (r < 0)
                        return r;
        }
        if (gate.items.len == 0)
                return fail_empty(in, err);
        for (size_t i = 0; i < gate.items.len; i++)
                gate.items.items[i].judged = gate.items.items[i].verdict;
        gate_apply_exceptions(&gate);
        conclude(&gate, ret);
        return 0;
}
