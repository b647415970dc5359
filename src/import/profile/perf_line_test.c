#include "import/profile/perf_line.h"

#include "harness.h"

static PerfEventLine event_of(const char *line)
{
        PerfEventLine e = { 0 };

        if (!perf_event_line(span_of(line), &e))
                fail_msg("no event line: %s", line);
        return e;
}

TEST(perf_event_lines_have_name_ids_period_and_event)
{
        static const struct {
                const char *line, *comm, *pid, *tid, *event;
                uint64_t period;
        } lines[] = {
                { "java 25607 4794564.109216: 1 cycles:", "java", "", "25607", "cycles", 1 },
                { "java 12688 [002] 6544038.708352: 235 cpu-clock:", "java", "", "12688",
                  "cpu-clock", 235 },
                { "V8 WorkerThread 24636/25607 [000] 94564.109216: 100 cycles:u: ",
                  "V8 WorkerThread", "24636", "25607", "cycles:u", 100 },
                { "swapper     0/0     [001] 1.5: cycles: ", "swapper", "", "0", "cycles", 1 },
                { "dd 29776 666709.771979:   0 cpu-clock: ", "dd", "", "29776", "cpu-clock", 1 },
                { "node-v011 31912 cpu-clock: ", "node-v011", "", "31912", "", 1 },
                { "a 1 2 3.4: 7 x:", "a 1", "", "2", "x", 7 },
                { "perl 12//13 1.0: 5 probe:a: ", "perl", "12", "13", "probe:a", 5 },
        };

        for (size_t i = 0; i < COUNT(lines); i++) {
                PerfEventLine e = event_of(lines[i].line);

                assert_span(e.comm, lines[i].comm);
                assert_span(e.pid, lines[i].pid);
                assert_span(e.tid, lines[i].tid);
                assert_span(e.event, lines[i].event);
                assert_int_equal(e.period, lines[i].period);
        }
}

TEST(perf_event_lines_are_not_frames_or_words)
{
        static const char *const lines[] = {
                "",
                " java 1 2.0: 1 cycles:",
                "ffffffff8103ce3b read_hpet ([kernel])",
                "java",
                "java 12",
                "java x12 y",
                "1 cycle",
                "\tabc main+0x1 (/bin/true) ",
        };
        PerfEventLine e;

        for (size_t i = 0; i < COUNT(lines); i++)
                if (perf_event_line(span_of(lines[i]), &e))
                        fail_msg("taken for an event: '%s'", lines[i]);
}

TEST(perf_event_times_are_nanoseconds)
{
        uint64_t time_ns = 0;

        assert_true(perf_event_time(SPAN("  [002]  6544038.708352:  235 cpu-clock:"), &time_ns));
        assert_int_equal(time_ns, UINT64_C(6544038708352000));
        assert_true(perf_event_time(SPAN(" 1.5: x:"), &time_ns));
        assert_int_equal(time_ns, 1500000000);
        assert_false(perf_event_time(SPAN(" [002] cpu-clock:"), &time_ns));
        assert_false(perf_event_time(SPAN(" 1.5 x"), &time_ns));
        assert_false(perf_event_time(SPAN(" 99999999999999999999.5: x"), &time_ns));
}

static void check_frame(const char *line, const char *pc, const char *function, const char *module)
{
        PerfFrameLine f = { 0 };

        if (!perf_frame_line(span_of(line), &f))
                fail_msg("no frame line: %s", line);
        assert_span(f.pc, pc);
        assert_span(f.function, function);
        assert_span(f.module, module);
}

TEST(perf_frame_lines_split_at_the_last_parenthesis_as_the_pattern_does)
{
        PerfFrameLine f;

        check_frame("\t  6f3 main (/bin/x)", "6f3", "main", "/bin/x");
        check_frame("6f3 f(int, char) (/bin/x (deleted))", "6f3", "f(int, char) (/bin/x",
                    "deleted)");
        check_frame("6f3 [unknown] ([unknown]) trailing", "6f3", "[unknown]", "[unknown]");
        check_frame("6f3 a (b) (c", "6f3", "a", "b");
        /* Parts that must give back what they took. */
        check_frame("643 (mod)", "64", "3", "mod");
        check_frame("643  (mod)", "643", " ", "mod");
        check_frame("64:3 f (mod)", "64", ":3 f", "mod");
        assert_false(perf_frame_line(SPAN("6 (mod)"), &f));
        assert_false(perf_frame_line(SPAN("  file.cpp:137"), &f));
        assert_false(perf_frame_line(SPAN("  ???? f (mod)"), &f));
        assert_false(perf_frame_line(SPAN(""), &f));
}

typedef struct Names {
        Buf all;
        FrameKind kind;
} Names;

static bool add_name(void *context, const FrameDesc *frame)
{
        Names *names = context;

        if (names->all.len)
                buf_byte(&names->all, ';');
        buf_add(&names->all, frame->symbol);
        names->kind = frame->kind;
        return true;
}

static void check_names(const char *line, ProfileImportPlan plan, bool is_java, const char *want,
                        FrameKind kind)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Names names = { .all = buf_in(arena, KiB(64)) };
        PerfFrameLine f;

        assert_true(perf_frame_line(span_of(line), &f));
        assert_true(perf_frame_names(&f, &plan, is_java, arena, add_name, &names));
        assert_span(buf_span(&names.all), want);
        if (names.all.len)
                assert_int_equal(names.kind, kind);
}

#define AS_PERL                       \
        {                             \
                .inline_frames = true \
        }
#define ALL                                                                       \
        {                                                                         \
                .inline_frames = true, .kernel = true, .jit = true, .addrs = true \
        }

TEST(perf_names_are_tidied_as_stackcollapse_does)
{
        static const struct {
                const char *line;
                ProfileImportPlan plan;
                bool is_java;
                const char *want;
                FrameKind kind;
        } cases[] = {
                { "1 main+0x1f (/bin/x)", AS_PERL, false, "main", FRAME_NATIVE },
                { "1 main+0x1F (/bin/x)", AS_PERL, false, "main+0x1F", FRAME_NATIVE },
                { "1 ns::f(int, char)+0x1 (/bin/x)", AS_PERL, false, "ns::f", FRAME_NATIVE },
                { "1 (anonymous namespace)::f(int) (/x)", AS_PERL, false, "", FRAME_NATIVE },
                { "1 a::(anonymous namespace)::f(int) (/x)", AS_PERL, false,
                  "a::(anonymous namespace)::f", FRAME_NATIVE },
                { "1 net/http.(*Client).Do (/x)", AS_PERL, false, "net/http.(*Client).Do",
                  FRAME_NATIVE },
                { "1 RegExp:[&<>\\\"\\'] (/tmp/perf-7.map)", AS_PERL, false, "RegExp:[&<>\\\\]",
                  FRAME_JIT },
                { "1 La/b;.c(La/D;)V (/tmp/perf-7.map)", AS_PERL, true, "a/b:.c", FRAME_JIT },
                { "1 La/b;.c(La/D;)V (/tmp/perf-7.map)", ALL, false, "La/b:.c_[j]", FRAME_JIT },
                { "1 Lab (/x)", AS_PERL, true, "Lab", FRAME_NATIVE },
                { "1 a->b->c (/tmp/perf-7.map)", AS_PERL, false, "a;b_[i];c_[i]", FRAME_INLINED },
                { "1 T::operator->() const (/x)", AS_PERL, false, "T::operator;_[i]",
                  FRAME_INLINED },
                { "1 T::operator->() const (/x)", { 0 }, false, "T::operator->", FRAME_NATIVE },
                { "1 a->b (/tmp/perf-7.map)", { 0 }, false, "a;b_[i]", FRAME_INLINED },
                { "1 -> (/x)", AS_PERL, false, "", FRAME_NATIVE },
                { "1 a-> (/x)", AS_PERL, false, "a", FRAME_NATIVE },
                { "1 read ([kernel.kallsyms])", ALL, false, "read_[k]", FRAME_KERNEL },
                { "1 read (/boot/vmlinux)", ALL, false, "read_[k]", FRAME_KERNEL },
                { "1 read ([vdso])", ALL, false, "read_[k]", FRAME_NATIVE },
                { "7f [unknown] (/lib/libc-2.31.so)", AS_PERL, false, "[libc-2.31.so]",
                  FRAME_UNKNOWN },
                { "7f [unknown] (/lib/libc-2.31.so)", ALL, false, "[libc-2.31.so <7f>]",
                  FRAME_UNKNOWN },
                { "7f [unknown] ([unknown])", ALL, false, "[unknown <7f>]", FRAME_UNKNOWN },
                { "7f [unknown] ([kernel.kallsyms])", ALL, false, "[[kernel.kallsyms] <7f>]_[k]",
                  FRAME_UNKNOWN },
                { "7f a;b_[j] (/tmp/perf-7.map)", ALL, false, "a:b_[j]", FRAME_JIT },
        };

        for (size_t i = 0; i < COUNT(cases); i++)
                check_names(cases[i].line, cases[i].plan, cases[i].is_java, cases[i].want,
                            cases[i].kind);
}

TEST(perf_samples_without_chains_are_one_line)
{
        PerfEventLine e;
        PerfFrameLine f;

        assert_true(perf_sample_line(
                SPAN("            perl 1234/1235 [001]  5.000001:     10101 cpu-clock:u:      "
                     "55d0aa Perl_hv+0x1a (/usr/bin/perl)"),
                &e, &f));
        assert_span(e.comm, "perl");
        assert_span(e.event, "cpu-clock:u");
        assert_int_equal(e.period, 10101);
        assert_span(f.function, "Perl_hv+0x1a");
        assert_false(perf_sample_line(SPAN("perl 12 5.1:   1 cycles: "), &e, &f));
        assert_false(perf_sample_line(SPAN("perl 12 5.1: sched:x: prev=1 next (2) z"), &e, &f));
}
