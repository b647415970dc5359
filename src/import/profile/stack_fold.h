#pragma once
/* Folding text into a profile fast: the same lines and the same stacks come again and again.
 *
 *         StackFold *fold = stack_fold_new(profile, text.len, scratch);
 *         const FoldLine *known = stack_fold_line(fold, &key);
 *         if (!known)
 *                 known = stack_fold_learn(fold, &key, frames, n);
 *         stack_fold_push(fold, known);                   // leaf first, as texts have them
 *         stack_fold_add(fold, root, weight);             // one sample: the pushed, above `root`
 *         stack_fold_flush(fold);                         // now the profile has everything
 *
 * Two caches of a fixed size. A line's key is those of its bytes that matter, in two pieces, which
 * must stay where they are; its value is the frames that it stands for. A stack's key is its
 * frames; its value is the weight that has come together, which goes to the profile when the place
 * is needed or at the end. So memory does not grow with the text, and texts made to collide only
 * cost the time of a text without repeats.
 */

#include "model/profile.h"

typedef struct StackFold StackFold;

typedef struct FoldKey {
        Span head, tail; /* what stands between them does not matter; the tail may be empty */
        uint32_t tag;    /* keeps keys of different meaning apart */
} FoldKey;

/* Frames of a line, outermost first. */
typedef struct FoldLine {
        const char *head, *tail;
        uint32_t head_len, tail_len, tag;
        uint32_t hash;
        uint32_t n;     /* FOLD_NOTHING: the line means nothing */
        uint32_t first; /* the frame when n is 1, else where they are kept */
} FoldLine;
#define FOLD_NOTHING UINT32_MAX

/* NULL: no memory. */
StackFold *stack_fold_new(Profile *p, size_t text_len, Arena *scratch);
/* NULL: not known, or no longer. */
const FoldLine *stack_fold_line(StackFold *f, const FoldKey *key);
const FoldLine *stack_fold_learn(StackFold *f, const FoldKey *key, const uint32_t *frames,
                                 uint32_t n);
/* The numbers that were learnt with a line, n of them. */
const uint32_t *stack_fold_frames(const StackFold *f, const FoldLine *line);
/* False: the stack has more than 65536 frames. */
bool stack_fold_push(StackFold *f, const FoldLine *line);
size_t stack_fold_depth(const StackFold *f); /* frames pushed since the last sample */
/* The frames pushed since the last sample, `root` before them, is one sample. */
void stack_fold_add(StackFold *f, uint32_t root, uint64_t weight);
void stack_fold_add_at(StackFold *f, uint32_t root, uint32_t thread, uint64_t time_ns,
                       uint64_t weight);
void stack_fold_drop(StackFold *f); /* forgets the pushed frames */
void stack_fold_flush(StackFold *f);
