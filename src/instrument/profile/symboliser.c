#include "instrument/profile/symboliser.h"

#include "instrument/profile/debug_file.h"
#include "instrument/profile/demangle.h"
#include "instrument/profile/kallsyms.h"
#include "instrument/profile/perf_map.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_MODULE_MEMORY GiB(1) /* symbols and debug information of one module */

/* What is known about one module's names. */
typedef struct ModuleNames {
        Arena *arena;
        SymbolTable symbols;
        DebugInfo *debug;
        PerfMap perf_map;
} ModuleNames;

struct Symboliser {
        SymboliserPlan plan;
        Arena *arena;
        ModuleNames **modules; /* by number; NULL: not read yet */
};

/* How the kinds of modules get their names, and what a frame without one is called. */
typedef struct NameSource {
        void (*load)(Symboliser *s, const Module *module, ModuleNames *names);
        size_t (*find)(Symboliser *s, const Location *location, ModuleNames *names, FrameDesc *ret,
                       size_t max);
} NameSource;

Symboliser *symboliser_new(const SymboliserPlan *plan, Arena *arena)
{
        Symboliser *s = new (arena, Symboliser, 1);

        s->plan = *plan;
        s->arena = arena;
        s->modules = new (arena, ModuleNames *, plan->n_modules);
        return s;
}

static void release_arena(void *resource)
{
        (void)arena_free(resource);
}

static void load_file(Symboliser *s, const Module *m, ModuleNames *names)
{
        const ElfImage *image = m->image, *debug;

        if (m->replaced)
                recording_note(s->plan.notes, NOTE_WARNING,
                               "%.*s was replaced since it was mapped: its names may be wrong",
                               SPAN_ARG(m->path));
        if (!image) {
                recording_note(s->plan.notes, NOTE_NOT_EXAMINED, "names in %.*s: %.*s",
                               SPAN_ARG(m->path), SPAN_ARG(m->problem));
                return;
        }
        debug = elf_has_section(image->elf, ".debug_info")
                        ? image
                        : debug_file_find(image, m->path, names->arena);
        elf_symbols(image->elf, names->arena, &names->symbols);
        if (debug && debug != image)
                elf_symbols(debug->elf, names->arena, &names->symbols);
        symbol_table_sort(&names->symbols);
        if (debug)
                names->debug = debug_info_open(debug->elf, names->arena);
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

static size_t find_symbol(Symboliser *s, const Location *location, ModuleNames *names,
                          FrameDesc *ret, FrameKind kind)
{
        const Symbol *symbol = symbol_table_find(&names->symbols, location->vaddr);

        if (!symbol)
                return 0;
        *ret = (FrameDesc){ .symbol = demangle(s->arena, symbol->name),
                            .module = location->module->path,
                            .kind = kind };
        return 1;
}

static size_t find_in_kernel(Symboliser *s, const Location *location, ModuleNames *names,
                             FrameDesc *ret, size_t max UNUSED)
{
        return find_symbol(s, location, names, ret, FRAME_KERNEL);
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
static void prefer_mangled(const ModuleNames *names, const Location *location, SourceFrame *frame)
{
        const Symbol *symbol = is_mangled(frame->function)
                                       ? NULL
                                       : symbol_table_find(&names->symbols, location->vaddr);

        if (symbol && is_mangled(symbol->name))
                frame->function = symbol->name;
}

static size_t find_in_file(Symboliser *s, const Location *location, ModuleNames *names,
                           FrameDesc *ret, size_t max)
{
        SourceFrame source[DEBUG_MAX_INLINES];
        size_t n = names->debug ? debug_info_find(names->debug, location->vaddr, source,
                                                  MIN(max, COUNT(source)))
                                : 0;

        if (n == 0 || source[0].function.len == 0)
                return find_symbol(s, location, names, ret, FRAME_NATIVE);
        if (s->plan.no_inlines)
                n = 1;
        prefer_mangled(names, location, &source[0]);
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
