#include "import/profile/profile_samples.h"

#include "base/buf.h"

#include "harness.h"

#include <string.h>

#define TEXT(name, literal)                   \
        static Span name(Arena *arena UNUSED) \
        {                                     \
                return SPAN(literal);         \
        }

TEXT(cpuprofile,
     "{\"nodes\":[{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\","
     "\"lineNumber\":-1},\"children\":[2]},{\"id\":2,\"callFrame\":{\"functionName\":\"main\","
     "\"url\":\"/app/x.js\",\"lineNumber\":0},\"children\":[3,4]},{\"id\":3,\"callFrame\":{"
     "\"functionName\":\"\",\"url\":\"/app/x.js\",\"lineNumber\":9}},{\"id\":4,\"callFrame\":{"
     "\"functionName\":\"w\\u00e9rk\",\"url\":\"/app/x.js\",\"lineNumber\":20}}],"
     "\"startTime\":1000,\"endTime\":2000,\"samples\":[2,3,3,4],\"timeDeltas\":[100,200,300.5,50]}")

TEXT(heapprofile,
     "{\"head\":{\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\",\"lineNumber\":-1},"
     "\"selfSize\":0,\"id\":1,\"children\":[{\"callFrame\":{\"functionName\":\"load\",\"url\":"
     "\"a.js\",\"lineNumber\":1},\"selfSize\":64,\"id\":2,\"children\":[{\"callFrame\":{"
     "\"functionName\":\"parse\",\"url\":\"a.js\",\"lineNumber\":4},\"selfSize\":4096,\"id\":3,"
     "\"children\":[]}]}]},\"samples\":[]}")

TEXT(speedscope,
     "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"profiles\":[{\"type\":"
     "\"evented\",\"name\":\"t1\",\"unit\":\"milliseconds\",\"startValue\":0,\"endValue\":10,"
     "\"events\":[{\"type\":\"O\",\"frame\":0,\"at\":0},{\"type\":\"O\",\"frame\":1,\"at\":2},"
     "{\"type\":\"C\",\"frame\":1,\"at\":5.5},{\"type\":\"C\",\"frame\":0,\"at\":10}]},{\"type\":"
     "\"sampled\",\"name\":\"t2\",\"unit\":\"milliseconds\",\"startValue\":0,\"endValue\":3,"
     "\"samples\":[[0],[0,1]],\"weights\":[1,2]}],\"shared\":{\"frames\":[{\"name\":\"main\","
     "\"file\":\"m.c\",\"line\":3},{\"name\":\"work\"}]}}")

TEXT(chrome_trace,
     "{\"traceEvents\":[{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":2,\"args\":{"
     "\"name\":\"main\"}},{\"ph\":\"B\",\"name\":\"outer\",\"ts\":10,\"pid\":1,\"tid\":2},"
     "{\"ph\":\"X\",\"name\":\"inner\",\"ts\":12.5,\"dur\":4,\"pid\":1,\"tid\":2},{\"ph\":\"E\","
     "\"name\":\"outer\",\"ts\":20,\"pid\":1,\"tid\":2},{\"ph\":\"I\",\"name\":\"mark\",\"ts\":11,"
     "\"pid\":1,\"tid\":2}]}")

TEXT(firefox,
     "{\"meta\":{\"interval\":2,\"preprocessedProfileVersion\":46,\"product\":\"made\"},\"libs\":["
     "{\"name\":\"libx.so\",\"path\":\"/lib/libx.so\"}],\"threads\":[{\"name\":\"main\",\"pid\":"
     "\"7\",\"tid\":\"8\",\"samples\":{\"length\":3,\"stack\":[1,null,0],\"time\":[0,2,4.5],"
     "\"weight\":null,\"weightType\":\"samples\"},\"stackTable\":{\"prefix\":[null,0],\"frame\":["
     "0,1]},\"frameTable\":{\"func\":[0,1],\"line\":[3,null],\"inlineDepth\":[0,0]},\"funcTable\":{"
     "\"name\":[0,1],\"resource\":[0,-1],\"fileName\":[2,null],\"lineNumber\":[null,9],\"isJS\":["
     "false,true]},\"resourceTable\":{\"lib\":[0],\"name\":[3]},\"stringArray\":[\"main\",\"work\","
     "\"m.c\",\"libx\"]}]}")

TEXT(callgrind,
     "# callgrind format\nversion: 1\ncreator: by hand\npositions: instr line\nevents: Ir "
     "Time_(1us)"
     "\n\nob=(1) /bin/x\nfl=(1) x.c\nfn=(1) main\n0x10 16 20 2\ncfn=(2) work\ncalls=3 0x50 50\n"
     "+4 +1 400 40\n\nfn=(2)\nfi=(2) x.h\n0x50 50 100 10\ncob=(2) libc.so\ncfi=(3) malloc.c\n"
     "cfn=(3) malloc\ncalls=9 0x90 90\n* * 300 30\n\nob=(2)\nfl=(3)\nfn=(3)\n0x90 90 300 30\n"
     "totals: 420 42\n")

TEXT(pprof_text,
     "heap profile:    2:  1056 [  3:  3104] @ heap_v2/1\n"
     "     1:     1024 [     1:     1024] @ 0x401011 0x401021\n"
     "#\t0x401010\tmain.alloc+0x34\t/src/main.go:12\n#\t0x401020\tmain.main+0x1\t/src/main.go:3\n"
     "     1:       32 [     2:     2080] @ 0x500011 0x401021\n"
     "\nMAPPED_LIBRARIES:\n400000-500000 r-xp 00000000 00:00 1 /bin/shop\n"
     "500000-600000 r-xp 00000000 00:00 2 /lib/libc.so.6\n")

TEXT(v8log,
     "v8-version,11,3,244,8,-node.38,0\nshared-library,/usr/bin/node,0x400000,0x500000,0\n"
     "profiler,begin,1000\ncode-creation,Function,10,500,0x10000,64,work\\x2C it /app/x.js:3:13,"
     "0xaaaa,~\ncode-creation,Function,10,500,0x20000,64, /app/x.js:1:1,0xbbbb,~\n"
     "tick,0x10010,1000,0,0x0,0,0x20010\ntick,0x400010,2000,0,0x0,0,0x10020,+fff0\n"
     "code-move,0x10000,0x30000\ntick,0x30010,3000,0,0x0,1,0x20010\n"
     "code-creation,Builtin,2,9,0x10000,64,ArrayMap\ntick,0x10010,4000,0,0x0,0,overflow\n"
     "code-delete,0x10000\ntick,0x10010,5000,1,0x30011,6,0x20010\n")

TEXT(pstats,
     "\xfb\xa9\x03\xfa\x04"
     "a.py\xe9\x01\0\0\0\xda\x04main)\x05r\x03\0\0\0r\x03\0\0\0\xe7\0\0\0\0\0\0\xd0\x3f\xe7\0\0\0\0"
     "\0\0\xf0\x3f{0\xa9\x03r\x02\0\0\0\xe9\x05\0\0\0\xda\x04work)\x05\xe9\x02\0\0\0r\x0a\0\0\0"
     "\xe7\0\0\0\0\0\0\xe0\x3f\xe7\0\0\0\0\0\0\xe8\x3f{r\x01\0\0\0\xa9\x04r\x0a\0\0\0r\x0a\0\0\0"
     "r\x0b\0\0\0r\x0c\0\0\0"
     "0\xa9\x03\xfa\x01~\xe9\0\0\0\0\xfa\x17<built-in method sleep>)\x05\xe9\x04\0\0\0r\x12\0\0\0"
     "r\x05\0\0\0r\x05\0\0\0{r\x07\0\0\0\xa9\x04r\x12\0\0\0r\x12\0\0\0r\x05\0\0\0r\x05\0\0\0"
     "00")

/* --- pprof: protocol buffer --- */

static void number(Buf *out, unsigned field, uint64_t value)
{
        for (uint64_t key = (uint64_t)field << 3, i = 0; i < 2; i++, key = value) {
                for (; key >= 0x80; key >>= 7)
                        buf_byte(out, (char)(key | 0x80));
                buf_byte(out, (char)key);
        }
}

static void bytes(Buf *out, unsigned field, Span text)
{
        buf_byte(out, (char)(field << 3 | 2));
        buf_byte(out, (char)text.len);
        buf_add(out, text);
}

static void record(Buf *out, unsigned field, Arena *arena, size_t n, const uint64_t *numbers)
{
        Buf part = buf_in(arena, 120);

        for (size_t i = 0; i < n; i++)
                if (numbers[i])
                        number(&part, (unsigned)i + 1, numbers[i]);
        bytes(out, field, buf_span(&part));
}
#define RECORD(out, field, arena, ...)                                           \
        record((out), (field), (arena), sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, \
               (uint64_t[]){ __VA_ARGS__ })

static void location(Buf *out, Arena *arena, uint64_t id, uint64_t mapping, uint64_t address,
                     const uint64_t (*lines)[2], size_t n)
{
        Buf part = buf_in(arena, 120);

        number(&part, 1, id);
        number(&part, 2, mapping);
        number(&part, 3, address);
        for (size_t i = 0; i < n; i++)
                RECORD(&part, 4, arena, lines[i][0], lines[i][1]);
        bytes(out, 4, buf_span(&part));
}

/* main calls work, in which fast is inlined; a bare address in the library below. */
static Span pprof(Arena *arena)
{
        static const char *const strings[] = {
                "",    "samples", "count", "cpu", "nanoseconds", "/bin/x",       "main",
                "x.c", "work",    "fast",  "key", "value",       "alloc_inside", "alloc.*"
        };
        Buf out = buf_in(arena, KiB(4));

        RECORD(&out, 1, arena, 1, 2);
        RECORD(&out, 1, arena, 3, 4);
        bytes(&out, 2, SPAN("\x0a\x02\x02\x01\x12\x03\x02\xc8\x01")); /* work, main: 2, 200 */
        bytes(&out, 2, SPAN("\x08\x03\x08\x01\x10\x01\x10\x64")); /* unpacked: 0x99, main: 1, 100 */
        bytes(&out, 2, SPAN("\x0a\x02\x04\x01\x12\x02\x01\x32\x1a\x04\x08\x0a\x10\x0b"));
        RECORD(&out, 3, arena, 1, 0x1000, 0x9000, 0, 5);
        location(&out, arena, 1, 1, 0x1010, (const uint64_t[][2]){ { 1, 10 } }, 1);
        location(&out, arena, 2, 1, 0x1020, (const uint64_t[][2]){ { 3, 31 }, { 2, 20 } }, 2);
        location(&out, arena, 3, 1, 0x99, NULL, 0);
        location(&out, arena, 4, 1, 0x1040, (const uint64_t[][2]){ { 4, 1 } }, 1);
        RECORD(&out, 5, arena, 1, 6, 6, 7, 9);
        RECORD(&out, 5, arena, 2, 8, 8, 7);
        RECORD(&out, 5, arena, 3, 9, 9, 7);
        RECORD(&out, 5, arena, 4, 12, 12, 7);
        for (size_t i = 0; i < COUNT(strings); i++)
                bytes(&out, 6, span_of(strings[i]));
        number(&out, 7, 13);
        number(&out, 10, 5000);
        RECORD(&out, 11, arena, 3, 4);
        number(&out, 12, 100);
        return buf_span(&out);
}

/* --- gperftools' CPU profile --- */

static Span pprof_cpu(Arena *arena)
{
        /* The second address of every sample is the handler's; 0x1011 is a return address. */
        static const uint64_t words[] = { 0,      3,      0,      10000, 0, 5,      3,
                                          0x1050, 0x7777, 0x1011, 1,     4, 0x1060, 0x7777,
                                          0x1031, 0x1011, 0,      1,     0 };
        Buf out = buf_in(arena, KiB(4));

        for (size_t i = 0; i < COUNT(words); i++)
                for (unsigned b = 0; b < 4; b++) /* four bytes, big end first */
                        buf_byte(&out, (char)(words[i] >> (24 - 8 * b)));
        buf_text(&out, "1000-2000 r-xp 00000000 00:00 1 /bin/old server\n");
        return buf_span(&out);
}

/* --- JFR --- */

static void big(Buf *out, uint64_t value, unsigned size)
{
        for (unsigned i = size; i-- > 0;)
                buf_byte(out, (char)(value >> (8 * i)));
}

/* Names of the metadata's strings, by number. */
static const char *const jfr_strings[] = {
        "root",
        "metadata",
        "class",
        "field",
        "name",
        "id",
        "constantPool",
        "true",
        "dimension",
        /* 9 */ "int",
        "1",
        "long",
        "2",
        "boolean",
        "3",
        "java.lang.String",
        "4",
        /* 17 */ "jdk.types.StackTrace",
        "5",
        "jdk.types.StackFrame",
        "6",
        "jdk.types.Method",
        "7",
        /* 23 */ "java.lang.Class",
        "8",
        "jdk.types.Symbol",
        "9",
        "java.lang.Thread",
        "10",
        /* 29 */ "jdk.ExecutionSample",
        "11",
        "jdk.ActiveSetting",
        "12",
        /* 33 */ "truncated",
        "frames",
        "method",
        "lineNumber",
        "type",
        "string",
        "javaName",
        /* 40 */ "osThreadId",
        "startTime",
        "sampledThread",
        "stackTrace",
        "value",
};

static void attribute(Buf *out, unsigned key, unsigned value)
{
        buf_byte(out, (char)key);
        buf_byte(out, (char)value);
}

/* kind: 'p' constant, 'a' array, else plain. */
static void field(Buf *out, unsigned name, unsigned type, char kind)
{
        buf_byte(out, 3);
        buf_byte(out, (char)(kind ? 3 : 2));
        attribute(out, 4, name);
        attribute(out, 2, type); /* the key "class" */
        if (kind == 'p')
                attribute(out, 6, 7);
        if (kind == 'a')
                attribute(out, 8, 10);
        buf_byte(out, 0);
}

static void class(Buf *out, unsigned name, unsigned n_fields)
{
        buf_byte(out, 2);
        buf_byte(out, 2);
        attribute(out, 4, name);
        attribute(out, 5, name + 1);
        buf_byte(out, (char)n_fields);
}

static void metadata(Buf *out)
{
        buf_text(out, "\x01\x01\x01"); /* start, duration, id */
        buf_byte(out, (char)COUNT(jfr_strings));
        for (size_t i = 0; i < COUNT(jfr_strings); i++) {
                buf_byte(out, 3);
                buf_byte(out, (char)strlen(jfr_strings[i]));
                buf_text(out, jfr_strings[i]);
        }
        buf_bytes(out, "\0\0\1\1\0\x0c", 6); /* root, in it metadata, in it twelve classes */
        class(out, 9, 0);
        class(out, 11, 0);
        class(out, 13, 0);
        class(out, 15, 0);
        class(out, 17, 2);
        field(out, 33, 14, 0);
        field(out, 34, 20, 'a');
        class(out, 19, 2);
        field(out, 35, 22, 'p');
        field(out, 36, 10, 0);
        class(out, 21, 2);
        field(out, 37, 24, 'p');
        field(out, 4, 26, 'p');
        class(out, 23, 1);
        field(out, 4, 26, 'p');
        class(out, 25, 1);
        field(out, 38, 16, 0);
        class(out, 27, 2);
        field(out, 39, 16, 0);
        field(out, 40, 12, 0);
        class(out, 29, 3);
        field(out, 41, 12, 0);
        field(out, 42, 28, 'p');
        field(out, 43, 18, 'p');
        class(out, 31, 3);
        field(out, 5, 12, 0);
        field(out, 4, 16, 0);
        field(out, 44, 16, 0);
}

/* Threads 1; symbols 1 to 3; class 1; methods 1 and 2; stacks 1 and 2. */
static void constants(Buf *out)
{
        buf_add(out, SPAN("\1\1\0\0\5"));             /* start, duration, delta, kind, pools */
        buf_add(out, SPAN("\x0a\1\1\3\6worker\x29")); /* Thread: javaName, osThreadId */
        buf_add(out, SPAN("\x09\3\1\3\5a/App\2\3\4main\3\5\4work")); /* the last in Latin-1 */
        buf_add(out, SPAN("\x08\1\1\1"));                            /* Class: name */
        buf_add(out, SPAN("\7\2\1\1\2\2\1\3"));                      /* Method: type, name */
        buf_add(out,
                SPAN("\5\2\1\0\2\2\x14\1\x0a\2\1\1\1\x0b")); /* StackTrace: truncated, frames */
}

static void event(Buf *out, unsigned type, Span body)
{
        buf_byte(out, (char)((body.len + 3) | 0x80)); /* a size may be longer than it has to be */
        buf_byte(out, (char)((body.len + 3) >> 7));
        buf_byte(out, (char)type);
        buf_add(out, body);
}

static Span jfr(Arena *arena)
{
        Buf out = buf_in(arena, KiB(8)), body = buf_in(arena, KiB(4)),
            types = buf_in(arena, KiB(4));

        constants(&body);
        metadata(&types);
        buf_bytes(&out, "FLR\0\0\2\0\1", 8);
        big(&out, 0, 8); /* the size, below */
        big(&out, 0, 8);
        big(&out, 68, 8); /* the metadata comes first */
        big(&out, 1000000000, 8);
        big(&out, 5000, 8);
        big(&out, 100, 8);
        big(&out, 1000000000, 8);
        big(&out, 1, 4); /* compressed numbers */
        event(&out, 0, buf_span(&types));
        event(&out, 1, buf_span(&body));
        event(&out, 12, SPAN("\x0b\3\6period\3\5\x31\x30 ms"));
        event(&out, 11, SPAN("\x64\1\1"));
        event(&out, 11, SPAN("\x78\1\1"));
        event(&out, 11, SPAN("\x7f\1\2"));
        for (unsigned i = 0; i < 8; i++)
                out.ptr[8 + i] = (char)((uint64_t)out.len >> (56 - 8 * i));
        return buf_span(&out);
}

const FormatSample format_samples[] = {
        { "cpuprofile", cpuprofile,
          "main 200000\nmain;(anonymous x.js:10) 350500\nmain;w\xc3\xa9rk 349500\n" },
        { "heapprofile", heapprofile, "load 64\nload;parse 4096\n" },
        { "speedscope", speedscope, "main 6500000\nmain;work 3500000\n" },
        { "chrome-trace", chrome_trace, "outer 6000\nouter;inner 4000\n" },
        { "firefox", firefox, "main 2000000\nmain;work 2000000\n" },
        { "callgrind", callgrind, "main 20\nmain;work 100\nmain;work;malloc 300\n" },
        { "pprof-text", pprof_text, "0x401020;0x500010 32\nmain.main;main.alloc 1024\n" },
        { "v8log", v8log,
          "(anonymous x.js:1);work, it 2000000\n"
          "(anonymous x.js:1);work, it;(garbage collector) 1000000\n"
          "(anonymous x.js:1);work, it;[node] 1000000\nArrayMap 1000000\n" },
        { "pstats", pstats,
          "main 250000000\nmain;work 500000000\nmain;work;<built-in method sleep> 250000000\n" },
        { "pprof", pprof, "main 50\nmain;0x99 100\nmain;work;fast 200\n" },
        { "pprof-cpu", pprof_cpu, "0x1010;0x1030;0x1060 10000000\n0x1010;0x1050 50000000\n" },
        { "jfr", jfr, "a.App.main 10000000\na.App.main;a.App.work 20000000\n" },
};
const size_t n_format_samples = COUNT(format_samples);

Span format_sample(const char *format, Arena *arena)
{
        for (size_t i = 0; i < COUNT(format_samples); i++)
                if (span_is(span_of(format), format_samples[i].format))
                        return format_samples[i].make(arena);
        fail_msg("no sample of %s", format);
        return SPAN("");
}
