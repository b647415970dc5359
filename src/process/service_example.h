#pragma once
/* For tests: a temporary folder and small HTTP services in Python whose speed, answers and length
 * of life are planted: serve.py takes them from settings.py beside it.
 *
 *         DELAY_S = 0.002      before each answer
 *         STATUS = '200 OK'
 *         LIFE = 0             answers until it ends; 0: no end
 *
 * Each writes its pid into one file of the folder, so that a test sees how many were started and
 * that none is left.
 */

#include "base/fs.h"
#include "base/progress.h"
#include "process/config.h"

typedef struct Example {
        Arena *arena;
        char dir[64];
        const char *pids; /* the file with one pid a line */
        Progress silent;
} Example;

void example_begin(Example *e);
void example_end(Example *e); /* removes the folder; no service may be left */
/* Runs a shell command in the folder; it must succeed. */
void example_shell(Example *e, const char *command);
/* A folder below with serve.py and settings.py; `settings` are further lines of it. */
const char *example_service(Example *e, const char *name, const char *settings);
/* One request, small windows, `pairs` blocks; `more` are further lines of hone.yaml. */
Config example_config(Example *e, unsigned pairs, const char *more);
/* How many services were started so far. */
size_t example_starts(Example *e);
