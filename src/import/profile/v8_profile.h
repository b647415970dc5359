#pragma once
/* What V8's profiles share: nodes with a call frame, samples that name a node, deltas of time.
 * Used by .cpuprofile, .heapprofile and the profile chunks of Chrome's traces.
 *
 *         V8Profile v = v8_profile(&in, p);
 *         v8_read_nodes(&v, &pull);
 *         v8_read_samples(&v, &pull);
 *         v8_read_deltas(&v, &pull);
 *         r = pull.failed ? pull.failed : v8_add_samples(&v);
 *
 * Nodes come flat, with `children` (numbers) or `parent`, or as a tree, with `children` that are
 * nodes; the frame stands in `callFrame` or, before 2016, in the node itself. Who is whose child is
 * settled at the end, since numbers may be named before their nodes come. Definitions: the Chrome
 * DevTools Protocol, domains Profiler and HeapProfiler.
 */

#include "import/profile/json_pull.h"
#include "import/profile/stack_table.h"

#define V8_TREE_DEPTH 1000 /* of nodes in nodes */
#define V8_UNKNOWN INT64_MIN

typedef struct V8Node {
        uint64_t id, hits, self_bytes;
} V8Node;

/* "The node `id` and the row `row` belong together": as child and parent, or the other way. */
typedef struct V8Link {
        uint64_t id;
        uint32_t row;
        bool id_is_parent;
} V8Link;

typedef struct V8Sample {
        uint64_t id; /* of the node */
        int64_t time_ns;
} V8Sample;

typedef struct V8Profile {
        Intake *in;
        Profile *p;
        StackTable stacks;
        VEC(V8Node) nodes; /* in the order of the stacks' rows */
        VEC(V8Link) links;
        Map by_id;
        VEC(V8Sample) samples;
        size_t n_timed;   /* samples that have their time */
        int64_t clock_ns; /* of the last one that has */
        int64_t end_ns;   /* V8_UNKNOWN: not said */
        uint32_t thread;
} V8Profile;

V8Profile v8_profile(Intake *in, Profile *p);
/* One node with all in it; mistakes are kept in pull->failed. */
void v8_read_node(V8Profile *v, JsonPull *pull);
void v8_read_nodes(V8Profile *v, JsonPull *pull);
void v8_read_samples(V8Profile *v, JsonPull *pull);    /* numbers of nodes */
void v8_read_deltas(V8Profile *v, JsonPull *pull);     /* microseconds since the sample before */
void v8_read_timestamps(V8Profile *v, JsonPull *pull); /* microseconds */
/* Every sample weighs until the next one; the last until the end, or as long as the one before. */
int v8_add_samples(V8Profile *v);
/* Without samples: how often each node was hit, in counts. */
int v8_add_hits(V8Profile *v);
/* The sizes of a heap profile. */
int v8_add_sizes(V8Profile *v);
