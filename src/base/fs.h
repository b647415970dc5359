#pragma once
/* Files: whole reads with a ceiling, writes that are complete or absent, paths, trees. */

#include "base/buf.h"

/* Whole file, also from /proc where sizes are 0. ERR_LIMIT past `max_bytes`. */
int file_read(const char *path, size_t max_bytes, Arena *arena, Span *ret, Error *err);
/* Into `path` through a temporary file beside it: write, fsync, rename, fsync the directory. */
int file_write(const char *path, Span bytes, Error *err);
int fd_write_all(int fd, Span bytes, Error *err);
bool path_exists(const char *path);
char *path_join(Arena *arena, const char *dir, const char *name);
int dir_make(const char *path, Error *err);   /* with its parents; existing is fine */
int tree_remove(const char *path, Error *err); /* does not follow links out of the tree */
/* Upwards from `from` (NULL: the working directory): the first directory that holds `name`. */
int path_find_up(const char *from, const char *name, Arena *arena, char **ret_dir, Error *err);
