#include "base/progress.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_NS (100 * NS_PER_MS)
#define NARROWEST 20
#define WIDEST 500
#define WIDTH_UNKNOWN 80
#define ERASE_LINE "\r\033[K"

static int terminal_width(FILE *out)
{
        struct winsize size;

        if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
                return WIDTH_UNKNOWN;
        return MIN(MAX((int)size.ws_col, NARROWEST), WIDEST);
}

/* A terminal that cannot go back to the start of a line is treated like a pipe. */
static bool can_redraw(FILE *out)
{
        const char *term = getenv("TERM");

        return isatty(fileno(out)) && !(term && strcmp(term, "dumb") == 0);
}

Progress progress_to(FILE *out, const Os *os, bool quiet)
{
        if (quiet || !out || !can_redraw(out))
                return (Progress){ .os = os };
        return (Progress){ .out = out, .os = os, .width = terminal_width(out) };
}

/* Ends the text where the terminal would wrap, never inside a character; one column stays free
 * because writing the last one moves some terminals to the next line. */
static void cut_at_width(char *text, int width)
{
        int columns = 0;

        for (char *c = text; *c; c++) {
                bool begins = ((unsigned char)*c & 0xc0) != 0x80;

                if (begins && ++columns >= width) {
                        *c = '\0';
                        return;
                }
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        *c = ' ';
        }
}

void progress_show(Progress *p, const char *format, ...)
{
        char text[4 * WIDEST + 1]; /* a character has at most four bytes */
        uint64_t now_ns;
        va_list args;

        if (!p->out)
                return;
        now_ns = os_now(p->os);
        if (p->shown && now_ns - p->last_ns < REDRAW_NS)
                return;
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        cut_at_width(text, p->width);
        fprintf(p->out, ERASE_LINE "%s", text);
        fflush(p->out);
        p->last_ns = now_ns;
        p->shown = true;
}

void progress_clear(Progress *p)
{
        if (!p->out || !p->shown)
                return;
        fputs(ERASE_LINE, p->out);
        fflush(p->out);
        p->shown = false;
}
