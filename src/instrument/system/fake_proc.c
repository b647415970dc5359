#include "instrument/system/fake_proc.h"

#include "base/fs.h"
#include "harness.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void remove_tree(void *root)
{
        tree_remove(root, NULL);
}

FakeProc fake_proc_in(Arena *arena)
{
        const char *dir = getenv("TMPDIR");
        char *root = arena_printf(arena, "%s/hone-proc-XXXXXX", dir ? dir : "/tmp");

        assert_non_null(mkdtemp(root));
        arena_defer(arena, remove_tree, root);
        return (FakeProc){ .arena = arena, .root = root };
}

static char *full_path(const FakeProc *fake, const char *path)
{
        return path_join(fake->arena, fake->root, path);
}

void fake_dir(const FakeProc *fake, const char *path)
{
        Error err = { 0 };

        assert_ok(dir_make(full_path(fake, path), &err), err);
}

static void make_parent(const FakeProc *fake, const char *path)
{
        const char *slash = strrchr(path, '/');

        if (slash)
                fake_dir(fake, arena_text(fake->arena, path, (size_t)(slash - path)));
}

void fake_write(const FakeProc *fake, const char *path, const char *format, ...)
{
        FILE *file;
        va_list args;

        make_parent(fake, path);
        file = fopen(full_path(fake, path), "we");
        assert_non_null(file);
        va_start(args, format);
        assert_true(vfprintf(file, format, args) >= 0);
        va_end(args);
        assert_int_equal(fclose(file), 0);
}

void fake_link(const FakeProc *fake, const char *path, const char *to)
{
        make_parent(fake, path);
        assert_int_equal(symlink(to, full_path(fake, path)), 0);
}

void fake_remove(const FakeProc *fake, const char *path)
{
        Error err = { 0 };

        assert_ok(tree_remove(full_path(fake, path), &err), err);
}

static void write_stat(const FakeProc *fake, const FakeProcess *p)
{
        fake_write(fake, arena_printf(fake->arena, "%d/stat", p->pid),
                   "%d (%s) %c %d 0 0 0 -1 %u 0 0 0 0 %u %u %u 0 20 0 %u 0 %u 0 %u 0\n", p->pid,
                   p->name ? p->name : "fake", p->state ? p->state : 'S', p->ppid,
                   p->kernel_thread ? 0x200000u : 0u, p->user, p->system, p->inherited_user,
                   p->threads ? p->threads : 1, p->start, p->rss_pages);
}

void fake_process(const FakeProc *fake, const FakeProcess *p)
{
        Arena *arena = fake->arena;

        write_stat(fake, p);
        fake_write(fake, arena_printf(arena, "%d/io", p->pid),
                   "rchar: 0\nread_bytes: %u\nwrite_bytes: %u\n", p->read_bytes, p->write_bytes);
        fake_write(fake, arena_printf(arena, "%d/smaps_rollup", p->pid), "Pss: %u kB\n",
                   p->pss_kib);
        fake_write(fake, arena_printf(arena, "%d/fd/0", p->pid), "%s", "");
        fake_write(fake, arena_printf(arena, "%d/task/%d/schedstat", p->pid, p->pid), "1 %u 1\n",
                   p->wait_ns);
        fake_write(fake, arena_printf(arena, "%d/task/%d/status", p->pid, p->pid),
                   "VmHWM: %u kB\nvoluntary_ctxt_switches: %u\nnonvoluntary_ctxt_switches: %u\n",
                   p->peak_kib, p->voluntary, p->forced);
}

void fake_host(const FakeProc *fake, unsigned busy_ticks)
{
        unsigned n = busy_ticks;

        fake_write(fake, "stat", "cpu %u 0 0 %u 0 0 0 %u 0 0\ncpu0 1 0 0 0\ncpu1 1 0 0 0\n", n,
                   5 * n, n / 10);
        fake_write(fake, "schedstat", "version 15\ncpu0 0 0 0 0 0 0 0 %u000000 0\n", n);
        fake_write(fake, "meminfo", "MemTotal: 1000 kB\nMemAvailable: 250 kB\n");
        fake_write(fake, "vmstat", "pswpin %u\npswpout 0\n", n);
        fake_write(fake, "diskstats",
                   "8 0 sda %u 0 %u 0 %u 0 %u 0 0 %u 0\n8 1 sda1 %u 0 9 0 9 0 9 0 9 9 9\n"
                   "8 16 sdb 0 0 0 0 0 0 0 0 0 0 0\n7 0 loop0 %u 0 9 0 9 0 9 0 9 9 9\n",
                   n, 2 * n, n, n, n, n, n);
        fake_write(fake, "net/dev",
                   "Inter-| Receive\n face |bytes\n  lo: %u 0 0 0 0 0 0 0 %u 0 0 0 0 0 0 0\n"
                   "eth0: %u 0 %u 0 0 0 0 0 %u 0 0 0 0 0 0 0\n",
                   7 * n, 7 * n, 100 * n, n, 10 * n);
        fake_write(fake, "net/snmp", "Tcp: RetransSegs\nTcp: %u\n", n);
        fake_write(fake, "pressure/cpu", "some avg10=0 total=%u000\n", n);
        fake_write(fake, "pressure/memory", "some avg10=0 total=0\n");
        fake_write(fake, "pressure/io", "some avg10=0 total=%u00\n", n);
}
