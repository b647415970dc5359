/* JSON: a tree that survives being written and read again, or an error with its place. */

#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        AUTO(arena_freep) Arena *strict_arena = arena_new(MiB(32));
        Span text = { (const char *)data, size };
        Document doc, strict;
        Error err = { 0 };
        int r = json_parse(text, "name", arena, &doc, &err);

        if (r < 0)
                check_refusal(&err, "name");
        else
                check_round_trip(&doc, arena, size % 2);
        if (json_parse_strict(text, "name", strict_arena, &strict, &err) < 0) {
                check_refusal(&err, "name");
                return 0;
        }
        BUG_IF(r < 0); /* what is strictly JSON is JSON */
        check_same(doc.root, strict.root);
        return 0;
}
