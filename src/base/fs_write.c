/* Files that are complete or absent: see base/fs.h.
 *
 * The bytes go to a temporary file in the same folder, reach the disk, and take the name in one
 * step; then the folder itself is made to reach the disk. A crash at any point leaves the old file
 * or the new one; a temporary file of a killed program starts with ".hone-".
 */

#include "base/fs.h"
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_NAMES_TRIED 100
#define ANY_MODE 0666 /* less the umask */

typedef struct Target {
        char path[PATH_MAX]; /* links resolved */
        char temporary[PATH_MAX];
        size_t dir_len; /* with the slash; 0: the working directory */
        mode_t mode;    /* of the file that is replaced; 0: there is none */
} Target;

/* What a name stands for today. A link's target is replaced, not the link. */
static int look_at(const char *path, Target *t, bool *ret_plain, Error *err)
{
        struct stat st;
        bool exists = stat(path, &st) == 0;
        const char *slash;

        if (exists && S_ISDIR(st.st_mode))
                return fail(err, EISDIR, "cannot write '%s'", path);
        if (exists && !realpath(path, t->path))
                return fail(err, errno, "cannot write '%s'", path);
        if (!exists && (size_t)snprintf(t->path, sizeof(t->path), "%s", path) >= sizeof(t->path))
                return fail(err, ENAMETOOLONG, "cannot write '%s'", path);
        slash = strrchr(t->path, '/');
        t->dir_len = slash ? (size_t)(slash - t->path) + 1 : 0;
        t->mode = exists ? st.st_mode & 07777 : 0;
        *ret_plain = !exists || S_ISREG(st.st_mode);
        return 0;
}

static int open_temporary(Target *t, int *ret_fd, Error *err)
{
        for (int i = 0; i < MOST_NAMES_TRIED; i++) {
                uint64_t salt;
                int fd, n;

                os_real()->entropy(os_real(), &salt, sizeof(salt));
                n = snprintf(t->temporary, sizeof(t->temporary), "%.*s.hone-%016llx",
                             (int)t->dir_len, t->path, (unsigned long long)salt);
                if (n < 0 || (size_t)n >= sizeof(t->temporary))
                        return fail(err, ENAMETOOLONG, "cannot write '%s'", t->path);
                fd = open(t->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ANY_MODE);
                if (fd >= 0) {
                        *ret_fd = fd;
                        return 0;
                }
                if (errno != EEXIST)
                        break;
        }
        return fail(err, errno, "cannot create a file beside '%s'", t->path);
}

static int fill(int fd, const Target *t, Span bytes, Error *err)
{
        int r = fd_write_all(fd, bytes, err);

        if (r < 0)
                return fail_while(err, "writing '%s'", t->path);
        if (t->mode && fchmod(fd, t->mode) < 0)
                return fail(err, errno, "cannot keep the permissions of '%s'", t->path);
        if (fsync(fd) < 0)
                return fail(err, errno, "cannot write '%s' to disk", t->path);
        return 0;
}

/* Some file systems cannot sync a folder (EINVAL), some folders cannot be read: that is not a
 * failure of ours. */
static int sync_dir(const Target *t, Error *err)
{
        char dir[PATH_MAX];
        AUTO(closep) int fd = -1;

        snprintf(dir, sizeof(dir), "%.*s.", (int)t->dir_len, t->path);
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 && fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
                return fail(err, errno, "cannot write the folder of '%s' to disk", t->path);
        return 0;
}

static int replace(Target *t, Span bytes, Error *err)
{
        AUTO(closep) int fd = -1;
        int r = open_temporary(t, &fd, err);

        if (r < 0)
                return r;
        r = fill(fd, t, bytes, err);
        if (r == 0 && close(TAKE_FD(fd)) < 0 && errno != EINTR)
                r = fail(err, errno, "cannot write '%s'", t->path);
        if (r == 0 && rename(t->temporary, t->path) < 0)
                r = fail(err, errno, "cannot give '%s' its name", t->path);
        if (r < 0) {
                unlink(t->temporary);
                return r;
        }
        return sync_dir(t, err);
}

/* A device or a pipe has no name to take over: /dev/null must stay what it is. */
static int write_into(const char *path, Span bytes, Error *err)
{
        AUTO(closep) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
                return fail(err, errno, "cannot open '%s'", path);
        if (fd_write_all(fd, bytes, err) < 0)
                return fail_while(err, "writing '%s'", path);
        return 0;
}

int file_write(const char *path, Span bytes, Error *err)
{
        Target t = { 0 };
        bool plain;
        int r = look_at(path, &t, &plain, err);

        if (r < 0)
                return r;
        return plain ? replace(&t, bytes, err) : write_into(path, bytes, err);
}
