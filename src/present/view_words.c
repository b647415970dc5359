/* Names and phrases that views and reports share. */

#include "present/view_int.h"

#include <math.h>

const char *metric_label(MetricId metric)
{
        static const struct {
                MetricId metric;
                const char *label;
        } rows[] = {
                { METRIC_LATENCY_P50, "p50" },
                { METRIC_LATENCY_P90, "p90" },
                { METRIC_LATENCY_P95, "p95" },
                { METRIC_LATENCY_P99, "p99" },
                { METRIC_LATENCY_P999, "p99.9" },
                { METRIC_LATENCY_MEAN, "mean" },
                { METRIC_LATENCY_MIN, "min" },
                { METRIC_LATENCY_MAX, "max" },
                { METRIC_THROUGHPUT, "Throughput" },
                { METRIC_ERROR_RATE, "Error rate" },
                { METRIC_MEMORY, "Memory usage" },
                { METRIC_CPU, "CPU usage" },
                { METRIC_CPU_PER_REQUEST, "CPU per request" },
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].metric == metric)
                        return rows[i].label;
        return metric_def(metric)->name;
}

Span metric_words(Arena *arena, MetricId metric, Span subject)
{
        if (!subject.len)
                return span_of(metric_label(metric));
        return text_printf(arena, "%.*s %s", SPAN_ARG(subject), metric_label(metric));
}

Span value_words(Arena *arena, MetricId metric, double value)
{
        Buf out = buf_in(arena, KiB(1));
        Span words;

        unit_format(&out, metric_def(metric)->unit, value);
        words = buf_span(&out);
        if (metric == METRIC_THROUGHPUT && span_ends(words, "/s"))
                return text_printf(arena, "%.*s req/s", SPAN_ARG(span_first(words, words.len - 2)));
        return words;
}

Cell value_as_cell(Arena *arena, MetricId metric, double value)
{
        return cell_unit_as(metric_def(metric)->unit, value,
                            isnan(value) ? SPAN("") : value_words(arena, metric, value));
}

double improvement_of(MetricId metric, double before, double after)
{
        double change = before > 0 ? (after - before) / before : (double)NAN;

        return metric_def(metric)->direction == DIRECTION_HIGHER ? change : -change;
}

Span percent_words(Arena *arena, double ratio)
{
        double percent = fabs(ratio) * 100;

        if (isnan(ratio))
                return SPAN("-");
        if (percent > 0 && percent < 0.5)
                return SPAN("<1%");
        return text_printf(arena, "%.0f%%", percent);
}

Span arrow_words(Arena *arena, double before, double after)
{
        double change = before > 0 ? (after - before) / before : (double)NAN;

        if (isnan(change))
                return SPAN("");
        if (change == 0)
                return SPAN("(0%)");
        return text_printf(arena, "(%s%.*s)", change < 0 ? "↓" : "↑",
                           SPAN_ARG(percent_words(arena, change)));
}

Span emoji_arrow_words(Arena *arena, MetricId metric, double before, double after)
{
        double better = improvement_of(metric, before, after);
        const char *word = better < 0                    ? "regression"
                           : metric == METRIC_ERROR_RATE ? "reduction"
                                                         : "improvement";

        if (isnan(better))
                return SPAN("");
        if (better == 0)
                return SPAN("no change");
        return text_printf(arena, "%s %.*s %s", after < before ? "⬇️" : "⬆️",
                           SPAN_ARG(percent_words(arena, better)), word);
}

static const struct {
        const char *mark, *words;
} priorities[] = {
        [PRIORITY_P0] = { "🔴", "Critical" },
        [PRIORITY_P1] = { "🟡", "High" },
        [PRIORITY_P2] = { "🟢", "Medium" },
        [PRIORITY_P3] = { "⚪", "Low" },
};

const char *priority_mark(Priority priority)
{
        BUG_IF((size_t)priority >= COUNT(priorities));
        return priorities[priority].mark;
}

const char *priority_words(Priority priority)
{
        BUG_IF((size_t)priority >= COUNT(priorities));
        return priorities[priority].words;
}

Span star_words(Arena *arena, unsigned stars)
{
        Buf out = buf_in(arena, KiB(1));

        for (unsigned i = 0; i < MIN(stars, 5u); i++)
                buf_text(&out, "⭐");
        return buf_span(&out);
}

const char *category_action(Span category)
{
        static const struct {
                const char *category, *action;
        } rows[] = {
                { "Database", "Optimize query" },
                { "Serialization", "Consider caching" },
                { "Computation", "Algorithm review" },
                { "Memory", "Reduce allocations and copies" },
                { "I/O", "Batch or buffer I/O" },
                { "Network", "Fewer round trips" },
                { "Locking", "Hold the lock for less" },
                { "Logging", "Log less on the hot path" },
                { "Kernel", "Fewer system calls" },
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (span_is(category, rows[i].category))
                        return rows[i].action;
        return NULL;
}
