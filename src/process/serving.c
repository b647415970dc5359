#include "process/serving.h"

#include "instrument/system/system.h"
#include "net/url.h"

static bool is_local(Span host)
{
        return span_is(host, "localhost") || span_is(host, "::1") || span_is(host, "[::1]") ||
               span_starts(host, "127.");
}

int serving_target(Span text, Arena *arena, Target *ret, Span *ret_why, Error *err)
{
        Target target = { .kind = TARGET_URL, .text = text };
        const char *why = "";
        Error none = { 0 };
        Url url;
        int r = url_parse(text, &url, err);

        if (r < 0)
                return r;
        if (!is_local(url.host))
                why = arena_printf(arena, "%.*s is not this machine", SPAN_ARG(url.host));
        else if (process_on_port(url.port, &target.pid, &none) < 0)
                why = arena_printf(arena, "%s", none.message);
        else
                target.name = process_name(target.pid, arena);
        *ret = target;
        *ret_why = span_of(why);
        return 0;
}
