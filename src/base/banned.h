#pragma once
/* Included before every file of hone by the build: names that break it.
 *
 * Each has a bounded or typed replacement in base/: integers from text (span_to_u64), text
 * building (Buf, arena_printf), memory (Arena), child processes (subprocess_run), time (Os).
 * A file of base/ that builds such a replacement defines HONE_ALLOWS_MALLOC through the build.
 */
#ifndef __cplusplus
#        include <stdio.h>
#        include <stdlib.h>
#        include <string.h>
#        include <strings.h>
#        include <time.h>
#        include <wchar.h>
#        pragma GCC poison atoi atol atoll atof strtol strtoul strtoll strtoull
#        pragma GCC poison sprintf vsprintf strcpy strcat strncpy strncat strtok
#        pragma GCC poison gmtime localtime ctime asctime rand srand popen
#        pragma GCC poison gets tmpnam mktemp
#        ifndef HONE_ALLOWS_MALLOC
#                pragma GCC poison malloc calloc realloc strdup strndup asprintf vasprintf
#        endif
/* A common word, so only the call is refused (clang cannot add this to a known name). */
#        ifndef __clang__
extern int system(const char *) __attribute__((error("run programs with subprocess_run()")));
#        endif
#endif
