/* The loop's journal: what was decided, so that a killed loop goes on where it was. */

#include "process/loop_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"

#define RECORD_MAX_BYTES MiB(1)
#define PATCH_MAX_BYTES MiB(64)

static Buf record_buf(Loop *loop)
{
        return buf_in(loop->arena, RECORD_MAX_BYTES);
}

static int append(Loop *loop, Buf *record, Error *err)
{
        int r = buf_check(record, err);

        if (r == 0)
                r = journal_append(loop->journal, buf_span(record), err);
        return r < 0 ? fail_while(err, "writing the loop's journal") : 0;
}

/* A candidate's identity: its name and what it would do. */
static int candidate_digest(Loop *loop, const Candidate *c, char ret[static DIGEST_SIZE],
                            Error *err)
{
        Span bytes = span_of(c->command);

        if (c->patch) {
                int r = file_read(c->patch, PATCH_MAX_BYTES, loop->arena, &bytes, err);

                if (r < 0)
                        return r;
        }
        digest_hex(bytes, ret);
        return 0;
}

/* What must be equal for a journal to be continued: base, configuration and candidates. */
static int plan_digest(Loop *loop, char ret[static DIGEST_SIZE], Error *err)
{
        Buf all = buf_in(loop->arena, MiB(16));

        buf_printf(&all, "%.*s\n%.*s\n", SPAN_ARG(loop->base),
                   SPAN_ARG(loop->plan->config->digest));
        for (size_t i = 0; i < loop->plan->n_candidates; i++) {
                const Candidate *c = &loop->plan->candidates[i];
                char digest[DIGEST_SIZE];
                int r = candidate_digest(loop, c, digest, err);

                if (r < 0)
                        return r;
                buf_printf(&all, "%s %s\n", c->name, digest);
        }
        digest_hex(buf_span(&all), ret);
        return buf_check(&all, err);
}

void loop_write_changes(JsonWriter *w, const LoopChange *changes, size_t n)
{
        json_key(w, "changes");
        json_open_array(w);
        for (size_t i = 0; i < n; i++) {
                const LoopChange *c = &changes[i];
                const struct {
                        const char *key;
                        double value;
                } numbers[] = { { "before", c->a }, { "after", c->b },   { "change", c->change },
                                { "low", c->low },  { "high", c->high }, { "p", c->p },
                                { "mde", c->mde } };

                json_open_object(w);
                json_key(w, "metric");
                json_span(w, c->metric);
                json_key(w, "subject");
                json_span(w, c->subject);
                json_key(w, "verdict");
                json_span(w, c->verdict);
                for (size_t k = 0; k < COUNT(numbers); k++) {
                        json_key(w, numbers[k].key);
                        json_double(w, numbers[k].value);
                }
                json_close_object(w);
        }
        json_close_array(w);
}

static double number_of(const Value *map, const char *key)
{
        const Value *v = value_get(map, key);

        return v && v->kind == VALUE_NUMBER ? v->number : NAN;
}

/* A whole number; 0 for anything else. */
static uint64_t count_of(const Value *map, const char *key)
{
        double number = number_of(map, key);

        return number >= 0 && number < 0x1p53 ? (uint64_t)number : 0;
}

static Span text_of(const Value *map, const char *key)
{
        const Value *v = value_get(map, key);

        return v && v->kind == VALUE_TEXT ? v->text : (Span){ 0 };
}

static LoopChange *read_changes(const Value *record, Arena *arena, size_t *ret_n)
{
        const Value *list = value_get(record, "changes");
        LoopChange *changes = new (arena, LoopChange, list ? list->count : 0);
        size_t n = 0;

        value_each (item, list)
                changes[n++] = (LoopChange){ .metric = text_of(item, "metric"),
                                             .subject = text_of(item, "subject"),
                                             .verdict = text_of(item, "verdict"),
                                             .a = number_of(item, "before"),
                                             .b = number_of(item, "after"),
                                             .change = number_of(item, "change"),
                                             .low = number_of(item, "low"),
                                             .high = number_of(item, "high"),
                                             .p = number_of(item, "p"),
                                             .mde = number_of(item, "mde") };
        *ret_n = n;
        return changes;
}

/* The change to speak of: the largest that was judged real, else the largest at all. */
const LoopChange *loop_headline(const LoopChange *changes, size_t n)
{
        const LoopChange *best = NULL;
        bool best_real = false;

        for (size_t i = 0; i < n; i++) {
                const LoopChange *c = &changes[i];
                bool real = span_is(c->verdict, change_verdict_name(CHANGE_FASTER)) ||
                            span_is(c->verdict, change_verdict_name(CHANGE_SLOWER));

                if (!best || (real && !best_real) ||
                    (real == best_real && fabs(c->change) > fabs(best->change))) {
                        best = c;
                        best_real = real;
                }
        }
        return best;
}

static int write_started(Loop *loop, const char *digest, Error *err)
{
        Buf record = record_buf(loop);
        JsonWriter w = json_to(&record, false);

        json_open_object(&w);
        json_key(&w, "event");
        json_text(&w, "started");
        json_key(&w, "id");
        json_span(&w, loop->id);
        json_key(&w, "base");
        json_span(&w, loop->base);
        json_key(&w, "plan");
        json_text(&w, digest);
        json_key(&w, "seed");
        json_u64(&w, loop->seed);
        json_close_object(&w);
        return append(loop, &record, err);
}

int loop_journal_measured(Loop *loop, size_t number, const TrialAnswers *answers, Error *err)
{
        Buf record = record_buf(loop);
        JsonWriter w = json_to(&record, false);

        json_open_object(&w);
        json_key(&w, "event");
        json_text(&w, "measured");
        json_key(&w, "number");
        json_u64(&w, number);
        json_key(&w, "errors");
        json_bool(&w, answers->errors);
        json_key(&w, "memory_over");
        json_bool(&w, answers->memory_over);
        loop_write_changes(&w, answers->changes, answers->n);
        json_close_object(&w);
        return append(loop, &record, err);
}

int loop_journal_ended(Loop *loop, const Iteration *it, Error *err)
{
        Buf record = record_buf(loop);
        JsonWriter w = json_to(&record, false);

        json_open_object(&w);
        json_key(&w, "event");
        json_text(&w, "ended");
        json_key(&w, "number");
        json_u64(&w, it->number);
        json_key(&w, "outcome");
        json_text(&w, loop_outcome_name(it->outcome));
        json_key(&w, "detail");
        json_span(&w, it->detail);
        json_key(&w, "commit");
        json_span(&w, it->commit);
        loop_write_changes(&w, it->changes, it->n_changes);
        json_close_object(&w);
        return append(loop, &record, err);
}

int loop_journal_finished(Loop *loop, Error *err)
{
        const char *from = path_join(loop->arena, loop->plan->journal_dir, "journal");
        const char *to = arena_printf(loop->arena, "%s/%.*s.journal", loop->plan->journal_dir,
                                      SPAN_ARG(loop->id));
        Buf record = record_buf(loop);
        JsonWriter w = json_to(&record, false);
        int r;

        json_open_object(&w);
        json_key(&w, "event");
        json_text(&w, "finished");
        json_key(&w, "head");
        json_span(&w, loop->head);
        json_close_object(&w);
        r = append(loop, &record, err);
        if (r < 0)
                return r;
        if (rename(from, to) < 0)
                return fail(err, ERR_FAILED, "cannot put the journal away as '%s'", to);
        return 0;
}

static LoopOutcome outcome_from_name(Span name)
{
        for (LoopOutcome o = 0; o < LOOP_OUTCOME_COUNT_; o++)
                if (span_is(name, loop_outcome_name(o)))
                        return o;
        return LOOP_NOT_MEASURED;
}

static int replay_started(Loop *loop, const Value *record, const char *digest, Error *err)
{
        if (!span_is(text_of(record, "plan"), digest)) {
                fail(err, ERR_USAGE,
                     "an unfinished loop is here (%.*s), over another base, "
                     "configuration or candidates",
                     SPAN_ARG(text_of(record, "id")));
                return fail_hint(err, "run the same command again to finish it, or start anew "
                                      "with --fresh");
        }
        loop->id = text_of(record, "id");
        loop->seed = count_of(record, "seed");
        loop->resumed = true;
        return 0;
}

static int replay_measured(Loop *loop, const Value *record, const char *digest, Error *err)
{
        const Value *errors = value_get(record, "errors");
        const Value *memory = value_get(record, "memory_over");

        (void)digest;
        if (count_of(record, "number") != loop->n_ended + 1)
                return fail(err, ERR_CORRUPT, "the loop's journal skips a candidate");
        loop->first.changes = read_changes(record, loop->arena, &loop->first.n);
        loop->first.errors = errors && errors->boolean;
        loop->first.memory_over = memory && memory->boolean;
        loop->has_first = true;
        return 0;
}

static int replay_ended(Loop *loop, const Value *record, const char *digest, Error *err)
{
        Iteration *it;
        size_t number = count_of(record, "number");

        (void)digest;
        if (number != loop->n_ended + 1 || number > loop->plan->n_candidates)
                return fail(err, ERR_CORRUPT, "the loop's journal skips a candidate");
        it = &loop->iterations[loop->n_ended++];
        it->number = number;
        it->name = span_of(loop->plan->candidates[number - 1].name);
        it->outcome = outcome_from_name(text_of(record, "outcome"));
        it->detail = text_of(record, "detail");
        it->commit = text_of(record, "commit");
        it->changes = read_changes(record, loop->arena, &it->n_changes);
        it->headline = loop_headline(it->changes, it->n_changes);
        loop->has_first = false;
        if (it->outcome == LOOP_KEPT) {
                loop->head = it->commit;
                loop->n_kept++;
        }
        return 0;
}

static int replay_finished(Loop *loop, const Value *record, const char *digest, Error *err)
{
        (void)record, (void)digest, (void)err;
        loop->finished = true;
        return 0;
}

static const struct {
        const char *event;
        int (*replay)(Loop *, const Value *, const char *digest, Error *);
} events[] = {
        { "started", replay_started },
        { "measured", replay_measured },
        { "ended", replay_ended },
        { "finished", replay_finished },
};

static int replay(Loop *loop, const Value *record, const char *digest, Error *err)
{
        Span event = text_of(record, "event");

        if (loop->resumed == span_is(event, "started"))
                return fail(err, ERR_CORRUPT, "the loop's journal does not begin with its start");
        for (size_t i = 0; i < COUNT(events); i++)
                if (span_is(event, events[i].event))
                        return events[i].replay(loop, record, digest, err);
        return fail(err, ERR_CORRUPT, "the loop's journal has an unknown record '%.*s'",
                    SPAN_ARG(event));
}

static int put_aside(Loop *loop, const char *path, Error *err)
{
        char when[WALL_TEXT_SIZE];
        const char *aside;

        os_wall_text(loop->plan->os->wall_ns(loop->plan->os), when);
        aside = arena_printf(loop->arena, "%s.abandoned-%s", path, when);
        if (path_exists(path) && rename(path, aside) < 0)
                return fail(err, ERR_FAILED, "cannot put '%s' aside", path);
        return 0;
}

int loop_journal_open(Loop *loop, Error *err)
{
        const char *path = path_join(loop->arena, loop->plan->journal_dir, "journal");
        char digest[DIGEST_SIZE];
        JournalReplay records;
        int r = loop->plan->fresh ? put_aside(loop, path, err) : 0;

        if (r == 0)
                r = plan_digest(loop, digest, err);
        if (r == 0)
                r = journal_open(path, loop->arena, &loop->journal, &records, err);
        if (r < 0)
                return fail_while(err, "opening the loop's journal");
        for (size_t i = 0; r == 0 && i < records.records.len; i++)
                r = replay(loop, records.records.items[i].doc.root, digest, err);
        if (r < 0)
                return r;
        return loop->resumed ? 0 : write_started(loop, digest, err);
}
