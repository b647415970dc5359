#pragma once
/* A profile: stacks folded into a trie, with what is known about their quality.
 *
 *         Profile *p = profile_new(arena, 1 << 20);
 *         uint32_t f = profile_frame(p, &(FrameDesc){ .symbol = SPAN("main"), ... });
 *         profile_add(p, frames, n, 1, period_ns);          // root first, leaf last
 *
 * Node 0 is the root ("all") and has no frame; every other node has a parent with a smaller
 * number, so one pass from the end adds totals up. Frames and strings are stored once. All
 * growth stops at the ceiling given: stacks that no longer fit are counted in quality.dropped.
 *
 * The trie alone forgets when a sample was taken and in which thread. With a ceiling for it
 * (profile_keep_samples) the samples are kept in time as well, each pointing at its node:
 *
 *         profile_keep_samples(p, 5000000);
 *         uint32_t thread = profile_thread(p, SPAN("worker"), 41, 43);
 *         profile_add_at(p, frames, n, thread, now_ns, period_ns);
 *
 * Several values of one source (allocations and their bytes; CPU time and waiting) are several
 * profiles.
 */

#include "base/buf.h"
#include "base/map.h"
#include "base/units.h"
#include "base/vec.h"

#define FRAME_KINDS(X)                                                            \
        X(NATIVE, "native") /* in a file, by symbol */                            \
        X(KERNEL, "kernel")                                                       \
        X(INLINED, "inlined")                                                     \
        X(JIT, "jit")         /* from a perf map */                               \
        X(UNKNOWN, "unknown") /* address without a name */                        \
        X(THREAD, "thread")   /* the thread's or process's name, at the bottom */ \
        X(SCRIPT, "script")   /* Python, JavaScript, Java: by the runtime's own names */

typedef enum FrameKind {
#define X(id, name) FRAME_##id,
        FRAME_KINDS(X)
#undef X
} FrameKind;

typedef struct FrameDesc {
        Span symbol; /* function, demangled; "[unknown]" style names are the reader's business */
        Span module; /* path of the file it lives in; "[kernel]", "[vdso]" */
        Span file;   /* source file; empty: not known */
        uint32_t line;
        FrameKind kind;
} FrameDesc;

typedef struct Frame {
        uint32_t symbol, module, file; /* string numbers */
        uint32_t line;
        FrameKind kind;
} Frame;

typedef struct ProfileNode {
        uint32_t parent, frame;
        uint64_t self_samples, self_weight; /* weight in the profile's unit */
} ProfileNode;

typedef struct ProfileThread {
        uint32_t name; /* string number */
        uint32_t pid, tid;
} ProfileThread;

/* One sample in time: the end of its chain in the trie, and who it was. */
typedef struct ProfileSample {
        uint64_t time_ns; /* since the window began; in no particular order */
        uint64_t weight;
        uint32_t node, thread;
} ProfileSample;

/* What was sampled and what of it is doubtful; samples, unless it says frames. */
typedef struct ProfileQuality {
        uint64_t samples;   /* all that were taken */
        uint64_t complete;  /* the chain reaches the thread's start */
        uint64_t truncated; /* it ends early */
        uint64_t lost;      /* dropped by the kernel before we saw them */
        uint64_t dropped;   /* did not fit under the ceiling */
        uint64_t frames, unknown_frames;
        uint64_t untimed; /* in the trie, but beyond the ceiling of samples kept in time */
} ProfileQuality;

typedef struct Profile {
        Arena *arena;
        VEC(Span) strings; /* number 0 is the empty string */
        VEC(Frame) frames;
        VEC(ProfileNode) nodes;
        VEC(ProfileThread) threads;
        VEC(ProfileSample) samples; /* empty: no times are known */
        Map string_ids, frame_ids, child_ids, thread_ids;
        ProfileQuality quality;
        const char *event; /* "cpu" ... ; what a sample is */
        Unit unit;         /* of the weights */
        double rate_hz;
        uint64_t duration_ns;
        uint64_t total_weight;
} Profile;

Profile *profile_new(Arena *arena, size_t max_nodes);
uint32_t profile_string(Profile *p, Span text);            /* UINT32_MAX past the ceiling */
uint32_t profile_frame(Profile *p, const FrameDesc *desc); /* UINT32_MAX past the ceiling */
/* Adds `samples` with `weight` at the end of the chain root..leaf. Counts quality.samples, .frames,
 * .unknown_frames and .dropped; complete, truncated and lost are the caller's to count. A chain
 * with a frame number of UINT32_MAX is dropped. */
void profile_add(Profile *p, const uint32_t *frames, size_t n, uint64_t samples, uint64_t weight);
/* Room for so many samples in time; none before this. */
void profile_keep_samples(Profile *p, size_t max_samples);
/* By pid and tid; the first name stays. UINT32_MAX: full. */
uint32_t profile_thread(Profile *p, Span name, uint32_t pid, uint32_t tid);
/* profile_add() of one sample that is also kept in time. */
void profile_add_at(Profile *p, const uint32_t *frames, size_t n, uint32_t thread, uint64_t time_ns,
                    uint64_t weight);
Span profile_symbol(const Profile *p, uint32_t frame);
Span profile_module(const Profile *p, uint32_t frame);

/* Weight of each node with all below it; one number per node. */
uint64_t *profile_totals(const Profile *p, Arena *arena);

/* Self and inclusive weight per function (symbol + module); recursion is counted once. */
typedef struct FunctionCost {
        uint32_t frame; /* one of its frames */
        uint64_t self_weight, total_weight;
        uint64_t samples; /* inclusive */
} FunctionCost;
/* Sorted by self weight, largest first. FRAME_THREAD frames are no functions and stay out. */
size_t profile_functions(const Profile *p, Arena *arena, FunctionCost **ret);

void profile_pack(const Profile *p, Buf *out); /* varints, for the store */
int profile_unpack(Span packed, Arena *arena, Profile **ret, Error *err);

/* "a;b;c 12" lines, sorted bytewise by stack; counts are samples. ';' in a name is written ':'.
 * Reading: blank lines and "\r\n" are fine, anything else is ERR_INPUT with the line's number. */
void profile_write_collapsed(const Profile *p, Buf *out);
/* The same with counts that are weights: periods, time, bytes. */
void profile_write_collapsed_weights(const Profile *p, Buf *out);
int profile_read_collapsed(Span text, const char *name, Arena *arena, Profile **ret, Error *err);
