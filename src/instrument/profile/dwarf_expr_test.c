#include "instrument/profile/dwarf_expr.h"

#include "harness.h"

static bool run(const char *bytes, size_t n, uint64_t *ret)
{
        static const uint64_t words[] = { 0x1111, 0x2222, 0x3333 };
        StackCopy stack = { .base = 0x7000, .bytes = { (const char *)words, sizeof(words) } };
        Registers regs = { 0 };

        register_set(&regs, DWARF_RSP, 0x7000);
        register_set(&regs, DWARF_RIP, 0x401b);
        return dwarf_expr((Span){ bytes, n }, &regs, &stack, NULL, ret);
}

#define assert_value(text, expected)                               \
        do {                                                       \
                uint64_t value_ = 0;                               \
                assert_true(run(text, sizeof(text) - 1, &value_)); \
                assert_true(value_ == (uint64_t)(expected));       \
        } while (0)
#define assert_refused(text)                                        \
        do {                                                        \
                uint64_t value_ = 7;                                \
                assert_false(run(text, sizeof(text) - 1, &value_)); \
                assert_true(value_ == 7);                           \
        } while (0)

TEST(constants_of_all_sizes)
{
        assert_value("\x30", 0);
        assert_value("\x4f", 31);
        assert_value("\x08\xff", 255);
        assert_value("\x09\xff", -1);
        assert_value("\x0a\xff\xff", 65535);
        assert_value("\x0b\xfe\xff", -2);
        assert_value("\x0c\xff\xff\xff\xff", UINT32_MAX);
        assert_value("\x0d\xfd\xff\xff\xff", -3);
        assert_value("\x0e\x01\x02\x03\x04\x05\x06\x07\x08", UINT64_C(0x0807060504030201));
        assert_value("\x10\xb9\x64", 12857);
        assert_value("\x11\x7e", -2);
        assert_value("\x03\x01\0\0\0\0\0\0\0", 1);
}

TEST(arithmetic_and_comparisons)
{
        assert_value("\x35\x33\x22", 8);
        assert_value("\x35\x33\x1c", 2);
        assert_value("\x35\x33\x1e", 15);
        assert_value("\x11\x79\x32\x1b", -3);
        assert_value("\x37\x33\x1d", 1);
        assert_value("\x35\x33\x1a", 1);
        assert_value("\x35\x32\x21", 7);
        assert_value("\x35\x33\x27", 6);
        assert_value("\x31\x34\x24", 16);
        assert_value("\x31\x08\x40\x24", 0);
        assert_value("\x09\xf0\x32\x26", -4);
        assert_value("\x40\x32\x25", 4);
        assert_value("\x09\xff\x19", 1);
        assert_value("\x31\x1f", -1);
        assert_value("\x30\x20", -1);
        assert_value("\x31\x23\x10", 17);
        assert_value("\x35\x33\x2a", 1);
        assert_value("\x35\x33\x29", 0);
        assert_value("\x35\x33\x2d", 0);
        assert_value("\x35\x33\x2e", 1);
}

TEST(stack_operations_and_jumps)
{
        assert_value("\x31\x32\x16", 1);
        assert_value("\x31\x32\x14", 1);
        assert_value("\x31\x32\x13", 1);
        assert_value("\x31\x32\x33\x15\x02", 1);
        assert_value("\x31\x32\x33\x17", 2);
        assert_value("\x31\x12\x22", 2);
        assert_value("\x35\x2f\x01\x00\x36", 5);
        assert_value("\x35\x31\x28\x01\x00\x36", 5);
        assert_value("\x35\x30\x28\x01\x00\x36", 6);
}

TEST(registers_and_the_stack_copy)
{
        assert_value("\x77\x08", 0x7008);
        assert_value("\x77\x08\x06", 0x2222);
        assert_value("\x92\x07\x10\x06", 0x3333);
        assert_value("\x77\x00\x94\x01", 0x11);
        assert_refused("\x76\x00");     /* rbp is not known */
        assert_refused("\x92\x40\x00"); /* no such register */
        assert_refused("\x77\x11\x06"); /* half outside of the copy */
        assert_refused("\x77\x78\x06"); /* below it */
        assert_refused("\x09\xff\x06"); /* at the end of memory */
        assert_refused("\x77\x00\x94\x09");
}

/* What GNU ld writes for the procedure linkage table: CFA = rsp + 8 + ((rip & 15) >= 11) * 8. */
TEST(the_expression_of_linkage_tables)
{
        assert_value("\x77\x08\x80\x00\x3f\x1a\x3b\x2a\x33\x24\x22", 0x7010);
}

TEST(the_frame_address_is_there_for_register_rules)
{
        uint64_t cfa = 0x5000, value;
        Registers regs = { 0 };
        StackCopy stack = { 0 };

        assert_true(dwarf_expr(SPAN("\x23\x08"), &regs, &stack, &cfa, &value));
        assert_true(value == 0x5008);
        assert_true(dwarf_expr(SPAN("\x9c"), &regs, &stack, &cfa, &value));
        assert_true(value == 0x5000);
}

TEST(hostile_expressions_end)
{
        char pushes[100];

        assert_refused("");
        assert_refused("\x22");
        assert_refused("\x31\x30\x1b");
        assert_refused("\x31\x30\x1d");
        assert_refused("\x2f\xfd\xff"); /* jumps to itself for ever */
        assert_refused("\x2f\x00\x7f");
        assert_refused("\x2f\x00\x80");
        assert_refused("\xff");
        assert_refused("\x0e\x01");
        memset(pushes, 0x31, sizeof(pushes));
        assert_false(run(pushes, sizeof(pushes), &(uint64_t){ 0 }));
        assert_refused("\x0e\0\0\0\0\0\0\0\x80\x09\xff\x1b"); /* INT64_MIN / -1 */
}
