#include "import/profile/stack_fold.h"

#include <string.h>

#define MOST_FRAMES ((size_t)65536)
#define LEAST_LINES ((size_t)256)
#define MOST_LINES ((size_t)1 << 17)
#define STACKS ((size_t)1 << 15)
#define POOL_FRAMES ((size_t)1 << 22)

typedef struct Stack {
        uint64_t hash;
        uint64_t samples, weight;
        uint32_t first, n; /* in the pool of stacks; n 0: the place is free */
} Stack;

struct StackFold {
        Profile *profile;
        FoldLine *lines;
        size_t line_mask;
        uint32_t *line_pool; /* frames of lines that stand for several */
        size_t line_pool_len;
        Stack *stacks;
        size_t stack_mask;
        uint32_t *stack_pool;
        size_t stack_pool_len, stack_pool_room;
        uint32_t *chain; /* filled from its end: the newest frame is nearest to the root */
        size_t at;
};

static size_t power_of_two(size_t n)
{
        size_t power = 1;

        while (power < n)
                power *= 2;
        return power;
}

StackFold *stack_fold_new(Profile *p, size_t text_len, Arena *scratch)
{
        StackFold *f = new_try(scratch, StackFold, 1);
        size_t lines = power_of_two(MIN(MAX(text_len / 256, LEAST_LINES), MOST_LINES));

        if (!f)
                return NULL;
        f->profile = p;
        f->line_mask = lines - 1;
        f->stack_mask = MIN(lines, STACKS) - 1;
        f->stack_pool_room = MIN(lines * 64 + MOST_FRAMES + 1, POOL_FRAMES);
        f->lines = new_try(scratch, FoldLine, lines);
        f->line_pool = new_try(scratch, uint32_t, lines + MOST_FRAMES);
        f->stacks = new_try(scratch, Stack, f->stack_mask + 1);
        f->stack_pool = new_try(scratch, uint32_t, f->stack_pool_room);
        f->chain = new_try(scratch, uint32_t, MOST_FRAMES + 1);
        f->at = MOST_FRAMES + 1;
        return f->lines && f->line_pool && f->stacks && f->stack_pool && f->chain ? f : NULL;
}

/* --- hashing: eight bytes a step, each step a 64x64 bit product folded to 64 --- */

static uint64_t fold_product(uint64_t a, uint64_t b)
{
        unsigned __int128 product = (unsigned __int128)a * b;

        return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t eight(const char *at)
{
        uint64_t v;

        memcpy(&v, at, sizeof(v));
        return v;
}

static uint64_t up_to_seven(const char *at, size_t n)
{
        uint64_t v = 0;

        for (size_t i = 0; i < n; i++)
                v = v << 8 | (unsigned char)at[i];
        return v;
}

static uint64_t bytes_hash(const char *at, size_t n, uint64_t seed)
{
        static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
        uint64_t h = seed ^ n * odd;
        size_t i = 0;

        for (; i + 16 <= n; i += 16)
                h = fold_product(eight(at + i) ^ h, eight(at + i + 8) ^ odd) ^ (h >> 29);
        if (n - i >= 8) {
                h = fold_product(eight(at + i) ^ h, odd);
                i += 8;
        }
        /* The last eight bytes again, when there are that many: no loop over single bytes. */
        if (i < n)
                h = fold_product((n >= 8 ? eight(at + n - 8) : up_to_seven(at, n)) ^ h, odd);
        return h ^ (h >> 32);
}

/* --- lines --- */

static uint64_t key_hash(const FoldKey *key)
{
        uint64_t hash = bytes_hash(key->head.ptr, key->head.len, key->tag);

        return key->tail.len ? bytes_hash(key->tail.ptr, key->tail.len, hash) : hash;
}

static bool is_line(const FoldLine *line, uint32_t hash, const FoldKey *key)
{
        return line->hash == hash && line->head_len == key->head.len &&
               line->tail_len == key->tail.len && line->tag == key->tag && line->head &&
               memcmp(line->head, key->head.ptr, key->head.len) == 0 &&
               (key->tail.len == 0 || memcmp(line->tail, key->tail.ptr, key->tail.len) == 0);
}

/* A key has two places; the newer line takes the first and moves what was there to the second. */
const FoldLine *stack_fold_line(StackFold *f, const FoldKey *key)
{
        uint64_t hash = key_hash(key);
        FoldLine *first = &f->lines[hash & f->line_mask];
        FoldLine *second = &f->lines[(hash & f->line_mask) ^ 1];

        if (LIKELY(is_line(first, (uint32_t)(hash >> 32), key)))
                return first;
        return is_line(second, (uint32_t)(hash >> 32), key) ? second : NULL;
}

static uint32_t keep_frames(StackFold *f, const uint32_t *frames, uint32_t n)
{
        uint32_t first = (uint32_t)f->line_pool_len;

        if (n == 1)
                return frames[0];
        memcpy(f->line_pool + first, frames, n * sizeof(*frames));
        f->line_pool_len += n;
        return first;
}

const FoldLine *stack_fold_learn(StackFold *f, const FoldKey *key, const uint32_t *frames,
                                 uint32_t n)
{
        uint64_t hash = key_hash(key);
        size_t at = hash & f->line_mask, kept = n == FOLD_NOTHING || n == 1 ? 0 : n;

        if (kept > MOST_FRAMES || key->head.len > UINT32_MAX || key->tail.len > UINT32_MAX)
                return NULL;
        if (f->line_pool_len + kept > f->line_mask + 1 + MOST_FRAMES) {
                memset(f->lines, 0, (f->line_mask + 1) * sizeof(*f->lines));
                f->line_pool_len = 0;
        }
        if (f->lines[at].head)
                f->lines[at ^ 1] = f->lines[at];
        f->lines[at] = (FoldLine){ .head = key->head.ptr,
                                   .tail = key->tail.ptr,
                                   .head_len = (uint32_t)key->head.len,
                                   .tail_len = (uint32_t)key->tail.len,
                                   .tag = key->tag,
                                   .hash = (uint32_t)(hash >> 32),
                                   .n = n,
                                   .first = kept || n == 1 ? keep_frames(f, frames, n) : 0 };
        return &f->lines[at];
}

const uint32_t *stack_fold_frames(const StackFold *f, const FoldLine *line)
{
        return line->n == 1 ? &line->first : f->line_pool + line->first;
}

/* --- stacks --- */

bool stack_fold_push(StackFold *f, const FoldLine *line)
{
        if (LIKELY(line->n == 1 && f->at > 1)) {
                f->chain[--f->at] = line->first;
                return true;
        }
        if (line->n == 0 || line->n == FOLD_NOTHING)
                return true;
        if (f->at <= line->n)
                return false;
        f->at -= line->n;
        memcpy(f->chain + f->at, f->line_pool + line->first, line->n * sizeof(*f->chain));
        return true;
}

size_t stack_fold_depth(const StackFold *f)
{
        return MOST_FRAMES + 1 - f->at;
}

void stack_fold_drop(StackFold *f)
{
        f->at = MOST_FRAMES + 1;
}

static void stack_flush(StackFold *f, Stack *s)
{
        if (s->n)
                profile_add(f->profile, f->stack_pool + s->first, s->n, s->samples, s->weight);
        *s = (Stack){ 0 };
}

void stack_fold_flush(StackFold *f)
{
        for (size_t i = 0; i <= f->stack_mask; i++)
                stack_flush(f, &f->stacks[i]);
        f->stack_pool_len = 0;
}

/* Root first, in one piece. */
static Span chain_of(StackFold *f, uint32_t root)
{
        f->chain[--f->at] = root;
        return (Span){ (const char *)(f->chain + f->at),
                       (MOST_FRAMES + 1 - f->at) * sizeof(*f->chain) };
}

void stack_fold_add(StackFold *f, uint32_t root, uint64_t weight)
{
        Span chain = chain_of(f, root);
        uint64_t hash = bytes_hash(chain.ptr, chain.len, 0);
        Stack *s = &f->stacks[hash & f->stack_mask];
        size_t n = chain.len / sizeof(*f->chain);

        if (s->hash != hash || s->n != n ||
            memcmp(f->stack_pool + s->first, chain.ptr, chain.len) != 0) {
                if (f->stack_pool_len + n > f->stack_pool_room)
                        stack_fold_flush(f);
                stack_flush(f, s);
                *s = (Stack){ .hash = hash,
                              .first = (uint32_t)f->stack_pool_len,
                              .n = (uint32_t)n };
                memcpy(f->stack_pool + s->first, chain.ptr, chain.len);
                f->stack_pool_len += n;
        }
        s->samples++;
        s->weight += weight;
        stack_fold_drop(f);
}

void stack_fold_add_at(StackFold *f, uint32_t root, uint32_t thread, uint64_t time_ns,
                       uint64_t weight)
{
        Span chain = chain_of(f, root);

        profile_add_at(f->profile, (const uint32_t *)(const void *)chain.ptr,
                       chain.len / sizeof(*f->chain), thread, time_ns, weight);
        stack_fold_drop(f);
}
