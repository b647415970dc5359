#include "base/fs.h"
#include "command/ci.h"
#include "command/command.h"

typedef struct InitOpts {
        bool force;
        unsigned ci; /* 0: none, else CiSystem + 1 */
} InitOpts;

static const char *const ci_names[] = { "none", "github", "gitlab", NULL };

static const Option init_options[] = {
        { "ci", 0, OPT_CHOICE, FIELD(InitOpts, ci), "SYSTEM", "none",
          "write a job file as well: github, gitlab", .choices = ci_names },
        { "force", 0, OPT_FLAG, FIELD(InitOpts, force), NULL, NULL, "replace files that exist" },
};

static const char config_text[] =
        "# What hone builds, tests, starts and measures here.\n"
        "project: my-service\n"
        "service:\n"
        "  build: make\n"
        "  test: make test            # must pass before a change is measured\n"
        "  start: ./my-service --port {port}\n"
        "  ready: /health             # asked until it answers 2xx\n"
        "workload:\n"
        "  connections: 2\n"
        "  window: 500ms              # per request and block\n"
        "  requests:\n"
        "    - { name: \"GET /\", url: \"/\" }\n"
        "budgets: performance-budget.json\n"
        "loop:\n"
        "  pairs: 10\n"
        "  min_effect: 2%\n"
        "  protect: [hone.yaml, performance-budget.json]\n";

static const char budget_text[] = "// performance-budget.json\n"
                                  "{\n"
                                  "  \"metrics\": {\n"
                                  "    \"p95_latency_ms\": { \"max\": 200 },\n"
                                  "    \"p99_latency_ms\": { \"max\": 500 },\n"
                                  "    \"error_rate\": { \"max\": 0.01 },\n"
                                  "    \"memory_mb\": { \"max\": 512 }\n"
                                  "  }\n"
                                  "}\n";

static const struct {
        const char *path, *text;
} files[] = {
        { "hone.yaml", config_text },
        { "performance-budget.json", budget_text },
        { ".hone/.gitignore", "*\n" },
};

static int write_one(Doc *doc, const InitOpts *opts, const char *path, Span text, Error *err)
{
        int r;

        if (path_exists(path) && !opts->force) {
                doc_item(doc, "kept", "%s is there already, left as it is", path);
                return 0;
        }
        r = file_write(path, text, err);
        if (r == 0)
                doc_item(doc, "written", "%s written", path);
        return r;
}

/* The folder of a path made, and the file in it. */
static int write_deep(Doc *doc, const InitOpts *opts, Arena *arena, const char *path, Span text,
                      Error *err)
{
        Span dir = span_of(path);
        int r;

        while (dir.len && dir.ptr[dir.len - 1] != '/')
                dir.len--;
        r = dir.len ? dir_make(span_text(arena, dir), err) : 0;
        return r < 0 ? r : write_one(doc, opts, path, text, err);
}

/* GitLab reads one file only: where there is one already, its owner includes ours. */
static int write_include(Doc *doc, Error *err)
{
        static const char name[] = ".gitlab-ci.yml";
        const InitOpts careful = { 0 };

        if (path_exists(name)) {
                doc_item(doc, "next", "add to %s: include: [{ local: %s }]", name,
                         ci_path(CI_GITLAB));
                return 0;
        }
        return write_one(doc, &careful, name,
                         SPAN("include:\n  - local: .gitlab/performance.gitlab-ci.yml\n"), err);
}

static int write_job(Context *ctx, const InitOpts *opts, Doc *doc, Error *err)
{
        CiSystem system = (CiSystem)(opts->ci - 1);
        Config config;
        Span text;
        int r = config_load(".", ctx->arena, &config, err);

        if (r == 0)
                r = ci_text(system, &config, ctx->arena, &text, err);
        if (r == 0)
                r = write_deep(doc, opts, ctx->arena, ci_path(system), text, err);
        if (r == 0 && system == CI_GITLAB)
                r = write_include(doc, err);
        return r;
}

static int init_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const InitOpts *opts = opts_struct;
        Doc *doc = doc_new(ctx->arena, "init");
        int r = 0;

        (void)args;
        for (size_t i = 0; r == 0 && i < COUNT(files); i++)
                r = write_deep(doc, opts, ctx->arena, files[i].path, span_of(files[i].text), err);
        if (r == 0 && opts->ci)
                r = write_job(ctx, opts, doc, err);
        if (r < 0)
                return r;
        doc_paragraph(doc, NULL,
                      "Next: say in hone.yaml how your service is built and started, "
                      "then run: hone diagnose URL");
        if (opts->ci)
                doc_paragraph(doc, NULL,
                              "The job builds and starts the service as hone.yaml said just now; "
                              "after a change there write it again with --force.");
        return command_print(ctx, doc, err);
}

static const Example examples[] = {
        { "hone init", "files to start from" },
        { "hone init --ci github", "and a job that gates pull requests" },
};

const Command init_command = {
        .name = "init",
        .group = "help",
        .args = "",
        .summary = "write hone.yaml, a budget file and a CI job to start from",
        .description = "Existing files are left alone unless --force is given. The job measures "
                       "base and head of a change side by side and judges them with hone gate.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = init_options,
        .n_options = COUNT(init_options),
        .opts_size = sizeof(InitOpts),
        .run = init_run,
};
