/* The instrument over real children that do known work, against the kernel's own accounts. */

#include "harness.h"

#include "base/subprocess.h"
#include "instrument/system/system.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_S 0.01
#define MOST_WAIT_NS (60 * NS_PER_S) /* for a child to come so far; the machine may be busy */

/* A child that says when it is ready, works when it is told, and says when it is done. */
typedef struct Worker {
        int pid;
        int to, from; /* pipes */
} Worker;

typedef void Work(void);

static void say(int fd)
{
        if (write(fd, "x", 1) != 1)
                _exit(9);
}

static void hear(int fd)
{
        char c;

        if (read(fd, &c, 1) != 1)
                _exit(9);
}

static Worker worker_start(Work *prepare, Work *work, bool stay)
{
        int to[2], from[2];
        Worker w = { 0 };

        assert_int_equal(pipe2(to, O_CLOEXEC), 0);
        assert_int_equal(pipe2(from, O_CLOEXEC), 0);
        w.pid = fork();
        assert_true(w.pid >= 0);
        if (w.pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (prepare)
                        prepare();
                say(from[1]);
                hear(to[0]);
                work();
                say(from[1]);
                if (stay)
                        pause();
                _exit(0);
        }
        close(to[0]);
        close(from[1]);
        w.to = to[1];
        w.from = from[0];
        hear(w.from);
        return w;
}

static void worker_end(Worker *w)
{
        kill(w->pid, SIGKILL);
        waitpid(w->pid, NULL, 0);
        close(w->to);
        close(w->from);
}

static void *start(int pid, SystemPlan plan, Arena *arena)
{
        const Target target = { .kind = pid ? TARGET_PROCESS : TARGET_HOST, .pid = pid };
        void *looking = NULL;
        Error err = { 0 };

        assert_ok(system_instrument.start(&target, &plan, arena, &looking, &err), err);
        return looking;
}

static Recording *stop(void *looking, Arena *arena)
{
        Recording *rec = NULL;
        Error err = { 0 };

        assert_ok(system_instrument.stop(looking, arena, &rec, &err), err);
        return rec;
}

/* Works under observation from the start to the end of the work. */
static Recording *observe(Worker *w, uint64_t interval_ns, Arena *arena)
{
        void *looking = start(w->pid, (SystemPlan){ .interval_ns = interval_ns }, arena);

        say(w->to);
        hear(w->from);
        return stop(looking, arena);
}

static double get(const Recording *rec, MetricId metric)
{
        double value = recording_get(rec, metric, SPAN(""));

        assert_false(isnan(value));
        return value;
}

static double sum(const Recording *rec, MetricId metric)
{
        return get(rec, metric) * (double)rec->duration_ns / 1e9;
}

static bool has_note(const Recording *rec, NoteKind kind, const char *text)
{
        vec_each (const Note, note, &rec->notes)
                if (note->kind == kind && span_contains(note->text, text))
                        return true;
        return false;
}

static double clock_s(clockid_t clock)
{
        struct timespec t;

        if (clock_gettime(clock, &t) < 0)
                return 0;
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_of(int pid)
{
        clockid_t clock;

        assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
        return clock_s(clock);
}

static void burn(double cpu_s)
{
        double until = clock_s(CLOCK_THREAD_CPUTIME_ID) + cpu_s;

        while (clock_s(CLOCK_THREAD_CPUTIME_ID) < until)
                continue;
}

static void *burn_thread(void *arg UNUSED)
{
        burn(0.2);
        return NULL;
}

static void burn_in_two_threads(void)
{
        pthread_t other;

        if (pthread_create(&other, NULL, burn_thread, NULL))
                _exit(9);
        burn(0.2);
        pthread_join(other, NULL);
}

TEST(system_counts_the_cpu_of_all_threads)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(NULL, burn_in_two_threads, true);
        double before = cpu_of(w.pid), after;
        Recording *rec = observe(&w, 100 * NS_PER_MS, arena);

        after = cpu_of(w.pid);
        worker_end(&w);
        assert_near(sum(rec, METRIC_CPU), after - before, 4 * TICK_S);
        assert_near(get(rec, METRIC_CPU), get(rec, METRIC_CPU_USER) + get(rec, METRIC_CPU_SYSTEM),
                    1e-9);
        assert_true(get(rec, METRIC_THREADS) >= 1);
        assert_span(rec->tier, "/proc");
        assert_span(rec->instrument, "system");
        assert_false(rec->partial);
        assert_true(has_note(rec, NOTE_EXAMINED, "ms of CPU"));
}

TEST(system_series_add_up_to_the_value)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(NULL, burn_in_two_threads, true);
        Recording *rec = observe(&w, 50 * NS_PER_MS, arena);
        const Series *series = recording_find_series(rec, METRIC_CPU, SPAN(""));
        double total = 0;

        worker_end(&w);
        assert_non_null(series);
        assert_int_equal(series->start_ns, 0);
        assert_int_equal(series->step_ns, 50 * NS_PER_MS);
        assert_true(series->len >= 3);
        for (size_t i = 0; i < series->len; i++)
                total += isnan(series->values[i]) ? 0 : series->values[i] * 0.05;
        assert_true(total > 0);
        assert_true(total <= sum(rec, METRIC_CPU) * 3 + 0.1); /* late looks stretch a step */
}

static void fork_and_wait(void)
{
        for (int i = 0; i < 10; i++) {
                int pid = fork();

                if (pid == 0) {
                        burn(0.02);
                        _exit(0);
                }
                waitpid(pid, NULL, 0);
        }
}

TEST(system_keeps_the_cpu_of_children_that_ended)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(NULL, fork_and_wait, false);
        void *looking = start(w.pid, (SystemPlan){ .interval_ns = 30 * NS_PER_MS }, arena);
        struct rusage used;
        Recording *rec;

        say(w.to);
        hear(w.from);
        assert_true(system_instrument.wait(looking, MOST_WAIT_NS)); /* it ends by itself */
        rec = stop(looking, arena);
        assert_int_equal(wait4(w.pid, NULL, 0, &used), w.pid);
        worker_end(&w);
        assert_near(sum(rec, METRIC_CPU),
                    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
                    5 * TICK_S);
        assert_true(sum(rec, METRIC_CPU) >= 0.15);
        assert_true(rec->partial);
        assert_true(has_note(rec, NOTE_WARNING, "target ended"));
        assert_true(has_note(rec, NOTE_NOT_EXAMINED, "proportional memory"));
        assert_true(isnan(recording_get(rec, METRIC_MEMORY_PSS, SPAN(""))));
}

static void burn_a_while(void)
{
        burn(0.3);
}

TEST(system_knows_the_last_stretch_of_a_child_of_ours)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(NULL, burn_a_while, false);
        void *looking = start(w.pid, (SystemPlan){ .interval_ns = 3600 * NS_PER_S }, arena);
        Recording *rec;

        say(w.to);
        hear(w.from);
        assert_int_equal(waitpid(w.pid, NULL, 0), w.pid); /* before anybody looked again */
        rec = stop(looking, arena);
        close(w.to);
        close(w.from);
        assert_near(sum(rec, METRIC_CPU), 0.3, 5 * TICK_S);
        assert_true(has_note(rec, NOTE_WARNING, "its last stretch is known"));
        if (!has_note(rec, NOTE_NOT_EXAMINED, "run-queue wait of the target"))
                assert_true(has_note(rec, NOTE_WARNING, "cover 0 % of its CPU time"));
}

#define GROWTH_BYTES MiB(24)

static void grow(void)
{
        char *p = mmap(NULL, GROWTH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                       0);

        if (p == MAP_FAILED)
                _exit(9);
        for (size_t at = 0; at < GROWTH_BYTES; at += MiB(1)) {
                memset(p + at, 1, MiB(1));
                usleep(15000);
        }
}

TEST(system_sees_memory_grow)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(NULL, grow, true);
        Recording *rec = observe(&w, 20 * NS_PER_MS, arena);
        const MetricValue *growth = recording_find(rec, METRIC_MEMORY_GROWTH, SPAN(""));
        double truth = (double)GROWTH_BYTES / ((double)rec->duration_ns / 1e9);

        worker_end(&w);
        assert_true(get(rec, METRIC_MEMORY) >= (double)GROWTH_BYTES);
        assert_true(get(rec, METRIC_MEMORY_PSS) >= (double)GROWTH_BYTES);
        assert_true(sum(rec, METRIC_FAULTS_MINOR) >= 1);
        assert_non_null(growth);
        assert_true(growth->low > 0 && growth->low <= growth->value);
        assert_true(growth->value <= growth->high);
        assert_true(growth->value > truth / 4 && growth->value < truth * 4);
}

TEST(system_takes_the_peak_between_two_looks_from_the_kernel)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(NULL, grow, true);
        Recording *rec = observe(&w, 3600 * NS_PER_S, arena);

        worker_end(&w);
        assert_true(get(rec, METRIC_MEMORY) >= (double)GROWTH_BYTES);
        assert_true(has_note(rec, NOTE_NOT_EXAMINED, "memory growth"));
}

#define WRITTEN_BYTES MiB(8)

static void write_file(void)
{
        int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        static char block[65536];

        if (fd < 0)
                _exit(9);
        for (size_t n = 0; n < WRITTEN_BYTES; n += sizeof(block))
                if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
                        _exit(9);
        fsync(fd);
}

static bool disk_is_here(void)
{
        struct statfs fs;
        int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        bool possible = fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == EXT4_SUPER_MAGIC;

        if (fd >= 0)
                close(fd);
        return possible;
}

TEST(system_counts_bytes_written_to_disk)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w;
        Recording *rec;

        if (!disk_is_here())
                skip_because("the working directory is not on ext4");
        w = worker_start(NULL, write_file, true);
        rec = observe(&w, 100 * NS_PER_MS, arena);
        worker_end(&w);
        if (has_note(rec, NOTE_NOT_EXAMINED, "disk reads"))
                skip_because("no I/O accounting here");
        assert_near(sum(rec, METRIC_DISK_WRITE), (double)WRITTEN_BYTES, (double)KiB(256));
}

static void open_files(void)
{
        for (int i = 0; i < 50; i++)
                if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
                        _exit(9);
}

static void nap(void)
{
        for (int i = 0; i < 50; i++)
                usleep(1000);
}

TEST(system_counts_files_and_switches)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(open_files, nap, true);
        Recording *rec = observe(&w, 20 * NS_PER_MS, arena);

        worker_end(&w);
        assert_true(get(rec, METRIC_FDS) >= 50 && get(rec, METRIC_FDS) < 80);
        assert_true(sum(rec, METRIC_SWITCHES_VOLUNTARY) >= 45);
}

static void *burn_long(void *arg UNUSED)
{
        burn(0.15);
        return NULL;
}

static void crowd(void)
{
        pthread_t threads[8];
        long cpus = sysconf(_SC_NPROCESSORS_ONLN);

        if (cpus > 4)
                _exit(9);
        for (size_t i = 0; i < COUNT(threads); i++)
                if (pthread_create(&threads[i], NULL, burn_long, NULL))
                        _exit(9);
        for (size_t i = 0; i < COUNT(threads); i++)
                pthread_join(threads[i], NULL);
}

TEST(system_sees_threads_wait_for_a_cpu)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w;
        Recording *rec;

        if (sysconf(_SC_NPROCESSORS_ONLN) > 4)
                skip_because("too many CPUs to crowd");
        w = worker_start(NULL, crowd, true);
        rec = observe(&w, 20 * NS_PER_MS, arena);
        worker_end(&w);
        if (has_note(rec, NOTE_NOT_EXAMINED, "run-queue wait of the target"))
                skip_because("this kernel has no schedstat");
        assert_true(sum(rec, METRIC_RUNQUEUE_WAIT) > 0.05);
        assert_true(get(rec, METRIC_THREADS) >= 2);
}

/* Every metric of the machine is either there or said to be missing. */
TEST(system_of_the_host_alone)
{
        static const struct {
                MetricId metric;
                const char *note;
        } rows[] = {
                { METRIC_HOST_CPU, "CPU of the host" },
                { METRIC_HOST_STEAL, "CPU of the host" },
                { METRIC_HOST_RUNQUEUE, "run-queue wait of the host" },
                { METRIC_HOST_MEMORY, "memory of the host" },
                { METRIC_HOST_SWAP, "swapping of the host" },
                { METRIC_HOST_DISK_BUSY, "disks of the host" },
                { METRIC_HOST_DISK_IOPS, "disks of the host" },
                { METRIC_HOST_DISK_BYTES, "disks of the host" },
                { METRIC_HOST_NET_IN, "network of the host" },
                { METRIC_HOST_NET_OUT, "network of the host" },
                { METRIC_HOST_NET_ERRORS, "network of the host" },
                { METRIC_HOST_PSI_CPU, "CPU pressure" },
                { METRIC_HOST_PSI_MEMORY, "memory pressure" },
                { METRIC_HOST_PSI_IO, "I/O pressure" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        void *looking = start(
                0, (SystemPlan){ .interval_ns = 50 * NS_PER_MS, .duration_ns = 200 * NS_PER_MS },
                arena);
        Recording *rec;

        assert_true(system_instrument.wait(looking, MOST_WAIT_NS));
        rec = stop(looking, arena);
        assert_false(rec->partial);
        assert_true(rec->duration_ns >= 200 * NS_PER_MS);
        for (size_t i = 0; i < COUNT(rows); i++) {
                double value = recording_get(rec, rows[i].metric, SPAN(""));
                bool missing = has_note(rec, NOTE_NOT_EXAMINED, rows[i].note);

                assert_int_equal(isnan(value), missing);
                if (!missing)
                        assert_true(value >= 0);
        }
        assert_true(isnan(recording_get(rec, METRIC_CPU, SPAN(""))));
        assert_true(has_note(rec, NOTE_NOT_EXAMINED, "none is known"));
}

TEST(system_stopped_early_is_partial)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        void *looking = start(0, (SystemPlan){ .duration_ns = 3600 * NS_PER_S }, arena);
        InstrumentProgress progress;
        Recording *rec;

        assert_false(system_instrument.wait(looking, NS_PER_MS));
        system_instrument.progress(looking, &progress);
        assert_int_equal(progress.planned_ns, 3600 * NS_PER_S);
        assert_true(progress.elapsed_ns > 0);
        rec = stop(looking, arena);
        assert_true(rec->partial);
        assert_true(rec->duration_ns < 3600 * NS_PER_S);
}

TEST(system_of_no_process_fails)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Worker w = worker_start(NULL, nap, true);
        const Target target = { .kind = TARGET_PROCESS, .pid = w.pid };
        const SystemPlan plan = { 0 };
        const char *tier = NULL;
        void *looking = NULL;
        Error err = { 0 };

        assert_ok(system_instrument.probe(&target, &tier, &err), err);
        assert_string_equal(tier, "/proc");
        worker_end(&w);
        assert_fails(system_instrument.probe(&target, &tier, &err), err, ERR_NOT_FOUND);
        assert_fails(system_instrument.start(&target, &plan, arena, &looking, &err), err,
                     ERR_NOT_FOUND);
        assert_null(looking);
}

/* In a child that has given up its rights: what it may not see is said, not zero. */
static int look_at_init_without_rights(void)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Recording *rec;

        if (getuid() == 0 && setuid(65534) < 0)
                return 9;
        rec = stop(start(1, (SystemPlan){ .interval_ns = NS_PER_S }, arena), arena);
        if (isnan(recording_get(rec, METRIC_CPU, SPAN(""))))
                return 1;
        if (!isnan(recording_get(rec, METRIC_DISK_READ, SPAN(""))) ||
            !has_note(rec, NOTE_NOT_EXAMINED, "disk reads and writes of the target: cannot open"))
                return 2;
        if (isnan(recording_get(rec, METRIC_FDS, SPAN(""))) !=
            has_note(rec, NOTE_NOT_EXAMINED, "open files of the target"))
                return 3; /* newer kernels tell the number to everybody */
        if (!isnan(recording_get(rec, METRIC_MEMORY_PSS, SPAN(""))) ||
            !has_note(rec, NOTE_NOT_EXAMINED, "proportional memory"))
                return 4;
        return 0;
}

TEST(system_says_what_it_may_not_see)
{
        int status = 0, child = fork();

        if (child == 0)
                _exit(look_at_init_without_rights());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

TEST(system_plan_as_json)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Buf out = buf_in(arena, KiB(1));

        system_instrument.plan_json(&(SystemPlan){ .duration_ns = 5 }, &out);
        assert_span(buf_span(&out), "{\"interval_ns\":1000000000,\"duration_ns\":5}");
}
