#include "stats/permute.h"

#include <math.h>
#include <stdlib.h>

#include "stats/normal.h"
#include "stats/rng.h"

#define DEFAULT_DRAWS 4999
#define DEFAULT_PRIOR_DEGREES 4
#define NEARLY (1 - 1e-9) /* equal but for rounding counts as reached */

typedef struct Work {
        const MaxTPlan *plan;
        size_t n;              /* runs of both sides */
        double *columns;       /* [run][rank]: rows by falling |t| */
        double *sum, *squares; /* [rank]: over all runs */
        double *prior, *sum_a, *t;
        double *observed; /* |t| of the true sides, by rank */
        uint32_t *row_of; /* rank -> row */
        size_t *reached;  /* [rank] */
        double *largest;  /* [way]: of the ranks looked at */
        size_t *chosen;   /* runs of side a */
        size_t ways;
        bool exact;
} Work;

static double variance_of(const Work *w, size_t at, double sum_a)
{
        double n_a = (double)w->plan->n_a, n_b = (double)w->plan->n_b, sum_b = w->sum[at] - sum_a;
        double within = w->squares[at] - sum_a * sum_a / n_a - sum_b * sum_b / n_b;
        double weight = w->plan->prior_degrees > 0 ? w->plan->prior_degrees : DEFAULT_PRIOR_DEGREES;

        return (fmax(within, 0) + weight * w->prior[at]) / (n_a + n_b - 2 + weight);
}

static double error_of(const Work *w, size_t at, double sum_a)
{
        double n_a = (double)w->plan->n_a, n_b = (double)w->plan->n_b;

        return sqrt(variance_of(w, at, sum_a) * (1 / n_a + 1 / n_b));
}

static double t_of(const Work *w, size_t at, double sum_a)
{
        double n_a = (double)w->plan->n_a, n_b = (double)w->plan->n_b;
        double difference = fabs((w->sum[at] - sum_a) / n_b - sum_a / n_a);
        double error = error_of(w, at, sum_a);

        return error > 0 ? difference / error : 0;
}

/* |t| of the rows from `first` on when the chosen runs are side a. */
static void deal(Work *w, size_t first)
{
        size_t rows = w->plan->rows;

        for (size_t i = first; i < rows; i++)
                w->sum_a[i] = 0;
        for (size_t k = 0; k < w->plan->n_a; k++) {
                const double *column = w->columns + w->chosen[k] * rows;

                for (size_t i = first; i < rows; i++)
                        w->sum_a[i] += column[i];
        }
        for (size_t i = first; i < rows; i++)
                w->t[i] = t_of(w, i, w->sum_a[i]);
}

static void first_way(Work *w)
{
        for (size_t k = 0; k < w->plan->n_a; k++)
                w->chosen[k] = k;
}

/* The next subset in order; false after the last. */
static bool next_subset(Work *w)
{
        size_t n_a = w->plan->n_a;

        for (size_t k = n_a; k-- > 0;) {
                if (w->chosen[k] + (n_a - k) >= w->n)
                        continue;
                w->chosen[k]++;
                for (size_t j = k + 1; j < n_a; j++)
                        w->chosen[j] = w->chosen[j - 1] + 1;
                return true;
        }
        return false;
}

static void draw_subset(Work *w, Rng *rng, size_t *runs)
{
        for (size_t i = 0; i < w->n; i++)
                runs[i] = i;
        for (size_t k = 0; k < w->plan->n_a; k++) {
                size_t other = k + rng_below(rng, w->n - k), swap = runs[k];

                runs[k] = runs[other];
                runs[other] = swap;
                w->chosen[k] = runs[k];
        }
}

/* Goes through the ways: how often each rank's |t| was reached, and the largest of each. */
static void go_through(Work *w, size_t first, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        size_t *runs = new (scratch, size_t, w->n);
        Rng rng = rng_from_seed(w->plan->seed);

        first_way(w);
        for (size_t way = 0; way < w->ways; way++) {
                double largest = 0;

                deal(w, first);
                for (size_t i = w->plan->rows; i-- > first;) {
                        largest = fmax(largest, w->t[i]);
                        w->reached[i] += largest >= w->observed[i] * NEARLY;
                }
                w->largest[way] = largest;
                if (w->exact)
                        (void)next_subset(w);
                else
                        draw_subset(w, &rng, runs);
        }
        arena_reset(scratch, mark);
}

static double ways_of(size_t n, size_t k)
{
        double ways = 1;

        for (size_t i = 1; i <= k && ways < 1e9; i++)
                ways = ways * (double)(n - k + i) / (double)i;
        return ways;
}

typedef struct Rank {
        double t;
        uint32_t row;
} Rank;

static int by_falling_t(const void *a, const void *b)
{
        const Rank *x = a, *y = b;

        if (x->t != y->t)
                return x->t > y->t ? -1 : 1;
        return x->row < y->row ? -1 : x->row > y->row;
}

/* Columns in the order of `row_of`, and what does not depend on the sides. */
static void fill(Work *w)
{
        const MaxTPlan *plan = w->plan;

        for (size_t i = 0; i < plan->rows; i++) {
                const double *values = plan->values + w->row_of[i] * w->n;
                double middle = values[0]; /* sums of small numbers lose no digits */

                w->sum[i] = w->squares[i] = 0;
                w->prior[i] = plan->priors ? plan->priors[w->row_of[i]] : 0;
                for (size_t run = 0; run < w->n; run++) {
                        double v = values[run] - middle;

                        w->columns[run * plan->rows + i] = v;
                        w->sum[i] += v;
                        w->squares[i] += v * v;
                }
        }
}

static void order_rows(Work *w, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        size_t rows = w->plan->rows;
        Rank *ranks = new (scratch, Rank, rows);

        for (size_t i = 0; i < rows; i++)
                w->row_of[i] = (uint32_t)i;
        fill(w);
        first_way(w);
        deal(w, 0);
        for (size_t i = 0; i < rows; i++)
                ranks[i] = (Rank){ w->t[i], (uint32_t)i };
        qsort(ranks, rows, sizeof(*ranks), by_falling_t);
        for (size_t i = 0; i < rows; i++) {
                w->row_of[i] = ranks[i].row;
                w->observed[i] = ranks[i].t;
        }
        fill(w);
        arena_reset(scratch, mark);
}

/* The least |t| that at most alpha of the ways reach. */
static double critical_of(Work *w)
{
        size_t allowed = (size_t)(w->plan->alpha * (double)w->ways + 1e-9);

        sort_doubles(w->largest, w->ways);
        while (allowed > 0) {
                double limit = w->largest[w->ways - allowed];
                size_t reach = allowed;

                while (reach < w->ways && w->largest[w->ways - reach - 1] >= limit * NEARLY)
                        reach++;
                if (reach == allowed)
                        return limit;
                allowed--;
        }
        return INFINITY;
}

static bool begin(Work *w, Arena *scratch)
{
        size_t rows = w->plan->rows;
        double ways = ways_of(w->n, w->plan->n_a);

        w->exact = ways <= MAX_T_EXACT;
        w->ways = w->exact ? (size_t)ways : w->plan->draws ? w->plan->draws + 1 : DEFAULT_DRAWS + 1;
        w->columns = rows <= SIZE_MAX / MAX(w->n, (size_t)1) ? new_try(scratch, double, rows * w->n)
                                                             : NULL;
        w->sum = new_try(scratch, double, rows);
        w->squares = new_try(scratch, double, rows);
        w->prior = new_try(scratch, double, rows);
        w->sum_a = new_try(scratch, double, rows);
        w->t = new_try(scratch, double, rows);
        w->observed = new_try(scratch, double, rows);
        w->row_of = new_try(scratch, uint32_t, rows);
        w->reached = new_try(scratch, size_t, rows);
        w->largest = new_try(scratch, double, w->ways);
        w->chosen = new_try(scratch, size_t, w->n);
        return w->columns && w->sum && w->squares && w->prior && w->sum_a && w->t && w->observed &&
               w->row_of && w->reached && w->largest && w->chosen;
}

/* Rows that no p-value can rule out set the critical value: those that changed would raise it. */
static size_t step_down(Work *w, MaxT *t)
{
        size_t first_kept = 0;
        double highest = 0;

        for (size_t i = 0; i < w->plan->rows; i++) {
                uint32_t row = w->row_of[i];

                highest = fmax(highest, (double)w->reached[i] / (double)w->ways);
                t->adjusted_p[row] = highest;
                first_kept += highest <= w->plan->alpha;
        }
        return first_kept;
}

int max_t(const MaxTPlan *plan, Arena *arena, MaxT *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(2));
        Work w = { .plan = plan, .n = plan->n_a + plan->n_b };
        MaxT t = { .critical = INFINITY };
        size_t first_kept;

        if (plan->n_a == 0 || plan->n_b == 0)
                return fail(err, ERR_USAGE, "each side of a comparison needs a run");
        t.adjusted_p = new_try(arena, double, plan->rows);
        t.standard_error = new_try(arena, double, plan->rows);
        if (!begin(&w, scratch) || !t.adjusted_p || !t.standard_error)
                return fail(err, ERR_LIMIT, "%zu rows of %zu runs do not fit", plan->rows, w.n);
        order_rows(&w, scratch);
        go_through(&w, 0, scratch);
        first_kept = step_down(&w, &t);
        t.critical = critical_of(&w);
        if (first_kept && first_kept < plan->rows) {
                double of_all = t.critical;

                go_through(&w, first_kept, scratch);
                t.critical = critical_of(&w);
                if (!isfinite(t.critical)) /* what is left never varies */
                        t.critical = of_all;
        }
        t.critical = fmax(t.critical, normal_quantile(1 - plan->alpha / 2));
        first_way(&w);
        deal(&w, 0);
        for (size_t i = 0; i < plan->rows; i++)
                t.standard_error[w.row_of[i]] = error_of(&w, i, w.sum_a[i]);
        t.ways = w.ways;
        t.exact = w.exact;
        *ret = t;
        return 0;
}
