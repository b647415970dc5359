#include "base/yaml.h"

#include "base/map.h"
#include "base/value_build.h"
#include "base/yaml_int.h"

#include <string.h>
#include <yaml.h>

#define MAX_TAG_DIRECTIVES 100

/* One reading: libyaml's events become nodes. */
typedef struct Reader {
        yaml_parser_t parser;
        yaml_event_t event; /* the current one */
        bool has_event;
        Span text;
        Arena *arena;
        Map anchors; /* name -> Anchor */
        size_t alias_nodes;
        unsigned depth;
        const Document *doc;
        Error *err;
} Reader;

/* A node with what it costs to stand for it once more. */
typedef struct Node {
        Value *value;
        size_t n_nodes;  /* itself and all below it, aliases counted as what they stand for */
        unsigned height; /* levels of lists and maps */
} Node;

typedef struct Anchor {
        Node node; /* node.value is NULL until its end was read */
} Anchor;

static Place place_of(yaml_mark_t mark)
{
        return (Place){ (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

#define STUMBLE(in, code, ...)                                                              \
        value_fail_at((in)->err, (code), (in)->doc->name, place_of((in)->event.start_mark), \
                      __VA_ARGS__)

static int fail_full(const Reader *in)
{
        return value_fail_full(in->err, in->doc->name, place_of(in->event.start_mark));
}

static void reader_done(Reader *in)
{
        if (in->has_event)
                yaml_event_delete(&in->event);
        yaml_parser_delete(&in->parser);
}

/* libyaml knows only the offset of bytes that it cannot decode. */
static Place place_of_offset(Span text, size_t offset)
{
        Span rest = span_first(text, offset);
        Place place = { 1, 1 };

        for (ptrdiff_t end; (end = span_find_byte(rest, '\n')) >= 0;) {
                rest = span_from(rest, (size_t)end + 1);
                place.line++;
        }
        for (size_t i = 0; i < rest.len; i++)
                place.column += ((unsigned char)rest.ptr[i] & 0xC0) != 0x80;
        return place;
}

static int fail_of_parser(const Reader *in)
{
        const yaml_parser_t *p = &in->parser;
        const char *name = in->doc->name, *problem = p->problem ? p->problem : "not YAML";

        if (p->error == YAML_MEMORY_ERROR)
                return value_fail_full(in->err, name, place_of(p->mark));
        if (p->error == YAML_READER_ERROR)
                return value_fail_at(in->err, ERR_INPUT, name,
                                     place_of_offset(in->text, p->problem_offset), "%s", problem);
        if (!p->context)
                return value_fail_at(in->err, ERR_INPUT, name, place_of(p->problem_mark), "%s",
                                     problem);
        return value_fail_at(in->err, ERR_INPUT, name, place_of(p->problem_mark),
                             "%s (%s from line %u)", problem, p->context,
                             place_of(p->context_mark).line);
}

static int next_event(Reader *in)
{
        if (in->has_event)
                yaml_event_delete(&in->event);
        in->has_event = yaml_parser_parse(&in->parser, &in->event);
        return in->has_event ? 0 : fail_of_parser(in);
}

/* NULL: the arena is full; the caller says so. */
static Value *value_here(const Reader *in)
{
        Place place = place_of(in->event.start_mark);
        Value *v = new_try(in->arena, Value, 1);

        if (v) {
                v->line = place.line;
                v->column = place.column;
        }
        return v;
}

/* The text of an event, which ends with the event, copied to stay. */
static int keep_text(const Reader *in, Span text, Span *ret)
{
        char *copy = new_try(in->arena, char, text.len + 1);

        if (!copy)
                return fail_full(in);
        if (text.len)
                memcpy(copy, text.ptr, text.len);
        *ret = (Span){ copy, text.len };
        return 0;
}

static Span scalar_text(const Reader *in)
{
        return (Span){ (const char *)in->event.data.scalar.value, in->event.data.scalar.length };
}

/* Makes the anchor of the current node; *ret is NULL when it has none. */
static int open_anchor(Reader *in, const yaml_char_t *name, Anchor **ret)
{
        Span key = { 0 };
        MapSlot *slot;
        Anchor *anchor;
        int r;

        *ret = NULL;
        if (!name)
                return 0;
        r = keep_text(in, span_of((const char *)name), &key);
        if (r < 0)
                return r;
        slot = map_add(&in->anchors, key);
        if (!slot && in->anchors.len >= YAML_MAX_ANCHORS)
                return STUMBLE(in, ERR_LIMIT, "more than %d anchors", YAML_MAX_ANCHORS);
        anchor = new_try(in->arena, Anchor, 1);
        if (!slot || !anchor)
                return fail_full(in);
        slot->pointer = anchor; /* a later anchor of the same name takes its place */
        *ret = anchor;
        return 0;
}

static void close_anchor(Anchor *anchor, const Node *node)
{
        if (anchor)
                anchor->node = *node;
}

static int apply_tag(const Reader *in, Value *node, const yaml_char_t *tag)
{
        const char *wrong = yaml_apply_tag(node, (const char *)tag);

        return wrong ? STUMBLE(in, ERR_INPUT, "the tag '%s' %s", (const char *)tag, wrong) : 0;
}

static int read_scalar(Reader *in, Node *ret)
{
        Node node = { .value = value_here(in), .n_nodes = 1 };
        const yaml_char_t *tag = in->event.data.scalar.tag;
        Anchor *anchor = NULL;
        int r;

        if (!node.value)
                return fail_full(in);
        node.value->kind = VALUE_TEXT;
        r = keep_text(in, scalar_text(in), &node.value->text);
        if (r == 0)
                r = open_anchor(in, in->event.data.scalar.anchor, &anchor);
        if (r == 0 && !tag && in->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
                yaml_type_plain(node.value);
        if (r == 0)
                r = apply_tag(in, node.value, tag);
        if (r < 0)
                return r;
        close_anchor(anchor, &node);
        *ret = node;
        return 0;
}

/* The node of the anchor once more: a value of its own that shares the anchor's children. */
static int read_alias(Reader *in, Node *ret)
{
        const char *name = (const char *)in->event.data.alias.anchor;
        const MapSlot *slot = map_find(&in->anchors, span_of(name));
        const Node *from = slot ? &((const Anchor *)slot->pointer)->node : NULL;
        Value *copy = value_here(in);

        if (!from)
                return STUMBLE(in, ERR_INPUT, "no anchor '%s' stands before this", name);
        if (!from->value)
                return STUMBLE(in, ERR_INPUT, "the anchor '%s' holds itself", name);
        if (in->depth + from->height > YAML_MAX_DEPTH)
                return STUMBLE(in, ERR_LIMIT, "more than %d levels of nesting", YAML_MAX_DEPTH);
        in->alias_nodes += from->n_nodes;
        if (in->alias_nodes > YAML_MAX_ALIAS_NODES)
                return STUMBLE(in, ERR_LIMIT, "aliases add more than %d nodes",
                               YAML_MAX_ALIAS_NODES);
        if (!copy)
                return fail_full(in);
        *ret = *from;
        ret->value = copy;
        *copy = (Value){ .kind = from->value->kind,
                         .line = copy->line,
                         .column = copy->column,
                         .text = from->value->text,
                         .number = from->value->number,
                         .boolean = from->value->boolean,
                         .count = from->value->count,
                         .first = from->value->first };
        return 0;
}

typedef struct Key {
        Span text;
        Place place;
} Key;

static int read_key(Reader *in, Key *ret)
{
        const yaml_char_t *tag = in->event.data.scalar.tag;
        bool plain;

        if (in->event.type != YAML_SCALAR_EVENT)
                return STUMBLE(in, ERR_INPUT, "a key must be text");
        plain = in->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (plain && span_is(scalar_text(in), "<<"))
                return STUMBLE(in, ERR_INPUT, "merge keys ('<<') are not supported");
        if (plain && in->event.data.scalar.length == 0)
                return STUMBLE(in, ERR_INPUT, "expected a key");
        if (in->event.data.scalar.anchor || (tag && strcmp((const char *)tag, YAML_STR_TAG) != 0))
                return STUMBLE(in, ERR_INPUT, "a key can have no anchor and no tag");
        ret->place = place_of(in->event.start_mark);
        return keep_text(in, scalar_text(in), &ret->text);
}

static int read_node(Reader *in, Node *ret);

/* The current event is a key when `in_map`, else the item itself. */
static int read_child(Reader *in, bool in_map, Node *ret)
{
        Key key = { 0 };
        Node child;
        int r = 0;

        if (in_map) {
                r = read_key(in, &key);
                if (r == 0)
                        r = next_event(in);
        }
        if (r == 0)
                r = read_node(in, &child);
        if (r < 0)
                return r;
        child.value->key = key.text;
        child.value->key_line = key.place.line;
        child.value->key_column = key.place.column;
        *ret = child;
        return 0;
}

static int read_children(Reader *in, yaml_event_type_t end, Node *parent)
{
        bool in_map = end == YAML_MAPPING_END_EVENT;
        ValueList list = { 0 };
        int r;

        for (;;) {
                Node child;

                r = next_event(in);
                if (r < 0)
                        return r;
                if (in->event.type == end)
                        break;
                r = read_child(in, in_map, &child);
                if (r < 0)
                        return r;
                value_append(&list, child.value);
                parent->n_nodes += child.n_nodes;
                parent->height = MAX(parent->height, child.height + 1);
        }
        value_adopt(parent->value, &list);
        return in_map ? value_check_keys(in->doc, parent->value, in->arena, in->err) : 0;
}

typedef struct Opening {
        ValueKind kind;
        yaml_event_type_t end;
        const yaml_char_t *anchor, *tag;
} Opening;

static int read_collection(Reader *in, const Opening *opening, Node *ret)
{
        Node node = { .value = value_here(in), .n_nodes = 1, .height = 1 };
        yaml_event_type_t end = opening->end;
        Anchor *anchor = NULL;
        int r;

        if (!node.value)
                return fail_full(in);
        if (in->depth >= YAML_MAX_DEPTH)
                return STUMBLE(in, ERR_LIMIT, "more than %d levels of nesting", YAML_MAX_DEPTH);
        node.value->kind = opening->kind;
        r = apply_tag(in, node.value, opening->tag);
        if (r == 0)
                r = open_anchor(in, opening->anchor, &anchor);
        in->depth++;
        if (r == 0)
                r = read_children(in, end, &node);
        in->depth--;
        if (r < 0)
                return r;
        close_anchor(anchor, &node);
        *ret = node;
        return 0;
}

static int read_list(Reader *in, Node *ret)
{
        Opening opening = { VALUE_LIST, YAML_SEQUENCE_END_EVENT,
                            in->event.data.sequence_start.anchor,
                            in->event.data.sequence_start.tag };

        return read_collection(in, &opening, ret);
}

static int read_map(Reader *in, Node *ret)
{
        Opening opening = { VALUE_MAP, YAML_MAPPING_END_EVENT, in->event.data.mapping_start.anchor,
                            in->event.data.mapping_start.tag };

        return read_collection(in, &opening, ret);
}

static int (*const node_readers[])(Reader *, Node *) = {
        [YAML_ALIAS_EVENT] = read_alias,
        [YAML_SCALAR_EVENT] = read_scalar,
        [YAML_SEQUENCE_START_EVENT] = read_list,
        [YAML_MAPPING_START_EVENT] = read_map,
};

/* The current event starts a node. */
static int read_node(Reader *in, Node *ret)
{
        size_t type = (size_t)in->event.type;

        if (type >= COUNT(node_readers) || !node_readers[type])
                return STUMBLE(in, ERR_INPUT, "expected a value");
        return node_readers[type](in, ret);
}

static int read_stream(Reader *in, Node *ret)
{
        int r = next_event(in); /* the stream starts */

        if (r == 0)
                r = next_event(in);
        if (r < 0)
                return r;
        if (in->event.type == YAML_STREAM_END_EVENT) {
                ret->value = value_here(in);
                return ret->value ? 0 : fail_full(in);
        }
        r = next_event(in); /* past the start of the document */
        if (r == 0)
                r = read_node(in, ret);
        if (r == 0)
                r = next_event(in); /* the document ends */
        if (r == 0)
                r = next_event(in);
        if (r == 0 && in->event.type != YAML_STREAM_END_EVENT)
                return STUMBLE(in, ERR_INPUT, "a second document starts here, one is expected");
        return r;
}

/* libyaml compares every tag directive with all before it, before it tells of the first. */
static int check_directives(Span text, const char *name, Error *err)
{
        Span rest = text;
        size_t n = 0;

        for (ptrdiff_t at; (at = span_find(rest, SPAN("%TAG"))) >= 0; n++) {
                rest = span_from(rest, (size_t)at + 1);
                if (n >= MAX_TAG_DIRECTIVES)
                        return value_fail_at(
                                err, ERR_LIMIT, name,
                                place_of_offset(text, (size_t)(rest.ptr - text.ptr) - 1),
                                "more than %d tag directives", MAX_TAG_DIRECTIVES);
        }
        return 0;
}

int yaml_parse(Span text, const char *name, Arena *arena, Document *ret, Error *err)
{
        Document doc = { .name = name };
        AUTO(reader_done)
        Reader in = { .text = text,
                      .arena = arena,
                      .anchors = map_in(arena, YAML_MAX_ANCHORS),
                      .doc = &doc,
                      .err = err };
        Node root = { 0 };
        int r;

        if (text.len > YAML_MAX_BYTES)
                return value_fail_full(err, name, (Place){ 0 });
        r = check_directives(text, name, err);
        if (r < 0)
                return r;
        if (!yaml_parser_initialize(&in.parser))
                return value_fail_full(err, name, (Place){ 0 });
        yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&in.parser, (const unsigned char *)(text.ptr ? text.ptr : ""),
                                     text.len);
        r = read_stream(&in, &root);
        if (r < 0)
                return r;
        doc.root = root.value;
        *ret = doc;
        return 0;
}
