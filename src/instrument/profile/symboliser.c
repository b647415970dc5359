#include "instrument/profile/symboliser.h"

#include "instrument/profile/demangle.h"
#include "instrument/profile/kallsyms.h"
#include "instrument/profile/perf_map.h"
#include "instrument/profile/symbol_source.h"
#include "instrument/profile/symbol_table.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_MODULE_MEMORY GiB(1) /* symbols and debug information of one module */

/* What is known about one module's names. */
typedef struct ModuleNames {
        Arena *arena;
        SymbolTable symbols; /* of the kernel */
        SymbolIndex index;   /* of a file */
        bool has_index;
        PerfMap perf_map;
} ModuleNames;

struct Symboliser {
        SymboliserPlan plan;
        Arena *arena;
        ModuleNames **modules; /* by number; NULL: not read yet */
        SymbolCache *cache;    /* NULL: none */
        bool asked_in_vain;    /* debuginfod cannot be asked, and it was said */
};

/* How the kinds of modules get their names, and what a frame without one is called. */
typedef struct NameSource {
        void (*load)(Symboliser *s, const Module *module, ModuleNames *names);
        size_t (*find)(Symboliser *s, const Location *location, ModuleNames *names, FrameDesc *ret,
                       size_t max);
} NameSource;

/* Without a folder for it, everything is read anew each time: worth a note, nothing more. */
static void open_cache(Symboliser *s)
{
        Error why = { 0 };

        if (symbol_cache_open(NULL, SYMBOL_CACHE_BYTES, s->arena, &s->cache, &why) < 0)
                recording_note(s->plan.notes, NOTE_WARNING, "symbols are not cached: %s",
                               why.message);
}

Symboliser *symboliser_new(const SymboliserPlan *plan, Arena *arena)
{
        Symboliser *s = new (arena, Symboliser, 1);

        s->plan = *plan;
        s->arena = arena;
        s->modules = new (arena, ModuleNames *, plan->n_modules);
        if (!plan->no_cache)
                open_cache(s);
        return s;
}

static void release_arena(void *resource)
{
        (void)arena_free(resource);
}

static void note_report(Symboliser *s, const Module *m, const SymbolsReport *report)
{
        Recording *notes = s->plan.notes;

        if (report->cache_problem.len)
                recording_note(notes, NOTE_WARNING, "cache of symbols: %.*s",
                               SPAN_ARG(report->cache_problem));
        if (report->debug_problem.len)
                recording_note(notes, NOTE_NOT_EXAMINED, "source lines of %.*s: %.*s",
                               SPAN_ARG(m->path), SPAN_ARG(report->debug_problem));
        if (report->missing_units)
                recording_note(notes, NOTE_NOT_EXAMINED,
                               "inlined functions in %u units of %.*s: their .dwo files are not "
                               "there",
                               report->missing_units, SPAN_ARG(m->path));
        if (report->left_out)
                recording_note(notes, NOTE_WARNING,
                               "%llu names and lines of %.*s did not fit under the ceiling",
                               (unsigned long long)report->left_out, SPAN_ARG(m->path));
        if (report->debuginfod_problem.len && !s->asked_in_vain) {
                s->asked_in_vain = true;
                recording_note(notes, NOTE_NOT_EXAMINED, "debug information from servers: %.*s",
                               SPAN_ARG(report->debuginfod_problem));
        }
}

static void load_file(Symboliser *s, const Module *m, ModuleNames *names)
{
        const SymbolsPlan plan = { .cache = s->cache, .debuginfod = s->plan.debuginfod };
        SymbolsReport report;
        Error err = { 0 };

        if (m->replaced)
                recording_note(s->plan.notes, NOTE_WARNING,
                               "%.*s was replaced since it was mapped: its names may be wrong",
                               SPAN_ARG(m->path));
        if (!m->image) {
                recording_note(s->plan.notes, NOTE_NOT_EXAMINED, "names in %.*s: %.*s",
                               SPAN_ARG(m->path), SPAN_ARG(m->problem));
                return;
        }
        names->has_index = symbols_load(&plan, m->image, m->path, names->arena, &names->index,
                                        &report, &err) == 0;
        if (!names->has_index)
                recording_note(s->plan.notes, NOTE_NOT_EXAMINED, "names in %.*s: %s",
                               SPAN_ARG(m->path), err.message);
        note_report(s, m, &report);
}

static void load_kernel(Symboliser *s, const Module *m UNUSED, ModuleNames *names)
{
        Error err = { 0 };

        if (kallsyms_load("/proc/kallsyms", names->arena, &names->symbols, &err) < 0)
                recording_note(s->plan.notes, NOTE_NOT_EXAMINED,
                               "names of kernel functions: %s%s%s", err.message,
                               err.hint[0] ? "; " : "", err.hint);
}

/* The map belongs to the target: a regular file of the target's user, root's or ours. */
static bool trusted_file(const char *path, uint32_t pid)
{
        AUTO(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        char proc[64];
        struct stat st, owner;

        snprintf(proc, sizeof(proc), "/proc/%u", pid);
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return false;
        return st.st_uid == 0 || st.st_uid == geteuid() ||
               (stat(proc, &owner) == 0 && owner.st_uid == st.st_uid);
}

static void load_jit(Symboliser *s, const Module *m, ModuleNames *names)
{
        const char *const paths[] = {
                arena_printf(names->arena, "/proc/%u/root/tmp/perf-%u.map", m->pid, m->inner_pid),
                arena_printf(names->arena, "/tmp/perf-%u.map", m->pid),
        };
        Error err = { 0 };
        Span text;

        for (size_t i = 0; i < COUNT(paths); i++) {
                if (!trusted_file(paths[i], m->pid))
                        continue;
                if (file_read(paths[i], PERF_MAP_MAX_BYTES, names->arena, &text, &err) < 0 ||
                    perf_map_parse(text, names->arena, &names->perf_map, &err) < 0)
                        recording_note(s->plan.notes, NOTE_NOT_EXAMINED,
                                       "names of code made at run time: %s", err.message);
                return;
        }
        recording_note(
                s->plan.notes, NOTE_NOT_EXAMINED,
                "names of code that process %u made at run time: there is no "
                "/tmp/perf-%u.map (node: --perf-basic-prof --interpreted-frames-native-stack; "
                "java: jcmd PID Compiler.perfmap)",
                m->pid, m->inner_pid);
}

static Span file_name(Span path)
{
        for (size_t i = path.len; i-- > 0;)
                if (path.ptr[i] == '/')
                        return span_from(path, i + 1);
        return path;
}

/* "[libfoo.so]" in place of a function's name. */
static Span placeholder(Symboliser *s, const Module *m)
{
        if (span_starts(m->path, "["))
                return m->path;
        return span_of(arena_printf(s->arena, "[%.*s]", SPAN_ARG(file_name(m->path))));
}

static size_t find_in_kernel(Symboliser *s, const Location *location, ModuleNames *names,
                             FrameDesc *ret, size_t max UNUSED)
{
        const Symbol *symbol = symbol_table_find(&names->symbols, location->vaddr);

        if (!symbol)
                return 0;
        *ret = (FrameDesc){ .symbol = demangle(s->arena, symbol->name),
                            .module = location->module->path,
                            .kind = FRAME_KERNEL };
        return 1;
}

static size_t find_in_jit(Symboliser *s UNUSED, const Location *location, ModuleNames *names,
                          FrameDesc *ret, size_t max UNUSED)
{
        Span name = perf_map_find(&names->perf_map, location->vaddr);

        if (name.len == 0)
                return 0;
        *ret = (FrameDesc){ .symbol = name, .module = location->module->path, .kind = FRAME_JIT };
        return 1;
}

/* Compilers leave the linkage name of local functions (lambdas, members of unnamed namespaces) out
 * of the debug information; the symbol has it, and with it the scope. */
static void prefer_mangled(const SymbolIndex *index, uint64_t vaddr, SourceFrame *frame)
{
        Span symbol = is_mangled(frame->function) ? (Span){ 0 } : symbol_index_symbol(index, vaddr);

        if (frame->function.len == 0 || is_mangled(symbol))
                frame->function = symbol;
}

static size_t find_in_file(Symboliser *s, const Location *location, ModuleNames *names,
                           FrameDesc *ret, size_t max)
{
        SourceFrame source[DEBUG_MAX_INLINES];
        uint64_t vaddr = location->vaddr;
        size_t n = names->has_index ? symbol_index_find(&names->index, vaddr, source,
                                                        MIN(max, COUNT(source)))
                                    : 0;

        if (n == 0)
                return 0;
        prefer_mangled(&names->index, vaddr, &source[0]);
        if (source[0].function.len == 0)
                return 0;
        if (s->plan.no_inlines)
                n = 1;
        for (size_t i = 0; i < n; i++)
                ret[i] = (FrameDesc){ .symbol = demangle(s->arena, source[i].function),
                                      .module = location->module->path,
                                      .file = source[i].file,
                                      .line = source[i].line,
                                      .kind = source[i].inlined ? FRAME_INLINED : FRAME_NATIVE };
        return n;
}

static const NameSource name_sources[] = {
        [MODULE_FILE] = { load_file, find_in_file },
        [MODULE_VDSO] = { load_file, find_in_file },
        [MODULE_JIT] = { load_jit, find_in_jit },
        [MODULE_KERNEL] = { load_kernel, find_in_kernel },
};

static ModuleNames *names_of(Symboliser *s, const Module *m)
{
        ModuleNames **slot = &s->modules[m->number];

        if (!*slot) {
                *slot = new (s->arena, ModuleNames, 1);
                (*slot)->arena = arena_new(MAX_MODULE_MEMORY);
                arena_defer(s->arena, release_arena, (*slot)->arena);
                symbol_table_init(&(*slot)->symbols);
                name_sources[m->kind].load(s, m, *slot);
        }
        return *slot;
}

size_t symboliser_frames(Symboliser *s, const Location *location, uint32_t *ret, size_t max)
{
        FrameDesc found[DEBUG_MAX_INLINES];
        const Module *m = location->module;
        size_t n = name_sources[m->kind].find(s, location, names_of(s, m), found,
                                              MIN(max, COUNT(found)));

        if (n == 0) {
                found[0] = (FrameDesc){ .symbol = placeholder(s, m),
                                        .module = m->path,
                                        .kind = FRAME_UNKNOWN };
                n = 1;
        }
        for (size_t i = 0; i < n; i++)
                ret[i] = profile_frame(s->plan.profile, &found[i]);
        return n;
}
