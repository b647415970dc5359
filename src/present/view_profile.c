#include "analysis/owner.h"
#include "analysis/pattern.h"
#include "present/flame.h"
#include "present/view_int.h"

#include <math.h>

#define HOTTEST 10
#define OWNERS 8
#define MOST_PATTERNS 6
#define LEAST_SHARE 0.005
#define TEXT_COLUMNS 78

static double share(uint64_t part, uint64_t whole)
{
        return whole ? (double)part / (double)whole : (double)NAN;
}

/* "4,812 samples of cpu at 99/s over 10.0 s; 99.1 % of stacks complete, ..." */
static void put_quality(Doc *doc, const Profile *p)
{
        const ProfileQuality *q = &p->quality;
        bool judged = q->complete + q->truncated > 0; /* imported stacks are not */

        doc_open(doc, "quality");
        doc_field(doc, "samples", "Samples", cell_count(q->samples));
        doc_field(doc, "event", "Event", cell_string(p->event));
        if (p->rate_hz > 0)
                doc_field(doc, "rate", "Rate", cell_unit(UNIT_PER_S, p->rate_hz));
        if (p->duration_ns)
                doc_field(doc, "duration", "Window", cell_duration(p->duration_ns));
        doc_field(doc, "complete", "Complete stacks",
                  cell_unit(UNIT_RATIO, share(q->complete, judged ? q->samples : 0)));
        doc_field(doc, "truncated", "Truncated",
                  cell_unit(UNIT_RATIO, share(q->truncated, judged ? q->samples : 0)));
        doc_field(doc, "unknown", "Frames without a name",
                  cell_unit(UNIT_RATIO, share(q->unknown_frames, q->frames)));
        doc_field(doc, "lost", "Lost", cell_count(q->lost));
        doc_field(doc, "dropped", "Past the ceiling", cell_count(q->dropped));
        doc_close(doc);
}

void put_hottest(Doc *doc, const char *key, const Profile *p, size_t most)
{
        static const Column columns[] = {
                { "function", "Function", .wrap = true },
                { "time", "Time %", ALIGN_RIGHT },
                { "category", "Category" },
                { "action", "Action" },
        };
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        CategoryTable *categories = NULL;
        FunctionCost *functions;
        size_t n = profile_functions(p, scratch, &functions);
        DocTable *t = doc_table(doc, key, columns, COUNT(columns));

        if (category_table(scratch, &categories, NULL) < 0)
                categories = NULL;
        for (size_t i = 0; i < MIN(n, most); i++) {
                double part = share(functions[i].self_weight, p->total_weight);
                Span symbol = profile_symbol(p, functions[i].frame), category = SPAN("");

                if (!(part >= LEAST_SHARE))
                        break;
                if (categories)
                        category = category_of(categories, symbol,
                                               profile_module(p, functions[i].frame));
                doc_row(t, cell_text(symbol), cell_unit(UNIT_RATIO, part), cell_text(category),
                        cell_string(category_action(category)));
        }
}

/* Who in the target's own code asked for the time. */
static void put_owners(Doc *doc, const Profile *p, const char *executable)
{
        static const Column columns[] = {
                { "function", "Function", .wrap = true },
                { "time", "Time %", ALIGN_RIGHT },
                { "callee", "Most of it in", .wrap = true },
                { "callee_share", "Of it", ALIGN_RIGHT },
                { "source", "Hottest line" },
                { "callers", "Called by", .wrap = true, .wide_only = true },
        };
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        OwnerTable owners = owner_costs(p, executable, scratch);
        DocTable *t = NULL;

        for (size_t i = 0; i < MIN(owners.len, (size_t)OWNERS); i++) {
                const OwnerCost *o = &owners.items[i];
                double callee = o->callee.len ? o->callee_share : (double)NAN;

                if (!(o->share >= LEAST_SHARE))
                        break;
                if (!t) {
                        doc_label(doc, "Where the target's own code spends it:");
                        t = doc_table(doc, "owners", columns, COUNT(columns));
                }
                doc_row(t, cell_text(o->function), cell_unit(UNIT_RATIO, o->share),
                        cell_text(o->callee), cell_unit(UNIT_RATIO, callee), cell_text(o->source),
                        cell_text(o->callers));
        }
        if (t && owners.unowned >= LEAST_SHARE)
                doc_field(doc, "unowned", "Of nobody's code",
                          cell_unit(UNIT_RATIO, owners.unowned));
}

static void put_patterns(Doc *doc, const Profile *p)
{
        static const struct {
                const char *name, *advice;
        } kinds[] = {
#define X(id, text, says) { text, says },
                PATTERNS(X)
#undef X
        };
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        Pattern *patterns;
        size_t n = pattern_find(p, scratch, &patterns);

        if (n)
                doc_label(doc, "Patterns:");
        for (size_t i = 0; i < MIN(n, (size_t)MOST_PATTERNS); i++) {
                const Pattern *pattern = &patterns[i];
                Span part = percent_words(scratch, pattern->share);

                doc_item(doc, "patterns", "%s: %.*s, %.*s of samples; %s",
                         kinds[pattern->kind].name, SPAN_ARG(pattern->function), SPAN_ARG(part),
                         kinds[pattern->kind].advice);
        }
}

void put_flame(Doc *doc, const Profile *p, const char *title, bool bars)
{
        Buf svg = buf_in(doc->arena, MiB(64)), text = buf_in(doc->arena, MiB(4));
        FlamePlan plan = { .title = title };
        FlamePlan narrow = { .width = TEXT_COLUMNS };
        Error err = { 0 };

        if (flame_svg(p, &plan, &svg, &err) < 0)
                svg = buf_in(doc->arena, 0);
        (bars ? flame_text_bars : flame_text_boxes)(p, &narrow, &text);
        doc_figure(doc, title, buf_span(&svg), buf_span(&text));
}

void view_profile(Doc *doc, const Recording *profile, const char *executable)
{
        const Profile *p = profile->profile;
        Buf bars = buf_in(doc->arena, MiB(4));

        doc_heading(doc, 2, "Profile");
        doc_open(doc, "profile");
        if (!p || p->quality.samples == 0) {
                doc_paragraph(doc, "state", "not measured: there are no samples");
                doc_close(doc);
                return;
        }
        put_quality(doc, p);
        doc_label(doc, "Top Time Consumers");
        put_hottest(doc, "hottest", p, HOTTEST);
        put_owners(doc, p, executable);
        put_patterns(doc, p);
        put_flame(doc, p, "Flame graph", false);
        flame_text_bars(p, &(FlamePlan){ .width = TEXT_COLUMNS }, &bars);
        doc_figure(doc, "Hot paths", SPAN(""), buf_span(&bars));
        doc_close(doc);
}
