#include "instrument/profile/task_list.h"

#include "base/fs.h"

#include <dirent.h>
#include <errno.h>

typedef struct Parentage {
        int pid, parent;
} Parentage;

typedef VEC(Parentage) ParentageList;

TaskList task_list_of(int id, Arena *arena)
{
        TaskList list = { .items = new (arena, int, 1), .len = 1, .room = 1, .ceiling = 1 };

        list.items[0] = id;
        return list;
}

static int add_task(TaskList *list, Arena *arena, int id, Error *err)
{
        int *slot = vec_add(arena, list);

        if (!slot)
                return fail(err, ERR_LIMIT, "more than %d threads", MAX_TASKS);
        *slot = id;
        return 0;
}

/* The numbers among a directory's names; calls stop at the first failure. */
static int numbers_in(const char *path, Arena *arena, TaskList *ret, Error *err)
{
        DIR *dir = opendir(path);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return fail(err, errno, "cannot read '%s'", path);
        while (r == 0 && (entry = readdir(dir))) {
                uint64_t n;

                if (span_to_u64(span_of(entry->d_name), &n, NULL) == 0 && n <= INT32_MAX)
                        r = add_task(ret, arena, (int)n, err);
        }
        closedir(dir);
        return r;
}

/* Field 4 of /proc/PID/stat; the name before it is in parentheses and may hold any byte. */
static int parent_of(int pid, Arena *arena)
{
        Mark mark = arena_mark(arena);
        Span text, word;
        uint64_t parent = 0;

        if (file_read(arena_printf(arena, "/proc/%d/stat", pid), KiB(16), arena, &text, NULL) ==
            0) {
                while (text.len && span_find_byte(text, ')') >= 0)
                        text = span_from(text, (size_t)span_find_byte(text, ')') + 1);
                if (span_next_word(&text, &word) && span_next_word(&text, &word))
                        (void)span_to_u64(word, &parent, NULL);
        }
        arena_reset(arena, mark);
        return parent <= INT32_MAX ? (int)parent : 0;
}

static bool contains(const TaskList *list, int id)
{
        vec_each (int, it, list)
                if (*it == id)
                        return true;
        return false;
}

int task_processes(int pid, Arena *arena, TaskList *ret, Error *err)
{
        TaskList all = VEC_INIT(4 * MAX_TASKS), tree = VEC_INIT(MAX_TASKS);
        ParentageList parents = VEC_INIT(4 * MAX_TASKS);
        bool grew = true;
        int r;

        if (!path_exists(arena_printf(arena, "/proc/%d", pid)))
                return fail(err, ERR_NOT_FOUND, "there is no process %d", pid);
        r = numbers_in("/proc", arena, &all, err);
        if (r == 0)
                r = add_task(&tree, arena, pid, err);
        vec_each (int, it, &all) {
                Parentage *p = vec_add(arena, &parents);

                if (p)
                        *p = (Parentage){ *it, 0 };
        }
        vec_each (Parentage, p, &parents)
                p->parent = parent_of(p->pid, arena);
        while (r == 0 && grew) {
                grew = false;
                vec_each (Parentage, p, &parents)
                        if (r == 0 && contains(&tree, p->parent) && !contains(&tree, p->pid)) {
                                r = add_task(&tree, arena, p->pid, err);
                                grew = true;
                        }
        }
        if (r == 0)
                *ret = tree;
        return r;
}

int task_threads(int pid, Arena *arena, TaskList *ret, Error *err)
{
        TaskList threads = VEC_INIT(MAX_TASKS);
        int r = numbers_in(arena_printf(arena, "/proc/%d/task", pid), arena, &threads, err);

        if (r == -ENOENT || r == -ESRCH)
                r = 0;
        if (r == 0)
                *ret = threads;
        return r;
}
