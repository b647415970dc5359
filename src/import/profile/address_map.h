#pragma once
/* Which file is mapped at an address: the /proc/PID/maps text at the end of gperftools' profiles.
 *
 *         AddressMap map = address_map(&in, text);
 *         Span path = address_map_find(&map, 0x42ef04);      // empty: not known
 */

#include "import/profile/intake.h"

typedef struct AddressRange {
        uint64_t start, end;
        Span path;
} AddressRange;

typedef struct AddressMap {
        VEC(AddressRange) ranges; /* by start */
} AddressMap;

/* Lines that are none of such a table are passed over; at most 100,000 are kept. */
AddressMap address_map(Intake *in, Span text);
Span address_map_find(const AddressMap *map, uint64_t address);
