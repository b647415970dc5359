#include "base/fs.h"
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder of its own for each test, removed at the end. */
typedef struct Place {
        char dir[64];
        Arena *arena;
} Place;

static Place place_make(void)
{
        Place p = { .dir = "/tmp/hone-fs-test-XXXXXX", .arena = arena_new(MiB(16)) };

        assert_non_null(mkdtemp(p.dir));
        return p;
}

static void place_drop(Place *p)
{
        Error err = { 0 };

        assert_ok(tree_remove(p->dir, &err), err);
        assert_false(path_exists(p->dir));
        p->arena = arena_free(p->arena);
}

static char *in_place(const Place *p, const char *name)
{
        return path_join(p->arena, p->dir, name);
}

static void put(const char *path, const char *text)
{
        Error err = { 0 };

        assert_ok(file_write(path, span_of(text), &err), err);
}

static Span get(const Place *p, const char *path)
{
        Span text = { 0 };
        Error err = { 0 };

        assert_ok(file_read(path, MiB(1), p->arena, &text, &err), err);
        return text;
}

static size_t entries(const char *dir)
{
        DIR *d = opendir(dir);
        size_t n = 0;

        assert_non_null(d);
        while (readdir(d))
                n++;
        closedir(d);
        return n - 2;
}

TEST(file_write_and_read_give_the_bytes_back)
{
        AUTO(place_drop) Place p = place_make();
        char *path = in_place(&p, "a");

        put(path, "one\ntwo\n");
        assert_span(get(&p, path), "one\ntwo\n");
        put(path, "");
        assert_span(get(&p, path), "");
        assert_int_equal(entries(p.dir), 1);
}

TEST(file_read_takes_proc_files_whole)
{
        AUTO(place_drop) Place p = place_make();

        assert_true(span_starts(get(&p, "/proc/self/status"), "Name:"));
        assert_true(get(&p, "/proc/self/maps").len > 1000);
}

TEST(file_read_stops_at_the_ceiling)
{
        AUTO(place_drop) Place p = place_make();
        char *path = in_place(&p, "a");
        Span text = SPAN("untouched");
        Error err = { 0 };

        put(path, "12345678");
        assert_ok(file_read(path, 8, p.arena, &text, &err), err);
        assert_span(text, "12345678");
        assert_fails(file_read(path, 7, p.arena, &text, &err), err, ERR_LIMIT);
        assert_fails(file_read("/proc/self/status", 10, p.arena, &text, &err), err, ERR_LIMIT);
        assert_fails(file_read("/dev/zero", KiB(100), p.arena, &text, &err), err, ERR_LIMIT);
        assert_fails(file_read("/dev/zero", GiB(1), p.arena, &text, &err), err, ERR_LIMIT);
        assert_span(text, "12345678");
        assert_ok(truncate(path, 1L << 40), err);
        assert_fails(file_read(path, SIZE_MAX / 2, p.arena, &text, &err), err, ERR_LIMIT);
}

TEST(file_read_needs_little_more_memory_than_the_file)
{
        AUTO(place_drop) Place p = place_make();
        AUTO(arena_freep) Arena *tight = arena_new(MiB(4) + KiB(64));
        char *path = in_place(&p, "a");
        Error err = { 0 };
        Span text;

        put(path, "");
        assert_int_equal(truncate(path, (off_t)MiB(4)), 0);
        assert_ok(file_read(path, MiB(8), tight, &text, &err), err);
        assert_int_equal(text.len, MiB(4));
        assert_int_equal(text.ptr[text.len], 0);
        assert_fails(file_read(path, MiB(8), tight, &text, &err), err, ERR_LIMIT);
}

TEST(file_read_says_why_it_cannot)
{
        AUTO(place_drop) Place p = place_make();
        Span text;
        Error err = { 0 };

        assert_fails(file_read(in_place(&p, "none"), 10, p.arena, &text, &err), err, ENOENT);
        assert_non_null(strstr(err.message, "none"));
        assert_fails(file_read(p.dir, 10, p.arena, &text, &err), err, EISDIR);
}

TEST(file_write_keeps_permissions_and_follows_links)
{
        AUTO(place_drop) Place p = place_make();
        char *path = in_place(&p, "real"), *link = in_place(&p, "link");
        struct stat st;

        put(path, "old");
        assert_int_equal(chmod(path, 0640), 0);
        assert_int_equal(symlink("real", link), 0);
        put(link, "new");
        assert_span(get(&p, path), "new");
        assert_int_equal(lstat(link, &st), 0);
        assert_true(S_ISLNK(st.st_mode));
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
}

TEST(file_write_uses_the_umask_for_new_files)
{
        AUTO(place_drop) Place p = place_make();
        mode_t before = umask(027);
        struct stat st;

        put(in_place(&p, "a"), "x");
        umask(before);
        assert_int_equal(stat(in_place(&p, "a"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
}

TEST(file_write_leaves_devices_what_they_are)
{
        struct stat st;

        put("/dev/null", "gone");
        assert_int_equal(stat("/dev/null", &st), 0);
        assert_true(S_ISCHR(st.st_mode));
}

TEST(file_write_refuses_a_folder_and_a_missing_one)
{
        AUTO(place_drop) Place p = place_make();
        Error err = { 0 };

        assert_fails(file_write(p.dir, SPAN("x"), &err), err, EISDIR);
        assert_fails(file_write(in_place(&p, "no/file"), SPAN("x"), &err), err, ENOENT);
        assert_int_equal(entries(p.dir), 0);
}

/* Runs in a process of its own, because what it does to itself cannot be undone; 0: all is well. */
static int in_child(int (*run)(const Place *, int), const Place *p, int argument)
{
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(run(p, argument));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static int write_past_the_limit(const Place *p, int unused UNUSED)
{
        struct rlimit limit = { 4096, 4096 };
        char *large = new (p->arena, char, KiB(64));
        Error err = { 0 };

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
                return 1;
        if (file_write(in_place(p, "a"), (Span){ large, KiB(64) }, &err) != -EFBIG)
                return 2;
        if (!strstr(err.message, "cannot write") || !strstr(err.during, p->dir))
                return 3;
        return 0;
}

TEST(file_write_that_fails_midway_keeps_the_old_file)
{
        AUTO(place_drop) Place p = place_make();
        char *path = in_place(&p, "a");

        put(path, "old");
        assert_int_equal(in_child(write_past_the_limit, &p, 0), 0);
        assert_span(get(&p, path), "old");
        assert_int_equal(entries(p.dir), 1);
}

#define CANNOT_TRY 77

/* From now on the kernel answers one system call with EIO. */
static bool break_call(int number)
{
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { COUNT(filter), filter };

        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int write_with_broken_call(const Place *p, int number)
{
        Error err = { 0 };

        if (!break_call(number))
                return CANNOT_TRY;
        if (file_write(in_place(p, "a"), SPAN("new"), &err) != -EIO || err.code != EIO)
                return 1;
        return strstr(err.message, p->dir) || strstr(err.during, p->dir) ? 0 : 2;
}

/* Each step of the writing fails once: the old file stays, and nothing beside it. */
TEST(file_write_survives_a_failure_of_every_step)
{
        static const int calls[] = {
                SYS_write,
                SYS_fsync,
                SYS_fchmod,
#ifdef SYS_rename
                SYS_rename,
#else
                SYS_renameat,
#endif
        };
        AUTO(place_drop) Place p = place_make();
        char *path = in_place(&p, "a");

        put(path, "old");
        for (size_t i = 0; i < COUNT(calls); i++) {
                int r = in_child(write_with_broken_call, &p, calls[i]);

                if (r == CANNOT_TRY)
                        skip_because("system calls cannot be filtered here");
                if (r)
                        fail_msg("system call %d broken: %d", calls[i], r);
                assert_span(get(&p, path), "old");
                assert_int_equal(entries(p.dir), 1);
        }
}

/* A disk of 64 KiB of our own, in a mount namespace that goes with the process. */
static int write_on_full_disk(const Place *p, int unused UNUSED)
{
        char *path = in_place(p, "a"), *large = new (p->arena, char, MiB(1));
        Error err = { 0 };
        Span text;

        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("hone-test", p->dir, "tmpfs", 0, "size=64k") < 0)
                return CANNOT_TRY;
        if (file_write(path, SPAN("old"), &err) < 0)
                return 1;
        if (file_write(path, (Span){ large, MiB(1) }, &err) != -ENOSPC)
                return 2;
        if (file_read(path, 100, p->arena, &text, &err) < 0 || !span_is(text, "old"))
                return 3;
        if (entries(p->dir) != 1)
                return 4;
        return file_write(path, SPAN("new"), &err) < 0 ? 5 : 0;
}

TEST(file_write_survives_a_full_disk)
{
        AUTO(place_drop) Place p = place_make();
        int r = in_child(write_on_full_disk, &p, 0);

        if (r == CANNOT_TRY)
                skip_because("no disk can be mounted here");
        assert_int_equal(r, 0);
}

/* As somebody who may not write there; the owner of the folder when we are not root. */
static int write_where_forbidden(const Place *p, int unused UNUSED)
{
        Error err = { 0 };

        if (chmod(p->dir, 0555) < 0 || (geteuid() == 0 && setuid(65534) < 0))
                return CANNOT_TRY;
        if (file_write(in_place(p, "a"), SPAN("new"), &err) != -EACCES)
                return 1;
        return strstr(err.message, p->dir) ? 0 : 2;
}

TEST(file_write_says_that_a_folder_is_read_only)
{
        AUTO(place_drop) Place p = place_make();
        char *path = in_place(&p, "a");
        int r;

        put(path, "old");
        r = in_child(write_where_forbidden, &p, 0);
        assert_int_equal(chmod(p.dir, 0755), 0);
        if (r == CANNOT_TRY)
                skip_because("cannot give up the right to write");
        assert_int_equal(r, 0);
        assert_span(get(&p, path), "old");
}

TEST(fd_write_all_reports_a_closed_pipe)
{
        Error err = { 0 };
        int ends[2];

        signal(SIGPIPE, SIG_IGN);
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        close(ends[0]);
        assert_fails(fd_write_all(ends[1], SPAN("x"), &err), err, EPIPE);
        close(ends[1]);
        signal(SIGPIPE, SIG_DFL);
}

TEST(path_join_puts_one_slash)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));

        assert_string_equal(path_join(arena, "a", "b"), "a/b");
        assert_string_equal(path_join(arena, "a/", "b"), "a/b");
        assert_string_equal(path_join(arena, "/", "b"), "/b");
        assert_string_equal(path_join(arena, "", "b"), "b");
        assert_string_equal(path_join(arena, "a", "/b"), "/b");
}

TEST(path_find_up_finds_the_nearest)
{
        AUTO(place_drop) Place p = place_make();
        char *deep = in_place(&p, "a/b/c"), *dir = NULL;
        Error err = { 0 };

        assert_ok(dir_make(deep, &err), err);
        put(in_place(&p, "hone-fs-test.yaml"), "");
        assert_ok(path_find_up(deep, "hone-fs-test.yaml", p.arena, &dir, &err), err);
        assert_string_equal(dir, p.dir);
        put(in_place(&p, "a/b/hone-fs-test.yaml"), "");
        assert_ok(path_find_up(deep, "hone-fs-test.yaml", p.arena, &dir, &err), err);
        assert_string_equal(dir, in_place(&p, "a/b"));
        assert_fails(path_find_up(deep, "no-such-name", p.arena, &dir, &err), err, ERR_NOT_FOUND);
        assert_fails(path_find_up("/no/such", "x", p.arena, &dir, &err), err, ENOENT);
        assert_ok(path_find_up(deep, "proc", p.arena, &dir, &err), err);
        assert_string_equal(dir, "/");
        assert_ok(path_find_up(NULL, "proc", p.arena, &dir, &err), err);
}

TEST(dir_make_makes_parents_and_accepts_what_is_there)
{
        AUTO(place_drop) Place p = place_make();
        Error err = { 0 };

        assert_ok(dir_make(in_place(&p, "x//y/z/"), &err), err);
        assert_true(path_exists(in_place(&p, "x/y/z")));
        assert_ok(dir_make(in_place(&p, "x/y/z"), &err), err);
        put(in_place(&p, "file"), "");
        assert_fails(dir_make(in_place(&p, "file"), &err), err, ENOTDIR);
        assert_fails(dir_make(in_place(&p, "file/below"), &err), err, ENOTDIR);
        assert_fails(dir_make("", &err), err, ENOENT);
        assert_ok(dir_make("/", &err), err);
}

TEST(tree_remove_does_not_follow_links)
{
        AUTO(place_drop) Place p = place_make();
        Error err = { 0 };

        assert_ok(dir_make(in_place(&p, "kept"), &err), err);
        put(in_place(&p, "kept/file"), "x");
        assert_ok(dir_make(in_place(&p, "tree/sub"), &err), err);
        put(in_place(&p, "tree/sub/file"), "x");
        assert_int_equal(symlink("../../kept", in_place(&p, "tree/sub/link")), 0);
        assert_ok(tree_remove(in_place(&p, "tree"), &err), err);
        assert_false(path_exists(in_place(&p, "tree")));
        assert_true(path_exists(in_place(&p, "kept/file")));
        assert_int_equal(symlink("kept", in_place(&p, "link")), 0);
        assert_ok(tree_remove(in_place(&p, "link"), &err), err);
        assert_true(path_exists(in_place(&p, "kept/file")));
        assert_ok(tree_remove(in_place(&p, "nothing"), &err), err);
}

TEST(tree_remove_refuses_the_root_and_bottomless_trees)
{
        AUTO(place_drop) Place p = place_make();
        Error err = { 0 };
        int at = open(p.dir, O_DIRECTORY | O_CLOEXEC);

        assert_fails(tree_remove("/", &err), err, ERR_USAGE);
        assert_fails(tree_remove("", &err), err, ERR_USAGE);
        for (int i = 0; i < 250; i++) {
                int below;

                assert_int_equal(mkdirat(at, "d", 0777), 0);
                below = openat(at, "d", O_DIRECTORY | O_CLOEXEC);
                close(at);
                at = below;
        }
        close(at);
        assert_fails(tree_remove(p.dir, &err), err, ERR_LIMIT);
        /* Half of it by hand, so that what is left is shallow enough. */
        for (int i = 0; i < 3; i++) {
                char *path = in_place(&p, "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/"
                                          "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/"
                                          "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d");

                assert_ok(tree_remove(path, &err), err);
        }
}
