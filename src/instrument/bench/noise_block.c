#include "instrument/bench/noise_block.h"

#include "base/fs.h"
#include "model/noise_judge.h"

#include <fcntl.h>
#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

#define TEXT_SIZE KiB(2) /* only the first lines are wanted */

/* Less than this share of the CPUs, left over by two ways of counting, is nobody's work. */
#define UNSEEN_MARGIN 0.05

/* The columns of the line "cpu" in /proc/stat, in ticks. */
enum { COL_USER, COL_NICE, COL_SYSTEM, COL_IDLE, COL_IOWAIT, COL_IRQ, COL_SOFTIRQ, COL_STEAL };
#define N_COLUMNS (COL_STEAL + 1)

typedef struct Look {
        uint64_t at_ns;
        bool has_ticks, has_pressure;
        uint64_t ticks[N_COLUMNS];
        uint64_t pressure_us;
        uint64_t own_ns; /* of hone and of children that it has waited for */
        LauncherUse use;
} Look;

struct NoiseBlock {
        NoiseBlockSetup setup;
        int stat_fd, pressure_fd;
        double cpus, tick_s;
        Look begin;
};

static void close_files(void *state)
{
        NoiseBlock *watch = state;

        closep(&watch->stat_fd);
        closep(&watch->pressure_fd);
}

static int open_in(const char *root, const char *name, Arena *arena)
{
        return open(path_join(arena, root, name), O_RDONLY | O_CLOEXEC);
}

static Span read_start(int fd, char text[static TEXT_SIZE])
{
        ssize_t n = fd < 0 ? 0 : pread(fd, text, TEXT_SIZE, 0);

        return (Span){ text, n > 0 ? (size_t)n : 0 };
}

/* "cpu  973878 135412 ..."; kernels before 2.6.11 had no steal. */
static bool parse_ticks(Span text, uint64_t ticks[static N_COLUMNS])
{
        Span line, word;

        if (!span_next_line(&text, &line) || !span_next_word(&line, &word) || !span_is(word, "cpu"))
                return false;
        for (int i = 0; i < N_COLUMNS; i++)
                if (!span_next_word(&line, &word) || span_to_u64(word, &ticks[i], NULL) < 0)
                        return false;
        return true;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345" */
static bool parse_pressure(Span text, uint64_t *ret_us)
{
        Span line, word = { 0 };

        if (!span_next_line(&text, &line) || !span_starts(line, "some "))
                return false;
        while (span_next_word(&line, &word))
                if (span_starts(word, "total="))
                        return span_to_u64(span_from(word, 6), ret_us, NULL) == 0;
        return false;
}

static uint64_t cpu_ns(int who)
{
        struct rusage u;

        if (getrusage(who, &u) < 0)
                return 0;
        return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
               (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * NS_PER_US;
}

static Look look(const NoiseBlock *watch)
{
        char text[TEXT_SIZE];
        Look look = { .at_ns = os_now(watch->setup.os) };

        look.has_ticks = parse_ticks(read_start(watch->stat_fd, text), look.ticks);
        look.has_pressure = parse_pressure(read_start(watch->pressure_fd, text), &look.pressure_us);
        look.own_ns = cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN);
        if (watch->setup.launcher)
                look.use = launcher_use(watch->setup.launcher);
        return look;
}

/* One line a CPU: those that are online. */
static double count_cpus(int stat_fd, Arena *arena)
{
        Mark mark = arena_mark(arena);
        Buf text = buf_in(arena, MiB(1));
        Span rest, line;
        size_t n = 0;
        ssize_t got;

        while (stat_fd >= 0 && buf_reserve(&text, KiB(16)) &&
               (got = pread(stat_fd, text.ptr + text.len, KiB(16), (off_t)text.len)) > 0)
                buf_grew(&text, (size_t)got);
        rest = buf_span(&text);
        while (span_next_line(&rest, &line) && span_starts(line, "cpu"))
                n++;
        arena_reset(arena, mark);
        return n > 1 ? (double)(n - 1) : 1;
}

NoiseBlock *noise_block_new(const NoiseBlockSetup *setup, Arena *arena)
{
        NoiseBlock *watch = new (arena, NoiseBlock, 1);
        const char *root = setup->proc_root ? setup->proc_root : "/proc";

        watch->setup = *setup;
        if (!watch->setup.os)
                watch->setup.os = os_real();
        watch->stat_fd = open_in(root, "stat", arena);
        watch->pressure_fd = open_in(root, "pressure/cpu", arena);
        arena_defer(arena, close_files, watch);
        watch->cpus = count_cpus(watch->stat_fd, arena);
        watch->tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
        return watch;
}

void noise_block_begin(NoiseBlock *watch)
{
        watch->begin = look(watch);
}

static double since_s(uint64_t from_ns, uint64_t to_ns)
{
        return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e9 : 0;
}

static double ticks_s(const NoiseBlock *watch, const Look *end, int column)
{
        uint64_t from = watch->begin.ticks[column], to = end->ticks[column];

        return to > from ? (double)(to - from) * watch->tick_s : 0; /* iowait may go back */
}

static void find_work(const NoiseBlock *watch, const Look *end, NoiseFacts *f)
{
        const Look *begin = &watch->begin;
        double all_s = f->window_s * f->cpus;
        double idle_s = ticks_s(watch, end, COL_IDLE) + ticks_s(watch, end, COL_IOWAIT);
        double stolen_s = ticks_s(watch, end, COL_STEAL), other;

        f->own_cpu = (since_s(begin->own_ns, end->own_ns) +
                      since_s(begin->use.own_cpu_ns, end->use.own_cpu_ns)) /
                     f->window_s;
        f->target_cpu = since_s(begin->use.programs_cpu_ns, end->use.programs_cpu_ns) / f->window_s;
        if (!begin->has_ticks || !end->has_ticks)
                return;
        f->steal = stolen_s / all_s;
        other = (all_s - idle_s - stolen_s) / f->window_s - f->own_cpu - f->target_cpu -
                UNSEEN_MARGIN * f->cpus;
        f->other_cpu = MAX(other, 0.0);
}

static void find_waiting(const NoiseBlock *watch, const Look *end, NoiseFacts *f)
{
        const Look *begin = &watch->begin;
        double programs_s = since_s(begin->use.programs_wall_ns, end->use.programs_wall_ns);

        if (programs_s > 0)
                f->runqueue_wait = since_s(begin->use.programs_wait_ns, end->use.programs_wait_ns) /
                                   programs_s;
        if (begin->has_pressure && end->has_pressure)
                f->psi_cpu = since_s(begin->pressure_us * NS_PER_US, end->pressure_us * NS_PER_US) /
                             f->window_s;
}

Noise noise_block_end(NoiseBlock *watch, Arena *arena)
{
        Look end = look(watch);
        NoiseFacts f = { .window_s = since_s(watch->begin.at_ns, end.at_ns),
                         .cpus = watch->cpus,
                         .steal = (double)NAN,
                         .runqueue_wait = (double)NAN,
                         .psi_cpu = (double)NAN,
                         .psi_io = (double)NAN,
                         .other_cpu = (double)NAN,
                         .target_cpu = (double)NAN,
                         .own_cpu = (double)NAN,
                         .wait_of_target = true };

        if (f.window_s > 0) {
                find_work(watch, &end, &f);
                find_waiting(watch, &end, &f);
        }
        return noise_judge(&f, arena);
}
