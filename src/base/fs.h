#pragma once
/* Files: whole reads with a ceiling, writes that are complete or absent, paths, trees.
 *
 *         r = file_read(path, MiB(16), arena, &text, err);        // text lives in the arena
 *         r = file_write(path, buf_span(&report), err);           // the old file or the new one
 *
 * Errors name the path. Bytes that were read are followed by a NUL that is not counted.
 */

#include "base/buf.h"

/* Whole file, also from /proc where sizes are 0. ERR_LIMIT past `max_bytes`. */
int file_read(const char *path, size_t max_bytes, Arena *arena, Span *ret, Error *err);
/* Into `path` through a temporary file beside it: write, fsync, rename, fsync the directory. A
 * link's target is replaced, permissions stay; a device or pipe is written as it is. */
int file_write(const char *path, Span bytes, Error *err);
int fd_write_all(int fd, Span bytes, Error *err);
bool path_exists(const char *path);
/* One slash between them; an absolute `name` stands alone. */
char *path_join(Arena *arena, const char *dir, const char *name);
int dir_make(const char *path, Error *err); /* with its parents; existing is fine */
/* Does not follow links out of the tree; what is not there is removed already. */
int tree_remove(const char *path, Error *err);
/* Upwards from `from` (NULL: the working directory): the first directory that holds `name`. */
int path_find_up(const char *from, const char *name, Arena *arena, char **ret_dir, Error *err);
