/* A history as one JSON object, the same wherever it appears. */

#include "present/view_history.h"

#include "present/doc_int.h"

#define LARGEST_JSON MiB(240)

static void put_text(JsonWriter *w, const char *key, Span text)
{
        json_key(w, key);
        json_span(w, text);
}

static void put_count(JsonWriter *w, const char *key, uint64_t n)
{
        json_key(w, key);
        json_u64(w, n);
}

static void put_number(JsonWriter *w, const char *key, double number)
{
        json_key(w, key);
        json_double(w, number);
}

static void put_flag(JsonWriter *w, const char *key, bool flag)
{
        json_key(w, key);
        json_bool(w, flag);
}

static void put_point(JsonWriter *w, const HistoryPoint *point)
{
        json_open_object(w);
        put_text(w, "revision", point->revision);
        put_count(w, "run", point->run_id);
        put_count(w, "wall_ns", point->wall_ns);
        put_number(w, "value", point->value);
        put_number(w, "low", point->low);
        put_number(w, "high", point->high);
        put_count(w, "runs", point->runs);
        json_close_object(w);
}

static void put_commit(JsonWriter *w, const Commit *commit)
{
        json_open_object(w);
        put_text(w, "hash", commit->hash);
        put_text(w, "author", commit->author);
        put_text(w, "date", commit->date);
        put_text(w, "subject", commit->subject);
        json_close_object(w);
}

static void put_blame(JsonWriter *w, const Blame *blame)
{
        put_count(w, "n_commits", blame->total);
        json_key(w, "commits");
        json_open_array(w);
        for (size_t i = 0; i < blame->len; i++)
                put_commit(w, &blame->commits[i]);
        json_close_array(w);
        if (blame->reason.len)
                put_text(w, "no_commits_because", blame->reason);
}

static void put_exception(JsonWriter *w, const Exception *exception)
{
        json_key(w, "exception");
        json_open_object(w);
        put_text(w, "owner", exception->owner);
        put_text(w, "reason", exception->reason);
        put_count(w, "line", exception->line);
        json_close_object(w);
}

static void put_change(JsonWriter *w, const History *h, const HistoryChange *change)
{
        const ChangePoint *point = &change->point;

        json_open_object(w);
        put_count(w, "at", point->at);
        put_text(w, "revision", h->points[point->at].revision);
        put_count(w, "run", h->points[point->at].run_id);
        put_number(w, "before", point->before);
        put_number(w, "after", point->after);
        put_number(w, "change", point->change);
        put_number(w, "low", point->interval.low);
        put_number(w, "high", point->interval.high);
        put_number(w, "p", point->p);
        json_key(w, "quality");
        json_text(w, change_quality_name(change->quality));
        json_key(w, "state");
        json_text(w, change_state_name(change->state));
        put_flag(w, "located", change->bounded);
        put_text(w, "last_good", h->points[change->good].revision);
        put_text(w, "first_bad", h->points[change->bad].revision);
        if (change->blame)
                put_blame(w, change->blame);
        if (change->note.len)
                put_text(w, "note", change->note);
        if (change->exception)
                put_exception(w, change->exception);
        json_close_object(w);
}

static void put_left_out(JsonWriter *w, const History *h)
{
        json_key(w, "left_out");
        json_open_object(w);
        for (LeftOut i = 0; i < LEFT_OUT_COUNT_; i++)
                put_count(w, left_out_name(i), h->left_out[i]);
        json_close_object(w);
        if (h->other_machine.len)
                put_text(w, "other_machine", h->other_machine);
}

static void put_name(JsonWriter *w, const History *h)
{
        put_text(w, "metric", h->name.name);
        put_text(w, "subject", h->name.subject);
        json_key(w, "unit");
        json_text(w, unit_name(h->name.unit));
        json_key(w, "direction");
        json_text(w, direction_name(h->name.direction));
        put_text(w, "instrument", h->instrument);
        put_text(w, "target", h->target);
        put_text(w, "machine", h->machine_id);
}

static void put_history(JsonWriter *w, const History *h, bool with_points)
{
        json_open_object(w);
        put_name(w, h);
        json_key(w, "order");
        json_text(w, h->by_commit ? "commit" : "time");
        put_count(w, "runs", h->runs);
        put_count(w, "n_points", h->len);
        put_flag(w, "enough_points", !history_too_short(h));
        put_flag(w, "fails", history_fails(h));
        put_number(w, "autocorrelation", h->autocorrelation);
        put_count(w, "values_looked_at", h->looked_at);
        put_left_out(w, h);
        json_key(w, "changes");
        json_open_array(w);
        for (size_t i = 0; i < h->n_changes; i++)
                put_change(w, h, &h->changes[i]);
        json_close_array(w);
        json_key(w, "remarks");
        json_open_array(w);
        for (size_t i = 0; i < h->n_remarks; i++)
                json_span(w, h->remarks[i]);
        json_close_array(w);
        if (with_points) {
                json_key(w, "points");
                json_open_array(w);
                for (size_t i = 0; i < h->len; i++)
                        put_point(w, &h->points[i]);
                json_close_array(w);
        }
        json_close_object(w);
}

int view_histories_json(Doc *doc, const History *items, size_t n, bool with_points, Error *err)
{
        Buf out = buf_in(doc->arena, LARGEST_JSON);
        JsonWriter w = json_to(&out, false);
        int r;

        json_open_array(&w);
        for (size_t i = 0; i < n; i++)
                put_history(&w, &items[i], with_points);
        json_close_array(&w);
        r = buf_check(&out, err);
        if (r < 0)
                return fail_while(err, "writing histories as JSON");
        doc_json(doc, "histories", buf_span(&out));
        return 0;
}
