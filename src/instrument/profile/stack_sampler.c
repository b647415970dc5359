#include "instrument/profile/stack_sampler.h"

#include "instrument/profile/profile_limits.h"

#include <string.h>
#include <unistd.h>

#define MAX_KERNEL_FRAMES 256
#define MAX_FRAMES (PROFILE_MAX_DEPTH + MAX_KERNEL_FRAMES)

StackSampler *stack_sampler_new(Arena *arena, PerfEvents *events, size_t max_chains)
{
        StackSampler *s = new (arena, StackSampler, 1);

        s->events = events;
        s->modules = module_table_new(arena);
        s->processes = process_table_new(arena, s->modules);
        s->unwinder = unwinder_new(arena, s->processes);
        s->chains = chain_store_new(arena, max_chains);
        s->own_pid = (uint32_t)getpid();
        s->frames = new (arena, Place, PROFILE_MAX_DEPTH);
        s->locations = new (arena, uint32_t, MAX_FRAMES);
        return s;
}

/* Addresses between the mark PERF_CONTEXT_KERNEL and the next mark, innermost first. */
static size_t kernel_locations(StackSampler *s, const PerfSample *sample)
{
        Cursor c = cursor_of(sample->callchain);
        bool in_kernel = false;
        size_t n = 0;

        while (cursor_left(&c) && n < MAX_KERNEL_FRAMES) {
                uint64_t address = cursor_u64(&c);
                Place place = { module_kernel(s->modules), address - (n > 0) };

                if (address >= (uint64_t)PERF_CONTEXT_MAX)
                        in_kernel = address == (uint64_t)PERF_CONTEXT_KERNEL;
                else if (in_kernel)
                        s->locations[n++] = chain_location(s->chains, &place);
        }
        return n;
}

/* A kernel thread has no part in user space: its chain ends in the kernel. */
static UnwindEnd user_frames(StackSampler *s, const PerfSample *sample, uint64_t time_ns,
                             size_t *ret_n)
{
        UnwindStack stack = { .process = process_get(s->processes, sample->pid),
                              .regs = &sample->regs,
                              .copy = &sample->stack,
                              .now_ns = time_ns };

        *ret_n = 0;
        if (!sample->has_user)
                return sample->regs.known ? UNWIND_NO_REGISTERS : UNWIND_COMPLETE;
        if (!stack.process)
                return UNWIND_UNMAPPED;
        return unwind(s->unwinder, &stack, s->frames, PROFILE_MAX_DEPTH, ret_n);
}

static void take_sample(StackSampler *s, const PerfSample *sample, uint64_t time_ns)
{
        size_t n_kernel = kernel_locations(s, sample), n_user;
        UnwindEnd end = user_frames(s, sample, time_ns, &n_user);
        ChainKey key = { .thread = process_thread_name(s->processes, sample->pid, sample->tid),
                         .truncated = end != UNWIND_COMPLETE };

        for (size_t i = 0; i < n_user; i++)
                s->locations[n_kernel + i] = chain_location(s->chains, &s->frames[i]);
        s->counts.samples++;
        s->counts.ends[end]++;
        chain_add(s->chains, &key, s->locations, n_kernel + n_user, sample->period);
}

void stack_sampler_take(StackSampler *s, Span bytes)
{
        PerfRecord record;

        s->counts.read_bytes += bytes.len;
        if (perf_record_parse(bytes, &record, NULL) < 0)
                s->counts.broken++;
        else if (record.type == PERF_RECORD_SAMPLE && record.sample.pid != s->own_pid)
                take_sample(s, &record.sample, record.time_ns);
        else if (record.type == PERF_RECORD_LOST || record.type == PERF_RECORD_LOST_SAMPLES)
                s->counts.lost += record.lost;
        else if (record.type == PERF_RECORD_THROTTLE)
                s->counts.throttled++;
        else
                process_apply(s->processes, &record);
}

/* The ring whose next record is the oldest, unless that is younger than the limit. */
static PerfRing *oldest(PerfEvents *events, uint64_t until_ns, Span *ret)
{
        PerfRing *best = NULL;
        uint64_t best_ns = until_ns;

        for (size_t i = 0; i < events->n_rings; i++) {
                PerfRing *ring = &events->rings[i];
                uint64_t time_ns;
                Span bytes;

                if (!ring->control || !perf_ring_peek(ring, &bytes))
                        continue;
                time_ns = perf_record_time(bytes);
                if (time_ns < best_ns || (!best && until_ns == UINT64_MAX)) {
                        best = ring;
                        best_ns = time_ns;
                        *ret = bytes;
                }
        }
        return best;
}

void stack_sampler_drain(StackSampler *s, uint64_t until_ns)
{
        PerfRing *ring;
        Span bytes;

        for (size_t i = 0; i < s->events->n_rings; i++)
                if (s->events->rings[i].control)
                        perf_ring_refresh(&s->events->rings[i]);
        while ((ring = oldest(s->events, until_ns, &bytes))) {
                stack_sampler_take(s, bytes);
                perf_ring_pop(ring);
        }
        for (size_t i = 0; i < s->events->n_rings; i++)
                if (s->events->rings[i].control)
                        perf_ring_release(&s->events->rings[i]);
}
