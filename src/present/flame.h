#pragma once
/* Flame graphs from a profile: a self-contained SVG and text for terminals. */

#include "model/profile.h"

typedef struct FlamePlan {
        const char *title;
        int width;        /* px or columns; 0: 1200 px, 80 columns */
        double min_share; /* boxes below it are left out; 0: 0.0005 (SVG), 0.02 (text) */
        bool icicle;      /* root on top */
} FlamePlan;

/* Boxes, search (Ctrl-F), zoom, percentages; script inside, nothing fetched. */
int flame_svg(const Profile *p, const FlamePlan *plan, Buf *out, Error *err);
/* Boxes drawn with lines, root on top, widths in proportion (row B11). */
void flame_text_boxes(const Profile *p, const FlamePlan *plan, Buf *out);
/* A tree of bars with percentages and time (row D60): "main ██████████ 100 % (1.20 s)". */
void flame_text_bars(const Profile *p, const FlamePlan *plan, Buf *out);
