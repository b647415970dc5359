#include "base/interrupt.h"

#include <signal.h>
#include <unistd.h>

/* Written by the handler, read by any thread; a word that is read and written whole. */
static volatile sig_atomic_t stop_asked;

static void on_signal(int signal_number)
{
        if (stop_asked)
                _exit(128 + signal_number);
        stop_asked = 1;
}

void interrupt_install(void)
{
        /* Without SA_RESTART, so that whatever waits returns with EINTR and looks at the flag. */
        struct sigaction action = { .sa_handler = on_signal };

        sigemptyset(&action.sa_mask);
        BUG_IF(sigaction(SIGINT, &action, NULL) < 0);
        BUG_IF(sigaction(SIGTERM, &action, NULL) < 0);
}

bool interrupted(void)
{
        return stop_asked != 0;
}

void interrupt_clear(void)
{
        stop_asked = 0;
}

int fail_interrupted(Error *err)
{
        return fail(err, ERR_INTERRUPTED, "interrupted");
}
