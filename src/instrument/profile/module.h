#pragma once
/* What code lives in: files, the vDSO, code made at run time, the kernel. Each file is opened
 * once, however many processes map it; files with one build-id are one module.
 *
 *         ModuleTable *modules = module_table_new(arena);
 *         FileRef *file = module_file(modules, &identity);          // cheap: opens nothing
 *         Module *module = module_of(modules, file, pid, start, end);   // opens at first use
 *
 * A process's files are reached through /proc/PID/root, so containers work; a file that was
 * replaced or deleted since is reached through /proc/PID/map_files where that is permitted.
 * Modules are never NULL: what cannot be opened is a module without an image that says why.
 */

#include "instrument/profile/elf_image.h"

#include "base/map.h"

typedef enum ModuleKind { MODULE_FILE, MODULE_VDSO, MODULE_JIT, MODULE_KERNEL } ModuleKind;

typedef struct Module {
        uint32_t number;
        ModuleKind kind;
        Span path;
        ElfImage *image;    /* NULL: could not be opened, or no file */
        Span problem;       /* why there is no image; empty otherwise */
        bool replaced;      /* the file at the path is not the one that is mapped */
        uint32_t pid;       /* MODULE_JIT: whose code it is */
        uint32_t inner_pid; /* and its number inside its container */
} Module;

/* A file as mappings name it. */
typedef struct FileRef {
        Span path; /* with "[vdso]" and the like; without " (deleted)" */
        uint64_t inode;
        uint32_t dev_major, dev_minor;
        bool deleted;
        Module *module; /* NULL: not needed yet */
} FileRef;

typedef struct ModuleTable ModuleTable;

ModuleTable *module_table_new(Arena *arena);
/* NULL past the ceiling. `like` is copied. */
FileRef *module_file(ModuleTable *table, const FileRef *like);
/* The mapping's exact range helps to reach a deleted file. */
Module *module_of(ModuleTable *table, FileRef *file, uint32_t pid, uint64_t start, uint64_t end);
Module *module_jit(ModuleTable *table, uint32_t pid);
Module *module_kernel(ModuleTable *table);
size_t module_count(const ModuleTable *table);
Module *module_at(const ModuleTable *table, uint32_t number);
/* Is it code without a file behind it: anonymous memory, memfd and shared memory? */
bool file_ref_is_jit(const FileRef *file);
