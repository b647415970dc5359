#include "process/trial.h"

#include <math.h>
#include <string.h>

#include "harness.h"
#include "process/service_example.h"

#define PAIRS 8

static int run(Example *e, const Config *config, const char *a, const char *b, Trial *ret,
               bool *ret_b_failed, Error *err)
{
        return trial_run(&(TrialPlan){ .config = config,
                                       .dir_a = a,
                                       .dir_b = b,
                                       .log_dir = e->dir,
                                       .pairs = config->loop.pairs,
                                       .seed = 7,
                                       .what = "test",
                                       .os = os_real(),
                                       .progress = &e->silent },
                         e->arena, ret, ret_b_failed, err);
}

static const MetricChange *latency_of(const Trial *trial)
{
        size_t i = 0;

        while (i < trial->comparison.len && trial->comparison.items[i].metric != METRIC_LATENCY_P50)
                i++;
        assert_true(i < trial->comparison.len);
        return &trial->comparison.items[i];
}

TEST(trial_sees_five_milliseconds_more)
{
        const MetricChange *latency;
        Error err = { 0 };
        Config config;
        Trial trial;
        Example e;

        example_begin(&e);
        config = example_config(&e, PAIRS, "");
        assert_ok(run(&e, &config, example_service(&e, "a", ""),
                      example_service(&e, "b", "DELAY_S += 0.005"), &trial, NULL, &err),
                  err);
        latency = latency_of(&trial);
        assert_span(latency->subject, "ink");
        assert_int_equal(latency->verdict, CHANGE_SLOWER);
        assert_true(latency->effect.change > 0.5);
        assert_int_equal(trial.n_blocks, PAIRS);
        assert_int_equal(trial.n_rows, 2);
        assert_near(trial.error_rate_a + trial.error_rate_b, 0, 0);
        assert_int_equal(example_starts(&e), PAIRS * 2);
        example_end(&e);
}

TEST(trial_of_equal_services_finds_no_change)
{
        Error err = { 0 };
        Config config;
        Trial trial;
        Example e;

        example_begin(&e);
        config = example_config(&e, PAIRS, "");
        assert_ok(run(&e, &config, example_service(&e, "a", ""), example_service(&e, "b", ""),
                      &trial, NULL, &err),
                  err);
        for (size_t i = 0; i < trial.comparison.len; i++) {
                ChangeVerdict verdict = trial.comparison.items[i].verdict;

                assert_true(verdict == CHANGE_SAME || verdict == CHANGE_UNKNOWN);
        }
        example_end(&e);
}

TEST(trial_quotes_a_service_that_dies_in_the_middle_and_says_which)
{
        Config config;
        Trial trial;
        Example e;

        example_begin(&e);
        config = example_config(&e, PAIRS, "");
        for (int b_dies = 0; b_dies < 2; b_dies++) {
                const char *good = example_service(&e, "good", "");
                const char *bad = example_service(&e, "bad", "LIFE = 3");
                bool b_failed = !b_dies;
                Error err = { 0 };

                assert_fails(run(&e, &config, b_dies ? good : bad, b_dies ? bad : good, &trial,
                                 &b_failed, &err),
                             err, ERR_FAILED);
                assert_non_null(strstr(err.message, "the service ended: out of ink"));
                assert_non_null(strstr(err.during, "block 1"));
                assert_int_equal(b_failed, b_dies);
        }
        example_end(&e);
}

TEST(trial_counts_answers_that_are_errors)
{
        Error err = { 0 };
        Config config;
        Trial trial;
        Example e;

        example_begin(&e);
        config = example_config(&e, 7, "");
        assert_ok(run(&e, &config, example_service(&e, "a", ""),
                      example_service(&e, "b", "STATUS = '500 No'"), &trial, NULL, &err),
                  err);
        assert_near(trial.error_rate_a, 0, 0);
        assert_near(trial.error_rate_b, 1, 1e-9);
        example_end(&e);
}

TEST(trial_says_that_the_window_is_too_short)
{
        Error err = { 0 };
        Config config;
        Trial trial;
        Example e;

        example_begin(&e);
        config = example_config(&e, PAIRS, "");
        assert_fails(run(&e, &config, example_service(&e, "a", "DELAY_S = 3"),
                         example_service(&e, "b", "DELAY_S = 3"), &trial, NULL, &err),
                     err, ERR_TIMEOUT);
        assert_non_null(strstr(err.message, "/ink within the window"));
        assert_non_null(strstr(err.hint, "hone.yaml"));
        example_end(&e);
}

TEST(trial_quotes_a_service_that_does_not_start)
{
        Error err = { 0 };
        bool b_failed = false;
        Config config;
        Trial trial;
        Example e;

        example_begin(&e);
        config = example_config(&e, PAIRS, "");
        assert_fails(run(&e, &config, example_service(&e, "a", ""),
                         example_service(&e, "b", "raise SystemExit('no paper')"), &trial,
                         &b_failed, &err),
                     err, ERR_FAILED);
        assert_non_null(strstr(err.message, "no paper"));
        assert_true(b_failed);
        example_end(&e);
}
