/* Folders: made with their parents, removed with their content. See base/fs.h. */

#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST 200 /* each level holds a file descriptor while it is removed */

static bool is_dir(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int make_one(const char *path, Error *err)
{
        int why = mkdir(path, 0777) == 0 ? 0 : errno;

        /* On a read-only disk mkdir says so even of a folder that is there. */
        if (why == 0 || is_dir(path))
                return 0;
        return fail(err, why == EEXIST ? ENOTDIR : why, "cannot make the folder '%s'", path);
}

int dir_make(const char *path, Error *err)
{
        char part[PATH_MAX];
        size_t n = strlen(path);

        if (n >= sizeof(part))
                return fail(err, ENAMETOOLONG, "cannot make the folder '%s'", path);
        if (n == 0)
                return fail(err, ENOENT, "cannot make a folder without a name");
        memcpy(part, path, n + 1);
        for (size_t i = 1; i < n; i++) {
                int r;

                if (part[i] != '/' || part[i - 1] == '/')
                        continue;
                part[i] = '\0';
                r = make_one(part, err);
                if (r < 0)
                        return r;
                part[i] = '/';
        }
        return make_one(path, err);
}

static int remove_at(int dir, const char *name, int depth, Error *err);

static bool is_dot(const char *name)
{
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

/* Removing while reading may hide entries from one pass, so passes go on until one finds none. */
static int remove_content(DIR *dir, int depth, Error *err)
{
        size_t removed;

        do {
                struct dirent *entry;

                removed = 0;
                rewinddir(dir);
                while (errno = 0, (entry = readdir(dir))) {
                        int r;

                        if (is_dot(entry->d_name))
                                continue;
                        r = remove_at(dirfd(dir), entry->d_name, depth + 1, err);
                        if (r < 0)
                                return r;
                        removed++;
                }
                if (errno)
                        return fail(err, errno, "cannot read a folder");
        } while (removed);
        return 0;
}

static int remove_dir(int parent, const char *name, int depth, Error *err)
{
        AUTO(closep) int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        AUTO(closedirp) DIR *dir = NULL;
        int r;

        if (depth > DEEPEST)
                return fail(err, ERR_LIMIT, "more than %d folders inside one another", DEEPEST);
        if (fd < 0)
                return fail(err, errno, "cannot open '%s'", name);
        dir = fdopendir(fd);
        if (!dir)
                return fail(err, errno, "cannot read '%s'", name);
        fd = -1; /* the DIR owns it now */
        r = remove_content(dir, depth, err);
        if (r < 0)
                return r;
        if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
                return fail(err, errno, "cannot remove '%s'", name);
        return 0;
}

static int remove_at(int dir, const char *name, int depth, Error *err)
{
        struct stat st;

        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : fail(err, errno, "cannot look at '%s'", name);
        if (S_ISDIR(st.st_mode))
                return remove_dir(dir, name, depth, err);
        if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
                return fail(err, errno, "cannot remove '%s'", name);
        return 0;
}

static bool is_root(const char *path)
{
        struct stat st, root;

        return lstat(path, &st) == 0 && stat("/", &root) == 0 && st.st_ino == root.st_ino &&
               st.st_dev == root.st_dev;
}

int tree_remove(const char *path, Error *err)
{
        int r;

        if (path[0] == '\0' || is_root(path))
                return fail(err, ERR_USAGE, "refusing to remove '%s'", path);
        r = remove_at(AT_FDCWD, path, 0, err);
        return r < 0 ? fail_while(err, "removing '%s'", path) : 0;
}
