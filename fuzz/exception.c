/* A file of exceptions of any bytes is refused with a place, or each of them has an owner, a
 * reason and what its action needs, and is found for what it names. */
#include "analysis/exception.h"

static void check_item(const ExceptionList *list, const Exception *item)
{
        bool accepts = item->action == EXCEPTION_ACCEPT;

        BUG_IF(!item->metric || item->line == 0);
        BUG_IF(item->owner.len == 0 || item->reason.len == 0);
        BUG_IF(accepts != (item->revision.len >= 7));
        BUG_IF(!accepts && item->expires_ns == 0);
        if (span_find_byte(item->subject, '*') < 0)
                BUG_IF(!exception_covers(item, item->metric->id, item->subject));
        BUG_IF(!exception_for(list, item->action, item->metric->id, item->subject, 0));
        BUG_IF(item->expires_ns && !exception_expired(item, UINT64_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span text = { (const char *)data, size };
        ExceptionList list;
        Error err = { 0 };

        if (exceptions_parse(text, "exceptions", arena, &list, &err) < 0) {
                BUG_IF(!err.code || !err.message[0]);
                return 0;
        }
        for (size_t i = 0; i < list.len; i++)
                check_item(&list, &list.items[i]);
        return 0;
}
