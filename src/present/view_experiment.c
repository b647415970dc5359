#include "present/view_experiment.h"

#include "base/json.h"
#include "present/view.h"
#include "present/view_int.h"

static Span json_of(Doc *doc, Span text)
{
        Buf out = buf_in(doc->arena, MiB(8));
        JsonWriter w = json_to(&out, false);

        json_span(&w, text);
        return buf_span(&out);
}

/* Programs get the name and the whole hash apart. */
static void put_side(Doc *doc, const Experiment *e, size_t side)
{
        static const char *const labels[] = { "A", "B" }, *const keys[] = { "a", "b" };
        static const char *const revision_keys[] = { "a_revision", "b_revision" };
        Span name = span_of(e->sides[side]), hash = e->revisions[side];

        if (!hash.len) {
                doc_field(doc, keys[side], labels[side], cell_text(name));
                return;
        }
        doc_field(doc, NULL, labels[side],
                  cell_text(text_printf(doc->arena, "%.*s (%.*s)", SPAN_ARG(name),
                                        SPAN_ARG(span_first(hash, 12)))));
        doc_json(doc, keys[side], json_of(doc, name));
        doc_json(doc, revision_keys[side], json_of(doc, hash));
}

static void put_design(Doc *doc, const Experiment *e)
{
        doc_field(doc, "kind", "Compared", cell_string(e->kind));
        put_side(doc, e, 0);
        put_side(doc, e, 1);
        doc_field(doc, "blocks", "Blocks", cell_count(e->n_blocks));
        doc_field(doc, "repeated_blocks", "Repeated for noise", cell_count(e->n_repeats));
        doc_field(doc, "noisy_blocks", "Noisy all the same", cell_count(e->n_noisy));
        doc_field(doc, "elapsed", "Time", cell_duration(e->elapsed_ns));
        doc_field(doc, "stopped", "Ended because", cell_string(e->stop));
        doc_field(doc, "looks", "Looks at the data", cell_count(e->n_looks));
        doc_field(doc, "alpha", "Level of all looks", cell_unit(UNIT_RATIO, e->alpha));
        doc_field(doc, "level", "Level of the last", cell_unit(UNIT_RATIO, e->level));
        doc_field(doc, "equivalence", "SAME within", cell_unit(UNIT_RATIO, e->tolerance));
        doc_field(doc, "memory_equivalence", "Memory within",
                  cell_unit(UNIT_RATIO, e->memory_tolerance));
        doc_field(doc, "noise", "Noise", cell_string(noise_verdict_name(e->noise.verdict)));
        if (e->noise.reason.len)
                doc_field(doc, "noise_reason", "Because", cell_text(e->noise.reason));
        if (e->format)
                doc_field(doc, "results", "Results read as", cell_string(e->format));
        if (e->run_ids[0])
                doc_field(doc, NULL, "Runs",
                          cell_text(text_printf(doc->arena, "%lu and %lu",
                                                (unsigned long)e->run_ids[0],
                                                (unsigned long)e->run_ids[1])));
}

static void put_ids(Doc *doc, const Experiment *e)
{
        if (e->run_ids[0])
                doc_json(doc, "runs",
                         text_printf(doc->arena, "[%lu, %lu]", (unsigned long)e->run_ids[0],
                                     (unsigned long)e->run_ids[1]));
        doc_json(doc, "partial", e->partial ? SPAN("true") : SPAN("false"));
}

void view_experiment(Doc *doc, const Experiment *experiment, const Comparison *comparison)
{
        doc_json(doc, "verdict",
                 text_printf(doc->arena, "\"%s\"", change_verdict_name(comparison->verdict)));
        view_comparison(doc, comparison);
        if (experiment->left_out.len)
                doc_paragraph(doc, "left_out", "Not compared: %.*s.",
                              SPAN_ARG(experiment->left_out));
        if (experiment->partial)
                doc_paragraph(doc, NULL,
                              "Interrupted: judged by the whole blocks measured until then.");
        doc_label(doc, "How it was measured");
        doc_open(doc, "experiment");
        put_design(doc, experiment);
        put_ids(doc, experiment);
        doc_close(doc);
}

static const Column null_columns[] = {
        { "metric", NULL },
        { "subject", NULL },
        { NULL, "Metric", .wrap = true },
        { "trials", "Trials", ALIGN_RIGHT },
        { "false_verdicts", "False", ALIGN_RIGHT },
        { "floor", "Floor", ALIGN_RIGHT },
};

void view_null_trials(Doc *doc, const NullTrials *trials)
{
        DocTable *t;

        doc_field(doc, "side", "Against itself", cell_string(trials->side));
        doc_field(doc, "trials", "Trials", cell_count(trials->n_trials));
        doc_field(doc, "blocks", "Blocks of each", cell_count(trials->n_blocks));
        doc_field(doc, "level", "Level of each", cell_unit(UNIT_RATIO, trials->level));
        doc_field(doc, "false_trials", "With a false verdict", cell_count(trials->n_false));
        doc_field(doc, "false_rate", "False rate, 95 %",
                  cell_range(UNIT_RATIO, trials->false_rate.low, trials->false_rate.high));
        t = doc_table(doc, "rows", null_columns, COUNT(null_columns));
        vec_each (const NullRow, row, &trials->rows) {
                Buf name = buf_in(doc->arena, MiB(1));

                buf_text(&name, metric_def(row->metric)->name);
                if (row->subject.len)
                        buf_printf(&name, " of %.*s", SPAN_ARG(row->subject));
                doc_row(t, cell_string(metric_def(row->metric)->name), cell_text(row->subject),
                        cell_text(buf_span(&name)), cell_count(row->n), cell_count(row->n_false),
                        cell_unit(UNIT_RATIO, row->floor));
        }
        doc_paragraph(doc, NULL,
                      "Floor: how far two equal things lay apart at most. A smaller tolerance asks "
                      "of this machine what it cannot tell at these sizes; hone ab refuses it.");
}
