/* YAML: a tree that survives being written as JSON and read again, or an error with its place. */

#include "base/yaml.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Document doc;
        Error err = { 0 };

        if (yaml_parse((Span){ (const char *)data, size }, "name", arena, &doc, &err) < 0)
                check_refusal(&err, "name");
        else
                check_round_trip(&doc, arena, size % 2);
        return 0;
}
