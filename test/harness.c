#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TESTS 1000

static TestCase *first;
static size_t n_tests;

/* A skipped test is left by a jump, which frees nothing: then leaks mean nothing either. */
static bool any_skipped;

void test_skipped(void)
{
        any_skipped = true;
}

/* Asked by LeakSanitizer, when it is linked in, before it looks. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
        return any_skipped;
}

void test_register(TestCase *test)
{
        test->next = first;
        first = test;
        n_tests++;
}

/* Usage: test-LAYER [PART_OF_A_NAME] */
int main(int argc, char **argv)
{
        static struct CMUnitTest list[MOST_TESTS];
        size_t n = n_tests, kept = 0;

        BUG_IF(n_tests > MOST_TESTS);
        for (TestCase *t = first; t; t = t->next)
                list[--n] = (struct CMUnitTest){ .name = t->name, .test_func = t->run };
        for (size_t i = 0; i < n_tests; i++)
                if (argc < 2 || strstr(list[i].name, argv[1]))
                        list[kept++] = list[i];
        cmocka_set_message_output(CM_OUTPUT_TAP);
        return _cmocka_run_group_tests("unit", list, kept, NULL, NULL) ? 1 : 0;
}
