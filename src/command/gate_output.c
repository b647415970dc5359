/* What CI reads of a gate: files, annotations, the page of a job. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "command/gate_command.h"
#include "command/measuring.h"

#define OUTPUT_MAX_BYTES MiB(64)

static const struct {
        size_t offset; /* of the path in GateOpts */
        void (*write)(const GateReport *report, Buf *out);
} files[] = {
        { offsetof(GateOpts, junit), junit_gate },
        { offsetof(GateOpts, sarif), sarif_gate },
        { offsetof(GateOpts, gitlab), gitlab_gate },
};

GateReport gate_report(Context *ctx, const GateOpts *opts, const GateResult *result)
{
        char *cwd = getcwd(NULL, 0), *root = NULL;
        GateReport report = { .result = result,
                              .policy = (GatePolicy)opts->inconclusive,
                              .fallback = result->budget_file ? result->budget_file : "hone.yaml" };

        if (cwd)
                report.cwd = arena_printf(ctx->arena, "%s", cwd);
        freep(&cwd);
        if (path_find_up(NULL, ".git", ctx->arena, &root, NULL) == 0)
                report.root = path_join(ctx->arena, report.cwd ? report.cwd : "", root);
        return report;
}

bool gate_annotates(const GateOpts *opts)
{
        const char *actions = getenv("GITHUB_ACTIONS");

        if (opts->github == GITHUB_AUTO)
                return actions && strcmp(actions, "true") == 0;
        return opts->github == GITHUB_ALWAYS;
}

static int append(const char *path, Span text, Error *err)
{
        int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        int r;

        if (fd < 0)
                return fail(err, errno, "cannot open '%s'", path);
        r = fd_write_all(fd, text, err);
        close(fd);
        return r < 0 ? fail_while(err, "writing '%s'", path) : 0;
}

/* GitHub shows what is appended to this file on the page of the job. */
static int append_step_summary(const GateOpts *opts, Span text, Error *err)
{
        const char *path = getenv("GITHUB_STEP_SUMMARY");

        return gate_annotates(opts) && path && path[0] ? append(path, text, err) : 0;
}

static int write_summary(Context *ctx, const GateOpts *opts, const GateReport *report, Error *err)
{
        Buf out = buf_in(ctx->arena, OUTPUT_MAX_BYTES);
        int r = summary_gate(report, &out, err);

        if (r == 0)
                r = buf_check(&out, err);
        if (r == 0 && opts->summary)
                r = write_output(ctx, opts->summary, buf_span(&out), err);
        return r < 0 ? r : append_step_summary(opts, buf_span(&out), err);
}

int gate_output(Context *ctx, const GateOpts *opts, const GateReport *report, bool *ret_printed,
                Error *err)
{
        bool printed = is_stdout(opts->summary);
        int r = 0;

        for (size_t i = 0; i < COUNT(files) && r == 0; i++) {
                const char *path;
                Buf out = buf_in(ctx->arena, OUTPUT_MAX_BYTES);

                memcpy(&path, (const char *)opts + files[i].offset, sizeof(path));
                if (!path)
                        continue;
                printed |= is_stdout(path);
                files[i].write(report, &out);
                r = buf_check(&out, err);
                if (r == 0)
                        r = write_output(ctx, path, buf_span(&out), err);
        }
        if (r == 0 && (opts->summary || gate_annotates(opts)))
                r = write_summary(ctx, opts, report, err);
        *ret_printed = printed;
        return r;
}

/* GitHub reads both streams; where standard output is for a program, they go to the other. */
int gate_annotate(Context *ctx, const GateOpts *opts, const GateReport *report, bool printed,
                  Error *err)
{
        FILE *to = printed || ctx->global.json || ctx->global.markdown ? ctx->err : ctx->out;
        Buf out = buf_in(ctx->arena, OUTPUT_MAX_BYTES);

        if (!gate_annotates(opts))
                return 0;
        github_gate(report, &out);
        if (buf_check(&out, err) < 0)
                return -err->code;
        if (fwrite(out.ptr, 1, out.len, to) != out.len || fflush(to) != 0)
                return fail(err, ERR_FAILED, "cannot write the annotations");
        return 0;
}
