#pragma once
/* From what a user asks for to the commands that are measured: every command with every combination
 * of its parameters, "{NAME}" filled in everywhere.
 *
 *         BenchRequest request = { .commands = words, .n_commands = 2, .parameters = parameters };
 *         r = bench_expand(&request, arena, &sides, &n, err);
 *
 * The subject of a command with parameters is "sleep {d}/d=0.1" (analysis/bench.h reads it).
 * Commands that would have the same one are told apart: "true", "true (2)".
 */

#include "process/bench.h"

typedef struct BenchParameter {
        Span name;
        const Span *values;
        size_t n_values;
} BenchParameter;

typedef struct BenchRequest {
        const char *const *commands;
        size_t n_commands;
        const char *const *names; /* of the first commands */
        size_t n_names;
        const BenchParameter *parameters;
        size_t n_parameters;
        const char *const *prepares; /* one for all, or one for each command */
        size_t n_prepares;
        const char *setup, *conclude, *cleanup; /* NULL: none */
        const char *shell;                      /* NULL: none; the command is split into words */
        const char *const *arguments; /* to add to each command, NULL-terminated; may be NULL */
} BenchRequest;

int bench_expand(const BenchRequest *request, Arena *arena, BenchSide **ret, size_t *ret_n,
                 Error *err);
/* "1", "10", step "3": 1 4 7 10. Numbers have as many decimals as the longest of the three. */
int bench_parameter_scan(Span name, Span min, Span max, Span step, Arena *arena,
                         BenchParameter *ret, Error *err);
/* "a,b,c"; "\," is a comma within a value. */
int bench_parameter_list(Span name, Span values, Arena *arena, BenchParameter *ret, Error *err);
