/* The text of `perf script`: an event line, frames from the leaf to the root, an empty line.
 *
 * Which samples count, and under which names, is what stackcollapse-perf.pl (FlameGraph) does, so
 * that collapsing gives the same bytes: only the first event that is seen, periods summed. What is
 * added: text that has a whole sample in a line (recorded without call chains), a single sample
 * that no empty line follows, and "\r\n". */

#include "import/profile/perf_line.h"
#include "import/profile/stack_fold.h"

#include <inttypes.h>
#include <string.h>

#define DEFAULT_NODES ((size_t)1 << 22)
#define MOST_WEIGHT (UINT64_MAX >> 20)
#define MOST_NAMES ((size_t)65536) /* of one line */
#define WHO 2u                     /* tag of keys that name threads; frames have 0, Java's have 1 */

typedef struct Reading {
        const ProfileImportPlan *plan;
        Profile *p;
        StackFold *fold;
        Arena *arena, *scratch, *names; /* names: of one line */
        ProfileSet *set;
        Error *err;
        uint64_t line, n_unread, first_unread, n_other;
        Span event, first_other, producer;
        bool event_given, has_periods;
        /* The sample that is being read. */
        bool open;
        bool is_java;
        uint32_t root, thread;
        uint64_t period, time_ns, opened_at;
        /* All samples. */
        bool has_time;
        uint64_t first_ns, last_ns, one_period, total;
        Span last_rest; /* of the last event line */
        VEC(uint32_t) frames;
} Reading;

static int too_much(const Reading *in, const char *why)
{
        return fail(in->err, ERR_LIMIT, "%.*s:%" PRIu64 ": %s", SPAN_ARG(in->plan->name), in->line,
                    why);
}

/* --- event lines --- */

/* "java-24636/25607": the name at the bottom of the stack. */
static Span root_name(const Reading *in, const PerfEventLine *e)
{
        Buf name = buf_in(in->names, KiB(64));
        Span pid = e->pid.len ? e->pid : SPAN("?");

        buf_add(&name, span_first(e->comm, KiB(4)));
        for (size_t i = 0; i < name.len; i++)
                if (name.ptr[i] == ' ')
                        name.ptr[i] = '_';
        if (in->plan->tid)
                buf_printf(&name, "-%.*s/%.*s", SPAN_ARG(pid), SPAN_ARG(e->tid));
        else if (in->plan->pid)
                buf_printf(&name, "-%.*s", SPAN_ARG(pid));
        return buf_span(&name);
}

static uint32_t thread_of(const Reading *in, const PerfEventLine *e)
{
        uint64_t pid = 0, tid = 0;

        if (span_to_u64(e->tid, &tid, NULL) < 0 || tid > UINT32_MAX)
                return UINT32_MAX;
        if (e->pid.len == 0 || span_to_u64(e->pid, &pid, NULL) < 0 || pid > UINT32_MAX)
                pid = tid;
        return profile_thread(in->p, e->comm, (uint32_t)pid, (uint32_t)tid);
}

static const FoldLine *learn_who(Reading *in, const PerfEventLine *e)
{
        Mark mark = arena_mark(in->names);
        Span name = root_name(in, e);
        uint32_t values[] = {
                profile_frame(in->p, &(FrameDesc){ .symbol = name, .kind = FRAME_THREAD }),
                in->plan->max_samples ? thread_of(in, e) : UINT32_MAX,
                span_starts(name, "java"),
        };
        arena_reset(in->names, mark);
        return stack_fold_learn(in->fold, &(FoldKey){ .head = e->who, .tag = WHO }, values,
                                COUNT(values));
}

static bool is_other_event(Reading *in, const PerfEventLine *e)
{
        if (e->event.len == 0)
                return false;
        if (in->event.len == 0)
                in->event = e->event;
        if (span_eq(in->event, e->event))
                return false;
        if (in->n_other++ == 0)
                in->first_other = e->event;
        return true;
}

static void take_time(Reading *in, Span rest)
{
        if (!perf_event_time(rest, &in->time_ns))
                return;
        if (!in->has_time)
                in->first_ns = in->time_ns;
        in->has_time = true;
        in->last_ns = MAX(in->last_ns, in->time_ns);
}

static int open_sample(Reading *in, const PerfEventLine *e)
{
        const FoldLine *who;
        const uint32_t *values;

        if (is_other_event(in, e))
                return 0;
        who = stack_fold_line(in->fold, &(FoldKey){ .head = e->who, .tag = WHO });
        if (!who)
                who = learn_who(in, e);
        if (!who)
                return too_much(in, "the name is too long");
        values = stack_fold_frames(in->fold, who);
        in->root = values[0];
        in->thread = values[1];
        in->is_java = values[2];
        if (in->root == UINT32_MAX)
                return too_much(in, "more different names than fit");
        in->last_rest = e->rest;
        if (in->plan->max_samples || !in->has_time)
                take_time(in, e->rest);
        in->period = e->period;
        in->has_periods |= e->has_period;
        in->open = true;
        in->opened_at = in->line;
        return 0;
}

static int close_sample(Reading *in)
{
        if (!in->open)
                return 0;
        in->open = false;
        if (in->period > MOST_WEIGHT - in->total)
                return too_much(in, "the periods add up to too much");
        in->total += in->period;
        in->one_period = in->one_period && in->one_period != in->period ? UINT64_MAX : in->period;
        if (in->plan->max_samples)
                stack_fold_add_at(in->fold, in->root, in->thread,
                                  in->time_ns > in->first_ns ? in->time_ns - in->first_ns : 0,
                                  in->period);
        else
                stack_fold_add(in->fold, in->root, in->period);
        return 0;
}

/* --- frame lines --- */

static bool keep_name(void *context, const FrameDesc *frame)
{
        Reading *in = context;
        uint32_t *number = vec_add(in->scratch, &in->frames);

        if (!number)
                return false;
        *number = profile_frame(in->p, frame);
        return *number != UINT32_MAX;
}

static const FoldLine *learn_frames(Reading *in, Span line, const FoldKey *key)
{
        Mark mark = arena_mark(in->names);
        PerfFrameLine parts;
        bool is_frame = perf_frame_line(line, &parts), fits;

        in->frames.len = 0;
        fits = !is_frame ||
               perf_frame_names(&parts, in->plan, in->is_java, in->names, keep_name, in);
        arena_reset(in->names, mark);
        if (!fits)
                return NULL;
        return stack_fold_learn(in->fold, key, in->frames.items,
                                is_frame ? (uint32_t)in->frames.len : FOLD_NOTHING);
}

/* "f+0x1c (/bin/x)" without the offset, in two pieces. */
static void cut_offset(FoldKey *key)
{
        Span line = key->head;
        const char *space = memrchr(line.ptr, ' ', line.len);
        size_t open = space ? (size_t)(space - line.ptr) : 0, plus = open;

        if (open == 0 || line.ptr[line.len - 1] != ')' || space[1] != '(')
                return;
        while (plus && ((line.ptr[plus - 1] >= '0' && line.ptr[plus - 1] <= '9') ||
                        (line.ptr[plus - 1] >= 'a' && line.ptr[plus - 1] <= 'f')))
                plus--;
        if (plus == open || plus < 4 || memcmp(line.ptr + plus - 3, "+0x", 3) != 0)
                return;
        key->head = span_first(line, plus - 3);
        key->tail = span_from(line, open);
}

/* What of a line matters: neither the address nor the offset change what it means. The whole line
 * counts where they could: addresses are shown, or the pattern would give some of one to the name
 * (perf_frame_line). */
static FoldKey key_of(const Reading *in, Span line)
{
        static const bool is_word[256] = {
                ['0' ... '9'] = true,
                ['A' ... 'Z'] = true,
                ['_'] = true,
                ['a' ... 'z'] = true,
        };
        const char *at = line.ptr, *end = line.ptr + line.len, *word_end;
        FoldKey key = { .head = line, .tag = in->is_java };

        if (UNLIKELY(in->plan->addrs))
                return key;
        while (at < end && (*at == ' ' || *at == '\t'))
                at++;
        while (at < end && is_word[(unsigned char)*at])
                at++;
        word_end = at;
        while (at < end && (*at == ' ' || *at == '\t'))
                at++;
        if (at == end || at == word_end || *at == '(')
                return key;
        key.head = (Span){ at, (size_t)(end - at) };
        cut_offset(&key);
        return key;
}

static int frame_line(Reading *in, Span line)
{
        FoldKey key = key_of(in, line);
        const FoldLine *known = stack_fold_line(in->fold, &key);

        if (UNLIKELY(!known))
                known = learn_frames(in, line, &key);
        if (UNLIKELY(!known))
                return too_much(in, "more different frames than fit");
        if (UNLIKELY(known->n == FOLD_NOTHING) && in->n_unread++ == 0)
                in->first_unread = in->line;
        if (UNLIKELY(!stack_fold_push(in->fold, known)))
                return too_much(in, "more frames than one stack can have (65536)");
        return 0;
}

/* --- the text --- */

static void comment(Reading *in, Span line)
{
        static const char version[] = "# perf version : ";

        if (span_starts(line, version))
                in->producer = span_from(line, sizeof(version) - 1);
}

static int read_line(Reading *in, Span line)
{
        PerfEventLine event;

        in->line++;
        if (line.len == 0)
                return close_sample(in);
        if (line.ptr[0] == '\t' || line.ptr[0] == ' ')
                return in->open ? frame_line(in, line) : 0;
        if (line.ptr[0] == '#') {
                comment(in, line);
                return 0;
        }
        if (perf_event_line(line, &event))
                return open_sample(in, &event);
        return in->open ? frame_line(in, line) : 0;
}

/* A sample that no empty line ends may lack frames, so it is left out as it is in Perl; but when it
 * is all there is, and its last line is whole, it is what somebody wants to see. */
static int finish_last(Reading *in, Span last)
{
        if (!in->open)
                return 0;
        if (in->total == 0 && span_ends(span_trim(last), ")") && stack_fold_depth(in->fold))
                return close_sample(in);
        stack_fold_drop(in->fold);
        in->open = false;
        profile_set_warn(in->set, in->arena,
                         "the text ends within the sample of line %" PRIu64 ", which is left out",
                         in->opened_at);
        return 0;
}

static int read_stacks(Reading *in, Span text)
{
        const char *at = text.ptr, *end = text.ptr + text.len;
        Span line = { 0 };
        int r = 0;

        while (r == 0 && at < end) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));

                line = (Span){ at, (size_t)((newline ? newline : end) - at) };
                at = newline ? newline + 1 : end;
                if (line.len && line.ptr[line.len - 1] == '\r')
                        line.len--;
                r = read_line(in, line);
        }
        return r < 0 ? r : finish_last(in, line);
}

static int read_samples_in_lines(Reading *in, Span text)
{
        PerfEventLine event;
        PerfFrameLine frame;
        Span line;
        int r = 0;

        while (r == 0 && span_next_line(&text, &line)) {
                in->line++;
                if (span_starts(line, "#"))
                        comment(in, line);
                if (span_starts(line, "#") || span_trim(line).len == 0)
                        continue;
                if (!perf_sample_line(line, &event, &frame)) {
                        if (in->n_unread++ == 0)
                                in->first_unread = in->line;
                        continue;
                }
                r = open_sample(in, &event);
                if (r == 0 && in->open)
                        r = frame_line(in, (Span){ frame.pc.ptr,
                                                   (size_t)(line.ptr + line.len - frame.pc.ptr) });
                if (r == 0)
                        r = close_sample(in);
        }
        return r;
}

/* Two samples in two lines: it was recorded without call chains. */
static bool has_sample_a_line(Span text)
{
        PerfEventLine event;
        PerfFrameLine frame;
        Span line;
        size_t n = 0;

        while (n < 2 && span_next_line(&text, &line)) {
                if (span_starts(line, "#") || span_trim(line).len == 0)
                        continue;
                if (!perf_sample_line(line, &event, &frame))
                        return false;
                n++;
        }
        return n > 0;
}

/* --- the profile --- */

static void say_what_was_left_out(const Reading *in)
{
        if (in->n_other && !in->event_given)
                profile_set_warn(in->set, in->arena,
                                 "only samples of %.*s are read; %" PRIu64
                                 " of other events (%.*s) are not",
                                 SPAN_ARG(in->event), in->n_other, SPAN_ARG(in->first_other));
        if (in->n_unread)
                profile_set_warn(in->set, in->arena,
                                 "%" PRIu64 " line%s not understood, the first is line %" PRIu64,
                                 in->n_unread, in->n_unread == 1 ? " was" : "s were",
                                 in->first_unread);
        if (in->p->quality.dropped)
                profile_set_warn(in->set, in->arena,
                                 "%" PRIu64 " samples did not fit and are left out",
                                 in->p->quality.dropped);
}

static void describe(Reading *in)
{
        Profile *p = in->p;
        bool is_time = span_starts(in->event, "cpu-clock") || span_starts(in->event, "task-clock");

        take_time(in, in->last_rest);
        p->event = in->event.len ? span_text(in->arena, in->event) : "samples";
        p->unit = is_time && in->has_periods ? UNIT_NS : UNIT_COUNT;
        p->duration_ns = in->has_time ? in->last_ns - in->first_ns : 0;
        if (p->unit == UNIT_NS && in->one_period && in->one_period != UINT64_MAX)
                p->rate_hz = (double)NS_PER_S / (double)in->one_period;
        if (in->producer.len)
                in->set->producer =
                        span_of(arena_printf(in->arena, "perf %.*s", SPAN_ARG(in->producer)));
        if (in->event.len)
                in->set->items.items[0].name = span_copy(in->arena, in->event);
}

static int finish(Reading *in)
{
        stack_fold_flush(in->fold);
        if (in->p->quality.samples == 0 && in->event_given)
                return fail(in->err, ERR_INPUT, "%.*s: no samples of %.*s in it",
                            SPAN_ARG(in->plan->name), SPAN_ARG(in->event));
        if (in->p->quality.samples == 0)
                return fail(in->err, ERR_INPUT, "%.*s: no samples in it", SPAN_ARG(in->plan->name));
        if (in->p->quality.samples == in->p->quality.dropped)
                return too_much(in, "no stack of it fits");
        describe(in);
        say_what_was_left_out(in);
        return 0;
}

static int start(Reading *in, size_t text_len)
{
        size_t nodes = in->plan->max_nodes ? in->plan->max_nodes : DEFAULT_NODES;

        in->p = profile_set_add(in->set, SPAN("samples"), nodes, in->arena);
        in->fold = in->p ? stack_fold_new(in->p, text_len, in->scratch) : NULL;
        in->event = span_of(in->plan->event);
        in->event_given = in->event.len > 0;
        in->frames.ceiling = MOST_NAMES;
        if (!in->fold)
                return too_much(in, "it does not fit into memory");
        if (in->plan->max_samples)
                profile_keep_samples(in->p, in->plan->max_samples);
        return 0;
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(64));
        AUTO(arena_freep) Arena *names = arena_new(MiB(64));
        ProfileSet set = profile_set_new();
        Reading in = { .plan = plan,
                       .arena = arena,
                       .scratch = scratch,
                       .names = names,
                       .set = &set,
                       .err = err };
        int r = start(&in, text.len);

        if (r == 0)
                r = has_sample_a_line(text) ? read_samples_in_lines(&in, text)
                                            : read_stacks(&in, text);
        if (r == 0)
                r = finish(&in);
        if (r == 0)
                *ret = set;
        return r;
}

static int detect(Span head, bool whole UNUSED)
{
        PerfEventLine event;
        PerfFrameLine frame;
        bool after_event = false;
        Span line, text = head;

        if (has_sample_a_line(head))
                return 90;
        while (span_next_line(&text, &line)) {
                bool indented = span_starts(line, "\t") || span_starts(line, " ");

                if (indented && after_event && perf_frame_line(line, &frame) &&
                    span_ends(span_trim(line), ")"))
                        return 85;
                if (!indented)
                        after_event =
                                perf_event_line(line, &event) && span_ends(span_trim(line), ":");
        }
        return 0;
}

const ProfileFormat perf_script_profile_format = {
        .name = "perf-script",
        .says = "text of perf script",
        .files = "perf-script(1), github.com/brendangregg/FlameGraph stackcollapse-perf.pl",
        .detect = detect,
        .annotates = true,
        .read = read,
};
