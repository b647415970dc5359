#pragma once
/* Profiles of other tools, read into a ProfileSet: one file per format, one row in formats.c.
 *
 *         ProfileSet set;
 *         r = profile_import_file("perf.data", &(ProfileImportPlan){ 0 }, arena, &set, err);
 *
 * The format is the one that is asked for, or the one whose detect() is surest of the beginning of
 * the file; gzip is unpacked first (to a ceiling), UTF-16 becomes UTF-8. What is damaged is an
 * error with its place (line and column, or byte) and keeps nothing, except that a file that ends
 * early after whole samples is read to there when the format is a stream (perf script, perf.data,
 * Chrome trace), with a warning that says so.
 *
 * Readers walk a mapped file once and keep no copy of it.
 */

#include "model/profile_set.h"

/* What a reader may do with its text; the options of stackcollapse-perf.pl that people use. */
typedef struct ProfileImportPlan {
        const struct ProfileFormat *format; /* NULL: detected */
        Span name;                          /* of the file, for messages */
        bool pid, tid;    /* pid, or pid and tid, in the name at the bottom of a stack */
        bool kernel, jit; /* _[k] and _[j] at the names of kernel and JIT frames */
        bool addrs;       /* addresses instead of [unknown] */
        /* perf script: "->" in a name starts an inlined frame, marked _[i], in every name as
         * stackcollapse-perf.pl does it; else only in JIT frames, and operator-> stays whole. */
        bool inline_frames;
        const char *event;  /* perf script: only this event; NULL: the first that is seen */
        size_t max_nodes;   /* 0: 4 Mi */
        size_t max_samples; /* kept in time; 0: none */
        bool lines_in_time; /* collapsed: lines are samples in the order of time, counts their
                               length */
} ProfileImportPlan;

typedef struct ProfileFormat {
        const char *name;  /* "pprof" */
        const char *says;  /* "pprof protocol buffer, gzip or not" */
        const char *files; /* where the format is defined, for people who read the code */
        /* 0..100: how sure, from at most the first 64 KiB; `whole`: that is all there is. 100 for a
         * magic number, 90 for a key or line that only this format has, below 60 for texts that
         * other formats can look like. */
        int (*detect)(Span head, bool whole);
        bool annotates; /* read() itself does what plan->kernel and plan->jit ask for */
        int (*read)(Span text, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret,
                    Error *err);
} ProfileFormat;

extern const ProfileFormat *const profile_formats[]; /* NULL-terminated */
const ProfileFormat *profile_format_find(Span name); /* NULL: there is none */

int profile_import(Span bytes, const ProfileImportPlan *plan, Arena *arena, ProfileSet *ret,
                   Error *err);
/* Maps the file; "-" reads standard input, to at most 4 GiB. */
int profile_import_file(const char *path, const ProfileImportPlan *plan, Arena *arena,
                        ProfileSet *ret, Error *err);
