#include "instrument/profile/eh_frame.h"

#include "instrument/profile/elf_image.h"

#include "harness.h"

#include <fcntl.h>
#include <unistd.h>

#define VADDR 0x4000

/* A CIE ("zR", pcrel sdata4) and FDEs for the given ranges, as bytes. */
typedef struct Section {
        uint8_t bytes[512];
        size_t len;
} Section;

static void put(Section *s, const void *bytes, size_t n)
{
        memcpy(s->bytes + s->len, bytes, n);
        s->len += n;
}

static void put_u32(Section *s, uint32_t n)
{
        put(s, &n, sizeof(n));
}

static void put_cie(Section *s)
{
        static const uint8_t body[] = { 1,    'z',  'R', 0, 1,    0x78, 16, 1,
                                        0x1b, 0x0c, 7,   8, 0x90, 1,    0,  0 };

        put_u32(s, sizeof(body) + 4);
        put_u32(s, 0);
        put(s, body, sizeof(body));
}

static void put_fde(Section *s, uint64_t start, uint32_t size)
{
        put_u32(s, 16);
        put_u32(s, (uint32_t)s->len);
        put_u32(s, (uint32_t)(start - (VADDR + s->len)));
        put_u32(s, size);
        put(s, "\0\0\0\0", 4);
}

static EhSections sections_of(const Section *s)
{
        return (EhSections){ .frame = { (const char *)s->bytes, s->len }, .frame_vaddr = VADDR };
}

static Section three_functions(void)
{
        Section s = { .len = 0 };

        put_cie(&s);
        put_fde(&s, 0x3000, 0x40);
        put_fde(&s, 0x1000, 0x100);
        put_fde(&s, 0x2000, 0x10);
        put_u32(&s, 0);
        return s;
}

TEST(functions_are_found_through_an_index_when_there_is_no_header)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Section s = three_functions();
        EhSections sections = sections_of(&s);
        Error err = { 0 };
        EhFrame eh;
        Fde fde;

        assert_ok(eh_frame_open(&sections, arena, &eh, &err), err);
        assert_int_equal(eh.n_index, 3);
        assert_true(eh_frame_find(&eh, 0x1000, &fde));
        assert_int_equal(fde.end, 0x1100);
        assert_int_equal(fde.cie.data_align, -8);
        assert_int_equal(fde.cie.return_register, 16);
        assert_true(eh_frame_find(&eh, 0x10ff, &fde));
        assert_false(eh_frame_find(&eh, 0x1100, &fde));
        assert_false(eh_frame_find(&eh, 0xfff, &fde));
        assert_true(eh_frame_find(&eh, 0x303f, &fde));
        assert_false(eh_frame_find(&eh, UINT64_MAX, &fde));
}

/* "1 1b 03 3b", pointer, count, then pairs. */
static Section header_for(const uint32_t *pairs, uint32_t n, uint32_t claimed, uint64_t vaddr)
{
        Section h = { .len = 0 };

        put(&h, "\x01\x1b\x03\x3b", 4);
        put_u32(&h, (uint32_t)(VADDR - (vaddr + 4)));
        put_u32(&h, claimed);
        for (uint32_t i = 0; i < n; i++)
                put_u32(&h, pairs[i] - (uint32_t)vaddr);
        return h;
}

TEST(the_linkers_table_is_used_and_checked)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Section s = three_functions();
        EhSections sections = sections_of(&s);
        const uint32_t pairs[] = { 0x1000, VADDR + 44, 0x2000, VADDR + 64, 0x3000, VADDR + 24 };
        const uint32_t lies[] = { 0x1000, 0x7fffffff, 0x2000, VADDR + 3, 0x3000, VADDR };
        Section h = header_for(pairs, 6, 3, 0x8000);
        Error err = { 0 };
        EhFrame eh;
        Fde fde;

        sections.hdr = (Span){ (const char *)h.bytes, h.len };
        sections.hdr_vaddr = 0x8000;
        assert_ok(eh_frame_open(&sections, arena, &eh, &err), err);
        assert_int_equal(eh.n_table, 3);
        assert_true(eh_frame_find(&eh, 0x1080, &fde));
        assert_int_equal(fde.start, 0x1000);
        assert_true(eh_frame_find(&eh, 0x2001, &fde));
        assert_true(eh_frame_find(&eh, 0x3001, &fde));
        assert_false(eh_frame_find(&eh, 0x2010, &fde));
        h = header_for(lies, 6, 3, 0x8000);
        assert_ok(eh_frame_open(&sections, arena, &eh, &err), err);
        assert_false(eh_frame_find(&eh, 0x1080, &fde));
        assert_false(eh_frame_find(&eh, 0x2001, &fde));
        assert_false(eh_frame_find(&eh, 0x3001, &fde));
}

TEST(a_table_that_claims_too_much_is_replaced_by_an_index)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Section s = three_functions();
        EhSections sections = sections_of(&s);
        const uint32_t pairs[] = { 0x1000, VADDR + 44 };
        Section h = header_for(pairs, 2, 1000000, 0x8000);
        Error err = { 0 };
        EhFrame eh;
        Fde fde;

        sections.hdr = (Span){ (const char *)h.bytes, h.len };
        sections.hdr_vaddr = 0x8000;
        assert_ok(eh_frame_open(&sections, arena, &eh, &err), err);
        assert_int_equal(eh.n_table, 0);
        assert_true(eh_frame_find(&eh, 0x2001, &fde));
}

TEST(sections_cut_anywhere_are_read_up_to_the_cut)
{
        Section s = three_functions();

        for (size_t n = 0; n <= s.len; n++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Section cut = s;
                EhSections sections;
                Error err = { 0 };
                EhFrame eh;
                Fde fde;

                cut.len = n;
                sections = sections_of(&cut);
                assert_ok(eh_frame_open(&sections, arena, &eh, &err), err);
                assert_true(eh.n_index <= 3);
                (void)eh_frame_find(&eh, 0x1000, &fde);
        }
}

TEST(walking_names_the_place_of_a_malformed_record)
{
        Section s = { .len = 0 };
        EhSections sections;
        Error err = { 0 };
        size_t offset = 0;
        Fde fde;

        put_cie(&s);
        put_u32(&s, 8);
        put_u32(&s, 0x7777); /* its CIE is before the section */
        put_u32(&s, 0);
        sections = sections_of(&s);
        assert_fails(eh_frame_next(&sections, &offset, &fde, &err), err, ERR_INPUT);
        assert_non_null(strstr(err.message, "offset 24"));
}

TEST(every_file_that_is_mapped_here_can_be_indexed_both_ways)
{
        const char *const paths[] = { "/proc/self/exe", "/lib/x86_64-linux-gnu/libc.so.6",
                                      "/lib64/ld-linux-x86-64.so.2" };

        for (size_t i = 0; i < COUNT(paths); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
                ElfImage *image;
                EhSections sections;
                EhFrame own;
                Error err = { 0 };

                if (fd < 0)
                        continue;
                assert_ok(elf_image_open(fd, paths[i], arena, &image, &err), err);
                assert_true(image->eh.n_table > 0);
                sections = image->eh.sections;
                sections.hdr = (Span){ 0 };
                assert_ok(eh_frame_open(&sections, arena, &own, &err), err);
                for (size_t k = 0; k < own.n_index; k++) {
                        Fde a = { 0 }, b = { 0 };
                        bool in_a = eh_frame_find(&own, own.index[k].start, &a);
                        bool in_b = eh_frame_find(&image->eh, own.index[k].start, &b);

                        assert_int_equal(in_a, in_b);
                        assert_true(a.start == b.start && a.end == b.end);
                }
        }
}
