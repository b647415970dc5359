#pragma once
/* The processes seen while sampling: their mappings, and the names of their threads.
 *
 *         ProcessTable *table = process_table_new(arena, modules);
 *         process_apply(table, &record);            // mmap, comm, fork, exec, exit
 *         Process *p = process_get(table, pid);     // reads /proc/PID/maps when it is new
 *         process_find(table, p, pc, &place);
 *
 * A fork shares the parent's list until one of them maps something; exec starts an empty one.
 * All has ceilings; processes past them have no mappings and their frames no names.
 */

#include "instrument/profile/mapping.h"
#include "instrument/profile/perf_record.h"

typedef struct Process {
        uint32_t pid;
        MappingList *maps;
        Module *jit;             /* made when code without a file is first seen */
        uint64_t next_reread_ns; /* when maps may be read again after an unknown address */
        bool exited;
} Process;

typedef struct ProcessTable ProcessTable;

/* Where an address is: in which module, and at which virtual address of its file. */
typedef struct Place {
        Module *module;
        uint64_t vaddr;
} Place;

ProcessTable *process_table_new(Arena *arena, ModuleTable *modules);
/* NULL past the ceiling. */
Process *process_get(ProcessTable *table, uint32_t pid);
void process_apply(ProcessTable *table, const PerfRecord *record);
/* Reads its mappings and the names of its threads from /proc. */
int process_load(ProcessTable *table, uint32_t pid, Error *err);
/* False when nothing is known to be mapped there, even after looking again. */
bool process_find(ProcessTable *table, Process *process, uint64_t address, uint64_t now_ns,
                  Place *ret);
Span process_thread_name(ProcessTable *table, uint32_t pid, uint32_t tid);
