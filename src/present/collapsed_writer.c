/* Collapsed stacks of a set. Counts are weights: periods, as stackcollapse-perf.pl sums them, or
 * time, or bytes. Two sides are written as difffolded.pl does it, with a count for each. */

#include "present/profile_export.h"

#define MOST_BYTES GiB(2)

/* "stack 12" at its last space. */
static bool next_stack(Span *rest, Span *ret_stack, Span *ret_count)
{
        const char *space;
        Span line;

        if (!span_next_line(rest, &line))
                return false;
        space = memrchr(line.ptr, ' ', line.len);
        BUG_IF(!space);
        *ret_stack = span_first(line, (size_t)(space - line.ptr));
        *ret_count = span_from(line, (size_t)(space - line.ptr) + 1);
        return true;
}

static void put_pair(Buf *out, Span stack, Span before, Span after)
{
        buf_add(out, stack);
        buf_byte(out, ' ');
        buf_add(out, before);
        buf_byte(out, ' ');
        buf_add(out, after);
        buf_byte(out, '\n');
}

/* Both are sorted in the same way, so one pass over the two finds what they share. */
static void join(Span a, Span b, Buf *out)
{
        Span stack_a, stack_b, count_a, count_b;
        bool has_a = next_stack(&a, &stack_a, &count_a), has_b = next_stack(&b, &stack_b, &count_b);

        while (has_a || has_b) {
                int order = !has_a ? 1 : !has_b ? -1 : span_compare(stack_a, stack_b);

                put_pair(out, order <= 0 ? stack_a : stack_b, order <= 0 ? count_a : SPAN("0"),
                         order >= 0 ? count_b : SPAN("0"));
                if (order <= 0)
                        has_a = next_stack(&a, &stack_a, &count_a);
                if (order >= 0)
                        has_b = next_stack(&b, &stack_b, &count_b);
        }
}

static int write_sides(const ProfileSet *set, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(2 * MOST_BYTES);
        Buf sides[2] = { buf_in(scratch, MOST_BYTES), buf_in(scratch, MOST_BYTES) };

        for (size_t i = 0; i < 2; i++) {
                profile_write_collapsed_weights(set->items.items[i].profile, &sides[i]);
                if (buf_check(&sides[i], err) < 0)
                        return -err->code;
        }
        join(buf_span(&sides[0]), buf_span(&sides[1]), out);
        return buf_check(out, err);
}

static int write(const ProfileSet *set, const char *title UNUSED, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(4));
        Profile *p;
        int r;

        if (set->kind == PROFILES_SIDES && set->items.len == 2)
                return write_sides(set, out, err);
        r = profile_set_whole(set, scratch, &p, err);
        if (r < 0)
                return r;
        profile_write_collapsed_weights(p, out);
        return buf_check(out, err);
}

const ProfileWriter collapsed_profile_writer = {
        .name = "collapsed",
        .says = "collapsed stacks, \"a;b;c 12\", as stackcollapse-perf.pl",
        .extension = ".txt",
        .files = "github.com/brendangregg/FlameGraph flamegraph.pl, difffolded.pl",
        .timeless = true,
        .write = write,
};
