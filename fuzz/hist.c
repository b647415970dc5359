/* Any bytes as a packed histogram: what is read must be consistent and pack to the same again. */
#include "stats/hist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const Hist *h)
{
        uint64_t below = 0;

        for (HistBin b = { 0 }; hist_next(h, &b); below = b.high)
                BUG_IF(b.low > b.high || b.count == 0 || (below && b.low <= below));
        BUG_IF(h->total && (hist_quantile(h, 0) != h->min || hist_quantile(h, 1) != h->max));
        BUG_IF(hist_quantile(h, 0.5) > hist_quantile(h, 0.99));
        BUG_IF(hist_count_at_most(h, hist_quantile(h, 0.5)) < h->total / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span packed = { (const char *)data, size };
        Buf out = buf_in(arena, MiB(1));
        Error err;
        Hist *h, *back;

        if (hist_unpack(packed, arena, &h, &err) < 0)
                return 0;
        check(h);
        hist_pack(h, &out);
        if (hist_unpack(buf_span(&out), arena, &back, &err) < 0)
                BUG_IF(err.code != ERR_LIMIT);
        else
                BUG_IF(back->total != h->total || back->min != h->min || back->max != h->max);
        return 0;
}
