#include "harness.h"

#include "analysis/use.h"

#include <math.h>

static Recording *machine(Arena *arena)
{
        return recording_new(arena, "system");
}

static void put(Recording *rec, MetricId metric, const char *subject, double value)
{
        recording_value(rec, metric, span_of(subject), value, 0);
}

TEST(use_of_nothing_measured_is_nothing_saturated)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        const UseTable tables[] = { use_table(NULL, arena), use_table(machine(arena), arena) };

        for (size_t t = 0; t < COUNT(tables); t++) {
                assert_int_equal(tables[t].bottleneck, -1);
                for (size_t i = 0; i < RESOURCE_COUNT_; i++) {
                        const UseRow *row = &tables[t].rows[i];

                        assert_int_equal(row->resource, i);
                        assert_true(isnan(row->utilisation) && isnan(row->saturation) &&
                                    isnan(row->errors));
                        assert_false(row->saturated);
                        assert_int_equal(row->saturation_text.len, 0);
                }
        }
}

TEST(use_calls_a_resource_saturated_from_its_limit)
{
        static const struct {
                MetricId metric;
                Resource resource;
                double below, at;
        } limits[] = {
                { METRIC_HOST_CPU, RESOURCE_CPU, 0.89, 0.90 },
                { METRIC_HOST_RUNQUEUE, RESOURCE_CPU, 0.49, 0.5 },
                { METRIC_RUNQUEUE_WAIT, RESOURCE_TARGET_CPU, 0.24, 0.25 },
                { METRIC_HOST_MEMORY, RESOURCE_MEMORY, 0.94, 0.95 },
                { METRIC_HOST_PSI_MEMORY, RESOURCE_MEMORY, 0.04, 0.05 },
                { METRIC_HOST_DISK_BUSY, RESOURCE_DISK, 0.89, 0.90 },
                { METRIC_HOST_PSI_IO, RESOURCE_DISK, 0.19, 0.20 },
        };

        for (size_t i = 0; i < COUNT(limits); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
                Recording *idle = machine(arena), *busy = machine(arena);
                UseTable table;

                put(idle, limits[i].metric, "", limits[i].below);
                put(busy, limits[i].metric, "", limits[i].at);
                table = use_table(idle, arena);
                assert_false(table.rows[limits[i].resource].saturated);
                assert_int_equal(table.bottleneck, -1);
                table = use_table(busy, arena);
                assert_true(table.rows[limits[i].resource].saturated);
                assert_int_equal(table.bottleneck, limits[i].resource);
        }
}

TEST(use_bottleneck_is_the_resource_furthest_past_its_limit)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Recording *rec = machine(arena);
        UseTable table;

        put(rec, METRIC_HOST_CPU, "", 0.95);       /* 1.06 of its limit */
        put(rec, METRIC_HOST_PSI_MEMORY, "", 0.5); /* 10 times */
        put(rec, METRIC_HOST_RUNQUEUE, "", 0.6);   /* 1.2 */
        put(rec, METRIC_RUNQUEUE_WAIT, "", 0.3);   /* 1.2 */
        table = use_table(rec, arena);
        assert_int_equal(table.bottleneck, RESOURCE_MEMORY);
        assert_true(table.rows[RESOURCE_CPU].saturated);
}

TEST(use_takes_the_busiest_part_where_the_whole_is_not_known)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Recording *parts = machine(arena), *whole = machine(arena);

        put(parts, METRIC_HOST_DISK_BUSY, "sda", 0.2);
        put(parts, METRIC_HOST_DISK_BUSY, "sdb", 0.7);
        put(parts, METRIC_HOST_DISK_BUSY, "sdc", NAN);
        assert_near(use_table(parts, arena).rows[RESOURCE_DISK].utilisation, 0.7, 0);
        put(whole, METRIC_HOST_DISK_BUSY, "sda", 0.9);
        put(whole, METRIC_HOST_DISK_BUSY, "", 0.3);
        assert_near(use_table(whole, arena).rows[RESOURCE_DISK].utilisation, 0.3, 0);
}

TEST(use_tells_what_the_target_takes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Recording *rec = machine(arena);
        UseTable table;

        put(rec, METRIC_CPU, "", 1.5);
        put(rec, METRIC_RUNQUEUE_WAIT, "", 0.1);
        put(rec, METRIC_FDS, "", 12);
        put(rec, METRIC_HOST_NET_ERRORS, "", 3);
        table = use_table(rec, arena);
        assert_true(span_contains(table.rows[RESOURCE_TARGET_CPU].saturation_text, "waiting"));
        assert_true(span_contains(table.rows[RESOURCE_TARGET_CPU].saturation_text, "1.5"));
        assert_true(span_contains(table.rows[RESOURCE_FDS].saturation_text, "12"));
        assert_near(table.rows[RESOURCE_NETWORK].errors, 3, 0);
}

TEST(use_names_every_resource)
{
        for (size_t i = 0; i < RESOURCE_COUNT_; i++)
                assert_true(resource_name((Resource)i)[0]);
}
