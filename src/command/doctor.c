#include "command/command.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "instrument/instrument.h"
#include "instrument/profile/symbol_cache.h"
#include "process/config.h"

/* Programs that some command runs; everything else is linked in. */
static const struct {
        const char *name, *used_by, *package;
} programs[] = {
        { "git", "revisions in runs; the loop's worktrees", "git" },
};

static const Column instrument_columns[] = { { "instrument", "Instrument" },
                                             { "state", "State" },
                                             { "tier", "How", .wrap = true },
                                             { "reason", "If not, why and what to do",
                                               .wrap = true } };
static const Column need_columns[] = { { "need", "Needs" },
                                       { "what", "What it is", .wrap = true },
                                       { "instruments", "For", .wrap = true } };
static const Column program_columns[] = { { "program", "Program" },
                                          { "state", "State" },
                                          { "used_by", "Used for", .wrap = true } };

static bool in_path(Arena *arena, const char *name)
{
        const char *path = getenv("PATH");
        Span rest = span_of(path);

        while (rest.ptr && rest.len) {
                Span dir = span_cut(&rest, ':');

                if (dir.len && access(path_join(arena, span_text(arena, dir), name), X_OK) == 0)
                        return true;
        }
        return false;
}

static bool check_instruments(Context *ctx, Doc *doc)
{
        DocTable *t = doc_table(doc, "instruments", instrument_columns, COUNT(instrument_columns));
        const Target self = { .kind = TARGET_PROCESS, .pid = getpid() };
        const Target url = { .kind = TARGET_URL, .text = SPAN("http://127.0.0.1/") };
        bool all = true;

        for (const Instrument *const *in = instruments; *in; in++) {
                const char *tier = NULL;
                Error why = { 0 };
                bool sends = (*in)->needs & NEED_NETWORK;
                bool ok = (*in)->probe(sends ? &url : &self, &tier, &why) == 0;
                const char *reason =
                        ok ? "" : arena_printf(ctx->arena, "%s. %s", why.message, why.hint);

                all &= ok;
                doc_row(t, cell_string((*in)->name), cell_verdict(ok ? "ready" : "NOT AVAILABLE"),
                        cell_string(ok ? tier : ""), cell_string(reason));
        }
        return all;
}

static void list_needs(Context *ctx, Doc *doc)
{
        static const struct {
                const char *name, *help;
        } needs[] = {
#define X(id, name, help) { name, help },
                NEEDS(X)
#undef X
        };
        DocTable *t = doc_table(doc, "needs", need_columns, COUNT(need_columns));

        for (unsigned i = 0; i < NEED_COUNT_; i++) {
                Buf users = buf_in(ctx->arena, KiB(4));

                for (const Instrument *const *in = instruments; *in; in++)
                        if ((*in)->needs & (1u << i))
                                buf_printf(&users, "%s%s", users.len ? ", " : "", (*in)->name);
                doc_row(t, cell_string(needs[i].name), cell_string(needs[i].help),
                        cell_text(buf_span(&users)));
        }
}

static void check_programs(Context *ctx, Doc *doc)
{
        DocTable *t = doc_table(doc, "programs", program_columns, COUNT(program_columns));

        for (size_t i = 0; i < COUNT(programs); i++)
                doc_row(t, cell_string(programs[i].name),
                        cell_verdict(in_path(ctx->arena, programs[i].name) ? "ready"
                                                                           : "NOT AVAILABLE"),
                        cell_string(arena_printf(ctx->arena, "%s (apt-get install %s)",
                                                 programs[i].used_by, programs[i].package)));
}

static int check_project(Context *ctx, Doc *doc, Error *err)
{
        Config config;
        Store *store;
        Error why = { 0 };
        uint64_t runs = 0;
        int r = config_load(NULL, ctx->arena, &config, err);

        if (r < 0)
                return r;
        doc_field(doc, "config", "Configuration",
                  cell_string(config.path ? config.path : "none (hone init writes one)"));
        if (store_open(command_store_path(ctx), STORE_READ, ctx->arena, &store, &why) == 0) {
                r = store_verify(store, &runs, err);
                store_close(store);
                if (r < 0)
                        return r;
                doc_field(doc, "store", "Store", cell_string(command_store_path(ctx)));
                doc_field(doc, "runs", "Runs, all whole", cell_count(runs));
        } else if (why.code == ERR_NOT_FOUND) {
                doc_field(doc, "store", "Store", cell_string("none yet; the first run makes it"));
        } else {
                if (err)
                        *err = why;
                return -why.code;
        }
        return 0;
}

/* `hone profile` keeps there what it has read of programs and libraries. */
static void name_symbol_cache(Context *ctx, Doc *doc)
{
        const char *dir = symbol_cache_dir(ctx->arena);

        doc_field(doc, "symbol_cache", "Symbol cache",
                  cell_string(dir ? dir : "none: neither XDG_CACHE_HOME nor HOME is set"));
}

static int doctor_run(Context *ctx, const void *opts, const TextList *args, Error *err)
{
        Doc *doc = doc_new(ctx->arena, "doctor");
        bool ready;
        int project, r;

        (void)opts, (void)args;
        doc_heading(doc, 2, "Instruments");
        ready = check_instruments(ctx, doc);
        doc_heading(doc, 2, "What they need");
        list_needs(ctx, doc);
        doc_heading(doc, 2, "Programs");
        check_programs(ctx, doc);
        doc_heading(doc, 2, "Here");
        name_symbol_cache(ctx, doc);
        project = check_project(ctx, doc, err);
        r = command_print(ctx, doc, project < 0 ? NULL : err);
        if (project < 0 || r < 0)
                return MIN(project, r);
        return ready ? 0 : 3;
}

const Command doctor_command = {
        .name = "doctor",
        .group = "help",
        .args = "",
        .summary = "check what can be measured here, and why not",
        .description = "Tries every instrument on hone itself, verifies the store, and says what "
                       "to do about what is missing. Exit status 3 when something is.",
        .run = doctor_run,
};
