#include "harness.h"

#include "stats/rng.h"

#include <math.h>
#include <stdlib.h>

TEST(rng_repeats_from_its_seed)
{
        Rng a = rng_from_seed(42), b = rng_from_seed(42), c = rng_from_seed(43);

        for (int i = 0; i < 100; i++)
                assert_true(rng_next(&a) == rng_next(&b));
        assert_true(rng_next(&a) != rng_next(&c));
}

/* The first outputs of xoshiro256** from state 1, 2, 3, 4: 2^... worked by hand from its
 * definition: rotl(2 * 5, 7) * 9 = 11520; then s[1] = 0 gives 0. */
TEST(rng_is_xoshiro256_starstar)
{
        Rng rng = { .s = { 1, 2, 3, 4 } };

        assert_true(rng_next(&rng) == 11520);
        assert_true(rng_next(&rng) == 0);
        assert_true(rng_next(&rng) == 1509978240);
        assert_true(rng_next(&rng) == UINT64_C(1215971899390074240));
}

/* splitmix64 of 0 is known: e220a8397b1dcdaf is its first output. */
TEST(rng_seeds_with_splitmix64)
{
        Rng rng = rng_from_seed(0);

        assert_true(rng.s[0] == UINT64_C(0xe220a8397b1dcdaf));
        assert_true(rng.s[1] == UINT64_C(0x6e789e6aa1b965f4));
}

TEST(rng_below_stays_below_and_is_even)
{
        size_t seen[7] = { 0 };
        Rng rng = rng_from_seed(1);

        for (int i = 0; i < 70000; i++)
                seen[rng_below(&rng, COUNT(seen))]++;
        for (size_t i = 0; i < COUNT(seen); i++)
                assert_near((double)seen[i], 10000, 400);
        assert_true(rng_below(&rng, 1) == 0);
        for (int i = 0; i < 100; i++)
                assert_true(rng_below(&rng, (UINT64_C(1) << 63) + 1) <= UINT64_C(1) << 63);
}

TEST(rng_unit_and_normal_have_their_moments)
{
        double sum = 0, normal = 0, squares = 0;
        Rng rng = rng_from_seed(7);

        for (int i = 0; i < 100000; i++) {
                double u = rng_unit(&rng), z = rng_normal(&rng);

                assert_true(u >= 0 && u < 1);
                sum += u;
                normal += z;
                squares += z * z;
        }
        assert_near(sum / 100000, 0.5, 0.005);
        assert_near(normal / 100000, 0, 0.015);
        assert_near(squares / 100000, 1, 0.02);
}

/* All 6 orders of 3 items, each about as often, and nothing is lost. */
TEST(rng_shuffle_gives_every_order)
{
        size_t seen[27] = { 0 }, orders = 0;
        Rng rng = rng_from_seed(9);

        for (int i = 0; i < 6000; i++) {
                unsigned items[3] = { 0, 1, 2 };

                rng_shuffle(&rng, items, 3, sizeof(items[0]));
                assert_int_equal(items[0] + items[1] + items[2], 3);
                seen[items[0] * 9 + items[1] * 3 + items[2]]++;
        }
        for (size_t i = 0; i < COUNT(seen); i++) {
                orders += seen[i] > 0;
                if (seen[i])
                        assert_near((double)seen[i], 1000, 150);
        }
        assert_int_equal(orders, 6);
        rng_shuffle(&rng, NULL, 0, 8);
}
