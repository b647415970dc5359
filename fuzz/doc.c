/* Any bytes as outside text in a document: no renderer may let a control character or a tag
 * through, nor print a table wider than the terminal. Byte 0 is the width, byte 1 the columns. */
#include "present/doc.h"
#include "present/glyph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Span print(Arena *arena, const Doc *doc, DocFormat format, int width)
{
        Buf out = buf_in(arena, MiB(64));
        Error err = { 0 };
        int r = doc_print(doc, format, &(DocStyle){ .width = width, .title = "t" }, &out, &err);

        BUG_IF(r < 0 && err.code != ERR_LIMIT);
        return r < 0 ? SPAN("") : buf_span(&out);
}

static Doc *table_of(Arena *arena, Span text, size_t n_columns)
{
        static const Column columns[] = {
                { "a", "A", .wrap = true },
                { "b", "Two words", ALIGN_RIGHT },
                { "c", "C", .wide_only = true },
                { "d", "Dddddddddddd", .wrap = true },
                { "e", "E" },
                { "f", "F" },
                { "g", "G", ALIGN_RIGHT },
                { "h", "H" },
        };
        Doc *doc = doc_new(arena, "fuzz");
        DocTable *t = doc_table(doc, "t", columns, n_columns);
        Cell cells[COUNT(columns)];
        Span rest = text, line;

        while (span_next_line(&rest, &line)) {
                for (size_t i = 0; i < n_columns; i++)
                        cells[i] = i % 3 == 1 ? cell_unit(UNIT_NS, (double)line.len)
                                              : cell_text(span_from(line, i));
                doc_row_cells(t, cells, n_columns);
        }
        return doc;
}

static Doc *prose_of(Arena *arena, Span text)
{
        Doc *doc = doc_new(arena, "fuzz");
        char *words = span_text(arena, text);

        doc_heading(doc, 2, "%s", words);
        doc_paragraph(doc, "p", "%s", words);
        doc_label(doc, "%s", words);
        doc_field(doc, "f", words, cell_text(text));
        doc_item(doc, "i", "%s", words);
        doc_numbered(doc, "n", "%s", words);
        doc_subitem(doc, NULL, "%s", words);
        doc_check(doc, "c", true, "%s", words);
        return doc;
}

static Doc *code_of(Arena *arena, Span text)
{
        Doc *doc = doc_new(arena, "fuzz");

        doc_code(doc, "x", "sh", text);
        return doc;
}

static void check_clean(Span text)
{
        Glyph g;

        while (glyph_next(&text, &g))
                BUG_IF(!g.valid || (g.code < 0x20 && g.code != '\n') || g.code == 0x202E);
}

static void check_json(Span text, Arena *arena)
{
        Document doc;
        Error err = { 0 };

        BUG_IF(text.len && json_parse_strict(text, "json", arena, &doc, &err) < 0 &&
               err.code != ERR_LIMIT);
}

static void check_width(Span text, size_t width)
{
        Span line;

        while (span_next_line(&text, &line)) {
                BUG_IF(text_columns(line) > width);
                BUG_IF(span_ends(line, " "));
        }
}

static size_t count(Span text, char byte)
{
        size_t n = 0;

        for (size_t i = 0; i < text.len; i++)
                n += text.ptr[i] == byte;
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Span text = size > 2 ? (Span){ (const char *)data + 2, size - 2 } : SPAN("");
        int width = size ? 20 + data[0] % 140 : 80;
        Doc *docs[] = { table_of(arena, text, size > 1 ? 1 + data[1] % 8 : 3),
                        prose_of(arena, text), code_of(arena, text) };

        for (size_t i = 0; i < COUNT(docs); i++) {
                Span page = print(arena, docs[i], DOC_HTML, width);
                Span terminal = print(arena, docs[i], DOC_TEXT, width);

                check_clean(page);
                check_clean(terminal);
                check_clean(print(arena, docs[i], DOC_MARKDOWN, width));
                check_json(print(arena, docs[i], DOC_JSON, width), arena);
                BUG_IF(count(page, '<') != count(page, '>'));
                if (i < 2) /* code keeps its lines */
                        check_width(terminal, (size_t)width);
        }
        return 0;
}
