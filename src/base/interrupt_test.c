#include "base/interrupt.h"
#include "base/os.h"
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(interrupt_flag_is_set_by_the_signal_and_cleared)
{
        Error err;

        interrupt_install();
        interrupt_clear();
        assert_false(interrupted());
        raise(SIGTERM);
        assert_true(interrupted());
        assert_int_equal(fail_interrupted(&err), -ERR_INTERRUPTED);
        assert_int_equal(error_exit_status(err.code), 130);
        interrupt_clear();
        assert_false(interrupted());
}

TEST(interrupt_ends_a_sleep_early)
{
        const Os *os = os_real();
        uint64_t start = os_now(os);

        interrupt_install();
        interrupt_clear();
        raise(SIGINT);
        os->sleep_ns(os, 3600 * NS_PER_S);
        assert_true(os_now(os) - start < 3000 * NS_PER_S);
        interrupt_clear();
}

TEST(interrupt_asked_twice_ends_the_program)
{
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                interrupt_install();
                interrupt_clear();
                raise(SIGINT);
                raise(SIGINT);
                _exit(1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 128 + SIGINT);
}
