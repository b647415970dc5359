#pragma once
/* What the two readers of gperftools' older profiles share: addresses, and what is mapped there. */

#include "import/profile/address_map.h"

/* The frame of an address; `name` when the file says what stands there, else empty. */
uint32_t legacy_frame(Intake *in, Profile *p, const AddressMap *map, uint64_t address, Span name);
