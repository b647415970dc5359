#include "command/ci.h"

#include "base/embedded.h"

#define JOB_MAX_BYTES MiB(1)
#define PORT "8080"

extern const EmbeddedFile ci_files[];

static const struct {
        const char *path, *template;
        unsigned indent; /* of the lines that load the service */
} systems[] = {
        [CI_GITHUB] = { ".github/workflows/performance.yml", "github.yml", 10 },
        [CI_GITLAB] = { ".gitlab/performance.gitlab-ci.yml", "gitlab.yml", 6 },
};

const char *ci_path(CiSystem system)
{
        BUG_IF((size_t)system >= COUNT(systems));
        return systems[system].path;
}

static Span template_of(CiSystem system)
{
        for (const EmbeddedFile *f = ci_files; f->name; f++)
                if (span_is(span_of(f->name), systems[system].template))
                        return f->bytes;
        BUG("no embedded file '%s'", systems[system].template);
}

/* A word for the shell, whatever is in it. */
static void put_quoted(Buf *out, Span word)
{
        buf_byte(out, '\'');
        for (size_t i = 0; i < word.len; i++) {
                if (word.ptr[i] == '\'')
                        buf_text(out, "'\\''");
                else
                        buf_byte(out, word.ptr[i]);
        }
        buf_byte(out, '\'');
}

static void put_url(Buf *out, Span path)
{
        Buf url = buf_in(out->arena, KiB(64));

        if (span_starts(path, "/"))
                buf_text(&url, "http://127.0.0.1:" PORT);
        buf_add(&url, path);
        put_quoted(out, buf_span(&url));
}

/* A shell command of hone.yaml with the port filled in. */
static void put_command(Buf *out, Span command)
{
        static const char place[] = "{port}";

        while (command.len) {
                ptrdiff_t at = span_find(command, SPAN("{port}"));
                size_t n = at < 0 ? command.len : (size_t)at;

                buf_add(out, span_first(command, n));
                if (at >= 0)
                        buf_text(out, PORT);
                command = span_from(command, n + (at < 0 ? 0 : sizeof(place) - 1));
        }
}

/* The requests that are no more than a URL; the others need their bodies and headers. */
static void put_requests(Buf *out, const WorkloadConfig *workload)
{
        size_t n = 0;

        for (size_t i = 0; i < workload->n_requests; i++) {
                const LoadRequest *request = &workload->requests[i];

                if (request->body.len || (request->headers && request->headers[0]) ||
                    (request->method.len && !span_is(request->method, "GET")))
                        continue;
                buf_byte(out, ' ');
                put_url(out, request->url);
                n++;
        }
        if (n == 0) {
                buf_byte(out, ' ');
                put_url(out, SPAN("/"));
        }
}

/* Build, start, wait, load, stop. A session of its own, so that all that was started is stopped. */
static Span load_script(const Config *config, Arena *arena)
{
        const ServiceConfig *service = &config->service;
        Buf out = buf_in(arena, JOB_MAX_BYTES), start = buf_in(arena, JOB_MAX_BYTES);

        if (service->build.len) {
                put_command(&out, service->build);
                buf_byte(&out, '\n');
        }
        put_command(&start,
                    service->start.len ? service->start : SPAN("./my-service --port {port}"));
        buf_text(&out, "setsid sh -c ");
        put_quoted(&out, buf_span(&start));
        buf_text(&out, " &\nservice=$!\ntimeout 60 sh -c 'until curl -fsS -o /dev/null \"$1\"; do "
                       "sleep 0.2; done' wait ");
        put_url(&out, service->ready);
        buf_printf(&out, "\nhone load --label head --duration 30s --connections %lu",
                   (unsigned long)config->workload.connections);
        put_requests(&out, &config->workload);
        buf_text(&out, "\nkill -- \"-$service\"\n");
        return buf_span(&out);
}

static void put_indented(Buf *out, Span text, unsigned indent)
{
        Span line;

        while (span_next_line(&text, &line)) {
                if (line.len)
                        buf_repeat(out, ' ', indent);
                buf_add(out, line);
                if (text.len)
                        buf_byte(out, '\n');
        }
}

int ci_text(CiSystem system, const Config *config, Arena *arena, Span *ret, Error *err)
{
        Buf out = buf_in(arena, JOB_MAX_BYTES);
        Span rest = template_of(system), mark = SPAN("@LOAD@");
        ptrdiff_t at = span_find(rest, mark);

        BUG_IF(at < 0);
        buf_add(&out, span_first(rest, (size_t)at));
        put_indented(&out, load_script(config, arena), systems[system].indent);
        buf_add(&out, span_from(rest, (size_t)at + mark.len));
        if (buf_check(&out, err) < 0)
                return fail_while(err, "writing '%s'", systems[system].path);
        *ret = buf_span(&out);
        return 0;
}
