#pragma once
/* Results of other tools, read into a Recording: one file per format, one row in formats.c.
 *
 *         Imported imported;
 *         r = import_text(&(ImportPlan){ .name = "bench.txt", .text = text }, arena, &imported,
 * err);
 *         ... imported.recording: Samples and a MetricValue (median, interval, n) per benchmark
 *
 * The format is the one whose detect() is surest of the text, or the one that is asked for; two
 * that are certain or equally sure, or none that is sure at all, are an error that names them. A
 * reader calls import_sample() and its kin; it says what it cannot read by import_unknown() with
 * the line, and goes on. What is damaged (a number that is none, a file that ends within a value,
 * NaN or a negative time) is an error with line and column, and then nothing is kept.
 *
 * `text` may be a mapped file of gigabytes: readers walk it once and keep no copy of it. Benchmarks
 * of one name and parameter set are one benchmark, whose samples follow each other.
 */

#include "base/span.h"
#include "model/recording.h"

typedef struct Import Import; /* a reading in progress */

typedef struct ImportFormat {
        const char *name;  /* "hyperfine" */
        const char *says;  /* "hyperfine --export-json" */
        const char *files; /* where the format is defined, for people who read the code */
        /* 0..100: how sure, from at most the first 64 KiB; `whole`: that is all there is. */
        int (*detect)(Span head, bool whole);
        int (*read)(Import *in, Span text, Error *err);
        const char *instrument; /* "load" for a load generator; NULL: "bench" */
} ImportFormat;

extern const ImportFormat *const import_formats[]; /* NULL-terminated */
const ImportFormat *import_format_find(Span name); /* NULL: there is none */

typedef struct ImportPlan {
        const char *name; /* of the file, for messages */
        Span text;
        const ImportFormat *format; /* NULL: detected */
        const char *unit; /* of numbers that say none (generic CSV); NULL: as the format does */
} ImportPlan;

typedef struct UnknownLine {
        uint64_t line; /* from 1 */
        Span text;     /* its beginning */
        const char *why;
} UnknownLine;

typedef struct Imported {
        const ImportFormat *format;
        Recording *recording;     /* instrument "bench" or "load", tier: the tool and its version */
        VEC(UnknownLine) unknown; /* at most 1000 kept */
        uint64_t n_unknown;
        size_t n_benchmarks;
        Span revision; /* of what was measured, where the file says it; else empty */
        Span machine;  /* its name, likewise */
} Imported;

int import_text(const ImportPlan *plan, Arena *arena, Imported *ret, Error *err);
/* Maps the file; "-" reads standard input to at most 1 GiB. */
int import_file(const char *path, const ImportFormat *format, const char *unit, Arena *arena,
                Imported *ret, Error *err);

/* --- for the readers --- */

/* Which unit a tool wrote, and what one of it is in the metric's unit. */
typedef struct ImportUnit {
        MetricId metric;
        double scale;
        Span text; /* of a custom metric: the unit of the scaled value, for its name */
} ImportUnit;

/* "ns", "us/op", "MB/s", "B/op", "ops/s" ...; METRIC_CUSTOM with scale 1 for any other. */
ImportUnit import_unit(Span unit);
/* Of numbers that say none: the user's --unit, else this one. */
ImportUnit import_bare_unit(const Import *in, const char *unless_asked);
/* One measurement. `subject` is the benchmark with its parameters ("Sort/n=1000"); a unit that is
 * custom is appended to it in brackets. Fails on a number that is not finite or, for times, below
 * zero. */
int import_sample(Import *in, Span subject, ImportUnit unit, double value, uint64_t line,
                  Error *err);
/* The same of a measurement that was made side by side with others: those of its block, from 0. */
int import_sample_in_block(Import *in, Span subject, ImportUnit unit, double value, uint32_t block,
                           uint64_t line, Error *err);
/* A number that a tool worked out itself from n samples that it did not write down. */
int import_summary(Import *in, Span subject, ImportUnit unit, double value, double low, double high,
                   uint64_t n, uint64_t line, Error *err);
void import_unknown(Import *in, uint64_t line, Span text, const char *why);
/* Context that belongs to the run: machine, date, version; becomes a note, once; 500 at most. */
void import_says(Import *in, const char *format, ...) PRINTF(2, 3);
/* What makes the numbers doubtful: runs that failed. */
void import_warns(Import *in, const char *format, ...) PRINTF(2, 3);
/* "connection refused: 12" */
void import_error_kind(Import *in, const char *format, ...) PRINTF(2, 3);
/* The tool and its version, instead of the format's name. */
void import_tool(Import *in, const char *format, ...) PRINTF(2, 3);
void import_revision(Import *in, Span revision); /* of git; other words are passed over */
void import_machine(Import *in, Span machine);
/* Start, duration, distributions and series go here directly; samples and values do not. */
Recording *import_recording(Import *in);
/* Distribution "latency" of a load and its values, mean to p99.9 with intervals; ns. */
void import_latency(Import *in, Span subject, Hist *latency);
/* Scratch of the reader alone, which may reset it; gone when the reading ends. */
Arena *import_arena(Import *in);
const char *import_name(const Import *in);
/* For what is read a piece at a time: lines count from 1 at this line of the file. */
void import_at_line(Import *in, uint64_t line);
/* "name:line: message", ERR_INPUT. */
int import_fail(const Import *in, Error *err, uint64_t line, const char *format, ...) PRINTF(4, 5);
/* "2026-01-31T10:00:00.25+01:00", with a space for the T, without an offset (then UTC), or without
 * a fraction: ns since 1970. False: it is none. */
bool import_date(Span text, uint64_t *ret_wall_ns);
