/* V8's sampled heap profiles (.heapprofile): a tree of call frames, each with the bytes that were
 * allocated there and were alive at the end. */

#include "import/profile/v8_profile.h"

static int read_profile(Intake *in, Span text)
{
        JsonPull pull = json_pull(text, in->plan->name, in->scratch, in->err);
        Profile *p = intake_profile(in, SPAN("live bytes"), "live bytes", UNIT_BYTES);
        V8Profile v = v8_profile(in, p);
        Span head = { 0 };
        const PullField fields[] = { { "head", &head } };
        JsonPull inner;

        if (!p)
                return -ERR_LIMIT;
        pull_fields(&pull, fields, COUNT(fields));
        pull_end(&pull);
        if (!pull.failed && !head.ptr)
                pull_fail_at(&pull, pull.start, "'head' is not in it");
        if (pull.failed)
                return pull.failed;
        inner = pull_at(&pull, head);
        v8_read_node(&v, &inner);
        return inner.failed ? inner.failed : v8_add_sizes(&v);
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
        Intake in = intake_of(plan, arena, scratch, err);
        int r = read_profile(&in, text);

        if (r < 0)
                return r;
        intake_finish(&in);
        *ret = in.set;
        return 0;
}

static int detect(Span head, bool whole UNUSED)
{
        if (!span_starts(span_trim(head), "{") || !span_contains(head, "\"selfSize\""))
                return 0;
        return span_contains(head, "\"head\"") ? 90 : 0;
}

const ProfileFormat heapprofile_profile_format = {
        .name = "heapprofile",
        .says = "V8 sampled heap profile",
        .files = "chromedevtools.github.io/devtools-protocol/tot/HeapProfiler",
        .detect = detect,
        .read = read,
};
