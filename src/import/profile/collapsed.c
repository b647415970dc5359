/* Collapsed stacks, "root;caller;leaf 12", as stackcollapse-*.pl, async-profiler, py-spy and
 * bpftrace scripts write them; what flamegraph.pl reads is read.
 *
 * More is forgiven than in hone's own reader (model/profile_collapsed.c): lines without a count are
 * left out with a warning, counts may have fractions, and a second count on every line makes the
 * file a comparison (difffolded.pl): two profiles, before and after. */

#include "import/profile/profile_format.h"
#include "model/profile_int.h"

#include <inttypes.h>
#include <math.h>

#define MOST_FRAMES ((size_t)65536)
#define DEFAULT_NODES ((size_t)1 << 22)
#define MOST_COUNT 1e15
#define WARNINGS 5
#define FINER 1000 /* what counts are multiplied by when whole numbers would lose too much */

static const struct {
        const char *ending;
        FrameKind kind;
} annotations[] = {
        { "_[k]", FRAME_KERNEL },
        { "_[i]", FRAME_INLINED },
        { "_[j]", FRAME_JIT },
        { "[unknown]", FRAME_UNKNOWN },
};

/* A line taken apart. */
typedef struct Line {
        Span stack;
        double before, count; /* before: NaN when there is one count */
} Line;

typedef struct Reading {
        const ProfileImportPlan *plan;
        Span name;
        uint64_t line, n_bad, first_bad;
        Profile *sides[2];
        double scale;
        Error *err;
} Reading;

static FrameKind kind_of(Span name)
{
        for (size_t i = 0; i < COUNT(annotations); i++)
                if (span_ends(name, annotations[i].ending))
                        return annotations[i].kind;
        return FRAME_NATIVE;
}

/* Digits, perhaps with a point and more digits: what flamegraph.pl takes for a count. */
static bool is_count(Span word, double *ret)
{
        bool point = false;

        if (word.len == 0 || word.len > 32 || word.ptr[0] == '.')
                return false;
        for (size_t i = 0; i < word.len; i++) {
                bool is_point = word.ptr[i] == '.';

                if ((word.ptr[i] < '0' || word.ptr[i] > '9') && (!is_point || point))
                        return false;
                point |= is_point;
        }
        if (word.ptr[word.len - 1] == '.')
                word.len--;
        return span_to_double(word, ret, NULL) == 0 && *ret <= MOST_COUNT;
}

/* Cuts a count and the space before it off the end. */
static bool cut_count(Span *line, double *ret)
{
        size_t at = line->len;

        while (at && line->ptr[at - 1] != ' ' && line->ptr[at - 1] != '\t')
                at--;
        if (at == 0 || !is_count(span_from(*line, at), ret))
                return false;
        *line = span_trim(span_first(*line, at));
        return true;
}

static bool take_apart(Span text, bool two_counts, Line *ret)
{
        Line line = { .stack = span_trim(text), .before = (double)NAN };

        if (!cut_count(&line.stack, &line.count))
                return false;
        if (two_counts && !cut_count(&line.stack, &line.before))
                return false;
        *ret = line;
        return line.stack.len > 0;
}

/* What the file as a whole is: the first pass. */
typedef struct Survey {
        uint64_t lines, with_two;
        double total;
        bool has_fractions;
} Survey;

static Survey survey(Span text)
{
        Survey s = { 0 };
        Span line_text;
        Line line;

        while (span_next_line(&text, &line_text)) {
                if (!take_apart(line_text, false, &line))
                        continue;
                s.lines++;
                s.total += line.count;
                s.has_fractions |= line.count != floor(line.count);
                s.with_two += take_apart(line_text, true, &line);
        }
        return s;
}

static int too_much(const Reading *in, const char *why)
{
        return fail(in->err, ERR_LIMIT, "%.*s:%" PRIu64 ": %s", SPAN_ARG(in->name), in->line, why);
}

/* Walks down to the stack's node, making it where it is new. */
static int find_node(Reading *in, Profile *p, Span stack, uint32_t *ret)
{
        uint32_t node = 0;

        for (size_t depth = 0; stack.ptr; depth++) {
                Span name = span_cut(&stack, ';');
                uint32_t frame =
                        profile_frame(p, &(FrameDesc){ .symbol = name, .kind = kind_of(name) });

                if (depth == MOST_FRAMES)
                        return too_much(in, "more frames than one stack can have (65536)");
                node = frame == UINT32_MAX ? frame : profile_child(p, node, frame);
                if (node == UINT32_MAX)
                        return too_much(in, "more different stacks than fit");
        }
        *ret = node;
        return 0;
}

/* The line as a sample: it begins where the lines before it end. */
static void keep_in_time(const Reading *in, Profile *p, uint32_t node, uint64_t weight)
{
        ProfileSample *sample = in->plan->lines_in_time ? vec_add(p->arena, &p->samples) : NULL;

        if (sample)
                *sample = (ProfileSample){ p->total_weight - weight, weight, node, 0 };
}

static int add_side(Reading *in, size_t side, Span stack, double count)
{
        Profile *p = in->sides[side];
        uint64_t weight = (uint64_t)llround(count * in->scale), total;
        uint32_t node;
        int r;

        if (weight == 0)
                return 0;
        /* Frames in quality are samples times depth: keep that far from overflow, too. */
        if (__builtin_add_overflow(p->quality.samples, weight, &total) || total > UINT64_MAX >> 20)
                return too_much(in, "the counts add up to too much");
        r = find_node(in, p, stack, &node);
        if (r < 0)
                return r;
        profile_add_node(p, node, weight, weight);
        keep_in_time(in, p, node, weight);
        return 0;
}

/* Comments are for people, and people write them in several ways. */
static bool is_comment(Span line)
{
        return span_starts(line, "#") || span_starts(line, "//");
}

static void bad_line(Reading *in, ProfileSet *set, Arena *arena, Span text)
{
        if (is_comment(text))
                return;
        if (in->n_bad++ == 0)
                in->first_bad = in->line;
        if (in->n_bad <= WARNINGS)
                profile_set_warn(set, arena, "line %" PRIu64 ": no count at the end: %.*s",
                                 in->line, SPAN_ARG(span_first(text, 60)));
}

static int read_lines(Reading *in, Span text, bool two, ProfileSet *set, Arena *arena)
{
        Span line_text;
        Line line;
        int r = 0;

        while (r == 0 && span_next_line(&text, &line_text)) {
                in->line++;
                line_text = span_trim(line_text);
                if (line_text.len == 0)
                        continue;
                if (!take_apart(line_text, two, &line)) {
                        bad_line(in, set, arena, line_text);
                        continue;
                }
                if (two)
                        r = add_side(in, 0, line.stack, line.before);
                if (r == 0)
                        r = add_side(in, two, line.stack, line.count);
        }
        return r;
}

static int add_profiles(Reading *in, bool two, ProfileSet *set, Arena *arena)
{
        size_t nodes = in->plan->max_nodes ? in->plan->max_nodes : DEFAULT_NODES;

        set->kind = two ? PROFILES_SIDES : PROFILES_VALUES;
        set->shown = two;
        for (size_t i = 0; i <= two; i++) {
                Span name = !two ? SPAN("samples") : i ? SPAN("after") : SPAN("before");

                in->sides[i] = profile_set_add(set, name, nodes, arena);
                if (!in->sides[i])
                        return too_much(in, "it does not fit into memory");
                in->sides[i]->event = "samples";
                in->sides[i]->unit = UNIT_COUNT;
                profile_keep_samples(in->sides[i], in->plan->max_samples);
                profile_thread(in->sides[i], SPAN("lines"), 0, 0);
        }
        return 0;
}

static int finish(const Reading *in, bool two, ProfileSet *set, Arena *arena)
{
        uint64_t samples =
                in->sides[0]->quality.samples + (two ? in->sides[1]->quality.samples : 0);

        if (samples == 0 && in->n_bad)
                return fail(in->err, ERR_INPUT, "%.*s:%" PRIu64 ": expected 'frame;frame COUNT'",
                            SPAN_ARG(in->name), in->first_bad);
        if (samples == 0)
                return fail(in->err, ERR_INPUT, "%.*s: no stacks in it", SPAN_ARG(in->name));
        if (in->n_bad > WARNINGS)
                profile_set_warn(set, arena, "%" PRIu64 " more lines without a count",
                                 in->n_bad - WARNINGS);
        if (in->scale > 1)
                profile_set_warn(set, arena, "counts have fractions: they are kept in thousandths");
        return 0;
}

static int read(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret, Error *err)
{
        Survey s = survey(text);
        bool two = s.lines && s.with_two == s.lines;
        Reading in = { .plan = plan, .name = plan->name, .scale = 1, .err = err };
        ProfileSet set = profile_set_new();
        int r;

        if (s.has_fractions && s.total < MOST_COUNT / FINER)
                in.scale = FINER;
        r = add_profiles(&in, two, &set, arena);
        if (r == 0)
                r = read_lines(&in, text, two, &set, arena);
        if (r == 0)
                r = finish(&in, two, &set, arena);
        if (r == 0)
                *ret = set;
        return r;
}

static int detect(Span head, bool whole)
{
        uint64_t lines = 0, stacks = 0, deep = 0;
        Span text;
        Line line;

        while (span_next_line(&head, &text)) {
                text = span_trim(text);
                if (text.len == 0 || is_comment(text) || (!head.len && !whole))
                        continue;
                lines++;
                if (take_apart(text, false, &line)) {
                        stacks++;
                        deep += span_find_byte(line.stack, ';') >= 0;
                }
        }
        if (stacks == 0 || stacks * 2 < lines)
                return 0;
        return deep * 2 >= stacks ? 55 : deep ? 40 : 20;
}

const ProfileFormat collapsed_profile_format = {
        .name = "collapsed",
        .says = "collapsed stacks, \"a;b;c 12\", with one count or two",
        .files = "github.com/brendangregg/FlameGraph flamegraph.pl, difffolded.pl",
        .detect = detect,
        .read = read,
};
