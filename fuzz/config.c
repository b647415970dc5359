/* hone.yaml: whatever is in it, a configuration or an error with its place. */

#include "process/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Error err = { 0 };
        Config config;

        if (config_parse((Span){ (const char *)data, size }, "hone.yaml", arena, &config, &err) < 0)
                BUG_IF(!err.message[0]);
        return 0;
}
