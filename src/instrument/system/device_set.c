#include "instrument/system/device_set.h"

#include <string.h>

Device *device_set_at(DeviceSet *set, Span name, bool *ret_new)
{
        Device *device;

        name = span_first(name, DEVICE_NAME_SIZE - 1);
        *ret_new = false;
        for (size_t i = 0; i < set->len; i++)
                if (span_is(name, set->items[i].name))
                        return &set->items[i];
        if (set->len == MOST_DEVICES) {
                set->overflowed = true;
                return NULL;
        }
        *ret_new = true;
        device = &set->items[set->len++];
        *device = (Device){ 0 };
        if (name.len)
                memcpy(device->name, name.ptr, name.len);
        return device;
}

void device_advance(Device *device, const uint64_t counters[static DEVICE_COUNTERS])
{
        for (size_t i = 0; i < DEVICE_COUNTERS; i++) {
                bool grew = device->known && counters[i] > device->last[i];

                device->recent[i] = grew ? counters[i] - device->last[i] : 0;
                device->total[i] += device->recent[i];
                device->last[i] = counters[i];
        }
        device->known = true;
}

static bool is_number(Span s)
{
        return span_to_u64(s, &(uint64_t){ 0 }, NULL) == 0;
}

bool device_is_part(const DeviceSet *set, Span name)
{
        for (size_t i = 0; i < set->len; i++) {
                Span whole = span_of(set->items[i].name), rest;

                if (name.len <= whole.len || !span_starts(name, set->items[i].name))
                        continue;
                rest = span_from(name, whole.len);
                if (is_number(rest) || (span_starts(rest, "p") && is_number(span_from(rest, 1))))
                        return true;
        }
        return false;
}
