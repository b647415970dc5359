#pragma once
/* The profile that a user means by a word: a file in any format, "-" for standard input, or a
 * stored run. For the commands that take one (convert, flame). */

#include "command/command.h"
#include "import/profile/profile_format.h"

/* What such commands share: how to read, and what to make of it. */
typedef struct ProfileSourceOpts {
        const char *from, *event, *value;
        bool pid, tid, kernel, jit, all, addrs, samples;
} ProfileSourceOpts;

typedef struct ProfileSource {
        const char *word;
        const ProfileSourceOpts *opts;
        bool split_arrows;  /* as stackcollapse-perf.pl does (ProfileImportPlan.inline_frames) */
        size_t max_samples; /* kept in time */
        bool lines_in_time; /* ProfileImportPlan.lines_in_time */
} ProfileSource;

/* Reads and rewrites; warnings go to ctx->err unless --quiet. */
int profile_source_read(Context *ctx, const ProfileSource *source, ProfileSet *ret, Error *err);
/* Of `names` (NULL-terminated), the one that `name` most likely stands for; NULL: none is near. */
const char *nearest_name(Span name, const char *const *names);
