#include "import/profile/pprof_prune.h"

#include <regex.h>
#include <string.h>

#define MOST_PATTERN 4096

static void regex_done(regex_t **re)
{
        if (*re)
                regfree(*re);
}

/* Repetitions with numbers and back references cost time and memory without bounds: not used. */
static bool is_safe(Span pattern)
{
        for (size_t i = 0; i < pattern.len; i++) {
                char after = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';

                if (pattern.ptr[i] == '{' || !pattern.ptr[i])
                        return false;
                if (pattern.ptr[i] == '\\' && (after >= '0' && after <= '9'))
                        return false;
        }
        return pattern.len <= MOST_PATTERN;
}

/* The whole name has to match. Empty: nothing does. */
static regex_t *compile(const Pprof *b, Span pattern, regex_t *re, bool *unusable)
{
        char *text;

        if (!pattern.len)
                return NULL;
        text = is_safe(pattern) ? new_try(b->in->scratch, char, pattern.len + 5) : NULL;
        if (text) {
                snprintf(text, pattern.len + 5, "^(%.*s)$", SPAN_ARG(pattern));
                if (regcomp(re, text, REG_EXTENDED | REG_NOSUB) == 0)
                        return re;
        }
        *unusable = true;
        return NULL;
}

static bool matches(const Pprof *b, const regex_t *re, Span name)
{
        Mark mark = arena_mark(b->in->scratch);
        char *text = re && name.len < KiB(64) ? new_try(b->in->scratch, char, name.len + 1) : NULL;
        bool found;

        if (!text)
                return false;
        memcpy(text, name.ptr, name.len);
        found = regexec(re, text, 0, NULL, 0) == 0;
        arena_reset(b->in->scratch, mark);
        return found;
}

typedef struct Patterns {
        const regex_t *drop, *keep;
} Patterns;

static uint32_t first_kept(const Pprof *b, const PprofLocation *l, const Patterns *patterns)
{
        for (uint32_t i = l->n_lines; i-- > 0;) {
                uint32_t f = b->lines.items[l->first + i].function;
                Span name =
                        f == PPROF_NONE ? SPAN("") : pprof_string(b, b->functions.items[f].name);

                if (matches(b, patterns->drop, name) && !matches(b, patterns->keep, name))
                        return i + 1;
        }
        return 0;
}

int pprof_prune(const Pprof *b, PprofPrune *ret)
{
        regex_t drop_re, keep_re;
        bool unusable = false;
        AUTO(regex_done)
        regex_t *drop = compile(b, pprof_string(b, b->drop_frames), &drop_re, &unusable);
        AUTO(regex_done)
        regex_t *keep = compile(b, pprof_string(b, b->keep_frames), &keep_re, &unusable);
        PprofPrune prune = { .b = b, .unusable = unusable };

        if (drop && !unusable) {
                prune.keep_from = new_try(b->in->scratch, uint32_t, b->locations.len + 1);
                if (!prune.keep_from)
                        return intake_full(b->in, "locations");
                for (size_t i = 0; i < b->locations.len; i++)
                        prune.keep_from[i] =
                                first_kept(b, &b->locations.items[i], &(Patterns){ drop, keep });
        }
        *ret = prune;
        return 0;
}

size_t pprof_prune_from(const PprofPrune *prune, const uint32_t *stack, size_t n,
                        uint32_t *ret_first_line)
{
        bool seen_other = false;

        for (size_t i = n; prune->keep_from && i-- > 0;) {
                uint32_t from = prune->keep_from[stack[i]];

                if (from == 0) {
                        seen_other = true;
                        continue;
                }
                if (!seen_other)
                        continue;
                if (from == prune->b->locations.items[stack[i]].n_lines)
                        return i + 1;
                *ret_first_line = from;
                return i;
        }
        return 0;
}
