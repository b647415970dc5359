/* What the header reckons, against values worked out by hand or by another formula. */
#define HONE_BENCH_IMPLEMENTATION
#include <hone_bench.h>

static int number;
static int bad;

static void check(int holds, const char *what)
{
        printf("%sok %d - inside: %s\n", holds ? "" : "not ", ++number, what);
        bad |= !holds;
}

static int near(double a, double b, double within)
{
        return a - b <= within && b - a <= within;
}

/* Times of the sizes 8, 16 ... that follow growth `which` exactly. */
static void make_cases(hone_bench_case_ *cases, size_t n, int which, double fixed, double each)
{
        memset(cases, 0, n * sizeof *cases);
        for (size_t i = 0; i < n; i++) {
                double size = (double)(8 << i), f = 1;
                for (int power = 0; power < hone_bench_growths_[which].power; power++)
                        f *= size;
                if (hone_bench_growths_[which].log)
                        f *= (double)(3 + i);
                cases[i].complexity_n = size;
                cases[i].median_ns = fixed + each * f;
        }
}

static void growth_is_recognised(void)
{
        hone_bench_case_ cases[8];
        int found = 1, terms = 1;
        for (int which = 0; which < HONE_BENCH_N_GROWTHS_; which++) {
                make_cases(cases, 8, which, 20, 3);
                for (int i = 0; i < HONE_BENCH_N_GROWTHS_; i++) {
                        hone_bench_fit_ fit =
                                hone_bench_fit_one_(&hone_bench_growths_[i], cases, 8);
                        if (i == which)
                                terms &= near(fit.fixed, which ? 20 : 23, 1e-3) &&
                                         near(fit.each, which ? 3 : 0, 1e-3) && fit.rms < 1e-6;
                        else if (which > 0)
                                found &= fit.rms > 1e-3;
                }
        }
        check(terms, "the right growth is fitted exactly, with its fixed part");
        check(found, "every other growth fits worse");
        make_cases(cases, 8, 2, 0, 5);
        cases[7].median_ns *= 1.1;
        check(hone_bench_fit_one_(&hone_bench_growths_[2], cases, 8).fixed >= 0,
              "the fixed part is never negative");
}

static int best_growth(const hone_bench_case_ *cases, size_t n)
{
        hone_bench_fit_ fits[HONE_BENCH_N_GROWTHS_];
        for (int i = 0; i < HONE_BENCH_N_GROWTHS_; i++)
                fits[i] = hone_bench_fit_one_(&hone_bench_growths_[i], cases, n);
        return hone_bench_best_growth_(cases, n, fits);
}

static void growth_is_chosen(void)
{
        hone_bench_case_ cases[8];
        int holds = 1;
        for (int which = 0; which < HONE_BENCH_N_GROWTHS_; which++) {
                make_cases(cases, 8, which, 20, 3);
                for (size_t i = 0; i < 8; i++) /* 2 % of noise does not change the choice */
                        cases[i].median_ns *= i % 3 ? 1.01 : 0.99;
                holds &= best_growth(cases, 8) == which;
        }
        check(holds, "each growth is chosen where it is, despite noise");
        make_cases(cases, 8, 2, 1000, 0.01);
        check(best_growth(cases, 8) == 0, "a slope of less than a tenth in all is none");
}

static void interval_ranks(void)
{
        /* P(Binomial(n, 1/2) < k) <= 0.025, from tables: k is 1 for 6..8, 2 for 9..11, 6 for 21 */
        static const struct {
                size_t n, rank;
        } rows[] = { { 1, 0 },  { 5, 0 },  { 6, 0 },  { 8, 0 },   { 9, 1 },
                     { 11, 1 }, { 12, 2 }, { 21, 5 }, { 100, 39 } };
        int holds = 1;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
                holds &= hone_bench_low_rank_(rows[i].n) == rows[i].rank;
        check(holds, "ranks of the median's interval");
        check(near((double)hone_bench_low_rank_(1001), (double)hone_bench_low_rank_(1000), 2),
              "many values: the normal ranks continue the exact ones");
}

static void summaries(void)
{
        static const double odd[] = { 5, 1, 9 }, even[] = { 4, 1, 2, 8, 5, 9, 7, 3, 6, 10 };
        hone_bench_summary_ s = hone_bench_summarise_(odd, 3);
        check(s.median == 5 && s.low == 1 && s.high == 9, "three values: the median and the ends");
        s = hone_bench_summarise_(even, 10);
        check(s.median == 5.5 && s.low == 2 && s.high == 9, "ten values: the second and the ninth");
}

static void texts(void)
{
        char comma[] = "-12,5e-07",
             arabic[] = "1\xd9\xab"
                        "5",
             plain[] = "7";
        hone_bench_point_(comma);
        hone_bench_point_(arabic);
        hone_bench_point_(plain);
        check(!strcmp(comma, "-12.5e-07") && !strcmp(arabic, "1.5") && !strcmp(plain, "7"),
              "numbers have a point in every locale");
        check(near(hone_bench_log2_(1), 0, 0) && near(hone_bench_log2_(1024), 10, 0) &&
                      near(hone_bench_log2_(3), 1.584962500721156, 1e-10),
              "log2");
        check(!strcmp(hone_bench_scaled_(12.34, hone_bench_time_steps_).text, "12.3 ns") &&
                      !strcmp(hone_bench_scaled_(0.25, hone_bench_time_steps_).text, "0.25 ns") &&
                      !strcmp(hone_bench_scaled_(1999, hone_bench_time_steps_).text, "2.00 us") &&
                      !strcmp(hone_bench_scaled_(3.2e9, hone_bench_count_steps_).text, "3.20 G"),
              "scaled numbers");
        check(hone_bench_utf8_((const unsigned char *)"\xf0\x9f\x98\x80") == 4 &&
                      hone_bench_utf8_((const unsigned char *)"\xed\xa0\x80") == 0 &&
                      hone_bench_utf8_((const unsigned char *)"\xe2\x82") == 0 &&
                      hone_bench_utf8_((const unsigned char *)"\xc0\x80") == 0,
              "UTF-8, and what is none");
}

static void batches_grow(void)
{
        hone_bench_group_ group;
        memset(&group, 0, sizeof group);
        group.target_ns = 1e6;
        group.batch = 100;
        check(hone_bench_grown_(&group, 0, 0) == 1001, "a batch that took no time grows tenfold");
        check(hone_bench_grown_(&group, 5e5, 5e5) == 241, "half way: a fifth above the rest");
        check(hone_bench_grown_(&group, 10, 2e8) == 100, "one that pauses all the time stays");
}

int main(void)
{
        growth_is_recognised();
        growth_is_chosen();
        interval_ranks();
        summaries();
        texts();
        batches_grow();
        return bad;
}
