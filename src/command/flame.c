#include <string.h>

#include "command/flame_files.h"
#include "command/measuring.h"
#include "command/profile_source.h"
#include "model/profile_rewrite.h"
#include "present/flame.h"
#include "present/flame_diff.h"

#define OUTPUT_BYTES GiB(1)
#define SAMPLES_IN_TIME ((size_t)5000000)

enum { TEXT_NONE, TEXT_BOXES, TEXT_BARS };
enum { WIDTHS_BOTH, WIDTHS_AFTER, WIDTHS_BEFORE };
static const char *const text_choices[] = { "none", "boxes", "bars", NULL };
static const char *const order_choices[] = { "size", "name", NULL };
static const char *const width_choices[] = { "both", "after", "before", NULL };

typedef struct FlameOpts {
        ProfileSourceOpts source;
        const char *output, *title, *subtitle, *notes, *font, *count_name, *name_type;
        const char *colors, *background, *min_width, *map;
        uint64_t width, row_px;
        double font_px, factor, total;
        unsigned text, order, widths;
        bool reverse, inverted, flamechart, random, hash, negate, normalize;
} FlameOpts;

static const Option flame_options[] = {
        { "output", 'o', OPT_TEXT, FIELD(FlameOpts, output), "FILE", "-",
          "write to FILE; - is standard output" },
        { "text", 0, OPT_CHOICE, FIELD(FlameOpts, text), "STYLE", "none",
          "draw for the terminal: boxes, bars", .choices = text_choices, .bare = "boxes" },
        { "from", 0, OPT_TEXT, FIELD(FlameOpts, source.from), "FORMAT", NULL,
          "the file's format (default: known by its content)" },
        { "title", 0, OPT_TEXT, FIELD(FlameOpts, title), "TEXT", NULL, "the heading" },
        { "subtitle", 0, OPT_TEXT, FIELD(FlameOpts, subtitle), "TEXT", NULL, "a line below it" },
        { "width", 0, OPT_COUNT, FIELD(FlameOpts, width), "PX", NULL,
          "width of the picture; columns with --text (default 1200; the terminal's)", .min = 20,
          .max = 10000 },
        { "height", 0, OPT_COUNT, FIELD(FlameOpts, row_px), "PX", "17", "height of a box", .min = 8,
          .max = 200 },
        { "minwidth", 0, OPT_TEXT, FIELD(FlameOpts, min_width), "PX|SHARE", NULL,
          "leave out narrower boxes: 0.1, or 0.5% (default 0.05%; with --text 2%)" },
        { "fonttype", 0, OPT_TEXT, FIELD(FlameOpts, font), "FONT", NULL, "font of the names" },
        { "fontsize", 0, OPT_NUMBER, FIELD(FlameOpts, font_px), "PX", "12", "its size", .min = 4,
          .max = 100 },
        { "countname", 0, OPT_TEXT, FIELD(FlameOpts, count_name), "TEXT", NULL,
          "what the weights are: bytes, ns; shown in place of samples" },
        { "nametype", 0, OPT_TEXT, FIELD(FlameOpts, name_type), "TEXT", NULL,
          "what the names are, shown before them: Function:" },
        { "colors", 0, OPT_TEXT, FIELD(FlameOpts, colors), "PALETTE", NULL,
          "hot, mem, io, wakeup, chain, java, js, perl, python, red, green, blue, aqua, yellow, "
          "purple, orange (default: by the kind of code)" },
        { "bgcolors", 0, OPT_TEXT, FIELD(FlameOpts, background), "COLOR", NULL,
          "background: yellow, blue, green, grey or #rrggbb" },
        { "hash", 0, OPT_FLAG, FIELD(FlameOpts, hash), NULL, "true",
          "the name picks the shade, the same one in every graph" },
        { "random", 0, OPT_FLAG, FIELD(FlameOpts, random), NULL, NULL, "chance picks the shade" },
        { "cp", 0, OPT_TEXT, FIELD(FlameOpts, map), "FILE", NULL,
          "keep colours in FILE and take them from there (default palette.map)",
          .bare = "palette.map" },
        { "reverse", 0, OPT_FLAG, FIELD(FlameOpts, reverse), NULL, NULL,
          "from the leaves: what is called, and by whom" },
        { "inverted", 0, OPT_FLAG, FIELD(FlameOpts, inverted), NULL, NULL, "root on top" },
        { "flamechart", 0, OPT_FLAG, FIELD(FlameOpts, flamechart), NULL, NULL,
          "in the order of time, thread by thread" },
        { "order", 0, OPT_CHOICE, FIELD(FlameOpts, order), "BY", "size",
          "of the boxes on one box: size, name", .choices = order_choices },
        { "total", 0, OPT_NUMBER, FIELD(FlameOpts, total), "N", "0",
          "what the whole width stands for, when it is more than what is there" },
        { "factor", 0, OPT_NUMBER, FIELD(FlameOpts, factor), "N", "1",
          "multiply shown weights by N" },
        { "notes", 0, OPT_TEXT, FIELD(FlameOpts, notes), "TEXT", NULL,
          "a description inside the file" },
        { "widths", 0, OPT_CHOICE, FIELD(FlameOpts, widths), "OF", "both",
          "two profiles: whose weights are the widths: after, before, both below each other",
          .choices = width_choices },
        { "negate", 0, OPT_FLAG, FIELD(FlameOpts, negate), NULL, NULL,
          "two profiles: blue is more, red is less" },
        { "normalize", 0, OPT_FLAG, FIELD(FlameOpts, normalize), NULL, "true",
          "two profiles: compare shares, as if both had the same total" },
        { "pid", 0, OPT_FLAG, FIELD(FlameOpts, source.pid), NULL, NULL,
          "process ids in the name at the bottom of a stack (perf)" },
        { "tid", 0, OPT_FLAG, FIELD(FlameOpts, source.tid), NULL, NULL,
          "process and thread ids there (perf)" },
        { "kernel", 0, OPT_FLAG, FIELD(FlameOpts, source.kernel), NULL, NULL,
          "mark kernel functions with _[k]" },
        { "jit", 0, OPT_FLAG, FIELD(FlameOpts, source.jit), NULL, NULL,
          "mark functions that were compiled at run time with _[j]" },
        { "all", 0, OPT_FLAG, FIELD(FlameOpts, source.all), NULL, NULL, "--kernel and --jit" },
        { "addrs", 0, OPT_FLAG, FIELD(FlameOpts, source.addrs), NULL, NULL,
          "addresses beside functions without a name (perf)" },
        { "event-filter", 0, OPT_TEXT, FIELD(FlameOpts, source.event), "EVENT", NULL,
          "only samples of EVENT (perf; default: of the first that is seen)" },
        { "value", 0, OPT_TEXT, FIELD(FlameOpts, source.value), "NAME", NULL,
          "of several values or threads, only this one, by name or number" },
        { "samples", 0, OPT_FLAG, FIELD(FlameOpts, source.samples), NULL, NULL,
          "count samples, not their weights (periods, time, bytes)" },
};

/* --- what the words mean --- */

static int min_width(const FlameOpts *opts, FlamePlan *plan, Error *err)
{
        Span text = span_of(opts->min_width);
        bool is_share = span_ends(text, "%");
        double number;

        if (text.len == 0)
                return 0;
        if (is_share)
                text.len--;
        if (span_to_double(text, &number, NULL) < 0 || number < 0 || (is_share && number > 100)) {
                fail(err, ERR_USAGE, "--minwidth %s: not a width", opts->min_width);
                return fail_hint(err, "pixels (0.1) or a share of the whole (0.5%%)");
        }
        plan->min_px = is_share ? 0 : MAX(number, 1e-6);
        plan->min_share = is_share ? MAX(number / 100, 1e-9) : 0;
        return 0;
}

static int palette(const FlameOpts *opts, FlameColors *colors, Error *err)
{
        const char *guess;

        colors->random = opts->random || !opts->hash;
        if (!opts->colors)
                return 0;
        colors->palette = flame_palette_find(span_of(opts->colors));
        if (colors->palette)
                return 0;
        guess = nearest_name(span_of(opts->colors), flame_palette_names);
        fail(err, ERR_USAGE, "--colors %s: there is no such palette", opts->colors);
        return guess ? fail_hint(err, "did you mean '%s'?", guess)
                     : fail_hint(err, "hone help flame lists them");
}

static int background(const char *name, const char **ret, Error *err)
{
        static const char *const named[][2] = { { "yellow", "#f8f8d8" },
                                                { "blue", "#e8ecff" },
                                                { "green", "#e6f8e6" },
                                                { "grey", "#f0f0f0" },
                                                { "gray", "#f0f0f0" } };
        Span text = span_of(name);
        uint64_t number;

        *ret = NULL;
        if (!name)
                return 0;
        for (size_t i = 0; i < COUNT(named); i++)
                if (strcmp(name, named[i][0]) == 0)
                        *ret = named[i][1];
        if (span_starts(text, "#") && (text.len == 4 || text.len == 7) &&
            span_to_hex(span_from(text, 1), &number, NULL) == 0)
                *ret = name;
        return *ret ? 0
                    : fail(err, ERR_USAGE,
                           "--bgcolors %s: not yellow, blue, green, grey or #rrggbb", name);
}

static int plan_of(Context *ctx, const FlameOpts *opts, FlamePlan *ret, Error *err)
{
        FlameColors *colors = new (ctx->arena, FlameColors, 1);
        FlamePlan plan = { .title = opts->title,
                           .width = (int)opts->width,
                           .icicle = opts->inverted,
                           .order = opts->flamechart ? FLAME_BY_TIME : (FlameOrder)opts->order,
                           .subtitle = opts->subtitle,
                           .notes = opts->notes,
                           .count_name = opts->count_name,
                           .name_type = opts->name_type,
                           .font = opts->font,
                           .font_px = opts->font_px == 12 ? 0 : opts->font_px,
                           .row_px = (int)opts->row_px,
                           .colors = colors,
                           .factor = opts->factor,
                           .total = opts->total,
                           .negate = opts->negate };
        int r = min_width(opts, &plan, err);

        if (r == 0)
                r = palette(opts, colors, err);
        if (r == 0)
                r = background(opts->background, &plan.background, err);
        if (r == 0 && opts->map)
                r = palette_map_load(ctx, opts->map, colors, err);
        if (r == 0)
                *ret = plan;
        return r;
}

/* --- the profiles --- */

static int turned(const FlameOpts *opts, Arena *arena, Profile **p, Error *err)
{
        if (!opts->reverse)
                return 0;
        return profile_rewrite(*p, &(ProfileRewrite){ .reverse = true }, arena, p, err);
}

/* One profile, or two when the file has two sides. *ret_before is NULL when there is one. */
static int read_one(Context *ctx, const FlameOpts *opts, const char *word, Profile **ret,
                    Profile **ret_before, Error *err)
{
        ProfileSource source = { .word = word,
                                 .opts = &opts->source,
                                 .max_samples = opts->flamechart ? SAMPLES_IN_TIME : 0,
                                 .lines_in_time = opts->flamechart };
        Profile *before = NULL;
        ProfileSet set;
        int r = profile_source_read(ctx, &source, &set, err);

        if (r == 0)
                r = profile_set_whole(&set, ctx->arena, ret, err);
        if (r == 0 && set.kind == PROFILES_SIDES && set.items.len == 2) {
                before = set.items.items[0].profile;
                r = turned(opts, ctx->arena, &before, err);
        }
        if (r == 0)
                r = turned(opts, ctx->arena, ret, err);
        if (r == 0)
                *ret_before = before;
        return r;
}

static int read_all(Context *ctx, const FlameOpts *opts, const TextList *args, Profile **ret,
                    Profile **ret_before, Error *err)
{
        Profile *none;
        int r;

        if (args->len == 1)
                return read_one(ctx, opts, args->items[0], ret, ret_before, err);
        r = read_one(ctx, opts, args->items[0], ret_before, &none, err);
        return r < 0 ? r : read_one(ctx, opts, args->items[1], ret, &none, err);
}

/* --- drawing --- */

static int draw_change(Context *ctx, const FlameOpts *opts, FlamePlan plan, const Profile *widths,
                       const Profile *other, Buf *out, Error *err)
{
        FlameDiff diff;
        int r = flame_diff(widths, other, opts->normalize, ctx->arena, &diff, err);

        if (r < 0)
                return r;
        plan.was = diff.was;
        return flame_svg(diff.profile, &plan, out, err);
}

static const char *with_title(Context *ctx, const FlameOpts *opts, const char *words)
{
        return arena_printf(ctx->arena, "%s: %s", opts->title ? opts->title : "Changes", words);
}

/* Widths of after show what came and grew; only widths of before show what is gone. */
static int draw_sides(Context *ctx, const FlameOpts *opts, FlamePlan plan, const Profile *after,
                      const Profile *before, Buf *out, Error *err)
{
        Buf graphs[2] = { buf_in(ctx->arena, OUTPUT_BYTES), buf_in(ctx->arena, OUTPUT_BYTES) };
        bool both = opts->widths == WIDTHS_BOTH;
        int r = 0;

        if (both || opts->widths == WIDTHS_AFTER) {
                plan.title = with_title(ctx, opts, "widths as they are after");
                r = draw_change(ctx, opts, plan, after, before, both ? &graphs[0] : out, err);
        }
        if (r == 0 && (both || opts->widths == WIDTHS_BEFORE)) {
                plan.title = with_title(ctx, opts, "widths as they were before");
                plan.negate = !plan.negate; /* the sides are swapped, the colours stay */
                r = draw_change(ctx, opts, plan, before, after, both ? &graphs[1] : out, err);
        }
        if (r == 0 && both)
                svg_stack(buf_span(&graphs[0]), buf_span(&graphs[1]), out);
        return r < 0 ? r : buf_check(out, err);
}

static int draw_text(Context *ctx, const FlameOpts *opts, FlamePlan plan, const Profile *p,
                     Buf *out, Error *err)
{
        if (!plan.width)
                plan.width = ctx->width;
        if (opts->flamechart && p->samples.len == 0)
                return fail(err, ERR_UNAVAILABLE,
                            "the profile does not say when its samples were taken");
        if (opts->text == TEXT_BARS)
                flame_text_bars(p, &plan, out);
        else
                flame_text_boxes(p, &plan, out);
        return buf_check(out, err);
}

static int flame_run(Context *ctx, const void *opts_struct, const TextList *args, Error *err)
{
        const FlameOpts *opts = opts_struct;
        Buf out = buf_in(ctx->arena, OUTPUT_BYTES);
        Profile *p, *before = NULL;
        FlamePlan plan;
        int r = plan_of(ctx, opts, &plan, err);

        if (r == 0)
                r = read_all(ctx, opts, args, &p, &before, err);
        if (r < 0)
                return r;
        if (before && opts->text)
                return fail(err, ERR_USAGE, "two profiles are drawn as SVG only");
        if (opts->text)
                r = draw_text(ctx, opts, plan, p, &out, err);
        else if (before)
                r = draw_sides(ctx, opts, plan, p, before, &out, err);
        else
                r = flame_svg(p, &plan, &out, err);
        if (r == 0)
                r = write_output(ctx, opts->output, buf_span(&out), err);
        if (r == 0 && opts->map)
                r = palette_map_save(ctx, opts->map, plan.colors, err);
        return r;
}

static const Example examples[] = {
        { "perf script | hone flame - -o flame.svg", "from perf" },
        { "hone flame last:profile --text", "a stored run, in the terminal" },
        { "hone flame before.folded after.folded -o change.svg", "what grew, shrank and went" },
        { "hone flame trace.json --flamechart --inverted >chart.svg", "in the order of time" },
};

const Command flame_command = {
        .name = "flame",
        .group = "evidence",
        .args = "FILE | RUN [FILE | RUN]",
        .summary = "draw a flame graph of any profile, or of the change between two",
        .description =
                "Reads what hone convert reads, or a stored run, and draws it as one SVG with zoom "
                "and search, or as text. The flags are those of flamegraph.pl. Of two profiles the "
                "second is drawn, coloured by what changed since the first, and below it the first "
                "one with the same colours: there is what vanished.",
        .examples = examples,
        .n_examples = COUNT(examples),
        .options = flame_options,
        .n_options = COUNT(flame_options),
        .opts_size = sizeof(FlameOpts),
        .min_args = 1,
        .max_args = 2,
        .run = flame_run,
};
