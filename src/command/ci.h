#pragma once
/* Job files for CI, from templates that the program carries (ci/NAME.yml), with what hone.yaml says
 * about the service filled in. */

#include "process/config.h"

typedef enum CiSystem { CI_GITHUB, CI_GITLAB } CiSystem;

/* Where the file of a system belongs, in the root of the repository. */
const char *ci_path(CiSystem system);
int ci_text(CiSystem system, const Config *config, Arena *arena, Span *ret, Error *err);
