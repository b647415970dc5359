/* The Firefox profiler's JSON, also what samply and others write: processed profiles (tables by
 * columns) and what the browser itself hands out ("gecko": tables of rows, frames as one text).
 *
 * A sample stands for the interval, unless the profile says what it weighs. */

#include "import/profile/firefox.h"

#include <inttypes.h>

typedef struct Meta {
        double interval_ms;
        Span product;
        bool processed;
} Meta;

static int read_meta(const JsonPull *all, Span raw, Meta *ret)
{
        Span interval = { 0 }, product = { 0 }, version = { 0 };
        const PullField fields[] = { { "interval", &interval },
                                     { "product", &product },
                                     { "preprocessedProfileVersion", &version } };
        JsonPull pull = pull_at(all, raw);
        int failed = 0;

        pull_fields(&pull, fields, COUNT(fields));
        if (pull.failed)
                return pull.failed;
        ret->interval_ms = pull_number_of(all, interval, 1, &failed);
        ret->product = pull_text_of(all, product, &failed);
        ret->processed = version.ptr;
        if (!failed && !(ret->interval_ms > 0 && ret->interval_ms < 1e9))
                ret->interval_ms = 1;
        return failed;
}

/* --- the samples of one thread, the same for both forms --- */

static int add_samples(FirefoxThread *t)
{
        Intake *in = t->in;
        int r = 0;

        for (size_t i = 0; r == 0 && i < t->stack.items.len; i++) {
                int64_t stack = column_at(&t->stack, i), time_ns = column_at(&t->time, i);
                int64_t weight = column_at(&t->weight, i);
                uint64_t whole = t->interval_ns;
                uint32_t node;

                if (stack == COLUMN_NULL)
                        continue;
                if (t->weighted && (weight == COLUMN_NULL || weight < 0)) {
                        t->negative++;
                        continue;
                }
                if (t->weighted)
                        whole = (uint64_t)weight;
                if (stack < 0 || (uint64_t)stack >= t->stacks.rows.len)
                        return intake_fail(in, ERR_INPUT, "sample %zu: its stack does not exist",
                                           i);
                node = stack_node(in, t->p, &t->stacks, (uint32_t)stack);
                if (node == INTAKE_NONE)
                        return intake_failed(in);
                if (time_ns == COLUMN_NULL)
                        r = intake_add(in, t->p, node, 1, whole);
                else
                        r = intake_add_at(in, t->p, node, t->thread, time_ns, whole);
        }
        if (t->negative)
                profile_set_warn(&in->set, in->arena,
                                 "%" PRIu64
                                 " samples without a weight, or a negative one, left out",
                                 t->negative);
        return r;
}

typedef struct ThreadMembers {
        FirefoxTables tables;
        Span name, process, pid, tid;
} ThreadMembers;

static Span item_name(Intake *in, const JsonPull *all, const ThreadMembers *m, int *failed)
{
        Span thread = pull_text_of(all, m->name, failed);
        Span process = pull_text_of(all, m->process, failed);
        Buf name = buf_in(in->scratch, KiB(64));

        if (process.len) {
                buf_add(&name, process);
                buf_byte(&name, ' ');
        }
        buf_add(&name, thread.len ? thread : SPAN("thread"));
        return name.overflowed ? SPAN("thread") : buf_span(&name);
}

static uint64_t number_of(const JsonPull *all, Span raw, int *failed)
{
        Span text = raw.len && raw.ptr[0] == '"' ? pull_text_of(all, raw, failed) : raw;
        uint64_t number = 0;

        return span_to_u64(text, &number, NULL) == 0 ? number : 0;
}

static void find_thread(JsonPull *pull, ThreadMembers *m)
{
        const PullField fields[] = {
                { "name", &m->name },
                { "processName", &m->process },
                { "pid", &m->pid },
                { "tid", &m->tid },
                { "samples", &m->tables.samples },
                { "stackTable", &m->tables.stacks },
                { "frameTable", &m->tables.frames },
                { "funcTable", &m->tables.funcs },
                { "resourceTable", &m->tables.resources },
                { "stringTable", &m->tables.strings },
                { "stringArray", &m->tables.string_array },
                { "sources", &m->tables.sources },
        };

        pull_fields(pull, fields, COUNT(fields));
}

static int read_thread(Firefox *f, JsonPull *pull, const Meta *meta)
{
        ThreadMembers m = { 0 };
        FirefoxThread t = { .in = f->in,
                            .all = f->all,
                            .shared = f->shared,
                            .columns = &f->columns,
                            .libs = f->libs };
        int failed = 0, r;
        Span name;

        find_thread(pull, &m);
        if (pull->failed || !m.tables.samples.ptr)
                return pull->failed;
        name = item_name(f->in, &f->all, &m, &failed);
        if (failed)
                return failed;
        t.tables = m.tables;
        t.interval_ns = (uint64_t)(meta->interval_ms * 1e6);
        t.p = intake_profile(f->in, name, "cpu", UNIT_NS);
        if (!t.p)
                return intake_failed(f->in);
        t.p->rate_hz = 1e3 / meta->interval_ms;
        t.thread = intake_thread(f->in, t.p, name, number_of(&f->all, m.pid, &failed),
                                 number_of(&f->all, m.tid, &failed));
        if (t.thread == INTAKE_NONE)
                return intake_failed(f->in);
        r = meta->processed ? firefox_processed(&t) : firefox_gecko(&t);
        return r ? r : add_samples(&t);
}

static int read_process(Firefox *f, Span raw, unsigned depth);

static int each_process(Firefox *f, Span raw, unsigned depth)
{
        JsonPull pull = pull_at(&f->all, raw);
        int r = 0;

        if (!raw.ptr)
                return 0;
        if (pull_open(&pull, '['))
                while (r == 0 && pull_item(&pull))
                        r = read_process(f, pull_raw(&pull), depth + 1);
        return r ? r : pull.failed;
}

typedef struct ProcessMembers {
        Span meta, libs, threads, processes, shared, inner;
} ProcessMembers;

static int read_threads(Firefox *f, const ProcessMembers *m)
{
        Meta meta = { .interval_ms = 1 };
        JsonPull pull = pull_at(&f->all, m->threads);
        int r = m->meta.ptr ? read_meta(&f->all, m->meta, &meta) : 0;

        if (r == 0 && f->in->set.producer.len == 0 && meta.product.len)
                f->in->set.producer = span_copy(f->in->arena, span_first(meta.product, 200));
        f->libs = m->libs;
        f->shared = (FirefoxTables){ 0 };
        if (r == 0 && m->shared.ptr) {
                ThreadMembers shared = { 0 };
                JsonPull tables = pull_at(&f->all, m->shared);

                find_thread(&tables, &shared);
                r = tables.failed;
                f->shared = shared.tables;
        }
        if (r == 0 && f->shared.stacks.ptr)
                r = firefox_columns(f->in, &f->all, &f->shared, &f->shared, f->libs, &f->columns);
        if (r == 0 && pull_open(&pull, '['))
                while (r == 0 && pull_item(&pull)) {
                        Mark mark = arena_mark(f->in->scratch);

                        r = read_thread(f, &pull, &meta);
                        arena_reset(f->in->scratch, mark);
                }
        return r ? r : pull.failed;
}

/* One process; its children are nested in it in the browser's own form. The developer tools of
 * older browsers wrap it all once more, into "profile". */
static int read_process(Firefox *f, Span raw, unsigned depth)
{
        ProcessMembers m = { 0 };
        const PullField fields[] = { { "meta", &m.meta },       { "libs", &m.libs },
                                     { "threads", &m.threads }, { "processes", &m.processes },
                                     { "shared", &m.shared },   { "profile", &m.inner } };
        JsonPull pull = pull_at(&f->all, raw);
        int r;

        if (depth > 8)
                return pull_fail(&pull, "more than 8 processes in each other");
        pull_fields(&pull, fields, COUNT(fields));
        if (pull.failed)
                return pull.failed;
        if (!m.threads.ptr && m.inner.ptr)
                return read_process(f, m.inner, depth + 1);
        if (!m.threads.ptr)
                return pull_fail_at(&pull, raw.ptr, "'threads' is not in it");
        r = read_threads(f, &m);
        return r ? r : each_process(f, m.processes, depth);
}

/* Threads that were never sampled say nothing, as long as one was. */
static void drop_empty(ProfileSet *set)
{
        size_t kept = 0;

        vec_each (const ProfileSetItem, item, &set->items)
                if (item->profile->quality.samples)
                        set->items.items[kept++] = *item;
        set->items.len = kept ? kept : MIN(set->items.len, (size_t)1);
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
        Intake in = intake_of(plan, arena, scratch, err);
        Firefox f = { .in = &in, .all = json_pull(text, plan->name, scratch, err) };
        JsonPull end = f.all;
        int r;

        pull_skip(&end);
        pull_end(&end);
        r = end.failed ? end.failed : read_process(&f, text, 0);
        if (r < 0)
                return r;
        drop_empty(&in.set);
        in.set.kind = PROFILES_THREADS;
        intake_finish(&in);
        *ret = in.set;
        return 0;
}

static int detect(Span head, bool whole UNUSED)
{
        if (!span_starts(span_trim(head), "{"))
                return 0;
        if (span_contains(head, "\"preprocessedProfileVersion\""))
                return 95;
        if (span_contains(head, "\"libs\"") &&
            (span_contains(head, "\"meta\"") || span_contains(head, "\"breakpadId\"")))
                return 80;
        return span_contains(head, "\"processType\"") && span_contains(head, "\"threads\"") ? 80
                                                                                            : 0;
}

const ProfileFormat firefox_profile_format = {
        .name = "firefox",
        .says = "Firefox profiler JSON, processed or as the browser writes it",
        .files = "github.com/firefox-devtools/profiler docs-developer/",
        .detect = detect,
        .read = read,
};
