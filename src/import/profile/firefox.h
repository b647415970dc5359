#pragma once
/* What the files that read the Firefox profiler's JSON share: a thread whose tables have been
 * found, and which the reader of its form turns into stacks and columns of samples. */

#include "import/profile/columns.h"
#include "import/profile/stack_table.h"

/* Raw tables of a thread, or shared by all of them (processed version 56 and later). */
typedef struct FirefoxTables {
        Span samples, stacks, frames, funcs, resources, strings, string_array, sources;
} FirefoxTables;

/* Tables of the processed form, read into columns. */
typedef struct FirefoxColumns {
        TextColumn strings, libs;
        Column prefix, frame;
        Column func, frame_line, inline_depth;
        Column name, file, source, func_line, resource, is_js;
        Column source_name;
        Column resource_lib, resource_name;
} FirefoxColumns;

typedef struct Firefox {
        Intake *in;
        JsonPull all;
        FirefoxTables shared;
        FirefoxColumns columns; /* of the shared tables, when stacks are among them */
        Span libs;
} Firefox;

typedef struct FirefoxThread {
        Intake *in;
        JsonPull all;
        FirefoxTables tables, shared;
        const FirefoxColumns *columns; /* of the shared tables */
        Span libs;
        Profile *p;
        uint32_t thread;
        uint64_t interval_ns, negative;
        StackTable stacks;
        Column stack, time, weight; /* one a sample; time in ns */
        bool weighted;
} FirefoxThread;

/* Both fill stacks and columns; a negative answer means that the error is written. */
int firefox_processed(FirefoxThread *t);
int firefox_gecko(FirefoxThread *t);
/* Columns of `tables`, or of `shared` where `tables` has none. */
int firefox_columns(Intake *in, const JsonPull *all, const FirefoxTables *tables,
                    const FirefoxTables *shared, Span libs, FirefoxColumns *ret);
/* Rows of the stack table from its columns and the frames' numbers. */
int firefox_stacks(FirefoxThread *t, const Column *prefix, const Column *frame,
                   const uint32_t *frames, size_t n_frames);
