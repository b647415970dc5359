#include "base/os.h"
#include "harness.h"

#include <string.h>

TEST(os_real_clock_never_goes_back_and_sleeps_at_least)
{
        const Os *os = os_real();
        uint64_t start = os_now(os);

        os->sleep_ns(os, 2 * NS_PER_MS);
        assert_true(os_now(os) - start >= 2 * NS_PER_MS);
        assert_true(os->wall_ns(os) > UINT64_C(1600000000) * NS_PER_S);
}

TEST(os_real_entropy_differs_between_calls)
{
        char a[300] = { 0 }, b[300] = { 0 };

        os_real()->entropy(os_real(), a, sizeof(a));
        os_real()->entropy(os_real(), b, sizeof(b));
        assert_memory_not_equal(a, b, sizeof(a));
}

TEST(os_fake_advances_only_when_told)
{
        FakeClock clock = { .now_ns = 5, .wall_ns = 1000 };
        Os os = os_fake(&clock);

        assert_int_equal(os_now(&os), 5);
        assert_int_equal(os_now(&os), 5);
        os.sleep_ns(&os, 3600 * NS_PER_S);
        assert_int_equal(os_now(&os), 5 + 3600 * NS_PER_S);
        assert_int_equal(os.wall_ns(&os), 1000 + 3600 * NS_PER_S);
}

TEST(os_fake_entropy_repeats_with_its_seed)
{
        FakeClock one = { .entropy = 7 }, same = { .entropy = 7 }, other = { .entropy = 8 };
        Os a = os_fake(&one), b = os_fake(&same), c = os_fake(&other);
        char x[21], y[21], z[21];

        a.entropy(&a, x, sizeof(x));
        b.entropy(&b, y, sizeof(y));
        c.entropy(&c, z, sizeof(z));
        assert_memory_equal(x, y, sizeof(x));
        assert_memory_not_equal(x, z, sizeof(x));
        a.entropy(&a, x, sizeof(x));
        assert_memory_not_equal(x, y, sizeof(x));
}

TEST(os_wall_text_is_utc)
{
        char text[WALL_TEXT_SIZE];

        os_wall_text(UINT64_C(1795242612) * NS_PER_S + 999999999, text);
        assert_string_equal(text, "2026-11-21T06:30:12Z");
        os_wall_text(0, text);
        assert_string_equal(text, "1970-01-01T00:00:00Z");
        os_wall_text(UINT64_MAX, text);
        assert_string_equal(text, "2554-07-21T23:34:33Z");
}
