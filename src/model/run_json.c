#include "model/run_json.h"
#include "model/json_fields.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define FORMAT 1
#define LARGEST_PLAN MiB(1)
#define MOST_WORDS 10000

typedef struct RunDoc {
        uint64_t format;
        Span label, group, plan_json;
        const Value *target, *fingerprint, *noise, *recording;
} RunDoc;

static const Field run_fields[] = {
        { "format", FIELD_COUNT, offsetof(RunDoc, format), true, NULL },
        { "label", FIELD_TEXT, offsetof(RunDoc, label), false, NULL },
        { "group", FIELD_TEXT, offsetof(RunDoc, group), false, NULL },
        { "plan_json", FIELD_TEXT, offsetof(RunDoc, plan_json), false, NULL },
        { "target", FIELD_VALUE, offsetof(RunDoc, target), true, NULL },
        { "fingerprint", FIELD_VALUE, offsetof(RunDoc, fingerprint), true, NULL },
        { "noise", FIELD_VALUE, offsetof(RunDoc, noise), true, NULL },
        { "recording", FIELD_VALUE, offsetof(RunDoc, recording), true, NULL },
};

typedef struct TargetDoc {
        Span kind, text, name;
        uint64_t pid;
        const Value *argv;
} TargetDoc;

static const Field target_fields[] = {
        { "kind", FIELD_TEXT, offsetof(TargetDoc, kind), true, NULL },
        { "text", FIELD_TEXT, offsetof(TargetDoc, text), true, NULL },
        { "name", FIELD_TEXT, offsetof(TargetDoc, name), false, NULL },
        { "pid", FIELD_COUNT, offsetof(TargetDoc, pid), false, NULL },
        { "argv", FIELD_VALUE, offsetof(TargetDoc, argv), false, NULL },
};

static const Field fingerprint_fields[] = {
        { "machine_id", FIELD_TEXT, offsetof(Fingerprint, machine_id), false, NULL },
        { "hostname", FIELD_TEXT, offsetof(Fingerprint, hostname), false, NULL },
        { "kernel", FIELD_TEXT, offsetof(Fingerprint, kernel), false, NULL },
        { "cpu_model", FIELD_TEXT, offsetof(Fingerprint, cpu_model), false, NULL },
        { "governor", FIELD_TEXT, offsetof(Fingerprint, governor), false, NULL },
        { "virtualization", FIELD_TEXT, offsetof(Fingerprint, virtualization), false, NULL },
        { "cpus", FIELD_COUNT, offsetof(Fingerprint, cpus), false, NULL },
        { "memory_bytes", FIELD_COUNT, offsetof(Fingerprint, memory_bytes), false, NULL },
        { "git_revision", FIELD_TEXT, offsetof(Fingerprint, git_revision), false, NULL },
        { "git_dirty", FIELD_BOOL, offsetof(Fingerprint, git_dirty), false, NULL },
        { "hone_version", FIELD_TEXT, offsetof(Fingerprint, hone_version), false, NULL },
};

typedef struct NoiseDoc {
        Span verdict, reason;
        double steal, runqueue_wait, psi_cpu, psi_io, other_cpu;
} NoiseDoc;

static const Field noise_fields[] = {
        { "verdict", FIELD_TEXT, offsetof(NoiseDoc, verdict), true, NULL },
        { "reason", FIELD_TEXT, offsetof(NoiseDoc, reason), false, NULL },
        { "steal", FIELD_NUMBER, offsetof(NoiseDoc, steal), false, NULL },
        { "runqueue_wait", FIELD_NUMBER, offsetof(NoiseDoc, runqueue_wait), false, NULL },
        { "psi_cpu", FIELD_NUMBER, offsetof(NoiseDoc, psi_cpu), false, NULL },
        { "psi_io", FIELD_NUMBER, offsetof(NoiseDoc, psi_io), false, NULL },
        { "other_cpu", FIELD_NUMBER, offsetof(NoiseDoc, other_cpu), false, NULL },
};

static const char *const target_kinds[] = {
#define X(id, name) name,
        TARGET_KINDS(X)
#undef X
};

static const char *const noise_verdicts[] = {
#define X(id, name) name,
        NOISE_VERDICTS(X)
#undef X
};

/* --- writing --- */

static void write_target(JsonWriter *w, const Target *target)
{
        TargetDoc row = { .kind = span_of(target_kind_name(target->kind)),
                          .text = target->text,
                          .name = target->name,
                          .pid = target->pid > 0 ? (uint64_t)target->pid : 0 };

        json_key(w, "target");
        json_open_object(w);
        fields_write(w, target_fields, COUNT(target_fields), &row);
        if (target->argv) {
                json_key(w, "argv");
                json_open_array(w);
                for (const char *const *word = target->argv; *word; word++)
                        json_text(w, *word);
                json_close_array(w);
        }
        json_close_object(w);
}

static void write_noise(JsonWriter *w, const Noise *noise)
{
        NoiseDoc row = { .verdict = span_of(noise_verdict_name(noise->verdict)),
                         .reason = noise->reason,
                         .steal = noise->steal,
                         .runqueue_wait = noise->runqueue_wait,
                         .psi_cpu = noise->psi_cpu,
                         .psi_io = noise->psi_io,
                         .other_cpu = noise->other_cpu };

        json_key(w, "noise");
        json_open_object(w);
        fields_write(w, noise_fields, COUNT(noise_fields), &row);
        json_close_object(w);
}

static void write_value(JsonWriter *w, const Value *value);

static void write_children(JsonWriter *w, const Value *parent)
{
        value_each (child, parent) {
                if (parent->kind == VALUE_MAP)
                        json_key_span(w, child->key);
                write_value(w, child);
        }
}

/* Whole numbers stay whole: a double would lose the last digits of large ones. */
static void write_plan_number(JsonWriter *w, const Value *value)
{
        int64_t whole;
        uint64_t large;

        if (span_to_i64(value->text, &whole, NULL) == 0)
                json_i64(w, whole);
        else if (span_to_u64(value->text, &large, NULL) == 0)
                json_u64(w, large);
        else
                json_double(w, value->number);
}

static void write_plan_null(JsonWriter *w, const Value *value UNUSED)
{
        json_null(w);
}

static void write_plan_bool(JsonWriter *w, const Value *value)
{
        json_bool(w, value->boolean);
}

static void write_plan_text(JsonWriter *w, const Value *value)
{
        json_span(w, value->text);
}

static void write_plan_list(JsonWriter *w, const Value *value)
{
        json_open_array(w);
        write_children(w, value);
        json_close_array(w);
}

static void write_plan_map(JsonWriter *w, const Value *value)
{
        json_open_object(w);
        write_children(w, value);
        json_close_object(w);
}

static void write_value(JsonWriter *w, const Value *value)
{
        static void (*const writers[])(JsonWriter *, const Value *) = {
                [VALUE_NULL] = write_plan_null,     [VALUE_BOOL] = write_plan_bool,
                [VALUE_NUMBER] = write_plan_number, [VALUE_TEXT] = write_plan_text,
                [VALUE_LIST] = write_plan_list,     [VALUE_MAP] = write_plan_map,
        };

        if (w->depth >= JSON_MAX_DEPTH - 1)
                json_null(w);
        else
                writers[value->kind](w, value);
}

/* For readers the plan is an object; one that is no JSON is shown as the text it is. */
static void write_plan(JsonWriter *w, Span plan_json)
{
        AUTO(arena_freep) Arena *scratch = arena_new(16 * LARGEST_PLAN);
        Document doc;

        json_key(w, "plan");
        if (plan_json.len == 0)
                json_null(w);
        else if (json_parse(plan_json, "plan", scratch, &doc, NULL) < 0)
                json_span(w, plan_json);
        else
                write_value(w, doc.root);
}

static void write_head(const Run *run, bool for_readers, JsonWriter *w)
{
        RunDoc head = { .format = FORMAT,
                        .label = run->label,
                        .group = run->group,
                        .plan_json = for_readers ? SPAN("") : run->plan_json };

        if (for_readers) {
                json_key(w, "id");
                json_u64(w, run->id);
        }
        fields_write(w, run_fields, COUNT(run_fields), &head);
        if (for_readers)
                write_plan(w, run->plan_json);
}

int run_write_json(const Run *run, const BlobSink *sink, JsonWriter *w, Error *err)
{
        int r;

        BUG_IF(!run->recording);
        if (run->plan_json.len > LARGEST_PLAN)
                return fail(err, ERR_LIMIT, "the plan is larger than %zu bytes", LARGEST_PLAN);
        json_open_object(w);
        write_head(run, !sink, w);
        write_target(w, &run->target);
        json_key(w, "fingerprint");
        json_open_object(w);
        fields_write(w, fingerprint_fields, COUNT(fingerprint_fields), &run->fingerprint);
        json_close_object(w);
        write_noise(w, &run->noise);
        json_key(w, "recording");
        r = recording_write_json(run->recording, sink, w, err);
        json_close_object(w);
        return r < 0 ? r : buf_check(w->out, err);
}

/* --- reading --- */

static int read_argv(const Document *doc, const Value *list, Arena *arena, const char *const **ret,
                     Error *err)
{
        int r = value_expect(doc, list, VALUE_LIST, err);
        const char **words;
        size_t n = 0;

        if (r < 0)
                return r;
        words = list->count <= MOST_WORDS ? new_try(arena, const char *, list->count + 1) : NULL;
        if (!words)
                return value_fail(err, doc, list, "more words than a command can have");
        value_each (child, list) {
                Span word;

                r = value_to_text(doc, child, &word, err);
                if (r < 0)
                        return r;
                words[n] = new_try(arena, char, word.len + 1);
                if (!words[n])
                        return fail(err, ERR_LIMIT, "%s: it does not fit into memory", doc->name);
                if (word.len)
                        memcpy((char *)words[n], word.ptr, word.len);
                n++;
        }
        *ret = words;
        return 0;
}

static int read_target(const Document *doc, const Value *at, Arena *arena, Target *ret, Error *err)
{
        TargetDoc row = { 0 };
        size_t kind;
        int r = value_read_fields(doc, at, target_fields, COUNT(target_fields), &row, err);

        if (r == 0)
                r = name_index(doc, at, row.kind, target_kinds, COUNT(target_kinds), &kind, err);
        if (r == 0 && row.pid > INT32_MAX)
                r = value_fail(err, doc, at, "%" PRIu64 " is no process id", row.pid);
        if (r == 0 && row.argv)
                r = read_argv(doc, row.argv, arena, &ret->argv, err);
        if (r < 0)
                return r;
        ret->kind = (TargetKind)kind;
        ret->text = row.text;
        ret->name = row.name;
        ret->pid = (int)row.pid;
        return 0;
}

static int read_noise(const Document *doc, const Value *at, Noise *ret, Error *err)
{
        NoiseDoc row = { .steal = (double)NAN,
                         .runqueue_wait = (double)NAN,
                         .psi_cpu = (double)NAN,
                         .psi_io = (double)NAN,
                         .other_cpu = (double)NAN };
        size_t verdict;
        int r = value_read_fields(doc, at, noise_fields, COUNT(noise_fields), &row, err);

        if (r == 0)
                r = name_index(doc, at, row.verdict, noise_verdicts, COUNT(noise_verdicts),
                               &verdict, err);
        if (r < 0)
                return r;
        *ret = (Noise){ .verdict = (NoiseVerdict)verdict,
                        .reason = row.reason,
                        .steal = row.steal,
                        .runqueue_wait = row.runqueue_wait,
                        .psi_cpu = row.psi_cpu,
                        .psi_io = row.psi_io,
                        .other_cpu = row.other_cpu };
        return 0;
}

int run_read_json(const Document *doc, const BlobSource *source, Arena *arena, Run **ret,
                  Error *err)
{
        RunDoc head = { 0 };
        Run *run = new_try(arena, Run, 1);
        int r = value_read_fields(doc, doc->root, run_fields, COUNT(run_fields), &head, err);

        if (!run)
                return fail(err, ERR_LIMIT, "%s: it does not fit into memory", doc->name);
        if (r == 0 && head.format != FORMAT)
                r = value_fail(err, doc, doc->root, "format %" PRIu64 " of runs is not known",
                               head.format);
        if (r == 0)
                r = read_target(doc, head.target, arena, &run->target, err);
        if (r == 0)
                r = value_read_fields(doc, head.fingerprint, fingerprint_fields,
                                      COUNT(fingerprint_fields), &run->fingerprint, err);
        if (r == 0)
                r = read_noise(doc, head.noise, &run->noise, err);
        if (r == 0)
                r = recording_read_json(doc, head.recording, source, arena, &run->recording, err);
        if (r < 0)
                return r;
        run->label = head.label;
        run->group = head.group;
        run->plan_json = head.plan_json;
        *ret = run;
        return 0;
}
