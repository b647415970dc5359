#pragma once
/* Flame graphs from a profile: a self-contained SVG and text for terminals. */

#include "model/profile.h"
#include "present/flame_color.h"

/* How boxes are coloured when not by the kind of code; a box is a node of the FlameTree. */
typedef struct FlameLegend {
        const char *attributes, *name; /* fill="..." and more, of ours */
} FlameLegend;

typedef struct FlamePaint {
        void *context;
        int (*begin)(void *context, const FlameTree *tree, Error *err);
        void (*attributes)(void *context, uint32_t node, Buf *out); /* " fill=\"...\"" */
        void (*says)(void *context, uint32_t node,
                     Buf *out); /* one line more about the box, plain */
        const FlameLegend *legend;
        size_t n_legend;
        const char *foot; /* what width and colour are */
} FlamePaint;

typedef struct FlamePlan {
        const char *title;
        int width;        /* px or columns; 0: 1200 px, 80 columns */
        double min_share; /* boxes below it are left out; 0: 0.0005 (SVG), 0.02 (text) */
        bool icicle;      /* root on top */
        FlameOrder order; /* of the callees of a caller */

        /* The rest is for SVG only. */
        const char *subtitle, *notes; /* notes: for who reads the file */
        const char *count_name;       /* "bytes": weights are shown with it, not samples */
        const char *name_type;        /* "Function:"; before a name in the details */
        const char *font;
        double font_px;          /* 0: 12 */
        int row_px;              /* from box to box; 0: 17 */
        double min_px;           /* narrower boxes are left out; 0: min_share says it */
        FlameColors *colors;     /* NULL: by the kind of code */
        const char *background;  /* "#rrggbb" or a name of CSS; NULL: none */
        double factor, total;    /* of shown counts; 0: 1. What the root stands for, if more */
        const double *was;       /* FlameDiff.was: colours say what changed */
        bool negate;             /* and blue is more */
        const FlamePaint *paint; /* instead of colors and was; NULL: none */
} FlamePlan;

/* Boxes, search (Ctrl-F), zoom, percentages; script inside, nothing fetched. */
int flame_svg(const Profile *p, const FlamePlan *plan, Buf *out, Error *err);
/* Boxes drawn with lines, root on top, widths in proportion (row B11). */
void flame_text_boxes(const Profile *p, const FlamePlan *plan, Buf *out);
/* A tree of bars with percentages and time (row D60): "main ██████████ 100 % (1.20 s)". */
void flame_text_bars(const Profile *p, const FlamePlan *plan, Buf *out);
