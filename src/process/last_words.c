#include "process/last_words.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_READ ((size_t)KiB(4))
#define MOST_QUOTED 200

static void close_file(void *state)
{
        int *fd = state;

        closep(fd);
}

int last_words_open(Arena *arena, LastWords *ret, Error *err)
{
        int *fd = new (arena, int, 1);

        *fd = memfd_create("hone-errors", MFD_CLOEXEC);
        if (*fd < 0)
                return fail(err, errno, "cannot make a file in memory for the programs' errors");
        arena_defer(arena, close_file, fd);
        *ret = (LastWords){ .fd = *fd, .path = arena_printf(arena, "/proc/self/fd/%d", *fd) };
        return 0;
}

static Span errors_end(const LastWords *words, Arena *scratch)
{
        off_t size = lseek(words->fd, 0, SEEK_END);
        char *text = new (scratch, char, MOST_READ);
        ssize_t n = pread(words->fd, text, MOST_READ, MAX(size - (off_t)MOST_READ, (off_t)0));

        return (Span){ text, n > 0 ? (size_t)n : 0 };
}

Span last_words_of(const LastWords *words, Span output, Arena *scratch)
{
        Span errors = errors_end(words, scratch);

        return span_first(span_last_line(errors.len ? errors : output), MOST_QUOTED);
}
