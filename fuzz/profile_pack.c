/* Any bytes as a packed profile: what is read must be a sound trie and pack to the same again (to a
 * form that is read, when it was of the older one). */
#include "model/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span packed = { (const char *)data, size };
        Buf out = buf_in(arena, MiB(8)), lines = buf_in(arena, MiB(1));
        FunctionCost *costs;
        Profile *p;
        Error err = { 0 };

        if (profile_unpack(packed, arena, &p, &err) < 0) {
                BUG_IF(err.code != ERR_CORRUPT && err.code != ERR_LIMIT);
                return 0;
        }
        for (size_t i = 1; i < p->nodes.len; i++)
                BUG_IF(p->nodes.items[i].parent >= i || p->nodes.items[i].frame >= p->frames.len);
        BUG_IF(profile_totals(p, arena)[0] != p->total_weight);
        profile_functions(p, arena, &costs);
        profile_write_collapsed(p, &lines);
        profile_pack(p, &out);
        if (span_starts(packed, "HPF1"))
                BUG_IF(profile_unpack(buf_span(&out), arena, &p, &err) < 0);
        else
                BUG_IF(!span_eq(buf_span(&out), packed));
        return 0;
}
