#include "instrument/bench/exec_request.h"

#include "base/fs.h"
#include "base/subprocess.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_PRESET "/bin:/usr/bin" /* as execvp(3) has it */
#define PADDING_NAME "HONE_PADDING="

static const char *in_dir(const ExecPlan *plan, const char *path, Arena *arena)
{
        return plan->dir ? path_join(arena, plan->dir, path) : path;
}

static bool is_program(const char *path)
{
        struct stat st;

        return access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int fail_no_file(const char *name, Error *err)
{
        fail(err, ERR_NOT_FOUND, "cannot run '%s': there is no such file", name);
        return fail_hint(err, "check the path");
}

/* A name without a slash is looked up as execvp(3) does, but once and outside the time that is
 * measured. An empty folder in PATH is the working directory. */
int exec_find_program(const ExecPlan *plan, const char *name, Arena *arena, const char **ret,
                      Error *err)
{
        const char *value = getenv("PATH"), *barred = NULL;
        Span folders = span_of(value ? value : PATH_PRESET);

        if (strchr(name, '/')) {
                if (!path_exists(in_dir(plan, name, arena)))
                        return fail_no_file(name, err);
                *ret = name;
                return 0;
        }
        while (folders.ptr && *name) {
                Span folder = span_cut(&folders, ':');
                const char *path = folder.len
                                           ? arena_printf(arena, "%.*s/%s", SPAN_ARG(folder), name)
                                           : arena_printf(arena, "./%s", name);

                if (is_program(in_dir(plan, path, arena))) {
                        *ret = path;
                        return 0;
                }
                if (!barred && path_exists(in_dir(plan, path, arena)))
                        barred = path;
        }
        if (barred) { /* the launcher says what is wrong with it */
                *ret = barred;
                return 0;
        }
        fail(err, ERR_NOT_FOUND, "cannot run '%s': there is no program of this name", name);
        return fail_hint(err, "install %s, or check that its folder is in PATH", name);
}

static const char *const *words_of(const ExecPlan *plan, Arena *arena)
{
        const char **shell;

        BUG_IF(!plan->shell && (!plan->argv || !plan->argv[0]));
        if (!plan->shell)
                return plan->argv;
        shell = new (arena, const char *, 4);
        shell[0] = "/bin/sh";
        shell[1] = "-c";
        shell[2] = plan->shell;
        return shell;
}

static void add_text(Buf *body, const char *text)
{
        buf_bytes(body, text, strlen(text) + 1);
}

static uint32_t add_texts(Buf *body, const char *const *each)
{
        uint32_t n = 0;

        for (; each[n]; n++)
                add_text(body, each[n]);
        return n;
}

static void add_padding(Buf *body, size_t n)
{
        buf_text(body, PADDING_NAME);
        buf_repeat(body, 'x', n);
        buf_byte(body, '\0');
}

static size_t count_of(const char *const *each)
{
        size_t n = 0;

        while (each[n])
                n++;
        return n;
}

static void add_all(const ExecPlan *plan, const char *const *env, Buf *body, ExecMessage *m)
{
        const char *const *words = m->words;
        size_t n = count_of(words) + count_of(env) + (plan->env_padding > 0) + 2;

        buf_clear(body);
        buf_repeat(body, '\0', n * sizeof(char *));
        add_text(body, m->path);
        add_text(body, plan->dir ? plan->dir : "");
        m->head.n_argv = add_texts(body, words);
        m->head.n_env = add_texts(body, env) + (plan->env_padding > 0);
        if (plan->env_padding)
                add_padding(body, plan->env_padding);
        m->body = buf_span(body);
        m->head.body_bytes = (uint32_t)m->body.len;
}

int exec_message(const ExecPlan *plan, Arena *arena, Buf *body, ExecMessage *ret, Error *err)
{
        const char *const *env =
                (const char *const *)subprocess_environment(plan->extra_env, arena);
        ExecMessage m = { .head = { .magic = REQUEST_MAGIC,
                                    .kind = REQUEST_EXEC,
                                    .timeout_ns = plan->timeout_ns },
                          .words = words_of(plan, arena) };
        int r;

        m.program = m.words[0];
        if (plan->env_padding > ENV_PADDING_MAX)
                return fail(err, ERR_LIMIT, "%zu bytes of padding; at most %zu", plan->env_padding,
                            ENV_PADDING_MAX);
        r = exec_find_program(plan, m.program, arena, &m.path, err);
        if (r < 0)
                return r;
        add_all(plan, env, body, &m);
        if (buf_check(body, NULL) < 0)
                return fail(err, ERR_LIMIT, "the words and the environment of '%s' are too long",
                            m.program);
        *ret = m;
        return 0;
}

static int fail_stage(const ExecPlan *plan, const ExecMessage *m, ExecStage stage, int failure,
                      Error *err)
{
        if (stage == EXEC_STAGE_DIR)
                return fail(err, failure == ENOENT ? ERR_NOT_FOUND : failure,
                            "cannot enter '%s' to run '%s'%s", plan->dir, m->program,
                            failure == ENOENT ? ": there is no such folder" : "");
        fail(err, failure,
             stage == EXEC_STAGE_COUNT ? "cannot count the instructions of '%s'"
                                       : "cannot start '%s'",
             m->program);
        if (failure == EAGAIN || failure == ENOMEM)
                return fail_hint(err, "too many processes or too little memory: see ulimit -u");
        if (failure == EMFILE || failure == ENFILE)
                return fail_hint(err, "too many open files: raise ulimit -n");
        return -failure;
}

int exec_fail(const ExecPlan *plan, const ExecMessage *m, ExecStage stage, int failure, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(KiB(64));
        const char *path;
        struct stat st;

        if (stage != EXEC_STAGE_EXEC)
                return fail_stage(plan, m, stage, failure, err);
        path = strlen(m->path) < KiB(16) ? in_dir(plan, m->path, scratch) : m->path;
        if (failure == ENOENT && !path_exists(path))
                return fail_no_file(m->program, err);
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
                fail(err, EISDIR, "cannot run '%s'", m->program);
                return fail_hint(err, "name a program in it");
        }
        if (failure == ENOENT) {
                fail(err, ERR_NOT_FOUND, "cannot run '%s': its interpreter is missing", m->program);
                return fail_hint(err, "see what its first line, after #!, names");
        }
        fail(err, failure, "cannot run '%s'", m->program);
        if (failure == EACCES)
                return fail_hint(err, "check that it may be executed: chmod +x %s", path);
        if (failure == ENOEXEC)
                return fail_hint(err, "a script needs a first line such as #!/bin/sh; otherwise it "
                                      "is not a program for this machine");
        if (failure == E2BIG)
                return fail_hint(err, "its words and its environment are too long together");
        return -failure;
}
