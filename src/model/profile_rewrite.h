#pragma once
/* A profile seen in another way: from the leaf, counted in samples, with annotated names.
 *
 *         Profile *reversed;
 *         r = profile_rewrite(p, &(ProfileRewrite){ .reverse = true }, arena, &reversed, err);
 *
 * Event, rate, duration, quality, threads and samples in time come along; the given profile stays
 * as it is.
 */

#include "model/profile.h"

typedef struct ProfileRewrite {
        bool reverse;     /* leaves become roots */
        bool samples;     /* weights become samples */
        bool kernel, jit; /* _[k] and _[j] at the names of such frames */
} ProfileRewrite;

int profile_rewrite(const Profile *p, const ProfileRewrite *how, Arena *arena, Profile **ret,
                    Error *err);
