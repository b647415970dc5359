/* The names that a frame line of `perf script` stands for, tidied as stackcollapse-perf.pl does. */

#include "import/profile/perf_line.h"

#include <string.h>

/* s/\+0x[\da-f]+$// */
static Span without_offset(Span name)
{
        size_t at = name.len;

        while (at && ((name.ptr[at - 1] >= '0' && name.ptr[at - 1] <= '9') ||
                      (name.ptr[at - 1] >= 'a' && name.ptr[at - 1] <= 'f')))
                at--;
        if (at < name.len && at >= 3 && memcmp(name.ptr + at - 3, "+0x", 3) == 0)
                return span_first(name, at - 3);
        return name;
}

/* m/\.\(.*\)\./ : a method of Go, "net/http.(*Client).Do" */
static bool is_go_method(Span name)
{
        ptrdiff_t open = span_find(name, SPAN(".("));

        return open >= 0 && span_find(span_from(name, (size_t)open + 2), SPAN(").")) >= 0;
}

// s/\((?!anonymous namespace\)).*//
static Span without_arguments(Span name)
{
        for (size_t i = 0; i < name.len; i++)
                if (name.ptr[i] == '(' &&
                    !span_starts(span_from(name, i + 1), "anonymous namespace)"))
                        return span_first(name, i);
        return name;
}

/* /(^\[|vmlinux$)/ and not /unknown/ */
static bool is_kernel(Span module)
{
        return (span_starts(module, "[") || span_ends(module, "vmlinux")) &&
               !span_contains(module, "unknown");
}

/* Pages of the process itself that perf names in brackets. */
static bool is_bracketed_user(Span module)
{
        static const char *const starts[] = { "[vdso", "[vsyscall", "[heap", "[stack", "[anon" };

        for (size_t i = 0; i < COUNT(starts); i++)
                if (span_starts(module, starts[i]))
                        return true;
        return false;
}

/* m:/tmp/perf-\d+\.map: */
static bool is_perf_map(Span module)
{
        for (Span rest = module;;) {
                ptrdiff_t at = span_find(rest, SPAN("/tmp/perf-"));
                size_t n = 0;

                if (at < 0)
                        return false;
                rest = span_from(rest, (size_t)at + 10);
                while (n < rest.len && rest.ptr[n] >= '0' && rest.ptr[n] <= '9')
                        n++;
                if (n && span_starts(span_from(rest, n), ".map"))
                        return true;
        }
}

/* "[libc.so.6]", "[unknown]", with addresses "[libc.so.6 <7f21>]" */
static Span name_of_unknown(const PerfFrameLine *line, bool addrs, Arena *scratch)
{
        Span module = line->module;
        const char *slash = module.len ? memrchr(module.ptr, '/', module.len) : NULL;
        Buf name = buf_in(scratch, line->module.len + line->pc.len + 16);

        if (slash)
                module = span_from(module, (size_t)(slash - module.ptr) + 1);
        if (span_is(line->module, "[unknown]"))
                module = SPAN("unknown");
        buf_byte(&name, '[');
        buf_add(&name, module);
        if (addrs) {
                buf_text(&name, " <");
                buf_add(&name, line->pc);
                buf_byte(&name, '>');
        }
        buf_byte(&name, ']');
        return buf_span(&name);
}

/* tr/;/:/ and without quotes */
static void put_tidy(Buf *out, Span name)
{
        for (size_t i = 0; i < name.len; i++)
                if (name.ptr[i] != '"' && name.ptr[i] != '\'')
                        buf_byte(out, name.ptr[i] == ';' ? ':' : name.ptr[i]);
}

typedef struct Naming {
        const PerfFrameLine *line;
        const ProfileImportPlan *plan;
        Arena *scratch;
        bool is_java, kernel, jit;
} Naming;

static const char *annotation(const Naming *n, Span name, bool inlined)
{
        if (inlined)
                return span_contains(name, "_[i]") ? "" : "_[i]";
        if (n->plan->kernel && n->kernel)
                return "_[k]";
        if (n->plan->jit && n->jit)
                return span_contains(name, "_[j]") ? "" : "_[j]";
        return "";
}

static FrameKind kind_of(const Naming *n, bool unknown, bool inlined)
{
        if (inlined)
                return FRAME_INLINED;
        if (unknown)
                return FRAME_UNKNOWN;
        if (n->kernel && !is_bracketed_user(n->line->module))
                return FRAME_KERNEL;
        return n->jit ? FRAME_JIT : FRAME_NATIVE;
}

static Span tidy_name(const Naming *n, Span name, bool inlined)
{
        Buf out = buf_in(n->scratch, name.len + 16);
        Span tidy;

        put_tidy(&out, is_go_method(name) ? name : without_arguments(name));
        tidy = buf_span(&out);
        if (n->is_java && span_starts(tidy, "L") && span_contains(tidy, "/")) {
                memmove(out.ptr, out.ptr + 1, out.len);
                out.len--;
        }
        buf_text(&out, annotation(n, buf_span(&out), inlined));
        return buf_span(&out);
}

static bool name_one(const Naming *n, Span name, bool inlined, PerfFrameEach each, void *context)
{
        bool unknown = span_is(name, "[unknown]");
        FrameDesc frame = { .module = n->line->module, .kind = kind_of(n, unknown, inlined) };

        if (unknown)
                name = name_of_unknown(n->line, n->plan->addrs, n->scratch);
        frame.symbol = tidy_name(n, name, inlined);
        return each(context, &frame);
}

/* Empty pieces at the end are none, as with Perl's split. */
static Span without_arrows_at_end(Span name)
{
        while (span_ends(name, "->"))
                name.len -= 2;
        return name;
}

bool perf_frame_names(const PerfFrameLine *line, const ProfileImportPlan *plan, bool is_java,
                      Arena *scratch, PerfFrameEach each, void *context)
{
        Naming n = { .line = line,
                     .plan = plan,
                     .scratch = scratch,
                     .is_java = is_java,
                     .kernel = is_kernel(line->module),
                     .jit = is_perf_map(line->module) };
        Span rest = without_offset(line->function);
        bool inlined = false;

        if (span_starts(rest, "("))
                return true;
        if (!plan->inline_frames && !n.jit)
                return name_one(&n, rest, false, each, context);
        for (rest = without_arrows_at_end(rest); rest.len; inlined = true) {
                ptrdiff_t at = span_find(rest, SPAN("->"));
                Span name = at < 0 ? rest : span_first(rest, (size_t)at);

                if (!name_one(&n, name, inlined, each, context))
                        return false;
                rest = at < 0 ? (Span){ 0 } : span_from(rest, (size_t)at + 2);
        }
        return true;
}
