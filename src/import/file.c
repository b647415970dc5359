/* Files and standard input. What is read fits in memory that goes back with the arena; large
 * files are mapped. */

#include "base/interrupt.h"
#include "import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BYTES GiB(1)
/* Below, a copy costs nothing to speak of, and a file that shrinks meanwhile does no harm. */
#define MAP_FROM MiB(64)
#define FIRST_ROOM MiB(1)

typedef struct Bytes {
        char *ptr;
        size_t len, room;
} Bytes;

static void bytes_release(void *bytes_pointer)
{
        Bytes *bytes = bytes_pointer;

        if (bytes->ptr)
                munmap(bytes->ptr, bytes->room);
}

static int bytes_grow(Bytes *bytes, const char *name, Error *err)
{
        size_t room = bytes->room ? bytes->room * 2 : FIRST_ROOM;
        void *at = bytes->ptr ? mremap(bytes->ptr, bytes->room, room, MREMAP_MAYMOVE)
                              : mmap(NULL, room, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (at == MAP_FAILED)
                return fail(err, errno, "cannot hold '%s' in memory", name);
        bytes->ptr = at;
        bytes->room = room;
        return 0;
}

static int read_some(int fd, Bytes *bytes, const char *name, size_t *ret, Error *err)
{
        ssize_t n;

        do {
                n = read(fd, bytes->ptr + bytes->len, bytes->room - bytes->len);
                if (n < 0 && errno == EINTR && interrupted())
                        return fail_interrupted(err);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return fail(err, errno, "cannot read '%s'", name);
        bytes->len += (size_t)n;
        *ret = (size_t)n;
        return 0;
}

static int read_whole(int fd, Bytes *bytes, const char *name, Error *err)
{
        size_t n = 1;
        int r = 0;

        while (r == 0 && n) {
                if (bytes->len > MOST_BYTES)
                        return fail(err, ERR_LIMIT, "'%s' has more than 1 GiB", name);
                if (bytes->len == bytes->room)
                        r = bytes_grow(bytes, name, err);
                if (r == 0)
                        r = read_some(fd, bytes, name, &n, err);
        }
        return r;
}

static int map_whole(int fd, size_t size, Bytes *bytes, const char *name, Error *err)
{
        void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

        if (at == MAP_FAILED)
                return fail(err, errno, "cannot map '%s'", name);
        (void)madvise(at, size, MADV_SEQUENTIAL);
        *bytes = (Bytes){ at, size, size };
        return 0;
}

static int load(int fd, const char *name, Bytes *bytes, Error *err)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return fail(err, errno, "cannot look at '%s'", name);
        if (S_ISDIR(st.st_mode)) {
                fail(err, EISDIR, "cannot read '%s'", name);
                return fail_hint(err, "name the files in it: hone import '%s'/*", name);
        }
        if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size >= MAP_FROM && lseek(fd, 0, SEEK_CUR) == 0)
                return map_whole(fd, (size_t)st.st_size, bytes, name, err);
        return read_whole(fd, bytes, name, err);
}

int import_file(const char *path, const ImportFormat *format, const char *unit, Arena *arena,
                Imported *ret, Error *err)
{
        bool is_input = strcmp(path, "-") == 0;
        AUTO(closep)
        int fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                          : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        ImportPlan plan = { .name = is_input ? "standard input" : path,
                            .format = format,
                            .unit = unit };
        Bytes *bytes = new (arena, Bytes, 1);
        int r;

        if (fd < 0 && errno == EINTR && interrupted()) /* waiting for who writes to a FIFO */
                return fail_interrupted(err);
        if (fd < 0)
                return fail(err, errno, "cannot open '%s'", plan.name);
        arena_defer(arena, bytes_release, bytes);
        r = load(fd, plan.name, bytes, err);
        if (r < 0)
                return r;
        plan.text = (Span){ bytes->ptr, bytes->len };
        return import_text(&plan, arena, ret, err);
}
