#include "model/target.h"

static const char *const kind_names[] = {
#define X(id, name) name,
        TARGET_KINDS(X)
#undef X
};

const char *target_kind_name(TargetKind kind)
{
        BUG_IF((size_t)kind >= COUNT(kind_names));
        return kind_names[kind];
}
