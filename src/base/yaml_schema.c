/* The core schema: what a scalar is, and the tags that say it. */

#include "base/yaml_int.h"

#include <string.h>
#include <yaml.h>

typedef struct Word {
        const char *text;
        ValueKind kind;
        bool boolean;
} Word;

static const Word words[] = {
        { "", VALUE_NULL, false },      { "~", VALUE_NULL, false },
        { "null", VALUE_NULL, false },  { "Null", VALUE_NULL, false },
        { "NULL", VALUE_NULL, false },  { "true", VALUE_BOOL, true },
        { "True", VALUE_BOOL, true },   { "TRUE", VALUE_BOOL, true },
        { "false", VALUE_BOOL, false }, { "False", VALUE_BOOL, false },
        { "FALSE", VALUE_BOOL, false },
};

static bool is_digit(Span s, size_t at)
{
        return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* "012" is an octal number to some readers and twelve to others, so it stays text. */
static bool has_leading_zero(Span s)
{
        size_t at = span_starts(s, "-") || span_starts(s, "+") ? 1 : 0;

        return is_digit(s, at) && s.ptr[at] == '0' && is_digit(s, at + 1);
}

void yaml_type_plain(Value *scalar)
{
        Span text = scalar->text;

        for (size_t i = 0; i < COUNT(words); i++) {
                if (!span_is(text, words[i].text))
                        continue;
                scalar->kind = words[i].kind;
                scalar->boolean = words[i].boolean;
                return;
        }
        scalar->kind = VALUE_TEXT;
        if (!has_leading_zero(text) && span_to_double(text, &scalar->number, NULL) == 0)
                scalar->kind = VALUE_NUMBER;
}

typedef struct TagRow {
        const char *tag;
        ValueKind kind;
} TagRow;

static const TagRow tag_rows[] = {
        { YAML_STR_TAG, VALUE_TEXT },     { YAML_NULL_TAG, VALUE_NULL },
        { YAML_BOOL_TAG, VALUE_BOOL },    { YAML_INT_TAG, VALUE_NUMBER },
        { YAML_FLOAT_TAG, VALUE_NUMBER }, { YAML_SEQ_TAG, VALUE_LIST },
        { YAML_MAP_TAG, VALUE_MAP },
};

static const TagRow *tag_row(const char *tag)
{
        for (size_t i = 0; i < COUNT(tag_rows); i++)
                if (strcmp(tag, tag_rows[i].tag) == 0)
                        return &tag_rows[i];
        return NULL;
}

static bool is_scalar(const Value *node)
{
        return node->kind != VALUE_LIST && node->kind != VALUE_MAP;
}

const char *yaml_apply_tag(Value *node, const char *tag)
{
        const TagRow *row = tag ? tag_row(tag) : NULL;

        if (!tag || strcmp(tag, "!") == 0)
                return NULL;
        if (!row)
                return "is not supported";
        if (row->kind == VALUE_TEXT && is_scalar(node)) {
                node->kind = VALUE_TEXT;
                node->boolean = false;
                node->number = 0;
        } else if (is_scalar(node)) {
                yaml_type_plain(node);
        }
        return node->kind == row->kind ? NULL : "does not fit what it stands before";
}
