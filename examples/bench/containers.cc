// C++: a template measured for two types, and looking up in a sorted vector and in a hash table.
#define HONE_BENCH_MAIN
#include <hone_bench.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

template <class Key> static Key make_key(int64_t i);
template <> int64_t make_key<int64_t>(int64_t i)
{
        return i * 7;
}
template <> std::string make_key<std::string>(int64_t i)
{
        return "key number " + std::to_string(i * 7);
}

template <class Key> static void bench_vector(hone_bench *b)
{
        const int64_t n = hone_bench_n(b);
        std::vector<Key> keys;
        for (int64_t i = 0; i < n; i++)
                keys.push_back(make_key<Key>(i));
        std::sort(keys.begin(), keys.end());
        const Key wanted = make_key<Key>(n / 3);
        HONE_BENCH_LOOP (b) {
                hone_keep(std::binary_search(keys.begin(), keys.end(), wanted));
                hone_keep_pointer(&wanted);
        }
}

template <class Key> static void bench_table(hone_bench *b)
{
        const int64_t n = hone_bench_n(b);
        std::unordered_map<Key, int64_t> table;
        for (int64_t i = 0; i < n; i++)
                table.emplace(make_key<Key>(i), i);
        const Key wanted = make_key<Key>(n / 3);
        HONE_BENCH_LOOP (b) {
                hone_keep(table.find(wanted));
                hone_keep_pointer(&wanted);
        }
        hone_bench_counter(b, "load", static_cast<double>(table.load_factor()), HONE_BENCH_NEITHER);
}

HONE_BENCH_RANGE(vector_of_numbers, 16, 65536, 16)
{
        bench_vector<int64_t>(b);
}

HONE_BENCH_RANGE(table_of_numbers, 16, 65536, 16)
{
        bench_table<int64_t>(b);
}

HONE_BENCH_RANGE(vector_of_texts, 16, 65536, 16)
{
        bench_vector<std::string>(b);
}

HONE_BENCH_RANGE(table_of_texts, 16, 65536, 16)
{
        bench_table<std::string>(b);
}
