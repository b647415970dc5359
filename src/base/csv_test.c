#include "harness.h"

#include "base/buf.h"
#include "base/csv.h"

/* Fields as "a|b/c|d/": '|' between fields, '/' behind a row. */
static Span read_all(Arena *arena, Span text)
{
        CsvReader csv = csv_open(text, "t.csv", arena);
        Buf out = buf_in(arena, KiB(64));
        Error err = { 0 };
        CsvField field;
        int r;

        while ((r = csv_next(&csv, &field, &err)) > 0) {
                buf_add(&out, field.text);
                buf_byte(&out, field.last ? '/' : '|');
        }
        assert_ok(r, err);
        return buf_span(&out);
}

TEST(csv_splits_rows_and_fields)
{
        static const struct {
                const char *text, *fields;
        } rows[] = {
                { "", "" },
                { "a", "a/" },
                { "a,b\nc,d\n", "a|b/c|d/" },
                { "a,b\r\nc,d\r\n", "a|b/c|d/" },
                { "a;b\nc,1;d", "a|b/c,1|d/" },
                { "a\tb\n", "a|b/" },
                { "a,\n,b\n", "a|/|b/" },
                { "a,", "a|/" },
                { ",", "|/" },
                { "\n\na,b\n\n\nc,d\n\n", "a|b/c|d/" },
                { "\"a,b\",c\n", "a,b|c/" },
                { "\"say \"\"hi\"\"\",c\n", "say \"hi\"|c/" },
                { "\"two\nlines\",c\nd,e\n", "two\nlines|c/d|e/" },
                { "\"\",\"\"\n", "|/" },
                { "a b\"c,d\n", "a b\"c|d/" },
                { "\xef\xbb\xbf"
                  "a,b\n",
                  "a|b/" },
                { "\"x;y;z\",b\n1,2\n", "x;y;z|b/1|2/" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        for (size_t i = 0; i < COUNT(rows); i++)
                assert_span(read_all(arena, span_of(rows[i].text)), rows[i].fields);
}

TEST(csv_counts_lines_also_inside_of_quotes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        CsvReader csv = csv_open(SPAN("a,b\n\n\"x\ny\",c\nd,e"), "t.csv", arena);
        static const uint32_t lines[] = { 1, 1, 3, 4, 5, 5 };
        Error err = { 0 };
        CsvField field;

        for (size_t i = 0; i < COUNT(lines); i++) {
                assert_int_equal(csv_next(&csv, &field, &err), 1);
                assert_int_equal(field.line, lines[i]);
        }
        assert_int_equal(csv_next(&csv, &field, &err), 0);
}

TEST(csv_refuses_broken_quotes_naming_the_line)
{
        static const struct {
                const char *text, *message;
        } rows[] = {
                { "a\n\"b", "t.csv:2: a quote is never closed" },
                { "a\n\"b\"c,d", "t.csv:2: text behind a closing quote" },
                { "a\n\"b\"\"", "t.csv:2: a quote is never closed" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(rows); i++) {
                CsvReader csv = csv_open(span_of(rows[i].text), "t.csv", arena);
                Error err = { 0 };
                CsvField field;

                assert_int_equal(csv_next(&csv, &field, &err), 1);
                assert_fails(csv_next(&csv, &field, &err), err, ERR_INPUT);
                assert_string_equal(err.message, rows[i].message);
        }
}
