#include "instrument/system/proc_host.h"

#include "instrument/system/proc_rows.h"

#include <string.h>

/* `n` numbers from the front of *rest. */
static int read_numbers(Span *rest, uint64_t *ret, size_t n, const char *what, Error *err)
{
        for (size_t i = 0; i < n; i++) {
                Span word;

                if (!span_next_word(rest, &word))
                        return fail(err, ERR_INPUT, "%s: ends before number %zu", what, i + 1);
                if (span_to_u64(word, &ret[i], err) < 0)
                        return fail_while(err, "reading number %zu of %s", i + 1, what);
        }
        return 0;
}

/* Before Linux 2.6.11 the later ones were not there: at least the first four, the rest is 0. */
static int parse_cpu_line(Span line, HostCpu *cpu, Error *err)
{
        uint64_t *const fields[] = { &cpu->user,   &cpu->nice, &cpu->system,  &cpu->idle,
                                     &cpu->iowait, &cpu->irq,  &cpu->softirq, &cpu->steal };
        uint64_t sum = 0;
        Span word;

        for (size_t i = 0; i < COUNT(fields); i++) {
                if (!span_next_word(&line, &word))
                        return i >= 4 ? 0 : fail(err, ERR_INPUT, "stat: 'cpu' ends too early");
                if (span_to_u64(word, fields[i], err) < 0)
                        return fail_while(err, "reading 'cpu' of stat");
                if (__builtin_add_overflow(sum, *fields[i], &sum))
                        return fail(err, ERR_INPUT, "stat: 'cpu' is out of range");
        }
        return 0;
}

int proc_host_cpu_parse(Span text, HostCpu *ret, Error *err)
{
        HostCpu cpu = { 0 };
        bool found = false;
        Span line;

        while (span_next_line(&text, &line) && span_starts(line, "cpu")) {
                Span key;

                if (!span_next_word(&line, &key) || !span_is(key, "cpu")) {
                        cpu.cpus++;
                        continue;
                }
                found = true;
                if (parse_cpu_line(line, &cpu, err) < 0)
                        return -ERR_INPUT;
        }
        if (!found || cpu.cpus == 0)
                return fail(err, ERR_INPUT, "stat: no 'cpu' lines");
        *ret = cpu;
        return 0;
}

uint64_t host_cpu_busy(const HostCpu *cpu)
{
        return cpu->user + cpu->nice + cpu->system + cpu->irq + cpu->softirq;
}

uint64_t host_cpu_total(const HostCpu *cpu)
{
        return host_cpu_busy(cpu) + cpu->idle + cpu->iowait + cpu->steal;
}

int proc_meminfo_parse(Span text, HostMemory *ret, Error *err)
{
        static const ProcRow rows[] = {
                { "MemTotal", offsetof(HostMemory, total_bytes), 1024 },
                { "MemAvailable", offsetof(HostMemory, available_bytes), 1024 },
        };
        HostMemory memory;
        int r = proc_rows_need(text, "meminfo", rows, COUNT(rows), &memory, err);

        if (r < 0)
                return r;
        if (memory.total_bytes == 0 || memory.available_bytes > memory.total_bytes)
                return fail(err, ERR_INPUT, "meminfo: more memory available than there is");
        *ret = memory;
        return 0;
}

int proc_vmstat_parse(Span text, HostSwap *ret, Error *err)
{
        static const ProcRow rows[] = {
                { "pswpin", offsetof(HostSwap, in_pages), 1 },
                { "pswpout", offsetof(HostSwap, out_pages), 1 },
        };
        HostSwap swap;
        int r = proc_rows_need(text, "vmstat", rows, COUNT(rows), &swap, err);

        if (r == 0)
                *ret = swap;
        return r;
}

#define SCHEDSTAT_OLDEST 15
#define SCHEDSTAT_WAIT 8 /* number of the field on a "cpuN" line, from 1 */

static int check_schedstat_version(Span *text, Error *err)
{
        Span line, word = { 0 };
        uint64_t version;

        if (!span_next_line(text, &line) || !span_next_word(&line, &word) ||
            !span_is(word, "version") || !span_next_word(&line, &word) ||
            span_to_u64(word, &version, NULL) < 0)
                return fail(err, ERR_INPUT, "schedstat: no version in the first line");
        if (version < SCHEDSTAT_OLDEST)
                return fail(err, ERR_UNAVAILABLE, "schedstat: version %.*s is not known",
                            SPAN_ARG(word));
        return 0;
}

int proc_host_schedstat_parse(Span text, uint64_t *ret_wait_ns, Error *err)
{
        uint64_t sum = 0, fields[SCHEDSTAT_WAIT];
        size_t cpus = 0;
        Span line;
        int r = check_schedstat_version(&text, err);

        while (r == 0 && span_next_line(&text, &line)) {
                Span key;

                if (!span_next_word(&line, &key) || !span_starts(key, "cpu"))
                        continue;
                r = read_numbers(&line, fields, COUNT(fields), "schedstat", err);
                if (r == 0 && __builtin_add_overflow(sum, fields[SCHEDSTAT_WAIT - 1], &sum))
                        return fail(err, ERR_INPUT, "schedstat: out of range");
                cpus++;
        }
        if (r == 0 && cpus == 0)
                return fail(err, ERR_INPUT, "schedstat: no 'cpu' lines");
        if (r == 0)
                *ret_wait_ns = sum;
        return r;
}

int proc_disk_parse(Span line, DiskRow *ret, Error *err)
{
        uint64_t numbers[2], fields[10];
        Span name;
        int r = read_numbers(&line, numbers, COUNT(numbers), "diskstats", err);

        if (r < 0)
                return r;
        if (!span_next_word(&line, &name))
                return fail(err, ERR_INPUT, "diskstats: a line without a name");
        r = read_numbers(&line, fields, COUNT(fields), "diskstats", err);
        if (r < 0)
                return fail_while(err, "reading disk '%.*s'", SPAN_ARG(name));
        *ret = (DiskRow){ .name = name,
                          .reads = fields[0],
                          .sectors_read = fields[2],
                          .writes = fields[4],
                          .sectors_written = fields[6],
                          .busy_ms = fields[9] };
        return 0;
}

static uint64_t add_or_most(uint64_t a, uint64_t b)
{
        uint64_t sum;

        return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

int proc_interface_parse(Span line, InterfaceRow *ret, Error *err)
{
        enum { IN_BYTES, IN_ERRORS = 2, IN_DROPS, OUT_BYTES = 8, OUT_ERRORS = 10, OUT_DROPS };
        uint64_t fields[OUT_DROPS + 1], errors;
        Span rest = line, name = span_trim(span_cut(&rest, ':'));

        if (!rest.ptr)
                return fail(err, ERR_NOT_FOUND, "net/dev: a line of titles");
        if (name.len == 0)
                return fail(err, ERR_INPUT, "net/dev: an interface without a name");
        if (read_numbers(&rest, fields, COUNT(fields), "net/dev", err) < 0)
                return fail_while(err, "reading interface '%.*s'", SPAN_ARG(name));
        errors = add_or_most(add_or_most(fields[IN_ERRORS], fields[IN_DROPS]),
                             add_or_most(fields[OUT_ERRORS], fields[OUT_DROPS]));
        *ret = (InterfaceRow){ .name = name,
                               .in_bytes = fields[IN_BYTES],
                               .out_bytes = fields[OUT_BYTES],
                               .errors = errors };
        return 0;
}

/* Two lines a protocol: names, then values in the same order. */
static bool value_under(Span names, Span values, const char *wanted, uint64_t *ret)
{
        Span name, value;

        while (span_next_word(&names, &name) && span_next_word(&values, &value))
                if (span_is(name, wanted))
                        return span_to_u64(value, ret, NULL) == 0;
        return false;
}

int proc_retransmits_parse(Span text, uint64_t *ret, Error *err)
{
        Span line, names = { 0 };

        while (span_next_line(&text, &line)) {
                if (!span_starts(line, "Tcp:"))
                        continue;
                if (names.ptr && value_under(names, line, "RetransSegs", ret))
                        return 0;
                names = line;
        }
        return fail(err, ERR_INPUT, "net/snmp: no readable 'RetransSegs' of Tcp");
}

int proc_pressure_parse(Span text, uint64_t *ret_us, Error *err)
{
        Span line, word;

        while (span_next_line(&text, &line)) {
                if (!span_next_word(&line, &word) || !span_is(word, "some"))
                        continue;
                while (span_next_word(&line, &word))
                        if (span_starts(word, "total="))
                                return span_to_u64(span_from(word, 6), ret_us, err);
        }
        return fail(err, ERR_INPUT, "pressure: no 'some' line with a 'total='");
}

/* "3/95" */
static int parse_tasks(Span word, HostLoad *load, Error *err)
{
        Span runnable = span_cut(&word, '/');
        int r = span_to_u64(runnable, &load->runnable, err);

        return r < 0 ? r : span_to_u64(word, &load->tasks, err);
}

int proc_loadavg_parse(Span text, HostLoad *ret, Error *err)
{
        HostLoad load = { 0 };
        double *const fields[] = { &load.over_1min, &load.over_5min, &load.over_15min };
        Span word;

        for (size_t i = 0; i < COUNT(fields); i++) {
                if (!span_next_word(&text, &word))
                        return fail(err, ERR_INPUT, "loadavg: ends before number %zu", i + 1);
                if (span_to_double(word, fields[i], err) < 0)
                        return fail_while(err, "reading loadavg");
        }
        if (!span_next_word(&text, &word))
                return fail(err, ERR_INPUT, "loadavg: ends before the tasks");
        if (parse_tasks(word, &load, err) < 0)
                return fail_while(err, "reading the tasks of loadavg");
        *ret = load;
        return 0;
}
