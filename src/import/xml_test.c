#include "text_fixture.h"

#define CASE "<testsuite><testcase name='a' time='1'/></testsuite>"

TEST(junit_refuses_what_is_no_xml)
{
        static const struct {
                const char *text, *message;
        } cases[] = {
                { "<testsuite>\n<testcase name='a' time='1'>\n</testsuite>",
                  "t.txt:3: </testsuite> closes what was not opened last" },
                { "<testsuite><testcase name='a' time='1'/>", "the text ends within <testsuite>" },
                { "<testsuite><testcase name='a' time='1'/", "attributes of <testcase>" },
                { "<testsuite><testcase name=a time='1'/></testsuite>",
                  "attributes of <testcase>" },
                { "<testsuite><testcase name='a<b' time='1'/></testsuite>", "attributes of" },
                { CASE CASE, "a second root" },
                { CASE "text", "text outside the root" },
                { CASE "<!-- open", "the comment does not end" },
                { "<testsuite><![CDATA[ open</testsuite>", "the CDATA section does not end" },
                { "<![CDATA[x]]>" CASE, "CDATA outside the root" },
                { "<?xml version='1.0'", "the processing instruction does not end" },
                { "<testsuite>< testcase/></testsuite>", "'<' that begins no tag" },
                { "</testsuite>", "closes what was not opened" },
                { "<testsuite><testcase time='1'/></testsuite>", "without its name" },
                { "<!-- nothing -->", "there is no element" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                print_message("# %s\n", cases[i].text);
                assert_refused("junit", cases[i].text, cases[i].message);
        }
}

/* Neither a file's text nor a bomb of entities comes in by a DTD. */
TEST(junit_refuses_entities_of_its_own)
{
        assert_refused(
                "junit",
                "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n"
                "<testsuite><testcase name='&x;' time='1'/></testsuite>",
                "t.txt:2: a DTD with declarations of its own is refused");
}

TEST(junit_keeps_unknown_entities_as_they_are)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_as(arena, "junit",
                               "<!DOCTYPE testsuite>"
                               "<testsuite><testcase name='&lt;&x;&#xD800;&#0;&#233;&' time='1'/>"
                               "</testsuite>");

        assert_value(&got, METRIC_TIME, "<&x;&#xD800;&#0;\u00e9&", 1e9);
}

TEST(junit_has_a_ceiling_of_depth)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Buf deep = buf_in(arena, MiB(1));

        for (int i = 0; i < 101; i++)
                buf_text(&deep, "<a>");
        assert_refused("junit", deep.ptr, "nested more than 100 deep");
}

TEST(junit_finds_failures_below_a_case_only)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got =
                read_as(arena, "junit",
                        "<testsuites><testsuite name='s'><error/>\n"
                        "<testcase name='ok' time='1,000.5'><system-out/></testcase>\n"
                        "<testcase name='bad' time='2'><error type='x'><b/></error></testcase>\n"
                        "</testsuite></testsuites>");

        assert_value(&got, METRIC_TIME, "ok", 1000.5e9);
        assert_absent(&got, METRIC_TIME, "bad");
        assert_unknown(&got, 3, "ended with an error");
}
