#include "model/metric.h"

#include <string.h>

static const MetricDef metrics[] = {
#define METRIC(id, name, unit, direction, layer, aliases, help) \
        { METRIC_##id, name, UNIT_##unit, DIRECTION_##direction, LAYER_##layer, aliases, help },
#include "model/metrics.def"
#undef METRIC
};

static const char *const direction_names[] = {
#define X(id, name) name,
        DIRECTIONS(X)
#undef X
};

static const char *const layer_names[] = {
#define X(id, name) name,
        METRIC_LAYERS(X)
#undef X
};

/* What one unit of a key with this ending is in the metric's own unit. Sizes are binary, also in
 * "_mb": budgets for memory speak of container megabytes, which are 2^20 bytes. A percentage of
 * CPU is a share of one core, as top prints it: 100 % is 1 core. */
typedef struct KeySuffix {
        const char *text;
        Unit unit;
        double scale;
} KeySuffix;

static const KeySuffix key_suffixes[] = {
        { "_ns", UNIT_NS, 1 },
        { "_us", UNIT_NS, 1e3 },
        { "_ms", UNIT_NS, 1e6 },
        { "_s", UNIT_NS, 1e9 },
        { "_sec", UNIT_NS, 1e9 },
        { "_seconds", UNIT_NS, 1e9 },
        { "_minutes", UNIT_NS, 60e9 },
        { "_bytes", UNIT_BYTES, 1 },
        { "_kb", UNIT_BYTES, 1024.0 },
        { "_kib", UNIT_BYTES, 1024.0 },
        { "_mb", UNIT_BYTES, 1048576.0 },
        { "_mib", UNIT_BYTES, 1048576.0 },
        { "_gb", UNIT_BYTES, 1073741824.0 },
        { "_gib", UNIT_BYTES, 1073741824.0 },
        { "_bytes_per_s", UNIT_BYTES_PER_S, 1 },
        { "_kb_per_s", UNIT_BYTES_PER_S, 1024.0 },
        { "_mb_per_s", UNIT_BYTES_PER_S, 1048576.0 },
        { "_percent", UNIT_RATIO, 0.01 },
        { "_pct", UNIT_RATIO, 0.01 },
        { "_ratio", UNIT_RATIO, 1 },
        { "_percent", UNIT_CORES, 0.01 },
        { "_pct", UNIT_CORES, 0.01 },
        { "_cores", UNIT_CORES, 1 },
        { "_rps", UNIT_PER_S, 1 },
        { "_qps", UNIT_PER_S, 1 },
        { "_per_s", UNIT_PER_S, 1 },
        { "_per_second", UNIT_PER_S, 1 },
        { "_count", UNIT_COUNT, 1 },
};

const MetricDef *metric_def(MetricId id)
{
        BUG_IF((size_t)id >= COUNT(metrics));
        return &metrics[id];
}

static bool has_name(const MetricDef *def, Span name)
{
        Span rest = span_of(def->aliases), alias;

        if (span_is(name, def->name))
                return true;
        while (span_next_word(&rest, &alias))
                if (span_eq(name, alias))
                        return true;
        return false;
}

const MetricDef *metric_find(Span name)
{
        for (size_t i = 0; i < COUNT(metrics); i++)
                if (has_name(&metrics[i], name))
                        return &metrics[i];
        return NULL;
}

/* About a third of the letters may differ. */
const MetricDef *metric_nearest(Span name)
{
        size_t best = MIN(name.len, (size_t)64) / 3 + 1;
        const MetricDef *nearest = NULL;

        if (name.len > 64)
                return NULL;
        for (size_t i = 0; i < COUNT(metrics); i++) {
                size_t distance = span_distance(name, span_of(metrics[i].name));

                if (distance < name.len && distance < best + (nearest ? 0 : 1)) {
                        best = distance;
                        nearest = &metrics[i];
                }
        }
        return nearest;
}

static bool suffix_fits(const KeySuffix *suffix, const MetricDef *def)
{
        Unit unit = def->unit == UNIT_NS_PER_OP ? UNIT_NS : def->unit;

        return suffix->unit == unit;
}

const MetricDef *metric_from_key(Span key, double *ret_scale)
{
        const MetricDef *def;

        /* The suffix first: "cpu_percent" is also a name, but then its unit would be lost. */
        for (size_t i = 0; i < COUNT(key_suffixes); i++) {
                const KeySuffix *suffix = &key_suffixes[i];

                if (!span_ends(key, suffix->text))
                        continue;
                def = metric_find(span_first(key, key.len - strlen(suffix->text)));
                if (def && suffix_fits(suffix, def)) {
                        *ret_scale = suffix->scale;
                        return def;
                }
        }
        def = metric_find(key);
        if (def)
                *ret_scale = 1;
        return def;
}

const char *direction_name(Direction direction)
{
        BUG_IF((size_t)direction >= COUNT(direction_names));
        return direction_names[direction];
}

const char *metric_layer_name(MetricLayer layer)
{
        BUG_IF((size_t)layer >= COUNT(layer_names));
        return layer_names[layer];
}
