#pragma once
/* The three streams of one execution, at hone's end. */

#include "base/buf.h"
#include "instrument/bench/exec.h"

typedef struct ExecStreams {
        int given[3]; /* for the program; -1: the launcher's /dev/null */
        int captured; /* non-blocking end of standard output; -1: not captured, or at its end */
        Buf kept;
        bool truncated;
} ExecStreams;

#define EXEC_STREAMS_NONE ((ExecStreams){ .given = { -1, -1, -1 }, .captured = -1 })

int exec_streams_open(const ExecPlan *plan, Arena *arena, ExecStreams *ret, Error *err);
void exec_streams_drain(ExecStreams *streams); /* takes what is there; never waits */
/* Is the output file short of room? Then what it holds is not what the program wrote. */
int exec_streams_check(const ExecPlan *plan, const ExecStreams *streams, Error *err);
void exec_streams_close(ExecStreams *streams);
