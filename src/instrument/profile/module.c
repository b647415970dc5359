#include "instrument/profile/module.h"

#include "base/fs.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILES 100000
#define MAX_MODULES 20000
#define MAX_STATUS KiB(64)

struct ModuleTable {
        Arena *arena;
        VEC(Module *) modules;
        Map files;     /* identity of a file to its FileRef */
        Map build_ids; /* to its Module */
        Module *kernel, *vdso, *overflow;
};

static Module *module_add(ModuleTable *t, ModuleKind kind, Span path)
{
        Module **slot = vec_add(t->arena, &t->modules);
        Module *m;

        if (!slot)
                return t->overflow;
        m = new (t->arena, Module, 1);
        *m = (Module){ .number = (uint32_t)t->modules.len - 1, .kind = kind, .path = path };
        *slot = m;
        return m;
}

ModuleTable *module_table_new(Arena *arena)
{
        ModuleTable *t = new (arena, ModuleTable, 1);

        t->arena = arena;
        t->modules.ceiling = MAX_MODULES;
        t->files = map_in(arena, MAX_FILES);
        t->build_ids = map_in(arena, MAX_MODULES);
        t->overflow = module_add(t, MODULE_FILE, SPAN("[too many files]"));
        t->overflow->problem = SPAN("more files are mapped than are followed");
        t->kernel = module_add(t, MODULE_KERNEL, SPAN("[kernel]"));
        return t;
}

size_t module_count(const ModuleTable *table)
{
        return table->modules.len;
}

Module *module_at(const ModuleTable *table, uint32_t number)
{
        BUG_IF(number >= table->modules.len);
        return table->modules.items[number];
}

Module *module_kernel(ModuleTable *table)
{
        return table->kernel;
}

FileRef *module_file(ModuleTable *t, const FileRef *like)
{
        Mark mark = arena_mark(t->arena);
        Span key = span_of(arena_printf(t->arena, "%u:%u:%llu:%d:%.*s", like->dev_major,
                                        like->dev_minor, (unsigned long long)like->inode,
                                        like->deleted, SPAN_ARG(like->path)));
        MapSlot *slot = map_find(&t->files, key);
        FileRef *file;

        if (slot) {
                arena_reset(t->arena, mark);
                return slot->pointer;
        }
        slot = map_add(&t->files, key);
        if (!slot)
                return NULL;
        file = new (t->arena, FileRef, 1);
        *file = *like;
        file->path = span_copy(t->arena, like->path);
        slot->pointer = file;
        return file;
}

static const char *const jit_prefixes[] = { "//anon",         "/memfd:", "/dev/zero",  "/SYSV",
                                            "/anon_hugepage", "[",       "anon_inode:" };

bool file_ref_is_jit(const FileRef *file)
{
        if (file->path.len == 0)
                return true;
        if (span_starts(file->path, "[vdso]"))
                return false;
        for (size_t i = 0; i < COUNT(jit_prefixes); i++)
                if (span_starts(file->path, jit_prefixes[i]))
                        return true;
        return false;
}

/* Regular files only; never waits on a pipe or a device that took the file's name. */
static int open_regular(const char *path, uint64_t inode, bool *ret_same)
{
        AUTO(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        *ret_same = inode == 0 || st.st_ino == inode;
        return TAKE_FD(fd);
}

typedef struct Place {
        const char *path;
        bool any_inode; /* accept a file that has another inode */
} Place;

static int open_mapped(ModuleTable *t, const FileRef *file, uint32_t pid, uint64_t start,
                       uint64_t end, bool *ret_replaced)
{
        const char *path = span_text(t->arena, file->path);
        const char *inside = arena_printf(t->arena, "/proc/%u/root%s", pid, path);
        const Place places[] = {
                { file->deleted ? "" : inside, false },
                { arena_printf(t->arena, "/proc/%u/map_files/%llx-%llx", pid,
                               (unsigned long long)start, (unsigned long long)end),
                  true },
                { file->deleted ? "" : path, false }, /* when the process is gone */
                { file->deleted ? "" : inside, true },
        };
        int r = -ENOENT;

        for (size_t i = 0; i < COUNT(places); i++) {
                bool same = false;
                int fd = places[i].path[0] ? open_regular(places[i].path, file->inode, &same)
                                           : -ENOENT;

                if (fd >= 0 && (same || places[i].any_inode)) {
                        *ret_replaced = !same && i + 1 == COUNT(places);
                        return fd;
                }
                if (fd >= 0)
                        close(fd);
                else if (i == 0)
                        r = fd;
        }
        return r;
}

/* Files of one build-id are one module: copies in containers, re-installed programs. */
static Module *merged_by_build_id(ModuleTable *t, Module *m)
{
        MapSlot *slot;

        if (!m->image || m->image->build_id.len == 0)
                return m;
        slot = map_add(&t->build_ids, m->image->build_id);
        if (!slot)
                return m;
        if (!slot->pointer)
                slot->pointer = m;
        return slot->pointer;
}

static Module *open_file(ModuleTable *t, const FileRef *file, uint32_t pid, uint64_t start,
                         uint64_t end)
{
        Module *m = module_add(t, MODULE_FILE, file->path);
        bool replaced = false;
        Error why = { 0 };
        int fd;

        if (m == t->overflow)
                return m;
        fd = open_mapped(t, file, pid, start, end, &replaced);
        m->replaced = replaced;
        if (fd < 0)
                (void)fail(&why, -fd, "cannot open '%.*s' of process %u", SPAN_ARG(file->path),
                           pid);
        else
                (void)elf_image_open(fd, span_text(t->arena, file->path), t->arena, &m->image,
                                     &why);
        if (!m->image)
                m->problem = span_copy(t->arena, span_of(why.message));
        return merged_by_build_id(t, m);
}

/* The kernel maps the same vDSO into every process: our own copy is read. */
static Span own_vdso(Arena *arena)
{
        Span maps, line;

        if (file_read("/proc/self/maps", MiB(64), arena, &maps, NULL) < 0)
                return (Span){ 0 };
        while (span_next_line(&maps, &line)) {
                Span range, from;
                uint64_t start, end;

                if (!span_ends(line, "[vdso]"))
                        continue;
                range = span_cut(&line, ' ');
                from = span_cut(&range, '-');
                if (span_to_hex(from, &start, NULL) < 0 || span_to_hex(range, &end, NULL) < 0)
                        break;
                return span_copy(arena,
                                 (Span){ (const char *)(uintptr_t)start, (size_t)(end - start) });
        }
        return (Span){ 0 };
}

static Module *open_vdso(ModuleTable *t)
{
        Error why = { 0 };
        Span bytes;

        if (t->vdso)
                return t->vdso;
        t->vdso = module_add(t, MODULE_VDSO, SPAN("[vdso]"));
        bytes = own_vdso(t->arena);
        if (elf_image_from_memory(bytes, "[vdso]", t->arena, &t->vdso->image, &why) < 0)
                t->vdso->problem = span_copy(t->arena, span_of(why.message));
        return t->vdso;
}

Module *module_of(ModuleTable *t, FileRef *file, uint32_t pid, uint64_t start, uint64_t end)
{
        if (!file->module)
                file->module = span_is(file->path, "[vdso]") ? open_vdso(t)
                                                             : open_file(t, file, pid, start, end);
        return file->module;
}

/* The last number of "NSpid:" is what the process calls itself in its innermost namespace. */
static uint32_t inner_pid(ModuleTable *t, uint32_t pid)
{
        Mark mark = arena_mark(t->arena);
        Span status, line, word;
        uint64_t inner = pid;

        if (file_read(arena_printf(t->arena, "/proc/%u/status", pid), MAX_STATUS, t->arena, &status,
                      NULL) == 0)
                while (span_next_line(&status, &line)) {
                        if (!span_starts(line, "NSpid:"))
                                continue;
                        (void)span_next_word(&line, &word);
                        while (span_next_word(&line, &word))
                                (void)span_to_u64(word, &inner, NULL);
                }
        arena_reset(t->arena, mark);
        return (uint32_t)inner;
}

Module *module_jit(ModuleTable *t, uint32_t pid)
{
        Module *m = module_add(t, MODULE_JIT, SPAN("[jit]"));

        if (m != t->overflow) {
                m->pid = pid;
                m->inner_pid = inner_pid(t, pid);
        }
        return m;
}
