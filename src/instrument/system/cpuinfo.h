#pragma once
/* The processor's name and whether it is a virtual one, from the text of /proc/cpuinfo. */

#include "base/span.h"

typedef struct CpuInfo {
        Span model;      /* "AMD EPYC 7763"; empty: the text does not say; in the arena */
        bool has_flags;  /* x86: the next one is known */
        bool hypervisor; /* runs under one */
} CpuInfo;

/* Of the first processor; never its frequency, which changes while it is read. */
CpuInfo cpuinfo_parse(Span text, Arena *arena);
/* From the strings of /sys/class/dmi/id, one a line: "kvm", "vmware", ...; NULL: not known. */
const char *hypervisor_name(Span dmi);
