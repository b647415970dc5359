#include "instrument/profile/symbol_cache.h"

#include "base/fs.h"
#include "base/os.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_BYTES GiB(2)
#define MAX_CACHED_FILES 100000
#define LEAST_ID 8
#define MOST_ID 128
#define TEMPORARY_PREFIX ".hone-"
#define TEMPORARY_LIFE_S 3600 /* what a killed program left */

char *symbol_cache_dir(Arena *arena)
{
        const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

        if (base && base[0] == '/')
                return path_join(arena, base, "hone/symbols");
        if (home && home[0] == '/')
                return path_join(arena, home, ".cache/hone/symbols");
        return NULL;
}

int symbol_cache_open(const char *dir, uint64_t max_bytes, Arena *arena, SymbolCache **ret,
                      Error *err)
{
        char *folder = dir ? arena_printf(arena, "%s", dir) : symbol_cache_dir(arena);
        struct stat st;
        int r;

        if (!folder)
                return fail(err, ERR_UNAVAILABLE, "there is neither XDG_CACHE_HOME nor HOME");
        r = dir_make(folder, err);
        if (r < 0)
                return r;
        if (stat(folder, &st) < 0)
                return fail(err, errno, "cannot look at '%s'", folder);
        if (st.st_uid != geteuid())
                return fail(err, EPERM, "'%s' belongs to another user", folder);
        *ret = new (arena, SymbolCache, 1);
        **ret = (SymbolCache){ .dir = folder, .max_bytes = max_bytes };
        return 0;
}

/* The name of a file: nothing but hexadecimal digits. */
static char *path_of(const SymbolCache *cache, Span id, Arena *arena)
{
        if (id.len < LEAST_ID || id.len > MOST_ID)
                return NULL;
        for (size_t i = 0; i < id.len; i++)
                if (!((id.ptr[i] >= '0' && id.ptr[i] <= '9') ||
                      (id.ptr[i] >= 'a' && id.ptr[i] <= 'f')))
                        return NULL;
        return path_join(arena, cache->dir, span_text(arena, id));
}

typedef struct Mapped {
        void *start;
        size_t len;
} Mapped;

static void unmap(void *resource)
{
        Mapped *m = resource;

        munmap(m->start, m->len);
}

/* The index of the file, or the reason why it is none. */
static int read_file(int fd, const struct stat *st, Span id, Arena *arena, SymbolIndex *ret,
                     Error *err)
{
        Mapped *mapped = new (arena, Mapped, 1);
        int r;

        if (st->st_size <= 0 || (uint64_t)st->st_size > MAX_FILE_BYTES)
                return fail(err, ERR_CORRUPT, "index of symbols: %lld bytes are not its size",
                            (long long)st->st_size);
        mapped->len = (size_t)st->st_size;
        mapped->start = mmap(NULL, mapped->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
        if (mapped->start == MAP_FAILED)
                return fail(err, errno, "cannot map it");
        arena_defer(arena, unmap, mapped);
        r = symbol_index_open((Span){ mapped->start, mapped->len }, ret, err);
        if (r == 0 && !span_eq(symbol_index_build_id(ret), id))
                r = fail(err, ERR_CORRUPT, "index of symbols: it is of another file");
        return r;
}

int symbol_cache_find(const SymbolCache *cache, Span id, Arena *arena, SymbolIndex *ret, Error *err)
{
        const char *path = path_of(cache, id, arena);
        AUTO(closep)
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
        Error why = { 0 };
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())
                return 0;
        if (read_file(fd, &st, id, arena, ret, &why) < 0) {
                (void)unlink(path);
                return fail(err, why.code, "'%s' was damaged (%s) and is made again", path,
                            why.message);
        }
        (void)futimens(fd, NULL); /* used just now */
        return 1;
}

typedef struct CachedFile {
        char *path;
        uint64_t bytes;
        struct timespec used;
} CachedFile;

typedef struct CacheListing {
        VEC(CachedFile) files;
        uint64_t bytes;
} CacheListing;

static int by_use(const void *a, const void *b)
{
        const CachedFile *x = a, *y = b;

        if (x->used.tv_sec != y->used.tv_sec)
                return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
        return x->used.tv_nsec < y->used.tv_nsec ? -1 : x->used.tv_nsec > y->used.tv_nsec;
}

static void list_file(CacheListing *list, const SymbolCache *cache, const char *name, Arena *arena)
{
        char *path = path_join(arena, cache->dir, name);
        struct stat st;
        CachedFile *file;

        if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
                return;
        if (span_starts(span_of(name), TEMPORARY_PREFIX)) {
                uint64_t now_s = os_real()->wall_ns(os_real()) / NS_PER_S;

                if ((uint64_t)st.st_mtim.tv_sec + TEMPORARY_LIFE_S < now_s)
                        (void)unlink(path);
                return;
        }
        file = vec_add(arena, &list->files);
        if (file)
                *file = (CachedFile){ path, (uint64_t)st.st_size, st.st_mtim };
        list->bytes += (uint64_t)st.st_size;
}

/* Two hone that do this at once remove a little more; readers keep what they have mapped. */
static void trim(const SymbolCache *cache)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        CacheListing list = { .files.ceiling = MAX_CACHED_FILES };
        DIR *dir = opendir(cache->dir);
        struct dirent *entry;

        if (!dir)
                return;
        while ((entry = readdir(dir)))
                list_file(&list, cache, entry->d_name, arena);
        closedir(dir);
        if (list.bytes <= cache->max_bytes)
                return;
        qsort(list.files.items, list.files.len, sizeof(CachedFile), by_use);
        vec_each (CachedFile, file, &list.files) {
                if (list.bytes <= cache->max_bytes)
                        break;
                if (unlink(file->path) == 0 || errno == ENOENT)
                        list.bytes -= file->bytes;
        }
}

int symbol_cache_keep(const SymbolCache *cache, Span id, Span bytes, Error *err)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const char *path = path_of(cache, id, arena);
        int r;

        if (!path || bytes.len > cache->max_bytes)
                return 0;
        r = file_write(path, bytes, err);
        if (r == 0)
                trim(cache);
        return r;
}
