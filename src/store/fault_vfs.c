#include "store/fault_vfs.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/vec.h"

/* What the bytes of a file were before a write that is not synced yet. */
typedef struct Undo {
        struct FaultFile *file;
        sqlite3_int64 offset, size_before;
        int len; /* bytes kept; the rest of the write lay behind the end */
        char *bytes;
} Undo;

typedef struct FaultFile {
        sqlite3_file base;
        sqlite3_file *real;
} FaultFile;

static struct {
        sqlite3_vfs vfs;
        sqlite3_vfs *real;
        FaultPlan plan;
        uint64_t count;
        Arena *arena; /* of undos; only in the process that is going to lose power */
        VEC(Undo) undos;
} shim;

static sqlite3_file *real_of(sqlite3_file *file)
{
        return ((FaultFile *)file)->real;
}

static void forget(FaultFile *file)
{
        vec_each (Undo, undo, &shim.undos)
                if (undo->file == file)
                        undo->file = NULL;
}

/* Newest first, as if the writes had never left the cache. */
static void lose_power(void)
{
        for (size_t i = shim.undos.len; i-- > 0;) {
                Undo *undo = &shim.undos.items[i];
                sqlite3_file *real = undo->file ? undo->file->real : NULL;

                if (!real)
                        continue;
                if (undo->len)
                        real->pMethods->xWrite(real, undo->bytes, undo->len, undo->offset);
                real->pMethods->xTruncate(real, undo->size_before);
        }
}

static bool is_due(void)
{
        shim.count++;
        return shim.plan.at &&
               (shim.count == shim.plan.at || (shim.plan.stays && shim.count > shim.plan.at));
}

/* SQLITE_OK: go on with the operation. */
static int fault(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
        if (!is_due())
                return SQLITE_OK;
        if (shim.plan.action == FAULT_FULL) /* only writing needs room */
                return bytes ? SQLITE_FULL : SQLITE_OK;
        if (shim.plan.action == FAULT_IOERR)
                return SQLITE_IOERR;
        if (shim.plan.action == FAULT_POWER)
                lose_power();
        else if (file && bytes)
                file->pMethods->xWrite(file, bytes, len / 2, offset);
        _exit(FAULT_EXIT_STATUS);
}

static void remember(FaultFile *file, int len, sqlite3_int64 offset)
{
        sqlite3_file *real = file->real;
        Undo *undo;

        if (shim.plan.action != FAULT_POWER)
                return;
        undo = vec_add(shim.arena, &shim.undos);
        BUG_IF(!undo);
        *undo = (Undo){ .file = file, .offset = offset };
        real->pMethods->xFileSize(real, &undo->size_before);
        if (offset < undo->size_before)
                undo->len = (int)MIN((sqlite3_int64)len, undo->size_before - offset);
        undo->bytes = new (shim.arena, char, (size_t)undo->len);
        if (undo->len)
                real->pMethods->xRead(real, undo->bytes, undo->len, offset);
}

static int fault_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
        int r = fault(real_of(file), bytes, len, offset);

        if (r != SQLITE_OK)
                return r == SQLITE_IOERR ? SQLITE_IOERR_WRITE : r;
        remember((FaultFile *)file, len, offset);
        return real_of(file)->pMethods->xWrite(real_of(file), bytes, len, offset);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
        sqlite3_int64 before = 0;
        int r = fault(NULL, NULL, 0, 0);

        if (r != SQLITE_OK)
                return r == SQLITE_IOERR ? SQLITE_IOERR_TRUNCATE : r;
        real_of(file)->pMethods->xFileSize(real_of(file), &before);
        if (before > size)
                remember((FaultFile *)file, (int)(before - size), size);
        return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
        int r = fault(NULL, NULL, 0, 0);

        if (r != SQLITE_OK)
                return r == SQLITE_IOERR ? SQLITE_IOERR_FSYNC : r;
        r = real_of(file)->pMethods->xSync(real_of(file), flags);
        if (r == SQLITE_OK)
                forget((FaultFile *)file);
        return r;
}

static int fault_close(sqlite3_file *file)
{
        forget((FaultFile *)file);
        return real_of(file)->pMethods->xClose(real_of(file));
}

/* Calls that pass through as they are. */
#define PASS(name, args, ...)                                                       \
        static int pass_##name args                                                 \
        {                                                                           \
                return real_of(file)->pMethods->name(real_of(file), ##__VA_ARGS__); \
        }
PASS(xRead, (sqlite3_file * file, void *bytes, int len, sqlite3_int64 offset), bytes, len, offset)
PASS(xFileSize, (sqlite3_file * file, sqlite3_int64 *size), size)
PASS(xLock, (sqlite3_file * file, int level), level)
PASS(xUnlock, (sqlite3_file * file, int level), level)
PASS(xCheckReservedLock, (sqlite3_file * file, int *out), out)
PASS(xFileControl, (sqlite3_file * file, int op, void *arg), op, arg)
PASS(xSectorSize, (sqlite3_file * file))
PASS(xDeviceCharacteristics, (sqlite3_file * file))
PASS(xShmMap, (sqlite3_file * file, int page, int size, int extend, void volatile **out), page,
     size, extend, out)
PASS(xShmLock, (sqlite3_file * file, int offset, int n, int flags), offset, n, flags)
PASS(xShmUnmap, (sqlite3_file * file, int delete_it), delete_it)

static void pass_xShmBarrier(sqlite3_file *file)
{
        real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = fault_close,
        .xRead = pass_xRead,
        .xWrite = fault_write,
        .xTruncate = fault_truncate,
        .xSync = fault_sync,
        .xFileSize = pass_xFileSize,
        .xLock = pass_xLock,
        .xUnlock = pass_xUnlock,
        .xCheckReservedLock = pass_xCheckReservedLock,
        .xFileControl = pass_xFileControl,
        .xSectorSize = pass_xSectorSize,
        .xDeviceCharacteristics = pass_xDeviceCharacteristics,
        .xShmMap = pass_xShmMap,
        .xShmLock = pass_xShmLock,
        .xShmBarrier = pass_xShmBarrier,
        .xShmUnmap = pass_xShmUnmap,
};

static int fault_open(sqlite3_vfs *vfs UNUSED, const char *name, sqlite3_file *file, int flags,
                      int *out_flags)
{
        FaultFile *f = (FaultFile *)file;
        int r;

        f->real = (sqlite3_file *)(f + 1);
        r = shim.real->xOpen(shim.real, name, f->real, flags, out_flags);
        f->base.pMethods = f->real->pMethods ? &methods : NULL;
        return r;
}

static int fault_delete(sqlite3_vfs *vfs UNUSED, const char *name, int sync)
{
        int r = fault(NULL, NULL, 0, 0);

        return r != SQLITE_OK ? SQLITE_IOERR_DELETE : shim.real->xDelete(shim.real, name, sync);
}

void fault_vfs_install(void)
{
        shim.real = sqlite3_vfs_find("unix");
        BUG_IF(!shim.real);
        shim.vfs = *shim.real;
        shim.vfs.zName = "fault";
        shim.vfs.szOsFile = (int)sizeof(FaultFile) + shim.real->szOsFile;
        shim.vfs.xOpen = fault_open;
        shim.vfs.xDelete = fault_delete;
        shim.arena = arena_new(MiB(512));
        shim.undos.ceiling = 1000000;
        sqlite3_vfs_register(&shim.vfs, 1);
        fault_vfs_plan((FaultPlan){ 0 });
}

void fault_vfs_remove(void)
{
        sqlite3_vfs_unregister(&shim.vfs);
        sqlite3_vfs_register(shim.real, 1);
        shim.arena = arena_free(shim.arena);
        memset(&shim.undos, 0, sizeof(shim.undos));
}

void fault_vfs_plan(FaultPlan plan)
{
        shim.plan = plan;
        shim.count = 0;
}

uint64_t fault_vfs_count(void)
{
        return shim.count;
}
