/* SARIF 2.1.0: one run of hone, a rule for each source and metric, a result for each item that does
 * not pass, at the line of its rule. What an exception suppresses is a result with a suppression.
 */

#include <ctype.h>

#include "base/json.h"
#include "base/map.h"
#include "present/gate_export.h"
#include "present/glyph.h"

#define SCHEMA                                                                \
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" \
        "sarif-schema-2.1.0.json"
#define MOST_RULES 100000

static const char *const levels[] = {
        [GATE_LEVEL_NOTE] = "note",
        [GATE_LEVEL_WARNING] = "warning",
        [GATE_LEVEL_ERROR] = "error",
};

static const char *const rule_texts[] = {
        [GATE_SOURCE_BUDGET] = "is within its budget",
        [GATE_SOURCE_BASE] = "is not worse than the base beyond its tolerance",
        [GATE_SOURCE_HISTORY] = "has no change for the worse in its history",
        [GATE_SOURCE_SLO] = "keeps its objective",
};

/* An objective is a rule by its own name; all else is about a metric. */
static Span rule_name(const GateItem *item)
{
        bool by_metric = item->metric && item->source != GATE_SOURCE_SLO;

        return by_metric ? span_of(item->metric->name) : item->name;
}

static Span rule_id(const GateItem *item, Arena *arena)
{
        return text_printf(arena, "%s/%.*s", gate_source_name(item->source),
                           SPAN_ARG(rule_name(item)));
}

static void put_text(JsonWriter *w, const char *key, Span text)
{
        json_key(w, key);
        json_open_object(w);
        json_key(w, "text");
        json_span(w, text_clean(w->out->arena, text, CLEAN_LINE));
        json_close_object(w);
}

static void put_rule(const GateItem *item, Span id, JsonWriter *w)
{
        Arena *arena = w->out->arena;

        json_open_object(w);
        json_key(w, "id");
        json_span(w, id);
        put_text(
                w, "shortDescription",
                text_printf(arena, "%.*s %s", SPAN_ARG(rule_name(item)), rule_texts[item->source]));
        if (item->metric)
                put_text(w, "fullDescription", span_of(item->metric->help));
        json_close_object(w);
}

/* Rules in the order of the items; their numbers go to `indexes`. */
static void put_rules(const GateReport *report, Map *indexes, JsonWriter *w)
{
        json_key(w, "rules");
        json_open_array(w);
        for (size_t i = 0; i < report->result->len; i++) {
                const GateItem *item = &report->result->items[i];
                Span id = rule_id(item, w->out->arena);
                size_t known = indexes->len;
                MapSlot *slot = map_add(indexes, id);

                if (!slot || indexes->len == known)
                        continue;
                slot->number = known;
                put_rule(item, id, w);
        }
        json_close_array(w);
}

/* A path as a relative URI (RFC 3986): everything but unreserved characters and / as %XX. */
static Span path_as_uri(Span path, Arena *arena)
{
        Buf out = buf_in(arena, KiB(64));

        for (size_t i = 0; i < path.len; i++) {
                unsigned char c = (unsigned char)path.ptr[i];

                if (isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_' || c == '~')
                        buf_byte(&out, (char)c);
                else
                        buf_printf(&out, "%%%02X", c);
        }
        return buf_span(&out);
}

static void put_location(const GateReport *report, const GateItem *item, JsonWriter *w)
{
        Arena *arena = w->out->arena;
        Span path = gate_location(report, item, arena);

        json_key(w, "locations");
        json_open_array(w);
        json_open_object(w);
        json_key(w, "physicalLocation");
        json_open_object(w);
        json_key(w, "artifactLocation");
        json_open_object(w);
        json_key(w, "uri");
        json_span(w, path_as_uri(path, arena));
        if (!span_starts(path, "/")) {
                json_key(w, "uriBaseId");
                json_text(w, "%SRCROOT%");
        }
        json_close_object(w);
        json_key(w, "region");
        json_open_object(w);
        json_key(w, "startLine");
        json_u64(w, gate_line(item));
        json_close_object(w);
        json_close_object(w);
        json_close_object(w);
        json_close_array(w);
}

static void put_suppression(const GateItem *item, JsonWriter *w)
{
        if (item->verdict != GATE_SUPPRESSED)
                return;
        json_key(w, "suppressions");
        json_open_array(w);
        json_open_object(w);
        json_key(w, "kind");
        json_text(w, "external");
        json_key(w, "status");
        json_text(w, "accepted");
        if (item->exception) {
                json_key(w, "justification");
                json_span(w, item->exception->reason);
        }
        json_close_object(w);
        json_close_array(w);
}

static void put_result(const GateReport *report, const GateItem *item, const Map *indexes,
                       JsonWriter *w)
{
        Arena *arena = w->out->arena;
        Span id = rule_id(item, arena), name = gate_item_words(item, arena);
        const MapSlot *rule = map_find(indexes, id);

        json_open_object(w);
        json_key(w, "ruleId");
        json_span(w, id);
        if (rule) {
                json_key(w, "ruleIndex");
                json_u64(w, rule->number);
        }
        json_key(w, "level");
        json_text(w, levels[gate_level(report, item)]);
        put_text(w, "message",
                 text_printf(arena, "%.*s: %s: %.*s", SPAN_ARG(name),
                             gate_verdict_name(item->verdict), SPAN_ARG(item->reason)));
        put_location(report, item, w);
        json_key(w, "partialFingerprints");
        json_open_object(w);
        json_key(w, "honeGate/v1");
        json_span(w, gate_fingerprint(report, item, arena));
        json_close_object(w);
        put_suppression(item, w);
        json_close_object(w);
}

static void put_driver(const GateReport *report, Map *indexes, JsonWriter *w)
{
        json_key(w, "tool");
        json_open_object(w);
        json_key(w, "driver");
        json_open_object(w);
        json_key(w, "name");
        json_text(w, "hone");
        json_key(w, "version");
        json_text(w, HONE_VERSION);
        put_rules(report, indexes, w);
        json_close_object(w);
        json_close_object(w);
}

void sarif_gate(const GateReport *report, Buf *out)
{
        JsonWriter w = json_to(out, true);
        Map indexes = map_in(out->arena, MOST_RULES);

        json_open_object(&w);
        json_key(&w, "$schema");
        json_text(&w, SCHEMA);
        json_key(&w, "version");
        json_text(&w, "2.1.0");
        json_key(&w, "runs");
        json_open_array(&w);
        json_open_object(&w);
        put_driver(report, &indexes, &w);
        json_key(&w, "columnKind");
        json_text(&w, "unicodeCodePoints");
        json_key(&w, "results");
        json_open_array(&w);
        for (size_t i = 0; i < report->result->len; i++)
                if (gate_level(report, &report->result->items[i]) != GATE_LEVEL_NONE)
                        put_result(report, &report->result->items[i], &indexes, &w);
        json_close_array(&w);
        json_close_object(&w);
        json_close_array(&w);
        json_close_object(&w);
        buf_byte(out, '\n');
}
