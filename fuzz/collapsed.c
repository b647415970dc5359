/* Any text as collapsed stacks: what is read must survive being written and read again. */
#include "model/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Span written(const Profile *p, Arena *arena)
{
        Buf out = buf_in(arena, MiB(8));

        profile_write_collapsed(p, &out);
        return buf_check(&out, NULL) < 0 ? (Span){ 0 } : buf_span(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p, *back;
        FunctionCost *costs;
        Span lines;
        Error err = { 0 };

        if (profile_read_collapsed((Span){ (const char *)data, size }, "fuzz", arena, &p, &err) <
            0) {
                BUG_IF(!err.message[0]);
                return 0;
        }
        BUG_IF(profile_totals(p, arena)[0] != p->total_weight);
        profile_functions(p, arena, &costs);
        lines = written(p, arena);
        if (!lines.ptr)
                return 0;
        BUG_IF(profile_read_collapsed(lines, "written", arena, &back, &err) < 0);
        BUG_IF(back->quality.samples != p->quality.samples);
        BUG_IF(!span_eq(written(back, arena), lines));
        return 0;
}
