#pragma once
/* Where commits stand in a line of history, oldest first; a commit is found by its hash or by a
 * prefix of it that no other shares.
 *
 *         CommitOrder order;
 *         commit_order_parse(output_of_rev_list, arena, &order, err);
 *         if (commit_order_find(&order, SPAN("3f2a91c"), &at))
 *                 ...
 */

#include "base/span.h"

#define COMMIT_SHORTEST 7 /* digits that name a commit */

typedef struct CommitOrder {
        const Span *hashes;    /* oldest first, views into the text that was parsed */
        const uint32_t *named; /* indexes, by hash */
        size_t len;
} CommitOrder;

/* One hash a line, newest first, as `git rev-list --topo-order` prints them. What is no hash is
 * ERR_INPUT. The text must live as long as the order. */
int commit_order_parse(Span text, Arena *arena, CommitOrder *ret, Error *err);
bool commit_order_find(const CommitOrder *order, Span revision, size_t *ret);
