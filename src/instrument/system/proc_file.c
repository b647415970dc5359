#include "instrument/system/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_procfs(int fd)
{
        struct statfs fs;

        return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int proc_reader_open(const char *root, Arena *arena, ProcReader *ret, Error *err)
{
        int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return fail(err, errno, "cannot open '%s'", root);
        *ret = (ProcReader){ .root = root,
                             .root_fd = fd,
                             .buffer = new (arena, char, PROC_BUFFER_BYTES),
                             .room = PROC_BUFFER_BYTES,
                             .is_proc = is_procfs(fd) };
        return 0;
}

void proc_reader_close(ProcReader *reader)
{
        if (reader->root_fd > 0)
                close(reader->root_fd);
        reader->root_fd = -1;
}

ProcPath proc_path(const char *format, ...)
{
        ProcPath path;
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(path.text, sizeof(path.text), format, args);
        va_end(args);
        BUG_IF(n < 0);
        return path; /* one that was cut names no file: the read says so */
}

static void close_fd(const int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

/* Fills the buffer as far as the file goes. */
static int read_bytes(ProcReader *reader, const char *path, size_t *ret_len, Error *err)
{
        AUTO(close_fd) int fd = openat(reader->root_fd, path, O_RDONLY | O_CLOEXEC);
        size_t len = 0;

        if (fd < 0)
                return fail(err, errno, "cannot open '%s/%s'", reader->root, path);
        while (len < reader->room) {
                ssize_t n = read(fd, reader->buffer + len, reader->room - len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return fail(err, errno, "cannot read '%s/%s'", reader->root, path);
                if (n == 0)
                        break;
                len += (size_t)n;
        }
        *ret_len = len;
        return 0;
}

int proc_read(ProcReader *reader, const char *path, Span *ret, Error *err)
{
        size_t len;
        int r = read_bytes(reader, path, &len, err);

        if (r < 0)
                return r;
        if (len == reader->room)
                return fail(err, ERR_LIMIT, "'%s/%s' is larger than %zu bytes", reader->root, path,
                            reader->room - 1);
        *ret = (Span){ reader->buffer, len };
        return 0;
}

int proc_read_start(ProcReader *reader, const char *path, Span *ret, Error *err)
{
        size_t len;
        int r = read_bytes(reader, path, &len, err);

        if (r < 0)
                return r;
        if (len == reader->room)
                while (len > 0 && reader->buffer[len - 1] != '\n')
                        len--;
        *ret = (Span){ reader->buffer, len };
        return 0;
}

int proc_read_link(ProcReader *reader, const char *path, Span *ret, Error *err)
{
        ssize_t n = readlinkat(reader->root_fd, path, reader->buffer, reader->room);

        if (n < 0)
                return fail(err, errno, "cannot read the link '%s/%s'", reader->root, path);
        *ret = (Span){ reader->buffer, (size_t)n };
        return 0;
}

int proc_open_dir(ProcReader *reader, const char *path, DIR **ret, Error *err)
{
        int fd = openat(reader->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir;

        if (fd < 0)
                return fail(err, errno, "cannot open '%s/%s'", reader->root, path);
        dir = fdopendir(fd);
        if (!dir) {
                int code = errno;

                close(fd);
                return fail(err, code, "cannot list '%s/%s'", reader->root, path);
        }
        *ret = dir;
        return 0;
}

bool proc_exists(ProcReader *reader, const char *path)
{
        return faccessat(reader->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool proc_next_number(DIR *dir, int *ret)
{
        const struct dirent *entry;

        while ((entry = readdir(dir))) {
                uint64_t number;

                if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
                        continue;
                if (span_to_u64(span_of(entry->d_name), &number, NULL) < 0 || number > INT32_MAX)
                        continue;
                *ret = (int)number;
                return true;
        }
        return false;
}

void proc_dir_closep(DIR **dir)
{
        if (*dir)
                closedir(*dir);
        *dir = NULL;
}

/* Since Linux 6.2 the directory's size is the number of descriptors; before, it is 0. */
static bool counted_by_kernel(ProcReader *reader, const char *path, uint64_t *ret)
{
        struct stat st;

        if (!reader->is_proc || fstatat(reader->root_fd, path, &st, 0) < 0 || st.st_size <= 0)
                return false;
        *ret = (uint64_t)st.st_size;
        return true;
}

int proc_count_fds(ProcReader *reader, int pid, uint64_t *ret, Error *err)
{
        AUTO(proc_dir_closep) DIR *dir = NULL;
        ProcPath path = proc_path("%d/fd", pid);
        uint64_t n = 0;
        int fd, r;

        if (counted_by_kernel(reader, path.text, ret))
                return 0;
        r = proc_open_dir(reader, path.text, &dir, err);
        if (r < 0)
                return r;
        while (proc_next_number(dir, &fd))
                n++;
        *ret = n;
        return 0;
}

bool proc_is_gone(int code)
{
        return code == -ENOENT || code == -ESRCH;
}
