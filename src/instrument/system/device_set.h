#pragma once
/* Disks or network interfaces with counters that only grow, by name.
 *
 *         Device *d = device_set_at(&set, name);          // NULL past the ceiling
 *         device_advance(d, (uint64_t[]){ ops, bytes, busy_ms });
 *
 * A device that appears later starts with what it has counted then; one that vanishes keeps its
 * total; a counter that falls (unplugged and plugged in again) adds nothing.
 */

#include "base/span.h"

#define MOST_DEVICES 64
#define DEVICE_COUNTERS 3
#define DEVICE_NAME_SIZE 32 /* DISK_NAME_LEN; interfaces have 16 */

typedef struct Device {
        char name[DEVICE_NAME_SIZE];
        bool known;    /* has been advanced before */
        bool physical; /* stands for hardware: not a partition, a bridge, a loop */
        uint64_t last[DEVICE_COUNTERS];
        uint64_t recent[DEVICE_COUNTERS]; /* since the advance before */
        uint64_t total[DEVICE_COUNTERS];  /* since the first advance */
} Device;

typedef struct DeviceSet {
        Device items[MOST_DEVICES];
        size_t len;
        bool overflowed;
} DeviceSet;

/* Finds or makes; *ret_new tells which. Names are cut to their room. */
Device *device_set_at(DeviceSet *set, Span name, bool *ret_new);
void device_advance(Device *device, const uint64_t counters[static DEVICE_COUNTERS]);
/* "sda1" beside "sda", "nvme0n1p2" beside "nvme0n1". */
bool device_is_part(const DeviceSet *set, Span name);
