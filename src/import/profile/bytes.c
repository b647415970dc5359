#include "import/profile/bytes.h"

#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BYTES GiB(4)
#define FIRST_ROOM MiB(1)
/* Below, a copy costs nothing to speak of, and a file that shrinks meanwhile does no harm. */
#define MAP_FROM MiB(16)

void bytes_done(Bytes *bytes)
{
        if (bytes->ptr)
                munmap(bytes->ptr, bytes->room);
        *bytes = (Bytes){ 0 };
}

Span bytes_span(const Bytes *bytes)
{
        return (Span){ bytes->ptr, bytes->len };
}

int bytes_grow(Bytes *bytes, size_t n, Span name, Error *err)
{
        size_t room = MAX(bytes->room * 2, FIRST_ROOM);
        void *at;

        if (n <= bytes->room - bytes->len)
                return 0;
        if (n > MOST_BYTES || bytes->len > MOST_BYTES - n)
                return fail(err, ERR_LIMIT, "%.*s: more than 4 GiB", SPAN_ARG(name));
        while (room - bytes->len < n)
                room *= 2;
        at = bytes->ptr
                     ? mremap(bytes->ptr, bytes->room, room, MREMAP_MAYMOVE)
                     : mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED)
                return fail(err, errno, "cannot hold '%.*s' in memory", SPAN_ARG(name));
        bytes->ptr = at;
        bytes->room = room;
        return 0;
}

static int read_some(int fd, Bytes *bytes, Span name, size_t *ret, Error *err)
{
        ssize_t n;

        do {
                n = read(fd, bytes->ptr + bytes->len, bytes->room - bytes->len);
                if (n < 0 && errno == EINTR && interrupted())
                        return fail_interrupted(err);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return fail(err, errno, "cannot read '%.*s'", SPAN_ARG(name));
        bytes->len += (size_t)n;
        *ret = (size_t)n;
        return 0;
}

static int read_whole(int fd, Bytes *bytes, Span name, Error *err)
{
        size_t n = 1;
        int r = 0;

        while (r == 0 && n) {
                r = bytes_grow(bytes, KiB(64), name, err);
                if (r == 0)
                        r = read_some(fd, bytes, name, &n, err);
        }
        return r;
}

static int map_whole(int fd, size_t size, Bytes *ret, Span name, Error *err)
{
        void *at;

        if (size > SIZE_MAX / 4)
                return fail(err, ERR_LIMIT, "'%.*s' is too large to map", SPAN_ARG(name));
        at = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
        if (at == MAP_FAILED)
                return fail(err, errno, "cannot map '%.*s'", SPAN_ARG(name));
        *ret = (Bytes){ at, size, size };
        return 0;
}

static int load(int fd, Span name, Bytes *ret, Error *err)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return fail(err, errno, "cannot look at '%.*s'", SPAN_ARG(name));
        if (S_ISDIR(st.st_mode))
                return fail(err, EISDIR, "cannot read '%.*s'", SPAN_ARG(name));
        if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size >= MAP_FROM && lseek(fd, 0, SEEK_CUR) == 0)
                return map_whole(fd, (size_t)st.st_size, ret, name, err);
        return read_whole(fd, ret, name, err);
}

int bytes_load(const char *path, Bytes *ret, Error *err)
{
        bool is_input = strcmp(path, "-") == 0;
        Span name = is_input ? SPAN("standard input") : span_of(path);
        AUTO(closep)
        int fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                          : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        Bytes bytes = { 0 };
        int r;

        if (fd < 0)
                return fail(err, errno, "cannot open '%.*s'", SPAN_ARG(name));
        r = load(fd, name, &bytes, err);
        if (r < 0) {
                bytes_done(&bytes);
                return r;
        }
        *ret = bytes;
        return 0;
}
