#pragma once
/* What owner.c and owner_describe.c share: the search for owners. See analysis/owner.h. */

#include "analysis/own_tree.h"
#include "analysis/owner.h"

#define NOBODY UINT32_MAX
#define MOST_PAIRS ((size_t)1 << 22)

/* What is known of an own function over the whole tree. */
typedef struct FunctionFacts {
        uint64_t total, code, heaviest_caller;
        uint32_t callers;
} FunctionFacts;

typedef struct Finder {
        OwnTree tree;
        Arena *arena, *scratch;
        FunctionFacts *facts; /* per string number */
        VEC(uint32_t) found;  /* nodes that are owners */
        VEC(OwnerCost) owners;
        VEC(uint32_t) functions; /* of the owners: string numbers */
        uint64_t *heaviest;      /* per owner: the largest of its nodes */
} Finder;

static inline OwnNode *node_at(const Finder *f, uint32_t at)
{
        return &f->tree.nodes.items[at];
}

/* Fills in what the samples of each owner have in common: line, callee, leaf, way. */
void owner_describe(Finder *f);
