#pragma once
/* Unit tests beside the code: TEST(name) { ... } with cmocka's assertions.
 *
 *         TEST(arena_refuses_past_its_ceiling) {
 *                 AUTO(arena_freep) Arena *arena = arena_new(KiB(1));
 *                 assert_null(new_try(arena, char, KiB(2)));
 *         }
 *
 * Each *_test.c registers its tests at start-up; the program runs them and prints TAP. A test that
 * cannot run here calls skip_because("why") first, so that it is counted by name.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* hone's own fail() wins; tests use fail_msg(), which cmocka builds on its fail() */
#undef fail_msg
#define fail_msg(...)                               \
        do {                                        \
                print_error("ERROR: " __VA_ARGS__); \
                print_error("\n");                  \
                _fail(__FILE__, __LINE__);          \
        } while (0)

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

typedef struct TestCase TestCase;
struct TestCase {
        const char *name;
        void (*run)(void **);
        TestCase *next;
};
void test_register(TestCase *test);
void test_skipped(void);

#define TEST(test_name)                                                            \
        static void test_##test_name(void **);                                     \
        static TestCase case_##test_name = { #test_name, test_##test_name, NULL }; \
        __attribute__((constructor)) static void register_##test_name(void)        \
        {                                                                          \
                test_register(&case_##test_name);                                  \
        }                                                                          \
        static void test_##test_name(void **state UNUSED)

#define skip_because(...)                                 \
        do {                                              \
                print_message("# skipped: " __VA_ARGS__); \
                print_message("\n");                      \
                test_skipped();                           \
                skip();                                   \
        } while (0)

/* Fails with the Error's message when the call did not succeed. */
#define assert_ok(call, err)                                      \
        do {                                                      \
                int ok_ = (call);                                 \
                if (ok_ < 0)                                      \
                        fail_msg("%s: %s", #call, (err).message); \
        } while (0)
#define assert_fails(call, err, error_code)                 \
        do {                                                \
                int ok_ = (call);                           \
                if (ok_ >= 0)                               \
                        fail_msg("%s succeeded", #call);    \
                assert_int_equal((err).code, (error_code)); \
        } while (0)
#define assert_span(span, text)                                                             \
        do {                                                                                \
                Span span_ = (span);                                                        \
                if (!span_is(span_, (text)))                                                \
                        fail_msg("%s is '%.*s', not '%s'", #span, SPAN_ARG(span_), (text)); \
        } while (0)
#define assert_near(a, b, tolerance)                                    \
        do {                                                            \
                double a_ = (a), b_ = (b);                              \
                if (!(__builtin_fabs(a_ - b_) <= (tolerance)))          \
                        fail_msg("%s is %.17g, not %.17g", #a, a_, b_); \
        } while (0)
