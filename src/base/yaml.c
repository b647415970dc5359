#include "base/yaml.h"

#include "base/map.h"
#include "base/value_build.h"

#include <string.h>
#include <yaml.h>

#define MAX_DEPTH 64
#define MAX_ANCHORS 1000
#define MAX_ALIAS_NODES 100000

/* One reading: libyaml's events become nodes. */
typedef struct Reader {
        yaml_parser_t parser;
        yaml_event_t event; /* the current one */
        bool has_event;
        const char *name;
        Arena *arena;
        Error *err;
        Map anchors; /* name -> Value */
        size_t alias_nodes;
        Document *doc;
} Reader;

static Place place_of(yaml_mark_t mark)
{
        return (Place){ (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

static Place here(const Reader *rd)
{
        return place_of(rd->event.start_mark);
}

static void reader_done(Reader *rd)
{
        if (rd->has_event)
                yaml_event_delete(&rd->event);
        yaml_parser_delete(&rd->parser);
}

static int next_event(Reader *rd)
{
        if (rd->has_event)
                yaml_event_delete(&rd->event);
        rd->has_event = yaml_parser_parse(&rd->parser, &rd->event);
        if (!rd->has_event)
                return value_fail_at(rd->err, ERR_INPUT, rd->name,
                                     place_of(rd->parser.problem_mark), "%s%s%s",
                                     rd->parser.context ? rd->parser.context : "",
                                     rd->parser.context ? ", " : "",
                                     rd->parser.problem ? rd->parser.problem : "not YAML");
        return 0;
}

static Value *node_new(Reader *rd, ValueKind kind)
{
        Value *v = new_try(rd->arena, Value, 1);

        if (v) {
                Place place = here(rd);

                v->kind = kind;
                v->line = place.line;
                v->column = place.column;
        }
        return v;
}

static bool is_core_tag(const char *tag)
{
        return !tag || strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0 ||
               strcmp(tag, YAML_SEQ_TAG) == 0 || strcmp(tag, YAML_MAP_TAG) == 0;
}

static bool is_plain_number(Span text)
{
        Span digits = span_starts(text, "-") ? span_from(text, 1) : text;

        if (digits.len == 0 || digits.ptr[0] < '0' || digits.ptr[0] > '9')
                return false;
        return !(digits.len > 1 && digits.ptr[0] == '0' && digits.ptr[1] >= '0' &&
                 digits.ptr[1] <= '9'); /* "012" stays text */
}

/* The core schema: null, true, false and numbers; everything else is text. */
static void type_scalar(Value *v, bool plain)
{
        Error none = { 0 };

        v->kind = VALUE_TEXT;
        if (!plain)
                return;
        if (v->text.len == 0 || span_is(v->text, "~") || span_is(v->text, "null"))
                v->kind = VALUE_NULL;
        else if (span_is(v->text, "true") || span_is(v->text, "false"))
                v->kind = VALUE_BOOL;
        else if (is_plain_number(v->text) && span_to_double(v->text, &v->number, &none) == 0)
                v->kind = VALUE_NUMBER;
        v->boolean = span_is(v->text, "true");
}

static int remember_anchor(Reader *rd, const yaml_char_t *anchor, Value *v)
{
        MapSlot *slot;
        Span name;

        if (!anchor)
                return 0;
        name = span_copy(rd->arena, span_of((const char *)anchor));
        slot = map_add(&rd->anchors, name);
        if (!slot)
                return value_fail_at(rd->err, ERR_LIMIT, rd->name, here(rd), "more than %d anchors",
                                     MAX_ANCHORS);
        slot->pointer = v;
        return 0;
}

static int read_node(Reader *rd, unsigned depth, Value **ret);

static int read_scalar(Reader *rd, Value **ret)
{
        const char *tag = (const char *)rd->event.data.scalar.tag;
        Span text = { (const char *)rd->event.data.scalar.value, rd->event.data.scalar.length };
        bool plain = rd->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !tag;
        Value *v = node_new(rd, VALUE_TEXT);
        char *copy = new_try(rd->arena, char, text.len + 1);

        if (!v || !copy)
                return value_fail_full(rd->err, rd->name, here(rd));
        if (!is_core_tag(tag))
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "the tag '%s' is not supported", tag);
        memcpy(copy, text.ptr, text.len);
        v->text = (Span){ copy, text.len };
        type_scalar(v, plain);
        *ret = v;
        return remember_anchor(rd, rd->event.data.scalar.anchor, v);
}

/* A copy of what the anchor stands for, counted against the ceiling. */
static int copy_node(Reader *rd, const Value *from, unsigned depth, Value **ret)
{
        Value *v = new_try(rd->arena, Value, 1);
        ValueList children = { 0 };

        if (!v)
                return value_fail_full(rd->err, rd->name, here(rd));
        if (depth > MAX_DEPTH)
                return value_fail_at(rd->err, ERR_LIMIT, rd->name, here(rd),
                                     "aliases nest deeper than %d levels", MAX_DEPTH);
        if (++rd->alias_nodes > MAX_ALIAS_NODES)
                return value_fail_at(rd->err, ERR_LIMIT, rd->name, here(rd),
                                     "aliases add more than %d nodes", MAX_ALIAS_NODES);
        *v = *from;
        v->key = (Span){ 0 };
        v->next = NULL;
        value_each (child, from) {
                Value *copy;
                int r = copy_node(rd, child, depth + 1, &copy);

                if (r < 0)
                        return r;
                copy->key = child->key;
                value_append(&children, copy);
        }
        value_adopt(v, &children);
        *ret = v;
        return 0;
}

static int read_alias(Reader *rd, unsigned depth, Value **ret)
{
        Span name = span_of((const char *)rd->event.data.alias.anchor);
        const MapSlot *slot = map_find(&rd->anchors, name);

        if (!slot)
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "no anchor '%.*s' stands before this", SPAN_ARG(name));
        return copy_node(rd, slot->pointer, depth, ret);
}

static int read_list(Reader *rd, unsigned depth, Value **ret)
{
        const char *tag = (const char *)rd->event.data.sequence_start.tag;
        Value *v = node_new(rd, VALUE_LIST);
        ValueList children = { 0 };
        Span anchor = { 0 };
        int r;

        if (!v)
                return value_fail_full(rd->err, rd->name, here(rd));
        if (!is_core_tag(tag))
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "the tag '%s' is not supported", tag);
        if (rd->event.data.sequence_start.anchor)
                anchor = span_copy(rd->arena,
                                   span_of((const char *)rd->event.data.sequence_start.anchor));
        for (;;) {
                Value *child;

                r = next_event(rd);
                if (r < 0)
                        return r;
                if (rd->event.type == YAML_SEQUENCE_END_EVENT)
                        break;
                r = read_node(rd, depth + 1, &child);
                if (r < 0)
                        return r;
                value_append(&children, child);
        }
        value_adopt(v, &children);
        *ret = v;
        return remember_anchor(rd, (const yaml_char_t *)anchor.ptr, v);
}

static int read_key(Reader *rd, Span *ret)
{
        Span key = { (const char *)rd->event.data.scalar.value, rd->event.data.scalar.length };

        if (rd->event.type != YAML_SCALAR_EVENT)
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "a key must be plain text");
        if (span_is(key, "<<"))
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "merge keys ('<<') are not supported");
        *ret = span_copy(rd->arena, key);
        return 0;
}

static int read_map(Reader *rd, unsigned depth, Value **ret)
{
        const char *tag = (const char *)rd->event.data.mapping_start.tag;
        Value *v = node_new(rd, VALUE_MAP);
        ValueList children = { 0 };
        Span anchor = { 0 };
        int r;

        if (!v)
                return value_fail_full(rd->err, rd->name, here(rd));
        if (!is_core_tag(tag))
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "the tag '%s' is not supported", tag);
        if (rd->event.data.mapping_start.anchor)
                anchor = span_copy(rd->arena,
                                   span_of((const char *)rd->event.data.mapping_start.anchor));
        for (;;) {
                Value *child;
                Span key;

                r = next_event(rd);
                if (r < 0)
                        return r;
                if (rd->event.type == YAML_MAPPING_END_EVENT)
                        break;
                r = read_key(rd, &key);
                if (r == 0)
                        r = next_event(rd);
                if (r == 0)
                        r = read_node(rd, depth + 1, &child);
                if (r < 0)
                        return r;
                child->key = key;
                value_append(&children, child);
        }
        value_adopt(v, &children);
        r = value_check_keys(rd->doc, v, rd->arena, rd->err);
        if (r < 0)
                return r;
        *ret = v;
        return remember_anchor(rd, (const yaml_char_t *)anchor.ptr, v);
}

/* The current event starts a node. */
static int read_node(Reader *rd, unsigned depth, Value **ret)
{
        if (depth > MAX_DEPTH)
                return value_fail_at(rd->err, ERR_LIMIT, rd->name, here(rd),
                                     "nested deeper than %d levels", MAX_DEPTH);
        switch (rd->event.type) {
        case YAML_SCALAR_EVENT:
                return read_scalar(rd, ret);
        case YAML_SEQUENCE_START_EVENT:
                return read_list(rd, depth, ret);
        case YAML_MAPPING_START_EVENT:
                return read_map(rd, depth, ret);
        case YAML_ALIAS_EVENT:
                return read_alias(rd, depth, ret);
        default:
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "expected a value here");
        }
}

static int read_document(Reader *rd, Value **ret)
{
        int r = next_event(rd); /* start of the stream */

        if (r == 0)
                r = next_event(rd);
        if (r < 0)
                return r;
        if (rd->event.type == YAML_STREAM_END_EVENT) {
                *ret = node_new(rd, VALUE_NULL);
                return *ret ? 0 : value_fail_full(rd->err, rd->name, here(rd));
        }
        r = next_event(rd);
        if (r == 0)
                r = read_node(rd, 0, ret);
        if (r == 0)
                r = next_event(rd); /* end of the document */
        if (r == 0)
                r = next_event(rd);
        if (r == 0 && rd->event.type != YAML_STREAM_END_EVENT)
                return value_fail_at(rd->err, ERR_INPUT, rd->name, here(rd),
                                     "only one document is expected");
        return r;
}

int yaml_parse(Span text, const char *name, Arena *arena, Document *ret, Error *err)
{
        Document doc = { .name = name };
        Reader rd = { .name = name,
                      .arena = arena,
                      .err = err,
                      .anchors = map_in(arena, MAX_ANCHORS),
                      .doc = &doc };
        Value *root = NULL;
        int r;

        if (!yaml_parser_initialize(&rd.parser))
                return fail(err, ERR_LIMIT, "%s: out of memory", name);
        yaml_parser_set_input_string(&rd.parser, (const unsigned char *)text.ptr, text.len);
        r = read_document(&rd, &root);
        reader_done(&rd);
        if (r < 0)
                return r;
        doc.root = root;
        *ret = doc;
        return 0;
}
