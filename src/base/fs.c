#include "base/fs.h"

#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_ceiling(const char *path, size_t max_bytes, Error *err)
{
        return fail(err, ERR_LIMIT, "'%s' is larger than %zu bytes", path, max_bytes);
}

static int fail_room(const char *path, Error *err)
{
        return fail(err, ERR_LIMIT, "'%s' does not fit into the memory set aside", path);
}

/* Into the room that is there; without any into a small place first, so that finding the end of a
 * file of known size does not double the buffer. Returns the count, 0 at the end. */
static ssize_t read_some(int fd, const char *path, Buf *bytes, Error *err)
{
        size_t direct = bytes->room > bytes->len + 1 ? bytes->room - bytes->len - 1 : 0;
        char spill[KiB(4)];
        ssize_t n =
                read(fd, direct ? bytes->ptr + bytes->len : spill, direct ? direct : sizeof(spill));

        if (n < 0)
                return fail(err, errno, "cannot read '%s'", path);
        if (direct) {
                buf_grew(bytes, (size_t)n);
                return n;
        }
        if ((size_t)n > bytes->ceiling - bytes->len)
                return fail_ceiling(path, bytes->ceiling, err);
        buf_bytes(bytes, spill, (size_t)n);
        return bytes->overflowed ? fail_room(path, err) : n;
}

static int read_to_end(int fd, const char *path, Buf *bytes, Error *err)
{
        ssize_t n;

        do {
                n = read_some(fd, path, bytes, err);
                if (n == -EINTR)
                        n = interrupted() ? fail_interrupted(err) : 1;
        } while (n > 0);
        return (int)n;
}

int file_read(const char *path, size_t max_bytes, Arena *arena, Span *ret, Error *err)
{
        AUTO(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        Buf bytes = buf_in(arena, max_bytes);
        struct stat st;
        int r;

        if (fd < 0)
                return fail(err, errno, "cannot open '%s'", path);
        if (fstat(fd, &st) < 0)
                return fail(err, errno, "cannot look at '%s'", path);
        if (S_ISREG(st.st_mode) && st.st_size > 0) {
                if ((uintmax_t)st.st_size > max_bytes)
                        return fail_ceiling(path, max_bytes, err);
                if (!buf_reserve(&bytes, (size_t)st.st_size))
                        return fail_room(path, err);
        }
        r = read_to_end(fd, path, &bytes, err);
        if (r < 0)
                return r;
        *ret = buf_span(&bytes);
        return 0;
}

int fd_write_all(int fd, Span bytes, Error *err)
{
        while (bytes.len) {
                ssize_t n = write(fd, bytes.ptr, bytes.len);

                if (n >= 0)
                        bytes = span_from(bytes, (size_t)n);
                else if (errno == EINTR && interrupted())
                        return fail_interrupted(err);
                else if (errno == EAGAIN)
                        poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
                else if (errno != EINTR)
                        return fail(err, errno, "cannot write");
        }
        return 0;
}

bool path_exists(const char *path)
{
        return access(path, F_OK) == 0;
}

char *path_join(Arena *arena, const char *dir, const char *name)
{
        size_t n = strlen(dir);

        if (n == 0 || name[0] == '/')
                return arena_printf(arena, "%s", name);
        return arena_printf(arena, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

int path_find_up(const char *from, const char *name, Arena *arena, char **ret_dir, Error *err)
{
        char dir[PATH_MAX], *slash;
        const char *start = from ? from : ".";

        if (!realpath(start, dir))
                return fail(err, errno, "cannot look for '%s' from '%s'", name, start);
        for (;;) {
                Mark mark = arena_mark(arena);
                bool found = path_exists(path_join(arena, dir, name));

                arena_reset(arena, mark);
                if (found) {
                        *ret_dir = arena_printf(arena, "%s", dir);
                        return 0;
                }
                if (dir[1] == '\0')
                        break;
                slash = strrchr(dir, '/');
                slash[slash == dir] = '\0';
        }
        return fail(err, ERR_NOT_FOUND, "no '%s' in '%s' or above it", name, start);
}
