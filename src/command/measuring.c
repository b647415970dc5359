#include "command/measuring.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "instrument/system/system.h"
#include "present/view.h"
#include "process/lock.h"

static int measure_one(Context *ctx, const Measuring *m, Run **ret, Error *err)
{
        MeasureLock lock = { 0 };
        int r = measure_lock(ctx->os, MEASURE_LOCK_WAIT_NS, &lock, err);

        if (r < 0)
                return r;
        r = measure(
                &(MeasurePlan){ .target = m->target,
                                .parts = &(MeasurePart){ m->instrument, m->plan, m->ends },
                                .n_parts = 1,
                                .duration_ns = m->duration_ns,
                                .label = span_of(m->label),
                                .group = measure_group(m->instrument->name, ctx->os, ctx->arena),
                                .what = m->instrument->name,
                                .os = ctx->os,
                                .progress = &ctx->progress },
                0, ctx->arena, ret, err);
        measure_unlock(&lock);
        return r;
}

int measuring_store(Context *ctx, Run *run, Error *err)
{
        Store *store;
        int r = command_store(ctx, STORE_WRITE, &store, err);

        if (r == 0)
                r = store_put(store, run, &run->id, err);
        return r < 0 ? fail_while(err, "storing the run") : 0;
}

bool saw_nothing(const Recording *recording)
{
        static const struct {
                const char *instrument;
                MetricId counts;
        } counters[] = { { "load", METRIC_REQUESTS }, { "profile", METRIC_PROFILE_SAMPLES } };

        for (size_t i = 0; i < COUNT(counters); i++)
                if (span_is(recording->instrument, counters[i].instrument))
                        return !(recording_get(recording, counters[i].counts, SPAN("")) > 0);
        return false;
}

int measuring_run(Context *ctx, const Measuring *m, Run **ret_run, Error *err)
{
        Doc *doc = doc_new(ctx->arena, m->instrument->name);
        Run *run;
        int stored = 0, r = measure_one(ctx, m, &run, err);

        if (r < 0)
                return r;
        if (!m->no_store)
                stored = measuring_store(ctx, run, err);
        view_run_header(doc, run);
        m->view(doc, run);
        view_coverage(doc, &run, 1);
        if (ret_run)
                *ret_run = run;
        r = m->no_print ? 0 : command_print(ctx, doc, stored < 0 ? NULL : err);
        if (stored < 0 || r < 0) /* what cannot be stored is printed all the same */
                return MIN(stored, r);
        return interrupted() ? 130 : saw_nothing(run->recording) ? 3 : 0;
}

int target_from_args(Context *ctx, const TextList *args, Target *ret, Error *err)
{
        Span first = span_of(args->items[0]);
        uint64_t pid;

        if (args->len == 1 && span_to_u64(first, &pid, NULL) == 0) {
                if (pid == 0 || pid > INT32_MAX || (kill((pid_t)pid, 0) < 0 && errno == ESRCH)) {
                        fail(err, ERR_NOT_FOUND, "there is no process %.*s", SPAN_ARG(first));
                        return fail_hint(err, "list processes with: ps -ef");
                }
                *ret = (Target){ .kind = TARGET_PROCESS,
                                 .text = first,
                                 .pid = (int)pid,
                                 .name = process_name((int)pid, ctx->arena) };
                return 0;
        }
        const char **argv = new (ctx->arena, const char *, args->len + 1);
        Buf text = buf_in(ctx->arena, MiB(1));

        for (size_t i = 0; i < args->len; i++) {
                argv[i] = args->items[i];
                buf_printf(&text, "%s%s", i ? " " : "", args->items[i]);
        }
        *ret = (Target){
                .kind = TARGET_COMMAND, .text = buf_span(&text), .name = first, .argv = argv
        };
        return 0;
}

bool is_stdout(const char *path)
{
        return path && strcmp(path, "-") == 0;
}

int write_output(Context *ctx, const char *path, Span bytes, Error *err)
{
        if (is_stdout(path)) {
                if (fwrite(bytes.ptr, 1, bytes.len, ctx->out) != bytes.len)
                        return fail(err, ERR_FAILED, "cannot write to standard output");
                return 0;
        }
        return file_write(path, bytes, err);
}
