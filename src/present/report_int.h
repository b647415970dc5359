#pragma once
/* What the report formats share. */

#include "present/report.h"
#include "present/view_int.h"

/* One side's answer for a metric: the median over its runs; NaN: not measured. */
double before_value(const ReportInput *in, MetricId metric, Span subject);
double after_value(const ReportInput *in, MetricId metric, Span subject);
/* The side that shows the present state: after, or before when nothing came after. */
typedef struct Side {
        Run *const *runs;
        size_t n;
} Side;
Side current_side(const ReportInput *in);
Side before_side(const ReportInput *in);
Side after_side(const ReportInput *in);

/* Endpoints that were measured, or one empty subject for the target as a whole. */
size_t endpoints_of(const ReportInput *in, Arena *arena, Span **ret);
/* The load subject that stands for the whole on this side. */
Span whole_subject(Side side);

/* The change that the comparison has for a metric; NULL: none was made. */
const MetricChange *change_of(const ReportInput *in, MetricId metric, Span subject);
/* The target set for a metric; NULL: none. */
const TargetRow *target_of(const ReportInput *in, MetricId metric, Span subject);
/* "<200 ms" or ">500/s". */
Span target_words(Arena *arena, MetricId metric, double target);
/* "100 connections", "500/s, open model"; "-" when the plan does not say. */
Span concurrency_words(const Run *load, Arena *arena);
Span environment_words(const Run *run, Arena *arena);
/* The command that measures the same again. */
Span command_words(const Run *load, Arena *arena);

/* The profiling analysis with or without the picture of its flame graph. */
void report_profiling_part(Doc *doc, const ReportInput *in, bool picture);

/* Does this change aim at this finding? By name: the place, the rule or the title. */
bool change_aims_at(const IterationRow *change, const Finding *finding);
size_t changes_kept(const ReportInput *in);
