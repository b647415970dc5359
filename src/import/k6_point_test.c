#include "harness.h"

#include "import/k6_point.h"

static bool read_tree(Span line, K6Point *ret)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };
        Document doc;

        return json_parse_strict(line, "x", arena, &doc, &err) == 0 &&
               k6_point_of(&doc, ret, &err) == 0;
}

/* What the scan reads is what the tree says. */
static const char *const plain[] = {
        "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"time\":\"t\",\"value\":1,\"tags\":null}}",
        "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":-1.5e-3,\"time\":\"t\",\"tags\":{"
        "}}}",
        "{\"type\":\"Point\",\"data\":{\"value\":0},\"metric\":\"b\"}",
        "{\"data\":{\"tags\":{\"name\":\"n\",\"x\":\"y\",\"method\":\"GET\",\"status\":\"200\","
        "\"expected_response\":\"true\"},\"value\":10.25,\"metadata\":{\"name\":\"no\"}},"
        "\"metric\":\"a\",\"type\":\"Point\"}",
};

TEST(k6_point_scan_reads_lines_as_the_parser_does)
{
        for (size_t i = 0; i < COUNT(plain); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Span line = span_of(plain[i]);
                K6Point scanned, said;
                Error err = { 0 };
                Document doc;

                if (!k6_point_scan(line, &scanned))
                        fail_msg("'%s' was not read", plain[i]);
                assert_ok(json_parse_strict(line, "x", arena, &doc, &err), err);
                assert_ok(k6_point_of(&doc, &said, &err), err);
                assert_true(span_eq(scanned.metric, said.metric));
                assert_true(span_eq(scanned.time, said.time));
                assert_true(span_eq(scanned.name, said.name));
                assert_true(span_eq(scanned.method, said.method));
                assert_true(span_eq(scanned.status, said.status));
                assert_true(span_eq(scanned.expected, said.expected));
                assert_near(scanned.value, said.value, 0);
        }
}

/* Not plain, though good JSON: for the parser. */
TEST(k6_point_scan_leaves_what_is_not_plain_to_the_parser)
{
        static const char *const lines[] = {
                " {\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\": 1}}",
                "{\"metric\":\"\\u0061\",\"type\":\"Point\",\"data\":{\"value\":1}}",
                "{\"metric\":\"caf\xc3\xa9\",\"type\":\"Point\",\"data\":{\"value\":1}}",
                "{\"metric\":\"a\",\"type\":\"Metric\",\"data\":{\"value\":1}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1,\"tags\":{\"a\":1}}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1,\"more\":2}}",
        };
        K6Point point;

        for (size_t i = 0; i < COUNT(lines); i++) {
                if (k6_point_scan(span_of(lines[i]), &point))
                        fail_msg("'%s' was read", lines[i]);
                assert_true(read_tree(span_of(lines[i]), &point));
        }
}

TEST(k6_point_scan_and_parser_refuse_what_is_damaged)
{
        static const char *const lines[] = {
                "",
                "{",
                "{}",
                "{\"metric\":\"a\",\"type\":\"Point\"}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":01}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1.}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1e}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1e999}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":NaN}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1,\"value\":2}}",
                "{\"metric\":\"a\",\"metric\":\"b\",\"type\":\"Point\",\"data\":{\"value\":1}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1}}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1}} ,",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1,}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1,\"tags\":{\"a\":\"b\",}"
                "}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1,\"tags\":{\"name\":"
                "\"b\","
                "\"name\":\"c\"}}}",
                "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1},\"data\":{\"value\":1}"
                "}",
        };
        K6Point point;

        for (size_t i = 0; i < COUNT(lines); i++)
                if (k6_point_scan(span_of(lines[i]), &point) ||
                    read_tree(span_of(lines[i]), &point))
                        fail_msg("'%s' was read", lines[i]);
}

TEST(k6_point_scan_refuses_a_line_that_is_cut_anywhere)
{
        Span line = span_of(plain[3]);
        K6Point point;

        for (size_t n = 0; n < line.len; n++)
                assert_false(k6_point_scan(span_first(line, n), &point));
}
