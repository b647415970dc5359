#include "instrument/profile/perf_record.h"

#include <sys/mman.h>

/* Behind every record but samples: pid and tid, time, cpu. */
#define TRAILER_SIZE 24
#define TRAILER_TIME 16 /* bytes from the time to the end */
/* In a sample: header, ip, pid and tid, then the time. */
#define SAMPLE_TIME 24

/* Bits of PERF_USER_REGISTERS in order, as DWARF numbers. */
static const uint8_t dwarf_registers[] = {
        0, 3, 2, 1, 4, 5, 6, 7, 16, 8, 9, 10, 11, 12, 13, 14, 15
};

_Static_assert(COUNT(dwarf_registers) == CFI_REGISTERS, "one number per sampled register");

static void parse_registers(Cursor *c, PerfSample *s)
{
        uint64_t abi = cursor_u64(c);

        if (abi == PERF_SAMPLE_REGS_ABI_NONE)
                return;
        for (size_t i = 0; i < COUNT(dwarf_registers); i++)
                register_set(&s->regs, dwarf_registers[i], cursor_u64(c));
        s->has_user = abi == PERF_SAMPLE_REGS_ABI_64;
}

static void parse_stack(Cursor *c, PerfSample *s)
{
        uint64_t size = cursor_u64(c);
        Span bytes = cursor_span(c, size);
        uint64_t filled = size ? cursor_u64(c) : 0;
        uint64_t kept = MIN(filled, size);

        s->stack = (StackCopy){ .base = s->regs.value[DWARF_RSP],
                                .bytes = span_first(bytes, (size_t)kept) };
}

static void parse_sample(Cursor *c, PerfRecord *r)
{
        PerfSample *s = &r->sample;
        uint64_t n;

        s->ip = cursor_u64(c);
        s->pid = cursor_u32(c);
        s->tid = cursor_u32(c);
        r->time_ns = cursor_u64(c);
        s->cpu = cursor_u32(c);
        (void)cursor_u32(c);
        s->period = cursor_u64(c);
        n = cursor_u64(c);
        if (n > PERF_RECORD_MAX / sizeof(uint64_t)) {
                c->failed = true;
                return;
        }
        s->callchain = cursor_span(c, n * sizeof(uint64_t));
        parse_registers(c, s);
        parse_stack(c, s);
}

/* Text that the kernel pads with NULs. */
static Span padded_text(Cursor *c)
{
        Span text = { (const char *)c->at, cursor_left(c) };
        ptrdiff_t end = span_find_byte(text, '\0');

        return end < 0 ? text : span_first(text, (size_t)end);
}

static void parse_mmap(Cursor *c, PerfRecord *r, uint16_t misc)
{
        PerfMmap *m = &r->mmap;

        m->pid = cursor_u32(c);
        m->tid = cursor_u32(c);
        m->start = cursor_u64(c);
        m->length = cursor_u64(c);
        m->file_offset = cursor_u64(c);
        if (misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
                (void)cursor_span(c, 24);
        } else {
                m->dev_major = cursor_u32(c);
                m->dev_minor = cursor_u32(c);
                m->inode = cursor_u64(c);
                (void)cursor_u64(c); /* generation of the inode */
        }
        m->executable = cursor_u32(c) & PROT_EXEC;
        (void)cursor_u32(c);
        m->path = padded_text(c);
}

static void parse_comm(Cursor *c, PerfRecord *r, uint16_t misc)
{
        r->comm.pid = cursor_u32(c);
        r->comm.tid = cursor_u32(c);
        r->comm.exec = misc & PERF_RECORD_MISC_COMM_EXEC;
        r->comm.name = padded_text(c);
}

static void parse_task(Cursor *c, PerfRecord *r)
{
        r->task.pid = cursor_u32(c);
        r->task.parent_pid = cursor_u32(c);
        r->task.tid = cursor_u32(c);
        r->task.parent_tid = cursor_u32(c);
}

static void parse_body(Cursor *c, PerfRecord *r, uint16_t misc)
{
        switch (r->type) {
        case PERF_RECORD_MMAP2:
                return parse_mmap(c, r, misc);
        case PERF_RECORD_COMM:
                return parse_comm(c, r, misc);
        case PERF_RECORD_FORK:
        case PERF_RECORD_EXIT:
                return parse_task(c, r);
        case PERF_RECORD_LOST:
                (void)cursor_u64(c); /* id of the event */
                r->lost = cursor_u64(c);
                return;
        case PERF_RECORD_LOST_SAMPLES:
                r->lost = cursor_u64(c);
                return;
        default:
                return;
        }
}

uint64_t perf_record_time(Span bytes)
{
        Cursor c = cursor_of(bytes);
        uint32_t type = cursor_u32(&c);

        c = cursor_of(span_from(bytes, type == PERF_RECORD_SAMPLE ? SAMPLE_TIME
                                       : bytes.len < TRAILER_TIME ? bytes.len
                                                                  : bytes.len - TRAILER_TIME));
        return cursor_u64(&c);
}

int perf_record_parse(Span bytes, PerfRecord *ret, Error *err)
{
        Cursor c = cursor_of(bytes);
        PerfRecord r = { .type = cursor_u32(&c) };
        uint16_t misc = cursor_u16(&c), size = cursor_u16(&c);

        if (c.failed || size != bytes.len)
                return fail(err, ERR_INPUT, "perf record: %zu bytes where the header says %u",
                            bytes.len, size);
        if (r.type == PERF_RECORD_SAMPLE) {
                parse_sample(&c, &r);
        } else {
                Cursor trailer = c;

                if (cursor_left(&c) < TRAILER_SIZE)
                        return fail(err, ERR_INPUT, "perf record of type %u: no room for its time",
                                    r.type);
                trailer.at = c.end - TRAILER_TIME;
                r.time_ns = cursor_u64(&trailer);
                c.end -= TRAILER_SIZE;
                parse_body(&c, &r, misc);
        }
        if (c.failed)
                return fail(err, ERR_INPUT, "perf record of type %u: cut short after %zu bytes",
                            r.type, bytes.len);
        *ret = r;
        return 0;
}
