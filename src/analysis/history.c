#include "analysis/history_int.h"

static const char *const left_out_names[] = {
#define X(id, name, words) name,
        LEFT_OUT(X)
#undef X
};

static const char *const left_out_texts[] = {
#define X(id, name, words) words,
        LEFT_OUT(X)
#undef X
};

static const char *const quality_names[] = {
#define X(id, name) name,
        CHANGE_QUALITIES(X)
#undef X
};

static const char *const state_names[] = {
#define X(id, name) name,
        CHANGE_STATES(X)
#undef X
};

const char *left_out_name(LeftOut reason)
{
        BUG_IF((size_t)reason >= COUNT(left_out_names));
        return left_out_names[reason];
}

const char *left_out_words(LeftOut reason)
{
        BUG_IF((size_t)reason >= COUNT(left_out_texts));
        return left_out_texts[reason];
}

const char *change_quality_name(ChangeQuality quality)
{
        BUG_IF((size_t)quality >= COUNT(quality_names));
        return quality_names[quality];
}

const char *change_state_name(ChangeState state)
{
        BUG_IF((size_t)state >= COUNT(state_names));
        return state_names[state];
}

HistoryName history_name(const MetricDef *metric, Span subject)
{
        return (HistoryName){ .metric = metric,
                              .name = span_of(metric->name),
                              .subject = subject,
                              .unit = metric->unit,
                              .direction = metric->direction };
}

int history_build(const HistoryPart *part, const HistoryName *name, const HistoryPlan *plan,
                  Span known, Arena *arena, History *ret, Error *err)
{
        History h = { .name = *name, .plan = plan->change };
        ChangePoints found = { 0 };
        int r;

        if (part->len) {
                h.instrument = *part->points[0].instrument;
                h.target = *part->points[0].target;
        }
        if (h.plan.min_segment == 0)
                h.plan.min_segment = HISTORY_MIN_SEGMENT;
        r = history_series(part, plan, arena, &h, err);
        if (r == 0 && !history_too_short(&h))
                r = history_find(known, arena, &h, &found, err);
        if (r == 0)
                r = history_judge(&found, plan, arena, &h, err);
        if (r < 0)
                return fail_while(err, "looking at the history of %.*s", SPAN_ARG(name->name));
        *ret = h;
        return 0;
}

bool history_too_short(const History *history)
{
        return history->len < 2 * history->plan.min_segment;
}

HistoryChange *history_newest(const History *history)
{
        return history->n_changes ? &history->changes[history->n_changes - 1] : NULL;
}

bool history_fails(const History *history)
{
        const HistoryChange *newest = history_newest(history);

        return newest && newest->quality == QUALITY_WORSE && newest->state == STATE_OPEN;
}
