#pragma once
/* Who in the target's own code asked for the cost: every sample goes to one function at most.
 *
 * Only frames of the target's own executable (and code made at run time) are its own; what
 * libraries and the kernel do below such a frame was asked for by it and is folded into it. That
 * gives a call tree of own functions (own_tree.h). From its root, at a node of weight w:
 *     its own cost is a third of w or more      it is an owner
 *     one child has two thirds of w or more     descend into that child
 *     otherwise the tree splits here. The first split on the way from a thread's root, at a
 *     function with less than a tenth of w of its own, is a dispatcher (different requests go
 *     different ways): descend into every child with 2 % of all samples or more; at a later split
 *     the node itself is the owner.
 * Two corrections. A helper, a function with several callers whose cost is nearly all in what it
 * calls and comes from one of them, is not the owner: that caller is. And owners that only a split
 * made, on several ways from a dispatcher, are one function: where all its callers are one function
 * as well, the ways met there, and that is the owner; so they did where one way mostly calls a
 * function that another goes through. What an owner does on other ways is its own,
 * too. Samples without an own frame (a server
 * library's own work) belong to nobody.
 *
 *         OwnerTable owners = owner_costs(profile, "/srv/app/server", arena);
 *         owners.items[0].function ... the largest
 */

#include "model/profile.h"

typedef struct OwnerCost {
        Span function, module;
        Span source;         /* "file.c:120", its hottest line; may be empty */
        uint64_t weight;     /* of everything below it */
        double share;        /* of all samples */
        double own_share;    /* of all samples: in itself and the libraries that it calls */
        Span callee;         /* library function it calls that costs most; may be empty */
        double callee_share; /* of the owner's weight */
        Span through;        /* own function between, when most of it is; may be empty */
        Span leaf;           /* function in which most of its time ends */
        Span callers;        /* "handle_request > route_order" above it; may be empty */
} OwnerCost;

typedef struct OwnerTable {
        OwnerCost *items; /* largest first */
        size_t len;
        uint32_t *owner_of; /* per node of the profile: index into items, or UINT32_MAX */
        double unowned;     /* share of samples that belong to nobody */
} OwnerTable;

/* `executable` NULL, or without a sample: the file with the most cost below it that is not a
 * shared library. */
OwnerTable owner_costs(const Profile *p, const char *executable, Arena *arena);
/* For each owner the share of its weight spent in or below functions that match, by the number
 * of their name: matches[string]. */
double *owner_shares_below(const OwnerTable *owners, const Profile *p, const bool *matches,
                           Arena *arena);
