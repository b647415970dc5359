#include "present/view_int.h"

#include "base/os.h"

#include <math.h>

static Span machine_words(const Fingerprint *f, Arena *arena)
{
        Buf out = buf_in(arena, KiB(16));

        if (f->hostname.len)
                buf_add(&out, f->hostname);
        if (f->cpus)
                buf_printf(&out, "%s%llu CPU cores", out.len ? ", " : "",
                           (unsigned long long)f->cpus);
        if (f->memory_bytes) {
                buf_text(&out, out.len ? ", " : "");
                unit_format(&out, UNIT_BYTES, (double)f->memory_bytes);
                buf_text(&out, " RAM");
        }
        if (f->kernel.len)
                buf_printf(&out, "%sLinux %.*s", out.len ? ", " : "", SPAN_ARG(f->kernel));
        return buf_span(&out);
}

static Span code_words(const Fingerprint *f, Arena *arena)
{
        Span revision = span_first(f->git_revision, 12);

        if (!revision.len)
                return revision;
        return text_printf(arena, "%.*s%s", SPAN_ARG(revision),
                           f->git_dirty ? " with uncommitted changes" : "");
}

static Span target_words(const Target *target, Arena *arena)
{
        if (target->pid && target->name.len)
                return text_printf(arena, "%.*s (%.*s, pid %d)", SPAN_ARG(target->text),
                                   SPAN_ARG(target->name), target->pid);
        return target->text;
}

/* "quiet", or "noisy: steal 12 %". */
static void put_noise(Doc *doc, const Noise *noise)
{
        doc_field(doc, "noise", "Noise", cell_verdict(noise_verdict_name(noise->verdict)));
        if (noise->reason.len)
                doc_field(doc, "noise_reason", "Noise seen", cell_text(noise->reason));
}

void view_run_header(Doc *doc, const Run *run)
{
        const Recording *rec = run->recording;
        char when[WALL_TEXT_SIZE];

        os_wall_text(rec->wall_ns, when);
        doc_open(doc, "run");
        if (run->id)
                doc_field(doc, "id", "Run", cell_count(run->id));
        if (run->label.len)
                doc_field(doc, "label", "Label", cell_text(run->label));
        doc_field(doc, "target", "Target", cell_text(target_words(&run->target, doc->arena)));
        doc_field(doc, "time", "Measured", cell_string(when));
        doc_field(doc, "duration", "Window", cell_duration(rec->duration_ns));
        doc_field(doc, "machine", "Machine",
                  cell_text(machine_words(&run->fingerprint, doc->arena)));
        doc_field(doc, "code", "Code", cell_text(code_words(&run->fingerprint, doc->arena)));
        put_noise(doc, &run->noise);
        if (run->plan_json.len)
                doc_json(doc, "plan", run->plan_json);
        doc_close(doc);
}

/* What the instrument itself used up, in a few words; empty when it did not say. */
static Span cost_words(const Recording *rec, Arena *arena)
{
        Buf out = buf_in(arena, KiB(16));

        vec_each (MetricValue, value, &rec->values) {
                const MetricDef *def = metric_def(value->metric);

                if (def->layer != LAYER_COST || value->subject.len)
                        continue;
                buf_printf(&out, "%s%s ", out.len ? ", " : "", def->name);
                unit_format(&out, def->unit, value->value);
        }
        return buf_span(&out);
}

static void put_notes(Doc *doc, const char *key, const char *label, NoteKind kind, Run *const *runs,
                      size_t n)
{
        bool first = true;

        for (size_t i = 0; i < n; i++) {
                if (!runs[i])
                        continue;
                vec_each (Note, note, &runs[i]->recording->notes) {
                        if (note->kind != kind)
                                continue;
                        if (first)
                                doc_label(doc, "%s:", label);
                        first = false;
                        doc_item(doc, key, "%.*s: %.*s", SPAN_ARG(runs[i]->recording->instrument),
                                 SPAN_ARG(note->text));
                }
        }
}

void view_coverage(Doc *doc, Run *const *runs, size_t n)
{
        static const Column columns[] = {
                { "instrument", "Instrument" },
                { "tier", "How" },
                { "window", "Window", ALIGN_RIGHT },
                { "noise", "Noise" },
                { "cost", "Its own cost and losses", .wrap = true },
        };
        DocTable *t;

        doc_heading(doc, 2, "Coverage");
        doc_open(doc, "coverage");
        t = doc_table(doc, "instruments", columns, COUNT(columns));
        for (size_t i = 0; i < n; i++) {
                const Recording *rec = runs[i] ? runs[i]->recording : NULL;

                if (!rec)
                        continue;
                doc_row(t, cell_text(rec->instrument), cell_text(rec->tier),
                        cell_duration(rec->duration_ns),
                        cell_verdict(noise_verdict_name(runs[i]->noise.verdict)),
                        cell_text(cost_words(rec, doc->arena)));
        }
        put_notes(doc, "warnings", "Warnings", NOTE_WARNING, runs, n);
        put_notes(doc, "examined", "Examined", NOTE_EXAMINED, runs, n);
        put_notes(doc, "not_examined", "Not examined", NOTE_NOT_EXAMINED, runs, n);
        doc_close(doc);
}
