/* The flame graph of a set as SVG, for hone convert; hone flame has the options. */

#include "present/flame.h"
#include "present/profile_export.h"

static int write(const ProfileSet *set, const char *title, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(4));
        Profile *p;
        int r = profile_set_whole(set, scratch, &p, err);

        return r < 0 ? r : flame_svg(p, &(FlamePlan){ .title = title }, out, err);
}

const ProfileWriter svg_profile_writer = {
        .name = "svg",
        .says = "flame graph, one SVG with zoom and search",
        .extension = ".svg",
        .files = "www.w3.org/TR/SVG11",
        .timeless = true,
        .write = write,
};
