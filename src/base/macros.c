#include "base/macros.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void bug_abort(const char *file, int line, const char *format, ...)
{
        va_list args;

        fprintf(stderr, "hone: a bug of ours at %s:%d: ", file, line);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputs("\nPlease report it with the command you ran.\n", stderr);
        abort();
}

void fclosep(FILE **f)
{
        if (*f)
                fclose(*f);
        *f = NULL;
}

void closep(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

void freep(void *pointer_to_pointer)
{
        void *p;

        memcpy(&p, pointer_to_pointer, sizeof(p));
        free(p);
}
