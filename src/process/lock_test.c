#include "process/lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

TEST(lock_is_held_by_one_at_a_time)
{
        MeasureLock first = { 0 }, second = { 0 };
        Error err = { 0 };
        int r = measure_lock(os_real(), 30 * NS_PER_S, &first, &err);
        char pid[32];

        if (r == -ERR_BUSY)
                skip_because("another hone is measuring on this machine");
        assert_ok(r, err);
        assert_fails(measure_lock(os_real(), 0, &second, &err), err, ERR_BUSY);
        snprintf(pid, sizeof(pid), "(pid %d)", getpid());
        assert_non_null(strstr(err.message, pid));
        measure_unlock(&first);
        assert_ok(measure_lock(os_real(), NS_PER_S, &second, &err), err);
        measure_unlock(&second);
        measure_unlock(&second);
}

TEST(lock_goes_with_the_process_that_dies)
{
        MeasureLock lock = { 0 };
        Error err = { 0 };
        int ready[2];
        char byte;
        pid_t child;

        assert_int_equal(pipe(ready), 0);
        child = fork();
        if (child == 0) {
                MeasureLock held = { 0 };

                alarm(120);
                byte = measure_lock(os_real(), 30 * NS_PER_S, &held, NULL) == 0 ? 'y' : 'n';
                if (write(ready[1], &byte, 1) == 1)
                        pause();
                _exit(1);
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        if (byte != 'y') {
                kill(child, SIGKILL);
                skip_because("another hone is measuring on this machine");
        }
        assert_fails(measure_lock(os_real(), 0, &lock, &err), err, ERR_BUSY);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_ok(measure_lock(os_real(), 10 * NS_PER_S, &lock, &err), err);
        measure_unlock(&lock);
        close(ready[0]);
        close(ready[1]);
}
