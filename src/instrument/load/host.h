#pragma once
/* Name lookup of one host, timed. */

#include "instrument/load/plan.h"

/* Fills addresses and dns_ns, or dns_fault; true when there is an address. */
bool host_look_up(LoadHost *host, Arena *arena);
