#include "command/command.h"

#include "base/fs.h"

typedef struct InitOpts {
        bool force;
} InitOpts;

static const Option init_options[] = {
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

static int init_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const InitOpts *opts = opts_struct;
        Doc *doc = doc_new(ctx->arena, "init");
        int r = dir_make(".hone", err);

        (void)args;
        for (size_t i = 0; r == 0 && i < COUNT(files); i++) {
                if (path_exists(files[i].path) && !opts->force) {
                        doc_item(doc, "kept", "%s is there already, left as it is", files[i].path);
                        continue;
                }
                r = file_write(files[i].path, span_of(files[i].text), err);
                doc_item(doc, "written", "%s written", files[i].path);
        }
        if (r < 0)
                return r;
        doc_paragraph(doc, NULL,
                      "Next: say in hone.yaml how your service is built and started, "
                      "then run: hone diagnose URL");
        return command_print(ctx, doc, err);
}

const Command init_command = {
        .name = "init",
        .group = "help",
        .args = "",
        .summary = "write hone.yaml and a budget file to start from",
        .description = "Existing files are left alone unless --force is given.",
        .options = init_options,
        .n_options = COUNT(init_options),
        .opts_size = sizeof(InitOpts),
        .run = init_run,
};
