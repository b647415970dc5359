/* Profiles made here and now by the tools that own the formats, where those are installed. */

#include "import/profile/profile_format.h"

#include "base/fs.h"
#include "base/subprocess.h"
#include "harness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Workshop {
        Arena *arena;
        char *dir;
} Workshop;

static Workshop workshop(Arena *arena)
{
        Workshop w = { arena, span_text(arena, SPAN("/tmp/hone-tools-XXXXXX")) };

        assert_non_null(mkdtemp(w.dir));
        return w;
}

static void workshop_close(const Workshop *w)
{
        Error err = { 0 };

        assert_ok(tree_remove(w->dir, &err), err);
}

static bool installed(const char *command, Arena *arena)
{
        const char *shell = arena_printf(arena, "command -v %s >/dev/null", command);
        Subprocess done;
        Error err = { 0 };

        return subprocess_run(&(SubprocessPlan){ .shell = shell, .timeout_ns = 10 * NS_PER_S },
                              arena, &done, &err) == 0 &&
               done.exit_status == 0;
}

static void put_file(const Workshop *w, const char *name, const char *text)
{
        Error err = { 0 };

        assert_ok(file_write(path_join(w->arena, w->dir, name), span_of(text), &err), err);
}

static Span run(const Workshop *w, const char *shell)
{
        Subprocess done;
        Error err = { 0 };

        assert_ok(subprocess_must(&(SubprocessPlan){ .shell = shell,
                                                     .dir = w->dir,
                                                     .timeout_ns = 100 * NS_PER_S },
                                  w->arena, &done, &err),
                  err);
        return done.out;
}

/* The only file there with this ending, read without being told what it is. */
static ProfileSet read_made(const Workshop *w, const char *pattern, const char *format)
{
        ProfileImportPlan plan = { .max_samples = 100000 };
        ProfileSet set = { 0 };
        Error err = { 0 };
        Span name = span_trim(run(w, arena_printf(w->arena, "ls %s", pattern)));
        const char *path = path_join(w->arena, w->dir, span_text(w->arena, name));

        assert_ok(profile_import_file(path, &plan, w->arena, &set, &err), err);
        plan.format = profile_format_find(span_of(format));
        assert_ok(profile_import_file(path, &plan, w->arena, &set, &err), err);
        return set;
}

/* Weight of all stacks with a function, as a share of the whole. */
static double share_of(const Profile *p, const char *symbol)
{
        uint64_t weight = 0;

        for (uint32_t i = 0; i < p->nodes.len; i++)
                for (uint32_t at = i; at; at = p->nodes.items[at].parent)
                        if (span_ends(profile_symbol(p, p->nodes.items[at].frame), symbol)) {
                                weight += p->nodes.items[i].self_weight;
                                break;
                        }
        return p->total_weight ? (double)weight / (double)p->total_weight : 0;
}

static const char script[] =
        "globalThis.keep = [];\n"
        "function spin(ms) { const end = Date.now() + ms; let s = 0;\n"
        "  while (Date.now() < end) for (let i = 0; i < 1e5; i++) s += i % 7;\n"
        "  return s; }\n"
        "function grow() { for (let i = 0; i < 2e4; i++)"
        " keep.push(JSON.parse('[1,2,3,4,5,6,7,8,9]')); }\n"
        "spin(700); grow();\n";

TEST(what_node_writes_is_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Workshop w;
        ProfileSet set;

        if (!installed("node", arena))
                skip_because("node is not installed");
        w = workshop(arena);
        put_file(&w, "a.js", script);
        run(&w, "node --cpu-prof --heap-prof --heap-prof-interval=1024 a.js");
        set = read_made(&w, "*.cpuprofile", "cpuprofile");
        assert_true(share_of(set.items.items[0].profile, "spin") > 0.5);
        set = read_made(&w, "*.heapprofile", "heapprofile");
        assert_true(share_of(set.items.items[0].profile, "grow") > 0.3);
        run(&w, "node --prof --no-logfile-per-isolate --logfile=v8.log a.js");
        set = read_made(&w, "v8.log", "v8log");
        assert_true(share_of(set.items.items[0].profile, "spin") > 0.5);
        workshop_close(&w);
}

TEST(what_cprofile_writes_is_read_to_the_nanosecond)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Workshop w;
        ProfileSet set;
        double total;

        if (!installed("python3", arena))
                skip_because("python3 is not installed");
        w = workshop(arena);
        put_file(&w, "a.py",
                 "def leaf(n):\n    return sum(i * i for i in range(n))\n"
                 "def rec(n):\n    return leaf(3000) + (rec(n - 1) if n else 0)\n"
                 "for _ in range(20):\n    rec(20)\n");
        run(&w, "python3 -m cProfile -o a.prof a.py");
        assert_int_equal(
                span_to_double(span_trim(run(&w, "python3 -c 'import pstats; "
                                                 "print(pstats.Stats(\"a.prof\").total_tt)'")),
                               &total, NULL),
                0);
        set = read_made(&w, "a.prof", "pstats");
        assert_near((double)set.items.items[0].profile->total_weight, total * 1e9, 1000);
        assert_true(share_of(set.items.items[0].profile, "leaf") > 0.5);
        assert_true(set.warnings.len > 0);
        workshop_close(&w);
}

TEST(what_callgrind_writes_is_read_with_its_total)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Workshop w;
        ProfileSet set;
        uint64_t total;

        if (!installed("valgrind", arena))
                skip_because("valgrind is not installed");
        w = workshop(arena);
        run(&w, "valgrind -q --tool=callgrind --callgrind-out-file=out --dump-instr=yes true");
        assert_int_equal(
                span_to_u64(span_trim(run(&w, "sed -n 's/^totals: //p' out")), &total, NULL), 0);
        set = read_made(&w, "out", "callgrind");
        assert_true(set.items.items[0].profile->total_weight == total);
        workshop_close(&w);
}

TEST(what_the_jdk_records_is_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Workshop w;
        ProfileSet set;
        const Profile *cpu, *alloc;

        if (!installed("java", arena) || !installed("javac", arena))
                skip_because("java and javac are not installed");
        w = workshop(arena);
        put_file(&w, "A.java",
                 "public class A { static Object keep; static int spin(long end) { int s = 0;\n"
                 "  while (System.nanoTime() < end) { s++; keep = new byte[5000]; } return s; }\n"
                 "  public static void main(String[] a) {\n"
                 "    System.out.println(spin(System.nanoTime() + 1500000000L)); } }\n");
        run(&w, "javac A.java && java -XX:StartFlightRecording=filename=a.jfr,settings=profile A");
        set = read_made(&w, "a.jfr", "jfr");
        cpu = profile_set_find(&set, SPAN("cpu"));
        alloc = profile_set_find(&set, SPAN("alloc"));
        assert_non_null(cpu);
        assert_int_equal(cpu->unit, UNIT_NS);
        assert_true(share_of(cpu, "A.spin") > 0.5);
        if (alloc) /* from JDK 16 on */
                assert_true(share_of(alloc, "A.spin") > 0.5);
        workshop_close(&w);
}
