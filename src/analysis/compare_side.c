#include "analysis/compare_side.h"

#include <math.h>

int fail_too_large(Error *err)
{
        return fail(err, ERR_LIMIT, "there is not enough memory for so many values");
}

double median_of(const double *values, size_t n, Arena *arena)
{
        double *sorted = new (arena, double, n);

        for (size_t i = 0; i < n; i++)
                sorted[i] = values[i];
        sort_doubles(sorted, n);
        return median_sorted(sorted, n);
}

/* Those of the values that are numbers. */
static int finite_of(const double *values, size_t n, Arena *arena, double **ret, size_t *ret_n,
                     Error *err)
{
        double *finite = new_try(arena, double, n);
        size_t len = 0;

        if (!finite)
                return fail_too_large(err);
        for (size_t i = 0; i < n; i++)
                if (isfinite(values[i]))
                        finite[len++] = values[i];
        *ret = finite;
        *ret_n = len;
        return 0;
}

/* Neighbouring steps depend on each other: means of as many batches as there is information. */
static size_t independent_batches(const double *steps, size_t n, double *ret)
{
        size_t k = n ? (size_t)fmax(1, floor(effective_n(steps, n))) : 0;

        for (size_t batch = 0; batch < k; batch++) {
                size_t from = batch * n / k, to = (batch + 1) * n / k;
                double sum = 0;

                for (size_t i = from; i < to; i++)
                        sum += steps[i];
                ret[batch] = sum / (double)(to - from);
        }
        return k;
}

static size_t all_of(const double *samples, size_t n, double *ret)
{
        for (size_t i = 0; i < n; i++)
                ret[i] = samples[i];
        return n;
}

/* Change between the halves of one run: how far it wanders by itself. */
static double drift_of(const double *values, size_t n, Arena *arena)
{
        double first, second;

        if (n < 4)
                return 0;
        first = median_of(values, n / 2, arena);
        second = median_of(values + n / 2, n - n / 2, arena);
        return first > 0 && second > 0 ? fmax(first / second, second / first) - 1 : 0;
}

/* The numbers inside one run, and how they become values of its side. */
typedef struct Inside {
        const double *numbers;
        size_t len;
        size_t (*reduce)(const double *numbers, size_t n, double *ret);
} Inside;

static Inside inside_of(const Run *run, MetricId metric, Span subject)
{
        const Samples *samples = recording_find_samples(run->recording, metric, subject);
        const Series *steps;

        if (samples)
                return (Inside){ samples->values, samples->len, all_of };
        steps = recording_find_series(run->recording, metric, subject);
        return steps ? (Inside){ steps->values, steps->len, independent_batches } : (Inside){ 0 };
}

int side_read(Run *const *runs, size_t n, MetricId metric, Span subject, Arena *arena, Side *ret,
              Error *err)
{
        Side side = { 0 };
        size_t most = 0;

        for (size_t i = 0; i < n; i++)
                most += inside_of(runs[i], metric, subject).len;
        side.values = new_try(arena, double, most);
        if (!side.values)
                return fail_too_large(err);
        for (size_t i = 0; i < n; i++) {
                Inside inside = inside_of(runs[i], metric, subject);
                double *numbers;
                size_t len;
                int r = finite_of(inside.numbers, inside.len, arena, &numbers, &len, err);

                if (r < 0)
                        return r;
                side.drift = fmax(side.drift, drift_of(numbers, len, arena));
                if (len)
                        side.len += inside.reduce(numbers, len, side.values + side.len);
        }
        *ret = side;
        return 0;
}
