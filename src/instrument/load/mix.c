#include "instrument/load/mix.h"

static unsigned common_divisor(unsigned a, unsigned b)
{
        while (b) {
                unsigned rest = a % b;

                a = b;
                b = rest;
        }
        return a;
}

static unsigned divisor_of_all(const LoadSetup *setup)
{
        unsigned d = 0;

        for (unsigned i = 0; i < setup->n_endpoints; i++)
                d = common_divisor(setup->endpoints[i].request.weight, d);
        return d;
}

static unsigned richest(const int64_t *credit, unsigned n)
{
        unsigned best = 0;

        for (unsigned i = 1; i < n; i++)
                if (credit[i] > credit[best])
                        best = i;
        return best;
}

int mix_build(LoadSetup *setup, Arena *arena, Error *err)
{
        unsigned n = setup->n_endpoints, divisor = divisor_of_all(setup);
        int64_t *credit = new (arena, int64_t, n);
        uint64_t sum = 0;

        for (unsigned i = 0; i < n; i++)
                sum += setup->endpoints[i].request.weight / divisor;
        if (sum > LOAD_MAX_CYCLE) {
                fail(err, ERR_USAGE, "the weights of the mix add up to %lu, at most %d",
                     (unsigned long)sum, LOAD_MAX_CYCLE);
                return fail_hint(err, "round them: 1000:3 sends nearly the same as 99991:301");
        }
        setup->cycle = new (arena, uint16_t, sum);
        setup->cycle_len = sum;
        for (size_t at = 0; at < sum; at++) {
                unsigned next;

                for (unsigned i = 0; i < n; i++)
                        credit[i] += setup->endpoints[i].request.weight / divisor;
                next = richest(credit, n);
                credit[next] -= (int64_t)sum;
                setup->cycle[at] = (uint16_t)next;
        }
        return 0;
}
