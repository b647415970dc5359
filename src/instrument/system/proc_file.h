#pragma once
/* Reading /proc and /sys: small files, read whole, again and again, without allocating.
 *
 *         ProcReader proc;
 *         r = proc_reader_open("/proc", arena, &proc, err);
 *         r = proc_read(&proc, proc_path("%d/stat", pid).text, &text, err);
 *         ... `text` is good until the next read ...
 *         proc_reader_close(&proc);
 *
 * The root is a parameter so that tests can point at a small tree of their own. The buffer is
 * taken from the arena once; a file that does not fit is ERR_LIMIT (proc_read) or cut after its
 * last whole line (proc_read_start). A reader belongs to one thread.
 */

#include "base/span.h"

#include <dirent.h>

#define PROC_BUFFER_BYTES KiB(256)

typedef struct ProcReader {
        const char *root;
        int root_fd;
        char *buffer;
        size_t room;
        bool is_proc; /* the root is a proc file system, not a tree of a test */
} ProcReader;

typedef struct ProcPath {
        char text[96]; /* our own formats: a few numbers and short names */
} ProcPath;

int proc_reader_open(const char *root, Arena *arena, ProcReader *ret, Error *err);
void proc_reader_close(ProcReader *reader); /* accepts one that is closed */

ProcPath proc_path(const char *format, ...) PRINTF(1, 2);
int proc_read(ProcReader *reader, const char *path, Span *ret, Error *err);
int proc_read_start(ProcReader *reader, const char *path, Span *ret, Error *err);
int proc_read_link(ProcReader *reader, const char *path, Span *ret, Error *err);
int proc_open_dir(ProcReader *reader, const char *path, DIR **ret, Error *err);
bool proc_exists(ProcReader *reader, const char *path);
/* The next entry whose name is a positive number that fits an int; false at the end. */
bool proc_next_number(DIR *dir, int *ret);
void proc_dir_closep(DIR **dir);
/* How many descriptors a process has open. Since Linux 6.2 this needs no rights. */
int proc_count_fds(ProcReader *reader, int pid, uint64_t *ret, Error *err);

/* The process or thread ended while it was looked at: not a failure of the source. */
bool proc_is_gone(int code);
