#include "analysis/commit_order.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define MOST_COMMITS 10000000
#define LONGEST_HASH 64

static bool is_hash(Span s)
{
        if (s.len < COMMIT_SHORTEST || s.len > LONGEST_HASH)
                return false;
        for (size_t i = 0; i < s.len; i++)
                if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'f')))
                        return false;
        return true;
}

static int by_hash(const void *a, const void *b, void *hashes_of)
{
        const Span *hashes = hashes_of;

        return span_compare(hashes[*(const uint32_t *)a], hashes[*(const uint32_t *)b]);
}

static int name_commits(Span *hashes, size_t n, Arena *arena, CommitOrder *ret, Error *err)
{
        uint32_t *named = new_try(arena, uint32_t, n);

        if (!named)
                return fail(err, ERR_LIMIT, "%zu commits do not fit into memory", n);
        for (size_t i = 0; i < n / 2; i++) { /* oldest first */
                Span other = hashes[i];

                hashes[i] = hashes[n - 1 - i];
                hashes[n - 1 - i] = other;
        }
        for (size_t i = 0; i < n; i++)
                named[i] = (uint32_t)i;
        if (n)
                qsort_r(named, n, sizeof(*named), by_hash, hashes);
        *ret = (CommitOrder){ .hashes = hashes, .named = named, .len = n };
        return 0;
}

int commit_order_parse(Span text, Arena *arena, CommitOrder *ret, Error *err)
{
        VEC(Span) hashes = VEC_INIT(MOST_COMMITS);
        Span line;

        while (span_next_line(&text, &line)) {
                Span *slot;

                if (!is_hash(line))
                        return fail(err, ERR_INPUT, "commit %zu: '%.*s' is no hash", hashes.len + 1,
                                    SPAN_ARG(span_first(line, LONGEST_HASH)));
                slot = vec_add(arena, &hashes);
                if (!slot)
                        return fail(err, ERR_LIMIT, "more than %d commits", MOST_COMMITS);
                *slot = line;
        }
        return name_commits(hashes.items, hashes.len, arena, ret, err);
}

/* The first by name whose hash is not below `revision`. */
static size_t lower_bound(const CommitOrder *order, Span revision)
{
        size_t low = 0, n = order->len;

        while (n) {
                size_t half = n / 2;

                if (span_compare(order->hashes[order->named[low + half]], revision) < 0) {
                        low += half + 1;
                        n -= half + 1;
                } else {
                        n = half;
                }
        }
        return low;
}

static bool begins(const CommitOrder *order, size_t at, Span revision)
{
        Span hash;

        if (at >= order->len)
                return false;
        hash = order->hashes[order->named[at]];
        return span_eq(span_first(hash, revision.len), revision);
}

bool commit_order_find(const CommitOrder *order, Span revision, size_t *ret)
{
        size_t at;

        if (revision.len < COMMIT_SHORTEST)
                return false;
        at = lower_bound(order, revision);
        if (!begins(order, at, revision))
                return false;
        if (order->hashes[order->named[at]].len > revision.len && begins(order, at + 1, revision))
                return false; /* two begin so */
        *ret = order->named[at];
        return true;
}
