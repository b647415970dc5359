#pragma once
/* Private to ab: a comparison in progress, and what each kind of side does for it. */

#include "instrument/bench/exec.h"
#include "process/ab_table.h"

typedef struct Ab Ab;

/* How the sides of one kind are made ready, measured once, and put away. */
typedef struct AbRig {
        int (*open)(Ab *ab, Error *err);
        int (*measure)(Ab *ab, size_t side, size_t block, Error *err);
        const Launcher *(*launcher)(const Ab *ab); /* that runs what is measured; NULL: hone does */
        void (*close)(Ab *ab); /* also after open() failed; NULL: nothing to do */
} AbRig;

struct Ab {
        const AbPlan *plan;
        const AbRig *rig;
        Arena *arena;
        AbTable table;
        AbResult *result;
        struct AbRevisions *revisions; /* NULL: the sides are none */
        struct CommandRig *commands;   /* NULL: the sides are none */
        Fingerprint fingerprint;   /* taken before: an interruption would keep git from telling */
        size_t n_looks, next_look; /* looks had; blocks at which the next is due */
        double level;              /* of the last look */
        size_t looked_at;          /* blocks of the last look */
        bool measured_since;       /* then: its data are not what there is now */
};

extern const AbRig ab_command_rig, ab_revision_command_rig, ab_revision_service_rig, ab_service_rig;

/* ab_command.c: does this metric decide, rather than being kept beside? */
bool ab_is_judged(const Ab *ab, MetricId metric);

/* ab_record.c: both runs of the result. */
void ab_record(Ab *ab, uint64_t wall_ns);
double ab_alpha(const AbPlan *plan);
