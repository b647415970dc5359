#include "instrument/profile/perf_ring.h"

#include "harness.h"

#include <sys/mman.h>

/* Records by hand. */
typedef struct Made {
        _Alignas(8) uint8_t bytes[4096];
        size_t len;
} Made;

static void put(Made *m, const void *bytes, size_t n)
{
        memcpy(m->bytes + m->len, bytes, n);
        m->len += n;
}

static void put_u32(Made *m, uint32_t n)
{
        put(m, &n, sizeof(n));
}

static void put_u64(Made *m, uint64_t n)
{
        put(m, &n, sizeof(n));
}

static void begin(Made *m, uint32_t type, uint16_t misc)
{
        const struct perf_event_header header = { .type = type, .misc = misc };

        m->len = 0;
        put(m, &header, sizeof(header));
}

static Span end(Made *m)
{
        ((struct perf_event_header *)(void *)m->bytes)->size = (uint16_t)m->len;
        return (Span){ (const char *)m->bytes, m->len };
}

static void put_trailer(Made *m, uint64_t time_ns)
{
        put_u64(m, 0);
        put_u64(m, time_ns);
        put_u64(m, 0);
}

static Span sample(Made *m, uint64_t abi, uint64_t dyn_size)
{
        begin(m, PERF_RECORD_SAMPLE, 0);
        put_u64(m, 0x401000); /* ip */
        put_u32(m, 10);
        put_u32(m, 11);
        put_u64(m, 123456);
        put_u32(m, 3);
        put_u32(m, 0);
        put_u64(m, 1000);
        put_u64(m, 2);
        put_u64(m, (uint64_t)PERF_CONTEXT_KERNEL);
        put_u64(m, 0xffffffff81000000);
        put_u64(m, abi);
        for (uint64_t i = 0; abi && i < 17; i++)
                put_u64(m, 100 + i);
        put_u64(m, 16);
        put_u64(m, 0xaaaa);
        put_u64(m, 0xbbbb);
        put_u64(m, dyn_size);
        return end(m);
}

TEST(samples_are_read_in_the_kernels_order)
{
        PerfRecord r = { 0 };
        Error err = { 0 };
        Made m;

        assert_ok(perf_record_parse(sample(&m, PERF_SAMPLE_REGS_ABI_64, 8), &r, &err), err);
        assert_int_equal(r.type, PERF_RECORD_SAMPLE);
        assert_int_equal(r.time_ns, 123456);
        assert_int_equal(r.sample.pid, 10);
        assert_int_equal(r.sample.tid, 11);
        assert_int_equal(r.sample.cpu, 3);
        assert_int_equal(r.sample.period, 1000);
        assert_int_equal(r.sample.callchain.len, 16);
        assert_true(r.sample.has_user);
        assert_int_equal(r.sample.regs.value[0], 100);  /* ax */
        assert_int_equal(r.sample.regs.value[3], 101);  /* bx */
        assert_int_equal(r.sample.regs.value[2], 102);  /* cx */
        assert_int_equal(r.sample.regs.value[6], 106);  /* bp */
        assert_int_equal(r.sample.regs.value[7], 107);  /* sp */
        assert_int_equal(r.sample.regs.value[16], 108); /* ip */
        assert_int_equal(r.sample.regs.value[8], 109);  /* r8 */
        assert_int_equal(r.sample.regs.value[15], 116); /* r15 */
        assert_int_equal(r.sample.stack.base, 107);
        assert_int_equal(r.sample.stack.bytes.len, 8);
}

TEST(samples_of_kernel_threads_and_32_bit_programs_have_no_user_part)
{
        PerfRecord r = { 0 };
        Error err = { 0 };
        Made m;

        assert_ok(perf_record_parse(sample(&m, PERF_SAMPLE_REGS_ABI_NONE, 0), &r, &err), err);
        assert_false(r.sample.has_user);
        assert_int_equal(r.sample.regs.known, 0);
        assert_ok(perf_record_parse(sample(&m, PERF_SAMPLE_REGS_ABI_32, 0), &r, &err), err);
        assert_false(r.sample.has_user);
        assert_int_not_equal(r.sample.regs.known, 0);
}

TEST(a_stack_that_claims_more_than_was_copied_is_cut)
{
        PerfRecord r = { 0 };
        Error err = { 0 };
        Made m;

        assert_ok(perf_record_parse(sample(&m, PERF_SAMPLE_REGS_ABI_64, 1u << 30), &r, &err), err);
        assert_int_equal(r.sample.stack.bytes.len, 16);
}

TEST(records_cut_anywhere_are_errors)
{
        PerfRecord r;
        Error err = { 0 };
        Made m;
        Span whole = sample(&m, PERF_SAMPLE_REGS_ABI_64, 16);

        for (size_t n = 0; n < whole.len; n++) {
                struct perf_event_header *header = (void *)m.bytes;

                assert_fails(perf_record_parse(span_first(whole, n), &r, &err), err, ERR_INPUT);
                header->size = (uint16_t)n; /* torn, and its header says so */
                assert_fails(perf_record_parse(span_first(whole, n), &r, &err), err, ERR_INPUT);
                header->size = (uint16_t)whole.len;
        }
}

TEST(call_chains_that_claim_too_much_are_errors)
{
        PerfRecord r;
        Error err = { 0 };
        Made m;
        Span whole = sample(&m, PERF_SAMPLE_REGS_ABI_64, 16);
        const uint64_t claims[] = { UINT64_MAX, UINT64_MAX / 8 + 2, 8193, 1000 };

        for (size_t i = 0; i < COUNT(claims); i++) {
                memcpy(m.bytes + 48, &claims[i], sizeof(claims[i]));
                assert_fails(perf_record_parse(whole, &r, &err), err, ERR_INPUT);
        }
}

TEST(mappings_names_and_tasks_are_read)
{
        PerfRecord r = { 0 };
        Error err = { 0 };
        Made m;

        begin(&m, PERF_RECORD_MMAP2, 0);
        put_u32(&m, 7);
        put_u32(&m, 8);
        put_u64(&m, 0x7f0000000000);
        put_u64(&m, 0x1000);
        put_u64(&m, 0x2000);
        put_u32(&m, 8);
        put_u32(&m, 1);
        put_u64(&m, 4711);
        put_u64(&m, 0);
        put_u32(&m, PROT_READ | PROT_EXEC);
        put_u32(&m, 2);
        put(&m, "/lib/x.so\0\0\0\0\0\0\0", 16);
        put_trailer(&m, 99);
        assert_ok(perf_record_parse(end(&m), &r, &err), err);
        assert_int_equal(r.time_ns, 99);
        assert_int_equal(r.mmap.pid, 7);
        assert_int_equal(r.mmap.inode, 4711);
        assert_int_equal(r.mmap.file_offset, 0x2000);
        assert_true(r.mmap.executable);
        assert_span(r.mmap.path, "/lib/x.so");
        assert_int_equal(perf_record_time(end(&m)), 99);

        begin(&m, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
        put_u32(&m, 7);
        put_u32(&m, 8);
        put(&m, "name\0\0\0\0", 8);
        put_trailer(&m, 100);
        assert_ok(perf_record_parse(end(&m), &r, &err), err);
        assert_true(r.comm.exec);
        assert_span(r.comm.name, "name");

        begin(&m, PERF_RECORD_FORK, 0);
        put_u32(&m, 20);
        put_u32(&m, 10);
        put_u32(&m, 21);
        put_u32(&m, 11);
        put_u64(&m, 5);
        put_trailer(&m, 101);
        assert_ok(perf_record_parse(end(&m), &r, &err), err);
        assert_int_equal(r.task.pid, 20);
        assert_int_equal(r.task.parent_pid, 10);
        assert_int_equal(r.task.tid, 21);
        assert_int_equal(r.task.parent_tid, 11);

        begin(&m, PERF_RECORD_LOST, 0);
        put_u64(&m, 1);
        put_u64(&m, 17);
        put_trailer(&m, 102);
        assert_ok(perf_record_parse(end(&m), &r, &err), err);
        assert_int_equal(r.lost, 17);
}

TEST(records_without_room_for_their_fields_are_errors)
{
        const uint32_t types[] = { PERF_RECORD_MMAP2, PERF_RECORD_COMM, PERF_RECORD_FORK,
                                   PERF_RECORD_EXIT, PERF_RECORD_LOST };

        for (size_t i = 0; i < COUNT(types); i++) {
                PerfRecord r;
                Error err = { 0 };
                Made m;

                begin(&m, types[i], 0);
                put_trailer(&m, 1);
                assert_fails(perf_record_parse(end(&m), &r, &err), err, ERR_INPUT);
        }
}

TEST(records_of_unknown_types_have_a_time_only)
{
        PerfRecord r = { 0 };
        Error err = { 0 };
        Made m;

        begin(&m, 999, 0);
        put_trailer(&m, 55);
        assert_ok(perf_record_parse(end(&m), &r, &err), err);
        assert_int_equal(r.time_ns, 55);
}

/* --- the ring, over memory of ours ------------------------------------------------------------ */

#define RING_SIZE 256

typedef struct FakeRing {
        struct perf_event_mmap_page control;
        _Alignas(8) uint8_t data[RING_SIZE];
        uint8_t linear[PERF_RECORD_MAX];
        PerfRing ring;
} FakeRing;

static void fake_ring(FakeRing *f)
{
        memset(&f->control, 0, sizeof(f->control));
        f->ring = (PerfRing){
                .control = &f->control, .data = f->data, .size = RING_SIZE, .linear = f->linear
        };
}

static void ring_write(FakeRing *f, Span bytes)
{
        for (size_t i = 0; i < bytes.len; i++)
                f->data[(f->control.data_head + i) % RING_SIZE] = (uint8_t)bytes.ptr[i];
        f->control.data_head += bytes.len;
}

TEST(records_that_wrap_are_put_together)
{
        static FakeRing f;
        Made m;
        Span bytes;

        fake_ring(&f);
        for (uint64_t round = 0; round < 200; round++) {
                PerfRecord r = { 0 };
                Error err = { 0 };

                begin(&m, PERF_RECORD_LOST, 0);
                put_u64(&m, 1);
                put_u64(&m, round);
                put_trailer(&m, round);
                ring_write(&f, end(&m));
                perf_ring_refresh(&f.ring);
                assert_true(perf_ring_peek(&f.ring, &bytes));
                assert_ok(perf_record_parse(bytes, &r, &err), err);
                assert_int_equal(r.lost, round);
                perf_ring_pop(&f.ring);
                assert_false(perf_ring_peek(&f.ring, &bytes));
                perf_ring_release(&f.ring);
                assert_int_equal(f.control.data_tail, f.control.data_head);
        }
        assert_int_equal(f.ring.broken, 0);
}

TEST(a_ring_with_a_false_length_is_skipped_to_its_head)
{
        const uint16_t sizes[] = { 0, 7, 200 };

        for (size_t i = 0; i < COUNT(sizes); i++) {
                static FakeRing f;
                const struct perf_event_header header = { .size = sizes[i] };
                Span bytes;

                fake_ring(&f);
                ring_write(&f, (Span){ (const char *)&header, sizeof(header) });
                ring_write(&f, SPAN("12345678"));
                perf_ring_refresh(&f.ring);
                assert_false(perf_ring_peek(&f.ring, &bytes));
                assert_int_equal(f.ring.broken, 1);
                assert_true(f.ring.tail == f.ring.head);
        }
}

TEST(a_head_behind_the_tail_is_skipped)
{
        static FakeRing f;
        Span bytes;

        fake_ring(&f);
        f.ring.tail = 64;
        perf_ring_refresh(&f.ring);
        assert_false(perf_ring_peek(&f.ring, &bytes));
        assert_int_equal(f.ring.broken, 1);
}

TEST(rings_that_cannot_be_mapped_are_errors)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        PerfRing ring = { 0 };
        Error err = { 0 };

        assert_true(perf_ring_map(-1, KiB(64), arena, &ring, &err) < 0);
        perf_ring_unmap(&ring);
}
