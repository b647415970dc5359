/* Any bytes as text of perf script and as collapsed stacks: an error with words, or a profile whose
 * stacks survive being written and read again. The first byte picks format and options. */
#include "import/profile/profile_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_set(const ProfileSet *set, Arena *arena)
{
        BUG_IF(set->items.len == 0 || set->shown >= set->items.len);
        vec_each (const ProfileSetItem, item, &set->items) {
                const Profile *p = item->profile;
                Buf out = buf_in(arena, MiB(8));
                ProfileSet back;
                Error err = { 0 };
                ProfileImportPlan plan = { .format = profile_format_find(SPAN("collapsed")),
                                           .name = SPAN("written") };

                BUG_IF(profile_totals(p, arena)[0] != p->total_weight);
                BUG_IF(p->samples.len > 100);
                profile_write_collapsed_weights(p, &out);
                /* What begins as packed bytes or UTF-16 do is taken for that. */
                if (out.overflowed || out.len == 0 || out.ptr[0] <= ' ' || out.ptr[0] > '~' ||
                    p->total_weight == 0 || p->total_weight > 1000000)
                        continue;
                /* Names that end in numbers may come back as counts, and be too large. */
                if (profile_import(buf_span(&out), &plan, arena, &back, &err) < 0)
                        BUG_IF(err.code != ERR_LIMIT && err.code != ERR_UNAVAILABLE);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const formats[] = { "perf-script", "collapsed" };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        unsigned pick = size ? data[0] : 0;
        ProfileImportPlan plan = { .format = profile_format_find(span_of(formats[pick & 1])),
                                   .name = SPAN("fuzz"),
                                   .pid = pick & 2,
                                   .tid = pick & 4,
                                   .kernel = pick & 8,
                                   .jit = pick & 16,
                                   .addrs = pick & 32,
                                   .inline_frames = pick & 64,
                                   .lines_in_time = pick & 128,
                                   .max_samples = pick & 128 ? 100 : 0,
                                   .max_nodes = 4096 };
        Span text = { (const char *)data, size };
        ProfileSet set;
        Error err = { 0 };

        if (profile_import(span_from(text, 1), &plan, arena, &set, &err) < 0) {
                BUG_IF(!err.message[0]);
                return 0;
        }
        check_set(&set, arena);
        return 0;
}
