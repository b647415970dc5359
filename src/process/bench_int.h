#pragma once
/* What the files behind process/bench.h share: a measurement in progress and its columns. */

#include "instrument/bench/exec.h"
#include "process/bench.h"
#include "process/blocks.h"
#include "process/last_words.h"
#include "stats/rng.h"

/* One metric of one command or benchmark, a value a block; NaN: none there. */
typedef struct BenchColumn {
        size_t side;
        MetricId metric;
        Span subject;
        double *values;
        size_t len, room;
        bool loose; /* not of the blocks: simulated runs */
} BenchColumn;

typedef struct Bench {
        const BenchPlan *plan;
        Arena *arena;
        Launcher *launcher;
        Rng rng;        /* of the layouts */
        Arena *scratch; /* of one execution */
        LastWords words;
        VEC(BenchColumn) columns;   /* those of one side follow each other with commands */
        size_t last_column;         /* that was asked for: the next is likely the one after it */
        size_t *n_blocks;           /* whole ones of each side */
        size_t first_side, n_sides; /* that are being measured by turns */
        uint64_t begin_ns;          /* of these */
        size_t looked_at;           /* blocks of which the spread is */
        size_t next_look;           /* blocks at which to look again whether they are enough */
        double spread;              /* half width of the widest interval, relative to its median */
        double centre;              /* that median; NaN: none yet */
        size_t n_warnings, n_unknown; /* of programs: what they warned of, lines not understood */
        Span warning, unknown;        /* the first of each */
        size_t n_on_floor;            /* executions whose peak memory is too low to tell */
        uint64_t floor_bytes;
} Bench;

/* --- bench_column.c --- */
/* Its index, which is made when there is none; negative on failure. */
ptrdiff_t bench_column(Bench *b, size_t side, MetricId metric, Span subject, Error *err);
int bench_put(Bench *b, size_t column, size_t block, double value, Error *err);
/* Are there numbers in all of the first n blocks? */
bool bench_column_whole(const BenchColumn *column, size_t n);

/* --- bench_exec.c --- */
/* One execution with what comes before and after it; the sample's output with `max_output`. Fails
 * when the program fails in a way that the plan does not accept. */
int bench_execute(Bench *b, size_t side, size_t max_output, Arena *scratch, ExecSample *ret,
                  Error *err);
/* How the program of a side is started the next time. */
ExecPlan bench_exec_plan(Bench *b, size_t side, size_t max_output);
/* ERR_FAILED, quoting the last line of its errors or else its output, unless the plan accepts it;
 * interrupted, it is fail_interrupted(). */
int bench_check_status(const Bench *b, size_t side, int status, Span output, Arena *scratch,
                       Error *err);
/* A line of the user's, outside the clock; NULL does nothing. */
int bench_hook(const char *option, const char *line, bool survives_interrupt, Error *err);
/* The columns of a command, before any other. */
int bench_command_columns(Bench *b, size_t side, Error *err);
int bench_measure_command(Bench *b, size_t side, size_t block, Error *err);

/* --- bench_program.c --- */
int bench_measure_program(Bench *b, size_t side, size_t block, Error *err);

/* --- bench_simulate.c --- */
int bench_simulate(Bench *b, Error *err);

/* --- bench_stop.c --- */
bool bench_enough(void *bench, size_t n_blocks);
void bench_progress(void *bench, size_t block, uint64_t elapsed_ns);

/* --- bench_record.c --- */
void bench_record(const Bench *b, Recording *rec);
