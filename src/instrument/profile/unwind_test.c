#include "instrument/profile/unwind.h"

#include "instrument/profile/chain.h"
#include "instrument/profile/profile_limits.h"

#include "harness.h"

#include <string.h>
#include <unistd.h>

/* A process whose code is all made at run time: frame pointers only. */
#define PID 0x70000009u
#define CODE UINT64_C(0x10000)
#define STACK UINT64_C(0x7000)

typedef struct World {
        Arena *arena;
        ProcessTable *table;
        Unwinder *unwinder;
        uint64_t words[64];
        Registers regs;
        Place frames[PROFILE_MAX_DEPTH];
        size_t n;
} World;

static void world(World *w, Arena *arena)
{
        memset(w, 0, sizeof(*w));
        w->arena = arena;
        w->table = process_table_new(arena, module_table_new(arena));
        w->unwinder = unwinder_new(arena, w->table);
        process_apply(w->table, &(PerfRecord){ .type = PERF_RECORD_MMAP2,
                                               .mmap = { .pid = PID,
                                                         .start = CODE,
                                                         .length = 0x10000,
                                                         .executable = true,
                                                         .path = SPAN("//anon") } });
        register_set(&w->regs, DWARF_RIP, CODE + 0x100);
        register_set(&w->regs, DWARF_RSP, STACK);
        register_set(&w->regs, DWARF_RBP, STACK + 16);
}

static UnwindEnd walk(World *w, size_t bytes, size_t max)
{
        StackCopy copy = { .base = STACK, .bytes = { (const char *)w->words, bytes } };
        UnwindStack stack = { .process = process_get(w->table, PID),
                              .regs = &w->regs,
                              .copy = &copy };

        return unwind(w->unwinder, &stack, w->frames, max, &w->n);
}

static void link_frame(World *w, size_t at, uint64_t next_rbp, uint64_t rip)
{
        w->words[at] = next_rbp;
        w->words[at + 1] = rip;
}

TEST(frame_pointers_are_followed_to_a_zero)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w;

        world(&w, arena);
        link_frame(&w, 2, STACK + 64, CODE + 0x200);
        link_frame(&w, 8, STACK + 128, CODE + 0x300);
        link_frame(&w, 16, 0, 0);
        assert_int_equal(walk(&w, sizeof(w.words), PROFILE_MAX_DEPTH), UNWIND_COMPLETE);
        assert_int_equal(w.n, 3);
        assert_int_equal(w.frames[0].vaddr, CODE + 0x100);
        assert_int_equal(w.frames[1].vaddr, CODE + 0x1ff); /* inside the call */
        assert_int_equal(w.frames[2].vaddr, CODE + 0x2ff);
}

TEST(a_leaf_without_a_frame_is_called_from_the_top_of_the_stack)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w;

        world(&w, arena);
        register_set(&w.regs, DWARF_RBP, 0);
        w.words[0] = CODE + 0x500;
        assert_int_equal(walk(&w, sizeof(w.words), PROFILE_MAX_DEPTH), UNWIND_COMPLETE);
        assert_int_equal(w.n, 2);
        assert_int_equal(w.frames[1].vaddr, CODE + 0x4ff);
}

TEST(loops_and_backward_chains_end)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w;

        world(&w, arena);
        link_frame(&w, 2, STACK + 16, CODE + 0x200); /* its own frame again */
        assert_int_equal(walk(&w, sizeof(w.words), PROFILE_MAX_DEPTH), UNWIND_NO_RULE);
        assert_int_equal(w.n, 2);
}

TEST(return_addresses_outside_of_code_end_the_chain)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w;

        world(&w, arena);
        link_frame(&w, 2, STACK + 64, 0x666);
        assert_int_equal(walk(&w, sizeof(w.words), PROFILE_MAX_DEPTH), UNWIND_NO_RULE);
        assert_int_equal(w.n, 1);
        register_set(&w.regs, DWARF_RIP, 0x666);
        assert_int_equal(walk(&w, sizeof(w.words), PROFILE_MAX_DEPTH), UNWIND_UNMAPPED);
        assert_int_equal(w.n, 0);
}

TEST(the_number_of_frames_is_bounded)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w;

        world(&w, arena);
        for (size_t i = 2; i + 2 < COUNT(w.words); i += 2)
                link_frame(&w, i, STACK + 8 * (i + 2), CODE + 0x100 + i);
        assert_int_equal(walk(&w, sizeof(w.words), 5), UNWIND_TOO_DEEP);
        assert_int_equal(w.n, 5);
}

TEST(a_copy_cut_anywhere_never_reads_outside)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        World w;

        world(&w, arena);
        link_frame(&w, 2, STACK + 64, CODE + 0x200);
        link_frame(&w, 8, 0, 0);
        for (size_t n = 0; n <= 10 * sizeof(uint64_t); n++) {
                UnwindEnd end = walk(&w, n, PROFILE_MAX_DEPTH);

                assert_true(w.n >= 1 && w.n <= 2);
                assert_int_equal(end == UNWIND_COMPLETE, n == 10 * sizeof(uint64_t));
        }
}

/* This very thread, its stack in place of a copy: its registers and stack, through the descriptions
 * of program and libc. */
__attribute__((noinline)) static UnwindEnd walk_self(Unwinder *u, Process *self, Place *frames,
                                                     size_t *ret_n)
{
        uint64_t top = (uint64_t)(uintptr_t)__builtin_frame_address(0), sp;
        Registers regs = { .known = 0 };
        StackCopy copy;
        UnwindStack stack = { .process = self, .regs = &regs, .copy = &copy };

#if defined(__x86_64__)
        __asm__ volatile("leaq 0(%%rip), %0" : "=r"(regs.value[DWARF_RIP]));
        __asm__ volatile("movq %%rsp, %0" : "=r"(sp));
        __asm__ volatile("movq %%rbp, %0" : "=r"(regs.value[DWARF_RBP]));
        __asm__ volatile("movq %%rbx, %0" : "=r"(regs.value[DWARF_RBX]));
        __asm__ volatile("movq %%r12, %0" : "=r"(regs.value[12]));
        __asm__ volatile("movq %%r13, %0" : "=r"(regs.value[13]));
        __asm__ volatile("movq %%r14, %0" : "=r"(regs.value[14]));
        __asm__ volatile("movq %%r15, %0" : "=r"(regs.value[15]));
#else
        sp = top;
#endif
        assert_true(sp <= top);
        regs.value[DWARF_RSP] = sp;
        regs.known = (1u << CFI_REGISTERS) - 1;
        copy = (StackCopy){ .base = sp, .bytes = { (const char *)(uintptr_t)sp, KiB(2) } };
        return unwind(u, &stack, frames, PROFILE_MAX_DEPTH, ret_n);
}

TEST(a_thread_can_unwind_itself_into_its_test)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        ProcessTable *table = process_table_new(arena, module_table_new(arena));
        Unwinder *u = unwinder_new(arena, table);
        Place *frames = new (arena, Place, PROFILE_MAX_DEPTH);
        size_t n = 0;
        uint64_t test = (uint64_t)(uintptr_t)test_a_thread_can_unwind_itself_into_its_test;
        Place place = { 0 };
        Process *self = process_get(table, (uint32_t)getpid());

        (void)walk_self(u, self, frames, &n);
        assert_true(n >= 2);
        assert_true(process_find(table, self, test, 0, &place));
        assert_true(frames[1].vaddr > place.vaddr && frames[1].vaddr < place.vaddr + 4096);
}

TEST(every_end_has_a_text)
{
        for (unsigned i = 0; i < UNWIND_END_COUNT_; i++)
                assert_true(strlen(unwind_end_text((UnwindEnd)i)) > 5);
        assert_string_equal(unwind_end_text(UNWIND_END_COUNT_), "unknown");
}

TEST(chains_are_kept_once_and_counted)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        ModuleTable *modules = module_table_new(arena);
        ChainStore *store = chain_store_new(arena, 3);
        Place a = { module_kernel(modules), 0x1000 }, b = { module_kernel(modules), 0x2000 };
        uint32_t chain[2] = { chain_location(store, &a), chain_location(store, &b) };
        ChainKey key = { .thread = SPAN("one") }, cut = key, other = { .thread = SPAN("two") };

        cut.truncated = true;
        assert_int_equal(chain_location(store, &a), chain[0]);
        assert_int_not_equal(chain[0], chain[1]);
        for (int i = 0; i < 1000; i++)
                chain_add(store, &key, chain, 2, 10);
        assert_int_equal(store->chains.len, 1);
        assert_int_equal(store->chains.items[0].samples, 1000);
        assert_int_equal(store->chains.items[0].weight, 10000);
        chain_add(store, &cut, chain, 2, 10);
        chain_add(store, &other, chain, 2, 10);
        chain_add(store, &key, chain, 1, 10); /* past the ceiling */
        assert_int_equal(store->chains.len, 3);
        assert_int_equal(store->dropped, 1);
        assert_int_equal(store->chains.items[1].n, 2);
        assert_memory_equal(store->chains.items[1].locations, chain, sizeof(chain));
}

TEST(addresses_that_share_a_key_are_kept_apart)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        ModuleTable *modules = module_table_new(arena);
        ChainStore *store = chain_store_new(arena, 3);
        Module *other = module_jit(modules, 1);
        uint64_t spread = UINT64_C(0x9e3779b97f4a7c15);
        Place a = { module_kernel(modules), 0x1000 }, b = { other, 0 };
        uint32_t first = chain_location(store, &a), second;

        b.vaddr = 0x1000 ^ (uint64_t)module_kernel(modules)->number * spread ^
                  (uint64_t)other->number * spread;
        second = chain_location(store, &b);
        assert_int_not_equal(first, second);
        assert_int_equal(chain_location(store, &b), second);
        assert_int_equal(chain_location(store, &a), first);
}
