// The bodies measured by nanobench: one line "name ns" each.
#define ANKERL_NANOBENCH_IMPLEMENT
#include <nanobench.h>

#include <cstdio>

#include "hone_bench_bodies.h"

template <class Body> static void measure(const char *name, Body body)
{
        ankerl::nanobench::Bench bench;
        bench.output(nullptr).epochs(21).run(name, body);
        const auto &result = bench.results().front();
        std::printf("%s %.6g\n", name,
                    result.median(ankerl::nanobench::Result::Measure::elapsed) * 1e9);
}

int main()
{
        uint64_t x = 1;
        measure("mix", [&] { ankerl::nanobench::doNotOptimizeAway(x = body_mix(x)); });
        measure("hash", [&] { ankerl::nanobench::doNotOptimizeAway(body_hash()); });
        measure("copy", [&] {
                body_copy();
                ankerl::nanobench::doNotOptimizeAway(body_target[0]);
        });
}
