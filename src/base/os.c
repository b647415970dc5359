#include "base/os.h"

#include "base/interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
        struct timespec now;

        BUG_IF(clock_gettime(clock, &now) < 0);
        return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t real_now(const Os *os UNUSED)
{
        return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t real_wall(const Os *os UNUSED)
{
        return clock_ns(CLOCK_REALTIME);
}

/* Against a deadline, so that signals which are not a wish to stop do not make it longer. */
static void real_sleep(const Os *os UNUSED, uint64_t sleep_ns)
{
        uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), until_ns;
        struct timespec until;

        if (__builtin_add_overflow(now_ns, sleep_ns, &until_ns) || until_ns > INT64_MAX)
                until_ns = INT64_MAX;
        until.tv_sec = (time_t)(until_ns / NS_PER_S);
        until.tv_nsec = (long)(until_ns % NS_PER_S);
        while (!interrupted() &&
               clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
                continue;
}

static void real_entropy(const Os *os UNUSED, void *bytes, size_t n)
{
        char *at = bytes;

        while (n) {
                ssize_t got = getrandom(at, n, 0);

                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        BUG("no random bytes: %s", strerror(errno));
                at += got;
                n -= (size_t)got;
        }
}

const Os *os_real(void)
{
        static const Os real = { real_now, real_wall, real_sleep, real_entropy, NULL };

        return &real;
}

static uint64_t fake_now(const Os *os)
{
        return ((const FakeClock *)os->state)->now_ns;
}

static uint64_t fake_wall(const Os *os)
{
        return ((const FakeClock *)os->state)->wall_ns;
}

static void fake_sleep(const Os *os, uint64_t sleep_ns)
{
        FakeClock *clock = os->state;

        clock->now_ns += sleep_ns;
        clock->wall_ns += sleep_ns;
}

/* splitmix64 (Steele, Lea, Flood 2014): each call continues the sequence of the seed. */
static uint64_t next_word(FakeClock *clock)
{
        uint64_t z = clock->entropy += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

static void fake_entropy(const Os *os, void *bytes, size_t n)
{
        char *at = bytes;

        while (n) {
                uint64_t word = next_word(os->state);
                size_t take = MIN(n, sizeof(word));

                memcpy(at, &word, take);
                at += take;
                n -= take;
        }
}

Os os_fake(FakeClock *clock)
{
        return (Os){ fake_now, fake_wall, fake_sleep, fake_entropy, clock };
}

void os_wall_text(uint64_t wall_ns, char text[static WALL_TEXT_SIZE])
{
        time_t seconds = (time_t)(wall_ns / NS_PER_S);
        struct tm utc;

        BUG_IF(!gmtime_r(&seconds, &utc)); /* 2^64 ns end in the year 2554 */
        BUG_IF(strftime(text, WALL_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0);
}
