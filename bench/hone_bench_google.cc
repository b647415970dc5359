// The bodies measured by google benchmark.
#include <benchmark/benchmark.h>

#include "hone_bench_bodies.h"

static void mix(benchmark::State &state)
{
        uint64_t x = 1;
        for (auto _ : state) {
                x = body_mix(x);
                benchmark::DoNotOptimize(x);
        }
}
BENCHMARK(mix);

static void hash(benchmark::State &state)
{
        for (auto _ : state)
                benchmark::DoNotOptimize(body_hash());
}
BENCHMARK(hash);

static void copy(benchmark::State &state)
{
        for (auto _ : state) {
                body_copy();
                benchmark::ClobberMemory();
        }
}
BENCHMARK(copy);

BENCHMARK_MAIN();
