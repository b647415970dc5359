#include "instrument/profile/process.h"

#include "instrument/profile/profile_limits.h"

#include "base/fs.h"
#include "base/vec.h"

#include <dirent.h>

#define MAX_PROCESSES 200000
#define MAX_THREADS 1000000
#define MAX_MAPS_TEXT MiB(64)
#define REREAD_EVERY_NS (100 * NS_PER_MS)

struct ProcessTable {
        Arena *arena;
        Arena *scratch; /* for text of /proc; reset after each use */
        ModuleTable *modules;
        Map processes; /* by pid */
        Map threads;   /* by tid: the number of its name in `names`, plus one */
        Map name_ids;
        VEC(Span) names;
        MappingList **spare; /* lists without users, kept for their room */
        size_t n_spare, spare_room;
};

static void release_scratch(void *resource)
{
        (void)arena_free(resource);
}

ProcessTable *process_table_new(Arena *arena, ModuleTable *modules)
{
        ProcessTable *t = new (arena, ProcessTable, 1);

        *t = (ProcessTable){ .arena = arena,
                             .scratch = arena_new(2 * MAX_MAPS_TEXT + MiB(4)),
                             .modules = modules,
                             .processes = map_in(arena, MAX_PROCESSES),
                             .threads = map_in(arena, MAX_THREADS),
                             .name_ids = map_in(arena, MAX_THREADS),
                             .spare_room = 1024 };
        t->names.ceiling = MAX_THREADS;
        t->spare = new (arena, MappingList *, t->spare_room);
        arena_defer(arena, release_scratch, t->scratch);
        return t;
}

static MappingList *list_new(ProcessTable *t)
{
        MappingList *list = t->n_spare ? t->spare[--t->n_spare] : new_try(t->arena, MappingList, 1);

        if (list) {
                list->len = 0;
                list->users = 1;
        }
        return list;
}

static void list_leave(ProcessTable *t, MappingList *list)
{
        if (list && --list->users == 0 && t->n_spare < t->spare_room)
                t->spare[t->n_spare++] = list;
}

/* A list that only this process uses, with or without what it held. */
static MappingList *list_own(ProcessTable *t, Process *p, bool keep)
{
        MappingList *old = p->maps, *list;

        if (old && old->users == 1) {
                if (!keep)
                        old->len = 0;
                return old;
        }
        list = list_new(t);
        if (list && old && keep && !mapping_list_copy(list, t->arena, old)) {
                list_leave(t, list);
                list = NULL;
        }
        list_leave(t, old);
        p->maps = list;
        return list;
}

/* Without looking at /proc. */
static Process *process_slot(ProcessTable *t, uint32_t pid, bool *ret_made)
{
        MapSlot *slot = map_find_u64(&t->processes, pid);
        Process *p;

        *ret_made = false;
        if (slot)
                return slot->pointer;
        if (!profile_has_room(t->arena))
                return NULL;
        slot = map_add_u64(&t->processes, pid);
        if (!slot)
                return NULL;
        p = new (t->arena, Process, 1);
        p->pid = pid;
        slot->pointer = p;
        *ret_made = true;
        return p;
}

static void set_name(ProcessTable *t, uint32_t tid, Span name)
{
        MapSlot *slot, *thread = profile_has_room(t->arena) ? map_add_u64(&t->threads, tid) : NULL;

        if (!thread)
                return;
        slot = map_find(&t->name_ids, name);
        if (!slot) {
                Span *item = vec_add(t->arena, &t->names);

                if (!item)
                        return;
                *item = span_copy(t->arena, name);
                slot = map_add(&t->name_ids, *item);
                if (!slot)
                        return;
                slot->number = t->names.len;
        }
        thread->number = slot->number;
}

Span process_thread_name(ProcessTable *t, uint32_t pid, uint32_t tid)
{
        MapSlot *slot = map_find_u64(&t->threads, tid);

        if (pid == UINT32_MAX) /* what the kernel says once a task has given its number back */
                return SPAN("[exiting]");
        if (!slot || !slot->number)
                slot = map_find_u64(&t->threads, pid);
        return slot && slot->number ? t->names.items[slot->number - 1] : SPAN("[unnamed]");
}

static void add_mapping(ProcessTable *t, Process *p, const Mapping *like, const FileRef *file)
{
        MappingList *list = list_own(t, p, true);
        Mapping m = *like;

        if (!list)
                return;
        if (!file_ref_is_jit(file)) {
                m.file = module_file(t->modules, file);
                if (!m.file)
                        return;
        }
        (void)mapping_list_put(list, t->arena, &m);
}

static void load_names(ProcessTable *t, uint32_t pid)
{
        DIR *dir = opendir(arena_printf(t->scratch, "/proc/%u/task", pid));
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                uint64_t tid;
                Span name;

                if (span_to_u64(span_of(entry->d_name), &tid, NULL) == 0 &&
                    file_read(arena_printf(t->scratch, "/proc/%u/task/%llu/comm", pid,
                                           (unsigned long long)tid),
                              KiB(4), t->scratch, &name, NULL) == 0)
                        set_name(t, (uint32_t)tid, span_trim(name));
        }
        if (dir)
                closedir(dir);
}

static int load_maps(ProcessTable *t, Process *p, Error *err)
{
        Span text, line;
        int r = file_read(arena_printf(t->scratch, "/proc/%u/maps", p->pid), MAX_MAPS_TEXT,
                          t->scratch, &text, err);

        if (r < 0)
                return r;
        while (span_next_line(&text, &line)) {
                Mapping m;
                FileRef file;

                if (mapping_parse_line(line, &m, &file, NULL) > 0)
                        add_mapping(t, p, &m, &file);
        }
        return 0;
}

int process_load(ProcessTable *t, uint32_t pid, Error *err)
{
        Mark mark = arena_mark(t->scratch);
        bool made;
        Process *p = process_slot(t, pid, &made);
        int r;

        if (!p)
                return fail(err, ERR_LIMIT, "more processes than are followed");
        r = load_maps(t, p, err);
        if (r == 0)
                load_names(t, pid);
        arena_reset(t->scratch, mark);
        return r;
}

Process *process_get(ProcessTable *t, uint32_t pid)
{
        bool made;
        Process *p = process_slot(t, pid, &made);

        if (made)
                (void)process_load(t, pid, NULL);
        return p;
}

static void apply_mmap(ProcessTable *t, const PerfMmap *r)
{
        Mapping m = { .start = r->start, .file_offset = r->file_offset };
        FileRef file = { .inode = r->inode, .dev_major = r->dev_major, .dev_minor = r->dev_minor };
        Process *p;
        bool made;

        if (!r->executable || __builtin_add_overflow(r->start, r->length, &m.end))
                return;
        p = process_slot(t, r->pid, &made);
        if (!p)
                return;
        if (made)
                (void)process_load(t, r->pid, NULL);
        file_ref_set_path(&file, r->path);
        add_mapping(t, p, &m, &file);
}

static void apply_comm(ProcessTable *t, const PerfComm *r)
{
        bool made;
        Process *p = r->exec ? process_slot(t, r->pid, &made) : NULL;

        set_name(t, r->tid, r->name);
        if (p) {
                (void)list_own(t, p, false);
                p->jit = NULL;
        }
}

static void apply_fork(ProcessTable *t, const PerfTask *r)
{
        MapSlot *name = map_find_u64(&t->threads, r->parent_tid);
        bool made;
        Process *child, *parent;

        if (name && name->number)
                set_name(t, r->tid, t->names.items[name->number - 1]);
        if (r->pid == r->parent_pid)
                return;
        parent = process_get(t, r->parent_pid);
        child = process_slot(t, r->pid, &made);
        if (!parent || !child)
                return;
        list_leave(t, child->maps);
        child->maps = parent->maps;
        if (child->maps)
                child->maps->users++;
        child->jit = NULL;
        child->exited = false;
}

/* The mappings stay until the number is used again: samples may still be on their way. */
static void apply_exit(ProcessTable *t, const PerfTask *r)
{
        MapSlot *slot = r->pid == r->tid ? map_find_u64(&t->processes, r->pid) : NULL;

        if (slot)
                ((Process *)slot->pointer)->exited = true;
}

void process_apply(ProcessTable *t, const PerfRecord *record)
{
        if (!profile_has_room(t->arena))
                return;
        switch (record->type) {
        case PERF_RECORD_MMAP2:
                return apply_mmap(t, &record->mmap);
        case PERF_RECORD_COMM:
                return apply_comm(t, &record->comm);
        case PERF_RECORD_FORK:
                return apply_fork(t, &record->task);
        case PERF_RECORD_EXIT:
                return apply_exit(t, &record->task);
        default:
                return;
        }
}

/* An address in no mapping we know: its record may have been lost. Looks at most ten times a
 * second, so that garbage addresses cost little. */
static const Mapping *find_mapping(ProcessTable *t, Process *p, uint64_t address, uint64_t now_ns)
{
        const Mapping *m = p->maps ? mapping_list_find(p->maps, address) : NULL;

        if (m || p->exited || now_ns < p->next_reread_ns || !profile_has_room(t->arena))
                return m;
        p->next_reread_ns = now_ns + REREAD_EVERY_NS;
        if (process_load(t, p->pid, NULL) < 0)
                return NULL;
        return p->maps ? mapping_list_find(p->maps, address) : NULL;
}

bool process_find(ProcessTable *t, Process *p, uint64_t address, uint64_t now_ns, Place *ret)
{
        const Mapping *m = find_mapping(t, p, address, now_ns);
        uint64_t offset;

        if (!m)
                return false;
        if (!m->file) {
                if (!p->jit)
                        p->jit = module_jit(t->modules, p->pid);
                *ret = (Place){ p->jit, address };
                return true;
        }
        offset = address - m->start + m->file_offset;
        ret->module = module_of(t->modules, m->file, p->pid, m->start, m->end);
        if (!ret->module->image || !elf_image_vaddr(ret->module->image, offset, &ret->vaddr))
                ret->vaddr = offset;
        return true;
}
