#include "harness.h"

#include "instrument/system/device_set.h"

static Device *advance(DeviceSet *set, const char *name, uint64_t a)
{
        bool is_new;
        Device *d = device_set_at(set, span_of(name), &is_new);

        assert_non_null(d);
        device_advance(d, (uint64_t[]){ a, 0, 0 });
        return d;
}

TEST(devices_start_with_what_they_have_counted)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        DeviceSet *set = new (arena, DeviceSet, 1);

        assert_int_equal(advance(set, "sda", 100)->total[0], 0);
        assert_int_equal(advance(set, "sda", 130)->total[0], 30);
        assert_int_equal(advance(set, "sda", 10)->total[0], 30); /* plugged in again */
        assert_int_equal(advance(set, "sda", 15)->total[0], 35);
        assert_int_equal(set->len, 1);
}

TEST(devices_have_a_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        DeviceSet *set = new (arena, DeviceSet, 1);
        bool is_new;

        for (int i = 0; i < MOST_DEVICES; i++)
                advance(set, arena_printf(arena, "veth%d", i), 1);
        assert_false(set->overflowed);
        assert_null(device_set_at(set, SPAN("one-more"), &is_new));
        assert_true(set->overflowed);
        assert_non_null(device_set_at(set, SPAN("veth0"), &is_new));
        assert_false(is_new);
}

TEST(device_names_are_cut_to_their_room)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        DeviceSet *set = new (arena, DeviceSet, 1);
        char *name = arena_printf(arena, "%0*d", 500, 7);

        assert_int_equal(strlen(advance(set, name, 1)->name), DEVICE_NAME_SIZE - 1);
        assert_int_equal(advance(set, name, 5)->total[0], 4);
        assert_int_equal(advance(set, "", 5)->total[0], 0);
}

TEST(parts_of_disks_are_known_by_name)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        DeviceSet *set = new (arena, DeviceSet, 1);

        advance(set, "sda", 1);
        advance(set, "nvme0n1", 1);
        assert_true(device_is_part(set, SPAN("sda1")));
        assert_true(device_is_part(set, SPAN("nvme0n1p12")));
        assert_false(device_is_part(set, SPAN("sdaa")));
        assert_false(device_is_part(set, SPAN("sda")));
        assert_false(device_is_part(set, SPAN("sdb1")));
        assert_false(device_is_part(set, SPAN("nvme0n1p")));
}
