#include "import/k6_point.h"

typedef struct Scan {
        const char *at, *end;
        K6Point *point;
} Scan;

static bool take(Scan *s, char c)
{
        if (s->at == s->end || *s->at != c)
                return false;
        s->at++;
        return true;
}

/* A string of plain ASCII: anything else is for the JSON parser. */
static bool take_text(Scan *s, Span *ret)
{
        const char *start = s->at + 1;

        if (!take(s, '"'))
                return false;
        while (s->at < s->end && *s->at != '"') {
                unsigned char c = (unsigned char)*s->at++;

                if (c < 0x20 || c >= 0x80 || c == '\\')
                        return false;
        }
        *ret = (Span){ start, (size_t)(s->at - start) };
        return take(s, '"');
}

static size_t take_digits(Scan *s)
{
        const char *start = s->at;

        while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
                s->at++;
        return (size_t)(s->at - start);
}

/* The grammar of a JSON number; its value is left to the one function that knows. */
static bool take_number(Scan *s)
{
        const char *start = s->at;
        size_t digits;

        (void)take(s, '-');
        digits = take_digits(s);
        if (digits == 0 || (digits > 1 && s->at[-(ptrdiff_t)digits] == '0'))
                return false;
        if (take(s, '.') && take_digits(s) == 0)
                return false;
        if (take(s, 'e') || take(s, 'E')) {
                if (!take(s, '+'))
                        (void)take(s, '-');
                if (take_digits(s) == 0)
                        return false;
        }
        s->point->has_value = true;
        return span_to_double((Span){ start, (size_t)(s->at - start) }, &s->point->value, NULL) ==
               0;
}

typedef struct Member {
        const char *key;
        size_t offset;
} Member;

#define MEMBER(name) #name, offsetof(K6Point, name)

static Span *member_of(K6Point *point, const Member *members, size_t n, Span key)
{
        for (size_t i = 0; i < n; i++)
                if (span_is(key, members[i].key))
                        return (Span *)(void *)((char *)point + members[i].offset);
        return NULL;
}

static const Member tag_members[] = {
        { MEMBER(name) },
        { MEMBER(method) },
        { MEMBER(status) },
        { "expected_response", offsetof(K6Point, expected) },
};

static bool take_key(Scan *s, Span *ret)
{
        return take_text(s, ret) && take(s, ':');
}

static bool take_null(Scan *s)
{
        if (s->end - s->at < 4 || memcmp(s->at, "null", 4) != 0)
                return false;
        s->at += 4;
        return true;
}

/* {"a":"b",...} of texts, or null. A key twice is refused where it would be believed. */
static bool take_tags(Scan *s, bool believed)
{
        Span key, value, *to;

        if (take_null(s))
                return true;
        if (!take(s, '{'))
                return false;
        if (take(s, '}'))
                return true;
        do {
                if (!take_key(s, &key) || !take_text(s, &value))
                        return false;
                to = believed ? member_of(s->point, tag_members, COUNT(tag_members), key) : NULL;
                if (to && to->ptr)
                        return false;
                if (to)
                        *to = value;
        } while (take(s, ','));
        return take(s, '}');
}

static bool take_data_member(Scan *s, Span key)
{
        if (span_is(key, "value"))
                return !s->point->has_value && take_number(s);
        if (span_is(key, "time"))
                return !s->point->time.ptr && take_text(s, &s->point->time);
        return (span_is(key, "tags") || span_is(key, "metadata")) &&
               take_tags(s, span_is(key, "tags"));
}

static bool take_data(Scan *s)
{
        Span key;

        if (s->point->has_value || !take(s, '{'))
                return false;
        do {
                if (!take_key(s, &key) || !take_data_member(s, key))
                        return false;
        } while (take(s, ','));
        return take(s, '}');
}

bool k6_point_scan(Span line, K6Point *ret)
{
        static const Member members[] = { { MEMBER(metric) }, { MEMBER(type) } };
        K6Point point = { 0 };
        Scan s = { line.ptr, line.ptr + line.len, &point };
        Span key, *to;

        if (!take(&s, '{'))
                return false;
        do {
                if (!take_key(&s, &key))
                        return false;
                to = member_of(&point, members, COUNT(members), key);
                if (to && to->ptr)
                        return false;
                if (to ? !take_text(&s, to) : !(span_is(key, "data") && take_data(&s)))
                        return false;
        } while (take(&s, ','));
        if (!take(&s, '}') || s.at != s.end || !span_is(point.type, "Point") || !point.metric.len ||
            !point.has_value)
                return false;
        *ret = point;
        return true;
}

int k6_point_of(const Document *doc, K6Point *ret, Error *err)
{
        const Value *data = value_get(doc->root, "data"), *tags = value_get(data, "tags");
        const Value *value = value_get(data, "value");
        K6Point point = { .metric = text_under(doc->root, "metric"),
                          .type = text_under(doc->root, "type"),
                          .time = text_under(data, "time") };

        if (point.metric.len == 0 || point.type.len == 0 || !data)
                return value_fail(err, doc, doc->root,
                                  "no line of k6: 'metric', 'type' or 'data' "
                                  "is missing");
        value_each (tag, tags) {
                Span *to = member_of(&point, tag_members, COUNT(tag_members), tag->key);

                if (to && tag->kind == VALUE_TEXT)
                        *to = tag->text;
        }
        if (span_is(point.type, "Point")) {
                int r = value ? value_to_number(doc, value, &point.value, err)
                              : value_fail(err, doc, data, "'value' is missing");

                if (r < 0)
                        return r;
                point.has_value = true;
        }
        *ret = point;
        return 0;
}
