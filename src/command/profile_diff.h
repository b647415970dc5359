#pragma once
/* hone profile --diff A B: two sets of stored profiles compared. */

#include "command/command.h"

typedef struct ProfileDiffOpts {
        bool diff, fail;
        double alpha, tolerance, min_share;
        unsigned basis;
        const char *html;
} ProfileDiffOpts;

extern const char *const profile_diff_bases[];

/* Exit status: with `fail` 1 when something grew beyond the tolerance, 3 when that is not known. */
int profile_diff_run(Context *ctx, const ProfileDiffOpts *opts, const TextList *args, Error *err);
