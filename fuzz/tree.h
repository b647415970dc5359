#pragma once
/* What every tree of the readers must be: well-formed, and the same after writing and reading it
 * once more. */

#include "base/json.h"

static inline void write_tree(JsonWriter *w, const Value *v)
{
        switch (v->kind) {
        case VALUE_NULL:
                json_null(w);
                break;
        case VALUE_BOOL:
                json_bool(w, v->boolean);
                break;
        case VALUE_NUMBER:
                json_double(w, v->number);
                break;
        case VALUE_TEXT:
                json_span(w, v->text);
                break;
        case VALUE_LIST:
                json_open_array(w);
                value_each (child, v)
                        write_tree(w, child);
                json_close_array(w);
                break;
        case VALUE_MAP:
                json_open_object(w);
                value_each (child, v) {
                        json_key_span(w, child->key);
                        write_tree(w, child);
                }
                json_close_object(w);
                break;
        }
}

static inline void check_same(const Value *a, const Value *b)
{
        const Value *other = b->first;
        size_t n = 0;

        BUG_IF(a->kind != b->kind || a->count != b->count || !span_eq(a->key, b->key));
        BUG_IF(a->kind == VALUE_TEXT && !span_eq(a->text, b->text));
        BUG_IF(a->kind == VALUE_NUMBER && a->number != b->number);
        BUG_IF(a->kind == VALUE_BOOL && a->boolean != b->boolean);
        BUG_IF(a->line == 0 || a->column == 0);
        value_each (child, a) {
                BUG_IF(!other);
                BUG_IF(a->kind == VALUE_MAP && (child->key_line == 0 || child->key_column == 0));
                check_same(child, other);
                other = other->next;
                n++;
        }
        BUG_IF(other || n != a->count);
}

static inline void check_round_trip(const Document *doc, Arena *arena, bool pretty)
{
        Buf out = buf_in(arena, MiB(8));
        JsonWriter w = json_to(&out, pretty);
        Error err = { 0 };
        Document again;

        write_tree(&w, doc->root);
        if (out.overflowed)
                return;
        if (json_parse_strict(buf_span(&out), "again", arena, &again, &err) < 0)
                BUG_IF(err.code != ERR_LIMIT);
        else
                check_same(doc->root, again.root);
}

/* A refusal names the document and is one of the two codes that readers use. */
static inline void check_refusal(const Error *err, const char *name)
{
        BUG_IF(!span_starts(span_of(err->message), name));
        BUG_IF(err->code != ERR_INPUT && err->code != ERR_LIMIT);
}
