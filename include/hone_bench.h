/* hone_bench.h: micro-benchmarks inside a C or C++ program, in one header.
 *
 *         #define HONE_BENCH_MAIN            // in one file of the program: defines main()
 *         #include <hone_bench.h>
 *
 *         HONE_BENCH(checksum)
 *         {
 *                 unsigned char *data = make_input(4096);        // setup, outside the clock
 *                 hone_bench_bytes(b, 4096);
 *                 HONE_BENCH_LOOP(b)
 *                         hone_keep(adler32(data, 4096));
 *                 free(data);                                    // teardown, outside the clock
 *         }
 *
 *         cc -O2 -o checksum checksum.c && ./checksum
 *
 * The body runs once. Its loop runs as often as the measurement asks for: first in growing batches
 * until one batch takes at least 1 ms and at least 1000 times what the clock costs, then until two
 * batches agree (warm-up, at most 100 ms), then once for each sample. A sample is the time of one
 * batch divided by its iterations; nothing is subtracted from it and none is dropped. Printed are
 * the median and its 95 % interval from order statistics; with --hone-bench-json one JSON line a
 * metric, which `hone bench --c` reads, interleaves with other processes and judges.
 *
 * What varies between processes (addresses, alignment, the machine's mood) no number of samples
 * in one process can show: to compare two versions, run both several times by turns.
 *
 * Time is CLOCK_MONOTONIC, which is a call without a system call where it matters. With samples
 * of 1000 times its cost, reading the cycle counter instead would change them by less than 0.1 %,
 * and would need a rate that the processor does not always tell.
 *
 * C99 or C++11 and newer with gcc or clang (barriers are asm statements), POSIX, libc only; before
 * glibc 2.34 programs with threads link with -pthread. Apache-2.0. See docs/hone_bench.md of hone.
 */
#ifndef HONE_BENCH_H
#define HONE_BENCH_H

#if !defined(__GNUC__)
#        error "hone_bench.h needs gcc or clang: its barriers are asm statements"
#endif

#if defined(HONE_BENCH_MAIN) && !defined(HONE_BENCH_IMPLEMENTATION)
#        define HONE_BENCH_IMPLEMENTATION
#endif
/* Plain -std=c99 hides POSIX, which the implementation needs. */
#if defined(HONE_BENCH_IMPLEMENTATION) && defined(__STRICT_ANSI__) && !defined(_GNU_SOURCE) && \
        !defined(_DEFAULT_SOURCE) && !defined(_POSIX_C_SOURCE) && !defined(_XOPEN_SOURCE)
#        define _POSIX_C_SOURCE 200809L
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- benchmarks ------------------------------------------------------------------------------
 *
 * Each is followed by a body in braces, whose parameter is `hone_bench *b`. Names are unique in the
 * program. Several files may hold benchmarks; those in a static library are only linked when
 * something else of their object is used (or with -Wl,--whole-archive).
 */

/* sort */
#define HONE_BENCH(name) \
        HONE_BENCH_DEFINE_(#name, hone_bench_of_##name##_, 0, 0, 0, NULL, 0, NULL, 0, NULL, 0)
/* sort/n=8, sort/n=32 ... up to and with `to`; hone_bench_n(b). How time grows with n is fitted. */
#define HONE_BENCH_RANGE(name, from, to, multiplier)                                               \
        HONE_BENCH_DEFINE_(#name, hone_bench_of_##name##_, from, to, multiplier, NULL, 0, NULL, 0, \
                           NULL, 0)
/* HONE_BENCH_LIST(sort, 10, 1000, 5000): sort/n=10 ... likewise. */
#define HONE_BENCH_LIST(name, ...)                                             \
        static const int64_t hone_bench_numbers_##name##_[] = { __VA_ARGS__ }; \
        HONE_BENCH_DEFINE_(#name, hone_bench_of_##name##_, 0, 0, 0,            \
                           HONE_BENCH_ARRAY_(hone_bench_numbers_##name##_), NULL, 0, NULL, 0)
/* HONE_BENCH_TEXTS(parse, "small.json", "large.json"): parse/small.json ...; hone_bench_text(b) */
#define HONE_BENCH_TEXTS(name, ...)                                              \
        static const char *const hone_bench_texts_##name##_[] = { __VA_ARGS__ }; \
        HONE_BENCH_DEFINE_(#name, hone_bench_of_##name##_, 0, 0, 0, NULL, 0,     \
                           HONE_BENCH_ARRAY_(hone_bench_texts_##name##_), NULL, 0)
/* HONE_BENCH_THREADS(lock, 1, 2, 4): lock/threads=1 ... The body runs in each thread, and their
 * loops start together. Time is that of one iteration of each thread: from the first one's start
 * to the last one's end, by the iterations of one. */
#define HONE_BENCH_THREADS(name, ...)                                                 \
        static const int hone_bench_threads_##name##_[] = { __VA_ARGS__ };            \
        HONE_BENCH_DEFINE_(#name, hone_bench_of_##name##_, 0, 0, 0, NULL, 0, NULL, 0, \
                           HONE_BENCH_ARRAY_(hone_bench_threads_##name##_))
/* All together: HONE_BENCH_MATRIX(map, (16, 1024), ("hash", "tree"), (1, 2)). The text "" and the
 * thread count 0 stand for none. */
#define HONE_BENCH_MATRIX(name, numbers, texts, threads)                                \
        static const int64_t hone_bench_numbers_##name##_[] = HONE_BENCH_LIST_ numbers; \
        static const char *const hone_bench_texts_##name##_[] = HONE_BENCH_LIST_ texts; \
        static const int hone_bench_threads_##name##_[] = HONE_BENCH_LIST_ threads;     \
        HONE_BENCH_DEFINE_(#name, hone_bench_of_##name##_, 0, 0, 0,                     \
                           HONE_BENCH_ARRAY_(hone_bench_numbers_##name##_),             \
                           HONE_BENCH_ARRAY_(hone_bench_texts_##name##_),               \
                           HONE_BENCH_ARRAY_(hone_bench_threads_##name##_))

typedef struct hone_bench hone_bench; /* one benchmark running, in one thread */

/* The loop that is measured; once in a body. `continue` works; leaving it early is a failure. What
 * it costs itself (a decrement and a jump) is not subtracted: --hone-bench-overhead shows it. */
#define HONE_BENCH_LOOP(b)                                                         \
        for (uint64_t hone_bench_left_ = 0;                                        \
             hone_bench_left_ > 0 || (hone_bench_left_ = hone_bench_next_(b)) > 0; \
             HONE_BENCH_UNKNOWN_(hone_bench_left_), --hone_bench_left_)

int64_t hone_bench_n(const hone_bench *b);        /* of RANGE and LIST; otherwise 0 */
const char *hone_bench_text(const hone_bench *b); /* of TEXTS; otherwise "" */
int hone_bench_threads(const hone_bench *b);      /* how many run this body, */
int hone_bench_thread(const hone_bench *b);       /* and which is this, from 0 */
void hone_bench_sync(hone_bench *b); /* waits until all threads are here; the loop does as well */
uint64_t hone_bench_iterations(const hone_bench *b); /* so far, of this thread, warm-up included */

/* Stops the clock within the loop. A pair costs about one reading of the clock, which stays in the
 * result; the result says how much that is. */
void hone_bench_pause(hone_bench *b);
void hone_bench_resume(hone_bench *b);

/* What one iteration (of this thread) works through: gives bandwidth and operations per second. */
void hone_bench_bytes(hone_bench *b, double bytes);
void hone_bench_items(hone_bench *b, double items);
/* A number of your own; set again, the last holds. Of several threads it is the sum. */
typedef enum hone_bench_better {
        HONE_BENCH_NEITHER,
        HONE_BENCH_LOWER,
        HONE_BENCH_HIGHER
} hone_bench_better;
void hone_bench_counter(hone_bench *b, const char *name, double value, hone_bench_better better);
/* The size that time is fitted against, when it is not hone_bench_n(). */
void hone_bench_complexity(hone_bench *b, double n);

/* The loop does not run (any further) after these. A failure makes the program end with 1. */
void hone_bench_skip(hone_bench *b, const char *why, ...) __attribute__((format(printf, 2, 3)));
void hone_bench_fail(hone_bench *b, const char *why, ...) __attribute__((format(printf, 2, 3)));

/* For a main() of your own: define HONE_BENCH_IMPLEMENTATION in one file instead of
 * HONE_BENCH_MAIN. Returns the exit status: 0, 1 when something failed, 2 for wrong usage. */
int hone_bench_run(int argc, char **argv);

/* --- barriers --------------------------------------------------------------------------------
 *
 * hone_keep(value)        the value is computed, here; and memory is clobbered
 * hone_keep_pointer(p)    what p points to is written, and may have been read and changed
 * hone_clobber()          the same for all memory that anything else can see
 * hone_hide(value)        the value, of which the optimiser no longer knows anything
 *
 * They cost no instruction beyond having the value in a register (in memory, if it fits in none).
 * Limits: hone_keep does not stop its argument from being worked out at compile time or before the
 * loop: `hone_keep(square(3))` keeps the constant 9, `hone_keep(strlen(s))` of a local array that
 * nobody else sees is hoisted. Hide what it is made from: hone_keep(square(hone_hide(3))).
 */
#if defined(__x86_64__) || (defined(__i386__) && defined(__SSE2_MATH__))
#        define HONE_BENCH_REAL_ "x"
#elif defined(__aarch64__)
#        define HONE_BENCH_REAL_ "w"
#else
#        define HONE_BENCH_REAL_ "m"
#endif

static inline __attribute__((always_inline)) void hone_clobber(void)
{
        __asm__ volatile("" : : : "memory");
}

static inline __attribute__((always_inline)) void hone_keep_pointer(const volatile void *p)
{
        __asm__ volatile("" : : "r"(p) : "memory");
}

/* --- what the macros above are made of; not for use --- */

typedef struct hone_bench_entry {
        const char *name, *file;
        int line;
        void (*body)(hone_bench *b);
        int64_t from, to, multiplier;
        const int64_t *numbers;
        size_t n_numbers;
        const char *const *texts;
        size_t n_texts;
        const int *threads;
        size_t n_threads;
        struct hone_bench_entry *next;
} hone_bench_entry;

void hone_bench_register(hone_bench_entry *entry);
uint64_t hone_bench_next_(hone_bench *b);

static inline __attribute__((always_inline)) uint64_t hone_bench_unknown_(uint64_t value)
{
        __asm__ volatile("" : "+r"(value));
        return value;
}

#define HONE_BENCH_UNKNOWN_(left) (left) = hone_bench_unknown_(left)
#define HONE_BENCH_LIST_(...) \
        {                     \
                __VA_ARGS__   \
        }
#define HONE_BENCH_ARRAY_(array) array, sizeof(array) / sizeof(array[0])
/* The text and the prefix are made by the macros above, where a name that is a macro itself, as
 * `linux` is, does not turn into what it stands for. */
#define HONE_BENCH_DEFINE_(text, prefix, ...)                                          \
        static void prefix##body(hone_bench *);                                        \
        static hone_bench_entry prefix##entry = { text,         __FILE__,    __LINE__, \
                                                  prefix##body, __VA_ARGS__, NULL };   \
        static void __attribute__((constructor)) prefix##add(void)                     \
        {                                                                              \
                hone_bench_register(&prefix##entry);                                   \
        }                                                                              \
        static void prefix##body(__attribute__((unused)) hone_bench *b)

#ifdef __cplusplus
} /* extern "C" */

extern "C++" {
#        include <type_traits>

/* 0: in memory, 1: in a general register, 2: in one for floating point */
template <class T>
struct hone_bench_kind_
    : std::integral_constant<int, std::is_floating_point<T>::value && sizeof(T) <= sizeof(double)
                                          ? 2
                                  : (std::is_integral<T>::value || std::is_enum<T>::value ||
                                     std::is_pointer<T>::value) &&
                                                  sizeof(T) <= sizeof(void *)
                                          ? 1
                                          : 0> {
};

template <int kind> struct hone_bench_barrier_ {
        template <class T> static inline __attribute__((always_inline)) void keep(const T &value)
        {
                __asm__ volatile("" : : "m"(value) : "memory");
        }
        template <class T> static inline __attribute__((always_inline)) void hide(T &value)
        {
                __asm__ volatile("" : "+m"(value));
        }
};

template <> struct hone_bench_barrier_<1> {
        template <class T> static inline __attribute__((always_inline)) void keep(const T &value)
        {
                __asm__ volatile("" : : "r"(value) : "memory");
        }
        template <class T> static inline __attribute__((always_inline)) void hide(T &value)
        {
                __asm__ volatile("" : "+r"(value));
        }
};

template <> struct hone_bench_barrier_<2> {
        template <class T> static inline __attribute__((always_inline)) void keep(const T &value)
        {
                __asm__ volatile("" : : HONE_BENCH_REAL_(value) : "memory");
        }
        template <class T> static inline __attribute__((always_inline)) void hide(T &value)
        {
                __asm__ volatile("" : "+" HONE_BENCH_REAL_(value));
        }
};

template <class T> inline __attribute__((always_inline)) void hone_keep(const T &value)
{
        hone_bench_barrier_<hone_bench_kind_<typename std::remove_cv<T>::type>::value>::keep(value);
}

template <class T> inline __attribute__((always_inline)) T hone_hide(T value)
{
        hone_bench_barrier_<hone_bench_kind_<T>::value>::hide(value);
        return value;
}
}
#else
/* As it would be passed to a function: arrays become pointers, qualifiers go. */
#        define HONE_BENCH_TYPE_(x) __typeof__(((void)0, (x)))
#        define HONE_BENCH_IS_REAL_(v) \
                (__builtin_classify_type(v) == 8 && sizeof(v) <= sizeof(double))
#        define HONE_BENCH_IS_WORD_(v)                                                 \
                (__builtin_classify_type(v) >= 1 && __builtin_classify_type(v) <= 5 && \
                 sizeof(v) <= sizeof(void *))
/* The operands that are not chosen are there to make sense to the compiler, and never used. */
#        define hone_keep(x)                                                                    \
                do {                                                                            \
                        HONE_BENCH_TYPE_(x) hone_kept_ = (x);                                   \
                        if (HONE_BENCH_IS_REAL_(hone_kept_))                                    \
                                HONE_BENCH_ASM_IN_(HONE_BENCH_REAL_,                            \
                                                   HONE_BENCH_IS_REAL_(hone_kept_), hone_kept_, \
                                                   0.0);                                        \
                        else if (HONE_BENCH_IS_WORD_(hone_kept_))                               \
                                HONE_BENCH_ASM_IN_("r", HONE_BENCH_IS_WORD_(hone_kept_),        \
                                                   hone_kept_, 0);                              \
                        else                                                                    \
                                __asm__ volatile("" : : "m"(hone_kept_) : "memory");            \
                } while (0)
#        define HONE_BENCH_ASM_IN_(where, chosen, value, other)                       \
                __asm__ volatile(""                                                   \
                                 :                                                    \
                                 : where(__builtin_choose_expr(chosen, value, other)) \
                                 : "memory")
#        define hone_hide(x)                                                                  \
                __extension__({                                                               \
                        HONE_BENCH_TYPE_(x) hone_hidden_ = (x);                               \
                        double hone_real_ = 0;                                                \
                        long hone_word_ = 0;                                                  \
                        (void)hone_real_;                                                     \
                        (void)hone_word_;                                                     \
                        if (HONE_BENCH_IS_REAL_(hone_hidden_)) {                              \
                                HONE_BENCH_ASM_BOTH_("+" HONE_BENCH_REAL_,                    \
                                                     HONE_BENCH_IS_REAL_(hone_hidden_),       \
                                                     hone_hidden_, hone_real_);               \
                        } else if (HONE_BENCH_IS_WORD_(hone_hidden_)) {                       \
                                HONE_BENCH_ASM_BOTH_("+r", HONE_BENCH_IS_WORD_(hone_hidden_), \
                                                     hone_hidden_, hone_word_);               \
                        } else {                                                              \
                                __asm__ volatile("" : "+m"(hone_hidden_));                    \
                        }                                                                     \
                        hone_hidden_;                                                         \
                })
#        define HONE_BENCH_ASM_BOTH_(where, chosen, value, other) \
                __asm__ volatile("" : where(__builtin_choose_expr(chosen, value, other)))
#endif

#ifdef HONE_BENCH_IMPLEMENTATION
#        include <pthread.h>
#        include <regex.h>
#        include <sched.h>
#        include <stdarg.h>
#        include <stdio.h>
#        include <stdlib.h>
#        include <string.h>
#        include <time.h>
#        include <unistd.h>

#        ifndef CLOCK_MONOTONIC
#                error "include hone_bench.h first in this file, or define _POSIX_C_SOURCE 200809L"
#        endif

#        ifdef __cplusplus
#                pragma GCC diagnostic push
#                pragma GCC diagnostic ignored "-Wold-style-cast"
extern "C" {
#        endif

/* --- limits and what is usual --- */

static const uint64_t hone_bench_min_time_ns_ = 1000000; /* of a sample */
static const double hone_bench_clock_times_ = 1000;      /* it is that often the clock's cost */
static const double hone_bench_thread_times_ = 5; /* with threads, which do not start at once */
static const double hone_bench_warm_times_ = 100; /* warm-up, or a batch that pauses, in samples */
static const double hone_bench_agree_ = 0.05;     /* two batches do within this */
static const double hone_bench_fits_ = 0.25;      /* the error with which a growth still does */
static const double hone_bench_busy_ = 0.05;      /* waiting for a CPU that share is noted */
static const double hone_bench_long_ns_ = 2e9;    /* then HONE_BENCH_FEW_SAMPLES_ are enough */
static const uint64_t hone_bench_max_batch_ = (uint64_t)1 << 40;

enum {
        HONE_BENCH_SAMPLES_ = 21,
        HONE_BENCH_FEW_SAMPLES_ = 5,
        HONE_BENCH_MAX_SAMPLES_ = 1000000,
        HONE_BENCH_MAX_CASES_ = 100000,
        HONE_BENCH_MAX_THREADS_ = 1024,
        HONE_BENCH_MAX_COUNTERS_ = 16,
        HONE_BENCH_MAX_NOTES_ = 6,
        HONE_BENCH_TEXT_ = 200,
        HONE_BENCH_SPINS_ = 2000 /* before a waiting thread gives its CPU away */
};

/* --- types --- */

typedef struct hone_bench_settings_ {
        int json, list, overhead, help;
        regex_t *filter;
        const char *filter_text;
        uint64_t min_time_ns;
        size_t samples; /* 0: as usual */
        double clock_ns;
} hone_bench_settings_;

typedef struct hone_bench_case_ { /* a benchmark with its parameters */
        const hone_bench_entry *entry;
        char *name;
        int has_n, threads; /* threads 0: it has none */
        int64_t n;
        const char *text;               /* NULL: it has none */
        double complexity_n, median_ns; /* after it ran; 0: none */
} hone_bench_case_;

typedef struct hone_bench_counter_ {
        char name[64];
        double value;
        hone_bench_better better;
} hone_bench_counter_;

typedef enum { HONE_BENCH_RAN_, HONE_BENCH_SKIPPED_, HONE_BENCH_FAILED_ } hone_bench_status_;
typedef enum {
        HONE_BENCH_BEFORE_,
        HONE_BENCH_WARM_,
        HONE_BENCH_SAMPLE_,
        HONE_BENCH_AFTER_
} hone_bench_phase_;

typedef struct hone_bench_group_ { /* one case running, in one or several threads */
        const hone_bench_settings_ *settings;
        hone_bench_case_ *which;
        struct hone_bench *members;
        int n_members;
        int arrived, generation, over, ended; /* atomic */
        hone_bench_phase_ phase;
        uint64_t batch;
        double target_ns, warm_ns, sampled_ns, previous_ns, shortest_ns;
        int unsettled;
        double *values;
        size_t n_values, n_wanted;
        uint64_t pauses, pausing_iterations;
        hone_bench_status_ status;
        char why[HONE_BENCH_TEXT_];
        char notes[HONE_BENCH_MAX_NOTES_][HONE_BENCH_TEXT_];
        size_t n_notes;
        double pausing_ns; /* of each iteration's time; 0: it does not pause */
} hone_bench_group_;

struct hone_bench {
        hone_bench_group_ *group;
        int thread;
        hone_bench_phase_ phase;
        uint64_t started_ns, ended_ns, paused_ns, paused_at_ns, pauses, iterations;
        double waited_ns, loop_ns; /* for a CPU within the loop, of all its time */
        double bytes, items, complexity_n;
        hone_bench_counter_ counters[HONE_BENCH_MAX_COUNTERS_];
        size_t n_counters;
        pthread_t id;
};

/* The case that runs, for a body that ends the program. */
static const hone_bench_case_ *hone_bench_running_;
static hone_bench_entry *hone_bench_entries_;

/* --- the clock --- */

static uint64_t hone_bench_now_(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What a reading costs or the step between two that differ, whichever is more. */
static double hone_bench_measure_clock_(void)
{
        double cost = 1e9, step = 1e9;
        for (int round = 0; round < 5; round++) {
                uint64_t first = hone_bench_now_(), last = first;
                for (int i = 0; i < 1000; i++) {
                        uint64_t now = hone_bench_now_();
                        if (now > last && (double)(now - last) < step)
                                step = (double)(now - last);
                        last = now;
                }
                if ((double)(last - first) / 1000 < cost)
                        cost = (double)(last - first) / 1000;
        }
        return step > cost ? step : cost;
}

void hone_bench_pause(hone_bench *b)
{
        uint64_t now = hone_bench_now_();
        if (b->paused_at_ns || b->phase != HONE_BENCH_SAMPLE_)
                hone_bench_fail(b, "hone_bench_pause() outside the loop, or twice");
        b->paused_at_ns = now;
        b->pauses++;
}

void hone_bench_resume(hone_bench *b)
{
        if (!b->paused_at_ns)
                hone_bench_fail(b, "hone_bench_resume() without hone_bench_pause()");
        uint64_t since = b->paused_at_ns;
        b->paused_at_ns = 0;
        b->paused_ns += hone_bench_now_() - since;
}

/* What a pair leaves in the result. */
static double hone_bench_measure_pause_(void)
{
        double cost = 1e9;
        for (int round = 0; round < 5; round++) {
                hone_bench b;
                memset(&b, 0, sizeof b);
                b.phase = HONE_BENCH_SAMPLE_;
                uint64_t first = hone_bench_now_();
                for (int i = 0; i < 1000; i++) {
                        hone_bench_pause(&b);
                        hone_bench_resume(&b);
                }
                double left = (double)(hone_bench_now_() - first - b.paused_ns) / 1000;
                if (left < cost)
                        cost = left;
        }
        return cost;
}

/* How long this thread has waited for a CPU so far, where the system tells (Linux). */
static double hone_bench_waited_(void)
{
        unsigned long long ran = 0, waited = 0;
        FILE *file = fopen("/proc/thread-self/schedstat", "r");
        if (!file)
                return 0;
        if (fscanf(file, "%llu %llu", &ran, &waited) != 2)
                waited = 0;
        fclose(file);
        return (double)waited;
}

/* --- threads --- */

/* False: the case is over. */
static int hone_bench_meet_(hone_bench_group_ *group)
{
        int generation = __atomic_load_n(&group->generation, __ATOMIC_ACQUIRE);
        if (group->n_members == 1)
                return !__atomic_load_n(&group->over, __ATOMIC_RELAXED);
        if (__atomic_add_fetch(&group->arrived, 1, __ATOMIC_ACQ_REL) == group->n_members) {
                __atomic_store_n(&group->arrived, 0, __ATOMIC_RELAXED);
                __atomic_add_fetch(&group->generation, 1, __ATOMIC_RELEASE);
        }
        for (int spins = 0; __atomic_load_n(&group->generation, __ATOMIC_ACQUIRE) == generation;) {
                if (__atomic_load_n(&group->over, __ATOMIC_ACQUIRE))
                        return 0;
                if (++spins > HONE_BENCH_SPINS_)
                        sched_yield();
        }
        return !__atomic_load_n(&group->over, __ATOMIC_ACQUIRE);
}

void hone_bench_sync(hone_bench *b)
{
        hone_bench_meet_(b->group);
}

/* Only the first reason counts. */
static void hone_bench_end_(hone_bench *b, hone_bench_status_ status, const char *why, va_list args)
{
        hone_bench_group_ *group = b->group;
        if (!group || __atomic_exchange_n(&group->ended, 1, __ATOMIC_ACQ_REL))
                return;
        vsnprintf(group->why, sizeof group->why, why, args);
        group->status = status;
        __atomic_store_n(&group->over, 1, __ATOMIC_RELEASE);
}

void hone_bench_skip(hone_bench *b, const char *why, ...)
{
        va_list args;
        va_start(args, why);
        hone_bench_end_(b, HONE_BENCH_SKIPPED_, why, args);
        va_end(args);
}

void hone_bench_fail(hone_bench *b, const char *why, ...)
{
        va_list args;
        va_start(args, why);
        hone_bench_end_(b, HONE_BENCH_FAILED_, why, args);
        va_end(args);
}

/* --- the loop --- */

/* The batch's time by the clock: of several threads from the first start to the last end, unless
 * they pause it: then of the slowest. */
static double hone_bench_batch_ns_(const hone_bench_group_ *group, double *ret_wall_ns)
{
        uint64_t first = UINT64_MAX, last = 0, pauses = 0;
        double slowest = 0;
        for (int i = 0; i < group->n_members; i++) {
                const hone_bench *b = &group->members[i];
                double own = (double)(b->ended_ns - b->started_ns) - (double)b->paused_ns;
                first = b->started_ns < first ? b->started_ns : first;
                last = b->ended_ns > last ? b->ended_ns : last;
                slowest = own > slowest ? own : slowest;
                pauses += b->pauses;
        }
        *ret_wall_ns = (double)(last - first);
        return pauses ? slowest : *ret_wall_ns;
}

/* A larger batch, or the same when it may not grow: it pauses most of its time. */
static uint64_t hone_bench_grown_(const hone_bench_group_ *group, double took_ns, double wall_ns)
{
        double most = group->target_ns * hone_bench_warm_times_ / (wall_ns + 1);
        double factor = took_ns > 0 ? 1.2 * group->target_ns / took_ns : 10;
        if (factor > 10)
                factor = 10;
        if (factor > most)
                factor = most;
        if (factor <= 1 || group->batch >= hone_bench_max_batch_)
                return group->batch;
        return (uint64_t)((double)group->batch * factor) + 1;
}

static void hone_bench_warm_up_(hone_bench_group_ *group, double took_ns, double wall_ns)
{
        double each = took_ns / (double)group->batch;
        double gap = each - group->previous_ns;
        int agrees = group->previous_ns > 0 && gap <= hone_bench_agree_ * group->previous_ns &&
                     -gap <= hone_bench_agree_ * group->previous_ns;
        group->warm_ns += wall_ns;
        if (took_ns < group->target_ns) {
                uint64_t grown = hone_bench_grown_(group, took_ns, wall_ns);
                if (grown > group->batch) {
                        group->batch = grown;
                        group->previous_ns = 0;
                        return;
                }
        }
        if (agrees || group->warm_ns >= group->target_ns * hone_bench_warm_times_) {
                group->unsettled = !agrees && group->previous_ns > 0;
                group->phase = HONE_BENCH_SAMPLE_;
        }
        group->previous_ns = each;
}

static void hone_bench_sample_(hone_bench_group_ *group, double took_ns, double wall_ns)
{
        group->values[group->n_values++] = took_ns / (double)group->batch;
        group->sampled_ns += wall_ns;
        if (group->shortest_ns == 0 || took_ns < group->shortest_ns)
                group->shortest_ns = took_ns;
        group->pausing_iterations += group->batch;
        group->pauses += group->members[0].pauses;
        if (group->n_values == group->n_wanted ||
            (!group->settings->samples && group->n_values >= HONE_BENCH_FEW_SAMPLES_ &&
             group->sampled_ns >= hone_bench_long_ns_))
                group->phase = HONE_BENCH_AFTER_;
}

/* Takes the batch that ended and says how large the next is. */
static void hone_bench_plan_(hone_bench_group_ *group)
{
        double wall_ns, took_ns;
        if (group->phase == HONE_BENCH_BEFORE_) {
                group->phase = HONE_BENCH_WARM_;
                group->batch = 1;
                return;
        }
        took_ns = hone_bench_batch_ns_(group, &wall_ns);
        if (group->phase == HONE_BENCH_WARM_)
                hone_bench_warm_up_(group, took_ns, wall_ns);
        else
                hone_bench_sample_(group, took_ns, wall_ns);
}

/* Between two batches: ends the one and returns the iterations of the next, 0 after the last. */
uint64_t hone_bench_next_(hone_bench *b)
{
        uint64_t now = hone_bench_now_();
        hone_bench_group_ *group = b->group;
        if (b->phase == HONE_BENCH_AFTER_)
                hone_bench_fail(b, "it has a second HONE_BENCH_LOOP");
        if (b->phase == HONE_BENCH_SAMPLE_) {
                b->ended_ns = now;
                b->iterations += group->batch;
                if (b->paused_at_ns)
                        hone_bench_fail(b, "the clock is still paused where an iteration ends");
        }
        if (b->phase == HONE_BENCH_BEFORE_) {
                b->waited_ns = -hone_bench_waited_();
                b->loop_ns = -(double)hone_bench_now_();
        }
        b->phase = HONE_BENCH_SAMPLE_;
        if (hone_bench_meet_(group) && b->thread == 0)
                hone_bench_plan_(group);
        if (!hone_bench_meet_(group) || group->phase == HONE_BENCH_AFTER_) {
                b->phase = HONE_BENCH_AFTER_;
                b->waited_ns += hone_bench_waited_();
                b->loop_ns += (double)now;
                return 0;
        }
        b->pauses = 0;
        b->paused_ns = 0;
        b->started_ns = hone_bench_now_();
        return group->batch;
}

static void *hone_bench_member_(void *member)
{
        hone_bench *b = (hone_bench *)member;
        b->group->which->entry->body(b);
        if (b->phase == HONE_BENCH_BEFORE_)
                hone_bench_fail(b, "it never enters its loop (HONE_BENCH_LOOP)");
        else if (b->phase == HONE_BENCH_SAMPLE_)
                hone_bench_fail(b, "it leaves its loop before the end (break, return or goto)");
        return NULL;
}

static void hone_bench_run_group_(hone_bench_group_ *group)
{
        int started = 1;
        for (; started < group->n_members; started++) {
                int error = pthread_create(&group->members[started].id, NULL, hone_bench_member_,
                                           &group->members[started]);
                if (error) {
                        hone_bench_fail(&group->members[0], "cannot start thread %d: %s", started,
                                        strerror(error));
                        break;
                }
        }
        if (started == group->n_members)
                hone_bench_member_(&group->members[0]);
        for (int i = 1; i < started; i++)
                pthread_join(group->members[i].id, NULL);
}

/* --- what a body asks and tells --- */

int64_t hone_bench_n(const hone_bench *b)
{
        return b->group->which->n;
}

const char *hone_bench_text(const hone_bench *b)
{
        return b->group->which->text ? b->group->which->text : "";
}

int hone_bench_threads(const hone_bench *b)
{
        return b->group->n_members;
}

int hone_bench_thread(const hone_bench *b)
{
        return b->thread;
}

uint64_t hone_bench_iterations(const hone_bench *b)
{
        return b->iterations;
}

/* Finite and not below `least`: otherwise the benchmark fails. */
static double hone_bench_number_(hone_bench *b, const char *what, double value, double least)
{
        if (value - value == 0 && value >= least)
                return value;
        hone_bench_fail(b, "%s is %g", what, value);
        return 0;
}

void hone_bench_bytes(hone_bench *b, double bytes)
{
        b->bytes = hone_bench_number_(b, "hone_bench_bytes()", bytes, 0);
}

void hone_bench_items(hone_bench *b, double items)
{
        b->items = hone_bench_number_(b, "hone_bench_items()", items, 0);
}

void hone_bench_complexity(hone_bench *b, double n)
{
        b->complexity_n = hone_bench_number_(b, "hone_bench_complexity()", n, 1);
}

void hone_bench_counter(hone_bench *b, const char *name, double value, hone_bench_better better)
{
        static const char *const taken[] = { "", "time", "bandwidth", "ops" };
        size_t i;
        for (i = 0; i < sizeof taken / sizeof taken[0]; i++)
                if (!strcmp(name, taken[i]) || strlen(name) >= sizeof b->counters[0].name) {
                        hone_bench_fail(b, "a counter cannot have the name '%s'", name);
                        return;
                }
        for (i = 0; i < b->n_counters && strcmp(b->counters[i].name, name) != 0;)
                i++;
        if (i == HONE_BENCH_MAX_COUNTERS_) {
                hone_bench_fail(b, "more than %d counters", HONE_BENCH_MAX_COUNTERS_);
                return;
        }
        if (i == b->n_counters)
                b->n_counters++;
        strcpy(b->counters[i].name, name);
        b->counters[i].value = hone_bench_number_(b, name, value, -1e300);
        b->counters[i].better = better;
}

/* --- statistics --- */

static int hone_bench_by_value_(const void *left, const void *right)
{
        double a = *(const double *)left, b = *(const double *)right;
        return (a > b) - (a < b);
}

/* Ranks (from 0) of the interval that holds the median in 95 % or more, whatever the distribution:
 * the largest k with P(Binomial(n, 1/2) < k) <= 0.025. Below six values there is none: the ends. */
static size_t hone_bench_low_rank_(size_t n)
{
        double probability = 1, sum = 0, half = (double)n / 2;
        size_t k = 0;
        if (n > 1000) { /* by the normal distribution, with sqrt by Newton's method */
                double root = half;
                for (int i = 0; i < 60; i++)
                        root = (root + (double)n / root) / 2;
                return (size_t)(half - 0.98 * root) - 1;
        }
        for (size_t i = 0; i < n; i++)
                probability /= 2;
        while (k < n) {
                sum += probability;
                if (sum > 0.025)
                        break;
                probability *= (double)(n - k) / (double)(k + 1);
                k++;
        }
        return k > 0 ? k - 1 : 0;
}

typedef struct hone_bench_summary_ {
        double median, low, high;
} hone_bench_summary_;

static hone_bench_summary_ hone_bench_summarise_(const double *values, size_t n)
{
        hone_bench_summary_ s = { 0, 0, 0 };
        double *sorted = (double *)malloc(n * sizeof *sorted);
        if (!sorted)
                return s;
        memcpy(sorted, values, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, hone_bench_by_value_);
        size_t low = hone_bench_low_rank_(n);
        s.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
        s.low = sorted[low];
        s.high = sorted[n - 1 - low];
        free(sorted);
        return s;
}

/* --- how time grows --- */

static double hone_bench_log2_(double x)
{
        double result = 0, bit = 1;
        for (; x >= 2; x /= 2)
                result++;
        for (int i = 0; i < 40; i++) {
                bit /= 2;
                x *= x;
                if (x >= 2) {
                        x /= 2;
                        result += bit;
                }
        }
        return result;
}

typedef struct hone_bench_growth_ {
        const char *name;
        int power, log; /* n^power log2(n)^log */
} hone_bench_growth_;

static const hone_bench_growth_ hone_bench_growths_[] = { { "1", 0, 0 },   { "log n", 0, 1 },
                                                          { "n", 1, 0 },   { "n log n", 1, 1 },
                                                          { "n^2", 2, 0 }, { "n^3", 3, 0 } };
enum { HONE_BENCH_N_GROWTHS_ = sizeof hone_bench_growths_ / sizeof hone_bench_growths_[0] };

typedef struct hone_bench_fit_ {
        double fixed, each, rms; /* time = fixed + each * f(n); rms is relative */
} hone_bench_fit_;

/* Least squares of the relative error, so that every size counts alike; neither term is negative.
 * With u = 1 / t and v = f / t that is: the least sum of (1 - fixed u - each v)^2. */
static hone_bench_fit_ hone_bench_fit_one_(const hone_bench_growth_ *growth,
                                           const hone_bench_case_ *cases, size_t n)
{
        double uu = 0, uv = 0, vv = 0, u1 = 0, v1 = 0;
        hone_bench_fit_ fit = { 0, 0, 0 };
        int terms = growth->power || growth->log ? 2 : 1;
        for (size_t i = 0; i < n; i++) {
                double v = 1 / cases[i].median_ns, u = v;
                for (int power = 0; power < growth->power; power++)
                        v *= cases[i].complexity_n;
                v *= growth->log ? hone_bench_log2_(cases[i].complexity_n) : 1;
                uu += u * u, uv += u * v, vv += v * v, u1 += u, v1 += v;
        }
        double determinant = uu * vv - uv * uv;
        if (terms == 2 && determinant > 1e-12 * uu * vv) {
                fit.fixed = (u1 * vv - v1 * uv) / determinant;
                fit.each = (v1 * uu - u1 * uv) / determinant;
        }
        if (terms == 2 && fit.fixed <= 0)
                fit.fixed = 0, fit.each = vv > 0 ? v1 / vv : 0;
        if (terms == 1 || fit.each <= 0)
                fit.fixed = u1 / uu, fit.each = 0;
        double squares = (double)n - 2 * (fit.fixed * u1 + fit.each * v1) +
                         fit.fixed * fit.fixed * uu + 2 * fit.fixed * fit.each * uv +
                         fit.each * fit.each * vv;
        fit.rms = squares > 0 ? squares / (double)(n - (size_t)terms) : 0;
        double root = fit.rms > 1 ? fit.rms : 1; /* sqrt, without libm */
        for (int i = 0; i < 60; i++)
                root = (root + fit.rms / root) / 2;
        fit.rms = root;
        return fit;
}

/* --- results as JSON lines --- */

/* The length of the UTF-8 sequence at `text`, 0 when it is none. */
static int hone_bench_utf8_(const unsigned char *text)
{
        static const struct {
                unsigned char first, last, low, high; /* of the first byte, and of the second */
                int length;
        } kinds[] = { { 0x00, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
                      { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
                      { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
                      { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
                      { 0xf4, 0xf4, 0x80, 0x8f, 4 } };
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
                if (text[0] < kinds[i].first || text[0] > kinds[i].last)
                        continue;
                if (kinds[i].length > 1 && (text[1] < kinds[i].low || text[1] > kinds[i].high))
                        return 0;
                for (int k = 2; k < kinds[i].length; k++)
                        if ((text[k] & 0xc0) != 0x80)
                                return 0;
                return kinds[i].length;
        }
        return 0;
}

static void hone_bench_put_text_(const char *text)
{
        putchar('"');
        for (const unsigned char *at = (const unsigned char *)text; *at;) {
                int length = hone_bench_utf8_(at);
                if (*at == '"' || *at == '\\')
                        printf("\\%c", *at);
                else if (*at < 0x20 || *at == 0x7f)
                        printf("\\u%04x", (unsigned)*at);
                else if (length == 0)
                        fputs("\\ufffd", stdout);
                else
                        printf("%.*s", length, (const char *)at);
                at += length ? length : 1;
        }
        putchar('"');
}

/* Whatever stands between the digits in the program's locale becomes a point. */
static void hone_bench_point_(char *text)
{
        char *end = text;
        for (const char *at = text; *at;) {
                size_t plain = strspn(at, "0123456789+-e");
                memmove(end, at, plain);
                at += plain;
                end += plain;
                if (*at)
                        *end++ = '.';
                at += strcspn(at, "0123456789");
        }
        *end = '\0';
}

static void hone_bench_put_number_(double value)
{
        char text[64];
        snprintf(text, sizeof text, "%.10g", value);
        hone_bench_point_(text);
        fputs(text, stdout);
}

static void hone_bench_put_head_(const hone_bench_case_ *which)
{
        fputs("{\"hone_bench\":1,\"name\":", stdout);
        hone_bench_put_text_(which->name);
}

static void hone_bench_put_end_(const hone_bench_case_ *which)
{
        if (which->has_n || which->text)
                fputs(",\"params\":{", stdout);
        if (which->has_n)
                printf("\"n\":%lld", (long long)which->n);
        if (which->text) {
                fputs(which->has_n ? ",\"text\":" : "\"text\":", stdout);
                hone_bench_put_text_(which->text);
        }
        if (which->has_n || which->text)
                putchar('}');
        if (which->complexity_n > 0) {
                fputs(",\"complexity_n\":", stdout);
                hone_bench_put_number_(which->complexity_n);
        }
        if (which->threads > 0)
                printf(",\"threads\":%d", which->threads);
}

/* The values: the samples, or `amount` an iteration as a rate a second. */
static void hone_bench_put_metric_(const hone_bench_group_ *group, const char *metric,
                                   const char *unit, double amount)
{
        hone_bench_put_head_(group->which);
        printf(",\"metric\":\"%s\",\"unit\":\"%s\",\"iterations\":%llu,\"values\":[", metric, unit,
               (unsigned long long)group->batch);
        for (size_t i = 0; i < group->n_values; i++) {
                if (i > 0)
                        putchar(',');
                hone_bench_put_number_(amount > 0 ? amount * 1e9 / group->values[i]
                                                  : group->values[i]);
        }
        putchar(']');
        hone_bench_put_end_(group->which);
}

static void hone_bench_put_counter_(const hone_bench_group_ *group,
                                    const hone_bench_counter_ *counter)
{
        static const char *const better[] = { "neither", "lower", "higher" };
        hone_bench_put_head_(group->which);
        fputs(",\"metric\":", stdout);
        hone_bench_put_text_(counter->name);
        printf(",\"unit\":\"\",\"better\":\"%s\",\"iterations\":%llu,\"values\":[",
               better[counter->better], (unsigned long long)group->batch);
        hone_bench_put_number_(counter->value);
        putchar(']');
        hone_bench_put_end_(group->which);
        fputs("}\n", stdout);
}

/* --- results as a table --- */

typedef struct hone_bench_step_ {
        double size;
        const char *suffix;
} hone_bench_step_;

static const hone_bench_step_ hone_bench_time_steps_[] = {
        { 1e9, " s" }, { 1e6, " ms" }, { 1e3, " us" }, { 0, " ns" }
};
static const hone_bench_step_ hone_bench_count_steps_[] = {
        { 1e12, " T" }, { 1e9, " G" }, { 1e6, " M" }, { 1e3, " k" }, { 0, " " }
};

typedef struct hone_bench_words_ {
        char text[48];
} hone_bench_words_;

static hone_bench_words_ hone_bench_scaled_(double value, const hone_bench_step_ *step)
{
        hone_bench_words_ words;
        while (value < step->size && step->size > 0)
                step++;
        value /= step->size > 0 ? step->size : 1;
        const char *format = value < 0.9995  ? "%.3g%s"
                             : value < 9.995 ? "%.2f%s"
                             : value < 99.95 ? "%.1f%s"
                                             : "%.0f%s";
        snprintf(words.text, sizeof words.text, format, value, step->suffix);
        return words;
}

static void hone_bench_print_heading_(int width)
{
        printf("%-*s  %10s  %-22s  %s\n", width, "Benchmark", "Time", "95 % interval", "Samples");
}

/* Without an interval (too few values): the ends. */
static void hone_bench_print_time_(const hone_bench_group_ *group, hone_bench_summary_ s)
{
        char range[112];
        const hone_bench_step_ *steps = hone_bench_time_steps_;
        const char *format = group->n_values > HONE_BENCH_FEW_SAMPLES_ ? "[%s, %s]" : "%s .. %s";
        snprintf(range, sizeof range, format, hone_bench_scaled_(s.low, steps).text,
                 hone_bench_scaled_(s.high, steps).text);
        printf("  %10s  %-22s  %llu x %llu", hone_bench_scaled_(s.median, steps).text, range,
               (unsigned long long)group->n_values, (unsigned long long)group->batch);
}

static void hone_bench_print_rate_(double amount, double median_ns, const char *unit)
{
        if (amount > 0)
                printf("  %s%s",
                       hone_bench_scaled_(amount * 1e9 / median_ns, hone_bench_count_steps_).text,
                       unit);
}

/* Which growth it is: the simplest whose error is about the least. Times that differ by less than a
 * tenth do not grow, however well a tiny slope follows them. */
static int hone_bench_best_growth_(const hone_bench_case_ *cases, size_t n,
                                   const hone_bench_fit_ *fits)
{
        double shortest = cases[0].median_ns, longest = shortest, least = fits[0].rms;
        int best = 0;
        for (size_t i = 1; i < n; i++) {
                shortest = cases[i].median_ns < shortest ? cases[i].median_ns : shortest;
                longest = cases[i].median_ns > longest ? cases[i].median_ns : longest;
        }
        for (int i = 1; i < HONE_BENCH_N_GROWTHS_; i++)
                least = fits[i].rms < least ? fits[i].rms : least;
        if (longest < 1.1 * shortest)
                return 0;
        while (fits[best].rms > 1.1 * least + 1e-6)
                best++;
        return best;
}

/* What fits about as well is told too: then the sizes do not tell the two apart. */
static void hone_bench_print_growth_(const hone_bench_case_ *cases, size_t n)
{
        hone_bench_fit_ fits[HONE_BENCH_N_GROWTHS_];
        for (int i = 0; i < HONE_BENCH_N_GROWTHS_; i++)
                fits[i] = hone_bench_fit_one_(&hone_bench_growths_[i], cases, n);
        int best = hone_bench_best_growth_(cases, n, fits);
        const char *name = cases[0].entry->name, *growth = hone_bench_growths_[best].name;
        if (fits[best].rms > hone_bench_fits_) {
                printf("%s: no growth fits; O(%s) comes closest, RMS %.2g %%\n", name, growth,
                       fits[best].rms * 100);
                return;
        }
        printf("%s grows as O(%s):", name, growth);
        if (best > 0)
                printf(" %s * %s", hone_bench_scaled_(fits[best].each, hone_bench_time_steps_).text,
                       growth);
        if (fits[best].fixed > 0)
                printf("%s%s", best > 0 ? " + " : " ",
                       hone_bench_scaled_(fits[best].fixed, hone_bench_time_steps_).text);
        printf(", RMS %.2g %%", fits[best].rms * 100);
        for (int i = 1; best > 0 && i < HONE_BENCH_N_GROWTHS_; i++)
                if (i != best && fits[i].rms <= 1.5 * fits[best].rms &&
                    fits[i].rms < hone_bench_fits_)
                        printf("; O(%s) fits about as well (%.2g %%)", hone_bench_growths_[i].name,
                               fits[i].rms * 100);
        putchar('\n');
}

/* After the last of the cases that differ only in n, when they can tell something. */
static void hone_bench_print_growth_after_(const hone_bench_case_ *cases, size_t last, size_t n)
{
        size_t first = last, sizes = 1;
        const hone_bench_case_ *end = &cases[last];
        if (last + 1 < n && cases[last + 1].entry == end->entry &&
            cases[last + 1].text == end->text && cases[last + 1].threads == end->threads)
                return;
        while (first > 0 && cases[first - 1].entry == end->entry &&
               cases[first - 1].text == end->text && cases[first - 1].threads == end->threads)
                first--;
        double least = end->complexity_n, most = least;
        for (size_t i = first; i <= last; i++) {
                if (cases[i].median_ns <= 0 || cases[i].complexity_n < 1)
                        return;
                sizes += i > first && cases[i].complexity_n > cases[i - 1].complexity_n;
                least = cases[i].complexity_n < least ? cases[i].complexity_n : least;
                most = cases[i].complexity_n > most ? cases[i].complexity_n : most;
        }
        if (sizes >= 4 && most >= 8 * least)
                hone_bench_print_growth_(&cases[first], last - first + 1);
}

/* --- running and reporting one case --- */

static void hone_bench_note_(hone_bench_group_ *group, const char *note, ...)
        __attribute__((format(printf, 2, 3)));
static void hone_bench_note_(hone_bench_group_ *group, const char *note, ...)
{
        va_list args;
        if (group->n_notes == HONE_BENCH_MAX_NOTES_)
                return;
        va_start(args, note);
        vsnprintf(group->notes[group->n_notes++], HONE_BENCH_TEXT_, note, args);
        va_end(args);
}

/* Bytes, items and counters of all threads, into the first's. */
static void hone_bench_gather_(hone_bench_group_ *group)
{
        hone_bench *all = &group->members[0];
        for (int i = 1; i < group->n_members; i++) {
                const hone_bench *b = &group->members[i];
                all->bytes += b->bytes;
                all->items += b->items;
                all->waited_ns += b->waited_ns;
                all->loop_ns += b->loop_ns;
                for (size_t k = 0; k < b->n_counters; k++) {
                        const hone_bench_counter_ *from = &b->counters[k];
                        double sum = from->value;
                        for (size_t m = 0; m < all->n_counters; m++)
                                if (!strcmp(all->counters[m].name, from->name))
                                        sum += all->counters[m].value;
                        hone_bench_counter(all, from->name, sum, from->better);
                }
        }
}

/* Runs it. The caller frees values and members. */
static void hone_bench_measure_(const hone_bench_settings_ *settings, hone_bench_case_ *which,
                                hone_bench_group_ *group)
{
        memset(group, 0, sizeof *group);
        group->settings = settings;
        group->which = which;
        group->n_members = which->threads > 0 ? which->threads : 1;
        group->n_wanted = settings->samples ? settings->samples : (size_t)HONE_BENCH_SAMPLES_;
        group->target_ns = settings->clock_ns * hone_bench_clock_times_;
        if (group->target_ns < (double)settings->min_time_ns)
                group->target_ns = (double)settings->min_time_ns;
        if (group->n_members > 1)
                group->target_ns *= hone_bench_thread_times_;
        group->values = (double *)calloc(group->n_wanted, sizeof *group->values);
        group->members = (hone_bench *)calloc((size_t)group->n_members, sizeof *group->members);
        if (!group->values || !group->members) {
                group->status = HONE_BENCH_FAILED_;
                snprintf(group->why, sizeof group->why, "not enough memory");
                return;
        }
        for (int i = 0; i < group->n_members; i++) {
                group->members[i].group = group;
                group->members[i].thread = i;
        }
        hone_bench_running_ = which;
        hone_bench_run_group_(group);
        hone_bench_gather_(group);
        hone_bench_running_ = NULL;
        which->complexity_n = group->members[0].complexity_n;
        if (which->complexity_n <= 0 && which->has_n && which->n > 0)
                which->complexity_n = (double)which->n;
}

static void hone_bench_free_group_(hone_bench_group_ *group)
{
        free(group->values);
        free(group->members);
}

static void hone_bench_empty_loop_(hone_bench *b)
{
        HONE_BENCH_LOOP (b) {
        }
}

static void hone_bench_clock_loop_(hone_bench *b)
{
        HONE_BENCH_LOOP (b) {
                hone_keep(hone_bench_now_());
        }
}

static void hone_bench_pause_loop_(hone_bench *b)
{
        HONE_BENCH_LOOP (b) {
                hone_bench_pause(b);
                hone_bench_resume(b);
        }
}

#        define HONE_BENCH_BUILT_IN_(name, body)                                                 \
                {                                                                                \
                        name, __FILE__, __LINE__, body, 0, 0, 0, NULL, 0, NULL, 0, NULL, 0, NULL \
                }
static hone_bench_entry hone_bench_overheads_[] = {
        HONE_BENCH_BUILT_IN_("hone_bench/empty_loop", hone_bench_empty_loop_),
        HONE_BENCH_BUILT_IN_("hone_bench/clock", hone_bench_clock_loop_),
        HONE_BENCH_BUILT_IN_("hone_bench/pause_resume", hone_bench_pause_loop_),
};

/* The loop alone, measured as any benchmark is. */
static double hone_bench_measure_empty_(const hone_bench_settings_ *settings)
{
        hone_bench_case_ which;
        hone_bench_group_ group;
        double median = 0;
        memset(&which, 0, sizeof which);
        which.entry = &hone_bench_overheads_[0];
        hone_bench_measure_(settings, &which, &group);
        if (group.status == HONE_BENCH_RAN_)
                median = hone_bench_summarise_(group.values, group.n_values).median;
        hone_bench_free_group_(&group);
        return median;
}

/* 0: not known */
static long hone_bench_cpus_(void)
{
#        ifdef _SC_NPROCESSORS_ONLN
        return sysconf(_SC_NPROCESSORS_ONLN);
#        else
        return 0;
#        endif
}

static void hone_bench_take_notes_(hone_bench_group_ *group, double median_ns)
{
        double clock_ns = group->settings->clock_ns;
        long cpus = hone_bench_cpus_();
        const hone_bench *all = &group->members[0];
        double waited = all->loop_ns > 0 ? all->waited_ns / all->loop_ns : 0;
        int is_overhead = group->which->entry->body == hone_bench_empty_loop_;
        if (median_ns < 2 && !is_overhead && group->n_members == 1) {
                double empty_ns = hone_bench_measure_empty_(group->settings);
                if (median_ns < 1.1 * empty_ns)
                        hone_bench_note_(group,
                                         "no slower than an empty loop (%.2g ns): was the "
                                         "body optimised away? See hone_keep, hone_hide",
                                         empty_ns);
        }
        if (group->pauses > 0)
                group->pausing_ns = (double)group->pauses / (double)group->pausing_iterations *
                                    hone_bench_measure_pause_();
        if (group->shortest_ns < 100 * clock_ns)
                hone_bench_note_(group,
                                 "samples of %.3g ns are short for a clock that costs %.3g ns",
                                 group->shortest_ns, clock_ns);
        if (group->unsettled)
                hone_bench_note_(group,
                                 "the last two batches of the warm-up still differed by more "
                                 "than 5 %%");
        if (waited >= hone_bench_busy_)
                hone_bench_note_(group, "waited for a CPU %.0f %% of the time", waited * 100);
        if (cpus > 0 && group->n_members > cpus)
                hone_bench_note_(group, "%d threads on %ld CPUs", group->n_members, cpus);
}

static void hone_bench_put_result_(const hone_bench_group_ *group)
{
        const hone_bench *b = &group->members[0];
        hone_bench_put_metric_(group, "time", "ns", 0);
        if (group->pausing_ns > 0) {
                fputs(",\"pausing_ns\":", stdout);
                hone_bench_put_number_(group->pausing_ns);
        }
        for (size_t i = 0; i < group->n_notes; i++) {
                fputs(i ? "," : ",\"notes\":[", stdout);
                hone_bench_put_text_(group->notes[i]);
        }
        puts(group->n_notes ? "]}" : "}");
        if (b->bytes > 0) {
                hone_bench_put_metric_(group, "bandwidth", "B/s", b->bytes);
                puts("}");
        }
        if (b->items > 0) {
                hone_bench_put_metric_(group, "ops", "ops/s", b->items);
                puts("}");
        }
        for (size_t i = 0; i < b->n_counters; i++)
                hone_bench_put_counter_(group, &b->counters[i]);
}

static void hone_bench_print_result_(const hone_bench_group_ *group, hone_bench_summary_ s,
                                     int width)
{
        const hone_bench *b = &group->members[0];
        printf("%-*s", width, group->which->name);
        hone_bench_print_time_(group, s);
        hone_bench_print_rate_(b->bytes, s.median, "B/s");
        hone_bench_print_rate_(b->items, s.median, "ops/s");
        for (size_t i = 0; i < b->n_counters; i++)
                printf("  %s %.6g", b->counters[i].name, b->counters[i].value);
        if (group->pausing_ns > 0)
                printf("  pausing %s",
                       hone_bench_scaled_(group->pausing_ns, hone_bench_time_steps_).text);
        putchar('\n');
        for (size_t i = 0; i < group->n_notes; i++)
                printf("  note: %s\n", group->notes[i]);
}

/* Says it on standard error, and gives the exit status back. */
static int hone_bench_complain_(int status, const char *what, ...)
        __attribute__((format(printf, 2, 3)));
static int hone_bench_complain_(int status, const char *what, ...)
{
        va_list args;
        fflush(stdout);
        va_start(args, what);
        fputs("hone_bench: ", stderr);
        vfprintf(stderr, what, args);
        fputc('\n', stderr);
        va_end(args);
        return status;
}

static void hone_bench_report_unmeasured_(const hone_bench_group_ *group, int width)
{
        const char *what = group->status == HONE_BENCH_SKIPPED_ ? "skipped" : "failed";
        if (!group->settings->json) {
                printf("%-*s  %s: %s\n", width, group->which->name, what, group->why);
                return;
        }
        hone_bench_put_head_(group->which);
        printf(",\"%s\":", what);
        hone_bench_put_text_(group->why);
        hone_bench_put_end_(group->which);
        puts("}");
        if (group->status == HONE_BENCH_FAILED_)
                hone_bench_complain_(1, "%s: %s", group->which->name, group->why);
}

/* False when it failed. */
static int hone_bench_run_case_(const hone_bench_settings_ *settings, hone_bench_case_ *which,
                                int width)
{
        hone_bench_group_ group;
        hone_bench_measure_(settings, which, &group);
        if (group.status == HONE_BENCH_RAN_) {
                hone_bench_summary_ s = hone_bench_summarise_(group.values, group.n_values);
                which->median_ns = s.median;
                hone_bench_take_notes_(&group, s.median);
                if (settings->json)
                        hone_bench_put_result_(&group);
                else
                        hone_bench_print_result_(&group, s, width);
        } else {
                hone_bench_report_unmeasured_(&group, width);
        }
        fflush(stdout);
        hone_bench_free_group_(&group);
        return group.status != HONE_BENCH_FAILED_;
}

/* --- all cases --- */

/* In the order of a file's lines; files in the order they are linked. */
void hone_bench_register(hone_bench_entry *entry)
{
        hone_bench_entry **at = &hone_bench_entries_, **after = NULL;
        for (; *at; at = &(*at)->next)
                if (!strcmp((*at)->file, entry->file) && (*at)->line <= entry->line)
                        after = &(*at)->next;
        at = after ? after : at;
        entry->next = *at;
        *at = entry;
}

typedef struct hone_bench_list_ {
        hone_bench_case_ *items;
        size_t n, size;
        int failed;
} hone_bench_list_;

static char *hone_bench_name_(const hone_bench_case_ *which)
{
        char n[32] = "", threads[32] = "";
        const char *text = which->text ? which->text : "", *name = which->entry->name;
        if (which->has_n)
                snprintf(n, sizeof n, "/n=%lld", (long long)which->n);
        if (which->threads > 0)
                snprintf(threads, sizeof threads, "/threads=%d", which->threads);
        size_t size = strlen(name) + strlen(n) + strlen(text) + strlen(threads) + 2;
        char *result = (char *)malloc(size);
        if (result)
                snprintf(result, size, "%s%s%s%s%s", name, n, *text ? "/" : "", text, threads);
        return result;
}

/* Takes the case when the filter does; fails when memory does not suffice. */
static int hone_bench_add_case_(hone_bench_list_ *list, const hone_bench_settings_ *settings,
                                hone_bench_case_ which)
{
        which.name = hone_bench_name_(&which);
        if (which.name && settings->filter && regexec(settings->filter, which.name, 0, NULL, 0)) {
                free(which.name);
                return 0;
        }
        if (list->n == list->size) {
                size_t size = list->size ? 2 * list->size : 64;
                hone_bench_case_ *items =
                        (hone_bench_case_ *)realloc(list->items, size * sizeof *items);
                if (!items || list->n >= HONE_BENCH_MAX_CASES_) {
                        free(which.name);
                        return hone_bench_complain_(1, "%s: more than %d benchmarks, or no memory",
                                                    which.entry->name, HONE_BENCH_MAX_CASES_);
                }
                list->items = items;
                list->size = size;
        }
        if (!which.name)
                return hone_bench_complain_(1, "not enough memory");
        list->items[list->n++] = which;
        return 0;
}

/* The number after `n` in the entry's list or range; false after the last. */
static int hone_bench_next_number_(const hone_bench_entry *entry, size_t *index, int64_t *n)
{
        if (entry->numbers) {
                if (*index == entry->n_numbers)
                        return 0;
                *n = entry->numbers[(*index)++];
                return 1;
        }
        if (entry->multiplier == 0)
                return (*index)++ == 0;
        if (*index > 0 && *n >= entry->to)
                return 0;
        if ((*index)++ == 0)
                *n = entry->from;
        else
                *n = *n > entry->to / entry->multiplier ? entry->to : *n * entry->multiplier;
        return 1;
}

static int hone_bench_add_entry_(hone_bench_list_ *list, const hone_bench_settings_ *settings,
                                 const hone_bench_entry *entry)
{
        size_t n_texts = entry->n_texts ? entry->n_texts : 1;
        size_t n_threads = entry->n_threads ? entry->n_threads : 1;
        if (entry->multiplier != 0 &&
            (entry->from < 1 || entry->to < entry->from || entry->multiplier < 2))
                return hone_bench_complain_(
                        2, "%s:%d: %s: a range is 1 <= from <= to, times 2 or more", entry->file,
                        entry->line, entry->name);
        for (size_t t = 0; t < n_texts * n_threads; t++) {
                hone_bench_case_ which;
                memset(&which, 0, sizeof which);
                which.entry = entry;
                which.has_n = entry->numbers || entry->multiplier;
                if (entry->n_texts && entry->texts[t / n_threads][0])
                        which.text = entry->texts[t / n_threads];
                if (entry->n_threads)
                        which.threads = entry->threads[t % n_threads];
                if (which.threads < 0 || which.threads > HONE_BENCH_MAX_THREADS_)
                        return hone_bench_complain_(2, "%s:%d: %s: %d threads; at most %d",
                                                    entry->file, entry->line, entry->name,
                                                    which.threads, HONE_BENCH_MAX_THREADS_);
                for (size_t index = 0; hone_bench_next_number_(entry, &index, &which.n);) {
                        int status = hone_bench_add_case_(list, settings, which);
                        if (status)
                                return status;
                }
        }
        return 0;
}

static int hone_bench_by_name_(const void *left, const void *right)
{
        const hone_bench_case_ *a = *(const hone_bench_case_ *const *)left;
        const hone_bench_case_ *b = *(const hone_bench_case_ *const *)right;
        return strcmp(a->name, b->name);
}

static int hone_bench_check_unique_(const hone_bench_list_ *list)
{
        const hone_bench_case_ **sorted =
                (const hone_bench_case_ **)malloc((list->n + 1) * sizeof *sorted);
        int status = 0;
        if (!sorted)
                return hone_bench_complain_(1, "not enough memory");
        for (size_t i = 0; i < list->n; i++)
                sorted[i] = &list->items[i];
        qsort(sorted, list->n, sizeof *sorted, hone_bench_by_name_);
        for (size_t i = 1; i < list->n && !status; i++) {
                const hone_bench_entry *a = sorted[i - 1]->entry, *b = sorted[i]->entry;
                if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
                        status = hone_bench_complain_(
                                2, "two benchmarks are named %s: %s:%d and %s:%d", sorted[i]->name,
                                a->file, a->line, b->file, b->line);
        }
        free(sorted);
        return status;
}

static int hone_bench_collect_(hone_bench_list_ *list, const hone_bench_settings_ *settings)
{
        int status = 0;
        for (size_t i = 0; settings->overhead && i < 3 && !status; i++)
                status = hone_bench_add_entry_(list, settings, &hone_bench_overheads_[i]);
        for (const hone_bench_entry *e = hone_bench_entries_; e && !status; e = e->next)
                status = hone_bench_add_entry_(list, settings, e);
        if (!status)
                status = hone_bench_check_unique_(list);
        if (status || list->n > 0)
                return status;
        if (!hone_bench_entries_)
                return hone_bench_complain_(1, "this program has no benchmarks");
        return hone_bench_complain_(1, "no benchmark matches '%s'; --hone-bench-list shows all",
                                    settings->filter_text);
}

/* A body that calls exit() would otherwise look like success. */
static void hone_bench_at_exit_(void)
{
        if (!hone_bench_running_)
                return;
        hone_bench_complain_(1, "%s ended the program", hone_bench_running_->name);
        fflush(NULL);
        _exit(1);
}

static int hone_bench_run_all_(hone_bench_settings_ *settings, hone_bench_list_ *list)
{
        int width = 9, failed = 0;
        for (size_t i = 0; i < list->n; i++)
                if ((int)strlen(list->items[i].name) > width)
                        width = (int)strlen(list->items[i].name);
        settings->clock_ns = hone_bench_measure_clock_();
        atexit(hone_bench_at_exit_);
        if (!settings->json)
                hone_bench_print_heading_(width);
        for (size_t i = 0; i < list->n; i++) {
                failed |= !hone_bench_run_case_(settings, &list->items[i], width);
                if (!settings->json)
                        hone_bench_print_growth_after_(list->items, i, list->n);
        }
        return failed;
}

/* --- the command line --- */

static const char *hone_bench_set_filter_(hone_bench_settings_ *settings, const char *value)
{
        static regex_t filter;
        static char why[HONE_BENCH_TEXT_];
        if (settings->filter)
                return "given twice";
        int error = regcomp(&filter, value, REG_EXTENDED | REG_NOSUB);
        if (error) {
                regerror(error, &filter, why, sizeof why);
                return why;
        }
        settings->filter = &filter;
        settings->filter_text = value;
        return NULL;
}

/* Digits up to `most`, with the rest of the text behind them; false: none, or too many. */
static int hone_bench_digits_(const char *text, uint64_t most, uint64_t *ret, const char **ret_rest)
{
        uint64_t n = 0;
        const char *at = text;
        for (; *at >= '0' && *at <= '9'; at++) {
                n = n * 10 + (uint64_t)(*at - '0');
                if (n > most)
                        return 0;
        }
        *ret = n;
        *ret_rest = at;
        return at > text;
}

static const char *hone_bench_set_min_time_(hone_bench_settings_ *settings, const char *value)
{
        static const struct {
                const char *name;
                uint64_t ns;
        } units[] = {
                { "", 1 }, { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }
        };
        const uint64_t most = (uint64_t)60 * 1000000000;
        uint64_t n;
        const char *rest;
        if (hone_bench_digits_(value, most, &n, &rest))
                for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
                        if (!strcmp(rest, units[i].name) && n > 0 && n <= most / units[i].ns) {
                                settings->min_time_ns = n * units[i].ns;
                                return NULL;
                        }
        return "not a time from 1 ns to 60 s (500000, 500us, 2ms)";
}

static const char *hone_bench_set_samples_(hone_bench_settings_ *settings, const char *value)
{
        uint64_t n;
        const char *rest;
        if (!hone_bench_digits_(value, HONE_BENCH_MAX_SAMPLES_, &n, &rest) || *rest || n == 0)
                return "not a number from 1 to 1000000";
        settings->samples = (size_t)n;
        return NULL;
}

typedef struct hone_bench_option_ {
        const char *name, *value, *help;
        size_t flag; /* the int that it sets, when it takes no value (NULL) */
        const char *(*set)(hone_bench_settings_ *settings, const char *value); /* what is wrong */
} hone_bench_option_;

#        define HONE_BENCH_FLAG_(field) offsetof(hone_bench_settings_, field), NULL
static const hone_bench_option_ hone_bench_options_[] = {
        { "--hone-bench-json", NULL, "print one JSON line a metric instead of a table",
          HONE_BENCH_FLAG_(json) },
        { "--hone-bench-filter", "RE", "run those whose name matches (extended syntax)", 0,
          hone_bench_set_filter_ },
        { "--hone-bench-list", NULL, "print their names only", HONE_BENCH_FLAG_(list) },
        { "--hone-bench-min-time", "NS", "let a sample take at least that long (1ms)", 0,
          hone_bench_set_min_time_ },
        { "--hone-bench-samples", "N", "take N samples of each (21, or 5 to 21 in 2 s)", 0,
          hone_bench_set_samples_ },
        { "--hone-bench-overhead", NULL, "measure the empty loop, the clock and pausing too",
          HONE_BENCH_FLAG_(overhead) },
        { "--help", NULL, "print this", HONE_BENCH_FLAG_(help) },
};
enum { HONE_BENCH_N_OPTIONS_ = sizeof hone_bench_options_ / sizeof hone_bench_options_[0] };

static int hone_bench_print_help_(const char *program)
{
        char left[64];
        printf("%s [OPTIONS]: runs the benchmarks of this program\n\n", program);
        for (size_t i = 0; i < HONE_BENCH_N_OPTIONS_; i++) {
                const hone_bench_option_ *option = &hone_bench_options_[i];
                snprintf(left, sizeof left, "%s %s", option->name,
                         option->value ? option->value : "");
                printf("  %-25s  %s\n", left, option->help);
        }
        puts("\nExit status: 0 all ran or were skipped, 1 one failed or none matched, 2 usage");
        return 0;
}

/* What is wrong with it, or NULL. */
static const char *hone_bench_set_(hone_bench_settings_ *settings, const hone_bench_option_ *option,
                                   const char *value)
{
        if (option->set)
                return value ? option->set(settings, value) : "needs a value";
        if (value)
                return "takes no value";
        *(int *)(void *)((char *)settings + option->flag) = 1;
        return NULL;
}

/* One argument, with the next as its value when it needs one. Returns how many it took, or 0. */
static int hone_bench_option_at_(hone_bench_settings_ *settings, char **argv)
{
        size_t length = strcspn(argv[0], "=");
        for (size_t i = 0; i < HONE_BENCH_N_OPTIONS_; i++) {
                const hone_bench_option_ *option = &hone_bench_options_[i];
                const char *value = argv[0][length] ? argv[0] + length + 1 : NULL;
                int took = option->set && !value ? 2 : 1;
                if (strlen(option->name) != length || strncmp(option->name, argv[0], length) != 0)
                        continue;
                value = took == 2 ? argv[1] : value;
                const char *why = hone_bench_set_(settings, option, value);
                if (!why)
                        return took;
                hone_bench_complain_(2, "%s%s%s: %s", option->name, value ? " " : "",
                                     value ? value : "", why);
                return 0;
        }
        hone_bench_complain_(2, "unknown argument '%s'; --help shows the options", argv[0]);
        return 0;
}

int hone_bench_run(int argc, char **argv)
{
        hone_bench_settings_ settings;
        hone_bench_list_ list;
        int status = 0;
        memset(&settings, 0, sizeof settings);
        memset(&list, 0, sizeof list);
        settings.min_time_ns = hone_bench_min_time_ns_;
        for (int i = 1, took; i < argc; i += took)
                if ((took = hone_bench_option_at_(&settings, &argv[i])) == 0)
                        return 2;
        if (settings.help)
                return hone_bench_print_help_(argv[0]);
        status = hone_bench_collect_(&list, &settings);
        if (!status && !settings.list)
                status = hone_bench_run_all_(&settings, &list);
        for (size_t i = 0; i < list.n; i++) {
                if (!status && settings.list)
                        puts(list.items[i].name);
                free(list.items[i].name);
        }
        free(list.items);
        if (settings.filter)
                regfree(settings.filter);
        if (fflush(stdout) != 0 || ferror(stdout))
                status = hone_bench_complain_(1, "cannot write the results");
        return status;
}

#        ifdef __cplusplus
} /* extern "C" */
#                pragma GCC diagnostic pop
#        endif

#        ifdef HONE_BENCH_MAIN
int main(int argc, char **argv)
{
        return hone_bench_run(argc, argv);
}
#        endif
#endif /* HONE_BENCH_IMPLEMENTATION */

#endif /* HONE_BENCH_H */
