#include "instrument/profile/process.h"

#include "base/fs.h"

#include "harness.h"

#include <sys/mman.h>
#include <unistd.h>

static void put(MappingList *list, Arena *arena, uint64_t start, uint64_t end, uint64_t offset)
{
        assert_true(mapping_list_put(
                list, arena, &(Mapping){ .start = start, .end = end, .file_offset = offset }));
}

TEST(a_mapping_cuts_what_it_covers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        MappingList list = { 0 };
        const Mapping *m;

        put(&list, arena, 0x1000, 0x9000, 0x100);
        put(&list, arena, 0x3000, 0x5000, 0);
        assert_int_equal(list.len, 3);
        m = mapping_list_find(&list, 0x5000);
        assert_int_equal(m->file_offset, 0x4100);
        assert_int_equal(m->end, 0x9000);
        assert_int_equal(mapping_list_find(&list, 0x2fff)->end, 0x3000);
        put(&list, arena, 0x2000, 0xa000, 7);
        assert_int_equal(list.len, 2);
        assert_int_equal(mapping_list_find(&list, 0x8000)->file_offset, 7);
        assert_null(mapping_list_find(&list, 0xa000));
        assert_null(mapping_list_find(&list, 0xfff));
        assert_false(mapping_list_put(&list, arena, &(Mapping){ .start = 5, .end = 5 }));
}

/* Against a plain array of pages: the last mapping of a page wins. */
TEST(many_mappings_agree_with_a_page_table)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        MappingList list = { 0 };
        uint64_t pages[64] = { 0 }, seed = 42;

        for (uint64_t round = 1; round < 500; round++) {
                uint64_t from, to;

                seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
                from = seed >> 40 & 63;
                to = from + 1 + (seed >> 50 & 7);
                to = MIN(to, (uint64_t)64);
                put(&list, arena, from, to, round * 1000 + from);
                for (uint64_t p = from; p < to; p++)
                        pages[p] = round * 1000 + p;
                for (uint64_t p = 0; p < 64; p++) {
                        const Mapping *m = mapping_list_find(&list, p);

                        assert_int_equal(m ? m->file_offset + p - m->start : 0, pages[p]);
                }
        }
}

TEST(lines_of_proc_maps_are_read)
{
        Mapping m = { 0 };
        FileRef file = { 0 };
        Error err = { 0 };

        assert_int_equal(mapping_parse_line(SPAN("7f00-7f80 r-xp 00002000 fe:01 4711      "
                                                 "           /usr/lib/a name.so (deleted)"),
                                            &m, &file, &err),
                         1);
        assert_int_equal(m.start, 0x7f00);
        assert_int_equal(m.end, 0x7f80);
        assert_int_equal(m.file_offset, 0x2000);
        assert_int_equal(file.dev_major, 0xfe);
        assert_int_equal(file.inode, 4711);
        assert_span(file.path, "/usr/lib/a name.so");
        assert_true(file.deleted);
        assert_int_equal(mapping_parse_line(SPAN("7f00-7f80 rw-p 0 00:00 0 "), &m, &file, &err), 0);
        assert_int_equal(file.path.len, 0);
        assert_true(file_ref_is_jit(&file));
}

TEST(malformed_lines_of_proc_maps_are_errors)
{
        const char *const lines[] = { "",
                                      "7f00",
                                      "7f00-7f80",
                                      "7f00-7f80 r-xp",
                                      "7f80-7f00 r-xp 0 00:00 0",
                                      "zz-7f00 r-xp 0 00:00 0",
                                      "7f00-7f80 r-xp 0 0000 0",
                                      "7f00-7f80 x 0 00:00 0",
                                      "7f00-7f80 r-xp 0 00:00 -1",
                                      "7f00-7f80 r-xp 11111111111111111 00:00 0" };

        for (size_t i = 0; i < COUNT(lines); i++) {
                Mapping m;
                FileRef file;
                Error err = { 0 };

                assert_fails(mapping_parse_line(span_of(lines[i]), &m, &file, &err), err,
                             ERR_INPUT);
        }
}

typedef struct World {
        Arena *arena;
        ModuleTable *modules;
        ProcessTable *table;
} World;

static World world(Arena *arena)
{
        World w = { .arena = arena, .modules = module_table_new(arena) };

        w.table = process_table_new(arena, w.modules);
        return w;
}

/* Numbers far above any pid, so that nothing is read from /proc. */
#define PID 0x70000001u
#define CHILD 0x70000002u

static void map_file(World *w, uint32_t pid, uint64_t start, const char *path)
{
        process_apply(w->table, &(PerfRecord){ .type = PERF_RECORD_MMAP2,
                                               .mmap = { .pid = pid,
                                                         .tid = pid,
                                                         .start = start,
                                                         .length = 0x1000,
                                                         .executable = true,
                                                         .path = span_of(path) } });
}

static void fork_to(World *w, uint32_t parent, uint32_t child)
{
        process_apply(w->table, &(PerfRecord){ .type = PERF_RECORD_FORK,
                                               .task = { .pid = child,
                                                         .tid = child,
                                                         .parent_pid = parent,
                                                         .parent_tid = parent } });
}

static void name(World *w, uint32_t pid, const char *text, bool exec)
{
        process_apply(
                w->table,
                &(PerfRecord){
                        .type = PERF_RECORD_COMM,
                        .comm = { .pid = pid, .tid = pid, .exec = exec, .name = span_of(text) } });
}

static bool is_mapped(World *w, uint32_t pid, uint64_t address)
{
        Place place;

        return process_find(w->table, process_get(w->table, pid), address, 0, &place);
}

TEST(a_fork_has_its_parents_mappings_until_one_of_them_maps)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);

        name(&w, PID, "parent", false);
        map_file(&w, PID, 0x1000, "/nonexistent/a");
        fork_to(&w, PID, CHILD);
        assert_true(is_mapped(&w, CHILD, 0x1800));
        assert_span(process_thread_name(w.table, CHILD, CHILD), "parent");
        map_file(&w, CHILD, 0x5000, "/nonexistent/b");
        assert_true(is_mapped(&w, CHILD, 0x5000) && is_mapped(&w, CHILD, 0x1000));
        assert_false(is_mapped(&w, PID, 0x5000));
        map_file(&w, PID, 0x7000, "");
        assert_true(is_mapped(&w, PID, 0x7000) && is_mapped(&w, PID, 0x1000));
        assert_false(is_mapped(&w, CHILD, 0x7000));
}

TEST(exec_starts_without_mappings_and_with_a_new_name)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);

        map_file(&w, PID, 0x1000, "/nonexistent/a");
        fork_to(&w, PID, CHILD);
        name(&w, CHILD, "other", true);
        assert_false(is_mapped(&w, CHILD, 0x1000));
        assert_true(is_mapped(&w, PID, 0x1000));
        assert_span(process_thread_name(w.table, CHILD, CHILD), "other");
        name(&w, CHILD, "renamed", false);
        assert_span(process_thread_name(w.table, CHILD, CHILD), "renamed");
}

TEST(a_number_that_is_used_again_is_a_new_process)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);

        map_file(&w, CHILD, 0x9000, "/nonexistent/old");
        process_apply(w.table, &(PerfRecord){ .type = PERF_RECORD_EXIT,
                                              .task = { .pid = CHILD, .tid = CHILD } });
        assert_true(is_mapped(&w, CHILD, 0x9000)); /* late samples */
        map_file(&w, PID, 0x1000, "/nonexistent/a");
        fork_to(&w, PID, CHILD);
        assert_true(is_mapped(&w, CHILD, 0x1000));
        assert_false(is_mapped(&w, CHILD, 0x9000));
}

TEST(forks_that_end_do_not_make_memory_grow)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);
        size_t early = 0;

        map_file(&w, PID, 0x1000, "/nonexistent/a");
        for (int i = 0; i < 20000; i++) {
                fork_to(&w, PID, CHILD);
                name(&w, CHILD, "child", true);
                map_file(&w, CHILD, 0x5000, "/nonexistent/b");
                if (i == 1000)
                        early = arena_used(arena);
        }
        assert_int_equal(arena_used(arena), early);
}

TEST(code_without_a_file_is_a_module_per_process)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);
        Place a = { 0 }, b = { 0 };

        map_file(&w, PID, 0x1000, "//anon");
        map_file(&w, CHILD, 0x1000, "/memfd:code (deleted)");
        assert_true(process_find(w.table, process_get(w.table, PID), 0x1234, 0, &a));
        assert_true(process_find(w.table, process_get(w.table, CHILD), 0x1234, 0, &b));
        assert_int_equal(a.module->kind, MODULE_JIT);
        assert_int_equal(a.vaddr, 0x1234);
        assert_ptr_not_equal(a.module, b.module);
}

TEST(a_file_that_cannot_be_opened_is_a_module_that_says_why)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);
        Place place = { 0 };

        map_file(&w, PID, 0x1000, "/nonexistent/a");
        assert_true(process_find(w.table, process_get(w.table, PID), 0x1010, 0, &place));
        assert_null(place.module->image);
        assert_true(span_contains(place.module->problem, "/nonexistent/a"));
        assert_int_equal(place.vaddr, 0x10);
}

TEST(own_functions_are_where_the_symbols_say)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);
        uint64_t here = (uint64_t)(uintptr_t)&process_find;
        Process *self;
        Place place = { 0 };
        Fde fde = { 0 };

        self = process_get(w.table, (uint32_t)getpid());
        assert_non_null(self);
        assert_true(process_find(w.table, self, here, 0, &place));
        assert_non_null(place.module->image);
        assert_true(eh_frame_find(&place.module->image->eh, place.vaddr, &fde));
        assert_true(fde.start == place.vaddr);
}

TEST(an_unknown_address_makes_the_mappings_be_read_again)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w = world(arena);
        Process *self = process_get(w.table, (uint32_t)getpid());
        void *code;
        Place place = { 0 };

        (void)process_find(w.table, self, 1, NS_PER_S, &place);
        code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_false(process_find(w.table, self, (uint64_t)(uintptr_t)code, NS_PER_S + 1, &place));
        assert_true(process_find(w.table, self, (uint64_t)(uintptr_t)code, 2 * NS_PER_S, &place));
        assert_int_equal(place.module->kind, MODULE_JIT);
        munmap(code, 4096);
}

TEST(the_vdso_has_unwind_information)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        ModuleTable *modules = module_table_new(arena);
        FileRef like = { .path = SPAN("[vdso]") };
        Module *vdso = module_of(modules, module_file(modules, &like), 1, 0, 0);

        if (!vdso->image)
                skip_because("no vDSO here");
        assert_true(vdso->image->has_unwind);
        assert_ptr_equal(vdso, module_of(modules, module_file(modules, &like), 2, 0, 0));
}

TEST(files_of_one_build_id_are_one_module)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        ModuleTable *modules = module_table_new(arena);
        const char *copy = arena_printf(scratch, "/tmp/hone-profile-copy-%d", getpid());
        FileRef a = { .path = SPAN("/proc/self/exe") }, b = { .path = span_of(copy) };
        Module *first, *second;
        Error err = { 0 };
        Span bytes;

        assert_ok(file_read("/proc/self/exe", MiB(200), scratch, &bytes, &err), err);
        assert_ok(file_write(copy, bytes, &err), err);
        first = module_of(modules, module_file(modules, &a), (uint32_t)getpid(), 0, 0);
        second = module_of(modules, module_file(modules, &b), (uint32_t)getpid(), 0, 0);
        unlink(copy);
        assert_non_null(first->image);
        if (first->image->build_id.len == 0)
                skip_because("this program has no build-id");
        assert_ptr_equal(first, second);
}
