#pragma once
/* The few language extensions every file of hone may rely on.
 *
 * AUTO(fn) releases a resource on every return of a scope; TAKE(p) moves ownership out of it:
 *
 *         AUTO(fclosep) FILE *f = fopen(path, "re");
 *         ...
 *         *ret_file = TAKE(f);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each argument is evaluated once; the counter keeps nested uses apart. */
#define MIN(a, b) CHOOSE_(<, a, b, __COUNTER__)
#define MAX(a, b) CHOOSE_(>, a, b, __COUNTER__)
#define CHOOSE_(order, a, b, id) CHOOSE_NAMED_(order, a, b, id)
#define CHOOSE_NAMED_(order, a, b, id)                                             \
        ({                                                                         \
                __auto_type choose_a_##id = (a);                                   \
                __auto_type choose_b_##id = (b);                                   \
                choose_a_##id order choose_b_##id ? choose_a_##id : choose_b_##id; \
        })

#define KiB(n) ((size_t)(n) << 10)
#define MiB(n) ((size_t)(n) << 20)
#define GiB(n) ((size_t)(n) << 30)

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

#define AUTO(release) __attribute__((cleanup(release)))
#define TAKE(pointer)                           \
        ({                                      \
                __auto_type taken_ = (pointer); \
                (pointer) = NULL;               \
                taken_;                         \
        })
#define TAKE_FD(fd)                \
        ({                         \
                int taken_ = (fd); \
                (fd) = -1;         \
                taken_;            \
        })

#define PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define MUST_USE __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* A broken promise of our own code, never of the input: prints file:line and aborts. */
#define BUG(...) bug_abort(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_IF(condition)                      \
        do {                                   \
                if (UNLIKELY(condition))       \
                        BUG("%s", #condition); \
        } while (0)
void bug_abort(const char *file, int line, const char *format, ...) PRINTF(3, 4) NORETURN;

/* Cleanup functions for AUTO; each accepts the "nothing to release" value (NULL or -1). */
void fclosep(FILE **f);
void closep(int *fd);
void freep(void *pointer_to_pointer);
