#include "harness.h"

#include "analysis/rank.h"

#include <math.h>

TEST(priority_follows_the_founding_table)
{
        static const struct {
                double impact_ns;
                Priority common, rare;
        } cases[] = {
                { 1.5e9, PRIORITY_P0, PRIORITY_P1 },    { 1e9, PRIORITY_P1, PRIORITY_P2 },
                { 200e6, PRIORITY_P1, PRIORITY_P2 },    { 199e6, PRIORITY_P2, PRIORITY_P3 },
                { 50e6, PRIORITY_P2, PRIORITY_P3 },     { 49.9e6, PRIORITY_P3, PRIORITY_P3 },
                { 0, PRIORITY_P3, PRIORITY_P3 },        { NAN, PRIORITY_P3, PRIORITY_P3 },
                { INFINITY, PRIORITY_P0, PRIORITY_P1 },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                assert_int_equal(priority_of(cases[i].impact_ns, 1), cases[i].common);
                assert_int_equal(priority_of(cases[i].impact_ns, RARE_SHARE), cases[i].common);
                assert_int_equal(priority_of(cases[i].impact_ns, NAN), cases[i].common);
                assert_int_equal(priority_of(cases[i].impact_ns, 0.0099), cases[i].rare);
        }
}

TEST(stars_follow_what_is_lost_per_second)
{
        assert_int_equal(stars_of(1e6, 9), 1);
        assert_int_equal(stars_of(1e6, 10), 2);
        assert_int_equal(stars_of(1e6, 50), 3);
        assert_int_equal(stars_of(1e6, 250), 4);
        assert_int_equal(stars_of(1e6, 1000), 5);
        assert_int_equal(stars_of(NAN, 1000), 1);
        assert_int_equal(stars_of(1e6, NAN), 1);
}

static Finding finding(Priority priority, FindingKind kind, double share, double impact_ns,
                       const char *name)
{
        return (Finding){ .priority = priority,
                          .kind = kind,
                          .share = share,
                          .impact_ns = impact_ns,
                          .rule = span_of(name) };
}

TEST(findings_are_ranked_by_urgency_then_nearness_then_share)
{
        Finding items[] = {
                finding(PRIORITY_P3, FINDING_SYMPTOM, 0, NAN, "8"),
                finding(PRIORITY_P3, FINDING_CAUSE, 0.2, 1e6, "5"),
                finding(PRIORITY_P3, FINDING_SHAPE, 0.9, 9e6, "7"),
                finding(PRIORITY_P2, FINDING_SYMPTOM, 0, 60e6, "2"),
                finding(PRIORITY_P3, FINDING_CAUSE, 0.6, 3e6, "3"),
                finding(PRIORITY_P3, FINDING_CAUSE, 0.2, NAN, "6"),
                finding(PRIORITY_P1, FINDING_SYMPTOM, 0, NAN, "1"),
                finding(PRIORITY_P3, FINDING_CAUSE, 0.2, 2e6, "4"),
                finding(PRIORITY_P3, FINDING_SYMPTOM, 0, NAN, "9"), /* equal: after the first */
        };

        findings_rank(items, COUNT(items));
        for (size_t i = 0; i < COUNT(items); i++)
                assert_int_equal(items[i].rule.ptr[0], '1' + (char)i);
        findings_rank(NULL, 0);
}
