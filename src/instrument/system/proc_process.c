#include "instrument/system/proc_process.h"

#include "instrument/system/proc_rows.h"

#include <string.h>

#define PF_KTHREAD 0x00200000u /* include/linux/sched.h */

#define FIRST_FIELD 3 /* after "pid (name)": the state */

typedef struct StatField {
        unsigned number; /* from 1, as in proc(5) */
        size_t offset;   /* of a uint64_t in ProcStat */
} StatField;

/* Rising by number. */
static const StatField stat_fields[] = {
        { 10, offsetof(ProcStat, minor_faults) },
        { 11, offsetof(ProcStat, reaped_minor_faults) },
        { 12, offsetof(ProcStat, major_faults) },
        { 13, offsetof(ProcStat, reaped_major_faults) },
        { 14, offsetof(ProcStat, user_ticks) },
        { 15, offsetof(ProcStat, system_ticks) },
        { 16, offsetof(ProcStat, reaped_user_ticks) },
        { 17, offsetof(ProcStat, reaped_system_ticks) },
        { 20, offsetof(ProcStat, threads) },
        { 22, offsetof(ProcStat, start_ticks) },
        { 24, offsetof(ProcStat, rss_pages) },
};

#define LAST_FIELD 24

static int to_pid(Span word, int *ret, Error *err)
{
        uint64_t number;
        int r = span_to_u64(word, &number, err);

        if (r < 0)
                return r;
        if (number > INT32_MAX)
                return fail(err, ERR_INPUT, "process id %.*s is too large", SPAN_ARG(word));
        *ret = (int)number;
        return 0;
}

/* "pid (name) " in front; *rest is left at the state. */
static int parse_name(Span *rest, ProcStat *stat, Error *err)
{
        ptrdiff_t open = span_find_byte(*rest, '(');
        const char *close = rest->len ? memrchr(rest->ptr, ')', rest->len) : NULL;
        size_t close_at;

        if (open < 0 || !close || close - rest->ptr < open)
                return fail(err, ERR_INPUT, "stat: no process name in parentheses");
        close_at = (size_t)(close - rest->ptr);
        stat->name = span_from(span_first(*rest, close_at), (size_t)open + 1);
        if (to_pid(span_trim(span_first(*rest, (size_t)open)), &stat->pid, err) < 0)
                return fail_while(err, "reading field 1 of stat");
        *rest = span_from(*rest, close_at + 1);
        return 0;
}

/* Some are printed signed and can pass below 0 for a moment: that reads as 0. */
static int parse_number(Span word, unsigned number, uint64_t *ret, Error *err)
{
        int64_t below;

        if (span_starts(word, "-") && span_to_i64(word, &below, NULL) == 0) {
                *ret = 0;
                return 0;
        }
        if (span_to_u64(word, ret, err) < 0)
                return fail_while(err, "reading field %u of stat", number);
        return 0;
}

static int parse_field(Span word, unsigned number, const StatField **next, ProcStat *stat,
                       Error *err)
{
        uint64_t value;
        int r;

        if (number == 3)
                stat->state = word.ptr[0];
        if (number == 4)
                return to_pid(word, &stat->ppid, err);
        if (number != 9 && number != (*next)->number)
                return 0;
        r = parse_number(word, number, &value, err);
        if (r < 0)
                return r;
        if (number == 9) {
                stat->kernel_thread = value & PF_KTHREAD;
                return 0;
        }
        memcpy((char *)stat + (*next)->offset, &value, sizeof(value));
        (*next)++;
        return 0;
}

int proc_stat_parse(Span text, ProcStat *ret, Error *err)
{
        const StatField *next = stat_fields;
        ProcStat stat = { 0 };
        int r = parse_name(&text, &stat, err);

        for (unsigned number = FIRST_FIELD; r == 0 && number <= LAST_FIELD; number++) {
                Span word;

                if (!span_next_word(&text, &word))
                        return fail(err, ERR_INPUT, "stat: ends before field %u", number);
                r = parse_field(word, number, &next, &stat, err);
        }
        if (r == 0)
                *ret = stat;
        return r;
}

int proc_status_parse(Span text, ProcStatus *ret, Error *err)
{
        static const ProcRow rows[] = {
                { "voluntary_ctxt_switches", offsetof(ProcStatus, voluntary_switches), 1 },
                { "nonvoluntary_ctxt_switches", offsetof(ProcStatus, forced_switches), 1 },
        };
        static const ProcRow peak = { "VmHWM", offsetof(ProcStatus, peak_rss_bytes), 1024 };
        ProcStatus status = { 0 };
        int r = proc_rows_need(text, "status", rows, COUNT(rows), &status, err);

        if (r < 0)
                return r;
        proc_rows_read(text, &peak, 1, &status);
        *ret = status;
        return 0;
}

int proc_io_parse(Span text, ProcIo *ret, Error *err)
{
        static const ProcRow rows[] = {
                { "read_bytes", offsetof(ProcIo, read_bytes), 1 },
                { "write_bytes", offsetof(ProcIo, write_bytes), 1 },
        };
        ProcIo io;
        int r = proc_rows_need(text, "io", rows, COUNT(rows), &io, err);

        if (r == 0)
                *ret = io;
        return r;
}

int proc_schedstat_parse(Span text, ProcSchedstat *ret, Error *err)
{
        uint64_t fields[3];
        Span word;

        for (size_t i = 0; i < COUNT(fields); i++) {
                if (!span_next_word(&text, &word))
                        return fail(err, ERR_INPUT, "schedstat: ends before field %zu", i + 1);
                if (span_to_u64(word, &fields[i], err) < 0)
                        return fail_while(err, "reading field %zu of schedstat", i + 1);
        }
        *ret = (ProcSchedstat){ .run_ns = fields[0], .wait_ns = fields[1], .slices = fields[2] };
        return 0;
}

int proc_pss_parse(Span smaps_rollup, uint64_t *ret_bytes, Error *err)
{
        static const ProcRow row = { "Pss", 0, 1024 };
        uint64_t bytes;
        int r = proc_rows_need(smaps_rollup, "smaps_rollup", &row, 1, &bytes, err);

        if (r == 0)
                *ret_bytes = bytes;
        return r;
}
