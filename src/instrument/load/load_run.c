#include "load_run.h"

Recording *load_run(Arena *arena, const LoadPlan *plan)
{
        Recording *rec = NULL;
        Error err = { 0 };
        void *state;
        bool ended;

        assert_ok(load_instrument.start(NULL, plan, arena, &state, &err), err);
        ended = load_instrument.wait(state, 30 * NS_PER_S);
        assert_ok(load_instrument.stop(state, arena, &rec, &err), err);
        assert_true(ended);
        assert_false(rec->partial);
        return rec;
}

Recording *load_run_url(Arena *arena, const char *url, LoadPlan plan)
{
        LoadRequest request = { .url = span_of(url) };

        plan.requests = &request;
        plan.n_requests = 1;
        return load_run(arena, &plan);
}

uint64_t noted_errors(const Recording *rec, const char *kind)
{
        vec_each (Note, note, &rec->notes) {
                Span text = note->text, name = span_cut(&text, ':');
                uint64_t n;

                if (note->kind != NOTE_ERROR_KIND || !span_is(name, kind))
                        continue;
                assert_int_equal(span_to_u64(span_trim(text), &n, NULL), 0);
                return n;
        }
        return 0;
}

bool has_note(const Recording *rec, NoteKind kind, const char *part)
{
        vec_each (Note, note, &rec->notes)
                if (note->kind == kind && span_contains(note->text, part))
                        return true;
        return false;
}

double total_of(const Recording *rec, MetricId metric)
{
        return recording_get(rec, metric, SPAN(""));
}
