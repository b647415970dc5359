#include "import/xml.h"

#include "base/utf8.h"

#define MOST_VALUE KiB(256) /* decoded */

XmlScanner xml_open(Import *in, Span text)
{
        if (span_starts(text, "\xef\xbb\xbf"))
                text = span_from(text, 3);
        return (XmlScanner){ .in = in, .rest = text, .line = 1 };
}

static void advance(XmlScanner *xml, size_t n)
{
        Span passed = span_first(xml->rest, n);

        for (ptrdiff_t at; (at = span_find_byte(passed, '\n')) >= 0;) {
                xml->line++;
                passed = span_from(passed, (size_t)at + 1);
        }
        xml->rest = span_from(xml->rest, n);
}

/* Past the text `end`, which has to come. */
static int skip_past(XmlScanner *xml, const char *end, const char *what, Error *err)
{
        ptrdiff_t at = span_find(xml->rest, span_of(end));

        if (at < 0)
                return import_fail(xml->in, err, xml->line, "the %s does not end", what);
        advance(xml, (size_t)at + strlen(end));
        return 0;
}

/* <!DOCTYPE ...>: harmless when it only names; what it would declare is refused. */
static int skip_doctype(XmlScanner *xml, Error *err)
{
        ptrdiff_t end = span_find_byte(xml->rest, '>');
        Span inside = span_first(xml->rest, end < 0 ? xml->rest.len : (size_t)end);

        if (span_find_byte(inside, '[') >= 0)
                return import_fail(xml->in, err, xml->line,
                                   "a DTD with declarations of its own is refused");
        return skip_past(xml, ">", "document type", err);
}

static const struct {
        const char *begin, *end, *what;
} skipped[] = {
        { "<!--", "-->", "comment" },
        { "<![CDATA[", "]]>", "CDATA section" },
        { "<?", "?>", "processing instruction" },
};

/* 1: passed over one; 0: the rest begins otherwise. */
static int skip_one(XmlScanner *xml, Error *err)
{
        int r;

        for (size_t i = 0; i < COUNT(skipped); i++) {
                if (!span_starts(xml->rest, skipped[i].begin))
                        continue;
                if (xml->depth == 0 && skipped[i].begin[1] == '!' && skipped[i].begin[2] == '[')
                        return import_fail(xml->in, err, xml->line, "CDATA outside the root");
                r = skip_past(xml, skipped[i].end, skipped[i].what, err);
                return r < 0 ? r : 1;
        }
        if (!span_starts(xml->rest, "<!"))
                return 0;
        r = skip_doctype(xml, err);
        return r < 0 ? r : 1;
}

static bool is_name_byte(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               strchr("_:-.", c) || (unsigned char)c >= 0x80;
}

static Span take_name(Span *s)
{
        size_t n = 0;

        while (n < s->len && s->ptr[n] && is_name_byte(s->ptr[n]))
                n++;
        *s = span_from(*s, n);
        return (Span){ s->ptr - n, n };
}

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static Span skip_space(Span s)
{
        while (s.len && is_space(s.ptr[0]))
                s = span_from(s, 1);
        return s;
}

/* name = "value"; 1: one was taken, 0: there is none, -1: it is malformed. */
static int take_attribute(Span *s, Span *ret_name, Span *ret_value)
{
        Span rest = skip_space(*s), name;
        ptrdiff_t end;

        name = take_name(&rest);
        if (name.len == 0)
                return 0;
        rest = skip_space(rest);
        if (!span_starts(rest, "="))
                return -1;
        rest = skip_space(span_from(rest, 1));
        if (rest.len == 0 || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
                return -1;
        end = span_find_byte(span_from(rest, 1), rest.ptr[0]);
        if (end < 0)
                return -1;
        *ret_name = name;
        *ret_value = span_first(span_from(rest, 1), (size_t)end);
        *s = span_from(rest, (size_t)end + 2);
        return span_find_byte(*ret_value, '<') < 0 ? 1 : -1;
}

static int read_close(XmlScanner *xml, XmlEvent *ret, Error *err)
{
        Span rest = span_from(xml->rest, 2), name = take_name(&rest);

        rest = skip_space(rest);
        if (name.len == 0 || !span_starts(rest, ">"))
                return import_fail(xml->in, err, xml->line, "a closing tag that is none");
        if (xml->depth == 0 || !span_eq(xml->open[xml->depth - 1], name))
                return import_fail(xml->in, err, xml->line,
                                   "</%.*s> closes what was not opened last",
                                   SPAN_ARG(span_first(name, 60)));
        xml->depth--;
        *ret = (XmlEvent){ .kind = XML_CLOSE, .name = name, .line = xml->line };
        advance(xml, (size_t)(rest.ptr - xml->rest.ptr) + 1);
        return 1;
}

static int push(XmlScanner *xml, Span name, Error *err)
{
        if (xml->depth == XML_DEEPEST)
                return fail(err, ERR_LIMIT, "%s:%zu: elements are nested more than %d deep",
                            import_name(xml->in), (size_t)xml->line, XML_DEEPEST);
        if (xml->depth == 0 && xml->any)
                return import_fail(xml->in, err, xml->line, "a second root, <%.*s>",
                                   SPAN_ARG(span_first(name, 60)));
        xml->open[xml->depth++] = name;
        xml->any = true;
        return 0;
}

static int read_open(XmlScanner *xml, XmlEvent *ret, Error *err)
{
        Span rest = span_from(xml->rest, 1), name = take_name(&rest), attributes = rest;
        Span attribute, value;
        int r;

        if (name.len == 0)
                return import_fail(xml->in, err, xml->line, "'<' that begins no tag");
        while ((r = take_attribute(&rest, &attribute, &value)) > 0)
                ;
        attributes.len -= rest.len;
        rest = skip_space(rest);
        xml->close_next = span_starts(rest, "/>");
        if (r < 0 || (!xml->close_next && !span_starts(rest, ">")))
                return import_fail(xml->in, err, xml->line,
                                   "the attributes of <%.*s> are malformed or do not end",
                                   SPAN_ARG(span_first(name, 60)));
        r = push(xml, name, err);
        if (r < 0)
                return r;
        *ret = (XmlEvent){ .name = name, .attributes = attributes, .line = xml->line };
        advance(xml, (size_t)(rest.ptr - xml->rest.ptr) + (xml->close_next ? 2 : 1));
        return 1;
}

static int at_end(XmlScanner *xml, Error *err)
{
        if (xml->depth)
                return import_fail(xml->in, err, xml->line, "the text ends within <%.*s>",
                                   SPAN_ARG(span_first(xml->open[xml->depth - 1], 60)));
        if (!xml->any)
                return import_fail(xml->in, err, xml->line, "there is no element");
        return 0;
}

int xml_next(XmlScanner *xml, XmlEvent *ret, Error *err)
{
        if (xml->close_next) {
                xml->close_next = false;
                xml->depth--;
                *ret = (XmlEvent){ .kind = XML_CLOSE,
                                   .name = xml->open[xml->depth],
                                   .line = xml->line };
                return 1;
        }
        for (;;) {
                ptrdiff_t at = span_find_byte(xml->rest, '<');
                Span between = span_first(xml->rest, at < 0 ? xml->rest.len : (size_t)at);
                int r;

                if (xml->depth == 0 && span_trim(between).len)
                        return import_fail(xml->in, err, xml->line, "text outside the root");
                advance(xml, between.len);
                if (at < 0)
                        return at_end(xml, err);
                r = skip_one(xml, err);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                return span_starts(xml->rest, "</") ? read_close(xml, ret, err)
                                                    : read_open(xml, ret, err);
        }
}

/* --- values --- */

static const struct {
        const char *name;
        char byte;
} entities[] = {
        { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' },
};

/* "&#38;", "&#x26;": how long it is, or 0. */
static size_t put_number(Buf *out, Span s)
{
        ptrdiff_t end = span_find_byte(span_first(s, 12), ';');
        Span digits = span_first(s, end < 0 ? 0 : (size_t)end);
        uint64_t code;
        char utf8[4];
        int r;

        if (!span_starts(digits, "&#"))
                return 0;
        digits = span_from(digits, 2);
        r = span_starts(digits, "x") ? span_to_hex(span_from(digits, 1), &code, NULL)
                                     : span_to_u64(digits, &code, NULL);
        if (r < 0 || code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
                return 0;
        buf_bytes(out, utf8, utf8_put(utf8, (uint32_t)code));
        return (size_t)end + 1;
}

/* One entity at the start of `s`; what is not known stays as it is written. */
static size_t put_entity(Buf *out, Span s)
{
        size_t n;

        for (size_t i = 0; i < COUNT(entities); i++)
                if (span_starts(s, entities[i].name)) {
                        buf_byte(out, entities[i].byte);
                        return strlen(entities[i].name);
                }
        n = put_number(out, s);
        if (n == 0) {
                buf_byte(out, '&');
                n = 1;
        }
        return n;
}

static Span decode(XmlScanner *xml, Span value)
{
        Buf one;

        if (span_find_byte(value, '&') < 0)
                return value;
        one = buf_in(import_arena(xml->in), MOST_VALUE);
        while (value.len) {
                size_t n = 1;

                if (value.ptr[0] == '&')
                        n = put_entity(&one, value);
                else
                        buf_byte(&one, value.ptr[0]);
                value = span_from(value, n);
        }
        return buf_span(&one);
}

Span xml_attribute(XmlScanner *xml, const XmlEvent *event, const char *name)
{
        Span rest = event->attributes, found, value;

        while (take_attribute(&rest, &found, &value) > 0)
                if (span_is(found, name))
                        return decode(xml, value);
        return (Span){ 0 };
}
