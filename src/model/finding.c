#include "model/finding.h"

static const char *const priority_names[] = {
#define X(id, name) name,
        PRIORITIES(X)
#undef X
};

static const char *const effort_names[] = {
#define X(id, name) name,
        EFFORTS(X)
#undef X
};

const char *priority_name(Priority priority)
{
        BUG_IF((size_t)priority >= COUNT(priority_names));
        return priority_names[priority];
}

const char *effort_name(Effort effort)
{
        BUG_IF((size_t)effort >= COUNT(effort_names));
        return effort_names[effort];
}
