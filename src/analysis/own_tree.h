#pragma once
/* The call tree of the target's own functions, with libraries and the kernel folded into it.
 *
 *         OwnTree tree;
 *         own_tree_build(&tree, profile, "/srv/app/server", scratch);
 *         tree.nodes.items[tree.node_of[i]] is where node i of the profile was folded
 *
 * Own are frames of the target's executable and code made at run time. When most of the cost lies
 * below code made at run time, the executable is that code's runtime (node, java) and counts as a
 * library. Node 0 is the root and no function; parents have smaller numbers than their children.
 * A function that is on the chain already, at most OWN_RECURSION own calls above, is entered there
 * again: recursion through a few functions makes no deep tree. All lives in the scratch arena.
 */

#include "model/profile.h"

#define OWN_RECURSION 64

typedef struct OwnNode {
        uint32_t parent, function;      /* function: a string number of the profile */
        uint32_t first, next, heaviest; /* children; 0: none */
        uint64_t code;                  /* in the function's own code */
        uint64_t own;                   /* and in the libraries that it calls */
        uint64_t total;                 /* and in the own functions that it calls */
        uint32_t owner;                 /* for the reader's use; UINT32_MAX at first */
} OwnNode;

typedef struct OwnTree {
        const Profile *p;
        Arena *arena;
        VEC(OwnNode) nodes;
        uint32_t *node_of; /* per node of the profile */
        bool *own;         /* per frame of the profile */
        uint64_t total;    /* of all samples */
        Map children;      /* parent << 32 | function -> node */
} OwnTree;

/* `executable` NULL, or of no frame: the file with the most cost below it that is no library. */
void own_tree_build(OwnTree *ret, const Profile *p, const char *executable, Arena *scratch);
