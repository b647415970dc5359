/* Taking the lines of `perf script` apart. Source of the rules: stackcollapse-perf.pl (FlameGraph);
 * of the text: perf-script(1), tools/perf/builtin-script.c. */

#include "import/profile/perf_line.h"

#include <string.h>

/* What Perl's \s, \d and \w are for bytes. */
static bool is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t spaces_at(Span line, size_t at)
{
        size_t n = 0;

        while (at + n < line.len && is_space(line.ptr[at + n]))
                n++;
        return n;
}

static size_t digits_at(Span line, size_t at)
{
        size_t n = 0;

        while (at + n < line.len && is_digit(line.ptr[at + n]))
                n++;
        return n;
}

static Span part(Span line, size_t from, size_t to)
{
        return (Span){ line.ptr + from, to - from };
}

// (\d+)\/*(\d+)*\s+ at `at`
static bool numbers_at(Span line, size_t at, PerfEventLine *ret)
{
        size_t first = digits_at(line, at), slash = at + first, second, end;

        if (first == 0)
                return false;
        while (slash < line.len && line.ptr[slash] == '/')
                slash++;
        second = slash > at + first ? digits_at(line, slash) : 0;
        end = second ? slash + second : slash;
        if (spaces_at(line, end) == 0)
                return false;
        ret->pid = part(line, at, at + first);
        ret->tid = part(line, slash, slash + second);
        ret->who = span_first(line, end);
        ret->rest = span_from(line, end);
        /* One number is the thread's; so is "0" after a slash to Perl, which takes it for false. */
        if (second == 0 || span_is(ret->tid, "0")) {
                ret->tid = ret->pid;
                ret->pid = (Span){ 0 };
        }
        return true;
}

/* Perl's numbers: what is past 64 bits is not exact there either. */
static uint64_t period_of(Span digits)
{
        uint64_t value;

        if (span_to_u64(digits, &value, NULL) < 0)
                return UINT64_MAX;
        return span_is(digits, "0") ? 1 : value;
}

/* :\s*(\d+)*\s+(\S+):\s*$ from the end */
static void find_event(Span rest, PerfEventLine *ret)
{
        size_t end = rest.len, at, digits;

        ret->event = (Span){ 0 };
        ret->period = 1;
        ret->has_period = false;
        while (end && is_space(rest.ptr[end - 1]))
                end--;
        for (at = end; at && !is_space(rest.ptr[at - 1]); at--)
                ;
        if (end - at < 2 || rest.ptr[end - 1] != ':' || at == 0)
                return;
        ret->event = part(rest, at, end - 1);
        for (end = at; end && is_space(rest.ptr[end - 1]); end--)
                ;
        for (digits = end; digits && is_digit(rest.ptr[digits - 1]); digits--)
                ;
        for (at = digits; at && digits < end && is_space(rest.ptr[at - 1]); at--)
                ;
        if (at == 0 || rest.ptr[at - 1] != ':') {
                ret->event = (Span){ 0 };
        } else if (digits < end) {
                ret->period = period_of(part(rest, digits, end));
                ret->has_period = true;
        }
}

// ^(\S.+?)\s+(\d+)\/*(\d+)*\s+ : the shortest name, of two bytes at least
bool perf_event_line(Span line, PerfEventLine *ret)
{
        if (line.len == 0 || is_space(line.ptr[0]))
                return false;
        for (size_t at = 1; at < line.len; at++) {
                size_t spaces = spaces_at(line, at), end = MAX(at, (size_t)2);

                if (spaces && at + spaces > end && numbers_at(line, at + spaces, ret)) {
                        ret->comm = span_first(line, end);
                        /* The expression for the event searches the whole line. */
                        find_event(line, ret);
                        return true;
                }
                at += spaces;
        }
        return false;
}

bool perf_event_time(Span rest, uint64_t *ret_ns)
{
        Span word;

        while (span_next_word(&rest, &word)) {
                size_t whole = digits_at(word, 0), fraction = whole + 1;
                uint64_t seconds, ns = 0, digit = NS_PER_S / 10;

                if (whole == 0 || whole >= word.len || word.ptr[whole] != '.')
                        continue;
                if (span_to_u64(span_first(word, whole), &seconds, NULL) < 0 ||
                    seconds > UINT64_MAX / NS_PER_S - 1)
                        return false;
                for (; fraction < word.len && is_digit(word.ptr[fraction]); fraction++) {
                        ns += (uint64_t)(word.ptr[fraction] - '0') * digit;
                        digit /= 10;
                }
                if (fraction + 1 != word.len || word.ptr[fraction] != ':')
                        continue;
                *ret_ns = seconds * NS_PER_S + ns;
                return true;
        }
        return false;
}

/* The last " (" that has room for ")" at `last` after it; SIZE_MAX: there is none. */
static size_t module_before(Span line, size_t last)
{
        for (size_t i = last; i-- > 1;)
                if (line.ptr[i] == '(' && line.ptr[i - 1] == ' ')
                        return i - 1;
        return SIZE_MAX;
}

/* ^\s*(\w+)\s*(.+) \((.*)\) : the greedy parts give back what they must, from the right. */
bool perf_frame_line(Span line, PerfFrameLine *ret)
{
        const char *close;
        size_t word = 0, last, open, from;

        line = span_from(line, spaces_at(line, 0));
        while (word < line.len && is_word(line.ptr[word]))
                word++;
        close = line.len ? memrchr(line.ptr, ')', line.len) : NULL;
        if (word == 0 || !close)
                return false;
        last = (size_t)(close - line.ptr);
        open = module_before(line, last);
        if (open == SIZE_MAX || open < 2)
                return false;
        from = MIN(word + spaces_at(line, word), open - 1);
        ret->pc = span_first(line, MIN(word, from));
        ret->function = part(line, from, open);
        ret->module = part(line, open + 2, last);
        return true;
}

static bool is_hex(Span word)
{
        uint64_t value;

        return !span_starts(word, "0x") && span_to_hex(word, &value, NULL) == 0;
}

bool perf_sample_line(Span line, PerfEventLine *ret_event, PerfFrameLine *ret_frame)
{
        Span word, rest, before;
        uint64_t time_ns;

        line = span_from(line, spaces_at(line, 0));
        if (!perf_event_line(line, ret_event) || !perf_event_time(ret_event->rest, &time_ns))
                return false;
        for (rest = ret_event->rest; span_next_word(&rest, &word);) {
                PerfEventLine named;

                if (!span_ends(word, ":") || rest.len == 0)
                        continue;
                before = span_first(line, (size_t)(rest.ptr - line.ptr));
                find_event(before, &named);
                if (named.event.len == 0 || !perf_frame_line(rest, ret_frame) ||
                    !is_hex(ret_frame->pc) || !span_ends(span_trim(rest), ")"))
                        continue;
                ret_event->event = named.event;
                ret_event->period = named.period;
                ret_event->has_period = named.has_period;
                return true;
        }
        return false;
}
