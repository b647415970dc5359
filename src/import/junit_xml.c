/* JUnit XML: how long each test case took. Format: as Ant's task and pytest, Maven, Jest write it.
 *
 *         <testsuite name="s"><testcase classname="a.B" name="c" time="0.012"/></testsuite>
 *
 * A case is "a.B.c". Cases that failed or were skipped are named and not kept: their times say
 * nothing. Cases of one name (repetitions) are samples.
 */

#include "import/text_number.h"
#include "import/xml.h"

#define S 1e9
#define LONGEST KiB(5) /* of a name; more than a benchmark's may have */

static int detect(Span head, bool whole UNUSED)
{
        Span trimmed = span_trim(head);

        if (!span_starts(trimmed, "<") && !span_starts(trimmed, "\xef\xbb\xbf<"))
                return 0;
        return span_contains(head, "<testsuite") ? 95 : 0;
}

typedef struct Junit {
        Import *in;
        XmlScanner xml;
        size_t case_depth; /* of the case in hand; 0: none */
        Span subject;      /* in scratch */
        uint64_t line;
        double time_s;
        bool timed;
        const char *spoiled; /* why its time says nothing */
        Mark mark;           /* of scratch, before the case */
} Junit;

static const struct {
        const char *element, *why;
} spoilers[] = {
        { "failure", "the test failed" },
        { "error", "the test ended with an error" },
        { "skipped", "the test was skipped" },
};

static int begin_case(Junit *junit, const XmlEvent *event, Error *err)
{
        Span class_name, name, time;
        Arena *arena = import_arena(junit->in);

        junit->mark = arena_mark(arena);
        class_name = span_first(xml_attribute(&junit->xml, event, "classname"), LONGEST);
        name = span_first(xml_attribute(&junit->xml, event, "name"), LONGEST);
        time = xml_attribute(&junit->xml, event, "time");
        if (name.len == 0)
                return import_fail(junit->in, err, event->line, "a test case without its name");
        junit->subject = name;
        if (class_name.len)
                junit->subject = span_of(
                        arena_printf(arena, "%.*s.%.*s", SPAN_ARG(class_name), SPAN_ARG(name)));
        junit->case_depth = junit->xml.depth;
        junit->line = event->line;
        junit->spoiled = NULL;
        junit->timed = span_trim(time).len > 0;
        if (junit->timed && !text_number(time, &junit->time_s))
                return import_fail(junit->in, err, event->line,
                                   "'%.*s' is not the time of a test case", SPAN_ARG(time));
        return 0;
}

static int end_case(Junit *junit, Error *err)
{
        int r = 0;

        junit->case_depth = 0;
        if (junit->spoiled)
                import_unknown(junit->in, junit->line, junit->subject, junit->spoiled);
        else if (!junit->timed)
                import_unknown(junit->in, junit->line, junit->subject, "no time is given");
        else
                r = import_sample(junit->in, junit->subject, (ImportUnit){ METRIC_TIME, S, { 0 } },
                                  junit->time_s, junit->line, err);
        arena_reset(import_arena(junit->in), junit->mark);
        return r;
}

static int read_event(Junit *junit, const XmlEvent *event, Error *err)
{
        bool inside = junit->case_depth > 0;

        if (event->kind == XML_CLOSE)
                return inside && junit->xml.depth < junit->case_depth ? end_case(junit, err) : 0;
        if (inside) {
                for (size_t i = 0; i < COUNT(spoilers); i++)
                        if (span_is(event->name, spoilers[i].element))
                                junit->spoiled = spoilers[i].why;
                return 0;
        }
        if (span_is(event->name, "testcase"))
                return begin_case(junit, event, err);
        if (span_is(event->name, "testsuite")) {
                Span host = xml_attribute(&junit->xml, event, "hostname");
                Span date = xml_attribute(&junit->xml, event, "timestamp");

                if (host.len)
                        import_machine(junit->in, host);
                if (date.len)
                        (void)import_date(date, &import_recording(junit->in)->wall_ns);
        }
        return 0;
}

static int read_text(Import *in, Span text, Error *err)
{
        Junit *junit = new_try(import_arena(in), Junit, 1);
        XmlEvent event;
        int r;

        if (!junit)
                return fail(err, ERR_LIMIT, "%s: no memory", import_name(in));
        junit->in = in;
        junit->xml = xml_open(in, text);
        while ((r = xml_next(&junit->xml, &event, err)) > 0) {
                r = read_event(junit, &event, err);
                if (r < 0)
                        return r;
        }
        return r;
}

const ImportFormat junit_xml_format = {
        .name = "junit",
        .says = "JUnit XML (times of test cases)",
        .files = "https://github.com/testmoapp/junitxml",
        .detect = detect,
        .read = read_text,
};
