#include "stats/scaling.h"

#include <math.h>

static double f_constant(double n UNUSED)
{
        return 0;
}

static double f_linear(double n)
{
        return n;
}

static double f_linear_log(double n)
{
        return n * log2(n);
}

static double f_quadratic(double n)
{
        return n * n;
}

static double f_cubic(double n)
{
        return n * n * n;
}

static double (*const shapes[SCALING_COUNT_])(double) = {
        [SCALING_CONSTANT] = f_constant,   [SCALING_LOG] = log2,
        [SCALING_LINEAR] = f_linear,       [SCALING_LINEAR_LOG] = f_linear_log,
        [SCALING_QUADRATIC] = f_quadratic, [SCALING_CUBIC] = f_cubic,
};

typedef struct Line {
        double fixed, factor;
} Line;

typedef struct Points {
        const double *sizes, *costs;
        size_t n;
} Points;

/* Weighted sums over all points but `left_out`. */
typedef struct Sums {
        double w, x, y, xx, xy;
} Sums;

static Sums sums_of(const Points *p, Scaling shape, size_t left_out)
{
        Sums s = { 0 };

        for (size_t i = 0; i < p->n; i++) {
                double x = shapes[shape](p->sizes[i]), y = p->costs[i], w = 1 / (y * y);

                if (i == left_out)
                        continue;
                s.w += w;
                s.x += w * x;
                s.y += w * y;
                s.xx += w * x * x;
                s.xy += w * x * y;
        }
        return s;
}

/* Least squares with neither part below zero: one of the parts alone when both would not do. */
static Line line_of(Sums s)
{
        double determinant = s.w * s.xx - s.x * s.x;
        Line line = { .fixed = s.y / s.w };

        if (!(determinant > 1e-12 * s.w * s.xx))
                return line;
        line.factor = (s.w * s.xy - s.x * s.y) / determinant;
        line.fixed = (s.y - line.factor * s.x) / s.w;
        if (line.factor < 0)
                return (Line){ .fixed = s.y / s.w };
        if (line.fixed < 0)
                return (Line){ .factor = s.xy / s.xx };
        return line;
}

static double error_of(const Points *p, Scaling shape)
{
        double sum = 0;

        for (size_t i = 0; i < p->n; i++) {
                Line line = line_of(sums_of(p, shape, i));
                double predicted = line.fixed + line.factor * shapes[shape](p->sizes[i]);
                double error = predicted / p->costs[i] - 1;

                sum += error * error;
        }
        return sqrt(sum / (double)p->n);
}

static bool usable(const Points *p)
{
        size_t different = 0;

        for (size_t i = 0; i < p->n; i++) {
                bool seen = false;

                if (!(p->sizes[i] > 0 && isfinite(p->sizes[i]) && p->costs[i] > 0 &&
                      isfinite(p->costs[i])))
                        return false;
                for (size_t k = 0; k < i; k++)
                        seen |= p->sizes[k] == p->sizes[i];
                different += !seen;
        }
        return different >= SCALING_MIN_N;
}

static double power_of(const Points *p)
{
        double x = 0, y = 0, xx = 0, xy = 0, n = (double)p->n;

        for (size_t i = 0; i < p->n; i++) {
                double u = log(p->sizes[i]), v = log(p->costs[i]);

                x += u;
                y += v;
                xx += u * u;
                xy += u * v;
        }
        return (n * xy - x * y) / (n * xx - x * x);
}

bool scaling_fit(const double *sizes, const double *costs, size_t n, ScalingFit *ret)
{
        const double nothing = 1e-9; /* errors below this are those of the arithmetic */
        Points p = { sizes, costs, n };
        double errors[SCALING_COUNT_], least = HUGE_VAL;
        size_t near = 0;
        Scaling best = SCALING_COUNT_;
        Line line;

        if (!usable(&p))
                return false;
        for (Scaling s = 0; s < SCALING_COUNT_; s++) {
                errors[s] = fmax(error_of(&p, s), nothing);
                least = fmin(least, errors[s]);
        }
        for (Scaling s = 0; s < SCALING_COUNT_; s++) {
                if (errors[s] > least * SCALING_CLEAR)
                        continue;
                near++;
                if (best == SCALING_COUNT_)
                        best = s; /* the list goes from simple to steep */
        }
        line = line_of(sums_of(&p, best, n));
        *ret = (ScalingFit){ .shape = best,
                             .fixed = line.fixed,
                             .factor = line.factor,
                             .error = errors[best],
                             .sure = near == 1,
                             .power = power_of(&p) };
        return true;
}

const char *scaling_name(Scaling shape)
{
        static const char *const names[] = {
#define X(id, name) name,
                SCALINGS(X)
#undef X
        };

        BUG_IF((size_t)shape >= COUNT(names));
        return names[shape];
}
