#pragma once
/* What the readers of profiles share: where the profiles go, what must not grow, how to refuse.
 *
 *         AUTO(arena_freep) Arena *scratch = arena_new(INTAKE_SCRATCH);
 *         Intake in = intake_of(plan, arena, scratch, err);
 *         Profile *p = intake_profile(&in, SPAN("cpu"), "cpu", UNIT_NS);
 *         uint32_t f = intake_frame(&in, p, &(FrameDesc){ ... });
 *         uint32_t node = intake_child(&in, p, 0, f);
 *         r = intake_add_at(&in, p, node, thread, time_ns, weight);
 *         intake_finish(&in);                            // times count from the first sample
 *         *ret = in.set;
 *
 * A NULL, an INTAKE_NONE or a negative answer means that the error is written. Times are signed and
 * on any axis while reading; intake_finish() moves them to the window's start.
 */

#include "import/profile/profile_format.h"
#include "model/profile_int.h"

#define INTAKE_NONE UINT32_MAX
#define INTAKE_SCRATCH GiB(4)
#define INTAKE_DEPTH ((size_t)65536) /* frames of one stack */

typedef struct Intake {
        const ProfileImportPlan *plan;
        Arena *arena;   /* of the set */
        Arena *scratch; /* of the reader: gone when it returns */
        ProfileSet set;
        Error *err;
} Intake;

Intake intake_of(const ProfileImportPlan *plan, Arena *arena, Arena *scratch, Error *err);
/* "NAME: message"; returns -code. */
int intake_fail(const Intake *in, int code, const char *format, ...) PRINTF(3, 4);
/* "NAME: byte N: message". */
int intake_fail_byte(const Intake *in, uint64_t byte, const char *format, ...) PRINTF(3, 4);
/* "NAME:LINE: message". */
int intake_fail_line(const Intake *in, uint64_t line, const char *format, ...) PRINTF(3, 4);
/* Memory is full. */
int intake_full(const Intake *in, const char *of_what);

/* The code of the error that is written. */
int intake_failed(const Intake *in);

Profile *intake_profile(Intake *in, Span name, const char *event, Unit unit);
uint32_t intake_frame(Intake *in, Profile *p, const FrameDesc *desc);
uint32_t intake_child(Intake *in, Profile *p, uint32_t parent, uint32_t frame);
uint32_t intake_thread(Intake *in, Profile *p, Span name, uint64_t pid, uint64_t tid);
/* Node 0, the root, becomes the frame "[no stack]". */
int intake_add(Intake *in, Profile *p, uint32_t node, uint64_t samples, uint64_t weight);
int intake_add_at(Intake *in, Profile *p, uint32_t node, uint32_t thread, int64_t time_ns,
                  uint64_t weight);
void intake_finish(Intake *in);

/* A quantity in whole units from one in units of `scale`; false: negative, not a number, too much.
 */
bool intake_whole(double value, double scale, uint64_t *ret);
/* The same for points in time, which may be before zero. */
bool intake_time(double value, double scale, int64_t *ret);

/* What a unit's name in a file stands for: "milliseconds" is UNIT_NS by 1e6. Unknown: UNIT_COUNT.
 */
Unit intake_unit(Span name, double *ret_scale);
/* The last part of a path. */
Span intake_basename(Span path);
/* A name for JavaScript's functions without one, by where they stand. */
Span intake_anonymous(const Intake *in, Span file, uint32_t line);
