/* go test -json: events whose "Output" pieces, put together, are what go test prints. The lines of
 * packages that run side by side are mixed, so each package's text is gathered first. */

#include "base/map.h"
#include "import/import_int.h"
#include "import/json_read.h"

#define MOST_PACKAGES 10000
#define MOST_OUTPUT GiB(1)

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "Action", "Package", "Output", NULL };

        return json_head_has_all(head, sure) ? 90 : 0;
}

typedef struct Package {
        Span name;
        Buf output;
} Package;

typedef struct GoTest {
        Map by_name;
        VEC(Package *) packages;
} GoTest;

static Package *find_package(Import *in, GoTest *go, Span name)
{
        MapSlot *slot = map_find(&go->by_name, name);
        Package *package, **listed;

        if (slot)
                return slot->pointer;
        package = new_try(in->gathered, Package, 1);
        if (!package)
                return NULL;
        *package = (Package){ .name = span_copy(in->gathered, name),
                              .output = buf_in(in->gathered, MOST_OUTPUT) };
        slot = map_add(&go->by_name, package->name);
        listed = slot ? vec_add(in->gathered, &go->packages) : NULL;
        if (!listed)
                return NULL;
        slot->pointer = *listed = package;
        return package;
}

static int read_event(Import *in, const Document *doc, Span line UNUSED, void *state, Error *err)
{
        const Value *output = value_get(doc->root, "Output");
        Package *package;

        if (text_under(doc->root, "Action").len == 0)
                return value_fail(err, doc, doc->root, "no event of go test: 'Action' is missing");
        if (value_absent(output))
                return 0;
        package = find_package(in, state, text_under(doc->root, "Package"));
        if (!package)
                return fail(err, ERR_LIMIT, "%s: more than %d packages", import_name(in),
                            MOST_PACKAGES);
        buf_add(&package->output, output->text);
        return buf_check(&package->output, err);
}

static int read(Import *in, Span text, Error *err)
{
        const ImportFormat *format = import_format_find(SPAN("go"));
        GoTest go = { .by_name = map_in(in->gathered, MOST_PACKAGES) };
        int r;

        go.packages.ceiling = MOST_PACKAGES;
        if (!format)
                return fail(err, ERR_UNAVAILABLE, "%s: this build cannot read what go test prints",
                            import_name(in));
        r = json_lines(in, text, read_event, &go, err);
        vec_each (Package *, package, &go.packages) {
                if (r == 0)
                        r = format->read(in, buf_span(&(*package)->output), err);
                if (r < 0)
                        return fail_while(err, "reading the output of package '%.*s'",
                                          SPAN_ARG((*package)->name));
        }
        return r;
}

const ImportFormat go_json_format = {
        .name = "go-json",
        .says = "go test -json -bench",
        .files = "pkg.go.dev/cmd/test2json",
        .detect = detect,
        .read = read,
};
