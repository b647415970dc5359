#include "stats/normal.h"

#include <math.h>

double normal_cdf(double z)
{
        return 0.5 * erfc(-z * M_SQRT1_2);
}

static double polynomial(const double *c, size_t n, double x)
{
        double sum = 0;

        for (size_t i = 0; i < n; i++)
                sum = sum * x + c[i];
        return sum;
}

/* Acklam's rational approximation for 0 < p <= 0.5, relative error below 1.2e-9. */
static double acklam(double p)
{
        static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02,
                                    -2.759285104469687e+02, 1.383577518672690e+02,
                                    -3.066479806614716e+01, 2.506628277459239e+00 };
        static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02,
                                    -1.556989798598866e+02, 6.680131188771972e+01,
                                    -1.328068155288572e+01, 1 };
        static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01,
                                    -2.400758277161838e+00, -2.549732539343734e+00,
                                    4.374664141464968e+00,  2.938163982698783e+00 };
        static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01,
                                    2.445134137142996e+00, 3.754408661907416e+00, 1 };
        double q, r;

        if (p < 0.02425) {
                q = sqrt(-2 * log(p));
                return polynomial(c, COUNT(c), q) / polynomial(d, COUNT(d), q);
        }
        q = p - 0.5;
        r = q * q;
        return q * polynomial(a, COUNT(a), r) / polynomial(b, COUNT(b), r);
}

double normal_quantile(double p)
{
        double z, step;

        if (isnan(p))
                return nan("");
        if (p <= 0)
                return -HUGE_VAL;
        if (p >= 1)
                return HUGE_VAL;
        if (p > 0.5)
                return -normal_quantile(1 - p);
        z = acklam(p);
        /* Halley: error over density. Beyond 1e-290 the density underflows; the start is kept. */
        step = (normal_cdf(z) - p) * sqrt(2 * M_PI) * exp(z * z / 2);
        return isfinite(step) ? z - step / (1 + z * step / 2) : z;
}

static double log_gamma(double x)
{
        int sign;

        return lgamma_r(x, &sign);
}

/* What Stirling's formula leaves out of log(n!), n > 0. */
static double stirling_rest(double n)
{
        double nn = n * n;

        if (n < 16)
                return log_gamma(n + 1) - (n + 0.5) * log(n) + n - 0.5 * log(2 * M_PI);
        return (1.0 / 12 -
                (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / nn) / nn) / nn) / nn) /
               n;
}

/* x log(x / m) + m - x without cancellation when x is near m. */
static double deviance(double x, double m)
{
        double v, sum, term;

        if (fabs(x - m) >= 0.1 * (x + m))
                return x * log(x / m) + m - x;
        v = (x - m) / (x + m);
        sum = (x - m) * v;
        term = 2 * x * v;
        for (unsigned j = 1; j < 1000; j++) {
                double next;

                term *= v * v;
                next = sum + term / (2 * j + 1);
                if (next == sum)
                        break;
                sum = next;
        }
        return sum;
}

double binomial_pmf(uint64_t k, uint64_t n, double p)
{
        double x = (double)k, size = (double)n, rest = (double)(n - k), log_core;

        if (k > n)
                return 0;
        if (p <= 0 || p >= 1)
                return k == (p <= 0 ? 0 : n) ? 1 : 0;
        if (k == 0)
                return exp(size * log1p(-p));
        if (k == n)
                return exp(size * log(p));
        log_core = stirling_rest(size) - stirling_rest(x) - stirling_rest(rest) -
                   deviance(x, size * p) - deviance(rest, size * (1 - p));
        return exp(log_core) * sqrt(size / (2 * M_PI * x * rest));
}

static double away_from_zero(double x)
{
        return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* The continued fraction of I_x(a, b), for x < (a + 1) / (a + b + 2). It needs about
 * sqrt(max(a, b)) rounds at worst, next to the mean; the ceiling covers n = 1e12. */
static double beta_fraction(double a, double b, double x)
{
        double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;

        for (double m = 1; m < 5e6; m++) {
                double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
                double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
                double change;

                d = 1 / away_from_zero(1 + even * d);
                c = away_from_zero(1 + even / c);
                h *= d * c;
                d = 1 / away_from_zero(1 + odd * d);
                c = away_from_zero(1 + odd / c);
                change = d * c;
                h *= change;
                if (fabs(change - 1) < 3e-16)
                        break;
        }
        return h;
}

/* P(X <= k) = I_(1-p)(n - k, k + 1), whose factor in front is (n - k) p pmf(k). */
double binomial_cdf(uint64_t k, uint64_t n, double p)
{
        double a = (double)(n - MIN(k, n)), b = (double)k + 1, factor;

        if (k >= n || p <= 0)
                return 1;
        if (p >= 1)
                return 0;
        factor = binomial_pmf(k, n, p) * p;
        if (1 - p < (a + 1) / (a + b + 2))
                return factor * beta_fraction(a, b, 1 - p);
        return 1 - factor * a / b * beta_fraction(b, a, p);
}

/* Hill's expansion about the normal, for the bulk. */
static double student_bulk(double two_tails, double df, double a, double b, double c, double d)
{
        double x = normal_quantile(0.5 * two_tails), y = x * x;

        if (df < 5)
                c += 0.3 * (df - 4.5) * (x + 0.6);
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
        return expm1(a * y * y);
}

static double student_tail(double y, double df, double d)
{
        double inner = 1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) * (df + 2) * 3);

        return ((inner + 0.5 / (df + 4)) * y - 1) * (df + 1) / (df + 2) + 1 / y;
}

static double student_positive(double two_tails, double df)
{
        double a, b, c, d, y;

        if (df < 1.5)
                return 1 / tan(two_tails * M_PI_2);
        if (df < 2.5)
                return sqrt(2 / (two_tails * (2 - two_tails)) - 2);
        a = 1 / (df - 0.5);
        b = 48 / (a * a);
        c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
        d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * M_PI_2) * df;
        y = pow(d * two_tails, 2 / df);
        y = y > 0.05 + a ? student_bulk(two_tails, df, a, b, c, d) : student_tail(y, df, d);
        return sqrt(df * y);
}

double student_quantile(double p, double degrees)
{
        if (isnan(p) || !(degrees >= 1))
                return nan("");
        if (p <= 0 || p >= 1)
                return p <= 0 ? -HUGE_VAL : HUGE_VAL;
        return p < 0.5 ? -student_positive(2 * p, degrees) : student_positive(2 * (1 - p), degrees);
}

/* log of gamma(a + 1/2) / gamma(a), without the cancellation of two great numbers. */
static double log_gamma_half_step(double a)
{
        if (a < 50)
                return log_gamma(a + 0.5) - log_gamma(a);
        return 0.5 * log(a) - 1 / (8 * a) + 1 / (192 * a * a * a);
}

/* I_x(a, b) with x = v / (v + t^2), a = v / 2, b = 1/2; its complement is kept exact for small t.
 */
double student_two_sided(double t, double degrees)
{
        double a = degrees / 2, b = 0.5, tt = t * t;
        double x = degrees / (degrees + tt), rest = tt / (degrees + tt), factor;

        if (!(degrees >= 1) || isnan(t))
                return nan("");
        if (rest <= 0 || x <= 0)
                return rest <= 0 ? 1 : 0;
        factor = sqrt(rest / M_PI) * exp(log_gamma_half_step(a) - a * log1p(tt / degrees));
        if (x < (a + 1) / (a + b + 2))
                return factor / a * beta_fraction(a, b, x);
        return 1 - factor / b * beta_fraction(b, a, rest);
}
