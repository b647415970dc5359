#include "base/progress.h"
#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A terminal of ours: what is written to `out` can be read from `master`. */
typedef struct Terminal {
        int master;
        FILE *out;
} Terminal;

static Terminal terminal_open(unsigned short columns)
{
        struct winsize size = { .ws_row = 24, .ws_col = columns };
        Terminal t = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };

        if (t.master < 0 || grantpt(t.master) < 0 || unlockpt(t.master) < 0)
                skip_because("no pseudo terminals here");
        t.out = fopen(ptsname(t.master), "we");
        assert_non_null(t.out);
        assert_int_equal(ioctl(fileno(t.out), TIOCSWINSZ, &size), 0);
        assert_int_equal(fcntl(t.master, F_SETFL, O_NONBLOCK), 0);
        setenv("TERM", "xterm", 1);
        return t;
}

static void terminal_close(Terminal *t)
{
        fclosep(&t->out);
        closep(&t->master);
}

static Span shown(const Terminal *t, char *text, size_t size)
{
        ssize_t n = read(t->master, text, size);

        return (Span){ text, n > 0 ? (size_t)n : 0 };
}

TEST(progress_redraws_one_line_at_most_ten_times_a_second)
{
        AUTO(terminal_close) Terminal t = terminal_open(80);
        FakeClock clock = { .now_ns = 1 };
        Os os = os_fake(&clock);
        Progress p = progress_to(t.out, &os, false);
        char text[1000];

        progress_show(&p, "at %d", 1);
        assert_span(shown(&t, text, sizeof(text)), "\r\033[Kat 1");
        clock.now_ns += 99 * NS_PER_MS;
        progress_show(&p, "at %d", 2);
        assert_span(shown(&t, text, sizeof(text)), "");
        clock.now_ns += 1 * NS_PER_MS;
        progress_show(&p, "at %d", 3);
        assert_span(shown(&t, text, sizeof(text)), "\r\033[Kat 3");
}

TEST(progress_clears_only_what_it_has_shown)
{
        AUTO(terminal_close) Terminal t = terminal_open(80);
        FakeClock clock = { 0 };
        Os os = os_fake(&clock);
        Progress p = progress_to(t.out, &os, false);
        char text[1000];

        progress_clear(&p);
        assert_span(shown(&t, text, sizeof(text)), "");
        progress_show(&p, "x");
        progress_clear(&p);
        assert_span(shown(&t, text, sizeof(text)), "\r\033[Kx\r\033[K");
        progress_show(&p, "at once again");
        assert_true(shown(&t, text, sizeof(text)).len > 0);
}

TEST(progress_never_wraps_or_moves_the_cursor)
{
        AUTO(terminal_close) Terminal t = terminal_open(20);
        FakeClock clock = { 0 };
        Os os = os_fake(&clock);
        Progress p = progress_to(t.out, &os, false);
        char text[1000];

        progress_show(&p, "0123456789\n\033[2Jabcdefghij");
        assert_span(shown(&t, text, sizeof(text)), "\r\033[K0123456789  [2Jabcd");
        clock.now_ns += NS_PER_S;
        progress_show(&p, "%s",
                      "\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5"
                      "\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5x");
        assert_int_equal(shown(&t, text, sizeof(text)).len, 4 + 19 * 2);
}

TEST(progress_is_silent_in_a_pipe_when_quiet_and_on_a_dumb_terminal)
{
        AUTO(terminal_close) Terminal t = terminal_open(80);
        AUTO(fclosep) FILE *file = tmpfile();
        FakeClock clock = { 0 };
        Os os = os_fake(&clock);
        Progress p = progress_to(file, &os, false);
        char text[100];

        assert_non_null(file);
        progress_show(&p, "x");
        progress_clear(&p);
        assert_int_equal(ftell(file), 0);
        p = progress_to(t.out, &os, true);
        progress_show(&p, "x");
        setenv("TERM", "dumb", 1);
        p = progress_to(t.out, &os, false);
        progress_show(&p, "x");
        assert_span(shown(&t, text, sizeof(text)), "");
}
