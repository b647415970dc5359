#pragma once
/* hone gate in three parts: what it judges (gate_input.c), the judging and printing (gate.c), and
 * the files that CI reads (gate_output.c). */

#include "command/command.h"
#include "present/gate_export.h"

typedef enum GithubWhen { GITHUB_AUTO, GITHUB_ALWAYS, GITHUB_NEVER } GithubWhen;

typedef struct GateOpts {
        const char *budget, *base, *exceptions;
        TextList groups, slos;
        double tolerance, alpha;
        bool paired, history;
        unsigned inconclusive; /* GatePolicy */
        const char *junit, *summary, *sarif, *gitlab;
        unsigned github; /* GithubWhen */
} GateOpts;

/* Reads everything that the options and hone.yaml name; `words`: the runs, may be empty. */
int gate_input(Context *ctx, const GateOpts *opts, Span words, GateInput *ret, Error *err);
/* The histories that --history asks for: of each metric and subject of the runs that is judged. */
int gate_histories(Context *ctx, Store *store, GateInput *in, Error *err);
/* The result with what it takes to write it: where the repository is. */
GateReport gate_report(Context *ctx, const GateOpts *opts, const GateResult *result);
/* Writes the files asked for, and what GitHub reads; *ret_printed: standard output is taken. */
int gate_output(Context *ctx, const GateOpts *opts, const GateReport *report, bool *ret_printed,
                Error *err);
/* Does GitHub read what is printed? */
bool gate_annotates(const GateOpts *opts);
/* Annotations, after what people read. */
int gate_annotate(Context *ctx, const GateOpts *opts, const GateReport *report, bool printed,
                  Error *err);
